/* SPDX-License-Identifier: ISC
 * Tests of engine/mdns_send, through the engine: hosts that are asked for by name. */
#include "engine/mdns.h"
#include "engine/mdns_browser_internal.h"
#include "suites.h"
#include "wire/expect.h"
#include <stdio.h>

enum { ETH0 = 2, ETH1 = 3, OTHER_PORT = 40000 };

static struct link_set links;
static struct rng rng;
static struct config config;
static struct engine_context context;
static struct engine *engine;
static struct outbox outbox;
static struct instant now;
static uint8_t bytes[512];

static struct address address_of(const char *string)
{
	struct address address;

	ck_assert_int_eq(address_parse(slice_of(string), &address), 0);
	return address;
}

static struct dns_name name_of(const char *string)
{
	struct dns_name name;

	ck_assert_int_eq(dns_name_parse(slice_of(string), &name), 0);
	return name;
}

static void add_link(uint32_t index, const char *address)
{
	struct link_address own = {.prefix = {address_of(address), 24}, .usable = true};
	struct link *link = link_set_add(&links, index);

	link->up = link->multicast = link->broadcast = true;
	link->mtu = 1500;
	ck_assert_int_eq(link_add_address(link, &own), 0);
}

static void set_up(void)
{
	const struct engine_type *const engines[] = {&MDNS_ENGINE, NULL};

	rng_init(&rng, 1);
	now = (struct instant){SECONDS(1000)};
	link_set_init(&links);
	add_link(ETH0, "10.0.0.1");
	add_link(ETH1, "10.0.1.1");
	ck_assert_int_eq(engine_config_init(&config, engines), 0);
	context = (struct engine_context){
	    .config = &config, .links = &links, .rng = &rng, .key = {{1, 2}}};
	outbox_init(&outbox);
	engine = MDNS_ENGINE.create(&context);
	ck_assert_ptr_nonnull(engine);
	engine->ports[FAMILY_IPV4] = MDNS_PORT;
	mdns_browser_start(((struct mdns *)engine)->browser, now);
	outbox_reset(&outbox);
}

static void tear_down(void)
{
	MDNS_ENGINE.destroy(engine);
	outbox_fini(&outbox);
	link_set_fini(&links);
	config_fini(&config);
}

static bool resolve(const char *name, unsigned seconds)
{
	outbox_reset(&outbox);
	return MDNS_ENGINE.resolve(engine, now, slice_of(name), seconds, &outbox);
}

/* Whether this message of the outbox asks for addresses of the host, and for nothing else. */
static bool asks_for(const struct outbox_send *send, const char *host)
{
	struct dns_name name = name_of(host);
	struct dns_cursor cursor = {0};
	struct dns_message message;
	struct dns_record record;
	bool ipv4 = false, ipv6 = false;

	ck_assert_int_eq(dns_message_parse(send->bytes, &message), 0);
	ck_assert_uint_eq(message.flags, 0);
	ck_assert_uint_eq(message.id != 0, send->channel == CHANNEL_OWN);
	while (dns_message_next(&message, &cursor, &record)) {
		if (record.section != DNS_QUESTION || record.flag ||
		    !dns_name_equal(&record.name, &name))
			return false;
		ipv4 |= record.type == DNS_A;
		ipv6 |= record.type == DNS_AAAA;
	}
	return ipv4 && ipv6;
}

static unsigned questions(const char *host, enum channel channel, uint32_t link)
{
	unsigned count = 0;

	for (size_t i = 0; i < outbox.send_count; i++)
		count += outbox.sends[i].channel == channel && outbox.sends[i].link == link &&
			 asks_for(&outbox.sends[i], host);
	return count;
}

/* Its members are 0 where it is tv.local, at 10.0.0.5 on eth0, that answers as it should. */
struct answer {
	const char *from, *name, *address;
	uint16_t port, wrong_id;
	uint32_t link;
	enum channel channel;
	bool is_query, is_goodbye;
};

static const char *name_in(const struct answer *answer)
{
	return answer->name ? answer->name : "tv.local";
}

static const char *address_in(const struct answer *answer)
{
	return answer->address ? answer->address : "10.0.0.5";
}

/* The addresses that are reported for it. */
static size_t hear(const struct answer *answer)
{
	struct mdns *mdns = (struct mdns *)engine;
	struct address address = address_of(address_in(answer));
	struct dns_writer w;
	uint16_t id = answer->channel == CHANNEL_OWN ? mdns->browser->id + answer->wrong_id : 0;

	dns_writer_init(&w, bytes, sizeof(bytes), id, answer->is_query ? 0 : DNS_RESPONSE);
	ck_assert(
	    dns_writer_record(&w, &(struct dns_record){.section = DNS_ANSWER,
				      .name = name_of(name_in(answer)),
				      .type = address.family == ADDRESS_IPV6 ? DNS_AAAA : DNS_A,
				      .class = DNS_IN,
				      .ttl = answer->is_goodbye ? 0 : 120,
				      .address = address}));
	outbox_reset(&outbox);
	MDNS_ENGINE.input(engine, now,
	    &(struct datagram){.channel = answer->channel,
		.link = answer->link ? answer->link : ETH0,
		.from = {address_of(answer->from ? answer->from : "10.0.0.5"),
		    answer->port ? answer->port : MDNS_PORT},
		.bytes = dns_writer_result(&w)},
	    &outbox);
	ck_assert_uint_eq(outbox.sighting_count, 0);
	return outbox.address_count;
}

/* What answers tv.local, and how many addresses are taken from it. */
static const struct {
	struct answer answer;
	size_t addresses;
} ANSWERS[] = {
    {{.channel = CHANNEL_SHARED}, 1},
    {{.channel = CHANNEL_OWN}, 1},
    {{.name = "TV.Local"}, 1},
    {{.address = "fe80::5"}, 1},
    {{.name = "radio.local"}, 0},
    {{.is_goodbye = true}, 0},
    {{.address = "224.0.0.1"}, 0},
    {{.address = "127.0.0.1"}, 0},
    {{.is_query = true}, 0},
    /* RFC 6762, 6, 6.7 and 11 */
    {{.port = OTHER_PORT}, 0},
    {{.channel = CHANNEL_OWN, .port = OTHER_PORT}, 0},
    {{.channel = CHANNEL_OWN, .wrong_id = 1}, 0},
    {{.from = "192.0.2.5"}, 0},
    {{.from = "10.0.1.5"}, 0},
    {{.link = 9}, 0},
    /* another program on this host */
    {{.from = "10.0.0.1", .address = "10.0.0.1"}, 1},
};

START_TEST(an_answer_is_reported_when_it_may_be_one)
{
	const struct host_address *found;

	ck_assert_uint_eq(hear(&(struct answer){0}), 0);
	ck_assert(resolve("tv.local", 3));
	ck_assert_uint_eq(hear(&ANSWERS[_i].answer), ANSWERS[_i].addresses);
	if (ANSWERS[_i].addresses == 0)
		return;
	found = &outbox.addresses[0];
	ck_assert(slice_equal(found->name, slice_of(name_in(&ANSWERS[_i].answer))));
	ck_assert_uint_eq(found->link, ETH0);
	struct address address = address_of(address_in(&ANSWERS[_i].answer));
	ck_assert(address_equal(&found->address, &address));
}
END_TEST

START_TEST(a_host_is_asked_for_on_each_link_from_both_ports)
{
	ck_assert(resolve("tv.local", 3));
	for (uint32_t link = ETH0; link <= ETH1; link++)
		for (enum channel channel = 0; channel < CHANNELS; channel++)
			ck_assert_uint_eq(questions("tv.local", channel, link), 1);
	ck_assert_uint_eq(outbox.send_count, 4);
}
END_TEST

/* Until so many microseconds later; the questions for tv.local on eth0. */
static unsigned run(int64_t span)
{
	struct instant end = instant_add(now, span);
	unsigned count = 0;

	while (!instant_before(end, MDNS_ENGINE.deadline(engine))) {
		now = instant_later(now, MDNS_ENGINE.deadline(engine));
		outbox_reset(&outbox);
		MDNS_ENGINE.advance(engine, now, &outbox);
		count += questions("tv.local", CHANNEL_SHARED, ETH0);
	}
	now = end;
	return count;
}

/* RFC 6762, 5.2: after 1, 2, 4 s. */
START_TEST(a_host_is_asked_for_again_until_it_answers_or_the_time_is_over)
{
	ck_assert(resolve("tv.local", 6));
	ck_assert_uint_eq(run(MILLISECONDS(990)), 0);
	ck_assert_uint_eq(run(MILLISECONDS(20)), 1);
	ck_assert_uint_eq(run(SECONDS(2)), 1);
	ck_assert_uint_eq(run(SECONDS(600)), 0);
	ck_assert_uint_eq(hear(&(struct answer){0}), 0);

	ck_assert(resolve("tv.local", 30));
	ck_assert_uint_eq(questions("tv.local", CHANNEL_SHARED, ETH0), 1);
	ck_assert_uint_eq(hear(&(struct answer){0}), 1);
	ck_assert_uint_eq(run(SECONDS(29)), 0);
	ck_assert_uint_eq(hear(&(struct answer){0}), 1);
	run(SECONDS(1));
	ck_assert_uint_eq(hear(&(struct answer){0}), 0);
}
END_TEST

START_TEST(a_second_caller_shares_the_question_and_extends_it)
{
	ck_assert(resolve("tv.local", 1));
	ck_assert(resolve("tv.local", 3));
	run(SECONDS(2));
	ck_assert_uint_eq(hear(&(struct answer){0}), 1);
	ck_assert(resolve("TV.local", 3));
	ck_assert_uint_eq(questions("tv.local", CHANNEL_OWN, ETH0), 1);
	ck_assert(resolve("tv.local", 3));
	ck_assert_uint_eq(outbox.send_count, 0);
}
END_TEST

START_TEST(more_names_than_there_is_room_for_replace_those_that_end_first)
{
	char name[32];

	ck_assert(resolve("tv.local", 2));
	for (unsigned i = 0; i < MDNS_WANTED_MAX; i++) {
		snprintf(name, sizeof(name), "host-%u.local", i);
		ck_assert(resolve(name, 3));
	}
	ck_assert_uint_eq(hear(&(struct answer){0}), 0);
	ck_assert_uint_eq(hear(&(struct answer){.name = "host-0.local"}), 1);
	ck_assert_uint_eq(hear(&(struct answer){.name = "host-31.local"}), 1);
}
END_TEST

/* A name, and the whole one; NULL: it is none that is asked for. */
static const struct {
	const char *name, *whole;
} NAMES[] = {
    {"tv.local", "tv.local"},
    {"TV.LOCAL.", "TV.LOCAL"},
    {"tv", "tv.local"},
    {"a.b.local", "a.b.local"},
    {"tv.lan", NULL},
    {"tv.local.example", NULL},
    {"tvlocal.com", NULL},
    {"", NULL},
    {".", NULL},
};

START_TEST(names_in_the_domain_local_are_asked_for)
{
	char whole[DNS_NAME_TEXT_MAX];
	struct writer w;

	writer_init(&w, whole, sizeof(whole));
	ck_assert_int_eq(MDNS_ENGINE.host_name(slice_of(NAMES[_i].name), &w), !!NAMES[_i].whole);
	ck_assert(!NAMES[_i].whole || slice_equal(writer_result(&w), slice_of(NAMES[_i].whole)));
	ck_assert_int_eq(resolve(NAMES[_i].name, 3), NAMES[_i].whole != NULL);
	ck_assert_uint_eq(outbox.send_count > 0, NAMES[_i].whole != NULL);
}
END_TEST

Suite *mdns_send_suite(void)
{
	TCase *tcase = tcase_create("mdns_send");
	Suite *suite = suite_create("engine/mdns_send");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	add_test_of_rows(tcase, an_answer_is_reported_when_it_may_be_one, ANSWERS);
	tcase_add_test(tcase, a_host_is_asked_for_on_each_link_from_both_ports);
	tcase_add_test(tcase, a_host_is_asked_for_again_until_it_answers_or_the_time_is_over);
	tcase_add_test(tcase, a_second_caller_shares_the_question_and_extends_it);
	tcase_add_test(tcase, more_names_than_there_is_room_for_replace_those_that_end_first);
	add_test_of_rows(tcase, names_in_the_domain_local_are_asked_for, NAMES);
	suite_add_tcase(suite, tcase);
	return suite;
}
