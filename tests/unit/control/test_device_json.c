/* SPDX-License-Identifier: ISC
 * Tests of control/device_json and control/endpoint_json: a device as the interface's definition
 * has it. */
#include "base/array.h"
#include "base/mac.h"
#include "control/control_fixture.h"
#include "control/device_json.h"
#include "model/protocol_id.h"
#include "suites.h"
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

static struct sighting seen(const struct protocol_id *protocol, uint32_t link)
{
	struct sighting sighting = control_sighting("uuid:a", 9);
	sighting.protocol = protocol;
	sighting.link = link;
	return sighting;
}

#define ADDRESS_192_0_2_9                                                                          \
	"[{\"address\":\"192.0.2.9\",\"interface\":\"eth0\",\"mac\":null,\"vendor\":null,"         \
	"\"random_mac\":null}]"

START_TEST(every_key_is_there_when_nothing_is_known)
{
	control_fixture_observe(&f, seen(&FIXTURE_BROADCAST, 2));
	struct json_object *device = control_shown(&f, "uuid:a");
	ck_assert_str_eq(json_object_to_json_string_ext(device, JSON_C_TO_STRING_PLAIN),
	    "{\"id\":\"uuid:a\",\"ids\":[],\"name\":\"192.0.2.9\",\"type\":null,"
	    "\"manufacturer\":null,\"model\":null,\"model_number\":null,\"serial\":null,"
	    "\"presentation_url\":null,\"icon_url\":null,\"kind\":\"device\","
	    "\"protocols\":[\"broadcast\"],\"addresses\":" ADDRESS_192_0_2_9
	    ",\"host_names\":[],\"attached_to\":\"eth0\",\"reachable\":null,"
	    "\"first_seen\":\"2026-01-02T03:20:45Z\",\"last_seen\":\"2026-01-02T03:20:45Z\","
	    "\"expires_in\":1800,\"flags\":[],\"endpoints\":[{\"protocol\":\"broadcast\","
	    "\"key\":\"uuid:a\",\"kind\":\"device\",\"name\":null,\"type\":null,"
	    "\"manufacturer\":null,\"model\":null,\"model_number\":null,"
	    "\"model_description\":null,\"serial\":null,\"server\":null,\"url\":null,"
	    "\"presentation_url\":null,\"icons\":[],\"parent\":null,"
	    "\"addresses\":" ADDRESS_192_0_2_9 ",\"epoch\":null,\"revision\":null,"
	    "\"verified\":false,\"first_seen\":\"2026-01-02T03:20:45Z\","
	    "\"last_seen\":\"2026-01-02T03:20:45Z\",\"expires_in\":1800,\"services\":[]}]}");
	json_object_put(device);
}
END_TEST

START_TEST(one_address_by_two_protocols_is_one_address)
{
	control_fixture_observe(&f, seen(&FIXTURE_SSDP, 2));
	control_fixture_observe(&f, seen(&FIXTURE_BROADCAST, 2));
	control_fixture_observe(&f, seen(&FIXTURE_SSDP, 3));
	struct json_object *device = control_shown(&f, "uuid:a");
	EXPECT_AT(device, "protocols", "[ \"ssdp\", \"broadcast\" ]");
	EXPECT_AT(device, "addresses.0.interface", "eth0");
	EXPECT_AT(device, "addresses.1.interface", "wlan0");
	EXPECT_AT(device, "addresses.2", "missing");
	EXPECT_AT(device, "endpoints.2.addresses.0.interface", "wlan0");
	EXPECT_AT(device, "endpoints.3", "missing");
	EXPECT_AT(device, "attached_to", "null");
	json_object_put(device);
}
END_TEST

START_TEST(the_address_to_show_comes_first)
{
	struct sighting over_ipv6 = seen(&FIXTURE_SSDP, 2);
	ck_assert_int_eq(address_parse(SLICE("fe80::9"), &over_ipv6.from), 0);
	control_fixture_observe(&f, over_ipv6);
	control_fixture_observe(&f, seen(&FIXTURE_SSDP, 2));
	struct json_object *device = control_shown(&f, "uuid:a");
	EXPECT_AT(device, "name", "192.0.2.9");
	EXPECT_AT(device, "addresses.0.address", "192.0.2.9");
	EXPECT_AT(device, "addresses.1.address", "fe80::9");
	EXPECT_AT(device, "addresses.2", "missing");
	json_object_put(device);
}
END_TEST

START_TEST(what_is_known_is_shown)
{
	static const struct sighted_service SERVICES[] = {{.type = SLICE("urn:x:service:s:1")},
	    {.key = SLICE("Laser"),
		.type = SLICE("_ipp._tcp"),
		.name = SLICE("Laser printer"),
		.url = SLICE("/ipp"),
		.txt = SLICE("\4a=b=\1x\2=y\4A=no\3a=c\4c=\xff\xfe"),
		.port = 631}};
	struct sighting sighting = seen(&FIXTURE_SSDP, 2);
	sighting.mac = (struct mac){{2, 0, 0, 0xab, 0, 1}, true};
	sighting.epoch = (struct sighting_number){true, 4000000000U};
	sighting.revision = (struct sighting_number){true, 7};
	sighting.url = SLICE("http://192.0.2.9/d.xml");
	sighting.facts[FACT_SERVER] = SLICE("Linux UPnP/1.0");
	sighting.facts[FACT_HOST_NAME] = SLICE("tv.local");
	sighting.facts[FACT_ICON_URL] = SLICE("http://192.0.2.9/i.png");
	sighting.services = SERVICES;
	sighting.service_count = COUNT_OF(SERVICES);
	control_fixture_observe(&f, sighting);
	table_set_device_reachable(f.table, f.now, SLICE("uuid:a"), true);
	f.now = instant_add(f.now, SECONDS(60) + 1);
	struct json_object *device = control_shown(&f, "uuid:a");
	EXPECT_AT(device, "name", "tv.local");
	EXPECT_AT(device, "addresses.0.mac", "02:00:00:ab:00:01");
	EXPECT_AT(device, "addresses.0.random_mac", "true");
	EXPECT_AT(device, "host_names", "[ \"tv.local\" ]");
	EXPECT_AT(device, "icon_url", "http://192.0.2.9/i.png");
	EXPECT_AT(device, "expires_in", "1740");
	EXPECT_AT(device, "reachable", "true");
	EXPECT_AT(device, "endpoints.0.epoch", "4000000000");
	EXPECT_AT(device, "endpoints.0.revision", "7");
	EXPECT_AT(device, "endpoints.0.url", "http://192.0.2.9/d.xml");
	EXPECT_AT(device, "endpoints.0.server", "Linux UPnP/1.0");
	EXPECT_AT(device, "endpoints.0.icons.0.url", "http://192.0.2.9/i.png");
	EXPECT_AT(device, "endpoints.0.services.0",
	    "{ \"key\": null, \"type\": \"urn:x:service:s:1\", \"name\": null, \"port\": null, "
	    "\"path\": null, \"url\": null, \"txt\": { }, \"expires_in\": 1740, \"scpd_url\": "
	    "null, \"control_url\": null, \"event_url\": null }");
	EXPECT_AT(device, "endpoints.0.services.1.key", "Laser");
	EXPECT_AT(device, "endpoints.0.services.1.name", "Laser printer");
	EXPECT_AT(device, "endpoints.0.services.1.port", "631");
	EXPECT_AT(device, "endpoints.0.services.1.path", "/ipp");
	EXPECT_AT(device, "endpoints.0.services.1.url", "null");
	EXPECT_AT(device, "endpoints.0.services.1.txt",
	    "{ \"a\": \"b=\", \"x\": \"\", \"A\": \"no\", \"c\": \"\xef\xbf\xbd\xef\xbf\xbd\" }");
	EXPECT_AT(device, "endpoints.0.services.2", "missing");
	json_object_put(device);
}
END_TEST

static struct page_device PAGE_DEVICES[] = {
    {.udn = "uuid:a"},
    {.udn = "uuid:B", .name = "middle", .type = "urn:x:device:m:1"},
    {.udn = "uuid:c", .name = "inner", .parent = 1},
    {.udn = "uuid:B", .name = "again"},
    {.name = "nameless"},
};
static struct page_service PAGE_SERVICES[] = {
    {.type = "urn:x:service:s:1", .id = "urn:x:serviceId:one", .scpd_url = "http://192.0.2.9/1"},
    {.type = "urn:x:service:s:1", .id = "urn:x:serviceId:two", .scpd_url = "http://192.0.2.9/2"},
    {.type = "urn:x:service:m:1", .id = "urn:x:serviceId:m", .device = 1},
};
static struct page_icon PAGE_ICONS[] = {{"http://192.0.2.9/i.png", "image/png", 48, 32, 24, 0},
    {"http://192.0.2.9/c.png", NULL, 0, 0, 0, 2}};
static const struct device_page PAGE = {.devices = PAGE_DEVICES,
    .services = PAGE_SERVICES,
    .icons = PAGE_ICONS,
    .device_count = COUNT_OF(PAGE_DEVICES),
    .service_count = COUNT_OF(PAGE_SERVICES),
    .icon_count = COUNT_OF(PAGE_ICONS)};

/* uuid:a announces one of its services and has a page. */
static void describe(uint32_t link)
{
	static const struct sighted_service SERVICE = {.type = SLICE("urn:x:service:s:1")};
	struct sighting sighting = seen(&FIXTURE_SSDP, link);
	sighting.services = &SERVICE;
	sighting.service_count = 1;
	sighting.url = SLICE("http://192.0.2.9/d.xml");
	ck_assert_int_eq(control_fixture_observe(&f, sighting), 0);
	sighting.event = SIGHTING_DESCRIBED;
	sighting.page = &PAGE;
	sighting.services = NULL;
	sighting.service_count = 0;
	ck_assert_int_eq(control_fixture_observe(&f, sighting), 0);
}

START_TEST(a_service_of_the_page_is_shown_once)
{
	describe(2);
	struct json_object *device = control_shown(&f, "uuid:a");
	EXPECT_AT(device, "endpoints.0.services.0.key", "urn:x:serviceId:one");
	EXPECT_AT(device, "endpoints.0.services.0.expires_in", "1800");
	EXPECT_AT(device, "endpoints.0.services.0.scpd_url", "http://192.0.2.9/1");
	EXPECT_AT(device, "endpoints.0.services.1.key", "urn:x:serviceId:two");
	EXPECT_AT(device, "endpoints.0.services.1.expires_in", "null");
	EXPECT_AT(device, "endpoints.0.services.1.scpd_url", "http://192.0.2.9/2");
	EXPECT_AT(device, "endpoints.0.services.2", "missing");
	EXPECT_AT(device, "endpoints.0.icons",
	    "[ { \"url\": \"http:\\/\\/192.0.2.9\\/i.png\", \"mimetype\": \"image\\/png\", "
	    "\"width\": 48, \"height\": 32, \"depth\": 24 } ]");
	json_object_put(device);
}
END_TEST

START_TEST(what_only_the_page_names_is_an_endpoint_with_a_parent)
{
	describe(2);
	struct json_object *device = control_shown(&f, "uuid:a");
	EXPECT_AT(device, "ids", "[ \"uuid:B\", \"uuid:c\" ]");
	EXPECT_AT(device, "endpoints.0.parent", "null");
	EXPECT_AT(device, "endpoints.1.key", "uuid:B");
	EXPECT_AT(device, "endpoints.1.name", "middle");
	EXPECT_AT(device, "endpoints.1.type", "urn:x:device:m:1");
	EXPECT_AT(device, "endpoints.1.parent", "uuid:a");
	EXPECT_AT(device, "endpoints.1.protocol", "ssdp");
	EXPECT_AT(device, "endpoints.1.url", "http://192.0.2.9/d.xml");
	EXPECT_AT(device, "endpoints.1.services.0.key", "urn:x:serviceId:m");
	EXPECT_AT(device, "endpoints.1.services.1", "missing");
	EXPECT_AT(device, "endpoints.2.key", "uuid:c");
	EXPECT_AT(device, "endpoints.2.parent", "uuid:B");
	EXPECT_AT(device, "endpoints.2.icons.0.url", "http://192.0.2.9/c.png");
	EXPECT_AT(device, "endpoints.2.icons.0.width", "null");
	EXPECT_AT(device, "endpoints.3", "missing");
	json_object_put(device);
}
END_TEST

START_TEST(an_embedded_device_that_was_heard_is_shown_once)
{
	struct sighting embedded = seen(&FIXTURE_SSDP, 2);
	embedded.key = key_of_id(SLICE("uuid:b"));
	describe(2);
	describe(3);
	control_fixture_observe(&f, embedded);
	struct json_object *device = control_shown(&f, "uuid:a");
	EXPECT_AT(device, "endpoints.2.key", "uuid:b");
	EXPECT_AT(device, "endpoints.2.parent", "uuid:a");
	EXPECT_AT(device, "endpoints.3.key", "uuid:c");
	EXPECT_AT(device, "endpoints.3.parent", "uuid:B");
	EXPECT_AT(device, "endpoints.4", "missing");
	json_object_put(device);
}
END_TEST

START_TEST(an_endpoint_without_a_key_has_its_address)
{
	struct sighting sighting = seen(&FIXTURE_BROADCAST, 2);
	sighting.key = key_of_id(SLICE_NONE);
	control_fixture_observe(&f, sighting);
	struct json_object *device = control_shown(&f, "address:192.0.2.9%2");
	EXPECT_AT(device, "id", "address:192.0.2.9%eth0");
	EXPECT_AT(device, "ids", "[ ]");
	EXPECT_AT(device, "endpoints.0.key", "192.0.2.9%eth0");
	json_object_put(device);
}
END_TEST

START_TEST(a_uuid_has_one_spelling)
{
	struct sighting sighting = seen(&FIXTURE_SSDP, 2);
	sighting.key = key_of_id(SLICE("urn:uuid:0000000A-0000-0000-0000-00000000000B"));
	control_fixture_observe(&f, sighting);
	struct json_object *device = control_shown(&f, "0000000a-0000-0000-0000-00000000000b");
	EXPECT_AT(device, "id", "uuid:0000000a-0000-0000-0000-00000000000b");
	EXPECT_AT(device, "ids", "[ ]");
	EXPECT_AT(device, "endpoints.0.key", "uuid:0000000a-0000-0000-0000-00000000000b");
	json_object_put(device);
}
END_TEST

START_TEST(a_neighbour_shows_what_the_kernel_knows)
{
	control_fixture_neighbour(&f, 9);
	struct json_object *device = control_shown(&f, "mac:02:00:00:00:00:09");
	EXPECT_AT(device, "kind", "neighbour");
	EXPECT_AT(device, "name", "192.0.2.9");
	EXPECT_AT(device, "protocols", "[ \"neighbour\" ]");
	EXPECT_AT(device, "addresses.0.mac", "02:00:00:00:00:09");
	EXPECT_AT(device, "endpoints.0.kind", "neighbour");
	json_object_put(device);
}
END_TEST

START_TEST(an_interface_that_is_gone_is_shown_by_its_index)
{
	control_fixture_observe(&f, seen(&FIXTURE_SSDP, 9));
	struct json_object *device = control_shown(&f, "uuid:a");
	EXPECT_AT(device, "addresses.0.interface", "9");
	json_object_put(device);
}
END_TEST

static const char *vendor_of(void *context, const struct mac *mac)
{
	(void)context;
	return mac->bytes[5] & 1 ? "Example \"Works\" GmbH & Co" : NULL;
}

/* Texts that need an escape, or look as if they did. */
static const char *const HOSTILE[] = {"plain", "a \"quote\" and a \\ backslash", "\\", "\"",
    "{\"id\":null},", "/slash\x7f",
    "Gr\xc3\xbc\xc3\x9f"
    "e \xe5\xae\xa2\xe5\x8e\x85 \xf0\x9f\x96\xa8",
    "\xff\xfe no UTF-8", "\b\f\n\r\t controls \x01\x1f", "\xe2\x80\xae\xe2\x80\xa8 invisible", "'",
    ","};

/* Device `number` says what the bits of its number say. */
static void observe_variant(unsigned number)
{
	const char *hostile = HOSTILE[number % COUNT_OF(HOSTILE)];
	const struct sighted_service services[] = {{.type = SLICE("urn:x:service:s:1")},
	    {.key = slice_of(hostile),
		.type = SLICE("_ipp._tcp"),
		.name = slice_of(hostile),
		.url = SLICE("/ipp"),
		.txt = SLICE("\4a=b=\1x\2=y\4A=no\3a=c\4c=\xff\xfe\6\"q\"=\\1\2x=\6\tk=\n\r1"),
		.port = 631},
	    {.type = SLICE("_x._udp"), .url = slice_of(hostile)}};
	char id[32];
	struct sighting sighting;

	snprintf(id, sizeof(id), "uuid:variant-%u", number);
	sighting = control_sighting(number % 7 ? id : NULL, (uint8_t)(10 + number));
	sighting.protocol = number & 1 ? &FIXTURE_SSDP : &FIXTURE_BROADCAST;
	sighting.link = 2 + number % 3;
	for (size_t i = 0; i < FACTS; i++)
		if (number & 2 || number % FACTS == i)
			sighting.facts[i] = slice_of(HOSTILE[(number + i) % COUNT_OF(HOSTILE)]);
	if (number & 4)
		sighting.mac = (struct mac){{2 * (number % 3), 1, 2, 3, 4, number}, true};
	if (number & 8)
		sighting.epoch = (struct sighting_number){true, UINT32_MAX - number};
	if (number & 16)
		sighting.revision = (struct sighting_number){true, number - 16};
	if (number & 32)
		sighting.url = SLICE("http://192.0.2.9/d.xml?a=\"b\"");
	sighting.services = services;
	sighting.service_count = number % (COUNT_OF(services) + 1);
	sighting.lifetime = SECONDS(30) * (number + 1) + number;
	sighting.verified = number % 5 == 0;
	if (number % 3 == 0)
		address_parse(SLICE("2001:db8::9"), &sighting.also);
	control_fixture_observe(&f, sighting);
	if (number % 4)
		table_set_device_reachable(f.table, f.now, slice_of(id), number % 4 == 1);
	control_fixture_later(&f, SECONDS(1) + 1000 * number);
	struct device *device = (struct device *)control_fixture_find(&f, id);
	if (device)
		device->flags = number & 7;
}

/* All that List sends, a device a line. */
static char *listed(void)
{
	char *text = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&text, &len);

	control_say(
	    &f, "{'method':'io.discoverd.List','parameters':{'filter':{'neighbours':true}}}");
	control_drain(&f, 1000);
	for (size_t i = 0; i < f.heard_len; i++)
		fprintf(stream, "%s%c", strncmp(f.heard + i, "{\"id\"", 5) ? "" : "\n",
		    f.heard[i] ? f.heard[i] : '\n');
	fclose(stream);
	return text;
}

static void compare_lines(struct slice text, struct slice golden)
{
	struct slice line, wanted;

	while (slice_cut(&golden, '\n', &wanted)) {
		ck_assert(slice_cut(&text, '\n', &line));
		ck_assert_msg(slice_equal(line, wanted), "%.*s\nis not\n%.*s", SLICE_ARGS(line),
		    SLICE_ARGS(wanted));
	}
	ck_assert_uint_eq(text.len, 0);
}

START_TEST(each_byte_is_as_in_the_golden_file)
{
	char *golden = NULL, *text;
	size_t capacity = 0;
	FILE *file = fopen(GOLDEN "/control/list.json", "r");

	f.host.vendor = vendor_of;
	f.now = instant_add(f.now, SECONDS(86400) * 59 - SECONDS(12000));
	describe(2);
	control_fixture_later(&f, SECONDS(1));
	for (unsigned number = 0; number < 64; number++)
		observe_variant(number);
	control_fixture_neighbour(&f, 200);
	text = listed();
	ck_assert_ptr_nonnull(file);
	ck_assert_int_gt(getdelim(&golden, &capacity, -1, file), 0);
	fclose(file);
	compare_lines(slice_of(text), slice_of(golden));
	free(golden);
	free(text);
}
END_TEST

Suite *device_json_suite(void)
{
	Suite *suite = suite_create("control/device_json");
	TCase *tcase = tcase_create("device_json");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, every_key_is_there_when_nothing_is_known);
	tcase_add_test(tcase, one_address_by_two_protocols_is_one_address);
	tcase_add_test(tcase, the_address_to_show_comes_first);
	tcase_add_test(tcase, what_is_known_is_shown);
	tcase_add_test(tcase, a_service_of_the_page_is_shown_once);
	tcase_add_test(tcase, what_only_the_page_names_is_an_endpoint_with_a_parent);
	tcase_add_test(tcase, an_embedded_device_that_was_heard_is_shown_once);
	tcase_add_test(tcase, an_endpoint_without_a_key_has_its_address);
	tcase_add_test(tcase, a_uuid_has_one_spelling);
	tcase_add_test(tcase, a_neighbour_shows_what_the_kernel_knows);
	tcase_add_test(tcase, an_interface_that_is_gone_is_shown_by_its_index);
	tcase_add_test(tcase, each_byte_is_as_in_the_golden_file);
	suite_add_tcase(suite, tcase);
	return suite;
}
