/* SPDX-License-Identifier: ISC
 * run: plays every scenario. */
#include "scenarios.h"
#include <stdlib.h>

int main(void)
{
	SRunner *runner = srunner_create(meeting_suite());
	srunner_add_suite(runner, multihomed_suite());
	srunner_add_suite(runner, doubt_suite());
	srunner_add_suite(runner, ourselves_suite());
	srunner_add_suite(runner, weather_suite());
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
