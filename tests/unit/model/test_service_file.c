/* SPDX-License-Identifier: ISC
 * Tests of model/service_file. */
#include "base/array.h"
#include "model/service_file.h"
#include "suites.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SERVICE(type) "[Service]\ntype = urn:schemas-upnp-org:service:" type "\n"

static char mistakes[4096];
static struct service_file *file;

static void note(void *context, const char *name, unsigned line, const char *what)
{
	size_t len = strlen(mistakes);

	(void)context;
	snprintf(mistakes + len, sizeof(mistakes) - len, "%s:%u: %s\n", name, line, what);
}

static void set_up(void)
{
	mistakes[0] = '\0';
	file = NULL;
}

static void tear_down(void)
{
	service_file_free(file);
}

static void parse_good(const char *text)
{
	int result;

	service_file_free(file);
	mistakes[0] = '\0';
	result = service_file_parse("f", slice_of(text), note, NULL, &file);
	ck_assert_msg(result == 0, "%d %s", result, mistakes);
	ck_assert_str_eq(mistakes, "");
}

static void parse_bad(const char *text, const char *expected)
{
	mistakes[0] = '\0';
	ck_assert_int_eq(service_file_parse("f", slice_of(text), note, NULL, &file), -EINVAL);
	ck_assert_str_eq(mistakes, expected);
	ck_assert_ptr_null(file);
}

START_TEST(services_belong_to_the_device_above_them)
{
	parse_good(SERVICE("A:1") SERVICE("B:2") "[Device]\nname = lamp\n" SERVICE(
	    "A:1") "[Device]\nlocation = http://*:80/x\n");
	ck_assert_uint_eq(file->device_count, 3);
	ck_assert_uint_eq(file->devices[0].service_count, 2);
	ck_assert_str_eq(file->devices[0].services[1].type, "urn:schemas-upnp-org:service:B:2");
	ck_assert_str_eq(file->devices[1].texts.name, "lamp");
	ck_assert_str_eq(file->devices[1].texts.type, "urn:schemas-upnp-org:device:Basic:1");
	ck_assert_uint_eq(file->devices[1].service_count, 1);
	ck_assert_uint_eq(file->devices[1].number, 1);
	ck_assert_uint_eq(file->devices[1].line, 5);
	ck_assert_ptr_null(file->devices[1].location);
	ck_assert_str_eq(file->devices[2].location, "http://*:80/x");
	ck_assert_ptr_null(file->devices[2].texts.name);
	ck_assert_uint_eq(file->devices[2].number, 2);
}
END_TEST

START_TEST(nothing_is_a_file_too)
{
	parse_good("# later\n\n");
	ck_assert_uint_eq(file->device_count, 1);
	ck_assert_uint_eq(file->devices[0].service_count, 0);
}
END_TEST

START_TEST(an_id_is_made_of_the_type)
{
	parse_good(SERVICE("Dimming:2") "[Service]\ntype = urn:example-org:service:Dimming:1\n"
					"[Service]\nid = urn:upnp-org:serviceId:Second\n"
					"type = urn:schemas-upnp-org:service:Dimming:1\n");
	ck_assert_str_eq(file->devices[0].services[0].id, "urn:upnp-org:serviceId:Dimming");
	ck_assert_str_eq(file->devices[0].services[1].id, "urn:example-org:serviceId:Dimming");
	ck_assert_str_eq(file->devices[0].services[2].id, "urn:upnp-org:serviceId:Second");
}
END_TEST

START_TEST(a_service_may_have_a_type_of_another_protocol_alone)
{
	parse_good("[Service]\nmdns-type = _http._tcp\nport = 80\n"
		   "[Service]\nmdns-type = _ipp._tcp\n");
	const struct offered_service *services = file->devices[0].services;
	ck_assert_uint_eq(file->devices[0].service_count, 2);
	ck_assert_ptr_null(services[0].type);
	ck_assert_ptr_null(services[1].id);
	ck_assert_str_eq(offered_service_type(&services[0], "mdns"), "_http._tcp");
}
END_TEST

START_TEST(every_mistake_is_told_once_with_its_line)
{
	parse_bad("[Service]\nid = urn:upnp-org:serviceId:A\n\n[Service]\ntype = A\n[Device]\n"
		  "loation = x\n[Serivce]\ntype = x\n[SSDP]\nttl = 2\n[Device]\nid = x\nfoo\n",
	    "f:1: a [Service] needs a type like urn:schemas-upnp-org:service:SwitchPower:1, or an "
	    "mdns-type like _http._tcp\n"
	    "f:5: type must be a service type like urn:schemas-upnp-org:service:SwitchPower:1, 1 "
	    "to 128 bytes; it is \"A\"\n"
	    "f:7: unknown key \"loation\" in [Device]; did you mean \"location\"?\n"
	    "f:8: unknown section [Serivce]; did you mean [Service]?\n"
	    "f:10: unknown section [SSDP]; discoverd.services(5) lists them\n"
	    "f:13: unknown key \"id\" in [Device]; did you mean \"id\" in [Service]?\n"
	    "f:14: neither a [Section] nor \"key = value\" nor a # comment\n");
	parse_bad("type = x\n[Service]",
	    "f:1: \"type\" stands before the first [Section]; put it below its own\n"
	    "f:2: a [Service] needs a type like urn:schemas-upnp-org:service:SwitchPower:1, or an "
	    "mdns-type like _http._tcp\n");
	parse_bad("[Device]\nname = a ; b\nname = \"a\"\nlocation = http://*:80/x #1\nname =\n",
	    "f:2: a comment stands on a line of its own, not behind a value; move \"; b\"\n"
	    "f:3: values are not quoted: write name = a\n"
	    "f:4: a comment stands on a line of its own, not behind a value; move \"#1\"\n"
	    "f:5: name must be visible UTF-8 text without doubled blanks, 1 to 64 bytes; it is "
	    "\"\"\n");
}
END_TEST

#define WEB SERVICE("Web:1")

START_TEST(a_service_has_a_port_a_path_and_pairs)
{
	parse_good(WEB "name = My web\nport = 8080\npath = /a b\nmdns-type = _http._tcp\n"
		       "txt = a=b=c\ntxt = flag\ntxt = empty=\n" SERVICE("Plain:1"));
	const struct offered_service *web = &file->devices[0].services[0];
	ck_assert_str_eq(web->name, "My web");
	ck_assert_uint_eq(web->port, 8080);
	ck_assert_str_eq(web->path, "/a b");
	ck_assert_str_eq(offered_service_type(web, "mdns"), "_http._tcp");
	ck_assert_uint_eq(web->txt_len, 18);
	ck_assert_mem_eq(web->txt, "\5a=b=c\4flag\6empty=", 18);
	const struct offered_service *plain = &file->devices[0].services[1];
	ck_assert(!plain->name && !plain->port && !plain->path && !plain->txt && !plain->types);
}
END_TEST

START_TEST(a_mistake_in_a_pair_or_type_is_told)
{
	char text[8192] = WEB;

	parse_bad(WEB "mdns-type = http\n",
	    "f:1: mdns-type must be a type like _http._tcp; it is \"http\"\n");
	parse_bad(
	    "\n" WEB "txt = =x\n", "f:2: txt must be key=value, each key once; it is \"=x\"\n");
	parse_bad(WEB "txt = a=1\ntxt = A=2\n",
	    "f:1: txt must be key=value, each key once; it is \"A=2\"\n");
	for (unsigned i = 0; i < 6; i++) {
		size_t len = strlen(text);
		snprintf(text + len, sizeof(text) - len, "txt = %u=%0250u\n", i, 1u);
	}
	parse_bad(text, "f:1: the txt pairs of a service have at most 1300 bytes\n");
}
END_TEST

START_TEST(two_services_of_a_device_have_two_ids)
{
	parse_bad(SERVICE("A:1") SERVICE("A:2") "id = urn:upnp-org:serviceId:A\n",
	    "f:3: another service of this device has the id urn:upnp-org:serviceId:A; give one of "
	    "them its own\n");
	parse_good(SERVICE("A:1") SERVICE("A:2") SERVICE("A:1"));
	ck_assert_str_eq(file->devices[0].services[2].id, "urn:upnp-org:serviceId:A.3");
	service_file_free(file);
	file = NULL;
	parse_good(SERVICE("A:1") "[Device]\n" SERVICE("A:1") "[Device]\n" SERVICE("A:1"));
}
END_TEST

START_TEST(a_device_has_at_most_64_services)
{
	char text[8192] = "[Device]\n";

	for (unsigned i = 0; i < SERVICE_FILE_SERVICES_MAX; i++) {
		size_t len = strlen(text);
		snprintf(
		    text + len, sizeof(text) - len, "[Service]\ntype = urn:a:service:S%u:1\n", i);
	}
	parse_good(text);
	ck_assert_uint_eq(file->devices[1].service_count, SERVICE_FILE_SERVICES_MAX);
	service_file_free(file);
	file = NULL;
	strcat(text, "[Service]\ntype = urn:a:service:T:1\n");
	parse_bad(text, "f:130: a device has at most 64 services\n");
}
END_TEST

static const struct value_case {
	const char *line;
	bool good;
} VALUES[] = {
    {"[Device]\nlocation = http://*", true},
    {"[Device]\nlocation = http://*/", true},
    {"[Device]\nlocation = HTTP://*:8080/a/b.xml?c=d", true},
    {"[Device]\nlocation = http://192.0.2.1:80/x", true},
    {"[Device]\nlocation = http://[2001:db8::1]/x", true},
    {"[Device]\nlocation = http://[2001:db8::1]:65535/x", true},
    {"[Device]\nlocation = http://nas.local/x", true},
    {"[Device]\nlocation =", true},
    {"[Device]\nlocation = https://*/x", false},
    {"[Device]\nlocation = http://", false},
    {"[Device]\nlocation = http:///x", false},
    {"[Device]\nlocation = http://:80/x", false},
    {"[Device]\nlocation = http://*:0/x", false},
    {"[Device]\nlocation = http://*:/x", false},
    {"[Device]\nlocation = http://*:65536/x", false},
    {"[Device]\nlocation = http://*:8o/x", false},
    {"[Device]\nlocation = http://*.local/x", false},
    {"[Device]\nlocation = http://*x/", false},
    {"[Device]\nlocation = http://me@host/x", false},
    {"[Device]\nlocation = http://[2001:db8::1/x", false},
    {"[Device]\nlocation = http://[2001:db8::1]x/", false},
    {"[Device]\nlocation = http://*/x#y", false},
    {"[Device]\nlocation = http://*/x y", false},
    {"[Device]\ntype = urn:a:service:X:1", false},
    {"[Service]\ntype = urn:a:service:X:1", true},
    {"[Service]\ntype = urn:a:device:X:1", false},
    {"[Service]\ntype = urn:a:service:X", false},
    {"[Service]\ntype = urn:a:service:X:1\nid = urn:a:serviceId:X", true},
    {"[Service]\ntype = urn:a:service:X:1\nid =", true},
    {"[Service]\ntype = urn:a:service:X:1\nid = urn:a:serviceId:X:1", false},
    {"[Service]\ntype = urn:a:service:X:1\nid = urn:a:service:X", false},
    {"[Service]\ntype = urn:a:service:X:1\nid = urn:a:serviceId:", false},
    {"[Service]\ntype = urn:a:service:X:1\nport = 65535", true},
    {"[Service]\ntype = urn:a:service:X:1\nport = 0", false},
    {"[Service]\ntype = urn:a:service:X:1\nport = 65536", false},
    {"[Service]\ntype = urn:a:service:X:1\npath = x", false},
    {"[Service]\ntype = urn:a:service:X:1\npath =", true},
    {"[Service]\ntype = urn:a:service:X:1\nname =", true},
    {"[Service]\ntype = urn:a:service:X:1\ntxt =", false},
    {"[Device]\nport = 80", false},
};

START_TEST(a_value_is_checked_by_its_kind)
{
	const struct value_case *row = &VALUES[_i];
	int result = service_file_parse("f", slice_of(row->line), note, NULL, &file);

	ck_assert_msg(result == (row->good ? 0 : -EINVAL), "%s: %s", row->line, mistakes);
	ck_assert_int_eq(mistakes[0] == '\0', row->good);
}
END_TEST

START_TEST(the_manual_tells_every_key_in_its_section)
{
	static char page[16384];
	FILE *manual = fopen(GOLDEN "/../../man/discoverd.services.5", "r");

	ck_assert_ptr_nonnull(manual);
	page[fread(page, 1, sizeof(page) - 1, manual)] = '\0';
	fclose(manual);
	for (size_t i = 0; i < SERVICE_FILE_OPTION_COUNT; i++) {
		char heading[64];
		snprintf(heading, sizeof(heading), "\n.Ss [%s]\n", SERVICE_FILE_OPTIONS[i].section);
		const char *at = strstr(page, heading);
		ck_assert_msg(at, "%s", heading);
		const char *end = strstr(at + 1, "\n.S");
		snprintf(
		    heading, sizeof(heading), "\n.It Cm %s No = Ar ", SERVICE_FILE_OPTIONS[i].key);
		at = strstr(at, heading);
		ck_assert_msg(at && at < end, "%s", heading);
		snprintf(heading, sizeof(heading), "%u%s", SERVICE_FILE_OPTIONS[i].max,
		    SERVICE_FILE_OPTIONS[i].kind == CONFIG_NUMBER ? "." : " bytes");
		at = strstr(at, heading);
		ck_assert_msg(at && at < end, "%s", heading);
	}
}
END_TEST

/* What is installed as an example is right. */
START_TEST(the_example_is_right)
{
	static char text[4096];
	FILE *example = fopen(GOLDEN "/../../conf/services.d/example", "r");

	ck_assert_ptr_nonnull(example);
	text[fread(text, 1, sizeof(text) - 1, example)] = '\0';
	fclose(example);
	parse_good(text);
	ck_assert_uint_eq(file->device_count, 3);
}
END_TEST

Suite *service_file_suite(void)
{
	Suite *suite = suite_create("model/service_file");
	TCase *tcase = tcase_create("service_file");
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, a_service_may_have_a_type_of_another_protocol_alone);
	tcase_add_test(tcase, services_belong_to_the_device_above_them);
	tcase_add_test(tcase, nothing_is_a_file_too);
	tcase_add_test(tcase, an_id_is_made_of_the_type);
	tcase_add_test(tcase, every_mistake_is_told_once_with_its_line);
	tcase_add_test(tcase, a_service_has_a_port_a_path_and_pairs);
	tcase_add_test(tcase, a_mistake_in_a_pair_or_type_is_told);
	tcase_add_test(tcase, two_services_of_a_device_have_two_ids);
	tcase_add_test(tcase, a_device_has_at_most_64_services);
	tcase_add_test(tcase, the_manual_tells_every_key_in_its_section);
	tcase_add_test(tcase, the_example_is_right);
	tcase_add_loop_test(tcase, a_value_is_checked_by_its_kind, 0, COUNT_OF(VALUES));
	suite_add_tcase(suite, tcase);
	return suite;
}
