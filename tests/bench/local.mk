# SPDX-License-Identifier: ISC
# What tests/bench/ adds to the build.
