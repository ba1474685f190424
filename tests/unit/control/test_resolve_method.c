/* SPDX-License-Identifier: ISC
 * Tests of control/resolve_method and control/resolve_job: addresses by host name. */
#include "control/control_fixture.h"
#include "control/job.h"
#include "model/host_address.h"
#include "suites.h"
#include <stdio.h>
#include <string.h>

static struct control_fixture f;

static void setup(void)
{
	control_fixture_init(&f);
}

static void teardown(void)
{
	control_fixture_fini(&f);
}

static void call(const char *parameters)
{
	char message[512];
	snprintf(message, sizeof(message), "{'method':'io.discoverd.Resolve','parameters':%s}",
	    parameters);
	ck_assert_int_eq(control_say(&f, message), 0);
}

/* The next reply in short: the name and "ADDRESS%INTERFACE" of each address, or the error and what
 * it is about; "" where there is none. */
static const char *next(char text[512])
{
	struct json_object *reply = control_hear(&f), *parameters, *addresses;

	text[0] = '\0';
	if (!reply)
		return text;
	parameters = json_object_object_get(reply, "parameters");
	addresses = json_object_object_get(parameters, "addresses");
	if (json_object_object_get(reply, "error"))
		snprintf(text, 512, "%s ", strrchr(control_at(reply, "error"), '.') + 1);
	snprintf(text + strlen(text), 512 - strlen(text), "%s",
	    control_at(parameters,
		addresses || json_object_object_get(parameters, "name") ? "name" : "parameter"));
	for (size_t i = 0; addresses && i < json_object_array_length(addresses); i++) {
		struct json_object *entry = json_object_array_get_idx(addresses, i);
		snprintf(text + strlen(text), 512 - strlen(text), " %s%%%s",
		    control_at(entry, "address"), control_at(entry, "interface"));
	}
	if (json_object_object_get(parameters, "asked"))
		snprintf(text + strlen(text), 512 - strlen(text), " %s",
		    control_at(parameters, "asked"));
	json_object_put(reply);
	return text;
}

#define EXPECT_NEXT(reply)                                                                         \
	do {                                                                                       \
		char text_[512];                                                                   \
		ck_assert_str_eq(next(text_), (reply));                                            \
	} while (0)
#define EXPECT(parameters, reply)                                                                  \
	do {                                                                                       \
		call(parameters);                                                                  \
		EXPECT_NEXT(reply);                                                                \
	} while (0)

static void answer(const char *name, const char *text, uint32_t link)
{
	struct host_address found = {.name = slice_of(name), .link = link};

	ck_assert_int_eq(address_parse(slice_of(text), &found.address), 0);
	control_session_resolved(f.session, f.now, &found);
}

static void later(int64_t us)
{
	f.now = instant_add(f.now, us);
	session_advance(f.session, f.now);
}

static void observe_host(const char *id, const char *name, uint8_t host, bool reflected)
{
	struct sighting sighting = control_sighting(id, host);

	sighting.facts[FACT_HOST_NAME] = slice_of(name);
	sighting.reflected = reflected;
	ck_assert_int_eq(control_fixture_observe(&f, sighting), 0);
	control_fixture_later(&f, SECONDS(1));
}

START_TEST(the_host_name_of_a_device_is_answered_from_the_table)
{
	observe_host("uuid:1", "Tv.local", 5, false);
	observe_host("uuid:2", "tablet", 6, false);
	control_fixture_client(&f, false);
	EXPECT("{'name':'tv.local'}", "Tv.local 192.0.2.5%eth0");
	EXPECT("{'name':'TV.LOCAL.'}", "Tv.local 192.0.2.5%eth0");
	EXPECT("{'name':'tv'}", "Tv.local 192.0.2.5%eth0");
	EXPECT("{'name':'Tablet'}", "tablet 192.0.2.6%eth0");
	EXPECT("{'name':'tablet.local'}", "PermissionDenied missing");
	ck_assert_str_eq(f.asked, "");
}
END_TEST

START_TEST(each_device_of_the_name_is_answered)
{
	observe_host("uuid:1", "tv.local", 5, false);
	observe_host("uuid:2", "TV.local", 6, false);
	EXPECT("{'name':'tv.local'}", "tv.local 192.0.2.5%eth0 192.0.2.6%eth0");
}
END_TEST

START_TEST(a_repeated_name_is_not_at_the_address_of_what_repeats_it)
{
	observe_host("uuid:1", "radio.local", 5, false);
	observe_host("uuid:2", "tv.local", 5, true);
	call("{'name':'tv.local'}");
	ck_assert_str_eq(f.asked, "tv.local for 3");
}
END_TEST

START_TEST(an_address_that_two_protocols_name_is_answered_once)
{
	struct sighting sighting = control_sighting("uuid:1", 5);

	sighting.facts[FACT_HOST_NAME] = SLICE("tv.local");
	ck_assert_int_eq(control_fixture_observe(&f, sighting), 0);
	sighting.protocol = &FIXTURE_BROADCAST;
	ck_assert_int_eq(control_fixture_observe(&f, sighting), 0);
	sighting.from = address_ipv4(192, 0, 2, 6);
	ck_assert_int_eq(control_fixture_observe(&f, sighting), 0);
	observe_host("uuid:2", "radio.local", 5, false);
	control_fixture_later(&f, SECONDS(2));
	EXPECT("{'name':'tv.local'}", "tv.local 192.0.2.5%eth0 192.0.2.6%eth0");
}
END_TEST

START_TEST(what_the_table_lacks_is_asked_for)
{
	call("{'name':'tv','seconds':5}");
	ck_assert_str_eq(f.asked, "tv.local for 5");
	later(SECONDS(1));
	answer("radio.local", "192.0.2.9", 2);
	later(SECONDS(1));
	EXPECT_NEXT("");
	answer("TV.local", "192.0.2.5", 2);
	answer("tv.local", "192.0.2.5", 2);
	later(MILLISECONDS(199));
	EXPECT_NEXT("");
	answer("tv.local", "fe80::5", 2);
	answer("tv.local", "fe80::5", 3);
	later(MILLISECONDS(1));
	answer("tv.local", "192.0.2.6", 2);
	EXPECT_NEXT("TV.local 192.0.2.5%eth0 fe80::5%eth0 fe80::5%wlan0");
	EXPECT_NEXT("");
}
END_TEST

START_TEST(silence_is_no_address)
{
	call("{'name':'tv.local'}");
	later(SECONDS(3) - 1);
	EXPECT_NEXT("");
	later(1);
	EXPECT_NEXT("NoAddress tv.local true");
}
END_TEST

START_TEST(an_answer_at_the_end_does_not_extend_the_time)
{
	call("{'name':'tv.local','seconds':1}");
	later(SECONDS(1) - 1);
	answer("tv.local", "192.0.2.5", 2);
	later(1);
	EXPECT_NEXT("tv.local 192.0.2.5%eth0");
}
END_TEST

START_TEST(a_name_that_no_protocol_asks_for_is_refused_at_once)
{
	EXPECT("{'name':'www.example.com'}", "NoAddress www.example.com false");
	ck_assert_str_eq(f.asked, "");
	f.asks_nothing = true;
	EXPECT("{'name':'tv.local'}", "NoAddress tv.local false");
	control_fixture_client(&f, false);
	EXPECT("{'name':'www.example.com'}", "NoAddress www.example.com false");
}
END_TEST

START_TEST(the_network_is_asked_for_those_who_may_search)
{
	control_fixture_client(&f, false);
	EXPECT("{'name':'tv.local'}", "PermissionDenied missing");
	ck_assert_str_eq(f.asked, "");
}
END_TEST

START_TEST(parameters_are_checked)
{
	EXPECT("{}", "InvalidParameter name");
	EXPECT("{'name':''}", "InvalidParameter name");
	EXPECT("{'name':'a b.local'}", "InvalidParameter name");
	EXPECT("{'name':'192.0.2.5'}", "InvalidParameter name");
	EXPECT("{'name':'tv.local','seconds':0}", "InvalidParameter seconds");
	EXPECT("{'name':'tv.local','seconds':31}", "InvalidParameter seconds");
	ck_assert_str_eq(f.asked, "");
}
END_TEST

START_TEST(a_client_that_goes_while_it_waits_leaves_nothing)
{
	call("{'name':'tv.local'}");
	session_end(f.session);
	ck_assert(!session_is_done(f.session));
	answer("tv.local", "192.0.2.5", 2);
	later(MILLISECONDS(200));
	EXPECT_NEXT("tv.local 192.0.2.5%eth0");
	ck_assert(session_is_done(f.session));
	control_fixture_client(&f, true);
	call("{'name':'tv.local'}");
}
END_TEST

START_TEST(more_addresses_than_there_is_room_for_are_left_out)
{
	struct json_object *reply;
	char text[32];

	call("{'name':'tv.local'}");
	for (unsigned i = 1; i <= 200; i++) {
		snprintf(text, sizeof(text), "192.0.2.%u", i);
		answer("tv.local", text, 2);
	}
	later(SECONDS(1));
	reply = control_hear(&f);
	ck_assert_str_eq(control_at(reply, "parameters.addresses.63.address"), "192.0.2.64");
	ck_assert_str_eq(control_at(reply, "parameters.addresses.64"), "missing");
	json_object_put(reply);
}
END_TEST

Suite *resolve_method_suite(void)
{
	Suite *suite = suite_create("control/resolve_method");
	TCase *tcase = tcase_create("resolve_method");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, the_host_name_of_a_device_is_answered_from_the_table);
	tcase_add_test(tcase, each_device_of_the_name_is_answered);
	tcase_add_test(tcase, a_repeated_name_is_not_at_the_address_of_what_repeats_it);
	tcase_add_test(tcase, an_address_that_two_protocols_name_is_answered_once);
	tcase_add_test(tcase, what_the_table_lacks_is_asked_for);
	tcase_add_test(tcase, silence_is_no_address);
	tcase_add_test(tcase, an_answer_at_the_end_does_not_extend_the_time);
	tcase_add_test(tcase, a_name_that_no_protocol_asks_for_is_refused_at_once);
	tcase_add_test(tcase, the_network_is_asked_for_those_who_may_search);
	tcase_add_test(tcase, parameters_are_checked);
	tcase_add_test(tcase, a_client_that_goes_while_it_waits_leaves_nothing);
	tcase_add_test(tcase, more_addresses_than_there_is_room_for_are_left_out);
	suite_add_tcase(suite, tcase);
	return suite;
}
