/* SPDX-License-Identifier: ISC
 * printing_fixture: see printing_fixture.h. */
#include "discoverctl/printing_fixture.h"
#include "suites.h"
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

void printing_setup(void)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	setenv("TZ", "UTC0", 1);
	tzset();
}

void printing_teardown(void)
{
	setlocale(LC_CTYPE, "C");
}

struct json_object *printing_input(const char *name)
{
	char path[512];
	snprintf(path, sizeof(path), GOLDEN "/discoverctl/%s", name);
	struct json_object *input = json_object_from_file(path);
	ck_assert_msg(input != NULL, "%s", path);
	return input;
}

char *printing_golden(const char *name)
{
	char path[512], *text = NULL;
	size_t capacity = 0;
	snprintf(path, sizeof(path), GOLDEN "/discoverctl/%s", name);
	FILE *file = fopen(path, "r");
	ck_assert_msg(file != NULL, "%s", path);
	ck_assert_int_gt(getdelim(&text, &capacity, -1, file), 0);
	fclose(file);
	return text;
}
