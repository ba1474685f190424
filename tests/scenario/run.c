/* SPDX-License-Identifier: ISC
 * run: plays every scenario. */
#include "base/array.h"
#include "runner.h"
#include "scenarios.h"

static Suite *(*const SUITES[])(void) = {
    meeting_suite, multihomed_suite, doubt_suite, ourselves_suite, weather_suite};

int main(void)
{
	return run_suites(SUITES, COUNT_OF(SUITES), TESTS_PURE);
}
