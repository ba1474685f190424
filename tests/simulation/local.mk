# SPDX-License-Identifier: ISC
# What tests/simulation/ adds to the build: a day of churn, loss and attacks.

EXTRA_DIST += %D%/long
if HAVE_CHECK
check_PROGRAMS += tests/simulation/run
TESTS += tests/simulation/run
endif
tests_simulation_run_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests -I$(top_srcdir)/tests/scenario \
	-I$(top_srcdir)/tests/table
tests_simulation_run_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_simulation_run_LDADD = $(PURE_LIBS) $(LIBXML_LIBS) $(CHECK_LIBS)
tests_simulation_run_SOURCES = \
	tests/all_engines.c \
	tests/bytes_in_use.h \
	$(BYTES_IN_USE) \
	tests/runner.c \
	tests/id_of.h \
	tests/runner.h \
	tests/scenario/host.c \
	tests/scenario/host.h \
	tests/scenario/network.c \
	tests/scenario/view.c \
	tests/scenario/world.c \
	tests/scenario/world.h \
	tests/table/table_check.c \
	tests/table/table_check.h \
	%D%/attack.c \
	%D%/audit.c \
	%D%/churn.c \
	%D%/expectation.c \
	%D%/listing.c \
	%D%/machine.c \
	%D%/run.c \
	%D%/simulation.h
