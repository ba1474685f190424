/* SPDX-License-Identifier: ISC
 * row_fixture: rows of devices for the tests of web/. */
#ifndef TESTS_UNIT_WEB_ROW_FIXTURE_H
#define TESTS_UNIT_WEB_ROW_FIXTURE_H

struct row;

/* Of a Device in JSON. */
struct row *row_fixture_parse(const char *device);
/* Of a device with an id and a name. */
struct row *row_fixture(const char *id, const char *name);

#endif
