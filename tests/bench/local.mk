# SPDX-License-Identifier: ISC
# What discoverd costs, beside the least that the kernel allows and beside peers; no tests.

bench_programs = %D%/limit$(EXEEXT) %D%/load$(EXEEXT)
EXTRA_PROGRAMS += %D%/limit %D%/load
CLEANFILES += $(bench_programs) bench.json
tests_bench_limit_SOURCES = %D%/limit.c
tests_bench_load_SOURCES = %D%/load.c
EXTRA_DIST += %D%/figures.py %D%/rig.py %D%/rows.py %D%/run
.PHONY: bench bench-long
bench: all $(bench_programs)
	$(AM_TESTS_ENVIRONMENT) $(srcdir)/tests/bench/run
bench-long: all $(bench_programs)
	$(AM_TESTS_ENVIRONMENT) $(srcdir)/tests/bench/run --long
