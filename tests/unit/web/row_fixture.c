/* SPDX-License-Identifier: ISC
 * row_fixture: rows of devices for the tests of web/. */
#include "row_fixture.h"
#include "web/row.h"
#include <check.h>
#include <json-c/json.h>
#include <stdio.h>

struct row *row_fixture_parse(const char *device)
{
	struct json_object *object = json_tokener_parse(device);

	ck_assert_ptr_nonnull(object);
	struct row *row = row_new(object);
	ck_assert_ptr_nonnull(row);
	json_object_put(object);
	return row;
}

struct row *row_fixture(const char *id, const char *name)
{
	char text[1024];

	ck_assert_int_lt(snprintf(text, sizeof(text), "{\"id\":\"%s\",\"name\":\"%s\"}", id, name),
	    (int)sizeof(text));
	return row_fixture_parse(text);
}
