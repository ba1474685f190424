# SPDX-License-Identifier: ISC
# The packages of Debian, which scripts/package builds.

DEBIAN_PACKAGES = discoverd $(COMPANIONS_ALL:%=discoverd-%)
EXTRA_DIST += \
	%D%/changelog \
	%D%/control \
	%D%/copyright \
	%D%/rules \
	%D%/source/format \
	%D%/tests/control \
	%D%/tests/demo \
	$(DEBIAN_PACKAGES:%=debian/%.install) \
	$(DEBIAN_PACKAGES:%=debian/%.postinst) \
	$(DEBIAN_PACKAGES:%=debian/%.postrm)
