/* SPDX-License-Identifier: ISC
 * runner: runs the suites of one test program and counts what passed, failed and was skipped. */
#include "runner.h"
#include "wire/xml_parser.h"
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { EXIT_SKIPPED = 77 };

#ifdef __SANITIZE_ADDRESS__
static const bool FORKS_ARE_SLOW = true;
#else
static const bool FORKS_ARE_SLOW = false;
#endif

/* How many tests were skipped. Check runs each test in a process of its own, so they share it. */
static unsigned *skipped;

static bool share_counter(void)
{
	void *page =
	    mmap(NULL, sizeof(*skipped), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED) {
		perror("mmap");
		return false;
	}
	skipped = page;
	return true;
}

void skip_test(const char *test, const char *reason, ...)
{
	va_list args;
	va_start(args, reason);
	fprintf(stderr, "skipped: %s: ", test);
	vfprintf(stderr, reason, args);
	fputc('\n', stderr);
	va_end(args);
	__atomic_add_fetch(skipped, 1, __ATOMIC_RELAXED);
}

int run_suites(Suite *(*const suites[])(void), size_t count, enum tests_kind kind)
{
	xml_parser_use(xml_library_linked, NULL);
	if (!share_counter())
		return EXIT_FAILURE;
	/* Check's own limit of 4 s of wall clock is too short for a machine that is busy. */
	setenv("CK_DEFAULT_TIMEOUT", "120", 0);
	if (FORKS_ARE_SLOW && kind == TESTS_PURE)
		setenv("CK_FORK", "no", 0);
	SRunner *runner = srunner_create(NULL);
	for (size_t i = 0; i < count; i++)
		srunner_add_suite(runner, suites[i]());
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	int passed = srunner_ntests_run(runner) - failed - (int)*skipped;
	srunner_free(runner);
	printf("%d passed, %d failed, %u skipped\n", passed, failed, *skipped);
	if (failed)
		return EXIT_FAILURE;
	return passed == 0 && *skipped > 0 ? EXIT_SKIPPED : EXIT_SUCCESS;
}
