# SPDX-License-Identifier: ISC
# The service as it is installed, in a booted service manager.

TESTS += tests/service/run
EXTRA_DIST += \
	%D%/board.sh \
	%D%/installed.list \
	%D%/run
