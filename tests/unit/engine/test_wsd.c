/* SPDX-License-Identifier: ISC
 * Tests of the WS-Discovery engine. */
#include "engine/wsd.h"
#include "model/link_change.h"
#include "suites.h"
#include "wire/wsd_message.h"
#include <stdio.h>
#include <string.h>

enum { ETH0 = 2, ETH1 = 3, OWN_PORT = 40000 };
#define NEIGHBOUR "192.0.2.9"
#define UUID      "00000000-0000-0000-0000-000000000002"
#define URN       "urn:uuid:" UUID
#define ENVELOPE                                                                                   \
	"<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" "                         \
	"xmlns:a=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\" "                            \
	"xmlns:d=\"http://schemas.xmlsoap.org/ws/2005/04/discovery\"><s:Header>"                   \
	"<d:AppSequence InstanceId=\"7\" MessageNumber=\"1\"/></s:Header><s:Body>"
#define REFERENCE "<a:EndpointReference><a:Address>" URN "</a:Address></a:EndpointReference>"
#define HELLO     ENVELOPE "<d:Hello>" REFERENCE "%s</d:Hello></s:Body></s:Envelope>"
#define MATCHES                                                                                    \
	ENVELOPE "<d:ProbeMatches><d:ProbeMatch>" REFERENCE "%s</d:ProbeMatch></d:ProbeMatches>"

static const struct engine_type *const ENGINES[] = {&WSD_ENGINE, NULL};
static struct config config;
static struct offers offers;
static struct link_set links;
static struct rng rng;
static struct engine_context context;
static struct engine *engine;
static struct outbox outbox;
static struct instant now;
static struct wsd_message message;

static struct address address_of(const char *text)
{
	struct address address;
	ck_assert_int_eq(address_parse(slice_of(text), &address), 0);
	return address;
}

static void add_address(uint32_t index, const char *text, uint8_t len)
{
	struct link_address address = {.prefix = {address_of(text), len}, .usable = true};
	address.broadcast = prefix_broadcast(&address.prefix);
	ck_assert_int_eq(link_add_address(link_set_find(&links, index), &address), 0);
}

static struct link *add_link(uint32_t index)
{
	struct link *link = link_set_add(&links, index);
	link->up = link->broadcast = link->multicast = true;
	return link;
}

static void set_up(void)
{
	rng_init(&rng, 1);
	now = (struct instant){SECONDS(1000)};
	ck_assert_int_eq(engine_config_init(&config, ENGINES), 0);
	link_set_init(&links);
	add_link(ETH0);
	add_address(ETH0, "192.0.2.1", 24);
	add_address(ETH0, "fe80::1", 64);
	add_link(ETH1);
	add_address(ETH1, "198.51.100.1", 24);
	context = (struct engine_context){
	    .config = &config, .offers = &offers, .links = &links, .rng = &rng, .key = {{1, 2}}};
	engine = WSD_ENGINE.create(&context);
	outbox_init(&outbox);
}

static void tear_down(void)
{
	WSD_ENGINE.destroy(engine);
	outbox_fini(&outbox);
	link_set_fini(&links);
	config_fini(&config);
}

/* Moves to the next deadline and does what is due. */
static void step(void)
{
	outbox_reset(&outbox);
	now = instant_later(now, WSD_ENGINE.deadline(engine));
	WSD_ENGINE.advance(engine, now, &outbox);
}

/* What is sent in the next seconds, by the link, the family and the dialect. */
struct sent {
	unsigned probes[ETH1 + 1][FAMILIES][WSD_DIALECTS], resolves, unicasts;
	char address[KEY_TEXT_MAX]; /* of the last Resolve */
};

static void count_send(struct sent *sent, const struct outbox_send *send)
{
	ck_assert_int_eq(wsd_parse(send->bytes, &message), 0);
	ck_assert_int_eq(send->channel, CHANNEL_OWN);
	ck_assert_uint_eq(send->to.port, 3702);
	enum family family = family_of(&send->to.address);
	if (address_is_unicast(&send->to.address))
		sent->unicasts++;
	else if (message.kind == WSD_PROBE)
		sent->probes[send->link][family][message.dialect]++;
	else
		sent->resolves++;
	if (message.kind == WSD_RESOLVE)
		snprintf(sent->address, sizeof(sent->address), "%.*s",
		    SLICE_ARGS(message.matches[0].address));
}

static struct sent sent_within(int64_t us)
{
	struct instant end = instant_add(now, us);
	struct sent sent = {0};

	while (instant_before(WSD_ENGINE.deadline(engine), end)) {
		step();
		for (size_t i = 0; i < outbox.send_count; i++)
			count_send(&sent, &outbox.sends[i]);
	}
	now = end;
	return sent;
}

static void hear_by(enum channel channel, const char *from, uint16_t port, const char *text)
{
	struct datagram datagram = {.channel = channel,
	    .link = ETH0,
	    .from = {address_of(from), port},
	    .own_port = OWN_PORT,
	    .bytes = slice_of(text)};
	outbox_reset(&outbox);
	WSD_ENGINE.input(engine, now, &datagram, &outbox);
}

/* A Hello with this behind its endpoint reference. */
static void hear_hello(const char *body)
{
	char text[4096];
	ck_assert_int_lt(snprintf(text, sizeof(text), HELLO, body), (int)sizeof(text));
	hear_by(CHANNEL_SHARED, NEIGHBOUR, 3702, text);
}

static void hear_matches(enum channel channel, const char *body)
{
	char text[4096];
	ck_assert_int_lt(snprintf(text, sizeof(text), MATCHES, body), (int)sizeof(text));
	hear_by(channel, NEIGHBOUR, 3702, text);
}

static const struct sighting *seen(void)
{
	ck_assert_uint_eq(outbox.sighting_count, 1);
	return &outbox.sightings[0];
}

static uint64_t counted(const char *counter)
{
	struct counter_group group = WSD_ENGINE.counters(engine);
	for (size_t i = 0; i < group.count; i++)
		if (strcmp(group.counters[i].name, counter) == 0)
			return group.counters[i].value;
	ck_abort_msg("no counter %s", counter);
	return 0;
}

static void assert_slice(struct slice have, const char *wanted)
{
	ck_assert_msg(slice_equal(have, slice_of(wanted)), "\"%.*s\" is not \"%s\"",
	    SLICE_ARGS(have), wanted);
}

START_TEST(each_link_is_probed_twice_in_both_dialects_at_start)
{
	WSD_ENGINE.start(engine, now, &outbox);
	struct sent sent = sent_within(SECONDS(5));
	for (enum wsd_dialect dialect = 0; dialect < WSD_DIALECTS; dialect++) {
		ck_assert_uint_eq(sent.probes[ETH0][FAMILY_IPV4][dialect], 2);
		ck_assert_uint_eq(sent.probes[ETH0][FAMILY_IPV6][dialect], 2);
		ck_assert_uint_eq(sent.probes[ETH1][FAMILY_IPV4][dialect], 2);
		ck_assert_uint_eq(sent.probes[ETH1][FAMILY_IPV6][dialect], 0);
	}
}
END_TEST

/* The ids of what the next step sends. */
static void read_ids(char ids[FAMILIES * WSD_DIALECTS][WSD_ID_MAX])
{
	step();
	ck_assert_uint_eq(outbox.send_count, FAMILIES * WSD_DIALECTS);
	for (size_t i = 0; i < outbox.send_count; i++) {
		ck_assert_int_eq(wsd_parse(outbox.sends[i].bytes, &message), 0);
		ck_assert_uint_eq(message.message_id.len, WSD_ID_MAX - 1);
		snprintf(ids[i], WSD_ID_MAX, "%.*s", SLICE_ARGS(message.message_id));
	}
}

START_TEST(a_repeat_has_the_same_id_and_a_dialect_its_own)
{
	char first[FAMILIES * WSD_DIALECTS][WSD_ID_MAX],
	    second[FAMILIES * WSD_DIALECTS][WSD_ID_MAX];

	link_set_remove(&links, ETH1);
	WSD_ENGINE.start(engine, now, &outbox);
	read_ids(first);
	read_ids(second);
	for (size_t i = 0; i < FAMILIES * WSD_DIALECTS; i++)
		ck_assert_str_eq(first[i], second[i]);
	ck_assert_str_ne(first[0], first[1]);
}
END_TEST

/* With other random intervals each time. */
START_TEST(all_are_asked_in_four_rounds_before_what_they_said_ends)
{
	rng_init(&rng, (uint64_t)_i);
	WSD_ENGINE.start(engine, now, &outbox);
	sent_within(SECONDS(5));
	hear_hello("<d:XAddrs>http://192.0.2.9/</d:XAddrs>");
	int64_t lifetime = seen()->lifetime;
	struct sent sent = sent_within(lifetime);
	ck_assert_uint_ge(sent.probes[ETH0][FAMILY_IPV4][WSD_2005], 8);
	ck_assert_uint_le(sent.probes[ETH0][FAMILY_IPV4][WSD_2005], 12);
}
END_TEST

START_TEST(a_link_that_comes_is_probed)
{
	struct link_change change = {.event = LINK_CAME};

	WSD_ENGINE.start(engine, now, &outbox);
	sent_within(SECONDS(5));
	change.link = link_set_find(&links, ETH1);
	WSD_ENGINE.link_changed(engine, now, &change, &outbox);
	change.event = LINK_ADDRESS_CAME;
	WSD_ENGINE.link_changed(engine, now, &change, &outbox);
	struct sent sent = sent_within(SECONDS(5));
	ck_assert_uint_eq(sent.probes[ETH1][FAMILY_IPV4][WSD_1_1], 2);
	ck_assert_uint_eq(sent.probes[ETH0][FAMILY_IPV4][WSD_1_1], 0);
	WSD_ENGINE.link_changed(engine, now, &change, &outbox);
	change.event = LINK_GONE;
	WSD_ENGINE.link_changed(engine, now, &change, &outbox);
	ck_assert_uint_eq(sent_within(SECONDS(5)).probes[ETH1][FAMILY_IPV4][WSD_1_1], 0);
}
END_TEST

START_TEST(a_search_probes_at_once)
{
	WSD_ENGINE.search(engine, now, SLICE("ssdp:all"), 3, &outbox);
	ck_assert_uint_eq(outbox.send_count, 6);
}
END_TEST

START_TEST(an_answer_is_one_to_its_address_and_to_each_of_its_types)
{
	struct service services[] = {{.type = "wsdp:Device"}, {.type = "wprt:PrintDeviceType"}};
	const struct endpoint endpoint = {
	    .key = key_of_id(SLICE(URN)), .services = services, .service_count = 2};

	ck_assert(WSD_ENGINE.matches(&endpoint, SLICE(URN)));
	ck_assert(WSD_ENGINE.matches(&endpoint, SLICE("uuid:" UUID)));
	ck_assert(WSD_ENGINE.matches(&endpoint, SLICE("wprt:PrintDeviceType")));
	ck_assert(!WSD_ENGINE.matches(&endpoint, SLICE("PrintDeviceType")));
	ck_assert(!WSD_ENGINE.matches(&endpoint, SLICE("ssdp:all")));
}
END_TEST

static void fail_at_mistake(void *nothing, const char *file, unsigned line, const char *what)
{
	(void)nothing;
	ck_abort_msg("%s:%u: %s", file, line, what);
}

START_TEST(another_interval_begins_a_round_at_once)
{
	struct config before;

	ck_assert_int_eq(engine_config_init(&before, ENGINES), 0);
	WSD_ENGINE.start(engine, now, &outbox);
	sent_within(SECONDS(5));
	WSD_ENGINE.reconfigured(engine, now, &before, &outbox);
	ck_assert_uint_eq(sent_within(SECONDS(5)).probes[ETH0][FAMILY_IPV4][WSD_1_1], 0);
	ck_assert_int_eq(config_parse(&config, "f", SLICE("[WSD]\nsearch-interval = 3600\n"),
			     fail_at_mistake, NULL),
	    0);
	WSD_ENGINE.reconfigured(engine, now, &before, &outbox);
	ck_assert_uint_eq(sent_within(SECONDS(5)).probes[ETH0][FAMILY_IPV4][WSD_1_1], 2);
	config_fini(&before);
}
END_TEST

START_TEST(a_hello_is_a_sighting)
{
	hear_hello(
	    "<d:Types>x:Device x:Cam x:Cam y:Other</d:Types><d:Scopes>ldap:///a "
	    "onvif://www.onvif.org/name/Front%20door\n"
	    "onvif://www.onvif.org/location/hall onvif://www.onvif.org/hardware/M1 "
	    "onvif://www.onvif.org/name/Second</d:Scopes><d:XAddrs>http://192.0.2.9/</d:XAddrs>"
	    "<d:MetadataVersion>4</d:MetadataVersion>");
	const struct sighting *s = seen();
	ck_assert_int_eq(s->event, SIGHTING_ALIVE);
	ck_assert_int_eq(s->key.kind, KEY_UUID);
	ck_assert_uint_eq(s->network, 24);
	ck_assert(s->epoch.known && s->epoch.value == 7 && s->revision.known &&
		  s->revision.value == 4 && !s->answers_us);
	assert_slice(s->facts[FACT_NAME], "Front door");
	assert_slice(s->facts[FACT_MODEL], "M1");
	assert_slice(s->facts[FACT_TYPE], "x:Cam");
	ck_assert_uint_eq(s->service_count, 3);
	assert_slice(s->services[0].type, "x:Cam");
	assert_slice(s->services[0].txt,
	    "\x0fname=Front door\x0dlocation=hall\x0bhardware=M1\x0bname=Second");
	assert_slice(s->services[1].type, "x:Device");
	assert_slice(s->services[2].type, "y:Other");
	ck_assert_uint_eq(counted("announcements"), 1);
	ck_assert_uint_eq(sent_within(SECONDS(5)).resolves, 0);
}
END_TEST

START_TEST(a_bye_ends_the_endpoint_alone)
{
	hear_by(CHANNEL_SHARED, NEIGHBOUR, 3702,
	    ENVELOPE "<d:Bye>" REFERENCE "</d:Bye></s:Body></s:Envelope>");
	ck_assert_int_eq(seen()->event, SIGHTING_LEFT);
	ck_assert_int_eq(seen()->scope, SCOPE_ENDPOINT);
	ck_assert_uint_eq(sent_within(SECONDS(5)).resolves, 0);
}
END_TEST

START_TEST(where_xaddrs_are_missing_they_are_asked_for_once_a_minute)
{
	hear_hello("");
	hear_hello("");
	struct sent sent = sent_within(SECONDS(59));
	ck_assert_uint_eq(sent.resolves, 4); /* twice by both families */
	ck_assert_str_eq(sent.address, URN);
	hear_hello("");
	ck_assert_uint_eq(sent_within(SECONDS(1)).resolves, 0);
	hear_hello("");
	ck_assert_uint_eq(sent_within(SECONDS(5)).resolves, 4);
}
END_TEST

START_TEST(an_answer_to_our_port_is_one_to_us)
{
	hear_matches(CHANNEL_OWN, "<d:XAddrs>http://192.0.2.9/</d:XAddrs>");
	ck_assert(seen()->answers_us);
	hear_matches(CHANNEL_SHARED, "<d:XAddrs>http://192.0.2.9/</d:XAddrs>");
	ck_assert(!seen()->answers_us);
	hear_by(CHANNEL_OWN, NEIGHBOUR, 3702, ENVELOPE "<d:Bye>" REFERENCE "</d:Bye>");
	ck_assert_uint_eq(outbox.sighting_count, 0);
	ck_assert(outbox.refused);
	ck_assert_uint_eq(counted("ignored"), 1);
}
END_TEST

START_TEST(one_that_asks_is_a_control_point)
{
	hear_by(CHANNEL_SHARED, NEIGHBOUR, 50000, ENVELOPE "<d:Probe/></s:Body></s:Envelope>");
	ck_assert_int_eq(seen()->event, SIGHTING_ASKED);
	ck_assert_int_eq(seen()->key.kind, KEY_ADDRESS);
	hear_by(CHANNEL_SHARED, NEIGHBOUR, 50000, ENVELOPE "<d:Resolve>" REFERENCE "</d:Resolve>");
	ck_assert_int_eq(seen()->event, SIGHTING_ASKED);
	ck_assert_uint_eq(outbox.send_count, 0);
	ck_assert_uint_eq(counted("questions"), 2);
}
END_TEST

/* It announces itself: as a control point it would stay when it leaves. */
START_TEST(one_that_asks_and_names_its_endpoint_is_passed_over)
{
	hear_by(CHANNEL_SHARED, NEIGHBOUR, 50000,
	    "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" "
	    "xmlns:a=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\" "
	    "xmlns:d=\"http://schemas.xmlsoap.org/ws/2005/04/discovery\"><s:Header>"
	    "<a:From><a:Address>" URN "</a:Address></a:From></s:Header><s:Body>"
	    "<d:Probe/></s:Body></s:Envelope>");
	ck_assert_uint_eq(outbox.sighting_count, 0);
	ck_assert_uint_eq(counted("questions"), 1);
}
END_TEST

START_TEST(own_questions_that_come_back_are_dropped)
{
	hear_by(CHANNEL_SHARED, "192.0.2.1", OWN_PORT, ENVELOPE "<d:Probe/></s:Body></s:Envelope>");
	ck_assert_uint_eq(outbox.sighting_count, 0);
	ck_assert_uint_eq(counted("own"), 1);
	/* another program of this host */
	hear_by(CHANNEL_SHARED, "192.0.2.1", 3702, ENVELOPE "<d:Hello>" REFERENCE "</d:Hello>");
	ck_assert_int_eq(seen()->event, SIGHTING_ALIVE);
}
END_TEST

START_TEST(a_source_off_link_is_refused)
{
	hear_by(CHANNEL_SHARED, "203.0.113.5", 3702, ENVELOPE "<d:Hello>" REFERENCE "</d:Hello>");
	ck_assert_uint_eq(outbox.sighting_count, 0);
	ck_assert(outbox.refused);
	ck_assert_uint_eq(counted("off-link"), 1);
	hear_by(CHANNEL_SHARED, NEIGHBOUR, 3702, "nonsense");
	ck_assert(outbox.refused);
	ck_assert_uint_eq(counted("malformed"), 1);
}
END_TEST

START_TEST(reconfirming_asks_by_unicast_then_by_multicast_until_there_is_an_answer)
{
	struct engine_reconfirm reconfirm = {
	    .key = SLICE("uuid:" UUID), .address = address_of(NEIGHBOUR), .link = ETH0};

	WSD_ENGINE.reconfirm(engine, now, &reconfirm);
	ck_assert_uint_eq(sent_within(SECONDS(5)).unicasts, 4);
	reconfirm.multicast_retry = true;
	WSD_ENGINE.reconfirm(engine, now, &reconfirm);
	struct sent sent = sent_within(SECONDS(5));
	ck_assert_uint_eq(sent.unicasts, 2);
	ck_assert_uint_eq(sent.probes[ETH0][FAMILY_IPV4][WSD_2005], 1);
	WSD_ENGINE.reconfirm(engine, now, &reconfirm);
	step();
	hear_matches(CHANNEL_OWN, "<d:XAddrs>http://192.0.2.9/</d:XAddrs>");
	sent = sent_within(SECONDS(5));
	ck_assert_uint_eq(sent.unicasts + sent.probes[ETH0][FAMILY_IPV4][WSD_2005], 0);
	reconfirm.address = address_of("203.0.113.5");
	WSD_ENGINE.reconfirm(engine, now, &reconfirm);
	ck_assert_uint_eq(sent_within(SECONDS(5)).unicasts, 0);
}
END_TEST

static void hello_of(unsigned number)
{
	char text[1024];

	snprintf(text, sizeof(text),
	    ENVELOPE "<d:Hello><a:EndpointReference><a:Address>urn:x:%u</a:Address>"
		     "</a:EndpointReference></d:Hello></s:Body></s:Envelope>",
	    number);
	hear_by(CHANNEL_SHARED, NEIGHBOUR, 3702, text);
}

START_TEST(no_more_than_so_many_are_resolved_at_a_time)
{
	unsigned resolves = 0;

	for (unsigned i = 0; i < 100; i++)
		hello_of(i);
	ck_assert_uint_eq(counted("resolves-dropped"), 100 - 32);
	ck_assert_uint_eq(sent_within(SECONDS(5)).resolves, 4 * 32);
	for (unsigned i = 100; i < 1100; i++) {
		hello_of(i);
		resolves += sent_within(MILLISECONDS(10)).resolves;
	}
	ck_assert_uint_le(resolves, 4 * (32 + 8 * 10));
}
END_TEST

Suite *wsd_suite(void)
{
	Suite *suite = suite_create("engine/wsd");
	TCase *tc = tcase_create("wsd");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, each_link_is_probed_twice_in_both_dialects_at_start);
	tcase_add_test(tc, a_repeat_has_the_same_id_and_a_dialect_its_own);
	tcase_add_loop_test(tc, all_are_asked_in_four_rounds_before_what_they_said_ends, 1, 30);
	tcase_add_test(tc, a_link_that_comes_is_probed);
	tcase_add_test(tc, a_search_probes_at_once);
	tcase_add_test(tc, an_answer_is_one_to_its_address_and_to_each_of_its_types);
	tcase_add_test(tc, another_interval_begins_a_round_at_once);
	tcase_add_test(tc, a_hello_is_a_sighting);
	tcase_add_test(tc, a_bye_ends_the_endpoint_alone);
	tcase_add_test(tc, where_xaddrs_are_missing_they_are_asked_for_once_a_minute);
	tcase_add_test(tc, an_answer_to_our_port_is_one_to_us);
	tcase_add_test(tc, one_that_asks_is_a_control_point);
	tcase_add_test(tc, one_that_asks_and_names_its_endpoint_is_passed_over);
	tcase_add_test(tc, own_questions_that_come_back_are_dropped);
	tcase_add_test(tc, a_source_off_link_is_refused);
	tcase_add_test(tc, reconfirming_asks_by_unicast_then_by_multicast_until_there_is_an_answer);
	tcase_add_test(tc, no_more_than_so_many_are_resolved_at_a_time);
	suite_add_tcase(suite, tc);
	return suite;
}
