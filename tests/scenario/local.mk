# SPDX-License-Identifier: ISC
# What tests/scenario/ adds to the build.
