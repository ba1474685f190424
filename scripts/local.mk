# SPDX-License-Identifier: ISC
# The commands that README.md names, what they call, and what the makefile calls.

EXTRA_DIST += %D%/analyse %D%/build %D%/coverage %D%/cross %D%/demo %D%/musl %D%/package %D%/scene.py %D%/setup %D%/test %D%/text_header.awk tests/summary
