# SPDX-License-Identifier: ISC
# What scripts/ adds to the build.
