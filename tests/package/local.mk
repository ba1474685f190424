# SPDX-License-Identifier: ISC
# The packages of Debian: built, installed, upgraded and purged, by make check-long.

EXTRA_DIST += %D%/run
