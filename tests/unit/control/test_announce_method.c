/* SPDX-License-Identifier: ISC
 * Tests of control/announce_method and control/announce_reader: what is announced, what is refused,
 * and when it is taken back. */
#include "base/array.h"
#include "control/control_fixture.h"
#include "model/offers.h"
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

static const char *announce(const char *parameters)
{
	static char text[1024];
	char call[8192];

	snprintf(
	    call, sizeof(call), "{'method':'io.discoverd.Announce','parameters':{%s}}", parameters);
	ck_assert_int_eq(control_say(&f, call), 0);
	return control_hear_text(&f, text, sizeof(text));
}

/* Refused with this path, and the host has not been asked. */
static void refuse(const char *parameters, const char *path)
{
	char expected[256];

	snprintf(expected, sizeof(expected),
	    "{ 'error': 'org.varlink.service.InvalidParameter', 'parameters': { 'parameter': '%s' "
	    "} }",
	    path);
	ck_assert_str_eq(announce(parameters), expected);
	ck_assert_ptr_null(f.announced);
}

#define SUCCESS(id) "{ 'parameters': { 'id': '" id "' } }"
#define UUID        "2fac1234-31f8-11b4-a222-08002b34c003"
#define SWITCH      "urn:schemas-upnp-org:service:SwitchPower:1"

START_TEST(a_device_is_announced_with_all_that_was_said_of_it)
{
	ck_assert_str_eq(
	    announce(
		"'device':{'type':'urn:example-org:device:Lamp:2','name':'Lamp','uuid':'" UUID "',"
		"'manufacturer':'M','manufacturer_url':'http://m/','model':'X','model_number':'1',"
		"'model_description':'D','model_url':'https://x/','serial':'S',"
		"'presentation_url':'http://p/','services':[{'type':'" SWITCH "'},"
		"{'type':'" SWITCH "','id':null},{'type':'urn:example-org:service:A:3',"
		"'id':'urn:example-org:serviceId:B'}]},"
		"'embedded':[{'uuid':'uuid:" UUID "','services':null}],"
		"'location':'http://*:80/d.xml','server':'Linux/6 UPnP/2.0 lamp/1','config_id':7"),
	    SUCCESS("uuid:" UUID));
	const struct offer *tree = f.announced;
	const struct offered_device *root = &tree->devices[0], *embedded = &tree->devices[1];
	ck_assert_uint_eq(tree->device_count, 2);
	ck_assert_ptr_eq(f.announced_owner, f.session);
	ck_assert_str_eq(tree->url, "http://*:80/d.xml");
	ck_assert_str_eq(tree->server, "Linux/6 UPnP/2.0 lamp/1");
	ck_assert_uint_eq(tree->revision, 7);
	ck_assert_str_eq(root->type, "urn:example-org:device:Lamp:2");
	ck_assert_str_eq(root->name, "Lamp");
	ck_assert_str_eq(root->udn, "uuid:" UUID);
	ck_assert_str_eq(root->manufacturer, "M");
	ck_assert_str_eq(root->manufacturer_url, "http://m/");
	ck_assert_str_eq(root->model, "X");
	ck_assert_str_eq(root->model_number, "1");
	ck_assert_str_eq(root->model_description, "D");
	ck_assert_str_eq(root->model_url, "https://x/");
	ck_assert_str_eq(root->serial, "S");
	ck_assert_str_eq(root->presentation_url, "http://p/");
	ck_assert_uint_eq(root->service_count, 3);
	ck_assert_str_eq(root->services[0].type, SWITCH);
	ck_assert_str_eq(root->services[0].id, "urn:upnp-org:serviceId:SwitchPower");
	ck_assert_str_eq(root->services[1].id, "urn:upnp-org:serviceId:SwitchPower.2");
	ck_assert_str_eq(root->services[2].id, "urn:example-org:serviceId:B");
	ck_assert_str_eq(embedded->type, "urn:schemas-upnp-org:device:Basic:1");
	ck_assert_str_eq(embedded->udn, "uuid:" UUID);
	ck_assert_uint_eq(embedded->parts, OFFERED_EMBEDDED);
	ck_assert_ptr_null(embedded->name);
}
END_TEST

START_TEST(nothing_has_to_be_said_of_a_device)
{
	ck_assert_str_eq(announce("'device':{'name':null,'serial':''},'embedded':null,"
				  "'location':null,'detached':false"),
	    SUCCESS("uuid:made-up"));
	ck_assert_str_eq(f.announced->devices[0].type, "urn:schemas-upnp-org:device:Basic:1");
	ck_assert_ptr_null(f.announced->devices[0].name);
	ck_assert_ptr_null(f.announced->devices[0].udn);
	ck_assert_ptr_null(f.announced->devices[0].serial);
	ck_assert_ptr_null(f.announced->url);
	ck_assert_uint_eq(f.announced->revision, 0);
}
END_TEST

START_TEST(each_wrong_value_is_named)
{
	static const struct {
		const char *parameters, *path;
	} ROWS[] = {
	    {"", "device"},
	    {"'device':[]", "device"},
	    {"'devise':{},'device':{}", "devise"},
	    {"'device':{'colour':'red'}", "device.colour"},
	    {"'device':{'type':'Basic:1'}", "device.type"},
	    {"'device':{'type':'" SWITCH "'}", "device.type"},
	    {"'device':{'type':'urn:a:device:b:0'}", "device.type"},
	    {"'device':{'type':''}", "device.type"},
	    {"'device':{'type':5}", "device.type"},
	    {"'device':{'name':''}", "device.name"},
	    {"'device':{'name':'a\\u0007'}", "device.name"},
	    {"'device':{'name':'a\\u0000'}", "device.name"},
	    {"'device':{'name':'1234567890123456789012345678901234567890123456789012345678901234"
	     "5'}",
		"device.name"},
	    {"'device':{'uuid':'lamp'}", "device.uuid"},
	    {"'device':{'uuid':''}", "device.uuid"},
	    {"'device':{'uuid':'uuid:'}", "device.uuid"},
	    {"'device':{'uuid':'uuid:uuid:" UUID "'}", "device.uuid"},
	    {"'device':{'manufacturer':['a']}", "device.manufacturer"},
	    {"'device':{'manufacturer_url':'example.org'}", "device.manufacturer_url"},
	    {"'device':{'model':' a'}", "device.model"},
	    {"'device':{'model_number':'123456789012345678901234567890123'}",
		"device.model_number"},
	    {"'device':{'model_description':'a\\nb'}", "device.model_description"},
	    {"'device':{'model_url':'javascript:x'}", "device.model_url"},
	    {"'device':{'serial':1}", "device.serial"},
	    {"'device':{'presentation_url':'http://'}", "device.presentation_url"},
	    {"'device':{'services':{}}", "device.services"},
	    {"'device':{'services':['" SWITCH "']}", "device.services"},
	    {"'device':{'services':[{}]}", "device.services.type"},
	    {"'device':{'services':[{'type':null}]}", "device.services.type"},
	    {"'device':{'services':[{'type':'urn:a:device:b:1'}]}", "device.services.type"},
	    {"'device':{'services':[{'type':'" SWITCH "','id':'x'}]}", "device.services.id"},
	    {"'device':{'services':[{'type':'" SWITCH "'},{'type':'" SWITCH "','id':"
	     "'urn:upnp-org:serviceId:SwitchPower'}]}",
		"device.services.id"},
	    {"'device':{'services':[{'type':'" SWITCH "','ports':1}]}", "device.services.ports"},
	    {"'device':{'services':[{'type':'" SWITCH "','port':0}]}", "device.services.port"},
	    {"'device':{'services':[{'type':'" SWITCH "','port':65536}]}", "device.services.port"},
	    {"'device':{'services':[{'type':'" SWITCH "','port':'80'}]}", "device.services.port"},
	    {"'device':{'services':[{'type':'" SWITCH "','path':'x'}]}", "device.services.path"},
	    {"'device':{'services':[{'type':'" SWITCH "','txt':['a=b']}]}", "device.services.txt"},
	    {"'device':{'services':[{'type':'" SWITCH "','txt':{'':'b'}}]}", "device.services.txt"},
	    {"'device':{'services':[{'type':'" SWITCH "','txt':{'a':1}}]}", "device.services.txt"},
	    {"'device':{'services':[{'type':'" SWITCH "','txt':{'a':null}}]}",
		"device.services.txt"},
	    {"'device':{'services':[{'type':'" SWITCH "','types':{'mdns':'http'}}]}",
		"device.services.types"},
	    {"'device':{'services':[{'type':'" SWITCH "','types':{'x':'_http._tcp'}}]}",
		"device.services.types"},
	    {"'device':{},'embedded':{}", "embedded"},
	    {"'device':{},'embedded':[null]", "embedded"},
	    {"'device':{},'embedded':[{},{'serial':{}}]", "embedded.serial"},
	    {"'device':{},'embedded':[{'services':[{'type':'x'}]}]", "embedded.services.type"},
	    {"'device':{},'embedded':[{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}]",
		"embedded"},
	    {"'device':{},'location':''", "location"},
	    {"'device':{},'location':'ftp://*/'", "location"},
	    {"'device':{},'location':'https://*/'", "location"},
	    {"'device':{},'location':'http://*a/'", "location"},
	    {"'device':{},'location':'http://*:99999/'", "location"},
	    {"'device':{},'location':'http://*/a b'", "location"},
	    {"'device':{},'location':'http://*/\\r\\nX: y'", "location"},
	    {"'device':{},'location':'http://a*b/'", "location"},
	    {"'device':{},'location':'http://192.0.2.9/'", "location"},
	    {"'device':{},'location':'http://[fe80::1%25eth0]/'", "location"},
	    {"'device':{},'location':'/d.xml'", "location"},
	    {"'device':{},'server':''", "server"},
	    {"'device':{},'server':'a\\r\\nX: y'", "server"},
	    {"'device':{},'config_id':1", "config_id"},
	    {"'device':{},'location':'http://*/','config_id':0", "config_id"},
	    {"'device':{},'location':'http://*/','config_id':16777216", "config_id"},
	    {"'device':{},'location':'http://*/','config_id':'1'", "config_id"},
	    {"'device':{},'detached':1", "detached"},
	};

	for (size_t i = 0; i < COUNT_OF(ROWS); i++)
		refuse(ROWS[i].parameters, ROWS[i].path);
}
END_TEST

START_TEST(a_location_is_ours_or_a_name)
{
	static const char *const GOOD[] = {"http://*", "http://*/a", "HTTP://*:1/a?b",
	    "http://lamp.local/", "http://192.0.2.1:8080/d.xml"};
	char parameters[256];

	for (size_t i = 0; i < COUNT_OF(GOOD); i++) {
		snprintf(parameters, sizeof(parameters), "'device':{},'location':'%s'", GOOD[i]);
		ck_assert_str_eq(announce(parameters), SUCCESS("uuid:made-up"));
		ck_assert_str_eq(f.announced->url, GOOD[i]);
	}
}
END_TEST

START_TEST(a_service_has_a_port_a_path_pairs_and_types)
{
	ck_assert_str_eq(
	    announce("'device':{'services':[{'type':'" SWITCH "','name':'Lamp','port':8080,"
		     "'path':'/x','txt':{'a':'b=c','e':''},'types':{'mdns':'_http._tcp'}},"
		     "{'type':'" SWITCH "','name':null,'port':null,'txt':null,'types':null}]}"),
	    SUCCESS("uuid:made-up"));
	const struct offered_service *service = &f.announced->devices[0].services[0];
	ck_assert_str_eq(service->name, "Lamp");
	ck_assert_uint_eq(service->port, 8080);
	ck_assert_str_eq(service->path, "/x");
	ck_assert_str_eq(offered_service_type(service, "mdns"), "_http._tcp");
	ck_assert_uint_eq(service->txt_len, 9);
	ck_assert_mem_eq(service->txt, "\5a=b=c\2e=", 9);
	ck_assert_ptr_null(service[1].txt);
}
END_TEST

START_TEST(a_service_may_have_a_type_of_another_protocol_alone)
{
	announce("'device':{'services':[{'port':80,'types':{'mdns':'_http._tcp'}}]}");
	ck_assert_uint_eq(f.announced->devices[0].service_count, 1);
	ck_assert_ptr_null(f.announced->devices[0].services[0].type);
	ck_assert_ptr_null(f.announced->devices[0].services[0].id);
}
END_TEST

START_TEST(services_are_as_many_as_a_description_may_have)
{
	char parameters[8000] = "'device':{'services':[";

	for (unsigned i = 0; i < 64; i++)
		strcat(parameters, "{'type':'urn:a:service:b:1'},");
	char *end = parameters + strlen(parameters);
	strcpy(end - 1, "]}");
	ck_assert_str_eq(announce(parameters), SUCCESS("uuid:made-up"));
	ck_assert_uint_eq(f.announced->devices[0].service_count, 64);
	offer_free(f.announced);
	f.announced = NULL;
	strcpy(end - 1, "]},'embedded':[{'services':[{'type':'urn:a:service:b:1'}]}]");
	refuse(parameters, "embedded.services");
}
END_TEST

START_TEST(what_the_host_refuses_is_told)
{
	f.announce_result = -EEXIST;
	ck_assert_str_eq(announce("'device':{'uuid':'" UUID "'}"),
	    "{ 'error': 'io.discoverd.AlreadyAnnounced', 'parameters': { 'uuid': 'uuid:" UUID
	    "' } }");
	f.announce_result = -ENOSPC;
	ck_assert_str_eq(announce("'device':{}"),
	    "{ 'error': 'io.discoverd.TooMany', 'parameters': { 'limit': 7 } }");
	f.announce_result = -EDQUOT;
	ck_assert_str_eq(announce("'device':{}"),
	    "{ 'error': 'io.discoverd.TooManyOfUser', 'parameters': { 'limit': 7 } }");
	f.announce_result = -ENOTSUP;
	ck_assert_str_eq(
	    announce("'device':{}"), "{ 'error': 'io.discoverd.NotServed', 'parameters': { } }");
}
END_TEST

START_TEST(withdraw_is_by_id)
{
	char text[256];

	control_say(&f, "{'method':'io.discoverd.Withdraw','parameters':{'id':'uuid:a'}}");
	ck_assert_str_eq(control_hear_text(&f, text, sizeof(text)), "{ 'parameters': { } }");
	ck_assert_str_eq(f.withdrawn, "uuid:a");
	f.withdraw_result = -ENOENT;
	control_say(&f, "{'method':'io.discoverd.Withdraw','parameters':{'id':'b'}}");
	ck_assert_str_eq(control_hear_text(&f, text, sizeof(text)),
	    "{ 'error': 'io.discoverd.NotFound', 'parameters': { 'id': 'b' } }");
	f.withdraw_result = -EACCES;
	control_say(&f, "{'method':'io.discoverd.Withdraw','parameters':{'id':'c'}}");
	ck_assert_str_eq(control_hear_text(&f, text, sizeof(text)),
	    "{ 'error': 'io.discoverd.OfAnotherUser', 'parameters': { 'id': 'c' } }");
}
END_TEST

#define DENIED "{ 'error': 'org.varlink.service.PermissionDenied', 'parameters': { } }"

START_TEST(it_is_for_privileged_users)
{
	char text[256];

	control_fixture_client(&f, false);
	ck_assert_str_eq(announce("'device':{}"), DENIED);
	ck_assert_ptr_null(f.announced);
	control_say(&f, "{'method':'io.discoverd.Withdraw','parameters':{'id':'uuid:a'}}");
	ck_assert_str_eq(control_hear_text(&f, text, sizeof(text)), DENIED);
	ck_assert_str_eq(f.withdrawn, "");
}
END_TEST

START_TEST(the_end_of_a_session_takes_back_what_is_its_own)
{
	const void *owner = f.session;

	announce("'device':{},'detached':true");
	ck_assert_ptr_null(f.announced_owner);
	announce("'device':{}");
	ck_assert_ptr_eq(f.announced_owner, owner);
	ck_assert_uint_eq(f.abandon_count, 0);
	control_fixture_client(&f, true);
	ck_assert_uint_eq(f.abandon_count, 1);
	ck_assert_ptr_eq(f.abandoned[0], owner);
}
END_TEST

/* A search keeps the session of a client that has ended. */
START_TEST(a_client_that_has_shut_down_its_sending_side_announces_nothing)
{
	announce("'device':{}");
	control_say(&f, "{'method':'io.discoverd.Search','more':true,'parameters':{'seconds':30}}");
	session_end(f.session);
	ck_assert(!session_is_done(f.session));
	ck_assert_uint_eq(f.abandon_count, 1);
	ck_assert_ptr_eq(f.abandoned[0], f.session);
}
END_TEST

START_TEST(status_lists_what_is_announced)
{
	struct offer *tree = offer_new();
	struct offered_device *root = offer_add_device(tree, 0);

	root->udn = strdup("uuid:a");
	root->name = strdup("Lamp");
	tree->source = "control";
	ck_assert_int_eq(offers_add(&f.offers, tree), 0);
	control_say(&f, "{'method':'io.discoverd.Status'}");
	struct json_object *reply = control_hear(&f);
	EXPECT_AT(reply, "parameters.announcements.0.id", "uuid:a");
	EXPECT_AT(reply, "parameters.announcements.0.name", "Lamp");
	EXPECT_AT(reply, "parameters.announcements.0.type", "null");
	EXPECT_AT(reply, "parameters.announcements.0.location", "null");
	EXPECT_AT(reply, "parameters.announcements.0.source", "control");
	json_object_put(reply);
}
END_TEST

Suite *announce_method_suite(void)
{
	Suite *suite = suite_create("control/announce_method");
	TCase *tcase = tcase_create("announce_method");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_device_is_announced_with_all_that_was_said_of_it);
	tcase_add_test(tcase, nothing_has_to_be_said_of_a_device);
	tcase_add_test(tcase, each_wrong_value_is_named);
	tcase_add_test(tcase, a_location_is_ours_or_a_name);
	tcase_add_test(tcase, a_service_has_a_port_a_path_pairs_and_types);
	tcase_add_test(tcase, a_service_may_have_a_type_of_another_protocol_alone);
	tcase_add_test(tcase, services_are_as_many_as_a_description_may_have);
	tcase_add_test(tcase, what_the_host_refuses_is_told);
	tcase_add_test(tcase, withdraw_is_by_id);
	tcase_add_test(tcase, it_is_for_privileged_users);
	tcase_add_test(tcase, the_end_of_a_session_takes_back_what_is_its_own);
	tcase_add_test(tcase, a_client_that_has_shut_down_its_sending_side_announces_nothing);
	tcase_add_test(tcase, status_lists_what_is_announced);
	suite_add_tcase(suite, tcase);
	return suite;
}
