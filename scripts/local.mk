# SPDX-License-Identifier: ISC
# What the README's two commands call.

EXTRA_DIST += %D%/demo %D%/scene.py %D%/setup %D%/test tests/summary
