# SPDX-License-Identifier: ISC
# What conf/ adds to the build.
