/* SPDX-License-Identifier: ISC
 * Tests of engine/txt_facts. */
#include "engine/txt_facts.h"
#include "suites.h"

static struct txt_facts facts;
static struct slice out[FACTS];

static void setup(void)
{
	txt_facts_init(&facts);
	for (size_t i = 0; i < FACTS; i++)
		out[i] = SLICE_NONE;
}

static void add(const char *type, const char *instance, struct slice txt)
{
	txt_facts_add(&facts, slice_of(type), slice_of(instance), txt);
	txt_facts_take(&facts, out);
}

static void expect(enum endpoint_fact fact, const char *text)
{
	ck_assert(slice_equal(out[fact], slice_of(text)));
}

START_TEST(a_cast_device_says_its_name_and_model)
{
	add("_googlecast._tcp", "Chromecast-1234",
	    SLICE("\x09"
		  "fn=Lounge\x0dmd=Chromecast\x06id=abc"));
	expect(FACT_NAME, "Lounge");
	expect(FACT_MODEL, "Chromecast");
	expect(FACT_MANUFACTURER, "Google");
	expect(FACT_SERIAL, "abc");
}
END_TEST

START_TEST(the_first_row_that_has_a_fact_gives_it)
{
	add("_http._tcp", "Web page", SLICE("\x09model=Box"));
	expect(FACT_NAME, "Web page");
	add("_ipp._tcp", "Laser",
	    SLICE("\x08ty=Laser"
		  "\x0cusb_MFG=Acme"));
	expect(FACT_NAME, "Laser");
	expect(FACT_MODEL, "Box");
	expect(FACT_TYPE, "_ipp._tcp");
	expect(FACT_MANUFACTURER, "Acme");
}
END_TEST

START_TEST(names_of_instances_are_taken_apart)
{
	add("_raop._tcp", "0123456789AB@Kitchen", SLICE_NONE);
	expect(FACT_NAME, "Kitchen");
	expect(FACT_SERIAL, "0123456789AB");
	setup();
	add("_workstation._tcp", "tower [00:11:22:33:44:55]", SLICE_NONE);
	expect(FACT_NAME, "tower");
}
END_TEST

START_TEST(a_binary_value_is_shown_in_hex)
{
	add("_meshcop._udp", "Border", SLICE("\x06nn=net\x05xa=\x01\xff"));
	expect(FACT_NAME, "net");
	expect(FACT_SERIAL, "01ff");
}
END_TEST

START_TEST(an_unknown_type_says_itself_only)
{
	ck_assert(!txt_facts_knows(SLICE("_mine._tcp")));
	add("_mine._tcp", "Mine",
	    SLICE("\x06"
		  "fn=yes"));
	expect(FACT_TYPE, "_mine._tcp");
	ck_assert_ptr_null(out[FACT_NAME].bytes);
}
END_TEST

Suite *txt_facts_suite(void)
{
	Suite *suite = suite_create("engine/txt_facts");
	TCase *tcase = tcase_create("txt_facts");
	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, a_cast_device_says_its_name_and_model);
	tcase_add_test(tcase, the_first_row_that_has_a_fact_gives_it);
	tcase_add_test(tcase, names_of_instances_are_taken_apart);
	tcase_add_test(tcase, a_binary_value_is_shown_in_hex);
	tcase_add_test(tcase, an_unknown_type_says_itself_only);
	suite_add_tcase(suite, tcase);
	return suite;
}
