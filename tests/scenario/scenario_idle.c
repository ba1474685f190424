/* SPDX-License-Identifier: ISC
 * Scenarios of a network on which nothing happens: how little the hosts say then, and that they
 * notice what happens after all. */
#include "base/array.h"
#include "host.h"
#include "scenarios.h"
#include "wire/ssdp_message.h"
#include "world.h"

enum { HOSTS = 50, FEW_HOSTS = 10 };

static const struct row {
	unsigned engines;
	double datagrams; /* a second, of all hosts, at most */
} ROWS[] = {
    {WITH_SSDP, 0.3},
    {WITH_BROADCAST, 0.2},
    {WITH_SSDP | WITH_BROADCAST | WITH_MDNS | WITH_WSD, 1.0},
};

START_TEST(idle_hosts_are_quiet)
{
	const struct row *row = &ROWS[_i];
	struct world *world = world_new(1, row->engines);

	for (unsigned i = 0; i < HOSTS; i++)
		world_add_running_host(world);
	world_run(world, SECONDS(1200));
	uint64_t before = world->sent;
	world_run(world, SECONDS(3600));
	ck_assert(world_is_complete(world));
	double a_second = (double)(world->sent - before) / 3600;
	ck_assert_msg(a_second < row->datagrams, "%.2f datagrams a second", a_second);
	world_free(world);
}
END_TEST

START_TEST(a_newcomer_among_idle_hosts_is_seen_within_a_second)
{
	struct world *world = world_new(2, ROWS[_i].engines);

	for (unsigned i = 0; i < FEW_HOSTS; i++)
		world_add_running_host(world);
	world_run(world, SECONDS(40000));
	struct host *newcomer = world_add_running_host(world);
	world_run(world, SECONDS(1));
	for (unsigned i = 0; i < FEW_HOSTS; i++)
		ck_assert(host_sees(world->hosts[i], newcomer));
	world_run(world, SECONDS(1));
	ck_assert(world_is_complete(world));
	world_free(world);
}
END_TEST

/* Answers each search that can be for it, and announces nothing. */
static void answer_searches(struct host *host, const struct datagram *datagram, uint16_t port)
{
	static const char ANSWER[] =
	    "HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=1800\r\nST: upnp:rootdevice\r\n"
	    "USN: uuid:00000000-0000-5000-8000-00000000dead::upnp:rootdevice\r\n\r\n";
	struct ssdp_message message;
	const struct address_port from = {address_ipv4(10, 1, 0, (uint8_t)host->number), port};
	const struct outbox_send send = {.link = 2,
	    .source = from.address,
	    .to = datagram->from,
	    .bytes = {ANSWER, sizeof(ANSWER) - 1}};

	if (ssdp_parse(datagram->bytes, &message) == 0 && message.kind == SSDP_SEARCH &&
	    !slice_starts_with(message.target, SLICE("urn:")))
		world_send(host->world, host, &send, &from);
}

static const struct host_program SILENT = {.receive = answer_searches};

START_TEST(what_only_answers_stays_among_hosts_that_announce_themselves)
{
	struct world *world = world_new(3, WITH_SSDP);

	for (unsigned i = 0; i < FEW_HOSTS; i++)
		world_add_running_host(world);
	struct host *silent = world_add_host(world);
	silent->program = &SILENT;
	host_plug(silent, 2, 1, "10.1.0.11");
	world_run(world, SECONDS(1000));
	ck_assert_uint_eq(host_count(world->hosts[0]), FEW_HOSTS);
	world_run(world, SECONDS(86400));
	for (unsigned i = 0; i < FEW_HOSTS; i++) {
		ck_assert_uint_eq(host_count(world->hosts[i]), FEW_HOSTS);
		ck_assert_uint_eq(world->hosts[i]->events[TABLE_REMOVED], 0);
	}
	silent->asleep = true;
	world_run(world, SECONDS(1801));
	ck_assert_uint_eq(host_count(world->hosts[0]), FEW_HOSTS - 1);
	world_free(world);
}
END_TEST

Suite *idle_suite(void)
{
	Suite *suite = suite_create("idle");
	TCase *tcase = tcase_create("idle");

	tcase_set_timeout(tcase, 300);
	tcase_add_loop_test(tcase, idle_hosts_are_quiet, 0, COUNT_OF(ROWS));
	tcase_add_loop_test(
	    tcase, a_newcomer_among_idle_hosts_is_seen_within_a_second, 0, COUNT_OF(ROWS));
	tcase_add_test(tcase, what_only_answers_stays_among_hosts_that_announce_themselves);
	suite_add_tcase(suite, tcase);
	return suite;
}
