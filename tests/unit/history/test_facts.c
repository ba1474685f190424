/* SPDX-License-Identifier: ISC
 * Tests of history/facts and history/hook_environment: what is kept of a device, and what a program
 * is told. */
#include "base/array.h"
#include "history/facts.h"
#include "history/hook_environment.h"
#include "suites.h"
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#define UUID  "uuid:2fac1234-31f8-11b4-a222-08002b34c003"
#define OTHER "uuid:2fac1234-31f8-11b4-a222-08002b34c004"

static struct facts read_text(const char *text, const struct facts *former)
{
	struct json_object *device = json_tokener_parse(text);
	struct facts facts;

	ck_assert_ptr_nonnull(device);
	ck_assert_int_eq(facts_read(&facts, device, former), 0);
	json_object_put(device);
	return facts;
}

START_TEST(the_first_address_of_ipv4_is_chosen_and_kept_while_it_is_there)
{
	struct facts first = read_text(
	    "{\"id\":\"x\",\"addresses\":[{\"address\":\"fe80::1\",\"interface\":\"eth0\","
	    "\"mac\":\"00:00:5e:00:53:01\",\"random_mac\":false},"
	    "{\"address\":\"192.0.2.1\",\"interface\":\"eth0\",\"mac\":\"00:00:5e:00:53:02\","
	    "\"vendor\":\"V\",\"random_mac\":true}]}",
	    NULL);
	struct facts second = read_text(
	    "{\"id\":\"x\",\"addresses\":[{\"address\":\"192.0.2.9\",\"interface\":\"eth0\"},"
	    "{\"address\":\"192.0.2.1\",\"interface\":\"eth0\"}]}",
	    &first);
	struct facts third = read_text(
	    "{\"id\":\"x\",\"addresses\":[{\"address\":\"192.0.2.1\",\"interface\":\"eth1\"}]}",
	    &second);

	ck_assert_str_eq(first.texts[FACT_ADDRESS], "192.0.2.1");
	ck_assert_str_eq(first.texts[FACT_MAC], "00:00:5e:00:53:02");
	ck_assert_str_eq(first.texts[FACT_VENDOR], "V");
	ck_assert(first.random_mac);
	ck_assert_str_eq(second.texts[FACT_ADDRESS], "192.0.2.1");
	ck_assert_str_eq(third.texts[FACT_SEGMENT], "eth1");
	facts_fini(&first);
	facts_fini(&second);
	facts_fini(&third);
}
END_TEST

START_TEST(a_device_is_known_by_its_uuids_its_macs_and_its_id)
{
	static const struct {
		const char *device, *identities;
	} rows[] = {
	    {"{\"id\":\"" UUID "\",\"ids\":[\"" OTHER "\",\"name.local\"],\"addresses\":"
	     "[{\"mac\":\"00:00:5e:00:53:01\"},{\"mac\":\"00:00:5e:00:53:01\"}]}",
		UUID " " OTHER " mac:00:00:5e:00:53:01"},
	    {"{\"id\":\"name.local\",\"addresses\":[{\"mac\":\"00:00:5e:00:53:01\"}]}",
		"mac:00:00:5e:00:53:01 name.local"},
	    {"{\"id\":\"" UUID "\",\"flags\":[\"duplicate-uuid\"],\"addresses\":"
	     "[{\"mac\":\"00:00:5e:00:53:01\"}]}",
		"mac:00:00:5e:00:53:01 " UUID},
	    {"{\"id\":\"address:192.0.2.1%eth0\",\"addresses\":[{\"mac\":\"00:00:5e:00:53:01\"}]}",
		"mac:00:00:5e:00:53:01"},
	    {"{\"id\":\"address:192.0.2.1%eth0\"}", "address:192.0.2.1%eth0"},
	    {"{\"id\":\"x\",\"ids\":5,\"addresses\":{\"mac\":5},\"flags\":[7]}", "x"},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct facts facts = read_text(rows[i].device, NULL);
		char text[512] = "";
		for (size_t k = 0; k < facts.identity_count; k++) {
			strcat(text, k ? " " : "");
			strcat(text, facts.identities[k]);
		}
		ck_assert_str_eq(text, rows[i].identities);
		facts_fini(&facts);
	}
	ck_assert(facts_is_certain(UUID) && facts_is_certain("mac:00:00:5e:00:53:01"));
	ck_assert(!facts_is_certain("name.local") && !facts_is_certain("uuid:Socket-1_0"));
}
END_TEST

START_TEST(a_device_without_an_id_is_none)
{
	static const char *const texts[] = {"{}", "[]", "{\"id\":\"\"}", "{\"id\":\" \\u0001 \"}"};
	struct facts facts;

	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct json_object *device = json_tokener_parse(texts[i]);
		ck_assert_int_eq(facts_read(&facts, device, NULL), -EINVAL);
		json_object_put(device);
	}
	ck_assert_int_eq(facts_read(&facts, NULL, NULL), -EINVAL);
}
END_TEST

START_TEST(texts_are_cleaned_and_compared)
{
	struct facts a = read_text("{\"id\":\"x\",\"name\":\" a\\nb\\u202e\\u0000c \"}", NULL);
	struct facts b = read_text("{\"id\":\"x\",\"name\":\"other\"}", NULL);

	ck_assert_str_eq(a.texts[FACT_NAME], "a b c");
	ck_assert(facts_same(&a, &a) && !facts_same(&a, &b));
	ck_assert(!a.is_neighbour);
	facts_fini(&a);
	facts_fini(&b);
	a = read_text("{\"id\":\"x\",\"kind\":\"neighbour\"}", NULL);
	ck_assert(a.is_neighbour);
	facts_fini(&a);
}
END_TEST

static const char *value_of(char **environment, const char *name)
{
	size_t len = strlen(name);

	for (; *environment; environment++)
		if (!strncmp(*environment, name, len) && (*environment)[len] == '=')
			return *environment + len + 1;
	return NULL;
}

START_TEST(a_program_is_told_plain_texts_and_nothing_else)
{
	char long_text[1000];
	struct facts facts = {.texts = {[FACT_ID] = (char[]){"id\nDISCOVERD_EVENT=added"},
				  [FACT_NAME] = (char[]){"n"},
				  [FACT_MODEL] = (char[]){"\x1b[31m`x`\x7f\xff"},
				  [FACT_TYPE] = long_text}};
	struct hook_event event = {.kind = "moved",
	    .facts = &facts,
	    .alias = "Lamp $(x)",
	    .old_address = "192.0.2.1",
	    .at = 1769860800};
	char **environment;
	size_t count = 0;

	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	environment = hook_environment_new(&event);
	ck_assert_str_eq(value_of(environment, "DISCOVERD_EVENT"), "moved");
	ck_assert_str_eq(value_of(environment, "DISCOVERD_ID"), "id DISCOVERD_EVENT=added");
	ck_assert_str_eq(value_of(environment, "DISCOVERD_NAME"), "Lamp $(x)");
	ck_assert_str_eq(value_of(environment, "DISCOVERD_MODEL"), "[31m`x` \xef\xbf\xbd");
	ck_assert_uint_eq(strlen(value_of(environment, "DISCOVERD_TYPE")), 256);
	ck_assert_str_eq(value_of(environment, "DISCOVERD_OLD_ADDRESS"), "192.0.2.1");
	ck_assert_str_eq(value_of(environment, "DISCOVERD_ADDRESS"), "");
	ck_assert_str_eq(value_of(environment, "DISCOVERD_RANDOM_MAC"), "no");
	ck_assert_str_eq(value_of(environment, "DISCOVERD_TIME"), "2026-01-31T12:00:00Z");
	ck_assert_str_eq(value_of(environment, "DISCOVERD_FIRST_SEEN"), "1970-01-01T00:00:00Z");
	ck_assert_ptr_nonnull(value_of(environment, "PATH"));
	for (; environment[count]; count++)
		for (const char *c = environment[count]; *c; c++)
			ck_assert_uint_ge((unsigned char)*c, ' ');
	ck_assert_uint_eq(count, 16);
	free(environment);
	event.alias = NULL;
	environment = hook_environment_new(&event);
	ck_assert_str_eq(value_of(environment, "DISCOVERD_NAME"), "n");
	free(environment);
}
END_TEST

Suite *facts_suite(void)
{
	Suite *suite = suite_create("history/facts");
	TCase *tcase = tcase_create("facts");

	tcase_add_test(tcase, the_first_address_of_ipv4_is_chosen_and_kept_while_it_is_there);
	tcase_add_test(tcase, a_device_is_known_by_its_uuids_its_macs_and_its_id);
	tcase_add_test(tcase, a_device_without_an_id_is_none);
	tcase_add_test(tcase, texts_are_cleaned_and_compared);
	tcase_add_test(tcase, a_program_is_told_plain_texts_and_nothing_else);
	suite_add_tcase(suite, tcase);
	return suite;
}
