# SPDX-License-Identifier: ISC
# Rules of the house that a script can check.

LINTS = \
	%D%/floors.sh \
	%D%/functions.sh \
	%D%/globals.sh \
	%D%/headers.sh \
	%D%/manual.sh \
	%D%/spdx.sh
dist_check_SCRIPTS += $(LINTS)
EXTRA_DIST += %D%/counting.sh
TESTS += $(LINTS)
