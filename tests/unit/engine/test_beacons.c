/* SPDX-License-Identifier: ISC
 * Tests of engine/beacons. */
#include "base/array.h"
#include "engine/beacons.h"
#include "model/link_change.h"
#include "suites.h"
#include "wire/beacon.h"
#include "wire/beacon_cipher.h"
#include <stdio.h>
#include <string.h>

enum { LO = 1, ETH0 = 2, ETH1 = 3, PLEX = 32414, WIZ_BEACON = 38900 };
#define LAMP "192.0.2.9"
#define WIZ  "{\"method\":\"firstBeat\",\"params\":{\"mac\":\"a8bb50123456\",\"fwVersion\":\"1.2\"}}"
#define SERVER                                                                                     \
	"HTTP/1.0 200 OK\r\nContent-Type: plex/media-server\r\nName: Films\r\nPort: 32400\r\n"     \
	"Resource-Identifier: 0123abcd\r\n\r\n"
#define BYE "BYE * HTTP/1.0\r\nResource-Identifier: 0123abcd\r\n\r\n"

static const struct engine_type *const ENGINES[] = {&BEACONS_ENGINE, NULL};
static struct config config;
static struct offers offers;
static struct link_set links;
static struct rng rng;
static struct engine_context context;
static struct engine *engine;
static struct outbox outbox;
static struct instant now;

static struct address address_of(const char *text)
{
	struct address address;
	ck_assert_int_eq(address_parse(slice_of(text), &address), 0);
	return address;
}

static void add_link(uint32_t index, const char *text)
{
	struct link *link = link_set_add(&links, index);
	struct link_address address = {.prefix = {address_of(text), 24}, .usable = true};

	link->up = link->broadcast = link->multicast = true;
	address.broadcast = prefix_broadcast(&address.prefix);
	ck_assert_int_eq(link_add_address(link, &address), 0);
}

static void set_up(void)
{
	rng_init(&rng, 1);
	now = (struct instant){SECONDS(1000)};
	ck_assert_int_eq(engine_config_init(&config, ENGINES), 0);
	link_set_init(&links);
	add_link(ETH0, "192.0.2.1");
	add_link(ETH1, "198.51.100.1");
	context = (struct engine_context){
	    .config = &config, .offers = &offers, .links = &links, .rng = &rng, .key = {{1, 2}}};
	engine = BEACONS_ENGINE.create(&context);
	outbox_init(&outbox);
}

static void tear_down(void)
{
	BEACONS_ENGINE.destroy(engine);
	outbox_fini(&outbox);
	link_set_fini(&links);
	config_fini(&config);
}

/* The row of the sockets with this port. */
static uint8_t row_of(uint16_t port)
{
	struct engine_sockets sockets[ENGINE_SOCKETS_MAX];
	size_t count = BEACONS_ENGINE.sockets(&config, sockets), row = 0;

	while (row < count && sockets[row].port != port)
		row++;
	ck_assert_uint_lt(row, count);
	return (uint8_t)row;
}

static void hear_on(enum channel channel, uint16_t port, const char *from, const char *text)
{
	struct datagram datagram = {.row = row_of(port),
	    .channel = channel,
	    .link = ETH0,
	    .from = {address_of(from), 40000},
	    .bytes = slice_of(text)};
	outbox_reset(&outbox);
	BEACONS_ENGINE.input(engine, now, &datagram, &outbox);
}

static void hear(uint16_t port, const char *from, const char *text)
{
	hear_on(CHANNEL_SHARED, port, from, text);
}

static uint64_t count_of(const char *name)
{
	struct counter_group group = BEACONS_ENGINE.counters(engine);

	for (size_t i = 0; i < group.count; i++)
		if (strcmp(group.counters[i].name, name) == 0)
			return group.counters[i].value;
	ck_abort_msg("there is no counter %s", name);
}

/* Moves to the next deadline and does what is due. */
static void step(void)
{
	outbox_reset(&outbox);
	now = instant_later(now, BEACONS_ENGINE.deadline(engine));
	BEACONS_ENGINE.advance(engine, now, &outbox);
}

START_TEST(a_beacon_is_a_sighting)
{
	hear(PLEX, LAMP, SERVER);
	ck_assert_uint_eq(outbox.sighting_count, 1);
	const struct sighting *s = &outbox.sightings[0];
	ck_assert_int_eq(s->event, SIGHTING_ALIVE);
	ck_assert_int_eq(s->key.kind, KEY_OPAQUE);
	ck_assert(slice_equal(s->key.text, SLICE("plex:0123abcd")));
	ck_assert_uint_eq(s->link, ETH0);
	ck_assert_uint_eq(s->network, 24);
	struct address from = address_of(LAMP);
	ck_assert(address_equal(&s->from, &from));
	ck_assert(slice_equal(s->facts[FACT_NAME], SLICE("Films")));
	ck_assert(slice_equal(s->facts[FACT_MANUFACTURER], SLICE("Plex")));
	ck_assert_uint_eq(s->facts[FACT_SERVER].len, 0);
	ck_assert_uint_eq(s->service_count, 1);
	ck_assert_uint_eq(s->services[0].port, 32400);
	ck_assert(slice_equal(s->services[0].type, SLICE("plex/media-server")));
	ck_assert(!s->answers_us && !outbox.refused);
	ck_assert_uint_eq(outbox.send_count, 0);
	ck_assert_uint_eq(count_of("plex"), 1);

	hear(WIZ_BEACON, LAMP, WIZ);
	ck_assert(slice_equal(outbox.sightings[0].key.text, SLICE("wiz:a8bb50123456")));
	ck_assert(slice_equal(outbox.sightings[0].facts[FACT_SERVER], SLICE("WiZ/1.2")));
	ck_assert_uint_eq(outbox.sightings[0].service_count, 0);
}
END_TEST

START_TEST(a_bye_is_one)
{
	hear(PLEX, LAMP, BYE);
	ck_assert_uint_eq(outbox.sighting_count, 1);
	ck_assert_int_eq(outbox.sightings[0].event, SIGHTING_LEFT);
	ck_assert_int_eq(outbox.sightings[0].scope, SCOPE_ENDPOINT);
}
END_TEST

static const struct {
	const char *from, *text, *counter;
	bool refused;
} REFUSED[] = {
    {LAMP, "x", "wiz-malformed", true},
    {LAMP, "", "wiz-malformed", true},
    {"203.0.113.1", WIZ, "off-link", true},
    {"192.0.2.255", WIZ, "off-link", true},
    {"192.0.2.1", WIZ, "own", false},
    {"198.51.100.1", WIZ, "own", false},
    {LAMP, "{\"method\":\"getPilot\",\"params\":{}}", "questions", false},
};

START_TEST(what_tells_of_no_device_is_counted)
{
	hear(WIZ_BEACON, REFUSED[_i].from, REFUSED[_i].text);
	ck_assert_uint_eq(outbox.sighting_count, 0);
	ck_assert_int_eq(outbox.refused, REFUSED[_i].refused);
	ck_assert_uint_eq(count_of(REFUSED[_i].counter), 1);
	ck_assert_uint_eq(count_of("received"), 1);
	ck_assert_uint_eq(count_of("wiz"), 0);
}
END_TEST

START_TEST(a_long_datagram_is_counted)
{
	char text[BEACON_DATAGRAM_MAX + 2];

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	hear(WIZ_BEACON, LAMP, text);
	ck_assert_uint_eq(count_of("oversized"), 1);
	ck_assert(outbox.refused);
}
END_TEST

START_TEST(surplus_is_counted)
{
	char text[600];

	snprintf(text, sizeof(text),
	    "{\"method\":\"firstBeat\",\"params\":{\"mac\":\"1\",\"fwVersion\":\"%0300d\"}}", 0);
	hear(WIZ_BEACON, LAMP, text);
	ck_assert_uint_eq(outbox.sighting_count, 1);
	ck_assert_uint_eq(count_of("surplus"), 1);
}
END_TEST

START_TEST(a_lifetime_is_three_intervals)
{
	hear(WIZ_BEACON, LAMP, WIZ);
	ck_assert_int_eq(outbox.sightings[0].lifetime, 3 * SECONDS(1200));
	hear(38899, LAMP, WIZ);
	ck_assert_int_eq(outbox.sightings[0].lifetime, 3 * SECONDS(300));
}
END_TEST

static bool is_group(const struct address *address)
{
	return address_is_multicast(address) || address_is_limited_broadcast(address);
}

START_TEST(its_sockets_take_no_unicast)
{
	struct engine_sockets sockets[ENGINE_SOCKETS_MAX];
	size_t count = BEACONS_ENGINE.sockets(&config, sockets);

	ck_assert_uint_eq(count, BEACON_CIPHER_HERE ? 10 : 9);
	for (size_t i = 0; i < count; i++) {
		ck_assert(sockets[i].by_group && !sockets[i].ephemeral);
		ck_assert_uint_eq(sockets[i].group_count, 1);
		ck_assert(is_group(sockets[i].groups));
	}
	beacons_config(&config)->ask = true;
	count = BEACONS_ENGINE.sockets(&config, sockets);
	unsigned asking = 0;
	for (size_t i = 0; i < count; i++)
		asking += sockets[i].ephemeral;
	ck_assert_uint_eq(asking, 6);
}
END_TEST

START_TEST(a_vendor_may_be_left_out)
{
	struct engine_sockets sockets[ENGINE_SOCKETS_MAX];
	size_t all = BEACONS_ENGINE.sockets(&config, sockets);

	ck_assert(BEACONS_ENGINE.enabled(&config));
	beacons_config(&config)->vendors[BEACON_YEELIGHT] = false;
	ck_assert_uint_eq(BEACONS_ENGINE.sockets(&config, sockets), all - 1);
	hear(WIZ_BEACON, LAMP, WIZ); /* by the row that it has now */
	ck_assert_uint_eq(count_of("wiz"), 1);
	for (size_t i = 0; i < BEACON_VENDORS; i++)
		beacons_config(&config)->vendors[i] = false;
	ck_assert(!BEACONS_ENGINE.enabled(&config));
	ck_assert_uint_eq(BEACONS_ENGINE.sockets(&config, sockets), 0);
	struct datagram datagram = {.bytes = SLICE(WIZ)};
	BEACONS_ENGINE.input(engine, now, &datagram, &outbox);
}
END_TEST

START_TEST(nothing_is_asked_unless_that_is_configured)
{
	struct engine_reconfirm question = {
	    .key = SLICE("plex:0123abcd"), .address = address_of(LAMP), .link = ETH0};

	BEACONS_ENGINE.start(engine, now, &outbox);
	BEACONS_ENGINE.search(engine, now, SLICE_NONE, 3, &outbox);
	BEACONS_ENGINE.reconfirm(engine, now, &question);
	BEACONS_ENGINE.link_changed(engine, now,
	    &(struct link_change){.event = LINK_CAME, .link = link_set_find(&links, ETH0)},
	    &outbox);
	ck_assert(instant_is_never(BEACONS_ENGINE.deadline(engine)));
	BEACONS_ENGINE.stop(engine, now, &outbox);
	ck_assert_uint_eq(outbox.send_count, 0);
}
END_TEST

START_TEST(each_link_is_asked_twice_and_again_later)
{
	beacons_config(&config)->ask = true;
	BEACONS_ENGINE.start(engine, now, &outbox);
	struct instant begin = now;
	for (int i = 0; i < 2; i++) {
		step();
		ck_assert_uint_eq(outbox.send_count, 2 * 6);
		ck_assert_int_le(instant_since(now, begin), SECONDS(2));
	}
	for (size_t i = 0; i < outbox.send_count; i++) {
		const struct outbox_send *send = &outbox.sends[i];
		ck_assert_int_eq(send->channel, CHANNEL_OWN);
		ck_assert(is_group(&send->to.address));
		ck_assert_uint_eq(send->row, row_of(send->to.port));
		ck_assert(link_set_find_address(&links, &send->source)->index == send->link);
	}
	ck_assert_uint_eq(count_of("asked"), 4 * 6);
	step();
	ck_assert_int_ge(instant_since(now, begin), SECONDS(200));
	ck_assert_uint_eq(outbox.send_count, 2 * 6);
}
END_TEST

START_TEST(a_link_without_broadcast_is_not_asked_by_it)
{
	beacons_config(&config)->ask = true;
	link_set_remove(&links, ETH1);
	link_set_find(&links, ETH0)->broadcast = false;
	BEACONS_ENGINE.start(engine, now, &outbox);
	step();
	ck_assert_uint_eq(outbox.send_count, 2);
	link_set_find(&links, ETH0)->loopback = true;
	step();
	ck_assert_uint_eq(outbox.send_count, 0);
}
END_TEST

START_TEST(an_answer_lives_until_it_was_asked_for_thrice)
{
	beacons_config(&config)->ask = true;
	hear_on(CHANNEL_OWN, 38899, LAMP, WIZ);
	ck_assert(outbox.sightings[0].answers_us);
	ck_assert_int_ge(outbox.sightings[0].lifetime, 3 * SECONDS(300));
}
END_TEST

START_TEST(a_reconfirmation_is_the_question_by_unicast)
{
	struct engine_reconfirm question = {
	    .key = SLICE("kasa:50c7bf010203"), .address = address_of(LAMP), .link = ETH0};

	beacons_config(&config)->ask = true;
	BEACONS_ENGINE.reconfirm(engine, now, &question);
	BEACONS_ENGINE.advance(engine, now, &outbox);
	ck_assert_uint_eq(outbox.send_count, 2);
	for (size_t i = 0; i < outbox.send_count; i++) {
		ck_assert(address_equal(&outbox.sends[i].to.address, &question.address));
		ck_assert_uint_eq(outbox.sends[i].to.port, i ? 20002 : 9999);
	}
	question.address = address_of("203.0.113.1");
	question.key = SLICE("kasafake:1");
	BEACONS_ENGINE.reconfirm(engine, now, &question);
	question.key = SLICE("kasa:1");
	BEACONS_ENGINE.reconfirm(engine, now, &question);
	outbox_reset(&outbox);
	BEACONS_ENGINE.advance(engine, now, &outbox);
	ck_assert_uint_eq(outbox.send_count, 0);
}
END_TEST

START_TEST(a_search_asks_where_that_is_configured)
{
	beacons_config(&config)->ask = true;
	BEACONS_ENGINE.search(engine, now, SLICE_NONE, 3, &outbox);
	step();
	ck_assert_uint_gt(outbox.send_count, 0);
}
END_TEST

Suite *beacons_suite(void)
{
	Suite *suite = suite_create("engine/beacons");
	TCase *tcase = tcase_create("beacons");
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, a_beacon_is_a_sighting);
	tcase_add_test(tcase, a_bye_is_one);
	tcase_add_loop_test(tcase, what_tells_of_no_device_is_counted, 0, (int)COUNT_OF(REFUSED));
	tcase_add_test(tcase, a_long_datagram_is_counted);
	tcase_add_test(tcase, surplus_is_counted);
	tcase_add_test(tcase, a_lifetime_is_three_intervals);
	tcase_add_test(tcase, its_sockets_take_no_unicast);
	tcase_add_test(tcase, a_vendor_may_be_left_out);
	tcase_add_test(tcase, nothing_is_asked_unless_that_is_configured);
	tcase_add_test(tcase, each_link_is_asked_twice_and_again_later);
	tcase_add_test(tcase, a_link_without_broadcast_is_not_asked_by_it);
	tcase_add_test(tcase, an_answer_lives_until_it_was_asked_for_thrice);
	tcase_add_test(tcase, a_reconfirmation_is_the_question_by_unicast);
	tcase_add_test(tcase, a_search_asks_where_that_is_configured);
	suite_add_tcase(suite, tcase);
	return suite;
}
