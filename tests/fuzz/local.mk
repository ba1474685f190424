# SPDX-License-Identifier: ISC
# What tests/fuzz/ adds to the build.
