/* SPDX-License-Identifier: ISC
 * Scenarios of devices that speak WS-Discovery, in both of its dialects. */
#include "base/array.h"
#include "host.h"
#include "scenarios.h"
#include "wire/wsd_message.h"
#include "world.h"
#include <stdio.h>
#include <string.h>

enum { WSD_PORT = 3702, HTTP_PORT = 5357, MESSAGE_MAX = 4096, PAGE_MAX = 2048, DEVICES_MAX = 12 };
#define ROUND SECONDS(900)

static const struct {
	const char *discovery, *addressing, *profile;
} DIALECTS[WSD_DIALECTS] = {
    [WSD_2005] = {"http://schemas.xmlsoap.org/ws/2005/04/discovery",
	"http://schemas.xmlsoap.org/ws/2004/08/addressing",
	"http://schemas.xmlsoap.org/ws/2006/02/devprof"},
    [WSD_1_1] = {"http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01",
	"http://www.w3.org/2005/08/addressing", "http://docs.oasis-open.org/ws-dd/ns/dpws/2009/01"},
};

/* A device that is a host without a core. */
struct device_of_wsd {
	struct host *host;
	enum wsd_dialect dialect;
	unsigned version; /* of its metadata */
	bool is_silent;   /* it answers nothing */
	char key[KEY_TEXT_MAX], address[ADDRESS_TEXT_MAX], path[32], page[PAGE_MAX];
};

/* All of them are on network 1, beside the host that observes them. */
struct setting {
	struct world *world;
	struct host *observer;
	struct device_of_wsd devices[DEVICES_MAX];
	size_t device_count;
};
static struct setting setting;

/* Its identity, its type and its version, and where its metadata is. */
static void write_match(const struct device_of_wsd *device, bool xaddrs, struct writer *w)
{
	writer_format(w,
	    "<a:EndpointReference><a:Address>urn:%s</a:Address></a:EndpointReference>"
	    "<d:Types>wprt:PrintDeviceType</d:Types>",
	    device->key);
	if (xaddrs)
		writer_format(w, "<d:XAddrs>http://%s:%d%s</d:XAddrs>", device->address, HTTP_PORT,
		    device->path);
	writer_format(w, "<d:MetadataVersion>%u</d:MetadataVersion>", device->version);
}

/* "Hello", or "ResolveMatches" with a "ResolveMatch" in it. */
static void send_message(const struct device_of_wsd *device, const char *word, const char *inner,
    bool xaddrs, const struct address_port *to)
{
	char text[MESSAGE_MAX];
	struct address_port from = {.port = WSD_PORT};
	struct writer w;

	writer_init(&w, text, sizeof(text));
	writer_format(&w,
	    "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" xmlns:a=\"%s\" "
	    "xmlns:d=\"%s\"><s:Header><a:MessageID>urn:uuid:0</a:MessageID></"
	    "s:Header><s:Body><d:%s>",
	    DIALECTS[device->dialect].addressing, DIALECTS[device->dialect].discovery, word);
	writer_format(&w, inner ? "<d:%s>" : "", inner);
	write_match(device, xaddrs, &w);
	writer_format(&w, inner ? "</d:%s>" : "", inner);
	writer_format(&w, "</d:%s></s:Body></s:Envelope>", word);
	ck_assert_int_eq(writer_error(&w), 0);
	ck_assert_int_eq(address_parse(slice_of(device->address), &from.address), 0);
	struct outbox_send send = {
	    .channel = CHANNEL_SHARED, .link = 2, .to = *to, .bytes = writer_result(&w)};
	world_send(device->host->world, device->host, &send, &from);
}

/* SOAP over UDP repeats what is multicast. */
static void multicast(const struct device_of_wsd *device, const char *word, bool xaddrs)
{
	const struct address_port group = {address_ipv4(239, 255, 255, 250), WSD_PORT};

	for (int i = 0; i < 2; i++) {
		send_message(device, word, NULL, xaddrs, &group);
		world_run(device->host->world, MILLISECONDS(100));
	}
}

static struct device_of_wsd *find_device(const struct host *host)
{
	for (size_t i = 0; i < setting.device_count; i++)
		if (setting.devices[i].host == host)
			return &setting.devices[i];
	return NULL;
}

/* Answers in its dialect; XAddrs only to a Resolve. */
static void hear(struct host *host, const struct datagram *datagram, uint16_t port)
{
	static struct wsd_message message;
	const struct device_of_wsd *device = find_device(host);

	(void)port;
	if (device->is_silent || wsd_parse(datagram->bytes, &message) ||
	    message.dialect != device->dialect)
		return;
	if (message.kind == WSD_PROBE)
		send_message(device, "ProbeMatches", "ProbeMatch", false, &datagram->from);
	if (message.kind == WSD_RESOLVE &&
	    slice_ends_with(message.matches[0].address, slice_of(device->key)))
		send_message(device, "ResolveMatches", "ResolveMatch", true, &datagram->from);
}

static const struct host_program PROGRAM = {.receive = hear};

/* Its metadata is another version from now on. */
static void describe(struct device_of_wsd *device, const char *name)
{
	const char *profile = DIALECTS[device->dialect].profile;

	device->version++;
	snprintf(device->page, sizeof(device->page),
	    "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"><s:Body>"
	    "<m:Metadata xmlns:m=\"http://schemas.xmlsoap.org/ws/2004/09/mex\" xmlns:p=\"%s\">"
	    "<m:MetadataSection Dialect=\"%s/ThisDevice\"><p:ThisDevice>"
	    "<p:FriendlyName>%s</p:FriendlyName></p:ThisDevice></m:MetadataSection></m:Metadata>"
	    "</s:Body></s:Envelope>",
	    profile, profile, name);
	world_serve(setting.world, device->address, HTTP_PORT, device->path, device->page);
}

static struct device_of_wsd *add_device(enum wsd_dialect dialect, const char *name)
{
	struct device_of_wsd *device = &setting.devices[setting.device_count++];

	ck_assert_uint_le(setting.device_count, DEVICES_MAX);
	*device = (struct device_of_wsd){.host = world_add_host(setting.world), .dialect = dialect};
	device->host->program = &PROGRAM;
	snprintf(device->key, sizeof(device->key), "uuid:00000000-0000-5000-8000-0000000000%02x",
	    device->host->number);
	snprintf(device->address, sizeof(device->address), "10.1.0.%u", device->host->number);
	snprintf(device->path, sizeof(device->path), "/%u", device->host->number);
	host_plug(device->host, 2, 1, device->address);
	describe(device, name);
	return device;
}

static void set_up(void)
{
	setting = (struct setting){.world = world_new(1, WITH_WSD)};
	setting.observer = world_add_host(setting.world);
	host_plug(setting.observer, 2, 1, "10.1.0.1");
}

static void tear_down(void)
{
	world_free(setting.world);
}

/* What is listed of it; NULL where it is not. */
static const struct endpoint *listed(const struct device_of_wsd *device)
{
	const struct device *row = host_device(setting.observer, device->key);

	return row ? device_endpoint(row, "wsd", device->key) : NULL;
}

static bool has_name(const struct device_of_wsd *device, const char *name)
{
	const struct endpoint *endpoint = listed(device);

	return endpoint && endpoint_fact(endpoint, FACT_NAME) &&
	       strcmp(endpoint_fact(endpoint, FACT_NAME), name) == 0;
}

START_TEST(a_hello_is_resolved_and_described_until_bye)
{
	host_start(setting.observer);
	world_run(setting.world, SECONDS(10));
	struct device_of_wsd *device = add_device((enum wsd_dialect)_i, "Laser");

	multicast(device, "Hello", false);
	world_run(setting.world, SECONDS(2));
	ck_assert(has_name(device, "Laser"));
	ck_assert_str_eq(endpoint_fact(listed(device), FACT_TYPE), "wprt:PrintDeviceType");
	ck_assert_uint_eq(setting.observer->fetches, 1);
	device->is_silent = true;
	multicast(device, "Bye", false);
	world_run(setting.world, SECONDS(2));
	ck_assert_ptr_null(listed(device));
	ck_assert_uint_eq(host_count(setting.observer), 0);
}
END_TEST

START_TEST(what_was_there_before_answers_the_probe_and_is_resolved)
{
	struct device_of_wsd *device = add_device((enum wsd_dialect)_i, "Laser");

	host_start(setting.observer);
	world_run(setting.world, SECONDS(3));
	ck_assert(has_name(device, "Laser"));
	ck_assert(listed(device)->verified);
	world_run(setting.world, 8 * ROUND);
	ck_assert_uint_eq(setting.observer->fetches, 1);
	ck_assert_uint_eq(setting.observer->events[TABLE_REMOVED], 0);
}
END_TEST

START_TEST(another_version_of_the_metadata_is_read)
{
	host_start(setting.observer);
	struct device_of_wsd *device = add_device((enum wsd_dialect)_i, "Laser");

	multicast(device, "Hello", true);
	world_run(setting.world, SECONDS(2));
	for (int i = 0; i < 5; i++) {
		multicast(device, "Hello", true);
		world_run(setting.world, SECONDS(2));
	}
	ck_assert_uint_eq(setting.observer->fetches, 1);
	describe(device, "Laser in the hall");
	multicast(device, "Hello", true);
	world_run(setting.world, SECONDS(2));
	ck_assert_uint_eq(setting.observer->fetches, 2);
	ck_assert(has_name(device, "Laser in the hall"));
	describe(device, "Laser in the attic"); /* it says so only when it is asked */
	world_run(setting.world, 2 * ROUND);
	ck_assert_uint_eq(setting.observer->fetches, 3);
	ck_assert(has_name(device, "Laser in the attic"));
}
END_TEST

/* The protocol knows no lifetime. */
START_TEST(one_that_is_silent_for_some_rounds_goes)
{
	struct device_of_wsd *device = add_device((enum wsd_dialect)_i, "Laser");

	host_start(setting.observer);
	world_run(setting.world, SECONDS(3));
	device->is_silent = true;
	world_run(setting.world, 3 * ROUND);
	ck_assert_ptr_nonnull(listed(device));
	world_run(setting.world, 2 * ROUND);
	ck_assert_ptr_null(listed(device));
}
END_TEST

START_TEST(with_a_fifth_lost_all_are_found_named_and_kept)
{
	for (unsigned i = 0; i < DEVICES_MAX; i++)
		add_device((enum wsd_dialect)(i % WSD_DIALECTS), "Laser");
	setting.world->conditions.loss = 20;
	host_start(setting.observer);
	for (unsigned i = 0; i < DEVICES_MAX; i++)
		multicast(&setting.devices[i], "Hello", false);
	world_run(setting.world, 2 * ROUND);
	for (unsigned i = 0; i < DEVICES_MAX; i++)
		ck_assert(has_name(&setting.devices[i], "Laser"));
	ck_assert_uint_eq(host_count(setting.observer), DEVICES_MAX);
	world_run(setting.world, 8 * ROUND);
	ck_assert_uint_eq(setting.observer->events[TABLE_REMOVED], 0);
	ck_assert_uint_eq(setting.observer->fetches, DEVICES_MAX);
	for (unsigned i = 0; i < DEVICES_MAX; i++) {
		setting.devices[i].is_silent = true;
		multicast(&setting.devices[i], "Bye", false);
	}
	world_run(setting.world, 5 * ROUND);
	ck_assert_uint_eq(host_count(setting.observer), 0);
}
END_TEST

Suite *wsd_suite(void)
{
	Suite *suite = suite_create("scenario/wsd");
	TCase *tcase = tcase_create("wsd");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_loop_test(tcase, a_hello_is_resolved_and_described_until_bye, 0, WSD_DIALECTS);
	tcase_add_loop_test(
	    tcase, what_was_there_before_answers_the_probe_and_is_resolved, 0, WSD_DIALECTS);
	tcase_add_loop_test(tcase, another_version_of_the_metadata_is_read, 0, WSD_DIALECTS);
	tcase_add_loop_test(tcase, one_that_is_silent_for_some_rounds_goes, 0, WSD_DIALECTS);
	tcase_add_test(tcase, with_a_fifth_lost_all_are_found_named_and_kept);
	suite_add_tcase(suite, tcase);
	return suite;
}
