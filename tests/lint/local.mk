# SPDX-License-Identifier: ISC
# Rules of the house that a script can check.

LINTS = \
	%D%/directories.sh \
	%D%/floors.sh \
	%D%/functions.sh \
	%D%/globals.sh \
	%D%/hardening.sh \
	%D%/headers.sh \
	%D%/manual.sh \
	%D%/spdx.sh
dist_check_SCRIPTS += $(LINTS)
EXTRA_DIST += %D%/counting.sh
TESTS += $(LINTS)
