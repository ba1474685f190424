/* SPDX-License-Identifier: ISC
 * Tests of control/methods: what each method answers, and to whom. */
#include "base/array.h"
#include "base/log.h"
#include "base/mac.h"
#include "control/control_fixture.h"
#include "model/offers.h"
#include "session_drain.h"
#include "suites.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
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

static struct json_object *ask(const char *call)
{
	ck_assert_int_eq(control_say(&f, call), 0);
	struct json_object *reply = control_hear(&f);
	ck_assert_ptr_nonnull(reply);
	return reply;
}

static void expect(const char *call, const char *answer)
{
	char text[1024];
	ck_assert_int_eq(control_say(&f, call), 0);
	ck_assert_str_eq(control_hear_text(&f, text, sizeof(text)), answer);
}

START_TEST(get_info_describes_the_service)
{
	expect("{'method':'org.varlink.service.GetInfo'}",
	    "{ 'parameters': { 'vendor': 'discoverd', 'product': 'discoverd', 'version': '1.2.3', "
	    "'url': '',"
	    " 'interfaces': [ 'org.varlink.service', 'io.discoverd' ] } }");
	struct json_object *reply = ask("{'method':'org.varlink.service.GetInterfaceDescription','"
					"parameters':{'interface':'io.discoverd'}}");
	ck_assert_ptr_nonnull(
	    strstr(control_at(reply, "parameters.description"), "\ninterface io.discoverd\n"));
	ck_assert_ptr_nonnull(
	    strstr(control_at(reply, "parameters.description"), "\nmethod Monitor("));
	json_object_put(reply);
}
END_TEST

START_TEST(errors_are_those_of_the_standard)
{
	expect("{'method':'io.discoverd.Nonsense'}",
	    "{ 'error': 'org.varlink.service.MethodNotFound', 'parameters': { 'method': "
	    "'io.discoverd.Nonsense' } }");
	expect("{'method':'io.other.List'}", "{ 'error': 'org.varlink.service.InterfaceNotFound', "
					     "'parameters': { 'interface': 'io.other' } }");
	expect("{'method':'io.disco'}", "{ 'error': 'org.varlink.service.InterfaceNotFound', "
					"'parameters': { 'interface': 'io' } }");
	expect("{'method':'List'}", "{ 'error': 'org.varlink.service.InterfaceNotFound', "
				    "'parameters': { 'interface': 'List' } }");
	expect("{'method':'org.varlink.service.GetInterfaceDescription','parameters':{'interface':'"
	       "io.other'}}",
	    "{ 'error': 'org.varlink.service.InterfaceNotFound', 'parameters': { 'interface': "
	    "'io.other' } }");
	expect("{'method':'io.discoverd.Monitor'}",
	    "{ 'error': 'org.varlink.service.ExpectedMore', 'parameters': { } }");
}
END_TEST

#define INVALID(name)                                                                              \
	"{ 'error': 'org.varlink.service.InvalidParameter', 'parameters': { 'parameter': '" name   \
	"' } }"

START_TEST(a_wrong_parameter_is_named)
{
	expect("{'method':'io.discoverd.Get'}", INVALID("id"));
	expect("{'method':'io.discoverd.Get','parameters':{'id':null}}", INVALID("id"));
	expect("{'method':'io.discoverd.Get','parameters':{'id':5}}", INVALID("id"));
	expect("{'method':'io.discoverd.List','parameters':{'fliter':{}}}", INVALID("fliter"));
	expect("{'method':'io.discoverd.List','parameters':{'filter':{'vai':'ssdp'}}}",
	    INVALID("filter.vai"));
	expect("{'method':'io.discoverd.List','parameters':{'filter':{'via':1}}}",
	    INVALID("filter.via"));
	expect("{'method':'io.discoverd.Search','more':true,'parameters':{'seconds':31}}",
	    INVALID("seconds"));
	expect("{'method':'io.discoverd.Search','more':true,'parameters':{'seconds':0}}",
	    INVALID("seconds"));
	expect(
	    "{'method':'io.discoverd.Search','more':true,'parameters':{'target':'a:b\\r\\nX:y'}}",
	    INVALID("target"));
	ck_assert_str_eq(f.searched, "");
	f.search_result = -EINVAL;
	expect("{'method':'io.discoverd.Search','more':true,'parameters':{'target':'x:y'}}",
	    INVALID("target"));
	expect("{'method':'io.discoverd.SetLogLevel','parameters':{'level':'loud'}}",
	    INVALID("level"));
	expect("{'method':'io.discoverd.Status','parameters':{'x':1}}", INVALID("x"));
}
END_TEST

START_TEST(an_unprivileged_user_may_read)
{
	static const char *const CHANGES[] = {
	    "{'method':'io.discoverd.Search','more':true}",
	    "{'method':'io.discoverd.Reload'}",
	    "{'method':'io.discoverd.SetLogLevel','parameters':{'level':'debug'}}",
	};
	enum log_level before = log_get_level();
	control_fixture_client(&f, false);
	for (size_t i = 0; i < COUNT_OF(CHANGES); i++)
		expect(CHANGES[i],
		    "{ 'error': 'org.varlink.service.PermissionDenied', 'parameters': { } }");
	ck_assert_str_eq(f.searched, "");
	ck_assert_int_eq(log_get_level(), before);
	expect("{'method':'io.discoverd.List'}", "{ 'parameters': { 'devices': [ ] } }");
	json_object_put(ask("{'method':'io.discoverd.Status'}"));
}
END_TEST

START_TEST(list_takes_a_filter)
{
	control_fixture_device(&f, 1);
	control_fixture_device(&f, 2);
	struct json_object *reply =
	    ask("{'method':'io.discoverd.List','parameters':{'filter':{'name':'*2'}}}");
	EXPECT_AT(reply, "parameters.devices.0.name", "device 2");
	EXPECT_AT(reply, "parameters.devices.1", "missing");
	json_object_put(reply);
	expect("{'method':'io.discoverd.List','parameters':{'filter':{'via':'broadcast'}}}",
	    "{ 'parameters': { 'devices': [ ] } }");
}
END_TEST

START_TEST(list_with_more_comes_in_batches)
{
	static const char *const LAST[] = {"missing", "missing", "uuid:129"};
	static const char *const CONTINUES[] = {"true", "true", "missing"};
	static const char *const IDS[] = {"uuid:0", "uuid:64", "uuid:128"};
	for (unsigned i = 0; i < 130; i++)
		control_fixture_device(&f, i);
	control_say(&f, "{'method':'io.discoverd.List','more':true}");
	for (size_t i = 0; i < 3; i++) {
		struct json_object *reply = control_hear(&f);
		EXPECT_AT(reply, "parameters.devices.0.id", IDS[i]);
		EXPECT_AT(reply, "parameters.devices.64.id", "missing");
		EXPECT_AT(reply, "parameters.devices.1.id",
		    i < 2 ? control_at(reply, "parameters.devices.1.id") : LAST[2]);
		EXPECT_AT(reply, "continues", CONTINUES[i]);
		json_object_put(reply);
	}
	ck_assert_ptr_null(control_hear(&f));
}
END_TEST

START_TEST(list_with_more_of_no_device_is_one_empty_batch)
{
	expect(
	    "{'method':'io.discoverd.List','more':true}", "{ 'parameters': { 'devices': [ ] } }");
	ck_assert_ptr_null(control_hear(&f));
}
END_TEST

START_TEST(list_survives_devices_that_leave_while_it_is_read)
{
	for (unsigned i = 0; i < 200; i++)
		control_fixture_device(&f, i);
	control_say(&f, "{'method':'io.discoverd.List'}");
	/* those that the first portion does not have */
	for (unsigned i = 1; i < 200; i++)
		control_fixture_bye(&f, i);
	struct json_object *reply = control_hear(&f);
	EXPECT_AT(reply, "parameters.devices.0.id", "uuid:0");
	EXPECT_AT(reply, "parameters.devices.199", "missing");
	json_object_put(reply);
}
END_TEST

START_TEST(a_list_ends_however_many_come_while_it_is_read)
{
	char bytes[4096] = "";
	struct writer w;

	control_fixture_device(&f, 0);
	control_say(&f, "{'method':'io.discoverd.List'}");
	writer_init(&w, bytes, sizeof(bytes));
	for (unsigned i = 1; i < 50 && !strstr(bytes, "]}}"); i++) {
		struct writer few;
		writer_init(&few, bytes + w.len, 60);
		session_drain(f.session, f.now, &few);
		w.len += few.len;
		f.now = instant_add(f.now, MILLISECONDS(1));
		control_fixture_device(&f, i);
	}
	ck_assert_ptr_nonnull(strstr(bytes, "uuid:0"));
	ck_assert_ptr_null(strstr(bytes, "uuid:1"));
	ck_assert_ptr_nonnull(strstr(bytes, "]}}"));
}
END_TEST

/* Gets by each of them the device of this id. */
static void expect_found(const char *const *keys, size_t count, const char *id)
{
	char call[160];
	for (size_t i = 0; i < count; i++) {
		snprintf(call, sizeof(call),
		    "{'method':'io.discoverd.Get','parameters':{'id':'%s'}}", keys[i]);
		struct json_object *reply = ask(call);
		ck_assert_msg(!strcmp(control_at(reply, "parameters.device.id"), id), "%s: %s",
		    keys[i], json_object_to_json_string(reply));
		json_object_put(reply);
	}
}

START_TEST(get_finds_by_id_name_and_address)
{
	static const char *const WHAT[] = {"uuid:1", "1", "UUID:1", "device 1", "DEVICE 1",
	    "192.0.2.2", "192.0.2.2%eth0", "192.0.2.2%2", "address:192.0.2.2%eth0"};
	control_fixture_device(&f, 1);
	control_fixture_device(&f, 2);
	expect_found(WHAT, COUNT_OF(WHAT), "uuid:1");
	expect("{'method':'io.discoverd.Get','parameters':{'id':'192.0.2.2%wlan0'}}",
	    "{ 'error': 'io.discoverd.NotFound', 'parameters': { 'id': '192.0.2.2%wlan0' } }");
	expect("{'method':'io.discoverd.Get','parameters':{'id':'192.0.2.2%eth7'}}",
	    "{ 'error': 'io.discoverd.NotFound', 'parameters': { 'id': '192.0.2.2%eth7' } }");
	expect("{'method':'io.discoverd.Get','parameters':{'id':''}}",
	    "{ 'error': 'io.discoverd.NotFound', 'parameters': { 'id': '' } }");
}
END_TEST

#define UUID_A "0000000a-0000-0000-0000-00000000000a"

START_TEST(get_finds_by_every_key)
{
	static const char *const WHAT[] = {"uuid:" UUID_A, UUID_A, "urn:uuid:" UUID_A,
	    "0000000A00000000000000000000000A", "{" UUID_A "}", "02:00:00:00:00:0f",
	    "02-00-00-00-00-0F", "mac:02:00:00:00:00:0f", "tv.local", "TV.local", "uuid:inner",
	    "Living Room"};
	static struct page_device devices[] = {{.udn = "uuid:" UUID_A}, {.udn = "uuid:inner"}};
	static const struct device_page PAGE = {.devices = devices, .device_count = 2};
	struct sighting sighting = control_sighting("uuid:" UUID_A, 9);
	sighting.mac = (struct mac){{2, 0, 0, 0, 0, 15}, true};
	sighting.facts[FACT_NAME] = SLICE("living room");
	sighting.facts[FACT_HOST_NAME] = SLICE("tv.local");
	control_fixture_observe(&f, sighting);
	sighting.event = SIGHTING_DESCRIBED;
	sighting.page = &PAGE;
	control_fixture_observe(&f, sighting);
	control_fixture_device(&f, 1);
	expect_found(WHAT, COUNT_OF(WHAT), "uuid:" UUID_A);
}
END_TEST

START_TEST(a_name_does_not_hide_a_key)
{
	static const char *const ADDRESS[] = {"192.0.2.2", "uuid:1"};
	struct sighting liar = control_sighting("uuid:liar", 9);
	control_fixture_device(&f, 1);
	liar.facts[FACT_NAME] = SLICE("192.0.2.2");
	control_fixture_observe(&f, liar);
	liar.facts[FACT_NAME] = SLICE("uuid:1");
	control_fixture_observe(&f, liar);
	expect_found(ADDRESS, COUNT_OF(ADDRESS), "uuid:1");
}
END_TEST

START_TEST(a_uuid_of_two_devices_is_ambiguous)
{
	static const char *const OTHER[] = {"twin", "mac:02:00:00:00:00:09", "192.0.2.9"};
	struct sighting first = control_sighting("uuid:1", 8), twin = control_sighting("uuid:1", 9);
	first.mac = (struct mac){{2, 0, 0, 0, 0, 8}, true};
	twin.mac = (struct mac){{2, 0, 0, 0, 0, 9}, true};
	control_fixture_observe(&f, first);
	control_fixture_observe(&f, twin);
	first.event = twin.event = SIGHTING_DESCRIBED;
	first.facts[FACT_NAME] = SLICE("first");
	first.facts[FACT_SERIAL] = SLICE("1");
	twin.facts[FACT_NAME] = SLICE("twin");
	twin.facts[FACT_SERIAL] = SLICE("2");
	control_fixture_observe(&f, first);
	control_fixture_observe(&f, twin);
	control_fixture_later(&f, SECONDS(2));
	struct json_object *reply =
	    ask("{'method':'io.discoverd.Get','parameters':{'id':'uuid:1'}}");
	EXPECT_AT(reply, "error", "io.discoverd.Ambiguous");
	EXPECT_AT(reply, "parameters.candidates.0.name", "first");
	EXPECT_AT(reply, "parameters.candidates.1.name", "twin");
	json_object_put(reply);
	expect_found(OTHER, COUNT_OF(OTHER), "mac:02:00:00:00:00:09");
}
END_TEST

START_TEST(get_of_this_host_is_the_error_this_host)
{
	static const char *const WHAT[] = {"board", "BOARD", "192.0.2.1",
	    "11111111-2222-5333-8444-555555555555", "uuid:11111111-2222-5333-8444-555555555555"};
	char call[128], answer[160];
	for (size_t i = 0; i < COUNT_OF(WHAT); i++) {
		snprintf(call, sizeof(call),
		    "{'method':'io.discoverd.Get','parameters':{'id':'%s'}}", WHAT[i]);
		snprintf(answer, sizeof(answer),
		    "{ 'error': 'io.discoverd.ThisHost', 'parameters': { 'id': '%s' } }", WHAT[i]);
		expect(call, answer);
	}
}
END_TEST

static struct sighting asked_by(uint8_t host)
{
	struct sighting sighting = control_sighting(NULL, host);
	sighting.event = SIGHTING_ASKED;
	sighting.lifetime = SECONDS(300);
	return sighting;
}

START_TEST(an_id_of_an_address_names_the_interface)
{
	control_fixture_observe(&f, asked_by(9));
	struct json_object *reply =
	    ask("{'method':'io.discoverd.Get','parameters':{'id':'address:192.0.2.9%eth0'}}");
	EXPECT_AT(reply, "parameters.device.id", "address:192.0.2.9%eth0");
	EXPECT_AT(reply, "parameters.device.name", "192.0.2.9");
	EXPECT_AT(reply, "parameters.device.kind", "control-point");
	json_object_put(reply);
}
END_TEST

/* Two devices of one name; the second one has answered. */
START_TEST(get_lists_those_that_it_could_be)
{
	struct sighting other = control_sighting("uuid:other", 20);
	control_fixture_device(&f, 1);
	other.facts[FACT_NAME] = SLICE("Device 1");
	table_set_reachable(f.table, f.now, endpoint_number(control_fixture_endpoint(&f, other)), true);
	expect("{'method':'io.discoverd.Get','parameters':{'id':'device 1'}}",
	    "{ 'error': 'io.discoverd.Ambiguous', 'parameters': { 'id': 'device 1', 'candidates': "
	    "["
	    " { 'id': 'uuid:other', 'name': 'Device 1', 'address': '192.0.2.20' },"
	    " { 'id': 'uuid:1', 'name': 'device 1', 'address': '192.0.2.2' } ] } }");
}
END_TEST

START_TEST(get_prefers_a_device_to_a_control_point)
{
	static const char *const WHAT[] = {"device 1"};
	struct sighting asking = asked_by(9);
	asking.facts[FACT_NAME] = SLICE("device 1");
	control_fixture_observe(&f, asking);
	control_fixture_device(&f, 1);
	expect_found(WHAT, COUNT_OF(WHAT), "uuid:1");
}
END_TEST

START_TEST(status_shows_every_counter)
{
	expect("{'method':'io.discoverd.Status'}",
	    "{ 'parameters': { 'version': '1.2.3', 'since': '2026-01-02T03:04:05Z',"
	    " 'uuid': '11111111-2222-5333-8444-555555555555', 'name': 'board', 'devices': 0, "
	    "'restored': 3, 'unconfirmed': 1, "
	    "'interfaces': [ 'eth0', 'wlan0' ], 'warning': 'first', 'warnings': [ 'first', "
	    "'second' ],"
	    " 'log_level': 'info', 'sandbox': 'full', 'xml': 'loaded', 'announcements': [ ], 'counters': { 'ssdp': "
	    "{ 'received': 7, "
	    "'malformed': 0 } } } }");
}
END_TEST

START_TEST(status_shows_every_announced_tree)
{
	static const char *const UDNS[] = {"uuid:1", "uuid:2", "uuid:3"};
	for (size_t i = 0; i < COUNT_OF(UDNS); i++) {
		struct offer *tree = offer_new();
		offer_add_device(tree, 0)->udn = strdup(UDNS[i]);
		ck_assert_int_eq(offers_add(&f.offers, tree), 0);
	}
	struct json_object *reply = ask("{'method':'io.discoverd.Status'}");
	EXPECT_AT(reply, "parameters.announcements.0.id", "uuid:1");
	EXPECT_AT(reply, "parameters.announcements.1.id", "uuid:2");
	EXPECT_AT(reply, "parameters.announcements.2.id", "uuid:3");
	EXPECT_AT(reply, "parameters.announcements.3", "missing");
	json_object_put(reply);
}
END_TEST

START_TEST(interfaces_shows_every_key)
{
	struct link *bridge = link_set_add(&f.links, 4);
	snprintf(bridge->name, sizeof(bridge->name), "br0");
	snprintf(bridge->kind, sizeof(bridge->kind), "bridge");
	link_set_find(&f.links, 3)->master = 4;
	link_set_find(&f.links, 2)->peer = 3;
	link_set_find(&f.links, 2)->gateway = address_ipv4(192, 0, 2, 254);
	struct json_object *reply = ask("{'method':'io.discoverd.Interfaces'}");
	EXPECT_AT(reply, "parameters.interfaces.0",
	    "{ \"index\": 2, \"name\": \"eth0\", \"kind\": \"ethernet\", \"mac\": null, \"up\": "
	    "true, \"used\": true, \"unused_because\": null, \"addresses\": ["
	    " { \"address\": \"192.0.2.1\", \"prefix\": 24, \"peer\": null, \"network\": "
	    "\"192.0.2.0\", \"gateway\": \"192.0.2.254\", "
	    "\"broadcast\": \"192.0.2.255\","
	    " \"first_host\": \"192.0.2.1\", \"last_host\": \"192.0.2.254\", \"hosts\": 254 } ], "
	    "\"gateway\": \"192.0.2.254\","
	    " \"master\": null, \"bridge_ports\": [ ], \"peer\": { \"index\": 3, \"netns\": null, "
	    "\"netns_name\": null, "
	    "\"name\": \"wlan0\" },"
	    " \"groups\": [ \"239.255.255.250\" ], \"received\": 10, \"sent\": 20, \"dropped\": 1 "
	    "}");
	EXPECT_AT(reply, "parameters.interfaces.1.master", "br0");
	EXPECT_AT(reply, "parameters.interfaces.2.used", "false");
	EXPECT_AT(reply, "parameters.interfaces.2.unused_because", "down");
	EXPECT_AT(reply, "parameters.interfaces.2.bridge_ports", "[ \"wlan0\" ]");
	EXPECT_AT(reply, "parameters.interfaces.2.peer", "null");
	json_object_put(reply);
}
END_TEST

START_TEST(reload_tells_what_is_wrong)
{
	expect("{'method':'io.discoverd.Reload'}", "{ 'parameters': { } }");
	f.reload_result = -EINVAL;
	struct json_object *reply = ask("{'method':'io.discoverd.Reload'}");
	EXPECT_AT(reply, "error", "io.discoverd.ReloadFailed");
	EXPECT_AT(reply, "parameters.reason", "discoverd.conf:3: unknown key \"prot\"");
	json_object_put(reply);
}
END_TEST

START_TEST(the_log_level_is_set)
{
	enum log_level before = log_get_level();
	expect("{'method':'io.discoverd.SetLogLevel','parameters':{'level':'debug'}}",
	    "{ 'parameters': { } }");
	ck_assert_int_eq(log_get_level(), LOG_LEVEL_DEBUG);
	log_set_level(before);
}
END_TEST

Suite *methods_suite(void)
{
	Suite *suite = suite_create("control/methods");
	TCase *tcase = tcase_create("methods");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, get_info_describes_the_service);
	tcase_add_test(tcase, errors_are_those_of_the_standard);
	tcase_add_test(tcase, a_wrong_parameter_is_named);
	tcase_add_test(tcase, an_unprivileged_user_may_read);
	tcase_add_test(tcase, list_takes_a_filter);
	tcase_add_test(tcase, list_with_more_comes_in_batches);
	tcase_add_test(tcase, list_with_more_of_no_device_is_one_empty_batch);
	tcase_add_test(tcase, list_survives_devices_that_leave_while_it_is_read);
	tcase_add_test(tcase, a_list_ends_however_many_come_while_it_is_read);
	tcase_add_test(tcase, get_finds_by_id_name_and_address);
	tcase_add_test(tcase, get_finds_by_every_key);
	tcase_add_test(tcase, a_name_does_not_hide_a_key);
	tcase_add_test(tcase, a_uuid_of_two_devices_is_ambiguous);
	tcase_add_test(tcase, get_of_this_host_is_the_error_this_host);
	tcase_add_test(tcase, an_id_of_an_address_names_the_interface);
	tcase_add_test(tcase, get_lists_those_that_it_could_be);
	tcase_add_test(tcase, get_prefers_a_device_to_a_control_point);
	tcase_add_test(tcase, status_shows_every_counter);
	tcase_add_test(tcase, status_shows_every_announced_tree);
	tcase_add_test(tcase, interfaces_shows_every_key);
	tcase_add_test(tcase, reload_tells_what_is_wrong);
	tcase_add_test(tcase, the_log_level_is_set);
	suite_add_tcase(suite, tcase);
	return suite;
}
