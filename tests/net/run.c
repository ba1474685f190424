/* SPDX-License-Identifier: ISC
 * run: runs every suite of the tests with real descriptors. */
#include "suites.h"
#include <check.h>
#include <stdlib.h>

static Suite *(*const SUITES[])(void) = {
#define SUITE(name) name##_suite,
#include "suites.list"
#undef SUITE
};

int main(void)
{
	SRunner *runner = srunner_create(NULL);
	for (size_t i = 0; i < sizeof(SUITES) / sizeof(SUITES[0]); i++)
		srunner_add_suite(runner, SUITES[i]());
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
