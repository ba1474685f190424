/* SPDX-License-Identifier: ISC
 * Tests of engine/ssdp_search. */
#include "ssdp_bench.h"
#include "suites.h"

static struct bench *bench;

static void setup(void)
{
	bench = bench_new();
}

static void teardown(void)
{
	bench_free(bench);
}

START_TEST(the_first_search_byte_for_byte)
{
	struct instant start = bench->now;
	bench_start(bench);
	bench_run(bench, SECONDS(3));
	ck_assert_uint_eq(bench_count(bench, 0, SSDP_SEARCH, NULL), 4);
	ck_assert_uint_eq(bench_count(bench, 0, SSDP_SEARCH, "ssdp:all"), 2);
	ck_assert_uint_eq(bench_count(bench, 0, SSDP_SEARCH, "upnp:rootdevice"), 2);
	size_t at = bench_find(bench, 0, SSDP_SEARCH, "ssdp:all");
	ck_assert_int_le(instant_since(bench->sent_at[at], start), MILLISECONDS(200));
	ck_assert_uint_lt(bench_find(bench, 0, SSDP_BYEBYE, NULL), at);
	ck_assert_int_eq(bench->outbox.sends[at].channel, CHANNEL_OWN);
	ck_assert_uint_eq(bench->outbox.sends[at].ttl, 2);
	bench_expect_text(bench, at,
	    "M-SEARCH * HTTP/1.1\r\n"
	    "HOST: 239.255.255.250:1900\r\n"
	    "MAN: \"ssdp:discover\"\r\n"
	    "MX: 1\r\n"
	    "ST: ssdp:all\r\n"
	    "USER-AGENT: Linux/6.1 UPnP/2.0 discoverd/0.1\r\n"
	    "CPFN.UPNP.ORG: Bench\r\n"
	    "CPUUID.UPNP.ORG: " ROOT_UDN "\r\n"
	    "INSTANCE.DISCOVERD.IO: 0123456789abcdef\r\n"
	    "\r\n");
}
END_TEST

START_TEST(searches_are_repeated_at_each_interval)
{
	ssdp_config(&bench->config)->search_interval = 100;
	bench_start(bench);
	bench_run(bench, SECONDS(5));
	size_t before = bench->outbox.send_count;
	bench_run(bench, SECONDS(1000));
	size_t asked = bench_count(bench, before, SSDP_SEARCH, "ssdp:all");
	ck_assert_uint_ge(asked, 2 * 8);
	ck_assert_uint_le(asked, 2 * 12);
	size_t at = bench_find(bench, before, SSDP_SEARCH, NULL);
	ck_assert_uint_eq(bench_sent(bench, at).mx.value, 3);
}
END_TEST

static void hear_alive(void)
{
	bench_hear_text(bench,
	    "NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nNT: upnp:rootdevice\r\n"
	    "NTS: ssdp:alive\r\nUSN: uuid:a::upnp:rootdevice\r\n\r\n");
}

static void hear_answers(unsigned count)
{
	while (count-- > 0)
		bench_hear_text(bench, "HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\n"
				       "USN: uuid:a::upnp:rootdevice\r\n\r\n");
}

START_TEST(where_devices_announce_themselves_a_round_may_draw_one_answer_a_minute)
{
	bench_start(bench);
	bench_run(bench, SECONDS(5));
	hear_answers(100);
	hear_alive();
	size_t before = bench->outbox.send_count;
	bench_run(bench, SECONDS(5990));
	ck_assert_uint_eq(bench_count(bench, before, SSDP_SEARCH, "ssdp:all"), 0);
	bench_run(bench, SECONDS(20));
	ck_assert_uint_eq(bench_count(bench, before, SSDP_SEARCH, "ssdp:all"), 2);
	/* few answers: at each interval */
	hear_answers(3);
	hear_alive();
	bench_run(bench, SECONDS(1100));
	ck_assert_uint_eq(bench_count(bench, before, SSDP_SEARCH, "ssdp:all"), 4);
	/* no announcements: only a search finds anything */
	hear_answers(100);
	bench_run(bench, SECONDS(1100));
	ck_assert_uint_eq(bench_count(bench, before, SSDP_SEARCH, "ssdp:all"), 6);
	/* once a day at least */
	hear_answers(10000);
	hear_alive();
	bench_run(bench, SECONDS(85000));
	ck_assert_uint_eq(bench_count(bench, before, SSDP_SEARCH, "ssdp:all"), 6);
	bench_run(bench, SECONDS(1400));
	ck_assert_uint_eq(bench_count(bench, before, SSDP_SEARCH, "ssdp:all"), 8);
}
END_TEST

static void set_targets(const char *value)
{
	const struct config_rows *rows = &SSDP_ENGINE.section->options;
	const struct config_option *option =
	    config_option_find(rows->rows, rows->count, SLICE("SSDP"), SLICE("search-targets"));
	ck_assert_int_eq(config_option_set(
			     option, &ssdp_config(&bench->config)->search_targets, slice_of(value)),
	    0);
}

START_TEST(configured_targets_are_searched_for_in_each_round)
{
	set_targets("roku:ecp urn:Belkin:device:**");
	ssdp_config(&bench->config)->search_interval = 100;
	bench_start(bench);
	bench_run(bench, SECONDS(5));
	ck_assert_uint_eq(bench_count(bench, 0, SSDP_SEARCH, NULL), 8);
	ck_assert_uint_eq(bench_count(bench, 0, SSDP_SEARCH, "roku:ecp"), 2);
	ck_assert_uint_eq(bench_count(bench, 0, SSDP_SEARCH, "urn:Belkin:device:**"), 2);
	size_t before = bench->outbox.send_count;
	bench_add_address(bench, 7, "198.51.100.4", 24);
	bench_links_changed(bench);
	bench_run(bench, SECONDS(5));
	ck_assert_uint_eq(bench_count(bench, before, SSDP_SEARCH, "roku:ecp"), 2);
	before = bench->outbox.send_count;
	bench_run(bench, SECONDS(150));
	ck_assert_uint_ge(bench_count(bench, before, SSDP_SEARCH, "roku:ecp"), 4);
}
END_TEST

START_TEST(the_searches_of_a_round_are_spread)
{
	struct instant last = {0};
	set_targets("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16");
	bench_start(bench);
	bench_run(bench, SECONDS(15));
	ck_assert_uint_eq(bench_count(bench, 0, SSDP_SEARCH, NULL), 2 * 18);
	for (size_t at = 0; at < bench->outbox.send_count; at++) {
		if (bench_sent(bench, at).kind != SSDP_SEARCH)
			continue;
		ck_assert_int_ge(instant_since(bench->sent_at[at], last), MILLISECONDS(80));
		last = bench->sent_at[at];
	}
}
END_TEST

START_TEST(other_targets_count_at_once)
{
	set_targets("1 2 3 4");
	bench_start(bench);
	bench_run(bench, SECONDS(20));
	size_t before = bench->outbox.send_count;
	set_targets("5");
	bench_reconfigured(bench);
	bench_run(bench, SECONDS(3));
	ck_assert_uint_eq(bench_count(bench, before, SSDP_SEARCH, "5"), 2);
	ck_assert_uint_eq(bench_count(bench, before, SSDP_SEARCH, NULL), 2 * 3);
	/* In the middle of a round, too. */
	set_targets("1 2 3 4");
	bench_reconfigured(bench);
	bench_run(bench, MILLISECONDS(600));
	set_targets("");
	bench_run(bench, SECONDS(5));
}
END_TEST

START_TEST(a_request_for_all_asks_for_every_target)
{
	set_targets("roku:ecp");
	bench_start(bench);
	bench_run(bench, SECONDS(20));
	size_t before = bench->outbox.send_count;
	SSDP_ENGINE.search(bench->engine, bench->now, SLICE("ssdp:all"), 2, &bench->outbox);
	bench_run(bench, SECONDS(5));
	ck_assert_uint_eq(bench_count(bench, before, SSDP_SEARCH, "ssdp:all"), 2);
	ck_assert_uint_eq(bench_count(bench, before, SSDP_SEARCH, "upnp:rootdevice"), 2);
	ck_assert_uint_eq(bench_count(bench, before, SSDP_SEARCH, "roku:ecp"), 2);
	size_t at = bench_find(bench, before, SSDP_SEARCH, "roku:ecp");
	ck_assert_uint_eq(bench_sent(bench, at).mx.value, 2);
}
END_TEST

START_TEST(a_request_is_sent_at_once_and_repeated)
{
	bench_add_address(bench, 7, "198.51.100.4", 24);
	bench_start(bench);
	bench_run(bench, SECONDS(5));
	size_t before = bench->outbox.send_count;
	SSDP_ENGINE.search(bench->engine, bench->now, SLICE("urn:x"), 2, &bench->outbox);
	ck_assert_uint_eq(bench_count(bench, before, SSDP_SEARCH, "urn:x"), 2);
	ck_assert_uint_eq(bench_sent(bench, before).mx.value, 2);
	ck_assert_uint_eq(bench->outbox.sends[before].link, LINK);
	ck_assert_uint_eq(bench->outbox.sends[before + 1].link, 7);
	bench_run(bench, SECONDS(5));
	ck_assert_uint_eq(bench_count(bench, before, SSDP_SEARCH, "urn:x"), 4);
}
END_TEST

START_TEST(uda_1_3_2_our_mx_is_one_to_five)
{
	bench_start(bench);
	bench_run(bench, SECONDS(5));
	size_t before = bench->outbox.send_count;
	SSDP_ENGINE.search(bench->engine, bench->now, SLICE("ssdp:all"), 0, &bench->outbox);
	SSDP_ENGINE.search(bench->engine, bench->now, SLICE("ssdp:all"), 120, &bench->outbox);
	ck_assert_uint_eq(bench_sent(bench, before).mx.value, 1);
	ck_assert_uint_eq(bench_sent(bench, before + 1).mx.value, 5);
}
END_TEST

START_TEST(a_shorter_interval_counts_at_once)
{
	ssdp_config(&bench->config)->search_interval = 86400;
	bench_start(bench);
	bench_run(bench, SECONDS(5));
	size_t before = bench->outbox.send_count;
	ssdp_config(&bench->config)->search_interval = 10;
	bench_reconfigured(bench);
	bench_run(bench, SECONDS(13));
	ck_assert_uint_ge(bench_count(bench, before, SSDP_SEARCH, "ssdp:all"), 2);
}
END_TEST

START_TEST(a_target_cannot_bring_headers_along)
{
	bench_start(bench);
	bench_run(bench, SECONDS(5));
	size_t before = bench->outbox.send_count;
	struct slice evil = SLICE("x\r\nMX: 99");
	SSDP_ENGINE.search(bench->engine, bench->now, evil, 1, &bench->outbox);
	ck_assert_uint_eq(bench_sent(bench, before).mx.value, 1);
	char text[300] = {0};
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = 'x';
	before = bench->outbox.send_count;
	SSDP_ENGINE.search(
	    bench->engine, bench->now, (struct slice){text, sizeof(text)}, 1, &bench->outbox);
	ck_assert_uint_eq(bench->outbox.send_count, before);
}
END_TEST

Suite *ssdp_search_suite(void)
{
	Suite *suite = suite_create("engine/ssdp_search");
	TCase *tcase = tcase_create("ssdp_search");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, the_first_search_byte_for_byte);
	tcase_add_test(tcase, searches_are_repeated_at_each_interval);
	tcase_add_test(
	    tcase, where_devices_announce_themselves_a_round_may_draw_one_answer_a_minute);
	tcase_add_test(tcase, configured_targets_are_searched_for_in_each_round);
	tcase_add_test(tcase, the_searches_of_a_round_are_spread);
	tcase_add_test(tcase, other_targets_count_at_once);
	tcase_add_test(tcase, a_request_for_all_asks_for_every_target);
	tcase_add_test(tcase, a_request_is_sent_at_once_and_repeated);
	tcase_add_test(tcase, uda_1_3_2_our_mx_is_one_to_five);
	tcase_add_test(tcase, a_shorter_interval_counts_at_once);
	tcase_add_test(tcase, a_target_cannot_bring_headers_along);
	suite_add_tcase(suite, tcase);
	return suite;
}
