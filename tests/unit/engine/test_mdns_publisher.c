/* SPDX-License-Identifier: ISC
 * Tests of engine/mdns_publisher, mdns_probe and mdns_records. */
#include "engine/mdns_internal.h"
#include "publisher_bench.h"
#include "suites.h"
#include <stdio.h>

static struct publisher_bench *bench;
static size_t before; /* what was sent before the test began */

/* The start: nothing has been sent yet. */
static void setup_start(void)
{
	bench = publisher_bench_new(true);
	before = 0;
}

/* Everything has been announced. */
static void setup_announced(void)
{
	setup_start();
	publisher_bench_run(bench, SECONDS(10));
	before = bench->outbox.send_count;
}

static void teardown(void)
{
	publisher_bench_free(bench);
}

static size_t probes(const char *name)
{
	return publisher_bench_count(bench, before, DNS_QUESTION, DNS_ANY, name);
}

static size_t answers(uint16_t type, const char *name)
{
	return publisher_bench_count(bench, before, DNS_ANSWER, type, name);
}

START_TEST(rfc6762_8_1_three_probes_come_before_anything_is_announced)
{
	publisher_bench_run(bench, MILLISECONDS(250));
	size_t first = publisher_bench_find(bench, 0, DNS_QUESTION, DNS_ANY, WEB_NAME);
	ck_assert(publisher_bench_record(bench, 0, DNS_AUTHORITY, DNS_SRV, WEB_NAME).port == 80);
	ck_assert(!publisher_bench_record(bench, 0, DNS_AUTHORITY, DNS_A, OUR_HOST).flag);
	ck_assert(!publisher_bench_record(bench, 0, DNS_QUESTION, DNS_ANY, OUR_HOST).flag);
	ck_assert_uint_eq(publisher_bench_count(bench, 0, DNS_AUTHORITY, DNS_TXT, OWN_NAME), 1);
	publisher_bench_run(bench, MILLISECONDS(499));
	ck_assert_uint_eq(probes(WEB_NAME), 3);
	ck_assert_uint_eq(probes(OUR_HOST), 3);
	ck_assert_uint_eq(answers(DNS_SRV, WEB_NAME), 0);
	publisher_bench_run(bench, SECONDS(10));
	ck_assert_uint_eq(probes(WEB_NAME), 3);
	size_t announced = publisher_bench_find(bench, 0, DNS_ANSWER, DNS_SRV, WEB_NAME);
	ck_assert_int_eq(
	    instant_since(bench->sent_at[announced], bench->sent_at[first]), MILLISECONDS(750));
	ck_assert_uint_eq(bench->outbox.sends[first].to.port, MDNS_PORT);
}
END_TEST

START_TEST(rfc6762_8_3_everything_is_announced_twice)
{
	publisher_bench_run(bench, SECONDS(60));
	ck_assert_uint_eq(answers(DNS_A, OUR_HOST), 2);
	ck_assert_uint_eq(answers(DNS_SRV, WEB_NAME), 2);
	ck_assert_uint_eq(answers(DNS_TXT, WEB_NAME), 2);
	ck_assert_uint_eq(answers(DNS_PTR, WEB_TYPE), 2);
	ck_assert_uint_eq(answers(DNS_PTR, "_printer._sub." WEB_TYPE), 2);
	ck_assert_uint_eq(answers(DNS_PTR, "_discoverd._tcp.local"), 2);
	ck_assert_uint_eq(answers(DNS_PTR, "_services._dns-sd._udp.local"), 4);
	size_t first = publisher_bench_find(bench, 0, DNS_ANSWER, DNS_A, OUR_HOST);
	size_t second = publisher_bench_find(bench, first + 1, DNS_ANSWER, DNS_A, OUR_HOST);
	ck_assert_int_eq(instant_since(bench->sent_at[second], bench->sent_at[first]), SECONDS(1));
	struct dns_message message;
	ck_assert_int_eq(dns_message_parse(bench->outbox.sends[first].bytes, &message), 0);
	ck_assert_uint_eq(message.flags, DNS_RESPONSE | DNS_AUTHORITATIVE);
	ck_assert_uint_eq(message.id, 0);
}
END_TEST

START_TEST(records_have_the_lifetimes_and_flags_of_rfc6762_10)
{
	publisher_bench_run(bench, SECONDS(10));
	struct dns_record srv = publisher_bench_record(bench, 0, DNS_ANSWER, DNS_SRV, WEB_NAME);
	struct dns_record txt = publisher_bench_record(bench, 0, DNS_ANSWER, DNS_TXT, WEB_NAME);
	struct dns_record ptr = publisher_bench_record(bench, 0, DNS_ANSWER, DNS_PTR, WEB_TYPE);
	struct dns_name host = name_of(OUR_HOST), web = name_of(WEB_NAME);

	ck_assert(srv.ttl == 120 && srv.flag && srv.port == 80);
	ck_assert(dns_name_equal(&srv.target, &host));
	ck_assert(txt.ttl == 4500 && txt.flag && slice_equal(txt.rdata, SLICE("\7path=/x")));
	ck_assert(ptr.ttl == 4500 && !ptr.flag && dns_name_equal(&ptr.target, &web));
	ck_assert_uint_eq(publisher_bench_record(bench, 0, DNS_ANSWER, DNS_A, OUR_HOST).ttl, 120);
	txt = publisher_bench_record(bench, 0, DNS_ANSWER, DNS_TXT, OWN_NAME);
	ck_assert(
	    slice_equal(txt.rdata, SLICE("\11txtvers=1\47id=00000000-0000-5000-8000-00000000000a"
					 "\25path=/description.xml\10md=Model\10mf=Maker")));
}
END_TEST

START_TEST(rfc6762_10_1_a_stop_says_goodbye)
{
	publisher_bench_stop(bench);
	ck_assert_uint_eq(answers(DNS_PTR, WEB_TYPE), 2); /* one may get lost */
	ck_assert_uint_eq(
	    publisher_bench_record(bench, before, DNS_ANSWER, DNS_PTR, WEB_TYPE).ttl, 0);
	ck_assert_uint_eq(
	    publisher_bench_record(bench, before, DNS_ANSWER, DNS_SRV, OWN_NAME).ttl, 0);
	ck_assert_uint_eq(
	    publisher_bench_record(bench, before, DNS_ANSWER, DNS_A, OUR_HOST).ttl, 0);
	/* other hosts may have services of these types */
	ck_assert_uint_eq(answers(DNS_PTR, "_services._dns-sd._udp.local"), 0);
}
END_TEST

START_TEST(nothing_is_taken_back_that_was_not_announced)
{
	publisher_bench_run(bench, MILLISECONDS(500));
	before = bench->outbox.send_count;
	publisher_bench_stop(bench);
	ck_assert_uint_eq(bench->outbox.send_count, before);
}
END_TEST

START_TEST(rfc6762_9_a_name_of_another_host_gets_a_number)
{
	struct dns_record srv = srv_record(WEB_NAME, "other.local", 81);

	publisher_bench_run(bench, MILLISECONDS(300));
	publisher_bench_respond(bench, &srv);
	publisher_bench_run(bench, SECONDS(10));
	ck_assert_uint_eq(answers(DNS_SRV, WEB_NAME), 0);
	ck_assert_uint_eq(probes(WEB_TWO), 3);
	ck_assert_uint_eq(answers(DNS_SRV, WEB_TWO), 2);
	/* the others go on as they were */
	ck_assert_uint_eq(probes(OWN_NAME), 3);
	struct announced_name announced;
	ck_assert(MDNS_ENGINE.announced(bench->engine, 1, &announced));
	ck_assert(slice_equal(announced.name, SLICE("Web (2)")) && announced.claimed);
	ck_assert(slice_equal(announced.type, SLICE("_http._tcp")) && announced.port == 80);
	ck_assert(!MDNS_ENGINE.announced(bench->engine, 2, &announced));
}
END_TEST

START_TEST(a_record_of_another_type_is_a_conflict_while_probing)
{
	struct dns_record a = a_record(WEB_NAME, "192.0.2.77", 120);

	publisher_bench_run(bench, MILLISECONDS(300));
	publisher_bench_respond(bench, &a);
	publisher_bench_run(bench, SECONDS(10));
	ck_assert_uint_eq(answers(DNS_SRV, WEB_TWO), 2);
}
END_TEST

START_TEST(this_host_gets_a_number_too)
{
	struct dns_record a = a_record(OUR_HOST, "192.0.2.77", 120);

	publisher_bench_run(bench, MILLISECONDS(300));
	publisher_bench_respond(bench, &a);
	publisher_bench_run(bench, SECONDS(10));
	struct dns_name host = name_of("discoverd-00000000000a-2.local");
	ck_assert_uint_eq(answers(DNS_A, OUR_HOST), 0);
	ck_assert_uint_eq(answers(DNS_A, "discoverd-00000000000a-2.local"), 2);
	struct dns_record srv =
	    publisher_bench_record(bench, before, DNS_ANSWER, DNS_SRV, WEB_NAME);
	ck_assert(dns_name_equal(&srv.target, &host));
	/* the services follow the new name */
	size_t at = publisher_bench_find(
	    bench, before, DNS_ANSWER, DNS_A, "discoverd-00000000000a-2.local");
	ck_assert_uint_ge(publisher_bench_count(bench, at, DNS_ANSWER, DNS_SRV, WEB_NAME), 2);
}
END_TEST

START_TEST(rfc6762_9_a_conflict_after_announcing_is_decided_by_probes)
{
	struct dns_record srv = srv_record(WEB_NAME, "other.local", 81);

	/* no host defends the name */
	publisher_bench_respond(bench, &srv);
	publisher_bench_run(bench, SECONDS(10));
	ck_assert_uint_eq(probes(WEB_NAME), 3);
	ck_assert_uint_eq(answers(DNS_SRV, WEB_NAME), 2);
	/* now it is defended */
	before = bench->outbox.send_count;
	publisher_bench_respond(bench, &srv);
	publisher_bench_run(bench, MILLISECONDS(300));
	publisher_bench_respond(bench, &srv);
	publisher_bench_run(bench, SECONDS(10));
	ck_assert_uint_eq(answers(DNS_SRV, WEB_TWO), 2);
	ck_assert_uint_eq(answers(DNS_SRV, WEB_NAME), 0);
}
END_TEST

START_TEST(the_same_record_is_no_conflict_nor_is_a_goodbye)
{
	struct dns_record a = a_record(OUR_HOST, "192.0.2.10", 120);
	struct dns_record srv = srv_record(WEB_NAME, OUR_HOST, 80);
	struct dns_record gone = srv_record(WEB_NAME, "other.local", 81);

	gone.ttl = 0;
	publisher_bench_respond(bench, &a);
	publisher_bench_respond(bench, &srv);
	publisher_bench_respond(bench, &gone);
	publisher_bench_run(bench, SECONDS(10));
	ck_assert_uint_eq(publisher_bench_counter(bench, "conflicts"), 0);
	ck_assert_uint_eq(probes(WEB_NAME) + probes(OUR_HOST), 0);
	ck_assert_uint_eq(answers(DNS_SRV, WEB_NAME) + answers(DNS_A, OUR_HOST), 0);
}
END_TEST

/* A probe of another host for the web server, with this port. */
static void hear_probe(uint16_t port)
{
	struct dns_record srv = srv_record(WEB_NAME, OUR_HOST, port);
	struct dns_record txt = {.section = DNS_AUTHORITY,
	    .name = srv.name,
	    .type = DNS_TXT,
	    .class = DNS_IN,
	    .ttl = 4500,
	    .rdata = SLICE("\7path=/x")};
	uint8_t bytes[512];
	struct dns_writer w;

	srv.section = DNS_AUTHORITY;
	srv.flag = false;
	dns_writer_init(&w, bytes, sizeof(bytes), 0, 0);
	ck_assert(dns_writer_question(&w, &srv.name, DNS_ANY, DNS_IN, false));
	ck_assert(dns_writer_record(&w, &srv));
	ck_assert(dns_writer_record(&w, &txt));
	publisher_bench_hear(bench, &w);
}

START_TEST(rfc6762_8_2_of_two_that_probe_the_lesser_data_waits)
{
	publisher_bench_run(bench, MILLISECONDS(300));
	hear_probe(81);
	struct instant heard = bench->now;
	before = bench->outbox.send_count;
	publisher_bench_run(bench, SECONDS(10));
	ck_assert_uint_eq(publisher_bench_counter(bench, "probes-lost"), 1);
	size_t next = publisher_bench_find(bench, before, DNS_QUESTION, DNS_ANY, WEB_NAME);
	ck_assert_int_eq(instant_since(bench->sent_at[next], heard), SECONDS(1));
	ck_assert_uint_eq(probes(WEB_NAME), 3);
	ck_assert_uint_eq(answers(DNS_SRV, WEB_NAME), 2);
}
END_TEST

START_TEST(rfc6762_8_2_the_greater_data_and_the_same_go_on)
{
	publisher_bench_run(bench, MILLISECONDS(300));
	hear_probe(79);
	hear_probe(80);
	publisher_bench_run(bench, SECONDS(10));
	ck_assert_uint_eq(publisher_bench_counter(bench, "probes-lost"), 0);
	ck_assert_uint_eq(probes(WEB_NAME), 3);
	ck_assert_uint_eq(answers(DNS_SRV, WEB_NAME), 2);
}
END_TEST

START_TEST(rfc6762_8_1_after_fifteen_conflicts_probes_wait_for_5_s)
{
	char name[64];
	size_t sent = 0;

	for (unsigned i = 1; i <= 40; i++) {
		snprintf(name, sizeof(name), i > 1 ? "Web (%u)." WEB_TYPE : WEB_NAME, i);
		struct dns_record srv = srv_record(name, "other.local", 81);
		while (bench->outbox.send_count == sent ||
		       publisher_bench_count(bench, sent, DNS_QUESTION, DNS_ANY, name) == 0)
			publisher_bench_run(bench, MILLISECONDS(10));
		sent = bench->outbox.send_count;
		publisher_bench_respond(bench, &srv);
	}
	/* 15 at once, then one each 5 s: two in each 10 s would make it faster again */
	ck_assert_int_gt(instant_since(bench->now, (struct instant){SECONDS(1000)}), SECONDS(9));
	ck_assert_uint_eq(publisher_bench_counter(bench, "renames"), 40);
}
END_TEST

START_TEST(a_program_comes_and_goes)
{
	uint64_t number = publisher_bench_offer(bench, "Pump", "_mqtt._tcp", 1883);

	publisher_bench_run(bench, SECONDS(10));
	ck_assert_uint_eq(probes("Pump._mqtt._tcp.local"), 3);
	ck_assert_uint_eq(answers(DNS_SRV, "Pump._mqtt._tcp.local"), 2);
	ck_assert_uint_eq(probes(WEB_NAME), 0);
	/* RFC 6763, 6.1: a record without pairs */
	struct dns_record txt =
	    publisher_bench_record(bench, before, DNS_ANSWER, DNS_TXT, "Pump._mqtt._tcp.local");
	ck_assert(slice_equal(txt.rdata, (struct slice){"", 1}));
	before = bench->outbox.send_count;
	publisher_bench_withdraw(bench, number);
	publisher_bench_run(bench, SECONDS(10));
	ck_assert_uint_eq(answers(DNS_PTR, "_mqtt._tcp.local"), 2);
	ck_assert_uint_eq(
	    publisher_bench_record(bench, before, DNS_ANSWER, DNS_PTR, "_mqtt._tcp.local").ttl, 0);
	ck_assert_uint_eq(answers(DNS_A, OUR_HOST), 0);
}
END_TEST

START_TEST(rfc6762_8_4_other_data_is_announced_without_probes_or_goodbye)
{
	uint64_t number = publisher_bench_offer(bench, "Pump", "_mqtt._tcp", 1883);

	publisher_bench_run(bench, SECONDS(10));
	before = bench->outbox.send_count;
	publisher_bench_withdraw(bench, number);
	publisher_bench_offer(bench, "Pump", "_mqtt._tcp", 1884);
	publisher_bench_run(bench, SECONDS(10));
	ck_assert_uint_eq(probes("Pump._mqtt._tcp.local"), 0);
	ck_assert_uint_eq(answers(DNS_SRV, "Pump._mqtt._tcp.local"), 2);
	struct dns_record srv =
	    publisher_bench_record(bench, before, DNS_ANSWER, DNS_SRV, "Pump._mqtt._tcp.local");
	ck_assert(srv.port == 1884 && srv.ttl == 120 && srv.flag);
}
END_TEST

START_TEST(two_services_of_one_name_are_told_apart)
{
	publisher_bench_offer(bench, "Web", "_http._tcp", 8080);
	publisher_bench_run(bench, SECONDS(10));
	ck_assert_uint_eq(answers(DNS_SRV, WEB_TWO), 2);
	ck_assert_uint_eq(
	    publisher_bench_record(bench, before, DNS_ANSWER, DNS_SRV, WEB_TWO).port, 8080);
	/* the type is there already */
	ck_assert_uint_eq(answers(DNS_PTR, "_services._dns-sd._udp.local"), 0);
}
END_TEST

START_TEST(rfc6762_10_3_addresses_are_announced_as_they_come_and_go)
{
	publisher_bench_gain(bench, "192.0.2.11");
	publisher_bench_run(bench, SECONDS(10));
	ck_assert_uint_eq(answers(DNS_A, OUR_HOST), 4); /* both of them, twice */
	ck_assert_uint_eq(probes(OUR_HOST), 0);
	before = bench->outbox.send_count;
	publisher_bench_lose(bench, "192.0.2.10");
	struct dns_record a = publisher_bench_record(bench, before, DNS_ANSWER, DNS_A, OUR_HOST);
	ck_assert(a.ttl == 0 && a.address.bytes[3] == 10);
	publisher_bench_run(bench, SECONDS(10));
	ck_assert_uint_eq(answers(DNS_A, OUR_HOST), 3); /* the goodbye, and the other one twice */
	ck_assert_uint_eq(answers(DNS_SRV, WEB_NAME), 0);
	before = bench->outbox.send_count;
	publisher_bench_gain(bench, "fe80::10");
	publisher_bench_run(bench, SECONDS(10));
	/* hosts that know IPv6 only hear all of it */
	ck_assert_uint_eq(answers(DNS_AAAA, OUR_HOST), 2);
	ck_assert_uint_eq(answers(DNS_SRV, WEB_NAME), 2);
}
END_TEST

START_TEST(each_link_is_announced_on_with_its_own_addresses)
{
	publisher_bench_plug(bench, 3, "198.51.100.10");
	publisher_bench_run(bench, SECONDS(10));
	ck_assert_uint_eq(probes(WEB_NAME), 3);
	size_t at = publisher_bench_find(bench, before, DNS_ANSWER, DNS_A, OUR_HOST);
	ck_assert_uint_eq(bench->outbox.sends[at].link, 3);
	struct dns_record a = publisher_bench_record(bench, before, DNS_ANSWER, DNS_A, OUR_HOST);
	ck_assert_uint_eq(a.address.bytes[0], 198);
	before = bench->outbox.send_count;
	publisher_bench_unplug(bench, 3);
	ck_assert_uint_eq(
	    publisher_bench_record(bench, before, DNS_ANSWER, DNS_PTR, WEB_TYPE).ttl, 0);
	publisher_bench_run(bench, SECONDS(10));
	ck_assert_uint_eq(answers(DNS_PTR, WEB_TYPE), 2);
}
END_TEST

START_TEST(two_links_of_one_network_are_no_conflict)
{
	publisher_bench_plug(bench, 3, "192.0.2.20");
	publisher_bench_run(bench, SECONDS(10));
	/* what was sent by link 3 comes in by link 2 */
	for (size_t i = before, end = bench->outbox.send_count; i < end; i++) {
		const struct datagram datagram = {
		    .channel = CHANNEL_SHARED,
		    .link = PUBLISHER_LINK,
		    .from = {bench->outbox.sends[i].source, MDNS_PORT},
		    .bytes = bench->outbox.sends[i].bytes,
		};
		MDNS_ENGINE.input(bench->engine, bench->now, &datagram, &bench->outbox);
		MDNS_ENGINE.input(bench->engine, bench->now, &datagram, &bench->outbox);
	}
	publisher_bench_run(bench, SECONDS(10));
	ck_assert_uint_eq(publisher_bench_counter(bench, "conflicts"), 0);
	ck_assert_uint_eq(publisher_bench_counter(bench, "probes-lost"), 0);
}
END_TEST

START_TEST(announcing_can_be_switched_off_and_on)
{
	struct announced_name announced;

	publisher_bench_announce(bench, false);
	publisher_bench_run(bench, SECONDS(10));
	ck_assert_uint_eq(
	    publisher_bench_record(bench, before, DNS_ANSWER, DNS_PTR, WEB_TYPE).ttl, 0);
	ck_assert_uint_eq(
	    publisher_bench_record(bench, before, DNS_ANSWER, DNS_A, OUR_HOST).ttl, 0);
	ck_assert(!MDNS_ENGINE.announced(bench->engine, 0, &announced));
	before = bench->outbox.send_count;
	publisher_bench_ask(bench, WEB_TYPE, DNS_PTR, false);
	publisher_bench_run(bench, SECONDS(10));
	ck_assert_uint_eq(answers(DNS_PTR, WEB_TYPE), 0);
	publisher_bench_announce(bench, true);
	publisher_bench_run(bench, SECONDS(10));
	ck_assert_uint_eq(probes(WEB_NAME), 3);
	ck_assert_uint_eq(answers(DNS_SRV, WEB_NAME), 2);
}
END_TEST

Suite *mdns_publisher_suite(void)
{
	Suite *suite = suite_create("engine/mdns_publisher");
	TCase *start = tcase_create("start"), *announced = tcase_create("announced");

	tcase_add_checked_fixture(start, setup_start, teardown);
	tcase_add_test(start, rfc6762_8_1_three_probes_come_before_anything_is_announced);
	tcase_add_test(start, rfc6762_8_3_everything_is_announced_twice);
	tcase_add_test(start, records_have_the_lifetimes_and_flags_of_rfc6762_10);
	tcase_add_test(start, nothing_is_taken_back_that_was_not_announced);
	tcase_add_test(start, rfc6762_9_a_name_of_another_host_gets_a_number);
	tcase_add_test(start, a_record_of_another_type_is_a_conflict_while_probing);
	tcase_add_test(start, this_host_gets_a_number_too);
	tcase_add_test(start, rfc6762_8_2_of_two_that_probe_the_lesser_data_waits);
	tcase_add_test(start, rfc6762_8_2_the_greater_data_and_the_same_go_on);
	tcase_add_test(start, rfc6762_8_1_after_fifteen_conflicts_probes_wait_for_5_s);
	suite_add_tcase(suite, start);
	tcase_add_checked_fixture(announced, setup_announced, teardown);
	tcase_add_test(announced, rfc6762_10_1_a_stop_says_goodbye);
	tcase_add_test(announced, rfc6762_9_a_conflict_after_announcing_is_decided_by_probes);
	tcase_add_test(announced, the_same_record_is_no_conflict_nor_is_a_goodbye);
	tcase_add_test(announced, a_program_comes_and_goes);
	tcase_add_test(announced, rfc6762_8_4_other_data_is_announced_without_probes_or_goodbye);
	tcase_add_test(announced, two_services_of_one_name_are_told_apart);
	tcase_add_test(announced, rfc6762_10_3_addresses_are_announced_as_they_come_and_go);
	tcase_add_test(announced, each_link_is_announced_on_with_its_own_addresses);
	tcase_add_test(announced, two_links_of_one_network_are_no_conflict);
	tcase_add_test(announced, announcing_can_be_switched_off_and_on);
	suite_add_tcase(suite, announced);
	return suite;
}
