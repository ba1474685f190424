/* SPDX-License-Identifier: ISC
 * Tests of engine/ssdp_announce and engine/ssdp_voice. */
#include "ssdp_bench.h"
#include "suites.h"
#include <stdio.h>
#include <stdlib.h>

static struct bench *bench;

static void setup(void)
{
	bench = bench_new();
}

static void teardown(void)
{
	bench_free(bench);
}

static int64_t said_after(size_t i, struct instant start)
{
	return instant_since(bench->said_at[i], start);
}

START_TEST(rule_1_one_datagram_per_target)
{
	bench_start(bench);
	bench_run(bench, SECONDS(3));
	ck_assert_uint_eq(bench_count(bench, 0, SSDP_ALIVE, "upnp:rootdevice"), 3);
	ck_assert_uint_eq(bench_count(bench, 0, SSDP_ALIVE, ROOT_UDN), 3);
	ck_assert_uint_eq(bench_count(bench, 0, SSDP_ALIVE, ROOT_TYPE), 3);
	ck_assert_uint_eq(bench_count(bench, 0, SSDP_ALIVE, SERVICE_TYPE), 3);
	ck_assert_uint_eq(bench_count(bench, 0, SSDP_ALIVE, NULL), 12);
	ck_assert_uint_eq(bench_count(bench, 0, SSDP_BYEBYE, NULL), 4);
}
END_TEST

START_TEST(rule_3_ttl_source_and_port)
{
	bench->config.ssdp.ttl = 4;
	bench_start(bench);
	bench_run(bench, SECONDS(3));
	const struct outbox_send *send =
	    &bench->outbox.sends[bench_find(bench, 0, SSDP_ALIVE, ROOT_UDN)];
	ck_assert_uint_eq(send->ttl, 4);
	ck_assert_int_eq(send->channel, CHANNEL_SHARED);
	ck_assert_uint_eq(send->link, LINK);
	ck_assert_uint_eq(send->to.port, 1900);
	struct address group = bench_address("239.255.255.250"), ours = bench_address("192.0.2.10");
	ck_assert(address_equal(&send->to.address, &group));
	ck_assert(address_equal(&send->source, &ours));
}
END_TEST

START_TEST(rule_4_a_start_is_byebye_and_three_rounds_of_alive)
{
	struct instant start = bench->now;
	bench_start(bench);
	bench_run(bench, SECONDS(3));
	size_t bye = bench_find(bench, 0, SSDP_BYEBYE, NULL);
	ck_assert_int_le(said_after(bye, start), MILLISECONDS(100));
	size_t rounds[3], from = 0;
	for (int i = 0; i < 3; i++) {
		rounds[i] = bench_find(bench, from, SSDP_ALIVE, "upnp:rootdevice");
		from = rounds[i] + 1;
	}
	ck_assert_uint_eq(bench_count(bench, rounds[0], SSDP_BYEBYE, NULL), 0);
	ck_assert_int_ge(said_after(rounds[0], bench->said_at[bye]), MILLISECONDS(100));
	for (int i = 0; i < 2; i++) {
		int64_t gap = said_after(rounds[i + 1], bench->said_at[rounds[i]]);
		ck_assert_int_ge(gap, MILLISECONDS(200));
		ck_assert_int_le(gap, MILLISECONDS(500));
	}
	ck_assert_int_le(said_after(rounds[2], start), SECONDS(2));
}
END_TEST

START_TEST(rule_4_the_moment_of_the_start_is_random)
{
	size_t different = 0;
	int64_t first = -1;
	for (int i = 0; i < 8; i++) {
		struct bench *other = bench_new();
		rng_init(&other->rng, (uint64_t)i);
		struct instant start = other->now;
		bench_start(other);
		bench_run(other, SECONDS(1));
		size_t bye = bench_find(other, 0, SSDP_BYEBYE, NULL);
		int64_t at = instant_since(other->said_at[bye], start);
		different += i > 0 && at != first;
		first = at;
		bench_free(other);
	}
	ck_assert_uint_ge(different, 6);
}
END_TEST

START_TEST(rule_4_it_is_said_again_before_half_of_max_age)
{
	bench_start(bench);
	bench_run(bench, SECONDS(10));
	size_t start = bench->outbox.send_count;
	bench_run(bench, SECONDS(1800) * 50);
	struct instant last = bench->said_at[start - 1];
	size_t rounds = 0;
	for (size_t i = start; i < bench->outbox.send_count; i++) {
		struct ssdp_message message = bench_said(bench, i);
		if (message.kind != SSDP_ALIVE ||
		    !slice_equal(message.target, SLICE("upnp:rootdevice")))
			continue;
		int64_t gap = said_after(i, last);
		ck_assert_int_ge(gap, SECONDS(1800 / 4 - 2));
		ck_assert_int_lt(gap, SECONDS(1800 / 2));
		last = bench->said_at[i];
		rounds++;
	}
	ck_assert_uint_ge(rounds, 100);
}
END_TEST

START_TEST(rule_4_a_new_link_gets_the_start_by_itself)
{
	bench_start(bench);
	bench_run(bench, SECONDS(20));
	size_t before = bench->outbox.send_count;
	bench_add_address(bench, 7, "198.51.100.4", 24);
	bench_links_changed(bench);
	bench_run(bench, SECONDS(3));
	ck_assert_uint_eq(bench_count(bench, before, SSDP_BYEBYE, NULL), 4);
	ck_assert_uint_eq(bench_count(bench, before, SSDP_ALIVE, NULL), 12);
	ck_assert_uint_eq(bench_count(bench, before, SSDP_SEARCH, "ssdp:all"), 2);
	for (size_t i = before; i < bench->outbox.send_count; i++)
		ck_assert_uint_eq(bench->outbox.sends[i].link, 7);
}
END_TEST

START_TEST(rule_4_a_reused_index_is_a_new_link)
{
	bench_start(bench);
	bench_run(bench, SECONDS(20));
	size_t before = bench->outbox.send_count;
	link_set_remove(&bench->links, LINK);
	bench_add_address(bench, LINK, "192.0.2.10", 24);
	bench_links_changed(bench);
	bench_run(bench, SECONDS(3));
	ck_assert_uint_eq(bench_count(bench, before, SSDP_ALIVE, NULL), 12);
}
END_TEST

START_TEST(a_link_that_is_used_no_more_hears_a_goodbye)
{
	bench_add_address(bench, 7, "198.51.100.4", 24);
	bench_start(bench);
	bench_run(bench, SECONDS(20));
	size_t before = bench->outbox.send_count;
	bench_link_goes(bench, 7);
	bench_run(bench, SECONDS(3));
	ck_assert_uint_eq(bench_count(bench, before, SSDP_BYEBYE, ROOT_UDN), 2);
	ck_assert_uint_eq(
	    bench_count(bench, before, SSDP_BYEBYE, NULL), bench->outbox.send_count - before);
	for (size_t i = before; i < bench->outbox.send_count; i++)
		ck_assert_uint_eq(bench->outbox.sends[i].link, 7);
}
END_TEST

START_TEST(rule_13_opt_and_01_nls_stand_for_the_boot_id)
{
	bench_start(bench);
	bench_run(bench, SECONDS(5));
	bench_hear_text(bench, SEARCH_TEXT("upnp:rootdevice", MX(1)));
	bench_run(bench, SECONDS(1));
	const size_t said[] = {bench_find(bench, 0, SSDP_ALIVE, NULL),
	    bench_find(bench, 0, SSDP_RESPONSE, "upnp:rootdevice")};
	for (size_t i = 0; i < 2; i++) {
		struct ssdp_message message = bench_said(bench, said[i]);
		uint64_t number;
		ck_assert(slice_equal(
		    message.opt, SLICE("\"http://schemas.upnp.org/upnp/1/0/\"; ns=01")));
		ck_assert_int_eq(slice_to_u64(message.nls, UINT32_MAX, &number), 0);
		ck_assert_uint_eq(number, message.boot_id.value);
	}
}
END_TEST

START_TEST(a_change_elsewhere_starts_nothing_again)
{
	bench_start(bench);
	bench_run(bench, SECONDS(20));
	size_t before = bench->outbox.send_count;
	bench_links_changed(bench);
	bench_run(bench, SECONDS(3));
	ck_assert_uint_eq(bench->outbox.send_count, before);
}
END_TEST

START_TEST(one_address_of_each_network_speaks)
{
	bench_add_address(bench, LINK, "192.0.2.11", 24);
	bench_add_address(bench, LINK, "198.51.100.4", 24);
	bench_start(bench);
	bench_run(bench, SECONDS(3));
	size_t first = 0, other = 0;
	for (size_t i = 0; i < bench->outbox.send_count; i++) {
		struct ssdp_message message = bench_said(bench, i);
		if (message.kind != SSDP_ALIVE)
			continue;
		first +=
		    slice_equal(message.location, SLICE("http://192.0.2.10:5006/description.xml"));
		other += slice_equal(
		    message.location, SLICE("http://198.51.100.4:5006/description.xml"));
	}
	ck_assert_uint_eq(first, 12);
	ck_assert_uint_eq(other, 12);
	ck_assert_uint_eq(bench_count(bench, 0, SSDP_ALIVE, NULL), 24);
}
END_TEST

START_TEST(a_link_without_multicast_is_silent)
{
	link_set_find(&bench->links, LINK)->multicast = false;
	bench_start(bench);
	bench_run(bench, SECONDS(3));
	ck_assert_uint_eq(bench->outbox.send_count, 0);
	ck_assert(instant_is_never(SSDP_ENGINE.deadline(bench->engine)));
}
END_TEST

START_TEST(rules_5_8_10_12_13_alive_as_it_is_written)
{
	bench->config.ssdp.max_age = 100;
	bench_start(bench);
	bench_run(bench, SECONDS(3));
	bench_expect_text(bench, bench_find(bench, 0, SSDP_ALIVE, SERVICE_TYPE),
	    "NOTIFY * HTTP/1.1\r\n"
	    "HOST: 239.255.255.250:1900\r\n"
	    "CACHE-CONTROL: max-age=100\r\n"
	    "LOCATION: http://192.0.2.10:5006/description.xml\r\n"
	    "OPT: \"http://schemas.upnp.org/upnp/1/0/\"; ns=01\r\n"
	    "01-NLS: 1700000000\r\n"
	    "NT: " SERVICE_TYPE "\r\n"
	    "NTS: ssdp:alive\r\n"
	    "SERVER: Linux/6.1 UPnP/2.0 discoverd/0.1\r\n"
	    "USN: " ROOT_UDN "::" SERVICE_TYPE "\r\n"
	    "BOOTID.UPNP.ORG: 1700000000\r\n"
	    "CONFIGID.UPNP.ORG: 4711\r\n"
	    "INSTANCE.DISCOVERD.IO: 0123456789abcdef\r\n"
	    "\r\n");
}
END_TEST

START_TEST(rule_9_byebye_as_it_is_written)
{
	bench_start(bench);
	bench_run(bench, SECONDS(3));
	bench_expect_text(bench, bench_find(bench, 0, SSDP_BYEBYE, ROOT_UDN),
	    "NOTIFY * HTTP/1.1\r\n"
	    "HOST: 239.255.255.250:1900\r\n"
	    "NT: " ROOT_UDN "\r\n"
	    "NTS: ssdp:byebye\r\n"
	    "USN: " ROOT_UDN "\r\n"
	    "BOOTID.UPNP.ORG: 1700000000\r\n"
	    "CONFIGID.UPNP.ORG: 4711\r\n"
	    "INSTANCE.DISCOVERD.IO: 0123456789abcdef\r\n"
	    "\r\n");
}
END_TEST

START_TEST(rule_10_the_boot_id_stays)
{
	bench_start(bench);
	bench_run(bench, SECONDS(1800));
	SSDP_ENGINE.stop(bench->engine, bench->now, &bench->outbox);
	for (size_t i = 0; i < bench->outbox.send_count; i++) {
		struct ssdp_message message = bench_said(bench, i);
		if (message.kind != SSDP_SEARCH)
			ck_assert_uint_eq(message.boot_id.value, 1700000000);
	}
}
END_TEST

START_TEST(a_large_set_leaves_in_small_bursts)
{
	for (int i = 0; i < 60; i++) {
		char type[64];
		snprintf(type, sizeof(type), "urn:a:service:S%d:1", i);
		announced_device_add_service(&bench->announcement.devices[0], type, "id");
	}
	bench_start(bench);
	bench_run(bench, SECONDS(5));
	ck_assert_uint_eq(bench_count(bench, 0, SSDP_ALIVE, NULL), 3 * 64);
	size_t together = 1;
	for (size_t i = 1; i < bench->outbox.send_count; i++) {
		together = said_after(i, bench->said_at[i - 1]) == 0 ? together + 1 : 1;
		ck_assert_uint_le(together, 5);
	}
}
END_TEST

START_TEST(stop_takes_everything_back_at_once)
{
	bench_add_address(bench, 7, "198.51.100.4", 24);
	bench_start(bench);
	bench_run(bench, SECONDS(3));
	size_t before = bench->outbox.send_count;
	SSDP_ENGINE.stop(bench->engine, bench->now, &bench->outbox);
	/* Two links, said twice. */
	ck_assert_uint_eq(bench_count(bench, before, SSDP_BYEBYE, ROOT_UDN), 4);
	ck_assert_uint_eq(bench_count(bench, before, SSDP_BYEBYE, NULL), 16);
	ck_assert_uint_eq(bench->outbox.send_count, before + 16);
}
END_TEST

START_TEST(who_only_asked_or_answered_says_goodbye)
{
	bench_start(bench);
	while (bench_count(bench, 0, SSDP_SEARCH, NULL) == 0)
		bench_run(bench, MILLISECONDS(1));
	ck_assert_uint_eq(bench_count(bench, 0, SSDP_ALIVE, NULL), 0);
	size_t before = bench->outbox.send_count;
	SSDP_ENGINE.stop(bench->engine, bench->now, &bench->outbox);
	ck_assert_uint_eq(bench_count(bench, before, SSDP_BYEBYE, ROOT_UDN), 2);
}
END_TEST

START_TEST(no_answer_overtakes_the_byebye_of_the_start)
{
	bench_start(bench);
	bench_hear_text(bench, "M-SEARCH * HTTP/1.1\r\nMAN: \"ssdp:discover\"\r\nMX: 0\r\n"
			       "ST: ssdp:all\r\n\r\n");
	bench_run(bench, SECONDS(1));
	size_t answer = bench_find(bench, 0, SSDP_RESPONSE, NULL);
	ck_assert_uint_eq(bench_count(bench, answer, SSDP_BYEBYE, NULL), 0);
	ck_assert_uint_eq(bench_count(bench, 0, SSDP_RESPONSE, NULL), 4);
}
END_TEST

START_TEST(who_said_nothing_says_no_goodbye)
{
	bench_start(bench);
	SSDP_ENGINE.stop(bench->engine, bench->now, &bench->outbox);
	ck_assert_uint_eq(bench->outbox.send_count, 0);
}
END_TEST

START_TEST(without_a_description_nothing_is_announced)
{
	bench->announcement.http_port = 0;
	bench_start(bench);
	bench_run(bench, SECONDS(3600));
	ck_assert_uint_eq(bench_count(bench, 0, SSDP_ALIVE, NULL), 0);
	ck_assert_uint_eq(bench_count(bench, 0, SSDP_BYEBYE, NULL), 0);
	ck_assert_uint_ge(bench_count(bench, 0, SSDP_SEARCH, NULL), 2);
}
END_TEST

START_TEST(a_description_that_goes_is_taken_back_and_announced_when_it_returns)
{
	bench_start(bench);
	bench_run(bench, SECONDS(20));
	size_t before = bench->outbox.send_count;
	bench->announcement.http_port = 0;
	SSDP_ENGINE.announcement_changed(bench->engine, bench->now, &bench->outbox);
	ck_assert_uint_eq(bench_count(bench, before, SSDP_BYEBYE, NULL), 8);
	before = bench->outbox.send_count;
	bench_run(bench, SECONDS(600));
	ck_assert_uint_eq(bench->outbox.send_count, before);
	bench->announcement.http_port = 5006;
	SSDP_ENGINE.announcement_changed(bench->engine, bench->now, &bench->outbox);
	bench_run(bench, SECONDS(3));
	ck_assert_uint_eq(bench_count(bench, before, SSDP_ALIVE, NULL), 12);
}
END_TEST

START_TEST(rule_12_a_changed_description_is_announced_anew)
{
	bench_start(bench);
	bench_run(bench, SECONDS(20));
	size_t before = bench->outbox.send_count;
	bench->announcement.config_id = 16777215;
	SSDP_ENGINE.announcement_changed(bench->engine, bench->now, &bench->outbox);
	bench_run(bench, SECONDS(3));
	size_t alive = bench_find(bench, before, SSDP_ALIVE, NULL);
	ck_assert_uint_lt(bench_find(bench, before, SSDP_BYEBYE, NULL), alive);
	ck_assert_uint_eq(bench_said(bench, alive).config_id.value, 16777215);
}
END_TEST

START_TEST(an_idle_engine_sleeps)
{
	bench_start(bench);
	bench_run(bench, SECONDS(10));
	bench->wakeups = 0;
	bench_run(bench, SECONDS(3600));
	ck_assert_uint_le(bench->wakeups, 40);
}
END_TEST

Suite *ssdp_announce_suite(void)
{
	Suite *suite = suite_create("engine/ssdp_announce");
	TCase *tcase = tcase_create("ssdp_announce");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, rule_1_one_datagram_per_target);
	tcase_add_test(tcase, rule_3_ttl_source_and_port);
	tcase_add_test(tcase, rule_4_a_start_is_byebye_and_three_rounds_of_alive);
	tcase_add_test(tcase, rule_4_the_moment_of_the_start_is_random);
	tcase_add_test(tcase, rule_4_it_is_said_again_before_half_of_max_age);
	tcase_add_test(tcase, rule_4_a_new_link_gets_the_start_by_itself);
	tcase_add_test(tcase, rule_4_a_reused_index_is_a_new_link);
	tcase_add_test(tcase, a_link_that_is_used_no_more_hears_a_goodbye);
	tcase_add_test(tcase, rule_13_opt_and_01_nls_stand_for_the_boot_id);
	tcase_add_test(tcase, a_change_elsewhere_starts_nothing_again);
	tcase_add_test(tcase, one_address_of_each_network_speaks);
	tcase_add_test(tcase, a_link_without_multicast_is_silent);
	tcase_add_test(tcase, rules_5_8_10_12_13_alive_as_it_is_written);
	tcase_add_test(tcase, rule_9_byebye_as_it_is_written);
	tcase_add_test(tcase, rule_10_the_boot_id_stays);
	tcase_add_test(tcase, a_large_set_leaves_in_small_bursts);
	tcase_add_test(tcase, stop_takes_everything_back_at_once);
	tcase_add_test(tcase, who_only_asked_or_answered_says_goodbye);
	tcase_add_test(tcase, no_answer_overtakes_the_byebye_of_the_start);
	tcase_add_test(tcase, who_said_nothing_says_no_goodbye);
	tcase_add_test(tcase, without_a_description_nothing_is_announced);
	tcase_add_test(tcase, a_description_that_goes_is_taken_back_and_announced_when_it_returns);
	tcase_add_test(tcase, rule_12_a_changed_description_is_announced_anew);
	tcase_add_test(tcase, an_idle_engine_sleeps);
	suite_add_tcase(suite, tcase);
	return suite;
}
