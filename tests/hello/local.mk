# SPDX-License-Identifier: ISC
# What tests/hello/ adds to the build: the daemon with one more way of discovery (tests/netns/test_hello.py runs it).

check_PROGRAMS += tests/hello/discoverd
tests_hello_discoverd_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/hello
tests_hello_discoverd_SOURCES = \
	src/discoverd/main.c \
	%D%/engines.c \
	%D%/hello_engine.c \
	%D%/hello_engine.h
tests_hello_discoverd_LDADD = $(DISCOVERD_LIBS)
