# SPDX-License-Identifier: ISC
# What the README's two commands call, and those commands.

EXTRA_DIST += %D%/build %D%/cross %D%/demo %D%/scene.py %D%/setup %D%/test tests/summary
