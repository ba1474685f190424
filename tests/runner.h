/* SPDX-License-Identifier: ISC
 * runner: runs the suites of one test program and counts what passed, failed and was skipped. */
#ifndef TESTS_RUNNER_H
#define TESTS_RUNNER_H

#include <check.h>
#include <stddef.h>

/* TESTS_APART: each test needs a process of its own, since it changes the namespace, the user or
 * the limits of its process. TESTS_PURE need none: with the address sanitizer, which makes a fork
 * slow, they share one process, and a leak fails the program at its end. */
enum tests_kind { TESTS_PURE, TESTS_APART };

/* Runs every suite as the CK_ variables of Check say, and prints "N passed, N failed, N skipped" as
 * the last line. Returns the exit status of the program: 77 if every test was skipped. */
int run_suites(Suite *(*const suites[])(void), size_t count, enum tests_kind kind);

/* Counts the running test as skipped, and says why on standard error. The test then returns; a
 * check that fails after this still counts as a failure. At most once in a test. */
void skip_test(const char *test, const char *reason, ...) __attribute__((format(printf, 2, 3)));

#endif
