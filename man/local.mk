# SPDX-License-Identifier: ISC
# The manual.

dist_man_MANS += \
	%D%/discoverctl.1 \
	%D%/discoverd-protocols.7 \
	%D%/discoverd.8 \
	%D%/discoverd.conf.5 \
	%D%/discoverd.services.5

man_MANS = $(COMPANIONS:%=man/discoverd-%.8)
EXTRA_DIST += $(COMPANIONS_ALL:%=man/discoverd-%.8)
