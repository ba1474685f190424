# SPDX-License-Identifier: ISC
# Benchmarks beside peers; no tests.

EXTRA_DIST += %D%/load.py %D%/run
.PHONY: bench
bench: all
	$(AM_TESTS_ENVIRONMENT) $(srcdir)/tests/bench/run
