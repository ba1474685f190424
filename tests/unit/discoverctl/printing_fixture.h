/* SPDX-License-Identifier: ISC
 * printing_fixture: the locale, the clock and the files of tests/golden/discoverctl, for tests of
 * what is printed. */
#ifndef TESTS_UNIT_DISCOVERCTL_PRINTING_FIXTURE_H
#define TESTS_UNIT_DISCOVERCTL_PRINTING_FIXTURE_H

#include <json-c/json.h>
#include <stdint.h>

#define PRINTING_NOW INT64_C(1767348000) /* 2026-01-02T10:00:00Z */

/* Widths need UTF-8, clocks a time zone. */
void printing_setup(void);
void printing_teardown(void);
/* For the caller to json_object_put(). */
struct json_object *printing_input(const char *name);
/* The expected output, for the caller to free(). */
char *printing_golden(const char *name);

#endif
