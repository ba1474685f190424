# SPDX-License-Identifier: ISC
# What man/ adds to the build.
