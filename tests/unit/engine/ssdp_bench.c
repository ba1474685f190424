/* SPDX-License-Identifier: ISC
 * ssdp_bench: one SSDP engine on a bench. */
#include "ssdp_bench.h"
#include "model/link_change.h"
#include "model/offers.h"
#include <stdlib.h>
#include <string.h>

static const struct engine_type *const ENGINES[] = {&SSDP_ENGINE, NULL};

struct address bench_address(const char *text)
{
	struct address address;
	ck_assert_int_eq(address_parse(slice_of(text), &address), 0);
	return address;
}

void bench_add_address(struct bench *bench, uint32_t index, const char *text, uint8_t len)
{
	struct link *link = link_set_add(&bench->links, index);
	struct link_address address = {.prefix = {bench_address(text), len}, .usable = true};
	address.broadcast = prefix_broadcast(&address.prefix);
	ck_assert_ptr_nonnull(link);
	link->up = link->multicast = link->broadcast = true;
	ck_assert_int_eq(link_add_address(link, &address), 0);
}

static void announce(struct offers *offers)
{
	offers_init(offers);
	struct offer *offer = offer_new();
	struct offered_device *root = offer_add_device(offer, 0);
	root->udn = strdup(ROOT_UDN);
	root->type = strdup(ROOT_TYPE);
	root->name = strdup("Bench");
	offered_device_add_service(root, SERVICE_TYPE, "urn:upnp-org:serviceId:Switch");
	offers->server = strdup("Linux/6.1 UPnP/2.0 discoverd/0.1");
	strcpy(offers->instance, "0123456789abcdef");
	offers->http_port = 5006;
	offer->url = strdup("http://*:5006/description.xml");
	offer->epoch = 1700000000;
	offer->revision = 4711;
	ck_assert_int_eq(offers_add(offers, offer), 0);
}

struct bench *bench_new(void)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	ck_assert_ptr_nonnull(bench);
	ck_assert_int_eq(engine_config_init(&bench->config, ENGINES), 0);
	announce(&bench->offers);
	link_set_init(&bench->links);
	bench_add_address(bench, LINK, "192.0.2.10", 24);
	rng_init(&bench->rng, 1);
	outbox_init(&bench->outbox);
	bench->now = (struct instant){SECONDS(1000)};
	bench->context = (struct engine_context){
	    .config = &bench->config,
	    .offers = &bench->offers,
	    .links = &bench->links,
	    .rng = &bench->rng,
	    /* The clock starts on Sunday, 6 November 1994, 08:49:37 (RFC 7231's example). */
	    .wall_offset = SECONDS(784111777 - 1000),
	};
	bench->engine = SSDP_ENGINE.create(&bench->context);
	ck_assert_ptr_nonnull(bench->engine);
	bench->engine->ports[FAMILY_IPV4] = bench->engine->ports[FAMILY_IPV6] = 1900;
	return bench;
}

void bench_free(struct bench *bench)
{
	SSDP_ENGINE.destroy(bench->engine);
	outbox_fini(&bench->outbox);
	link_set_fini(&bench->links);
	offers_fini(&bench->offers);
	config_fini(&bench->config);
	free(bench);
}

/* Notes when the datagrams that are new in the outbox were sent. */
static void note(struct bench *bench, size_t from)
{
	ck_assert_uint_le(bench->outbox.send_count, BENCH_SENDS_MAX);
	for (size_t i = from; i < bench->outbox.send_count; i++)
		bench->sent_at[i] = bench->now;
}

static void tell_change(struct bench *bench, enum link_event event, const struct link *link)
{
	size_t before = bench->outbox.send_count;
	SSDP_ENGINE.link_changed(
	    bench->engine, bench->now, &(struct link_change){event, link, NULL}, &bench->outbox);
	note(bench, before);
	if (bench->outbox.renumber)
		bench_renumber(bench);
}

void bench_offer_changed(struct bench *bench, enum offer_event event, const struct offer *offer)
{
	size_t before = bench->outbox.send_count;
	SSDP_ENGINE.offer_changed(
	    bench->engine, bench->now, &(struct offer_change){event, offer}, &bench->outbox);
	note(bench, before);
}

void bench_reconfigured(struct bench *bench)
{
	size_t sent = bench->outbox.send_count;
	struct config before;
	ck_assert_int_eq(engine_config_init(&before, ENGINES), 0);
	ssdp_config(&before)->max_age = ssdp_config(&bench->config)->max_age + 1;
	SSDP_ENGINE.reconfigured(bench->engine, bench->now, &before, &bench->outbox);
	note(bench, sent);
	config_fini(&before);
}

void bench_renumber(struct bench *bench)
{
	bench->outbox.renumber = false;
	for (size_t i = 0; i < bench->offers.count; i++)
		bench->offers.list[i]->epoch++;
	bench_offer_changed(bench, OFFER_RENUMBERED, NULL);
}

struct offer *bench_own(const struct bench *bench)
{
	return bench->offers.list[0];
}

/* A offer that is announced otherwise is another one. */
static void renew_own(struct bench *bench, char *location, uint32_t config_id)
{
	struct offer *offer = bench_own(bench), *former = malloc(sizeof(*former));
	*former = *offer;
	offer->number = ++bench->offers.last_number;
	offer->url = location;
	offer->revision = config_id;
	offer->epoch++;
	bench_offer_changed(bench, OFFER_GONE, former);
	free(former->url);
	free(former);
	bench_offer_changed(bench, OFFER_CAME, offer);
}

void bench_set_location(struct bench *bench, const char *location)
{
	renew_own(bench, location ? strdup(location) : NULL, bench_own(bench)->revision);
}

void bench_set_config_id(struct bench *bench, uint32_t config_id)
{
	renew_own(bench, strdup(bench_own(bench)->url), config_id);
}

struct offer *bench_add_offer(
    struct bench *bench, const char *udn, const char *type, const char *location)
{
	struct offer *offer = offer_new();
	struct offered_device *root = offer_add_device(offer, 0);
	root->udn = strdup(udn);
	root->type = strdup(type);
	offer->url = strdup(location);
	offer->epoch = bench_own(bench)->epoch + 1000;
	offer->revision = 7;
	ck_assert_int_eq(offers_add(&bench->offers, offer), 0);
	bench_offer_changed(bench, OFFER_CAME, offer);
	return offer;
}

void bench_remove_offer(struct bench *bench, uint64_t number)
{
	struct offer *offer = offers_take(&bench->offers, number);
	ck_assert_ptr_nonnull(offer);
	bench_offer_changed(bench, OFFER_GONE, offer);
	offer_free(offer);
}

void bench_links_changed(struct bench *bench)
{
	tell_change(bench, LINK_CAME, bench->links.links);
}

void bench_link_goes(struct bench *bench, uint32_t index)
{
	struct link_set former;
	ck_assert_int_eq(link_set_copy(&bench->links, &former), 0);
	link_set_remove(&bench->links, index);
	tell_change(bench, LINK_GONE, link_set_find(&former, index));
	link_set_fini(&former);
}

void bench_lose_address(struct bench *bench, uint32_t index)
{
	struct link_set former;
	ck_assert_int_eq(link_set_copy(&bench->links, &former), 0);
	struct link *link = link_set_find(&bench->links, index);
	link_remove_address(link, &link->addresses[0].prefix);
	tell_change(bench, LINK_ADDRESS_GONE, link_set_find(&former, index));
	link_set_fini(&former);
}

void bench_start(struct bench *bench)
{
	SSDP_ENGINE.start(bench->engine, bench->now, &bench->outbox);
	note(bench, 0);
}

void bench_run(struct bench *bench, int64_t duration)
{
	struct instant end = instant_add(bench->now, duration);
	for (;;) {
		struct instant due = SSDP_ENGINE.deadline(bench->engine);
		if (instant_before(end, due))
			break;
		bench->now = instant_later(due, bench->now);
		bench->wakeups++;
		size_t before = bench->outbox.send_count;
		SSDP_ENGINE.advance(bench->engine, bench->now, &bench->outbox);
		note(bench, before);
		if (bench->outbox.renumber)
			bench_renumber(bench);
	}
	bench->now = end;
}

struct datagram bench_datagram(const char *text)
{
	return (struct datagram){
	    .channel = CHANNEL_SHARED,
	    .link = LINK,
	    .from = {bench_address("192.0.2.77"), 5000},
	    .to = bench_address("239.255.255.250"),
	    .own_port = OWN_PORT,
	    .bytes = slice_of(text),
	};
}

void bench_hear(struct bench *bench, const struct datagram *datagram)
{
	size_t before = bench->outbox.send_count;
	SSDP_ENGINE.input(bench->engine, bench->now, datagram, &bench->outbox);
	note(bench, before);
}

void bench_hear_text(struct bench *bench, const char *text)
{
	struct datagram datagram = bench_datagram(text);
	bench_hear(bench, &datagram);
}

uint64_t bench_counter(const struct bench *bench, const char *name)
{
	struct counter_group group = SSDP_ENGINE.counters(bench->engine);
	for (size_t i = 0; i < group.count; i++)
		if (strcmp(group.counters[i].name, name) == 0)
			return group.counters[i].value;
	ck_abort_msg("no counter %s", name);
}

struct ssdp_message bench_sent(const struct bench *bench, size_t i)
{
	struct ssdp_message message;
	ck_assert_uint_lt(i, bench->outbox.send_count);
	ck_assert_int_eq(ssdp_parse(bench->outbox.sends[i].bytes, &message), 0);
	return message;
}

static size_t next_of(
    const struct bench *bench, size_t from, enum ssdp_kind kind, const char *target)
{
	for (; from < bench->outbox.send_count; from++) {
		struct ssdp_message message = bench_sent(bench, from);
		if (message.kind == kind &&
		    (!target || slice_equal(message.target, slice_of(target))))
			break;
	}
	return from;
}

size_t bench_count(const struct bench *bench, size_t from, enum ssdp_kind kind, const char *target)
{
	size_t count = 0;
	while ((from = next_of(bench, from, kind, target)) < bench->outbox.send_count) {
		count++;
		from++;
	}
	return count;
}

size_t bench_find(const struct bench *bench, size_t from, enum ssdp_kind kind, const char *target)
{
	size_t at = next_of(bench, from, kind, target);
	ck_assert_uint_lt(at, bench->outbox.send_count);
	return at;
}

void bench_expect_text(const struct bench *bench, size_t i, const char *text)
{
	struct slice said = bench->outbox.sends[i].bytes;
	ck_assert_msg(
	    slice_equal(said, slice_of(text)), "said:\n%.*s\nnot:\n%s", SLICE_ARGS(said), text);
}
