/* SPDX-License-Identifier: ISC
 * Scenarios of a host that says by multicast DNS what it said before: the table renews it without a
 * sighting, as long as nothing has changed. */
#include "host.h"
#include "scenarios.h"
#include "wire/dns_writer.h"

enum { PORT = 5353, LINK = 2, TTL = 4500 };
#define SENDER "10.1.0.21"

static struct dns_name name_of(const char *text)
{
	struct dns_name name;

	ck_assert_int_eq(dns_name_parse(slice_of(text), &name), 0);
	return name;
}

static void add(struct dns_writer *w, const struct dns_record *like)
{
	struct dns_record record = *like;

	record.section = DNS_ANSWER;
	record.class = DNS_IN;
	record.ttl = TTL;
	ck_assert(dns_writer_record(w, &record));
}

/* A host with an instance of a service announces all of it. */
static void announce(struct world *world, struct host *host)
{
	const struct dns_name type = name_of("_http._tcp.local"), device = name_of("tv.local");
	const struct dns_name instance = name_of("TV._http._tcp.local");
	struct datagram datagram = {.link = LINK, .from.port = PORT};
	uint8_t bytes[512];
	struct dns_writer w;

	dns_writer_init(&w, bytes, sizeof(bytes), 0, DNS_RESPONSE | DNS_AUTHORITATIVE);
	ck_assert_int_eq(address_parse(slice_of(SENDER), &datagram.from.address), 0);
	ck_assert_int_eq(address_parse(SLICE("224.0.0.251"), &datagram.to), 0);
	add(&w, &(struct dns_record){.name = type, .type = DNS_PTR, .target = instance});
	add(&w,
	    &(struct dns_record){.name = instance, .type = DNS_SRV, .port = 80, .target = device});
	add(&w, &(struct dns_record){.name = instance, .type = DNS_TXT, .rdata = SLICE("\3a=1")});
	add(&w,
	    &(struct dns_record){.name = device, .type = DNS_A, .address = datagram.from.address});
	datagram.bytes = dns_writer_result(&w);
	host_receive(host, &datagram, PORT);
	world_run(world, 0);
}

static const struct endpoint *endpoint_of(const struct host *host)
{
	const struct key key = key_of_name(SLICE("tv.local"));
	const struct device *device;

	ck_assert_uint_eq(table_find_key(core_table(host->core), &key, &device, 1), 1);
	return TAILQ_FIRST(&device->endpoints);
}

START_TEST(what_a_host_says_again_is_renewed_without_a_sighting)
{
	struct world *world = world_new(1, WITH_MDNS);
	struct host *host = world_add_running_host(world);

	announce(world, host);
	world_run(world, SECONDS(60));
	unsigned sightings = host->sightings;
	announce(world, host);
	ck_assert_uint_eq(host->sightings, sightings);
	const struct endpoint *endpoint = endpoint_of(host);
	struct instant until = instant_add(world->now, SECONDS(TTL));
	ck_assert_int_eq(endpoint->last_seen.us, world->now.us);
	ck_assert_int_eq(endpoint_expires(endpoint).us, until.us);
	ck_assert_uint_eq(endpoint->service_count, 1);
	ck_assert_int_eq(endpoint->services[0].expires.us, until.us);
	world_free(world);
}
END_TEST

START_TEST(what_has_another_mac_since_is_read)
{
	struct world *world = world_new(1, WITH_MDNS);
	struct host *host = world_add_running_host(world);

	world_set_mac(world, 1, SENDER, 7, false);
	announce(world, host);
	world_run(world, SECONDS(60));
	unsigned sightings = host->sightings;
	world_set_mac(world, 1, SENDER, 8, false);
	announce(world, host);
	ck_assert_uint_gt(host->sightings, sightings);
	const struct endpoint *endpoint = endpoint_of(host);
	ck_assert_int_eq(endpoint->last_seen.us, world->now.us);
	ck_assert_uint_eq(STAILQ_FIRST(&endpoint->presences)->mac.bytes[5], 8);
	world_free(world);
}
END_TEST

Suite *renewals_suite(void)
{
	Suite *suite = suite_create("scenario/renewals");
	TCase *tcase = tcase_create("renewals");

	tcase_add_test(tcase, what_a_host_says_again_is_renewed_without_a_sighting);
	tcase_add_test(tcase, what_has_another_mac_since_is_read);
	suite_add_tcase(suite, tcase);
	return suite;
}
