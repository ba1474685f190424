# SPDX-License-Identifier: ISC
# What tests/history/ adds to the build: the recorder of discoverd-history with a real file and a clock that the tests move.

EXTRA_DIST += %D%/suites.list
if BUILD_HISTORY
if HAVE_CHECK
check_PROGRAMS += tests/history/run
TESTS += tests/history/run
endif
tests_history_run_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests -I$(top_srcdir)/tests/history
tests_history_run_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_history_run_LDADD = $(HISTORY_LIBS) $(LIBXML_LIBS) $(CHECK_LIBS)
tests_history_run_SOURCES = \
	tests/all_engines.c \
	tests/runner.c \
	tests/runner.h \
	%D%/recorder_fixture.c \
	%D%/recorder_fixture.h \
	%D%/run.c \
	%D%/suites.h \
	%D%/test_recorder.c \
	%D%/test_retention.c \
	%D%/test_store.c
endif
