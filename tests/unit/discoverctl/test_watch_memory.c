/* SPDX-License-Identifier: ISC
 * Tests of discoverctl/watch_memory. */
#include "discoverctl/watch_memory.h"
#include "suites.h"
#include <stdio.h>
#include <string.h>

static struct watch_memory memory;
static char reported[512];

static void setup(void)
{
	watch_memory_init(&memory);
	reported[0] = '\0';
}

static void teardown(void)
{
	watch_memory_fini(&memory);
}

static struct json_object *device_of(const char *id, const char *name, const char *addresses)
{
	char text[512];

	snprintf(text, sizeof(text),
	    "{\"id\": \"%s\", \"name\": \"%s\", \"expires_in\": %zu, \"addresses\": [%s]}", id,
	    name, strlen(reported), addresses);
	return json_tokener_parse(text);
}

static bool hear(const char *event, const char *id, const char *name, const char *addresses)
{
	struct json_object *device = device_of(id, name, addresses);
	bool is_told = watch_memory_event(&memory, event, device);

	json_object_put(device);
	return is_told;
}

static void report(
    void *context, const char *event, struct json_object *device, struct json_object *changed)
{
	size_t len = strlen(reported);

	ck_assert_ptr_eq(context, &memory);
	len += (size_t)snprintf(reported + len, sizeof(reported) - len, "%s %s", event,
	    json_object_get_string(json_object_object_get(device, "name")));
	for (size_t i = 0; changed && i < json_object_array_length(changed); i++)
		len += (size_t)snprintf(reported + len, sizeof(reported) - len, " %s",
		    json_object_get_string(json_object_array_get_idx(changed, i)));
	snprintf(reported + len, sizeof(reported) - len, "; ");
}

#define IPV4 "{\"address\": \"10.0.0.1\", \"interface\": \"eth0\"}"
#define IPV6 "{\"address\": \"fe80::1\", \"interface\": \"eth0\"}"

START_TEST(every_event_is_told_while_nothing_is_compared)
{
	ck_assert(hear("added", "a", "one", IPV4));
	ck_assert(hear("added", "a", "one", IPV4));
	ck_assert(hear("updated", "a", "two", IPV4));
	ck_assert(hear("removed", "a", "two", IPV4));
	watch_memory_settle(&memory, report, &memory);
	ck_assert_str_eq(reported, "");
}
END_TEST

START_TEST(a_comparison_tells_what_changed)
{
	hear("added", "stays", "stays", IPV4 "," IPV6);
	hear("added", "moves", "moves", IPV4);
	hear("added", "renamed", "before", IPV4);
	hear("added", "leaves", "leaves", IPV4);
	hear("added", "left", "left", IPV4);
	hear("removed", "left", "left", IPV4);
	watch_memory_compare(&memory);
	strcpy(reported, "x"); /* the time that is left differs from now on */
	ck_assert(!hear("added", "stays", "10.0.0.1", IPV4));
	ck_assert(!hear("updated", "stays", "stays", IPV6 "," IPV4));
	ck_assert(!hear("added", "moves", "moves", IPV6));
	ck_assert(!hear("added", "renamed", "after", IPV4));
	ck_assert(hear("added", "new", "new", IPV4));
	ck_assert(hear("updated", "new", "new", IPV4));
	reported[0] = '\0';
	watch_memory_settle(&memory, report, &memory);
	ck_assert_str_eq(reported, "updated moves addresses; updated after name; removed leaves; ");
	ck_assert(hear("updated", "stays", "stays", IPV4));
}
END_TEST

START_TEST(a_device_that_says_goodbye_during_a_comparison_is_told_once)
{
	hear("added", "a", "one", IPV4);
	watch_memory_compare(&memory);
	ck_assert(!hear("added", "a", "one", IPV4));
	ck_assert(hear("removed", "a", "one", IPV4));
	watch_memory_settle(&memory, report, &memory);
	ck_assert_str_eq(reported, "");
}
END_TEST

START_TEST(a_connection_that_is_lost_again_forgets_nothing)
{
	hear("added", "old", "old", IPV4);
	watch_memory_compare(&memory);
	hear("added", "new", "new", IPV4);
	watch_memory_compare(&memory);
	ck_assert(!hear("added", "old", "old", IPV4));
	watch_memory_settle(&memory, report, &memory);
	ck_assert_str_eq(reported, "removed new; ");
}
END_TEST

START_TEST(what_is_no_device_is_told_and_not_kept)
{
	ck_assert(watch_memory_event(&memory, "added", NULL));
	struct json_object *text = json_object_new_string("x");
	ck_assert(watch_memory_event(&memory, "removed", text));
	json_object_put(text);
	watch_memory_clear(&memory);
	watch_memory_compare(&memory);
	watch_memory_settle(&memory, report, &memory);
	ck_assert_str_eq(reported, "");
}
END_TEST

Suite *watch_memory_suite(void)
{
	Suite *suite = suite_create("discoverctl/watch_memory");
	TCase *tcase = tcase_create("watch_memory");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, every_event_is_told_while_nothing_is_compared);
	tcase_add_test(tcase, a_comparison_tells_what_changed);
	tcase_add_test(tcase, a_device_that_says_goodbye_during_a_comparison_is_told_once);
	tcase_add_test(tcase, a_connection_that_is_lost_again_forgets_nothing);
	tcase_add_test(tcase, what_is_no_device_is_told_and_not_kept);
	suite_add_tcase(suite, tcase);
	return suite;
}
