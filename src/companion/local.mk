# SPDX-License-Identifier: ISC
# The files of companion/: what the programs around discoverd share. The local.mk of each of them adds its NAME to COMPANIONS_ALL, and
# to COMPANIONS where it is built. For each NAME there are systemd/discoverd-NAME.service.in, systemd/discoverd-NAME.sysusers,
# conf/NAME.conf and man/discoverd-NAME.8, which are installed with it.

noinst_LIBRARIES += libcompanion.a
libcompanion_a_SOURCES = \
	%D%/companion.c \
	%D%/companion.h \
	%D%/companion_config.c \
	%D%/companion_config.h \
	%D%/companion_options.c \
	%D%/companion_options.h \
	%D%/companion_type.h
