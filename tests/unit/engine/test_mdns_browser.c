/* SPDX-License-Identifier: ISC
 * Tests of engine/mdns_browser and its files: hosts in memory answer its questions, and a table
 * takes in what it reports. */
#include "base/array.h"
#include "engine/mdns_browser_internal.h"
#include "model/link_change.h"
#include "model/table_refresh.h"
#include "suites.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ETH0 = 2, ETH1 = 3, HOSTS_MAX = 250, SERVICES = 5, ASKED_MAX = 512 };
#define TTL_HOST  120
#define TTL_OTHER 4500

static const char *const TYPES[SERVICES] = {
    "_ipp._tcp", "_http._tcp", "_ssh._tcp", "_smb._tcp", "_mine._tcp"};

static struct link_set links;
static struct rng rng;
static struct config config;
static struct engine_context context;
static struct engine_type type = {.id = {"test", 30}};
static struct mdns mdns;
static struct outbox outbox;
static struct table *table;
static struct instant now;
static unsigned packets, shared_packets; /* that it sent */
static size_t longest_own;               /* bytes of those from the ephemeral port */
static unsigned hosts;                   /* that answer */
static unsigned services;                /* that each has */
static uint16_t port;                    /* of all services */
static bool must_answer[HOSTS_MAX];      /* they were asked */
static bool answers_wait;                /* one of them was */
/* What was sent to one host alone, and waits for its answer. */
static struct asked {
	struct address to;
	uint16_t id;
} asked[ASKED_MAX];
static size_t asked_count;
static unsigned asked_alone;     /* so often */
static unsigned renewed;         /* endpoints that said what they said before */
static bool refuses_renewals;    /* all is said in full */
static struct slice text_of_all; /* of all services */
static char text[DNS_NAME_TEXT_MAX];

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

static void forget(void *unused, const struct endpoint *endpoint)
{
	(void)unused;
	mdns_host_forgotten(mdns.browser, endpoint);
}

static void set_up(void)
{
	const struct table_listener listener = {.forgotten = forget};
	const struct engine_type *const none[] = {NULL};
	struct link_address address = {.prefix = {address_of("10.0.0.1"), 16}, .usable = true};

	rng_init(&rng, 1);
	now = (struct instant){SECONDS(1000)};
	link_set_init(&links);
	struct link *link = link_set_add(&links, ETH0);
	link->up = link->multicast = link->broadcast = true;
	link->mtu = 1500;
	ck_assert_int_eq(link_add_address(link, &address), 0);
	ck_assert_int_eq(engine_config_init(&config, none), 0);
	context = (struct engine_context){
	    .config = &config, .links = &links, .rng = &rng, .key = {{1, 2}}};
	mdns = (struct mdns){.engine = {.type = &type, .ports = {MDNS_PORT}}, .context = &context};
	outbox_init(&outbox);
	table = table_new(&TABLE_LIMITS_DEFAULT, &context.key);
	table_listen(table, &listener);
	mdns.browser = mdns_browser_new(&mdns);
	ck_assert_ptr_nonnull(mdns.browser);
	packets = shared_packets = hosts = asked_alone = renewed = 0;
	longest_own = 0;
	services = SERVICES;
	port = 80;
	text_of_all = SLICE("\x0ctxtvers=1   \x10path=/some/where\x0fmodel=Thing 900");
	refuses_renewals = false;
	asked_count = 0;
	answers_wait = false;
	memset(must_answer, 0, sizeof(must_answer));
}

static void tear_down(void)
{
	mdns_browser_free(mdns.browser);
	outbox_fini(&outbox);
	table_free(table);
	link_set_fini(&links);
	config_fini(&config);
}

/* The number of the host that has this name, or this instance. */
static unsigned number_in(const struct dns_name *name)
{
	unsigned number, i;
	struct writer w;

	writer_init(&w, text, sizeof(text));
	dns_name_format(name, &w);
	if (sscanf(text, "host-%u", &number) == 1 ||
	    sscanf(text, "Thing\\032number\\032%u", &number) == 1 ||
	    sscanf(text, "Thing number %u", &number) == 1 ||
	    sscanf(text, "Thing %u of %u", &i, &number) == 2)
		return number;
	return HOSTS_MAX;
}

/* It asks for instances of a type that each host has, and does not know that of this one. */
static bool asks_for_more(
    const struct dns_message *message, const struct dns_record *question, unsigned number)
{
	struct dns_cursor cursor = {0};
	struct dns_record record;
	struct writer w;
	size_t i = 0;

	writer_init(&w, text, sizeof(text));
	dns_name_format(&question->name, &w);
	while (i < SERVICES && !slice_starts_with(writer_result(&w), slice_of(TYPES[i])))
		i++;
	if (i == SERVICES)
		return false;
	while (dns_message_next(message, &cursor, &record))
		if (record.section == DNS_ANSWER && dns_name_equal(&record.name, &question->name) &&
		    number_in(&record.target) == number)
			return false;
	return true;
}

/* Notes which hosts are to answer. */
static void note_questions(const struct dns_message *message)
{
	struct dns_cursor cursor = {0};
	struct dns_record question;

	while (dns_message_next(message, &cursor, &question) && question.section == DNS_QUESTION)
		for (unsigned i = 0; i < hosts; i++) {
			bool asked_for = question.type == DNS_PTR
					     ? asks_for_more(message, &question, i)
					     : number_in(&question.name) == i;
			must_answer[i] |= asked_for;
			answers_wait |= asked_for;
		}
}

static void note_packet(const struct outbox_send *send)
{
	struct dns_message message;

	packets++;
	shared_packets += send->channel == CHANNEL_SHARED;
	if (send->channel == CHANNEL_OWN && send->bytes.len > longest_own)
		longest_own = send->bytes.len;
	ck_assert_int_eq(dns_message_parse(send->bytes, &message), 0);
	if (address_is_multicast(&send->to.address)) {
		note_questions(&message);
		return;
	}
	asked_alone++;
	if (asked_count < ASKED_MAX)
		asked[asked_count++] = (struct asked){send->to.address, message.id};
}

/* Sightings go into the table, packets are counted. */
static void carry_out(void)
{
	for (size_t i = 0; i < outbox.renewal_count; i++) {
		const struct renewal renewal = outbox.renewals[i];
		if (!refuses_renewals &&
		    table_refresh_renew(table, now, &renewal, &(struct mac){0}, false))
			renewed++;
		else
			mdns_host_unrenewed(mdns.browser, now, &renewal, &outbox);
	}
	for (size_t i = 0; i < outbox.sighting_count; i++) {
		const struct endpoint *endpoint;
		int result = table_observe(table, now, &outbox.sightings[i], &endpoint);
		mdns_host_observed(
		    mdns.browser, &outbox.sightings[i], result == 0 ? endpoint : NULL);
	}
	for (size_t i = 0; i < outbox.send_count; i++)
		note_packet(&outbox.sends[i]);
	outbox_reset(&outbox);
}

static uint32_t heard_by = ETH0;

static void hear_on(enum channel channel, const char *from, const struct dns_writer *w, uint16_t id)
{
	struct mdns_response response;
	struct dns_message message;
	struct datagram datagram = {.channel = channel,
	    .link = heard_by,
	    .from = {address_of(from), MDNS_PORT},
	    .bytes = dns_writer_result(w)};

	ck_assert_int_eq(dns_message_parse(datagram.bytes, &message), 0);
	message.id = id;
	mdns_response_read(&response, &datagram, &message);
	if (message.flags & DNS_RESPONSE)
		mdns_browser_response(mdns.browser, now, &response, &outbox);
	else
		mdns_overheard_query(mdns.browser,
		    &(struct mdns_query){ETH0, datagram.from, &message, 1, false}, now);
	carry_out();
}

static void hear(const char *from, const struct dns_writer *w)
{
	hear_on(CHANNEL_SHARED, from, w, 0);
}

static uint8_t bytes[MDNS_PACKET_MAX];

static void begin(struct dns_writer *w)
{
	dns_writer_init(w, bytes, sizeof(bytes), 0, DNS_RESPONSE | DNS_AUTHORITATIVE);
}

static void add_pointer(struct dns_writer *w, const char *of, const char *target, uint32_t ttl)
{
	ck_assert(dns_writer_record(w, &(struct dns_record){.section = DNS_ANSWER,
					   .name = name_of(of),
					   .type = DNS_PTR,
					   .class = DNS_IN,
					   .ttl = ttl,
					   .target = name_of(target)}));
}

static void add_service(struct dns_writer *w, const char *instance, const char *host, uint32_t ttl)
{
	ck_assert(dns_writer_record(w, &(struct dns_record){.section = DNS_ANSWER,
					   .name = name_of(instance),
					   .type = DNS_SRV,
					   .class = DNS_IN,
					   .flag = true,
					   .ttl = ttl,
					   .port = port,
					   .target = name_of(host)}));
}

static void add_txt(struct dns_writer *w, const char *instance, struct slice txt)
{
	ck_assert(dns_writer_record(w, &(struct dns_record){.section = DNS_ANSWER,
					   .name = name_of(instance),
					   .type = DNS_TXT,
					   .class = DNS_IN,
					   .flag = true,
					   .ttl = TTL_OTHER,
					   .rdata = txt}));
}

static void add_address(struct dns_writer *w, const char *host, const char *address, uint32_t ttl)
{
	ck_assert(dns_writer_record(w, &(struct dns_record){.section = DNS_ANSWER,
					   .name = name_of(host),
					   .type = strchr(address, ':') ? DNS_AAAA : DNS_A,
					   .class = DNS_IN,
					   .flag = true,
					   .ttl = ttl,
					   .address = address_of(address)}));
}

/* All services of a host in one message. */
static void answer(unsigned number, unsigned count)
{
	struct dns_writer w;
	char host[32], instance[96], of[32], from[32];

	begin(&w);
	snprintf(host, sizeof(host), "host-%u.local", number);
	snprintf(from, sizeof(from), "10.0.1.%u", number + 1);
	for (unsigned i = 0; i < count; i++) {
		snprintf(of, sizeof(of), "%s.local", TYPES[i % SERVICES]);
		snprintf(instance, sizeof(instance), "Thing number %u", number);
		if (i >= SERVICES)
			snprintf(instance, sizeof(instance), "Thing %u of %u", i, number);
		snprintf(
		    instance + strlen(instance), sizeof(instance) - strlen(instance), ".%s", of);
		add_pointer(&w, of, instance, TTL_OTHER);
		add_service(&w, instance, host, TTL_HOST);
		add_txt(&w, instance, text_of_all);
	}
	add_address(&w, host, from, TTL_HOST);
	hear(from, &w);
}

/* Of the hosts that were asked alone. */
static void answer_alone(void)
{
	size_t count = asked_count;
	struct dns_writer w;
	char host[32], from[ADDRESS_TEXT_MAX];

	asked_count = 0;
	for (size_t i = 0; i < count; i++) {
		unsigned number = asked[i].to.bytes[3] - 1u;
		if (number >= hosts)
			continue;
		begin(&w);
		snprintf(host, sizeof(host), "host-%u.local", number);
		snprintf(from, sizeof(from), "10.0.1.%u", number + 1);
		add_address(&w, host, from, 10);
		hear_on(CHANNEL_OWN, from, &w, asked[i].id);
	}
}

/* Until then, with answers 100 ms after each round of questions. */
static void run(int64_t span)
{
	struct instant end = instant_add(now, span), reply = INSTANT_NEVER;

	for (;;) {
		struct instant due = mdns_browser_deadline(mdns.browser);
		struct instant next =
		    instant_earlier(instant_earlier(due, reply), table_deadline(table));
		if (!instant_due(next, end))
			break;
		now = instant_later(now, next);
		if (instant_due(due, now)) {
			mdns_browser_advance(mdns.browser, now, &outbox);
			carry_out();
		}
		table_advance(table, now);
		if ((answers_wait || asked_count) && instant_is_never(reply))
			reply = instant_add(now, MILLISECONDS(100));
		if (!instant_due(reply, now))
			continue;
		reply = INSTANT_NEVER;
		answer_alone();
		answers_wait = false;
		for (unsigned i = 0; i < hosts; i++) {
			bool asked_for = must_answer[i];
			must_answer[i] = false;
			if (asked_for)
				answer(i, services);
		}
	}
	now = end;
}

static const struct endpoint *endpoint_of(const char *host)
{
	const struct device *device;
	struct key key = key_of_name(slice_of(host));

	return table_find_key(table, &key, &device, 1) ? TAILQ_FIRST(&device->endpoints) : NULL;
}

static size_t count_services(const char *host)
{
	const struct endpoint *endpoint = endpoint_of(host);

	return endpoint ? endpoint->service_count : 0;
}

START_TEST(an_idle_browser_asks_less_than_once_a_minute_after_an_hour)
{
	mdns_browser_start(mdns.browser, now);
	run(SECONDS(5));
	ck_assert_uint_ge(shared_packets, 3);
	ck_assert_uint_ge(packets, shared_packets + 1);
	run(SECONDS(3600));
	packets = 0;
	run(SECONDS(3600) * 4);
	ck_assert_uint_ge(packets, 4);
	ck_assert_uint_le(packets, 4 * 60);
}
END_TEST

START_TEST(a_question_by_unicast_leaves_room_for_an_answer_of_512_bytes)
{
	mdns_browser_start(mdns.browser, now);
	run(MILLISECONDS(500));
	ck_assert_uint_gt(longest_own, 0);
	ck_assert_uint_le(longest_own, 512 / 4);
}
END_TEST

START_TEST(beside_twenty_hosts_it_asks_less_than_six_times_a_minute)
{
	hosts = 20;
	mdns_browser_start(mdns.browser, now);
	run(SECONDS(3600));
	ck_assert_uint_eq(table_shown_count(table), 20);
	packets = 0;
	run(SECONDS(3600) * 6);
	ck_assert_uint_eq(table_shown_count(table), 20);
	ck_assert_uint_eq(count_services("host-7.local"), SERVICES);
	ck_assert_uint_le(packets, 6 * 60 * 6);
}
END_TEST

START_TEST(two_hundred_hosts_with_five_services_are_complete_in_five_seconds)
{
	hosts = 200;
	mdns_browser_start(mdns.browser, now);
	run(SECONDS(5));
	ck_assert_uint_eq(table_shown_count(table), 200);
	ck_assert_uint_eq(table_endpoint_count(table), 200);
	for (unsigned i = 0; i < 200; i++) {
		snprintf(text, sizeof(text), "host-%u.local", i);
		ck_assert_uint_eq(count_services(text), SERVICES);
	}
}
END_TEST

/* Where endpoints that are not verified may have few services. */
static void make_crowded(void)
{
	struct table_limits limits = TABLE_LIMITS_DEFAULT;

	limits.endpoints_per_source = 1;
	table_set_limits(table, &limits);
}

/* It is announced once: what the table has refused before it was verified is not lost. */
START_TEST(a_host_with_forty_services_is_complete_in_two_seconds)
{
	mdns_browser_start(mdns.browser, now);
	make_crowded();
	run(SECONDS(10));
	hosts = 1;
	answer(0, 40);
	ck_assert_uint_eq(count_services("host-0.local"), 8);
	run(SECONDS(2));
	ck_assert(endpoint_of("host-0.local")->verified);
	ck_assert_uint_eq(count_services("host-0.local"), 40);
	ck_assert_uint_eq(asked_alone, 1);
	for (size_t i = 0; i < 40; i++)
		ck_assert_uint_gt(endpoint_of("host-0.local")->services[i].txt_len, 1);
}
END_TEST

START_TEST(two_hundred_hosts_with_ten_services_are_complete_in_five_seconds)
{
	hosts = 200;
	services = 10;
	mdns_browser_start(mdns.browser, now);
	run(SECONDS(5));
	for (unsigned i = 0; i < 200; i++) {
		snprintf(text, sizeof(text), "host-%u.local", i);
		ck_assert_uint_eq(count_services(text), 10);
	}
}
END_TEST

/* What is asked of it alone cannot be known to others: they have to guess. */
START_TEST(a_host_that_answers_for_another_one_does_not_verify_it)
{
	struct dns_writer w;

	mdns_browser_start(mdns.browser, now);
	make_crowded();
	answer(0, 40);
	run(MILLISECONDS(300));
	ck_assert_uint_eq(asked_alone, 1);
	begin(&w);
	add_address(&w, "host-0.local", "10.0.1.1", 10);
	hear_on(CHANNEL_OWN, "10.0.1.1", &w, mdns.browser->id);
	ck_assert(!endpoint_of("host-0.local")->verified);
	for (unsigned i = 1; i <= 20; i++)
		hear_on(CHANNEL_OWN, "10.0.1.1", &w, (uint16_t)(asked[0].id + i));
	hear_on(CHANNEL_OWN, "10.0.1.1", &w, asked[0].id);
	ck_assert(!endpoint_of("host-0.local")->verified);
	run(SECONDS(30));
	ck_assert_uint_eq(count_services("host-0.local"), 8);
}
END_TEST

START_TEST(forged_hosts_are_asked_no_more_than_thirty_two_times_a_second)
{
	struct dns_writer w;
	char from[32], host[32];

	mdns_browser_start(mdns.browser, now);
	run(SECONDS(10));
	for (unsigned i = 0; i < 2000; i++) {
		snprintf(from, sizeof(from), "10.0.%u.%u", 2 + i / 250, 1 + i % 250);
		snprintf(host, sizeof(host), "forged-%u.local", i);
		begin(&w);
		add_pointer(&w, "_http._tcp.local", "Forged._http._tcp.local", TTL_OTHER);
		add_service(&w, "Forged._http._tcp.local", host, TTL_HOST);
		add_address(&w, host, from, TTL_HOST);
		hear(from, &w);
	}
	run(SECONDS(1));
	ck_assert_uint_le(asked_alone, 128 + 32);
	run(SECONDS(30));
	ck_assert_uint_le(asked_alone, 3 * (128 + 6 * 32));
}
END_TEST

/* Its records are kept, but not asked for, until it is announced again. */
START_TEST(what_the_table_does_not_hold_is_not_asked_for)
{
	hosts = 1;
	mdns_browser_start(mdns.browser, now);
	run(SECONDS(7200));
	ck_assert_uint_eq(count_services("host-0.local"), SERVICES);
	hosts = 0;
	table_drop_link(table, now, ETH0);
	ck_assert_ptr_null(endpoint_of("host-0.local"));
	context.watched = true;
	packets = 0;
	run(SECONDS(3500));
	ck_assert_uint_le(packets, 2);
	hosts = 1;
	answer(0, SERVICES);
	run(SECONDS(2));
	ck_assert_uint_eq(count_services("host-0.local"), SERVICES);
	hosts = 0;
	table_drop_link(table, now, ETH0);
	run(SECONDS(4600));
	ck_assert_uint_eq(mdns.browser->records, 0);
}
END_TEST

/* A table that is full takes it when there is room. */
START_TEST(what_the_table_refuses_is_reported_when_it_is_heard_again)
{
	struct table_limits limits = TABLE_LIMITS_DEFAULT;

	limits.endpoints = 0;
	table_set_limits(table, &limits);
	mdns_browser_start(mdns.browser, now);
	run(SECONDS(10));
	answer(0, SERVICES);
	ck_assert_uint_eq(table_endpoint_count(table), 0);
	context.watched = true;
	packets = 0;
	run(SECONDS(3500));
	ck_assert_uint_le(packets, 20);
	table_set_limits(table, &TABLE_LIMITS_DEFAULT);
	answer(0, SERVICES);
	ck_assert_uint_eq(count_services("host-0.local"), SERVICES);
}
END_TEST

START_TEST(a_goodbye_of_an_instance_removes_that_service_only)
{
	struct dns_writer w;

	mdns_browser_start(mdns.browser, now);
	answer(0, 3);
	run(SECONDS(2));
	ck_assert_uint_eq(count_services("host-0.local"), 3);
	begin(&w);
	add_pointer(&w, "_http._tcp.local", "Thing number 0._http._tcp.local", 0);
	hear("10.0.1.1", &w);
	run(MILLISECONDS(900));
	ck_assert_uint_eq(count_services("host-0.local"), 3);
	run(MILLISECONDS(300));
	ck_assert_uint_eq(count_services("host-0.local"), 2);
	begin(&w);
	add_address(&w, "host-0.local", "10.0.1.1", 0);
	hear("10.0.1.1", &w);
	run(SECONDS(2));
	ck_assert_ptr_null(endpoint_of("host-0.local"));
}
END_TEST

/* python-zeroconf lists the types that a host does not have. */
static void deny(struct dns_writer *w, const char *host, uint16_t but)
{
	uint8_t types[6] = {0, 4, 0, 0, 0, 0};

	types[2 + but / 8] = (uint8_t)(0x80 >> but % 8);
	ck_assert(dns_writer_record(w, &(struct dns_record){.section = DNS_ADDITIONAL,
					   .name = name_of(host),
					   .type = DNS_NSEC,
					   .class = DNS_IN,
					   .flag = true,
					   .ttl = TTL_HOST,
					   .target = name_of(host),
					   .types = {(char *)types, sizeof(types)}}));
}

START_TEST(an_address_that_is_denied_is_asked_for_before_it_goes)
{
	struct dns_writer w;

	mdns_browser_start(mdns.browser, now);
	answer(0, SERVICES);
	run(SECONDS(60));
	packets = 0;
	begin(&w);
	add_address(&w, "host-0.local", "10.0.1.1", TTL_HOST);
	deny(&w, "host-0.local", DNS_AAAA);
	hear("10.0.1.1", &w);
	run(MILLISECONDS(1500));
	ck_assert_uint_eq(count_services("host-0.local"), SERVICES);
	ck_assert_uint_eq(packets, 0); /* the same message has the address */

	hosts = 1;
	begin(&w);
	deny(&w, "host-0.local", DNS_AAAA);
	hear("10.0.1.1", &w);
	run(SECONDS(20));
	ck_assert_uint_eq(count_services("host-0.local"), SERVICES);

	hosts = 0;
	begin(&w);
	deny(&w, "host-0.local", DNS_AAAA);
	hear("10.0.1.1", &w);
	run(SECONDS(11));
	ck_assert_ptr_null(endpoint_of("host-0.local"));
}
END_TEST

static void offer(const char *type_name, const char *name, uint32_t ttl)
{
	struct dns_writer w;
	char instance[96], of[32];

	snprintf(of, sizeof(of), "%s.local", type_name);
	snprintf(instance, sizeof(instance), "%s.%s", name, of);
	begin(&w);
	add_pointer(&w, of, instance, ttl);
	add_service(&w, instance, "printer.local", TTL_HOST);
	add_txt(&w, instance, SLICE("\x0cty=Laser 900"));
	add_address(&w, "printer.local", "10.0.1.1", TTL_HOST);
	hear("10.0.1.1", &w);
	run(SECONDS(2));
}

START_TEST(what_a_host_is_follows_the_services_that_it_has)
{
	mdns_browser_start(mdns.browser, now);
	offer("_mine._tcp", "Mine", TTL_OTHER);
	ck_assert_str_eq(endpoint_fact(endpoint_of("printer.local"), FACT_TYPE), "_mine._tcp");
	offer("_ipp._tcp", "Laser", TTL_OTHER);
	ck_assert_str_eq(endpoint_fact(endpoint_of("printer.local"), FACT_TYPE), "_ipp._tcp");
	ck_assert_str_eq(endpoint_fact(endpoint_of("printer.local"), FACT_NAME), "Laser 900");
	offer("_ipp._tcp", "Laser", 0);
	ck_assert_str_eq(endpoint_fact(endpoint_of("printer.local"), FACT_TYPE), "_mine._tcp");
	ck_assert_ptr_null(endpoint_fact(endpoint_of("printer.local"), FACT_NAME));
	offer("_mine._tcp", "Mine", 0);
	ck_assert_ptr_null(endpoint_fact(endpoint_of("printer.local"), FACT_TYPE));
}
END_TEST

START_TEST(a_service_lives_as_long_as_its_pointer)
{
	struct dns_writer w;

	mdns_browser_start(mdns.browser, now);
	begin(&w);
	add_pointer(&w, "_http._tcp.local", "Short._http._tcp.local", 10);
	add_service(&w, "Short._http._tcp.local", "short.local", 10);
	add_address(&w, "short.local", "10.0.1.1", 10);
	hear("10.0.1.1", &w);
	run(SECONDS(9));
	ck_assert_uint_eq(count_services("short.local"), 1);
	run(SECONDS(2));
	ck_assert_ptr_null(endpoint_of("short.local"));
}
END_TEST

START_TEST(an_answer_by_unicast_gives_standard_lifetimes_and_needs_our_id)
{
	struct dns_writer w;

	mdns_browser_start(mdns.browser, now);
	begin(&w);
	add_pointer(&w, "_http._tcp.local", "Web._http._tcp.local", 10);
	add_service(&w, "Web._http._tcp.local", "web.local", 10);
	add_address(&w, "web.local", "10.0.1.1", 10);
	hear_on(CHANNEL_OWN, "10.0.1.1", &w, (uint16_t)(mdns.browser->id + 1));
	ck_assert_ptr_null(endpoint_of("web.local"));
	hear_on(CHANNEL_OWN, "10.0.1.1", &w, mdns.browser->id);
	run(SECONDS(3000));
	ck_assert_uint_eq(count_services("web.local"), 1);
}
END_TEST

START_TEST(records_of_another_sender_are_a_reflected_device)
{
	struct dns_writer w;

	mdns_browser_start(mdns.browser, now);
	answer(0, 2);
	begin(&w);
	add_pointer(&w, "_http._tcp.local", "Other._http._tcp.local", TTL_OTHER);
	add_service(&w, "Other._http._tcp.local", "host-0.local", TTL_HOST);
	add_address(&w, "host-0.local", "10.0.1.1", TTL_HOST);
	hear("10.0.1.99", &w);
	run(SECONDS(1));
	ck_assert_uint_eq(table_device_count(table), 2);
	ck_assert_uint_eq(count_services("host-0.local"), 2);
}
END_TEST

/* From an address of its own, as from another host that claims its name. */
START_TEST(a_host_is_one_over_both_families_and_not_what_claims_its_name)
{
	struct dns_writer w;

	mdns_browser_start(mdns.browser, now);
	begin(&w);
	add_pointer(&w, "_http._tcp.local", "Web._http._tcp.local", TTL_OTHER);
	add_service(&w, "Web._http._tcp.local", "web.local", TTL_HOST);
	add_address(&w, "web.local", "fe80::5", TTL_HOST);
	hear("fe80::5", &w);
	add_address(&w, "web.local", "10.0.1.1", TTL_HOST);
	hear("10.0.1.1", &w);
	run(SECONDS(1));
	ck_assert_uint_eq(table_device_count(table), 1);
	ck_assert_uint_eq(endpoint_of("web.local")->presence_count, 2);
	begin(&w);
	add_pointer(&w, "_http._tcp.local", "Web._http._tcp.local", TTL_OTHER);
	add_service(&w, "Web._http._tcp.local", "web.local", TTL_HOST);
	add_address(&w, "web.local", "10.0.1.66", TTL_HOST);
	add_address(&w, "web.local", "fe80::5", TTL_HOST);
	hear("10.0.1.66", &w);
	run(SECONDS(1));
	ck_assert_uint_eq(table_device_count(table), 2);
}
END_TEST

/* As from avahi, which says its addresses in other messages than its services. */
START_TEST(a_host_is_one_although_no_message_names_both_addresses)
{
	static const char *const from[] = {"10.0.1.1", "fe80::5"};
	struct dns_writer w;

	mdns_browser_start(mdns.browser, now);
	for (unsigned i = 0; i < 2; i++) {
		begin(&w);
		add_pointer(&w, "_http._tcp.local", "Web._http._tcp.local", TTL_OTHER);
		add_service(&w, "Web._http._tcp.local", "web.local", TTL_HOST);
		hear(from[i], &w);
	}
	for (unsigned i = 0; i < 4; i++) {
		begin(&w);
		add_address(&w, "web.local", from[i / 2], TTL_HOST);
		hear(from[_i ? i % 2 : 1 - i % 2], &w);
	}
	run(SECONDS(1));
	ck_assert_uint_eq(table_device_count(table), 1);
	ck_assert_uint_eq(endpoint_of("web.local")->presence_count, 2);
	ck_assert_uint_eq(count_services("web.local"), 1);
}
END_TEST

/* The other address sends after the first one has named it. */
START_TEST(an_address_that_was_named_before_joins_when_it_sends)
{
	struct dns_writer w;

	mdns_browser_start(mdns.browser, now);
	for (unsigned i = 0; i < 2; i++) {
		begin(&w);
		add_pointer(&w, "_http._tcp.local", "Web._http._tcp.local", TTL_OTHER);
		add_service(&w, "Web._http._tcp.local", "web.local", TTL_HOST);
		if (i == 0) {
			add_address(&w, "web.local", "10.0.1.1", TTL_HOST);
			add_address(&w, "web.local", "fe80::5", TTL_HOST);
		}
		hear(i == 0 ? "10.0.1.1" : "fe80::5", &w);
	}
	begin(&w);
	add_address(&w, "web.local", "fe80::5", TTL_HOST);
	hear("fe80::5", &w);
	run(SECONDS(1));
	ck_assert_uint_eq(table_device_count(table), 1);
	ck_assert_uint_eq(endpoint_of("web.local")->presence_count, 2);
}
END_TEST

static void begin_query(struct dns_writer *w, uint8_t *into, uint16_t flags)
{
	dns_writer_init(w, into, MDNS_PACKET_MAX, 0, flags);
}

/* Another host asks for these, in two messages. */
static void ask_in_parts(const struct dns_writer *first, const struct dns_writer *second)
{
	struct dns_message messages[2];
	const struct mdns_query query = {
	    .link = ETH0,
	    .from = {address_of("10.0.1.200"), MDNS_PORT},
	    .messages = messages,
	    .message_count = second ? 2 : 1,
	};

	ck_assert_int_eq(dns_message_parse(dns_writer_result(first), &messages[0]), 0);
	if (second)
		ck_assert_int_eq(dns_message_parse(dns_writer_result(second), &messages[1]), 0);
	mdns_overheard_query(mdns.browser, &query, now);
}

static uint64_t suppressed(void)
{
	return mdns.counters[MDNS_QUERIES_SUPPRESSED].value;
}

/* Runs until the browser is about to ask for this type. */
static void run_to_question(const char *name)
{
	struct dns_name type_name = name_of(name);
	struct mdns_browsed *link = mdns_browsed_find(mdns.browser, ETH0);
	struct dns_name_ref ref = dns_name_ref_of(&type_name);
	const struct mdns_type *of = mdns_type_find(mdns.browser, &ref);

	run(instant_since(mdns_question_find(link, of)->due, now) - MILLISECONDS(1));
}

START_TEST(an_address_that_a_host_gives_up_leaves_alone)
{
	struct dns_writer w;

	mdns_browser_start(mdns.browser, now);
	answer(0, SERVICES);
	begin(&w);
	add_address(&w, "host-0.local", "10.0.1.1", TTL_HOST);
	add_address(&w, "host-0.local", "10.0.2.1", TTL_HOST);
	hear("10.0.1.1", &w);
	hear("10.0.2.1", &w);
	run(SECONDS(5));
	ck_assert_uint_eq(endpoint_of("host-0.local")->presence_count, 2);
	begin(&w);
	add_address(&w, "host-0.local", "10.0.1.1", 0);
	hear("10.0.2.1", &w);
	run(SECONDS(2));
	const struct endpoint *endpoint = endpoint_of("host-0.local");
	ck_assert_uint_eq(endpoint->presence_count, 1);
	ck_assert_uint_eq(endpoint->service_count, SERVICES);
	const struct address left = address_of("10.0.2.1");
	ck_assert(address_equal(&STAILQ_FIRST(&endpoint->presences)->address, &left));
}
END_TEST

START_TEST(what_another_host_asks_is_not_asked_again)
{
	struct dns_writer w;

	mdns_browser_start(mdns.browser, now);
	run(SECONDS(1));
	begin_query(&w, bytes, 0);
	for (const struct mdns_type *of = TAILQ_FIRST(&mdns.browser->types); of;
	     of = TAILQ_NEXT(of, entry))
		ck_assert(dns_writer_question(&w, &of->name, DNS_PTR, DNS_IN, false));
	run(MILLISECONDS(100));
	unsigned before = packets;
	ask_in_parts(&w, NULL);
	run(MILLISECONDS(1700));
	ck_assert_uint_le(packets - before, 1);
}
END_TEST

/* RFC 6762, 7.3: of each type for itself, in whichever message. */
START_TEST(a_question_with_answers_that_we_lack_replaces_none_of_ours)
{
	static uint8_t more[MDNS_PACKET_MAX];
	struct dns_name ipp = name_of("_ipp._tcp.local"), http = name_of("_http._tcp.local");
	struct dns_writer first, second;
	const char *known = "Thing number 0._http._tcp.local";

	mdns_browser_start(mdns.browser, now);
	answer(0, SERVICES);
	run(SECONDS(10));
	run_to_question("_http._tcp.local");
	/* what is known here, too: both questions */
	begin_query(&first, bytes, 0);
	dns_writer_question(&first, &http, DNS_PTR, DNS_IN, false);
	dns_writer_question(&first, &ipp, DNS_PTR, DNS_IN, false);
	add_pointer(&first, "_http._tcp.local", known, TTL_OTHER);
	ask_in_parts(&first, NULL);
	ck_assert_uint_eq(suppressed(), 2);
	run_to_question("_http._tcp.local");
	/* one that is not: the other question */
	begin_query(&second, more, 0);
	add_pointer(&second, "_http._tcp.local", "Other._http._tcp.local", TTL_OTHER);
	ask_in_parts(&first, &second);
	ck_assert_uint_eq(suppressed(), 3);
	/* a part is missing: none */
	run_to_question("_http._tcp.local");
	begin_query(&second, more, DNS_TRUNCATED);
	ask_in_parts(&first, &second);
	ck_assert_uint_eq(suppressed(), 3);
}
END_TEST

START_TEST(a_type_that_another_host_knows_is_one_that_we_lack)
{
	struct dns_name enumeration = name_of("_services._dns-sd._udp.local");
	struct dns_writer w;

	mdns_browser_start(mdns.browser, now);
	begin(&w);
	add_pointer(&w, "_services._dns-sd._udp.local", "_mine._tcp.local", TTL_OTHER);
	hear("10.0.1.1", &w);
	run(SECONDS(10));
	for (unsigned i = 0; i < 2; i++) {
		run_to_question("_services._dns-sd._udp.local");
		begin_query(&w, bytes, 0);
		dns_writer_question(&w, &enumeration, DNS_PTR, DNS_IN, false);
		add_pointer(&w, "_services._dns-sd._udp.local",
		    i ? "_other._tcp.local" : "_mine._tcp.local", TTL_OTHER);
		ask_in_parts(&w, NULL);
		ck_assert_uint_eq(suppressed(), 1);
	}
}
END_TEST

/* Of each type for which a link has a question. */
static bool is_asked_for(const char *name, uint32_t index)
{
	struct dns_name type_name = name_of(name);
	struct dns_name_ref ref = dns_name_ref_of(&type_name);
	const struct mdns_type *of = mdns_type_find(mdns.browser, &ref);

	return of && mdns_question_find(mdns_browsed_find(mdns.browser, index), of);
}

START_TEST(a_type_that_ends_is_asked_for_no_more_on_any_link)
{
	struct link *other = link_set_add(&links, ETH1);
	struct dns_writer w;

	other->up = other->multicast = true;
	mdns_browser_start(mdns.browser, now);
	for (heard_by = ETH0; heard_by <= ETH1; heard_by++) {
		begin(&w);
		add_pointer(&w, "_services._dns-sd._udp.local", "_rare._tcp.local", 600);
		add_pointer(&w, "_rare._tcp.local", "One._rare._tcp.local", 900);
		hear(heard_by == ETH0 ? "10.0.1.1" : "10.1.1.1", &w);
	}
	heard_by = ETH0;
	run(SECONDS(800));
	ck_assert(is_asked_for("_rare._tcp.local", ETH0) && is_asked_for("_rare._tcp.local", ETH1));
	run(SECONDS(3600));
	ck_assert(
	    !is_asked_for("_rare._tcp.local", ETH0) && !is_asked_for("_rare._tcp.local", ETH1));
	ck_assert(is_asked_for("_ipp._tcp.local", ETH0) && is_asked_for("_ipp._tcp.local", ETH1));
}
END_TEST

START_TEST(a_type_that_is_searched_for_is_asked_for_as_long_as_the_search_lasts)
{
	mdns_browser_start(mdns.browser, now);
	run(SECONDS(5));
	mdns_browser_search(mdns.browser, now, SLICE("_rare._tcp"), 10);
	run(SECONDS(9));
	ck_assert(is_asked_for("_rare._tcp.local", ETH0));
	run(SECONDS(30));
	ck_assert(!is_asked_for("_rare._tcp.local", ETH0));
}
END_TEST

START_TEST(a_source_that_floods_holds_a_bounded_number_of_records)
{
	struct dns_writer w;
	char instance[64];

	mdns_browser_start(mdns.browser, now);
	for (unsigned i = 0; i < 2000; i++) {
		snprintf(instance, sizeof(instance), "Flood %u._http._tcp.local", i);
		begin(&w);
		add_pointer(&w, "_http._tcp.local", instance, TTL_OTHER);
		add_service(&w, instance, "flood.local", TTL_HOST);
		hear("10.0.1.1", &w);
	}
	ck_assert_uint_le(mdns.browser->records, MDNS_RECORDS_OF_PEER_MAX);
	ck_assert_uint_ge(mdns.counters[MDNS_RECORDS_EVICTED].value, 1900);
}
END_TEST

START_TEST(a_lost_link_takes_its_records_along)
{
	struct link_change change = {LINK_GONE, &links.links[0], NULL};

	hosts = 3;
	mdns_browser_start(mdns.browser, now);
	run(SECONDS(2));
	ck_assert_uint_gt(mdns.browser->records, 0);
	mdns_browsed_follow(mdns.browser, now, &change);
	ck_assert_uint_eq(mdns.browser->records, 0);
	ck_assert(TAILQ_EMPTY(&mdns.browser->links));
}
END_TEST

/* A host that is switched off says nothing: a watcher is notified in minutes, not in an hour. */
START_TEST(a_silent_host_goes_soon_while_a_program_watches)
{
	hosts = 1;
	mdns_browser_start(mdns.browser, now);
	run(SECONDS(600));
	context.watched = true;
	run(SECONDS(600));
	ck_assert_ptr_nonnull(endpoint_of("host-0.local"));
	hosts = 0;
	run(SECONDS(180));
	ck_assert_ptr_null(endpoint_of("host-0.local"));
}
END_TEST

/* RFC 6762, 5.2: its announcement may have been lost. */
START_TEST(a_port_that_moves_is_seen_while_a_program_watches)
{
	const struct endpoint *endpoint;

	hosts = 1;
	mdns_browser_start(mdns.browser, now);
	run(SECONDS(600));
	context.watched = true;
	run(SECONDS(15));
	port = 81;
	run(SECONDS(120));
	endpoint = endpoint_of("host-0.local");
	for (size_t i = 0; i < SERVICES; i++)
		ck_assert_uint_eq(endpoint->services[i].port, 81);
	context.watched = false;
	port = 82;
	run(SECONDS(600));
	ck_assert_uint_eq(endpoint_of("host-0.local")->services[0].port, 81);
}
END_TEST

/* What one message has said is asked for in one. */
START_TEST(watching_a_host_takes_one_question_in_ninety_seconds)
{
	hosts = 20;
	mdns_browser_start(mdns.browser, now);
	run(SECONDS(3600));
	context.watched = true;
	run(SECONDS(300));
	packets = 0;
	run(SECONDS(3600));
	ck_assert_uint_eq(table_shown_count(table), 20);
	ck_assert_uint_le(packets, 20 * 40);
}
END_TEST

static const struct service *service_of(const char *host, const char *kind)
{
	const struct endpoint *endpoint = endpoint_of(host);

	for (size_t i = 0; i < endpoint->service_count; i++)
		if (strcmp(endpoint->services[i].type, kind) == 0)
			return &endpoint->services[i];
	return NULL;
}

START_TEST(what_a_host_says_again_is_renewed)
{
	mdns_browser_start(mdns.browser, now);
	answer(0, SERVICES);
	ck_assert_uint_eq(renewed, 0);
	now = instant_add(now, SECONDS(1000));
	answer(0, SERVICES - 1);
	ck_assert_uint_eq(renewed, 1);
	struct instant until = instant_add(now, SECONDS(TTL_OTHER));
	ck_assert_int_eq(endpoint_of("host-0.local")->last_seen.us, now.us);
	ck_assert_int_eq(endpoint_expires(endpoint_of("host-0.local")).us, until.us);
	ck_assert_int_eq(service_of("host-0.local", TYPES[0])->expires.us, until.us);
	ck_assert_int_eq(service_of("host-0.local", TYPES[SERVICES - 1])->expires.us,
	    instant_add(until, -SECONDS(1000)).us);
}
END_TEST

/* Of a type whose text gives no fact, only a hash of that is kept. */
START_TEST(what_a_host_says_in_another_way_is_reported)
{
	mdns_browser_start(mdns.browser, now);
	answer(0, SERVICES);
	text_of_all = SLICE("\x03"
			    "a=2");
	answer(0, SERVICES);
	for (unsigned i = 0; i < SERVICES; i++)
		ck_assert_uint_eq(service_of("host-0.local", TYPES[i])->txt_len, text_of_all.len);
	port = 81;
	answer(0, SERVICES);
	for (unsigned i = 0; i < SERVICES; i++)
		ck_assert_uint_eq(service_of("host-0.local", TYPES[i])->port, 81);
	ck_assert_uint_eq(renewed, 0);
	answer(0, SERVICES);
	ck_assert_uint_eq(renewed, 1);
}
END_TEST

/* Another part of the daemon has changed it since. */
static void take_from_table(const char *kind)
{
	const struct service *service = service_of("host-0.local", kind);
	struct sighted_service gone = {
	    .key = slice_of(service->key), .type = slice_of(service->type)};
	struct sighting sighting = {
	    .event = SIGHTING_LEFT,
	    .scope = SCOPE_SERVICE,
	    .protocol = &type.id,
	    .key = key_of_name(SLICE("host-0.local")),
	    .from = address_of("10.0.1.1"),
	    .link = ETH0,
	    .services = &gone,
	    .service_count = 1,
	};

	table_observe(table, now, &sighting, NULL);
}

START_TEST(what_the_table_has_in_another_way_is_said_in_full)
{
	mdns_browser_start(mdns.browser, now);
	answer(0, SERVICES);
	take_from_table(TYPES[1]);
	ck_assert_uint_eq(count_services("host-0.local"), SERVICES - 1);
	answer(0, SERVICES);
	ck_assert_uint_eq(renewed, 0);
	ck_assert_uint_eq(count_services("host-0.local"), SERVICES);
	answer(0, SERVICES);
	ck_assert_uint_eq(renewed, 1);
}
END_TEST

/* What differs, whether an endpoint is renewed or says all of it. */
static uint64_t hash_table(void)
{
	char dump[8192], host[32], address[ADDRESS_TEXT_MAX];
	const struct presence *presence;
	struct writer w;

	writer_init(&w, dump, sizeof(dump));
	for (unsigned i = 0; i < 4; i++) {
		snprintf(host, sizeof(host), "host-%u.local", i);
		const struct endpoint *endpoint = endpoint_of(host);
		if (!endpoint)
			continue;
		writer_format(&w, "%s %lld %s %s\n", host, (long long)endpoint->last_seen.us,
		    endpoint_fact(endpoint, FACT_TYPE), endpoint_fact(endpoint, FACT_NAME));
		STAILQ_FOREACH(presence, &endpoint->presences, next)
		writer_format(&w, " %s %lld\n", address_text(&presence->address, address),
		    (long long)presence->expires.us);
		for (unsigned k = 0; k < endpoint->service_count; k++) {
			const struct service *service = &endpoint->services[k];
			writer_format(&w, " %s %s %u %u %lld\n", service->type, service->key,
			    service->port, service->txt_len, (long long)service->expires.us);
		}
	}
	ck_assert_int_eq(writer_error(&w), 0);
	return siphash(&context.key, writer_result(&w));
}

/* One message, or what changes the table. */
static void do_something(struct rng *choice)
{
	static const struct slice TEXTS[] = {SLICE("\x03"
						   "a=1"),
	    SLICE("\x03"
		  "a=2")};
	unsigned number = (unsigned)rng_below(choice, 4), what = (unsigned)rng_below(choice, 16);
	struct dns_writer w;
	char name[32], from[32], instance[64];

	snprintf(name, sizeof(name), "host-%u.local", number);
	snprintf(from, sizeof(from), "10.0.1.%u", number + 1);
	snprintf(instance, sizeof(instance), "Thing number %u.%s.local", number, TYPES[1]);
	begin(&w);
	switch (what) {
	case 0:
		text_of_all = TEXTS[rng_below(choice, 2)];
		break;
	case 1:
		port = (uint16_t)(80 + rng_below(choice, 2));
		break;
	case 2:
		add_pointer(&w, "_http._tcp.local", instance, 0);
		hear(from, &w);
		break;
	case 3:
		add_address(&w, name, "10.0.1.77", TTL_HOST);
		hear(from, &w);
		break;
	case 4:
		if (endpoint_of("host-0.local") && service_of("host-0.local", TYPES[0]))
			take_from_table(TYPES[0]);
		break;
	case 5:
		run(SECONDS(1 + rng_below(choice, 2000)));
		break;
	case 6:
		add_service(&w, instance, "host-3.local", TTL_HOST);
		hear(from, &w);
		break;
	default:
		answer(number, 1 + (unsigned)rng_below(choice, SERVICES));
	}
	run(MILLISECONDS(rng_below(choice, 1500)));
}

START_TEST(a_renewal_does_what_the_full_report_does)
{
	enum { STEPS = 300 };
	uint64_t expected[STEPS];
	struct rng choice;

	for (unsigned pass = 0; pass < 2; pass++) {
		tear_down();
		set_up();
		refuses_renewals = pass == 0;
		mdns_browser_start(mdns.browser, now);
		rng_init(&choice, (uint64_t)_i + 1);
		for (unsigned step = 0; step < STEPS; step++) {
			do_something(&choice);
			if (pass == 0)
				expected[step] = hash_table();
			ck_assert_msg(hash_table() == expected[step], "step %u", step);
		}
	}
	ck_assert_uint_gt(renewed, 20);
}
END_TEST

/* Questions of another host, with a pointer that it knows. */
static void ask_for(const char *name, uint16_t kind, const char *known)
{
	struct dns_name of = name_of(name);
	struct dns_writer w;

	dns_writer_init(&w, bytes, sizeof(bytes), 0, 0);
	ck_assert(dns_writer_question(&w, &of, kind, DNS_IN, false));
	if (known)
		add_pointer(&w, name, known, TTL_OTHER);
	hear("10.0.2.1", &w);
}

/* RFC 6762, 10.5: the question, its type, an answer that is known. */
static const struct {
	const char *name, *known;
	uint16_t type;
	bool misses;
} QUESTIONS[] = {
    {"_http._tcp.local", NULL, DNS_PTR, true},
    {"_HTTP._tcp.local", NULL, DNS_ANY, true},
    {"_http._tcp.local", "Thing number 0._http._tcp.local", DNS_PTR, false},
    {"_http._tcp.local", "Thing number 1._http._tcp.local", DNS_PTR, true},
    {"_mine._tcp.local", NULL, DNS_PTR, false},
    {"thing NUMBER 0._http._tcp.local", NULL, DNS_SRV, true},
    {"Thing number 0._http._tcp.local", NULL, DNS_TXT, false},
    {"Host-0.local", NULL, DNS_A, true},
    {"host-0.local", NULL, DNS_AAAA, false},
    {"host-1.local", NULL, DNS_A, false},
};

START_TEST(what_others_ask_for_twice_without_an_answer_goes)
{
	hosts = 0;
	mdns_browser_start(mdns.browser, now);
	answer(0, 2);
	run(SECONDS(60));
	ask_for(QUESTIONS[_i].name, QUESTIONS[_i].type, QUESTIONS[_i].known);
	run(SECONDS(2));
	ask_for(QUESTIONS[_i].name, QUESTIONS[_i].type, QUESTIONS[_i].known);
	run(SECONDS(12));
	ck_assert_int_eq(count_services("host-0.local") < 2, QUESTIONS[_i].misses);
}
END_TEST

START_TEST(what_others_ask_for_twice_in_a_second_stays)
{
	mdns_browser_start(mdns.browser, now);
	answer(0, 2);
	run(SECONDS(60));
	for (unsigned i = 0; i < 2; i++) {
		ask_for("_http._tcp.local", DNS_PTR, NULL);
		ask_for("Thing number 0._http._tcp.local", DNS_SRV, NULL);
		ask_for("host-0.local", DNS_A, NULL);
		run(MILLISECONDS(500));
	}
	run(SECONDS(12));
	ck_assert_uint_eq(count_services("host-0.local"), 2);
}
END_TEST

/* Its IPv6 address sends a record of its IPv4 address alone, of which it sends, too. */
START_TEST(a_host_that_is_named_later_by_its_other_address_is_one)
{
	struct dns_writer w;

	mdns_browser_start(mdns.browser, now);
	answer(0, 1);
	begin(&w);
	add_pointer(&w, "_smb._tcp.local", "Other._smb._tcp.local", TTL_OTHER);
	add_service(&w, "Other._smb._tcp.local", "host-0.local", TTL_HOST);
	add_address(&w, "host-0.local", "10.0.1.1", TTL_HOST);
	hear("fe80::1", &w);
	answer(0, 1);
	const struct address ipv4 = address_of("10.0.1.1"), ipv6 = address_of("fe80::1");
	ck_assert_ptr_eq(mdns_sender_find(mdns.browser, ETH0, &ipv4)->peer,
	    mdns_sender_find(mdns.browser, ETH0, &ipv6)->peer);
}
END_TEST

Suite *mdns_browser_suite(void)
{
	TCase *tcase = tcase_create("mdns_browser");
	Suite *suite = suite_create("engine/mdns_browser");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, an_idle_browser_asks_less_than_once_a_minute_after_an_hour);
	tcase_add_test(tcase, a_question_by_unicast_leaves_room_for_an_answer_of_512_bytes);
	tcase_add_test(tcase, beside_twenty_hosts_it_asks_less_than_six_times_a_minute);
	tcase_add_test(tcase, two_hundred_hosts_with_five_services_are_complete_in_five_seconds);
	tcase_add_test(tcase, a_host_with_forty_services_is_complete_in_two_seconds);
	tcase_add_test(tcase, two_hundred_hosts_with_ten_services_are_complete_in_five_seconds);
	tcase_add_test(tcase, a_host_that_answers_for_another_one_does_not_verify_it);
	tcase_add_test(tcase, forged_hosts_are_asked_no_more_than_thirty_two_times_a_second);
	tcase_add_test(tcase, what_the_table_does_not_hold_is_not_asked_for);
	tcase_add_test(tcase, what_the_table_refuses_is_reported_when_it_is_heard_again);
	tcase_add_test(tcase, a_goodbye_of_an_instance_removes_that_service_only);
	tcase_add_test(tcase, an_address_that_is_denied_is_asked_for_before_it_goes);
	tcase_add_test(tcase, what_a_host_is_follows_the_services_that_it_has);
	tcase_add_test(tcase, a_service_lives_as_long_as_its_pointer);
	tcase_add_test(tcase, an_answer_by_unicast_gives_standard_lifetimes_and_needs_our_id);
	tcase_add_test(tcase, records_of_another_sender_are_a_reflected_device);
	tcase_add_test(tcase, a_host_is_one_over_both_families_and_not_what_claims_its_name);
	tcase_add_loop_test(tcase, a_host_is_one_although_no_message_names_both_addresses, 0, 2);
	tcase_add_test(tcase, an_address_that_was_named_before_joins_when_it_sends);
	tcase_add_test(tcase, an_address_that_a_host_gives_up_leaves_alone);
	tcase_add_test(tcase, what_another_host_asks_is_not_asked_again);
	tcase_add_test(tcase, a_question_with_answers_that_we_lack_replaces_none_of_ours);
	tcase_add_test(tcase, a_type_that_another_host_knows_is_one_that_we_lack);
	tcase_add_test(tcase, a_type_that_ends_is_asked_for_no_more_on_any_link);
	tcase_add_test(tcase, a_type_that_is_searched_for_is_asked_for_as_long_as_the_search_lasts);
	tcase_add_test(tcase, a_source_that_floods_holds_a_bounded_number_of_records);
	tcase_add_test(tcase, a_lost_link_takes_its_records_along);
	tcase_add_test(tcase, a_silent_host_goes_soon_while_a_program_watches);
	tcase_add_test(tcase, a_port_that_moves_is_seen_while_a_program_watches);
	tcase_add_test(tcase, watching_a_host_takes_one_question_in_ninety_seconds);
	tcase_add_test(tcase, what_a_host_says_again_is_renewed);
	tcase_add_test(tcase, what_a_host_says_in_another_way_is_reported);
	tcase_add_test(tcase, what_the_table_has_in_another_way_is_said_in_full);
	tcase_add_loop_test(tcase, a_renewal_does_what_the_full_report_does, 0, 20);
	tcase_add_loop_test(
	    tcase, what_others_ask_for_twice_without_an_answer_goes, 0, (int)COUNT_OF(QUESTIONS));
	tcase_add_test(tcase, what_others_ask_for_twice_in_a_second_stays);
	tcase_add_test(tcase, a_host_that_is_named_later_by_its_other_address_is_one);
	suite_add_tcase(suite, tcase);
	return suite;
}
