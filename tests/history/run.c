/* SPDX-License-Identifier: ISC
 * run: runs every suite of the tests of the history. */
#include "base/array.h"
#include "runner.h"
#include "suites.h"

static Suite *(*const SUITES[])(void) = {
#define SUITE(name) name##_suite,
#include "suites.list"
#undef SUITE
};

int main(void)
{
	return run_suites(SUITES, COUNT_OF(SUITES), TESTS_PURE);
}
