# SPDX-License-Identifier: ISC
# The files of companion/: what the programs around discoverd share. Each of them adds its row to COMPANIONS in configure.ac.

noinst_LIBRARIES += libcompanion.a
libcompanion_a_SOURCES = \
	%D%/companion.c \
	%D%/companion.h \
	%D%/companion_config.c \
	%D%/companion_config.h \
	%D%/companion_options.c \
	%D%/companion_options.h \
	%D%/companion_type.h
