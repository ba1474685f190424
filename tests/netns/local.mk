# SPDX-License-Identifier: ISC
# What tests/netns/ adds to the build.
