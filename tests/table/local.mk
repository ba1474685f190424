# SPDX-License-Identifier: ISC
# What tests/table/ adds to the build: the model of devices, endpoints and services.

EXTRA_DIST += %D%/suites.list
if HAVE_CHECK
check_PROGRAMS += tests/table/run
TESTS += tests/table/run
endif
tests_table_run_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests -I$(top_srcdir)/tests/table
tests_table_run_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_table_run_LDADD = $(PURE_LIBS) $(LIBXML_LIBS) $(CHECK_LIBS)
tests_table_run_SOURCES = \
	tests/all_engines.c \
	tests/bytes_in_use.h \
	$(BYTES_IN_USE) \
	tests/runner.c \
	tests/id_of.h \
	tests/runner.h \
	%D%/naive_compare.c \
	%D%/naive_model.c \
	%D%/naive_model.h \
	%D%/run.c \
	%D%/suites.h \
	%D%/table_check.c \
	%D%/table_check.h \
	%D%/table_fixture.c \
	%D%/table_fixture.h \
	%D%/test_key.c \
	%D%/test_string_pool.c \
	%D%/test_table_observe.c \
	%D%/test_table_portions.c \
	%D%/test_table_random.c \
	%D%/test_table_restore.c \
	%D%/test_table_source.c \
	%D%/test_table_ties.c
