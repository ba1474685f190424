# SPDX-License-Identifier: ISC
# Rules of the project that a script can check.

LINTS = \
	%D%/cycles.sh \
	%D%/directories.sh \
	%D%/layers.sh \
	%D%/functions.sh \
	%D%/globals.sh \
	%D%/hardening.sh \
	%D%/headers.sh \
	%D%/manual.sh \
	%D%/spdx.sh \
	%D%/unused.sh \
	%D%/version.sh
dist_check_SCRIPTS += $(LINTS)
EXTRA_DIST += %D%/counting.sh
TESTS += $(LINTS)
