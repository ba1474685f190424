# SPDX-License-Identifier: ISC
# What systemd/ adds to the build.
