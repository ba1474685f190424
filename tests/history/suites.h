/* SPDX-License-Identifier: ISC
 * suites: one function per file of tests, from the list beside this. */
#ifndef TESTS_HISTORY_SUITES_H
#define TESTS_HISTORY_SUITES_H

#include <check.h>

#define SUITE(name) Suite *name##_suite(void);
#include "suites.list"
#undef SUITE

#endif
