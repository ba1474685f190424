/* SPDX-License-Identifier: ISC
 * publisher_bench: see publisher_bench.h. */
#include "publisher_bench.h"
#include "engine/mdns_internal.h"
#include "model/link_change.h"
#include <stdlib.h>
#include <string.h>

static const struct engine_type *const ENGINES[] = {&MDNS_ENGINE, NULL};

static struct address address_of(const char *text)
{
	struct address address;

	ck_assert_int_eq(address_parse(slice_of(text), &address), 0);
	return address;
}

static void add_address(struct publisher_bench *bench, uint32_t index, const char *text)
{
	struct link *link = link_set_add(&bench->links, index);
	struct link_address address = {.prefix = {address_of(text), 24}, .usable = true};

	ck_assert_ptr_nonnull(link);
	if (address.prefix.address.family == ADDRESS_IPV6)
		address.prefix.len = 64;
	address.broadcast = prefix_broadcast(&address.prefix);
	link->up = link->multicast = link->broadcast = true;
	link->mtu = 1500;
	ck_assert_int_eq(link_add_address(link, &address), 0);
}

static void announce(struct publisher_bench *bench)
{
	struct offer *offer = offer_new();
	struct offered_device *root = offer_add_device(offer, 0);
	struct offered_service web = {.name = strdup("Web"), .path = strdup("/x"), .port = 80};

	offers_init(&bench->offers);
	root->udn = strdup("uuid:00000000-0000-5000-8000-00000000000a");
	root->type = strdup("urn:schemas-upnp-org:device:Basic:1");
	root->name = strdup("Bench");
	root->model = strdup("Model");
	root->manufacturer = strdup("Maker");
	ck_assert_int_eq(
	    offered_service_set_type(&web, SLICE("mdns"), SLICE("_http._tcp,_printer")), 0);
	ck_assert_int_eq(offered_device_copy_service(root, &web), 0);
	offered_service_fini(&web);
	bench->offers.http_port = 5006;
	ck_assert_int_eq(offers_add(&bench->offers, offer), 0);
}

/* Notes when the datagrams that are new in the outbox were sent. */
static void note(struct publisher_bench *bench, size_t from)
{
	ck_assert_uint_le(bench->outbox.send_count, PUBLISHER_SENDS_MAX);
	for (size_t i = from; i < bench->outbox.send_count; i++)
		bench->sent_at[i] = bench->now;
}

void publisher_bench_start(struct publisher_bench *bench)
{
	size_t before = bench->outbox.send_count;

	MDNS_ENGINE.start(bench->engine, bench->now, &bench->outbox);
	note(bench, before);
}

struct publisher_bench *publisher_bench_new(bool started)
{
	struct publisher_bench *bench = calloc(1, sizeof(*bench));

	ck_assert_ptr_nonnull(bench);
	ck_assert_int_eq(engine_config_init(&bench->config, ENGINES), 0);
	announce(bench);
	link_set_init(&bench->links);
	add_address(bench, PUBLISHER_LINK, "192.0.2.10");
	rng_init(&bench->rng, 1);
	outbox_init(&bench->outbox);
	bench->now = (struct instant){SECONDS(1000)};
	bench->context = (struct engine_context){
	    .config = &bench->config,
	    .offers = &bench->offers,
	    .links = &bench->links,
	    .rng = &bench->rng,
	};
	bench->engine = MDNS_ENGINE.create(&bench->context);
	ck_assert_ptr_nonnull(bench->engine);
	bench->engine->ports[FAMILY_IPV4] = bench->engine->ports[FAMILY_IPV6] = MDNS_PORT;
	if (started)
		publisher_bench_start(bench);
	return bench;
}

void publisher_bench_free(struct publisher_bench *bench)
{
	MDNS_ENGINE.destroy(bench->engine);
	outbox_fini(&bench->outbox);
	link_set_fini(&bench->links);
	offers_fini(&bench->offers);
	config_fini(&bench->config);
	free(bench);
}

void publisher_bench_run(struct publisher_bench *bench, int64_t duration)
{
	struct instant end = instant_add(bench->now, duration);

	for (;;) {
		struct instant due = MDNS_ENGINE.deadline(bench->engine);
		if (instant_before(end, due))
			break;
		bench->now = instant_later(due, bench->now);
		size_t before = bench->outbox.send_count;
		MDNS_ENGINE.advance(bench->engine, bench->now, &bench->outbox);
		note(bench, before);
	}
	bench->now = end;
}

static void tell_offer(
    struct publisher_bench *bench, enum offer_event event, const struct offer *offer)
{
	size_t before = bench->outbox.send_count;
	const struct offer_change change = {event, offer};

	MDNS_ENGINE.offer_changed(bench->engine, bench->now, &change, &bench->outbox);
	note(bench, before);
}

uint64_t publisher_bench_offer(
    struct publisher_bench *bench, const char *name, const char *type, uint16_t port)
{
	struct offer *offer = offer_new();
	struct offered_device *root = offer_add_device(offer, 0);
	struct offered_service service = {.port = port};

	root->udn = strdup("uuid:00000000-0000-5000-8000-00000000000b");
	root->type = strdup("urn:schemas-upnp-org:device:Basic:1");
	root->name = strdup(name);
	ck_assert_int_eq(offered_service_set_type(&service, SLICE("mdns"), slice_of(type)), 0);
	ck_assert_int_eq(offered_device_copy_service(root, &service), 0);
	offered_service_fini(&service);
	ck_assert_int_eq(offers_add(&bench->offers, offer), 0);
	tell_offer(bench, OFFER_CAME, offer);
	return offer->number;
}

void publisher_bench_withdraw(struct publisher_bench *bench, uint64_t number)
{
	struct offer *offer = offers_take(&bench->offers, number);

	ck_assert_ptr_nonnull(offer);
	tell_offer(bench, OFFER_GONE, offer);
	offer_free(offer);
}

static void tell_link(struct publisher_bench *bench, enum link_event event, const struct link *link,
    const struct link_address *address)
{
	size_t before = bench->outbox.send_count;
	const struct link_change change = {event, link, address};

	MDNS_ENGINE.link_changed(bench->engine, bench->now, &change, &bench->outbox);
	note(bench, before);
}

void publisher_bench_plug(struct publisher_bench *bench, uint32_t link, const char *address)
{
	add_address(bench, link, address);
	tell_link(bench, LINK_CAME, link_set_find(&bench->links, link), NULL);
}

void publisher_bench_unplug(struct publisher_bench *bench, uint32_t index)
{
	struct link_set former;

	ck_assert_int_eq(link_set_copy(&bench->links, &former), 0);
	link_set_remove(&bench->links, index);
	tell_link(bench, LINK_GONE, link_set_find(&former, index), NULL);
	link_set_fini(&former);
}

static const struct link_address *find_address(const struct link_set *links, const char *text)
{
	const struct link *link = link_set_find(links, PUBLISHER_LINK);
	struct address address = address_of(text);

	for (size_t i = 0; i < link->address_count; i++)
		if (address_equal(&link->addresses[i].prefix.address, &address))
			return &link->addresses[i];
	ck_abort_msg("no address %s", text);
}

void publisher_bench_lose(struct publisher_bench *bench, const char *text)
{
	struct link_set former;

	ck_assert_int_eq(link_set_copy(&bench->links, &former), 0);
	const struct link_address *gone = find_address(&former, text);
	link_remove_address(link_set_find(&bench->links, PUBLISHER_LINK), &gone->prefix);
	tell_link(bench, LINK_ADDRESS_GONE, link_set_find(&former, PUBLISHER_LINK), gone);
	link_set_fini(&former);
}

void publisher_bench_gain(struct publisher_bench *bench, const char *text)
{
	add_address(bench, PUBLISHER_LINK, text);
	tell_link(bench, LINK_ADDRESS_CAME, link_set_find(&bench->links, PUBLISHER_LINK),
	    find_address(&bench->links, text));
}

void publisher_bench_stop(struct publisher_bench *bench)
{
	size_t before = bench->outbox.send_count;

	MDNS_ENGINE.stop(bench->engine, bench->now, &bench->outbox);
	note(bench, before);
}

void publisher_bench_announce(struct publisher_bench *bench, bool yes)
{
	struct config before;

	ck_assert_int_eq(engine_config_init(&before, ENGINES), 0);
	((struct mdns_config *)config_values(&bench->config, MDNS_ENGINE.section))->announce = yes;
	MDNS_ENGINE.reconfigured(bench->engine, bench->now, &before, &bench->outbox);
	config_fini(&before);
}

struct dns_name name_of(const char *text)
{
	struct dns_name name;

	ck_assert_int_eq(dns_name_parse(slice_of(text), &name), 0);
	return name;
}

struct dns_record a_record(const char *name, const char *address, uint32_t ttl)
{
	return (struct dns_record){
	    .section = DNS_ANSWER,
	    .name = name_of(name),
	    .type = DNS_A,
	    .class = DNS_IN,
	    .flag = true,
	    .ttl = ttl,
	    .address = address_of(address),
	};
}

struct dns_record srv_record(const char *name, const char *target, uint16_t port)
{
	return (struct dns_record){
	    .section = DNS_ANSWER,
	    .name = name_of(name),
	    .type = DNS_SRV,
	    .class = DNS_IN,
	    .flag = true,
	    .ttl = 120,
	    .target = name_of(target),
	    .port = port,
	};
}

struct dns_record ptr_record(const char *name, const char *target, uint32_t ttl)
{
	return (struct dns_record){
	    .section = DNS_ANSWER,
	    .name = name_of(name),
	    .type = DNS_PTR,
	    .class = DNS_IN,
	    .ttl = ttl,
	    .target = name_of(target),
	};
}

void publisher_bench_hear_from(
    struct publisher_bench *bench, const struct dns_writer *w, const char *from, uint16_t port)
{
	size_t before = bench->outbox.send_count;
	const struct datagram datagram = {
	    .channel = CHANNEL_SHARED,
	    .link = PUBLISHER_LINK,
	    .from = {address_of(from), port},
	    .to = address_of("224.0.0.251"),
	    .bytes = dns_writer_result(w),
	};

	MDNS_ENGINE.input(bench->engine, bench->now, &datagram, &bench->outbox);
	note(bench, before);
}

void publisher_bench_hear(struct publisher_bench *bench, const struct dns_writer *w)
{
	publisher_bench_hear_from(bench, w, "192.0.2.77", MDNS_PORT);
}

void publisher_bench_ask(
    struct publisher_bench *bench, const char *name, uint16_t type, bool unicast)
{
	struct dns_name question = name_of(name);
	uint8_t bytes[512];
	struct dns_writer w;

	dns_writer_init(&w, bytes, sizeof(bytes), 0, 0);
	ck_assert(dns_writer_question(&w, &question, type, DNS_IN, unicast));
	publisher_bench_hear(bench, &w);
}

void publisher_bench_respond(struct publisher_bench *bench, const struct dns_record *record)
{
	uint8_t bytes[1024];
	struct dns_writer w;

	dns_writer_init(&w, bytes, sizeof(bytes), 0, DNS_RESPONSE | DNS_AUTHORITATIVE);
	ck_assert(dns_writer_record(&w, record));
	publisher_bench_hear(bench, &w);
}

/* How many records of this kind one datagram has; the last of them. */
static size_t count_in(const struct outbox_send *send, enum dns_section section, uint16_t type,
    const char *name, struct dns_record *found)
{
	struct dns_name wanted = name_of(name);
	struct dns_cursor cursor = {0};
	struct dns_message message;
	struct dns_record record;
	size_t count = 0;

	ck_assert_int_eq(dns_message_parse(send->bytes, &message), 0);
	while (dns_message_next(&message, &cursor, &record))
		if (record.section == section && record.type == type &&
		    dns_name_equal(&record.name, &wanted)) {
			*found = record;
			count++;
		}
	ck_assert(!cursor.cut && !cursor.malformed);
	return count;
}

size_t publisher_bench_count(const struct publisher_bench *bench, size_t from,
    enum dns_section section, uint16_t type, const char *name)
{
	struct dns_record found;
	size_t count = 0;

	for (size_t i = from; i < bench->outbox.send_count; i++)
		if (bench->outbox.sends[i].to.address.family == ADDRESS_IPV4)
			count += count_in(&bench->outbox.sends[i], section, type, name, &found);
	return count;
}

static size_t find(const struct publisher_bench *bench, size_t from, enum dns_section section,
    uint16_t type, const char *name, struct dns_record *found)
{
	for (size_t i = from; i < bench->outbox.send_count; i++)
		if (count_in(&bench->outbox.sends[i], section, type, name, found) > 0)
			return i;
	ck_abort_msg("nothing about %s was sent", name);
}

size_t publisher_bench_find(const struct publisher_bench *bench, size_t from,
    enum dns_section section, uint16_t type, const char *name)
{
	struct dns_record found;

	return find(bench, from, section, type, name, &found);
}

struct dns_record publisher_bench_record(const struct publisher_bench *bench, size_t from,
    enum dns_section section, uint16_t type, const char *name)
{
	struct dns_record found = {0};

	find(bench, from, section, type, name, &found);
	return found;
}

uint64_t publisher_bench_counter(const struct publisher_bench *bench, const char *name)
{
	struct counter_group group = MDNS_ENGINE.counters(bench->engine);

	for (size_t i = 0; i < group.count; i++)
		if (strcmp(group.counters[i].name, name) == 0)
			return group.counters[i].value;
	ck_abort_msg("no counter %s", name);
}
