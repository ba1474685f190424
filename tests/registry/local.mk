# SPDX-License-Identifier: ISC
# What tests/registry/ adds to the build.

EXTRA_DIST += %D%/suites.list
if HAVE_CHECK
check_LIBRARIES += libregistry.a
check_PROGRAMS += tests/registry/run
TESTS += tests/registry/run
endif
tests_registry_run_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests -I$(top_srcdir)/tests/registry
tests_registry_run_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_registry_run_LDADD = libregistry.a $(PURE_LIBS) $(CHECK_LIBS)
tests_registry_run_SOURCES = \
	tests/runner.c \
	tests/runner.h \
	%D%/registry_fixture.c \
	%D%/registry_fixture.h \
	%D%/run.c \
	%D%/suites.h \
	%D%/test_key.c \
	%D%/test_registry_observe.c \
	%D%/test_registry_source.c \
	%D%/test_registry_ties.c \
	%D%/test_string_pool.c
