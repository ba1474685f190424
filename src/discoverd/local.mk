# SPDX-License-Identifier: ISC
# What src/discoverd/ adds to the build.

sbin_PROGRAMS += discoverd
discoverd_SOURCES = \
	%D%/main.c
discoverd_LDADD = $(NET_LIBS) $(UUID_LIBS) $(SYSTEMD_LIBS)
