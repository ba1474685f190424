/* SPDX-License-Identifier: ISC
 * Tests of engine/mdns_answer. */
#include "engine/mdns_internal.h"
#include "publisher_bench.h"
#include "suites.h"
#include <stdio.h>

static struct publisher_bench *bench;
static size_t before; /* what was sent before the test began */
static struct instant asked;

/* Everything has been announced, some time ago. */
static void setup(void)
{
	bench = publisher_bench_new(true);
	publisher_bench_run(bench, SECONDS(30));
	before = bench->outbox.send_count;
	asked = bench->now;
}

static void teardown(void)
{
	publisher_bench_free(bench);
}

static size_t answers(uint16_t type, const char *name)
{
	return publisher_bench_count(bench, before, DNS_ANSWER, type, name);
}

/* How long after the question the first answer with this record was sent. */
static int64_t delay_of(uint16_t type, const char *name)
{
	size_t at = publisher_bench_find(bench, before, DNS_ANSWER, type, name);

	return instant_since(bench->sent_at[at], asked);
}

static void again(void)
{
	before = bench->outbox.send_count;
	asked = bench->now;
}

/* A query that is put together piece by piece. */
static uint8_t bytes[2048];
static struct dns_writer query;

static void begin(uint16_t id, uint16_t flags)
{
	dns_writer_init(&query, bytes, sizeof(bytes), id, flags);
}

static void add_question(const char *text, uint16_t type, bool unicast)
{
	struct dns_name name = name_of(text);

	ck_assert(dns_writer_question(&query, &name, type, DNS_IN, unicast));
}

START_TEST(rfc6762_6_unique_records_are_answered_at_once)
{
	publisher_bench_ask(bench, "WEB._Http._TCP.local", DNS_SRV, false);
	publisher_bench_run(bench, SECONDS(1));
	ck_assert_int_eq(delay_of(DNS_SRV, WEB_NAME), 0);
	/* RFC 6763, 12.2 */
	ck_assert_uint_eq(publisher_bench_count(bench, before, DNS_ADDITIONAL, DNS_A, OUR_HOST), 1);
	ck_assert(address_is_multicast(&bench->outbox.sends[before].to.address));
}
END_TEST

START_TEST(rfc6762_6_shared_records_wait_for_20_to_120_ms)
{
	for (int i = 0; i < 50; i++) {
		publisher_bench_ask(bench, WEB_TYPE, DNS_PTR, false);
		publisher_bench_run(bench, SECONDS(5));
		ck_assert_int_ge(delay_of(DNS_PTR, WEB_TYPE), MILLISECONDS(20));
		ck_assert_int_le(delay_of(DNS_PTR, WEB_TYPE), MILLISECONDS(120));
		ck_assert_uint_eq(answers(DNS_PTR, WEB_TYPE), 1);
		/* RFC 6763, 12.1 */
		ck_assert_uint_eq(
		    publisher_bench_count(bench, before, DNS_ADDITIONAL, DNS_SRV, WEB_NAME), 1);
		ck_assert_uint_eq(
		    publisher_bench_count(bench, before, DNS_ADDITIONAL, DNS_TXT, WEB_NAME), 1);
		ck_assert_uint_eq(
		    publisher_bench_count(bench, before, DNS_ADDITIONAL, DNS_A, OUR_HOST), 1);
		again();
	}
}
END_TEST

START_TEST(rfc6762_6_3_answers_to_several_questions_wait)
{
	begin(0, 0);
	add_question(WEB_NAME, DNS_SRV, false);
	add_question(OWN_NAME, DNS_TXT, false);
	publisher_bench_hear(bench, &query);
	publisher_bench_run(bench, SECONDS(1));
	ck_assert_int_ge(delay_of(DNS_SRV, WEB_NAME), MILLISECONDS(20));
	ck_assert_int_eq(delay_of(DNS_TXT, OWN_NAME), delay_of(DNS_SRV, WEB_NAME));
}
END_TEST

START_TEST(rfc6762_6_a_record_is_multicast_once_a_second)
{
	for (int i = 0; i < 30; i++) {
		publisher_bench_ask(bench, WEB_NAME, DNS_SRV, false);
		publisher_bench_run(bench, MILLISECONDS(100));
	}
	publisher_bench_run(bench, SECONDS(5));
	ck_assert_uint_eq(answers(DNS_SRV, WEB_NAME), 4); /* at 0, 1, 2 and 3 s */
}
END_TEST

START_TEST(rfc6762_6_a_name_is_defended_each_250_ms)
{
	struct dns_record rival = srv_record(WEB_NAME, "other.local", 81);

	rival.section = DNS_AUTHORITY;
	for (int i = 0; i < 10; i++) {
		begin(0, 0);
		add_question(WEB_NAME, DNS_ANY, false);
		ck_assert(dns_writer_record(&query, &rival));
		publisher_bench_hear(bench, &query);
		publisher_bench_run(bench, MILLISECONDS(50));
	}
	publisher_bench_run(bench, SECONDS(5));
	ck_assert_int_eq(delay_of(DNS_SRV, WEB_NAME), 0);
	ck_assert_uint_eq(answers(DNS_SRV, WEB_NAME), 3); /* at 0, 250 and 500 ms */
}
END_TEST

START_TEST(rfc6762_7_1_what_is_known_for_long_enough_is_not_answered)
{
	struct dns_record known = ptr_record(WEB_TYPE, WEB_NAME, 4500 / 2);

	begin(0, 0);
	add_question(WEB_TYPE, DNS_PTR, false);
	ck_assert(dns_writer_record(&query, &known));
	publisher_bench_hear(bench, &query);
	publisher_bench_run(bench, SECONDS(5));
	ck_assert_uint_eq(answers(DNS_PTR, WEB_TYPE), 0);
	known.ttl--;
	begin(0, 0);
	add_question(WEB_TYPE, DNS_PTR, false);
	ck_assert(dns_writer_record(&query, &known));
	publisher_bench_hear(bench, &query);
	publisher_bench_run(bench, SECONDS(5));
	ck_assert_uint_eq(answers(DNS_PTR, WEB_TYPE), 1);
}
END_TEST

START_TEST(rfc6762_7_2_known_answers_in_later_messages_count)
{
	struct dns_record known = ptr_record(WEB_TYPE, WEB_NAME, 4500);

	begin(0, DNS_TRUNCATED);
	add_question(WEB_TYPE, DNS_PTR, false);
	add_question("_discoverd._tcp.local", DNS_PTR, false);
	publisher_bench_hear(bench, &query);
	publisher_bench_run(bench, MILLISECONDS(200));
	begin(0, 0);
	ck_assert(dns_writer_record(&query, &known));
	publisher_bench_hear(bench, &query);
	publisher_bench_run(bench, SECONDS(5));
	ck_assert_uint_eq(answers(DNS_PTR, WEB_TYPE), 0);
	ck_assert_uint_eq(answers(DNS_PTR, "_discoverd._tcp.local"), 1);
	ck_assert_int_ge(delay_of(DNS_PTR, "_discoverd._tcp.local"), MILLISECONDS(400));
	ck_assert_int_le(delay_of(DNS_PTR, "_discoverd._tcp.local"), MILLISECONDS(500));
}
END_TEST

START_TEST(rfc6762_7_2_too_many_sources_are_answered_at_once)
{
	char address[32];

	for (unsigned i = 1; i <= 40; i++) {
		snprintf(address, sizeof(address), "192.0.2.%u", 100 + i);
		begin(0, DNS_TRUNCATED);
		add_question(WEB_NAME, DNS_SRV, false);
		publisher_bench_hear_from(bench, &query, address, MDNS_PORT);
	}
	publisher_bench_run(bench, SECONDS(5));
	ck_assert_int_eq(delay_of(DNS_SRV, WEB_NAME), 0);
	ck_assert_uint_eq(publisher_bench_counter(bench, "parts-dropped"), 24);
}
END_TEST

START_TEST(rfc6762_7_4_what_another_host_has_answered_is_not_answered)
{
	struct dns_record same = ptr_record(WEB_TYPE, WEB_NAME, 4500);

	publisher_bench_ask(bench, WEB_TYPE, DNS_PTR, false);
	publisher_bench_respond(bench, &same);
	publisher_bench_run(bench, SECONDS(5));
	ck_assert_uint_eq(answers(DNS_PTR, WEB_TYPE), 0);
	ck_assert_uint_eq(publisher_bench_counter(bench, "duplicate-answers"), 1);
}
END_TEST

START_TEST(rfc6762_6_6_what_another_host_lets_expire_is_said_again)
{
	struct dns_record goodbye = ptr_record("_services._dns-sd._udp.local", WEB_TYPE, 0);

	publisher_bench_respond(bench, &goodbye);
	publisher_bench_run(bench, SECONDS(5));
	ck_assert_uint_eq(answers(DNS_PTR, "_services._dns-sd._udp.local"), 1);
}
END_TEST

START_TEST(rfc6762_5_4_who_asks_for_unicast_gets_it)
{
	publisher_bench_ask(bench, WEB_TYPE, DNS_PTR, true);
	const struct outbox_send *send = &bench->outbox.sends[before];
	struct dns_message message;

	ck_assert_uint_eq(bench->outbox.send_count, before + 1);
	ck_assert(address_is_unicast(&send->to.address) && send->to.port == MDNS_PORT);
	ck_assert(send->channel == CHANNEL_SHARED);
	ck_assert_int_eq(dns_message_parse(send->bytes, &message), 0);
	ck_assert(message.id == 0 && message.counts[DNS_QUESTION] == 0);
	ck_assert_uint_eq(
	    publisher_bench_record(bench, before, DNS_ANSWER, DNS_PTR, WEB_TYPE).ttl, 4500);
	/* after a quarter of its lifetime it is multicast, too (RFC 6762, 5.4) */
	publisher_bench_run(bench, SECONDS(4500 / 4));
	again();
	publisher_bench_ask(bench, WEB_TYPE, DNS_PTR, true);
	publisher_bench_run(bench, SECONDS(5));
	size_t at = publisher_bench_find(bench, before, DNS_ANSWER, DNS_PTR, WEB_TYPE);
	ck_assert(address_is_multicast(&bench->outbox.sends[at].to.address));
}
END_TEST

START_TEST(rfc6762_6_7_legacy_resolvers_get_what_they_expect)
{
	struct dns_message message;

	begin(4711, 0x0100);
	add_question(WEB_NAME, DNS_SRV, false);
	publisher_bench_hear_from(bench, &query, "192.0.2.77", 40000);
	const struct outbox_send *send = &bench->outbox.sends[before];
	ck_assert_uint_eq(bench->outbox.send_count, before + 1);
	ck_assert_uint_eq(send->to.port, 40000);
	ck_assert_int_eq(dns_message_parse(send->bytes, &message), 0);
	ck_assert_uint_eq(message.id, 4711);
	publisher_bench_find(bench, before, DNS_QUESTION, DNS_SRV, WEB_NAME);
	struct dns_record srv =
	    publisher_bench_record(bench, before, DNS_ANSWER, DNS_SRV, WEB_NAME);
	ck_assert(srv.ttl == 10 && !srv.flag);
	ck_assert(!publisher_bench_record(bench, before, DNS_ADDITIONAL, DNS_A, OUR_HOST).flag);
}
END_TEST

START_TEST(rfc6762_11_a_host_that_is_not_on_the_link_gets_nothing)
{
	begin(4711, 0);
	add_question(WEB_NAME, DNS_SRV, false);
	publisher_bench_hear_from(bench, &query, "203.0.113.1", 40000);
	publisher_bench_hear_from(bench, &query, "203.0.113.1", MDNS_PORT);
	publisher_bench_hear_from(bench, &query, "192.0.2.77", 0);
	publisher_bench_run(bench, SECONDS(5));
	ck_assert_uint_eq(answers(DNS_SRV, WEB_NAME), 0);
}
END_TEST

START_TEST(answers_to_one_host_are_limited)
{
	for (int i = 0; i < 1000; i++) {
		begin(1, 0);
		add_question(WEB_NAME, DNS_SRV, false);
		publisher_bench_hear_from(bench, &query, "192.0.2.77", 40000);
	}
	/* its bucket, and one in four of the others */
	ck_assert_uint_le(answers(DNS_SRV, WEB_NAME), 512);
	ck_assert_uint_ge(publisher_bench_counter(bench, "queries-limited"), 488);
	again();
	publisher_bench_run(bench, SECONDS(60));
	publisher_bench_hear_from(bench, &query, "192.0.2.77", 40000);
	ck_assert_uint_eq(answers(DNS_SRV, WEB_NAME), 1);
}
END_TEST

START_TEST(rfc6762_6_1_a_type_that_a_name_lacks_is_denied)
{
	publisher_bench_ask(bench, OUR_HOST, DNS_AAAA, false);
	publisher_bench_run(bench, SECONDS(1));
	struct dns_record nsec =
	    publisher_bench_record(bench, before, DNS_ANSWER, DNS_NSEC, OUR_HOST);
	ck_assert(dns_types_have(nsec.types, DNS_A) && !dns_types_have(nsec.types, DNS_AAAA));
	ck_assert(nsec.flag && nsec.ttl == 120);
	publisher_bench_ask(bench, WEB_NAME, DNS_A, false);
	publisher_bench_run(bench, SECONDS(1));
	nsec = publisher_bench_record(bench, before, DNS_ANSWER, DNS_NSEC, WEB_NAME);
	ck_assert(dns_types_have(nsec.types, DNS_SRV) && dns_types_have(nsec.types, DNS_TXT));
	ck_assert(!dns_types_have(nsec.types, DNS_A));
	again();
	begin(1, 0);
	add_question(OUR_HOST, DNS_AAAA, false);
	publisher_bench_hear_from(bench, &query, "192.0.2.77", 40000);
	publisher_bench_run(bench, SECONDS(1));
	ck_assert_uint_eq(answers(DNS_NSEC, OUR_HOST), 0);
}
END_TEST

START_TEST(rfc6763_types_and_subtypes_are_answered)
{
	publisher_bench_ask(bench, "_services._dns-sd._udp.local", DNS_PTR, false);
	publisher_bench_ask(bench, "_printer._sub." WEB_TYPE, DNS_PTR, false);
	publisher_bench_run(bench, SECONDS(1));
	ck_assert_uint_eq(answers(DNS_PTR, "_services._dns-sd._udp.local"), 2);
	struct dns_record ptr =
	    publisher_bench_record(bench, before, DNS_ANSWER, DNS_PTR, "_printer._sub." WEB_TYPE);
	struct dns_name web = name_of(WEB_NAME);
	ck_assert(dns_name_equal(&ptr.target, &web));
}
END_TEST

START_TEST(a_name_that_is_being_probed_is_not_answered)
{
	publisher_bench_offer(bench, "Pump", "_mqtt._tcp", 1883);
	publisher_bench_run(bench, MILLISECONDS(300));
	again();
	publisher_bench_ask(bench, "_mqtt._tcp.local", DNS_PTR, false);
	publisher_bench_run(bench, MILLISECONDS(150));
	ck_assert_uint_eq(answers(DNS_PTR, "_mqtt._tcp.local"), 0);
}
END_TEST

START_TEST(rfc6762_17_many_services_take_several_messages)
{
	char name[64];

	for (unsigned i = 0; i < 60; i++) {
		snprintf(name, sizeof(name), "A service with quite a long name, number %u", i);
		publisher_bench_offer(bench, name, "_mqtt._tcp", 1883);
	}
	publisher_bench_run(bench, SECONDS(30));
	again();
	publisher_bench_ask(bench, "_mqtt._tcp.local", DNS_PTR, false);
	publisher_bench_run(bench, SECONDS(1));
	ck_assert_uint_eq(answers(DNS_PTR, "_mqtt._tcp.local"), 60);
	for (size_t i = 0; i < bench->outbox.send_count; i++)
		ck_assert_uint_le(bench->outbox.sends[i].bytes.len, 1452);
}
END_TEST

Suite *mdns_answer_suite(void)
{
	Suite *suite = suite_create("engine/mdns_answer");
	TCase *tcase = tcase_create("mdns_answer");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, rfc6762_6_unique_records_are_answered_at_once);
	tcase_add_test(tcase, rfc6762_6_shared_records_wait_for_20_to_120_ms);
	tcase_add_test(tcase, rfc6762_6_3_answers_to_several_questions_wait);
	tcase_add_test(tcase, rfc6762_6_a_record_is_multicast_once_a_second);
	tcase_add_test(tcase, rfc6762_6_a_name_is_defended_each_250_ms);
	tcase_add_test(tcase, rfc6762_7_1_what_is_known_for_long_enough_is_not_answered);
	tcase_add_test(tcase, rfc6762_7_2_known_answers_in_later_messages_count);
	tcase_add_test(tcase, rfc6762_7_2_too_many_sources_are_answered_at_once);
	tcase_add_test(tcase, rfc6762_7_4_what_another_host_has_answered_is_not_answered);
	tcase_add_test(tcase, rfc6762_6_6_what_another_host_lets_expire_is_said_again);
	tcase_add_test(tcase, rfc6762_5_4_who_asks_for_unicast_gets_it);
	tcase_add_test(tcase, rfc6762_6_7_legacy_resolvers_get_what_they_expect);
	tcase_add_test(tcase, rfc6762_11_a_host_that_is_not_on_the_link_gets_nothing);
	tcase_add_test(tcase, answers_to_one_host_are_limited);
	tcase_add_test(tcase, rfc6762_6_1_a_type_that_a_name_lacks_is_denied);
	tcase_add_test(tcase, rfc6763_types_and_subtypes_are_answered);
	tcase_add_test(tcase, a_name_that_is_being_probed_is_not_answered);
	tcase_add_test(tcase, rfc6762_17_many_services_take_several_messages);
	suite_add_tcase(suite, tcase);
	return suite;
}
