# SPDX-License-Identifier: ISC
# What src/discoverctl/ adds to the build.

bin_PROGRAMS += discoverctl
discoverctl_SOURCES = \
	%D%/main.c
discoverctl_LDADD = $(PURE_LIBS)
