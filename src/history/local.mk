# SPDX-License-Identifier: ISC
# The files of history/: discoverd-history.
