# SPDX-License-Identifier: ISC
# What discoverd costs, beside the least that the kernel allows and beside peers; no tests.

bench_programs = %D%/limit$(EXEEXT) %D%/load$(EXEEXT)
EXTRA_PROGRAMS += %D%/core %D%/limit %D%/load
CLEANFILES += $(bench_programs) %D%/core$(EXEEXT) bench.json
# Needs Check, as the scenarios do; made by its name.
tests_bench_core_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests -I$(top_srcdir)/tests/scenario
tests_bench_core_LDADD = $(PURE_LIBS) $(LIBXML_LIBS) $(CHECK_LIBS)
tests_bench_core_SOURCES = %D%/core.c tests/all_engines.c tests/scenario/host.c tests/scenario/network.c tests/scenario/view.c \
	tests/scenario/world.c tests/scenario/host.h tests/scenario/world.h
tests_bench_limit_SOURCES = %D%/limit.c
tests_bench_load_SOURCES = %D%/load.c
EXTRA_DIST += %D%/figures.py %D%/rig.py %D%/rows.py %D%/run
.PHONY: bench bench-long
bench: all $(bench_programs)
	$(AM_TESTS_ENVIRONMENT) $(srcdir)/tests/bench/run
bench-long: all $(bench_programs)
	$(AM_TESTS_ENVIRONMENT) $(srcdir)/tests/bench/run --long
