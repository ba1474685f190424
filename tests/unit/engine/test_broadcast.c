/* SPDX-License-Identifier: ISC
 * Tests of engine/broadcast. */
#include "base/array.h"
#include "engine/broadcast.h"
#include "engine/broadcast_peers.h"
#include "engine/broadcast_render.h"
#include "model/link_change.h"
#include "model/offers.h"
#include "suites.h"
#include "wire/broadcast_message.h"
#include <stdio.h>
#include <string.h>

enum { ETH0 = 2, ETH1 = 3, LO = 1, OWN_PORT = 40000, PORT = 5005 };
#define UDN       "uuid:00000000-0000-0000-0000-000000000001"
#define OTHER_UDN "uuid:00000000-0000-0000-0000-000000000002"
#define NEIGHBOUR "192.0.2.9"
#define EXTENDED_ASK                                                                               \
	"DISCOVER from other\r\nUSN: " OTHER_UDN "\r\nCACHE-CONTROL: max-age=90\r\n"               \
	"BOOTID.UPNP.ORG: 7\r\nSERVER: s\r\nNT: t\r\nLOCATION: http://192.0.2.9/\r\n"              \
	"INSTANCE.DISCOVERD.IO: 1111111111111111\r\n\r\n"

static const struct engine_type *const ENGINES[] = {&BROADCAST_ENGINE, NULL};
static char udn[] = UDN, name[] = "n\xc3\xa4me", other_name[] = "new";
static struct config config;
static struct offers offers;
static struct offered_device root;
static struct offer own, *list[] = {&own};
static char location[] = "http://*:5006/description.xml";
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

static struct link_address add_address(uint32_t index, const char *text, uint8_t len)
{
	struct link_address address = {.prefix = {address_of(text), len}, .usable = true};
	address.broadcast = prefix_broadcast(&address.prefix);
	ck_assert_int_eq(link_add_address(link_set_find(&links, index), &address), 0);
	return address;
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
	root = (struct offered_device){.udn = udn, .name = name};
	own = (struct offer){
	    .number = 1, .devices = &root, .device_count = 1, .url = location, .epoch = 12};
	offers = (struct offers){
	    .list = list, .count = 1, .instance = "0123456789abcdef", .http_port = 5006};
	link_set_init(&links);
	add_link(ETH0);
	add_address(ETH0, "192.0.2.1", 24);
	add_link(ETH1);
	add_address(ETH1, "198.51.100.1", 24);
	context = (struct engine_context){
	    .config = &config, .offers = &offers, .links = &links, .rng = &rng, .key = {{1, 2}}};
	engine = BROADCAST_ENGINE.create(&context);
	outbox_init(&outbox);
}

static void tear_down(void)
{
	BROADCAST_ENGINE.destroy(engine);
	outbox_fini(&outbox);
	link_set_fini(&links);
	config_fini(&config);
}

static void start(void)
{
	BROADCAST_ENGINE.start(engine, now, &outbox);
}

/* Moves to the next deadline and does what is due. */
static void step(void)
{
	outbox_reset(&outbox);
	now = instant_later(now, BROADCAST_ENGINE.deadline(engine));
	BROADCAST_ENGINE.advance(engine, now, &outbox);
}

static void hear_by(
    enum channel channel, uint32_t link, const char *from, uint16_t port, struct slice bytes)
{
	struct datagram datagram = {.channel = channel,
	    .link = link,
	    .from = {address_of(from), port},
	    .own_port = OWN_PORT,
	    .bytes = bytes};
	outbox_reset(&outbox);
	BROADCAST_ENGINE.input(engine, now, &datagram, &outbox);
}

static void hear(const char *from, const char *text)
{
	hear_by(CHANNEL_SHARED, ETH0, from, 33333, slice_of(text));
}

static struct broadcast_message sent(size_t i)
{
	struct broadcast_message message;
	ck_assert_uint_lt(i, outbox.send_count);
	ck_assert_int_eq(broadcast_parse(outbox.sends[i].bytes, &message), 0);
	return message;
}

static const struct sighting *seen(void)
{
	ck_assert_uint_eq(outbox.sighting_count, 1);
	return &outbox.sightings[0];
}

static uint64_t counted(const char *counter)
{
	struct counter_group group = BROADCAST_ENGINE.counters(engine);
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

/* The links asked during the next five seconds. */
static void assert_asked(unsigned eth0, unsigned eth1)
{
	unsigned asked[ETH1 + 1] = {0};
	struct instant end = instant_add(now, SECONDS(5));
	while (instant_before(BROADCAST_ENGINE.deadline(engine), end)) {
		step();
		for (size_t i = 0; i < outbox.send_count; i++)
			asked[outbox.sends[i].link]++;
	}
	ck_assert_uint_eq(asked[ETH0], eth0);
	ck_assert_uint_eq(asked[ETH1], eth1);
}

START_TEST(three_asks_go_out_of_every_link_at_start)
{
	start();
	ck_assert_uint_eq(outbox.send_count, 2);
	assert_asked(2, 2);
}
END_TEST

START_TEST(three_asks_go_out_of_each_of_many_links)
{
	enum { FIRST = 100, MANY = 40 };
	unsigned asked[FIRST + MANY] = {0};
	for (uint32_t i = 0; i < MANY; i++) {
		char text[16];
		add_link(FIRST + i);
		snprintf(text, sizeof(text), "10.0.%u.1", (unsigned)i);
		add_address(FIRST + i, text, 24);
	}
	start();
	struct instant end = instant_add(now, SECONDS(5));
	do {
		for (size_t i = 0; i < outbox.send_count; i++)
			asked[outbox.sends[i].link]++;
		step();
	} while (instant_before(now, end));
	ck_assert_uint_eq(asked[ETH0], 3);
	for (uint32_t i = FIRST; i < FIRST + MANY; i++)
		ck_assert_uint_eq(asked[i], 3);
}
END_TEST

START_TEST(asks_at_start_are_some_hundred_milliseconds_apart)
{
	link_set_remove(&links, ETH1);
	start();
	for (int i = 0; i < 2; i++) {
		struct instant before = now;
		step();
		ck_assert_uint_eq(outbox.send_count, 1);
		ck_assert_int_ge(instant_since(now, before), MILLISECONDS(200));
		ck_assert_int_le(instant_since(now, before), MILLISECONDS(400));
	}
	ck_assert_int_gt(instant_since(BROADCAST_ENGINE.deadline(engine), now), SECONDS(20));
}
END_TEST

START_TEST(an_ask_is_a_broadcast_from_the_address_of_the_link)
{
	start();
	for (size_t i = 0; i < 2; i++) {
		const struct outbox_send *send = &outbox.sends[i];
		struct address source =
		    address_of(send->link == ETH0 ? "192.0.2.1" : "198.51.100.1");
		ck_assert_int_eq(send->channel, CHANNEL_OWN);
		ck_assert(address_equal(&send->source, &source));
		ck_assert(address_is_limited_broadcast(&send->to.address));
		ck_assert_uint_eq(send->to.port, PORT);
		ck_assert_uint_eq(send->bytes.len, 600);
	}
}
END_TEST

START_TEST(a_reconfirmation_is_a_unicast_ask)
{
	struct engine_reconfirm question = {
	    .key = SLICE(OTHER_UDN), .address = address_of(NEIGHBOUR), .link = ETH0};
	BROADCAST_ENGINE.reconfirm(engine, now, &question);
	/* Not outside of the network. */
	question.address = address_of("203.0.113.9");
	BROADCAST_ENGINE.reconfirm(engine, now, &question);
	for (int i = 0; i < 2; i++) {
		step();
		ck_assert_uint_eq(outbox.send_count, 1);
		ck_assert(address_equal(
		    &outbox.sends[0].to.address, &(struct address){ADDRESS_IPV4, {192, 0, 2, 9}}));
		ck_assert_uint_eq(outbox.sends[0].to.port, PORT);
		ck_assert_int_eq(outbox.sends[0].channel, CHANNEL_OWN);
		ck_assert_int_eq(sent(0).kind, BROADCAST_ASK);
		ck_assert(sent(0).extended);
	}
	ck_assert_int_eq(instant_since(now, (struct instant){SECONDS(1000)}), SECONDS(1));
	ck_assert_uint_eq(counted("reconfirms"), 2);
}
END_TEST

/* Moves to the next asks; microseconds that went by. */
static int64_t step_to_asks(void)
{
	struct instant last = now;

	step();
	ck_assert_uint_eq(outbox.send_count, 2);
	return instant_since(now, last);
}

static void assert_between(int64_t pause, unsigned shortest, unsigned longest)
{
	ck_assert_int_ge(pause, SECONDS(shortest));
	ck_assert_int_le(pause, SECONDS(longest));
}

START_TEST(every_link_is_asked_again_at_growing_intervals)
{
	static const unsigned LATER[] = {60, 120, 240, 300, 300, 300};

	start();
	assert_asked(2, 2);
	for (int i = 0; i < 4; i++) {
		assert_between(step_to_asks(), 19, 36);
		ck_assert_uint_eq(sent(0).max_age, 90);
	}
	step_to_asks();
	for (size_t i = 0; i < COUNT_OF(LATER); i++) {
		/* for what comes, not for what was */
		ck_assert_uint_eq(sent(0).max_age, 3 * LATER[i]);
		assert_between(step_to_asks(), LATER[i] * 4 / 5, LATER[i] * 6 / 5);
	}
}
END_TEST

START_TEST(what_only_answers_is_asked_at_each_interval)
{
	start();
	assert_asked(2, 2);
	for (int i = 0; i < 12; i++)
		step();
	hear(NEIGHBOUR, "DISCOVER from what asks by itself");
	ck_assert_int_gt(instant_since(BROADCAST_ENGINE.deadline(engine), now), SECONDS(200));
	hear(NEIGHBOUR, "Hello from what does not!");
	for (int i = 0; i < 20; i++) {
		assert_between(step_to_asks(), 24, 36);
		hear(NEIGHBOUR, "Hello from what does not!");
	}
}
END_TEST

START_TEST(rfc_6762_7_1_an_ask_names_what_is_known)
{
	struct broadcast_mark mark = broadcast_mark(SLICE(OTHER_UDN), 7);

	start();
	assert_asked(2, 2);
	hear(NEIGHBOUR, EXTENDED_ASK);
	/* known for half of its 90 s, on its link */
	step_to_asks();
	for (size_t i = 0; i < 2; i++)
		ck_assert(
		    broadcast_marks_have(sent(i).known, &mark) == (outbox.sends[i].link == ETH0));
	ck_assert_uint_ge(outbox.sends[0].bytes.len, BROADCAST_ASK_SIZE);
	step_to_asks();
	ck_assert_uint_eq(sent(0).known.len, 0);
	/* neither in searches nor after a goodbye */
	hear(NEIGHBOUR, EXTENDED_ASK);
	outbox_reset(&outbox);
	BROADCAST_ENGINE.search(engine, now, SLICE(""), 3, &outbox);
	ck_assert_uint_eq(sent(0).known.len, 0);
	hear(NEIGHBOUR, "BYE from other\r\nUSN: " OTHER_UDN "\r\n\r\n");
	BROADCAST_ENGINE.observed(engine, seen(), NULL);
	step_to_asks();
	ck_assert_uint_eq(sent(0).known.len, 0);
}
END_TEST

START_TEST(what_the_table_refuses_is_not_known)
{
	start();
	assert_asked(2, 2);
	hear(NEIGHBOUR, EXTENDED_ASK);
	BROADCAST_ENGINE.observed(engine, seen(), NULL);
	step_to_asks();
	ck_assert_uint_eq(sent(0).known.len, 0);
}
END_TEST

START_TEST(rfc_6762_7_1_what_is_known_is_silent)
{
	static const struct {
		const char *udn;
		uint32_t epoch;
		size_t answers;
	} ROWS[] = {{UDN, 12, 0}, {UDN, 11, 1}, {OTHER_UDN, 12, 1}};

	for (size_t i = 0; i < COUNT_OF(ROWS); i++) {
		struct broadcast_mark mark = broadcast_mark(slice_of(ROWS[i].udn), ROWS[i].epoch);
		char ask[600];
		snprintf(ask, sizeof(ask),
		    "DISCOVER from other\r\nUSN: " OTHER_UDN "\r\n"
		    "KNOWN.DISCOVERD.IO: ABCD%.4s\r\nPAD: %0400d\r\n\r\n",
		    mark.text, 0);
		hear(NEIGHBOUR, ask);
		ck_assert_uint_eq(outbox.send_count, ROWS[i].answers);
		ck_assert_uint_eq(outbox.sighting_count, 1);
	}
	ck_assert_uint_eq(counted("answers-known"), 1);
}
END_TEST

START_TEST(links_that_cannot_broadcast_or_have_no_ipv4_are_not_asked)
{
	link_set_find(&links, ETH0)->broadcast = false;
	add_link(7);
	add_address(7, "2001:db8::1", 64);
	start();
	ck_assert_uint_eq(outbox.send_count, 1);
	ck_assert_uint_eq(outbox.sends[0].link, ETH1);
}
END_TEST

START_TEST(each_network_of_a_link_is_asked_once)
{
	link_set_remove(&links, ETH1);
	add_address(ETH0, "192.0.2.2", 24);
	add_address(ETH0, "203.0.113.1", 24);
	start();
	ck_assert_uint_eq(outbox.send_count, 2);
	struct address second = address_of("203.0.113.1");
	ck_assert(address_equal(&outbox.sends[1].source, &second));
	assert_slice(sent(1).location, "http://203.0.113.1:5006/description.xml");
}
END_TEST

static void change(enum link_event event, uint32_t index, const struct link_address *address)
{
	struct link_change link_change = {event, link_set_find(&links, index), address};
	BROADCAST_ENGINE.link_changed(engine, now, &link_change, &outbox);
}

START_TEST(a_link_or_address_that_comes_is_asked_at_once)
{
	start();
	assert_asked(2, 2);
	change(LINK_CAME, ETH1, NULL);
	ck_assert(instant_due(BROADCAST_ENGINE.deadline(engine), now));
	assert_asked(0, 3);
	struct link_address v4 = add_address(ETH0, "192.0.2.2", 24);
	change(LINK_ADDRESS_CAME, ETH0, &v4);
	change(LINK_ADDRESS_CAME, ETH0, &v4);
	assert_asked(3, 0);
	struct link_address v6 = add_address(ETH0, "fe80::1", 64);
	change(LINK_ADDRESS_CAME, ETH0, &v6);
	change(LINK_ADDRESS_GONE, ETH0, &v4);
	assert_asked(0, 0);
}
END_TEST

START_TEST(a_link_that_goes_is_not_asked)
{
	start();
	change(LINK_GONE, ETH1, NULL);
	outbox_reset(&outbox);
	assert_asked(2, 0);
	BROADCAST_ENGINE.start(engine, now, &outbox);
	link_set_remove(&links, ETH1);
	assert_asked(2, 0);
}
END_TEST

START_TEST(a_link_that_is_used_no_more_hears_a_goodbye)
{
	start();
	outbox_reset(&outbox);
	change(LINK_GONE, ETH1, NULL);
	ck_assert_uint_eq(outbox.send_count, 2);
	for (size_t i = 0; i < outbox.send_count; i++) {
		ck_assert_int_eq(sent(i).kind, BROADCAST_BYE);
		ck_assert_uint_eq(outbox.sends[i].link, ETH1);
	}
}
END_TEST

START_TEST(a_search_asks_every_link_once)
{
	BROADCAST_ENGINE.search(engine, now, SLICE("upnp:rootdevice"), 3, &outbox);
	ck_assert_uint_eq(outbox.send_count, 2);
	ck_assert_int_eq(sent(0).kind, BROADCAST_ASK);
}
END_TEST

START_TEST(a_changed_offer_is_announced_at_once)
{
	start();
	assert_asked(2, 2);
	root.name = other_name;
	struct offer_change change = {OFFER_CAME, &own};
	BROADCAST_ENGINE.offer_changed(engine, now, &change, &outbox);
	step();
	ck_assert_uint_eq(outbox.send_count, 2);
	assert_slice(sent(0).name, "new");
}
END_TEST

START_TEST(a_program_that_announces_itself_changes_nothing_here)
{
	start();
	assert_asked(2, 2);
	struct offer program = {.number = 2};
	struct offer_change change = {OFFER_CAME, &program};
	struct instant next = BROADCAST_ENGINE.deadline(engine);
	BROADCAST_ENGINE.offer_changed(engine, now, &change, &outbox);
	ck_assert_int_eq(instant_since(BROADCAST_ENGINE.deadline(engine), next), 0);
}
END_TEST

START_TEST(the_last_word_is_a_bye_on_every_link)
{
	start();
	outbox_reset(&outbox);
	BROADCAST_ENGINE.stop(engine, now, &outbox);
	for (size_t i = 0; i < 2; i++) {
		struct broadcast_message bye = sent(i);
		ck_assert_int_eq(bye.kind, BROADCAST_BYE);
		assert_slice(bye.name, "n\xc3\xa4me");
		assert_slice(bye.usn, UDN);
		assert_slice(bye.instance, "0123456789abcdef");
		ck_assert(address_is_limited_broadcast(&outbox.sends[i].to.address));
	}
}
END_TEST

START_TEST(a_plain_ask_even_without_a_name_gets_exactly_the_plain_answer)
{
	hear(NEIGHBOUR, "DISCOVER from box");
	const struct outbox_send *send = &outbox.sends[0];
	struct address source = address_of("192.0.2.1"), to = address_of(NEIGHBOUR);
	assert_slice(send->bytes, "Hello from n\xc3\xa4me!");
	ck_assert_int_eq(send->channel, CHANNEL_SHARED);
	ck_assert_uint_eq(send->link, ETH0);
	ck_assert(address_equal(&send->source, &source));
	ck_assert(address_equal(&send->to.address, &to));
	ck_assert_uint_eq(send->to.port, 33333);
	ck_assert_uint_eq(counted("answers-sent"), 1);
	hear(NEIGHBOUR, "DISCOVER");
	assert_slice(outbox.sends[0].bytes, "Hello from n\xc3\xa4me!");
	ck_assert_uint_eq(seen()->facts[FACT_NAME].len, 0);
}
END_TEST

START_TEST(an_extended_ask_gets_an_extended_answer_that_is_no_longer)
{
	hear(NEIGHBOUR, EXTENDED_ASK);
	ck_assert(sent(0).extended);
	assert_slice(sent(0).usn, UDN);
	ck_assert_uint_le(outbox.sends[0].bytes.len, strlen(EXTENDED_ASK));
	hear(NEIGHBOUR, "DISCOVER from x\r\nUSN: " OTHER_UDN "\r\n\r\n");
	ck_assert_uint_eq(outbox.send_count, 0);
	ck_assert_uint_eq(counted("answers-limited"), 1);
}
END_TEST

START_TEST(an_answer_comes_from_the_network_of_the_asker)
{
	add_address(ETH0, "203.0.113.1", 24);
	hear("203.0.113.9", "DISCOVER from box");
	struct address source = address_of("203.0.113.1");
	ck_assert(address_equal(&outbox.sends[0].source, &source));
}
END_TEST

static const struct stranger {
	const char *from;
	uint16_t port;
	uint32_t link;
} STRANGERS[] = {
    {"198.51.100.9", 33333, ETH0},
    {"8.8.8.8", 33333, ETH0},
    {NEIGHBOUR, 0, ETH0},
    {NEIGHBOUR, 33333, ETH1},
    {NEIGHBOUR, 33333, 99},
    {"192.0.2.255", 33333, ETH0},
    {"127.0.0.1", 33333, ETH0},
};

START_TEST(a_host_off_the_link_gets_no_answer_and_no_sighting)
{
	const struct stranger *stranger = &STRANGERS[_i];
	hear_by(CHANNEL_SHARED, stranger->link, stranger->from, stranger->port,
	    SLICE("DISCOVER from box"));
	ck_assert_uint_eq(outbox.send_count, 0);
	ck_assert_uint_eq(outbox.sighting_count, 0);
	ck_assert_uint_eq(counted("off-link"), 1);
}
END_TEST

START_TEST(no_prefix_makes_a_neighbour_of_a_group)
{
	static const char *const groups[] = {"239.255.255.250", "255.255.255.255", "0.0.0.0"};
	add_address(ETH0, "10.0.0.1", 0);
	for (size_t i = 0; i < COUNT_OF(groups); i++)
		hear(groups[i], "DISCOVER from box");
	ck_assert_uint_eq(counted("off-link"), COUNT_OF(groups));
}
END_TEST

START_TEST(answers_are_limited_per_source_and_overall)
{
	unsigned answered = 0;
	for (int i = 0; i < 20; i++) {
		hear(NEIGHBOUR, "DISCOVER from box");
		answered += (unsigned)outbox.send_count;
		ck_assert_uint_eq(outbox.sighting_count, 1);
	}
	ck_assert_uint_eq(answered, 4);
	ck_assert_uint_eq(counted("answers-limited"), 16);
	for (unsigned n = 10; n < 100; n++) {
		char from[16];
		snprintf(from, sizeof(from), "192.0.2.%u", n);
		hear(from, "DISCOVER from box");
		answered += (unsigned)outbox.send_count;
	}
	ck_assert_uint_eq(answered, 64);
	now = instant_add(now, SECONDS(1));
	hear(NEIGHBOUR, "DISCOVER from box");
	ck_assert_uint_eq(outbox.send_count, 1);
}
END_TEST

START_TEST(nothing_but_an_ask_causes_a_sending)
{
	static const char *const texts[] = {"Hello from box!", "BYE from box", "hello", "",
	    "Hello from x!\r\nUSN: " OTHER_UDN "\r\n\r\n",
	    "BYE from x\r\nUSN: " OTHER_UDN "\r\n\r\n"};
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct instant before = BROADCAST_ENGINE.deadline(engine);
		hear_by(i % 2 ? CHANNEL_OWN : CHANNEL_SHARED, ETH0, NEIGHBOUR, PORT,
		    slice_of(texts[i]));
		ck_assert_uint_eq(outbox.send_count, 0);
		ck_assert_int_eq(BROADCAST_ENGINE.deadline(engine).us, before.us);
	}
	ck_assert_uint_eq(counted("answers"), 2);
	ck_assert_uint_eq(counted("byes"), 2);
	ck_assert_uint_eq(counted("malformed"), 2);
}
END_TEST

START_TEST(our_own_messages_are_known_wherever_they_come_back)
{
	start();
	char ask[1000];
	struct slice bytes = outbox.sends[0].bytes;
	memcpy(ask, bytes.bytes, bytes.len);
	bytes.bytes = ask;
	hear_by(CHANNEL_SHARED, ETH0, "192.0.2.1", OWN_PORT, bytes);
	hear_by(CHANNEL_SHARED, ETH1, "192.0.2.1", OWN_PORT, bytes);
	hear_by(CHANNEL_SHARED, ETH1, "198.51.100.7", 1, bytes);
	hear_by(CHANNEL_SHARED, ETH0, "192.0.2.1", OWN_PORT, SLICE("DISCOVER from x"));
	hear_by(CHANNEL_OWN, LO, "192.0.2.1", PORT, SLICE("Hello from n\xc3\xa4me!"));
	ck_assert_uint_eq(counted("own"), 5);
	ck_assert_uint_eq(counted("asks") + counted("answers"), 0);
}
END_TEST

START_TEST(another_program_on_this_host_is_listed_and_answered)
{
	hear_by(CHANNEL_SHARED, ETH0, "192.0.2.1", 33333, SLICE("DISCOVER from neighbour"));
	ck_assert_uint_eq(seen()->link, ETH0);
	ck_assert_uint_eq(outbox.send_count, 1);
	/* Its unicasts come by way of the loopback. */
	hear_by(CHANNEL_OWN, LO, "192.0.2.1", 33333, SLICE("Hello from neighbour!"));
	ck_assert_uint_eq(seen()->link, ETH0);
	ck_assert(seen()->answers_us);
	hear_by(CHANNEL_OWN, LO, "192.0.2.1", PORT, SLICE("Hello from neighbour!"));
	assert_slice(seen()->facts[FACT_NAME], "neighbour");
	/* It may bear our name. */
	hear_by(CHANNEL_OWN, LO, "192.0.2.1", 33333, SLICE("Hello from n\xc3\xa4me!"));
	hear_by(CHANNEL_SHARED, ETH0, "192.0.2.1", PORT, SLICE("DISCOVER from n\xc3\xa4me"));
	ck_assert_uint_eq(counted("own"), 0);
}
END_TEST

START_TEST(an_extended_message_gives_every_fact)
{
	hear(NEIGHBOUR, EXTENDED_ASK);
	const struct sighting *sighting = seen();
	struct address from = address_of(NEIGHBOUR);
	ck_assert_int_eq(sighting->event, SIGHTING_ALIVE);
	ck_assert_str_eq(sighting->protocol->name, "broadcast");
	assert_slice(sighting->key.text, OTHER_UDN);
	ck_assert(address_equal(&sighting->from, &from));
	ck_assert_uint_eq(sighting->link, ETH0);
	ck_assert_int_eq(sighting->lifetime, SECONDS(90));
	assert_slice(sighting->facts[FACT_NAME], "other");
	assert_slice(sighting->facts[FACT_TYPE], "t");
	assert_slice(sighting->facts[FACT_SERVER], "s");
	assert_slice(sighting->url, "http://192.0.2.9/");
	ck_assert(sighting->epoch.known);
	ck_assert_uint_eq(sighting->epoch.value, 7);
	ck_assert(!sighting->answers_us);
	ck_assert(!sighting->is_ourselves_elsewhere);
	hear(NEIGHBOUR, "DISCOVER from x\r\nUSN: " OTHER_UDN "\r\n\r\n");
	ck_assert_int_eq(seen()->lifetime, SECONDS(90));
}
END_TEST

START_TEST(what_comes_to_our_own_port_answers_us)
{
	hear_by(CHANNEL_OWN, ETH0, NEIGHBOUR, PORT, SLICE("Hello from box!"));
	ck_assert(seen()->answers_us);
	ck_assert_ptr_null(seen()->key.text.bytes);
	assert_slice(seen()->facts[FACT_NAME], "box");
	hear_by(CHANNEL_SHARED, ETH0, NEIGHBOUR, PORT, SLICE("Hello from box!"));
	ck_assert(!seen()->answers_us);
}
END_TEST

START_TEST(another_host_with_our_uuid_is_marked)
{
	hear(NEIGHBOUR, "DISCOVER from x\r\nUSN: " UDN "\r\n\r\n");
	ck_assert(seen()->is_ourselves_elsewhere);
	hear(NEIGHBOUR, "DISCOVER from x\r\nUSN: nonsense\r\n\r\n");
	ck_assert(!seen()->is_ourselves_elsewhere);
}
END_TEST

/* Seconds that a host is believed to be there after a plain message that comes `pause` seconds
 * after the one before. */
static int64_t lifetime_after(int64_t pause, const char *text, uint8_t host, uint32_t link)
{
	char from[ADDRESS_TEXT_MAX];
	now = instant_add(now, SECONDS(pause));
	snprintf(from, sizeof(from), link == ETH0 ? "192.0.2.%u" : "198.51.100.%u", host);
	hear_by(CHANNEL_SHARED, link, from, 33333, slice_of(text));
	return seen()->lifetime / SECONDS(1);
}

static int64_t asked(int64_t pause, uint8_t host)
{
	return lifetime_after(pause, "DISCOVER from box", host, ETH0);
}

static int64_t answered(uint32_t our_interval, uint8_t host)
{
	broadcast_config(&config)->interval = our_interval;
	return lifetime_after(0, "Hello from box!", host, ETH0);
}

START_TEST(a_plain_asker_lives_for_three_of_its_intervals)
{
	ck_assert_int_eq(asked(0, 9), 90);
	ck_assert_int_eq(asked(20, 9), 60);
	ck_assert_int_eq(asked(20, 9), 60);
	ck_assert_int_eq(asked(60, 9), 180);
}
END_TEST

START_TEST(the_lifetime_of_a_plain_asker_has_bounds)
{
	asked(0, 9);
	ck_assert_int_eq(asked(5, 9), 30);
	ck_assert_int_eq(asked(101, 9), 300);
	ck_assert_int_eq(asked(100000, 9), 300);
}
END_TEST

START_TEST(repeated_asks_are_one)
{
	asked(0, 9);
	ck_assert_int_eq(asked(0, 9), 90);
	ck_assert_int_eq(asked(1, 9), 90);
	ck_assert_int_eq(asked(19, 9), 60);
	ck_assert_int_eq(asked(1, 9), 60);
	ck_assert_int_eq(asked(19, 9), 60);
}
END_TEST

START_TEST(asks_every_second_have_an_interval)
{
	for (int i = 0; i < 10; i++)
		asked(1, 9);
	ck_assert_int_eq(asked(1, 9), 30);
}
END_TEST

START_TEST(plain_askers_differ_by_address_and_link)
{
	asked(0, 9);
	ck_assert_int_eq(asked(20, 10), 90);
	ck_assert_int_eq(lifetime_after(0, "DISCOVER from box", 9, ETH1), 90);
	ck_assert_int_eq(asked(0, 9), 60);
}
END_TEST

START_TEST(a_host_that_only_answers_lives_for_three_of_our_intervals)
{
	ck_assert_int_eq(answered(60, 9), 180);
	ck_assert_int_eq(answered(5, 9), 30);
	ck_assert_int_eq(answered(86400, 9), 300);
	asked(0, 9);
	ck_assert_int_eq(answered(60, 9), 180);
	asked(15, 9);
	ck_assert_int_eq(answered(60, 9), 45);
}
END_TEST

START_TEST(a_bye_is_of_its_usn_or_of_its_address)
{
	hear(NEIGHBOUR, "BYE from x\r\nUSN: " OTHER_UDN "\r\n\r\n");
	ck_assert_int_eq(seen()->event, SIGHTING_LEFT);
	assert_slice(seen()->key.text, OTHER_UDN);
	hear(NEIGHBOUR, "BYE from x");
	ck_assert_int_eq(seen()->event, SIGHTING_LEFT);
	ck_assert_ptr_null(seen()->key.text.bytes);
}
END_TEST

START_TEST(what_cannot_be_read_is_counted)
{
	static char large[2000];
	struct datagram datagram = {.link = ETH0,
	    .from = {address_of(NEIGHBOUR), 33333},
	    .truncated = true,
	    .bytes = SLICE("DISCOVER from box")};
	BROADCAST_ENGINE.input(engine, now, &datagram, &outbox);
	memset(large, 'x', sizeof(large));
	hear_by(CHANNEL_SHARED, ETH0, NEIGHBOUR, 33333, (struct slice){large, sizeof(large)});
	hear_by(CHANNEL_SHARED, ETH0, NEIGHBOUR, 33333, SLICE_NONE);
	hear_by(CHANNEL_SHARED, ETH0, NEIGHBOUR, 33333, SLICE("\xff\0\xfe"));
	ck_assert_uint_eq(outbox.sighting_count + outbox.send_count, 0);
	ck_assert_uint_eq(counted("received"), 4);
	ck_assert_uint_eq(counted("oversized"), 2);
	ck_assert_uint_eq(counted("malformed"), 2);
}
END_TEST

START_TEST(another_interval_counts_at_once)
{
	struct config before;
	ck_assert_int_eq(engine_config_init(&before, ENGINES), 0);
	start();
	for (int i = 0; i < 5; i++)
		step();
	broadcast_config(&config)->port = 5105;
	BROADCAST_ENGINE.reconfigured(engine, now, &before, &outbox);
	ck_assert(!instant_due(BROADCAST_ENGINE.deadline(engine), now));
	broadcast_config(&config)->interval = 60;
	BROADCAST_ENGINE.reconfigured(engine, now, &before, &outbox);
	ck_assert(instant_due(BROADCAST_ENGINE.deadline(engine), now));
	config_fini(&before);
}
END_TEST

START_TEST(the_port_comes_from_the_configuration)
{
	broadcast_config(&config)->port = 5105;
	struct engine_sockets sockets[ENGINE_SOCKETS_MAX];
	ck_assert_uint_eq(BROADCAST_ENGINE.sockets(&config, sockets), 1);
	ck_assert_uint_eq(sockets->port, 5105);
	start();
	ck_assert_uint_eq(outbox.sends[0].to.port, 5105);
	ck_assert(BROADCAST_ENGINE.enabled(&config));
	broadcast_config(&config)->enabled = false;
	ck_assert(!BROADCAST_ENGINE.enabled(&config));
}
END_TEST

Suite *broadcast_suite(void)
{
	Suite *suite = suite_create("engine/broadcast");
	TCase *tcase = tcase_create("broadcast");
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, three_asks_go_out_of_every_link_at_start);
	tcase_add_test(tcase, three_asks_go_out_of_each_of_many_links);
	tcase_add_test(tcase, asks_at_start_are_some_hundred_milliseconds_apart);
	tcase_add_test(tcase, an_ask_is_a_broadcast_from_the_address_of_the_link);
	tcase_add_test(tcase, a_reconfirmation_is_a_unicast_ask);
	tcase_add_test(tcase, every_link_is_asked_again_at_growing_intervals);
	tcase_add_test(tcase, what_only_answers_is_asked_at_each_interval);
	tcase_add_test(tcase, rfc_6762_7_1_an_ask_names_what_is_known);
	tcase_add_test(tcase, what_the_table_refuses_is_not_known);
	tcase_add_test(tcase, rfc_6762_7_1_what_is_known_is_silent);
	tcase_add_test(tcase, links_that_cannot_broadcast_or_have_no_ipv4_are_not_asked);
	tcase_add_test(tcase, each_network_of_a_link_is_asked_once);
	tcase_add_test(tcase, a_link_or_address_that_comes_is_asked_at_once);
	tcase_add_test(tcase, a_link_that_goes_is_not_asked);
	tcase_add_test(tcase, a_link_that_is_used_no_more_hears_a_goodbye);
	tcase_add_test(tcase, a_search_asks_every_link_once);
	tcase_add_test(tcase, a_changed_offer_is_announced_at_once);
	tcase_add_test(tcase, a_program_that_announces_itself_changes_nothing_here);
	tcase_add_test(tcase, the_last_word_is_a_bye_on_every_link);
	tcase_add_test(tcase, another_interval_counts_at_once);
	tcase_add_test(tcase, the_port_comes_from_the_configuration);
	tcase_add_test(tcase, a_plain_ask_even_without_a_name_gets_exactly_the_plain_answer);
	tcase_add_test(tcase, an_extended_ask_gets_an_extended_answer_that_is_no_longer);
	tcase_add_test(tcase, an_answer_comes_from_the_network_of_the_asker);
	tcase_add_test(tcase, no_prefix_makes_a_neighbour_of_a_group);
	tcase_add_test(tcase, answers_are_limited_per_source_and_overall);
	tcase_add_test(tcase, nothing_but_an_ask_causes_a_sending);
	tcase_add_test(tcase, our_own_messages_are_known_wherever_they_come_back);
	tcase_add_test(tcase, another_program_on_this_host_is_listed_and_answered);
	tcase_add_test(tcase, an_extended_message_gives_every_fact);
	tcase_add_test(tcase, what_comes_to_our_own_port_answers_us);
	tcase_add_test(tcase, another_host_with_our_uuid_is_marked);
	tcase_add_test(tcase, a_plain_asker_lives_for_three_of_its_intervals);
	tcase_add_test(tcase, the_lifetime_of_a_plain_asker_has_bounds);
	tcase_add_test(tcase, repeated_asks_are_one);
	tcase_add_test(tcase, asks_every_second_have_an_interval);
	tcase_add_test(tcase, plain_askers_differ_by_address_and_link);
	tcase_add_test(tcase, a_host_that_only_answers_lives_for_three_of_our_intervals);
	tcase_add_test(tcase, a_bye_is_of_its_usn_or_of_its_address);
	tcase_add_test(tcase, what_cannot_be_read_is_counted);
	tcase_add_loop_test(
	    tcase, a_host_off_the_link_gets_no_answer_and_no_sighting, 0, (int)COUNT_OF(STRANGERS));
	suite_add_tcase(suite, tcase);
	return suite;
}
