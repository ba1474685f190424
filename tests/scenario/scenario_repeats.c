/* SPDX-License-Identifier: ISC
 * Scenarios of messages that are heard again: what is recognized by its hash does the same as what
 * is read. Two hosts hear the same random messages; one of them reads each. DISCOVERD_TEST_SEEDS is
 * how many seeds are tried, DISCOVERD_TEST_SEED the first. */
#include "base/array.h"
#include "host.h"
#include "id_of.h"
#include "scenarios.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = 300, MESSAGES = 10, MESSAGE_MAX = 700, DUMP_MAX = 256 * 1024 };

#define UDN "uuid:00000000-0000-5000-8000-0000000000c%u"

static const char PAGE[] =
    "<root><device><deviceType>urn:schemas-upnp-org:device:Basic:1</deviceType>"
    "<friendlyName>Described</friendlyName><manufacturer>Maker</manufacturer>"
    "<modelName>Model</modelName><serialNumber>%u</serialNumber><UDN>" UDN "</UDN>"
    "<serviceList><service><serviceType>urn:schemas-upnp-org:service:A:1</serviceType>"
    "<serviceId>urn:upnp-org:serviceId:A</serviceId><SCPDURL>/s</SCPDURL>"
    "<controlURL>/c</controlURL><eventSubURL>/e</eventSubURL></service></serviceList>"
    "</device></root>";

/* One of the two; `reads`: nothing that it hears is known to it. */
struct listener {
	struct world *world;
	struct host *host;
	bool reads;
	uint64_t offer; /* of a program, or 0 */
	char pages[4][sizeof(PAGE) + 64];
};

static void listener_init(struct listener *listener, uint64_t seed, bool reads)
{
	listener->world = world_new(seed, WITH_SSDP);
	listener->host = world_add_running_host(listener->world);
	listener->reads = reads;
	listener->offer = 0;
	host_plug(listener->host, 3, 2, "10.2.0.1");
	world_run(listener->world, SECONDS(20));
}

struct step {
	char text[MESSAGE_MAX];
	unsigned from, link, port, what, mac;
	bool unicast, stale;
	int64_t pause;
};

static const char *const SENDERS[] = {
    "10.1.0.21", "10.1.0.22", "10.1.0.23", "10.2.0.21", "10.2.0.22", "10.1.0.1"};

static unsigned pick(struct rng *rng, unsigned count)
{
	return (unsigned)rng_below(rng, count);
}

static unsigned one_in(struct rng *rng, unsigned count)
{
	return pick(rng, count) == 0;
}

static void write_header(struct writer *w, struct rng *rng, const char *name, unsigned count)
{
	if (!one_in(rng, 3))
		writer_format(w, "%s: %u\r\n", name, pick(rng, count) + 1);
}

static void write_notify(struct rng *rng, struct step *step, struct writer *w)
{
	static const char *const TARGETS[] = {"upnp:rootdevice", "",
	    "urn:schemas-upnp-org:device:Basic:1", "urn:schemas-upnp-org:device:Other:1",
	    "urn:schemas-upnp-org:service:A:1", "urn:schemas-upnp-org:service:B:1"};
	static const unsigned LIFETIMES[] = {1, 60, 1800, 86400};
	const char *kind = one_in(rng, 8) ? "byebye" : one_in(rng, 12) ? "update" : "alive";
	const char *target = TARGETS[pick(rng, COUNT_OF(TARGETS))];
	char udn[64];

	snprintf(udn, sizeof(udn), UDN, pick(rng, 3));
	writer_format(
	    w, "NOTIFY * HTTP/1.1\r\nNT: %s\r\nNTS: ssdp:%s\r\n", target[0] ? target : udn, kind);
	writer_format(w, "CACHE-CONTROL: max-age=%u\r\nUSN: %s%s%s\r\n",
	    LIFETIMES[pick(rng, COUNT_OF(LIFETIMES))], udn, target[0] ? "::" : "", target);
	if (!one_in(rng, 4))
		writer_format(w, "LOCATION: http://%s/%u.xml\r\n",
		    SENDERS[one_in(rng, 6) ? 0 : step->from], pick(rng, 3));
	if (!one_in(rng, 4))
		writer_format(w, "SERVER: OS/1 UPnP/1.1 %s%u/1\r\n",
		    one_in(rng, 4) ? "two  blanks " : "", pick(rng, 2));
	write_header(w, rng, "BOOTID.UPNP.ORG", 2);
	write_header(w, rng, "CONFIGID.UPNP.ORG", 2);
	if (strcmp(kind, "update") == 0)
		write_header(w, rng, "NEXTBOOTID.UPNP.ORG", 3);
	if (one_in(rng, 3))
		writer_format(w, "SEARCHPORT.UPNP.ORG: %u\r\n", 49152 + pick(rng, 2));
}

static void write_search(struct rng *rng, struct writer *w)
{
	static const char *const TARGETS[] = {"upnp:rootdevice", "ssdp:all",
	    "urn:schemas-upnp-org:device:Offered:1", "urn:schemas-upnp-org:device:Offered:2",
	    "urn:schemas-upnp-org:device:None:1"};

	writer_format(w, "M-SEARCH * HTTP/1.1\r\nMAN: \"ssdp:discover\"\r\n%sST: %s\r\n",
	    one_in(rng, 4) ? "" : "MX: 1\r\n", TARGETS[pick(rng, COUNT_OF(TARGETS))]);
	if (!one_in(rng, 3))
		writer_format(w, "CPUUID.UPNP.ORG: " UDN "\r\nCPFN.UPNP.ORG: Point %u\r\n",
		    pick(rng, 3), pick(rng, 2));
}

static void make_message(struct rng *rng, struct step *step)
{
	struct writer w;

	step->from = pick(rng, COUNT_OF(SENDERS));
	step->link = one_in(rng, 10)                           ? 2 + pick(rng, 2)
		     : strncmp(SENDERS[step->from], "10.2", 4) ? 2
							       : 3;
	step->port = one_in(rng, 12) ? 0 : 1900;
	step->unicast = one_in(rng, 6);
	writer_init(&w, step->text, sizeof(step->text));
	if (one_in(rng, 4))
		write_search(rng, &w);
	else
		write_notify(rng, step, &w);
	writer_text(&w, "\r\n");
	ck_assert_int_eq(writer_error(&w), 0);
	step->text[w.len] = '\0';
}

/* What happens besides, if anything does. */
enum { NOTHING, MAC, LEARN, PAGE_CHANGES, LINK_GOES, RELOAD, PROGRAM, KINDS };

static void make_step(struct rng *rng, const struct step *messages, struct step *step)
{
	static const int64_t PAUSES[] = {0, 0, 0, 0, MILLISECONDS(100), MILLISECONDS(700),
	    SECONDS(2), SECONDS(2), SECONDS(11), SECONDS(70), SECONDS(700)};

	*step = messages[pick(rng, MESSAGES)];
	step->what = one_in(rng, 12) ? pick(rng, KINDS) : NOTHING;
	step->mac = pick(rng, 4);
	step->stale = one_in(rng, 3);
	step->pause = PAUSES[pick(rng, COUNT_OF(PAUSES))];
	if (one_in(rng, 12))
		step->from = pick(rng, COUNT_OF(SENDERS));
	if (one_in(rng, 4))
		step->port = 5000 + pick(rng, 2);
}

/* A program announces a device, or does not any more. */
static void change_program(struct listener *listener)
{
	struct host *host = listener->host;
	struct core_offered offered;

	if (listener->offer) {
		core_withdraw(host->core, listener->world->now, listener->offer);
		listener->offer = 0;
		return;
	}
	struct offer *offer = offer_new();
	offer_add_device(offer, 0)->type = strdup("urn:schemas-upnp-org:device:Offered:1");
	offer->source = OFFER_SOURCE_CONTROL;
	offer->url = strdup("http://*:80/offered.xml");
	ck_assert_int_eq(core_offer(host->core, listener->world->now, offer, &offered), 0);
	listener->offer = offered.number;
}

static void happen(struct listener *listener, const struct step *step)
{
	static const char *const CONFIGS[] = {"[Table]\nmax-devices = 16\n", "[HTTP]\nfetch = no\n",
	    "[Device]\nuuid = 00000000-0000-5000-8000-0000000000c0\n", ""};
	const char *from = SENDERS[step->from];
	struct host *host = listener->host;

	if (step->what == MAC || step->what == LEARN)
		world_set_mac(
		    listener->world, 1 + (from[3] == '2'), from, (uint16_t)step->mac, step->stale);
	if (step->what == LEARN)
		host_learn_macs(host);
	if (step->what == PAGE_CHANGES) {
		static const char *const PATHS[] = {"/0.xml", "/1.xml", "/2.xml", "/3.xml"};
		char *page = listener->pages[step->mac];
		snprintf(page, sizeof(PAGE) + 64, PAGE, step->mac, step->mac % 3);
		world_serve(listener->world, from, 80, PATHS[step->mac], step->stale ? NULL : page);
	}
	if (step->what == LINK_GOES) {
		host_unplug(host, 3);
		host_plug(host, 3, 2, "10.2.0.1");
	}
	if (step->what == PROGRAM)
		change_program(listener);
	if (step->what == RELOAD)
		host_configure(host, CONFIGS[step->mac]);
}

static void hear(struct listener *listener, const struct step *step)
{
	struct host *host = listener->host;
	struct datagram datagram = {
	    .link = step->link, .from.port = (uint16_t)step->port, .bytes = slice_of(step->text)};
	const char *to = !step->unicast    ? "239.255.255.250"
			 : step->link == 2 ? "10.1.0.1"
					   : "10.2.0.1";

	ck_assert_int_eq(address_parse(slice_of(SENDERS[step->from]), &datagram.from.address), 0);
	ck_assert_int_eq(address_parse(slice_of(to), &datagram.to), 0);
	happen(listener, step);
	/* the same links: what was heard before may mean something else now */
	if (listener->reads)
		core_set_links(host->core, listener->world->now, &host->links);
	host_receive(host, &datagram, 1900);
	world_run(listener->world, step->pause);
}

/* Moments are compared from now on. */
static void dump_moment(struct writer *w, const char *name, struct instant at)
{
	writer_format(w, " %s=%" PRId64, name, at.us);
}

static const char *text_of(const char *string)
{
	return string ? string : "-";
}

static void dump_presence(struct writer *w, const struct presence *presence)
{
	writer_text(w, "\n    ");
	address_format(&presence->address, w);
	writer_format(w, " %s %u %d%d%d%d%d %02x%02x", text_of(presence->url), presence->port,
	    presence->departing, presence->unsure, presence->cut_short, presence->taken,
	    presence->mac.known, presence->mac.bytes[4], presence->mac.bytes[5]);
	dump_moment(w, "expires", presence->expires);
	dump_moment(w, "promised", presence->promised);
	dump_moment(w, "reconfirmable", presence->reconfirmable);
}

static void dump_endpoint(struct writer *w, const struct endpoint *endpoint)
{
	const struct presence *presence;
	char key[KEY_TEXT_MAX];

	writer_format(w, "\n  %s link=%u claim=%u", endpoint_key_text(endpoint, key),
	    endpoint->link, endpoint->claim);
	writer_format(w, " %s %s", text_of(endpoint->url), text_of(endpoint->next_url));
	for (size_t i = 0; i < FACTS; i++)
		writer_format(w, " %s", text_of(endpoint_fact(endpoint, i)));
	writer_format(w, " %d.%u/%u %d.%u", endpoint->has_epoch, endpoint->epoch,
	    endpoint->former_epoch, endpoint->has_revision, endpoint->revision);
	writer_format(w, " %d%d%d%d%d%d%d%d%d%d", endpoint->guest, endpoint->renumbered,
	    endpoint->type_settled, endpoint->is_device, endpoint->primary, endpoint->described,
	    endpoint->verified, endpoint->answers, endpoint->by_page, endpoint->busy);
	dump_moment(w, "first", endpoint->first_seen);
	dump_moment(w, "last", endpoint->last_seen);
	dump_moment(w, "epoch", endpoint->epoch_since);
	dump_moment(w, "url", endpoint->url_expires);
	dump_moment(w, "due", (struct instant){endpoint->by_expiry.key});
	STAILQ_FOREACH(presence, &endpoint->presences, next)
	dump_presence(w, presence);
	for (size_t i = 0; i < endpoint->service_count; i++) {
		const struct service *service = &endpoint->services[i];
		writer_format(w, "\n    %s %s %s %d", service->type, text_of(service->key),
		    text_of(service->url), service->described);
		dump_moment(w, "expires", service->expires);
	}
}

static void dump_counters(struct writer *w, const struct counter_group *group)
{
	writer_format(w, "%s:", group->group);
	for (size_t i = 0; i < group->count; i++)
		writer_format(w, " %" PRIu64, group->counters[i].value);
	writer_char(w, '\n');
}

/* All that can be seen of a host, and what decides what it does later. */
static void dump(const struct listener *listener, char *text)
{
	const struct host *host = listener->host;
	const struct device *device;
	const struct endpoint *endpoint;
	struct table_cursor cursor;
	struct counter_group group;
	struct writer w;

	writer_init(&w, text, DUMP_MAX);
	for (size_t i = 0; core_counters(host->core, i, &group); i++)
		dump_counters(&w, &group);
	for (size_t i = 0; CORE_ENGINES[i]; i++) {
		group = core_engine_counters(host->core, i);
		dump_counters(&w, &group);
	}
	dump_moment(&w, "deadline", core_deadline(host->core));
	writer_format(
	    &w, " sent=%" PRIu64 " fetches=%u\n%s", host->sent, host->fetches, host->told);
	table_cursor_open(&cursor, core_table(host->core));
	while ((device = table_cursor_next(&cursor))) {
		writer_format(&w, "\n%s %u %u%u%d", ID_OF(device), device->flags, device->reachable,
		    device->reported_kind, device->reported);
		dump_moment(&w, "last", device->last_seen);
		dump_moment(&w, "report", (struct instant){device->by_report.key});
		for (size_t i = 0; i < DEVICE_FIELDS; i++)
			writer_format(&w, " %x", device->shown[i]);
		TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
		dump_endpoint(&w, endpoint);
	}
	table_cursor_close(&cursor);
	ck_assert_int_eq(writer_error(&w), 0);
	text[w.len] = '\0';
}

/* Where the first difference is. */
static void report(uint64_t seed, unsigned number, const struct step *step, char dumps[2][DUMP_MAX])
{
	const char *a = dumps[0], *b = dumps[1], *end;
	size_t same = 0, line = 0;

	for (; a[same] == b[same]; same++)
		if (a[same] == '\n')
			line = same + 1;
	end = strchr(a + same, '\n');
	ck_abort_msg("seed %" PRIu64 ", step %u, from %s:\n%s\n%.*s\n%.*s", seed, number,
	    SENDERS[step->from], step->text, (int)(end ? end - a - line : 500), a + line, 500,
	    b + line);
}

/* How many sightings fewer the one that recognizes messages made. */
static unsigned compare(uint64_t seed)
{
	static char dumps[2][DUMP_MAX];
	struct step messages[MESSAGES], step;
	struct listener two[2];
	struct rng rng;

	rng_init(&rng, seed);
	for (size_t i = 0; i < MESSAGES; i++)
		make_message(&rng, &messages[i]);
	for (size_t i = 0; i < 2; i++)
		listener_init(&two[i], seed, i == 1);
	for (unsigned number = 0; number < STEPS; number++) {
		make_step(&rng, messages, &step);
		for (size_t i = 0; i < 2; i++) {
			hear(&two[i], &step);
			dump(&two[i], dumps[i]);
		}
		if (strcmp(dumps[0], dumps[1]) != 0)
			report(seed, number, &step, dumps);
	}
	unsigned fewer = two[1].host->sightings - two[0].host->sightings;
	for (size_t i = 0; i < 2; i++)
		world_free(two[i].world);
	return fewer;
}

static uint64_t number_of(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 10) : otherwise;
}

START_TEST(what_is_heard_again_does_the_same_as_what_is_read)
{
	uint64_t first = number_of("DISCOVERD_TEST_SEED", 0);
	uint64_t seeds = number_of("DISCOVERD_TEST_SEEDS", 40), recognized = 0;

	for (uint64_t seed = first; seed < first + seeds; seed++)
		recognized += compare(seed);
	ck_assert_uint_gt(recognized, seeds * STEPS / 20);
}
END_TEST

Suite *repeats_suite(void)
{
	Suite *suite = suite_create("repeats");
	TCase *tcase = tcase_create("random");

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, what_is_heard_again_does_the_same_as_what_is_read);
	suite_add_tcase(suite, tcase);
	return suite;
}
