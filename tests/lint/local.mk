# SPDX-License-Identifier: ISC
# What tests/lint/ adds to the build.
