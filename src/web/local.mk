# SPDX-License-Identifier: ISC
# The files of web/: discoverd-web.
