# SPDX-License-Identifier: ISC
# The commands that README.md names, and what they call.

EXTRA_DIST += %D%/analyse %D%/build %D%/coverage %D%/cross %D%/demo %D%/scene.py %D%/setup %D%/test tests/summary
