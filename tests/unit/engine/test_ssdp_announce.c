/* SPDX-License-Identifier: ISC
 * Tests of engine/ssdp_announce and engine/ssdp_sender. */
#include "base/array.h"
#include "model/offers.h"
#include "ssdp_bench.h"
#include "suites.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	return instant_since(bench->sent_at[i], start);
}

static size_t said_on_before(uint32_t link, size_t from, size_t end, enum ssdp_kind kind)
{
	size_t count = 0;
	for (size_t i = from; i < end; i++)
		count += bench->outbox.sends[i].link == link && bench_sent(bench, i).kind == kind;
	return count;
}

static size_t said_on(uint32_t link, size_t from, enum ssdp_kind kind)
{
	return said_on_before(link, from, bench->outbox.send_count, kind);
}

static size_t said_from(const char *source)
{
	struct address address = bench_address(source);
	size_t count = 0;
	for (size_t i = 0; i < bench->outbox.send_count; i++)
		count += address_equal(&bench->outbox.sends[i].source, &address);
	return count;
}

START_TEST(uda_1_2_2_one_datagram_per_target)
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

START_TEST(uda_1_1_ttl_source_and_port)
{
	ssdp_config(&bench->config)->ttl = 4;
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

START_TEST(uda_1_2_1_a_start_is_byebye_and_three_rounds_of_alive)
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
	ck_assert_int_ge(said_after(rounds[0], bench->sent_at[bye]), MILLISECONDS(100));
	for (int i = 0; i < 2; i++) {
		int64_t gap = said_after(rounds[i + 1], bench->sent_at[rounds[i]]);
		ck_assert_int_ge(gap, MILLISECONDS(200));
		ck_assert_int_le(gap, MILLISECONDS(500));
	}
	ck_assert_int_le(said_after(rounds[2], start), SECONDS(2));
}
END_TEST

START_TEST(uda_1_2_1_the_start_is_delayed_at_random)
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
		int64_t at = instant_since(other->sent_at[bye], start);
		different += i > 0 && at != first;
		first = at;
		bench_free(other);
	}
	ck_assert_uint_ge(different, 6);
}
END_TEST

START_TEST(uda_1_2_2_alive_is_repeated_before_half_of_max_age)
{
	bench_start(bench);
	bench_run(bench, SECONDS(10));
	size_t start = bench->outbox.send_count;
	bench_run(bench, SECONDS(1800) * 50);
	struct instant last = bench->sent_at[start - 1];
	size_t rounds = 0;
	for (size_t i = start; i < bench->outbox.send_count; i++) {
		struct ssdp_message message = bench_sent(bench, i);
		if (message.kind != SSDP_ALIVE ||
		    !slice_equal(message.target, SLICE("upnp:rootdevice")))
			continue;
		int64_t gap = said_after(i, last);
		ck_assert_int_ge(gap, SECONDS(1800 / 4 - 2));
		ck_assert_int_lt(gap, SECONDS(1800 / 2));
		last = bench->sent_at[i];
		rounds++;
	}
	ck_assert_uint_ge(rounds, 100);
}
END_TEST

START_TEST(a_new_link_gets_a_start_of_its_own)
{
	bench_start(bench);
	bench_run(bench, SECONDS(20));
	size_t before = bench->outbox.send_count;
	bench_add_address(bench, 7, "198.51.100.4", 24);
	bench_links_changed(bench);
	bench_run(bench, SECONDS(3));
	ck_assert_uint_eq(said_on(7, before, SSDP_BYEBYE), 4);
	ck_assert_uint_eq(said_on(7, before, SSDP_ALIVE), 12);
	ck_assert_uint_eq(said_on(7, before, SSDP_SEARCH), 4);
	ck_assert_uint_eq(said_on(LINK, before, SSDP_SEARCH), 0);
}
END_TEST

START_TEST(a_reused_index_is_a_new_link)
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
	ck_assert_uint_eq(said_on(7, before, SSDP_BYEBYE), 8);
	ck_assert_uint_eq(bench_count(bench, before, SSDP_BYEBYE, NULL), 8);
	for (size_t i = before; i < bench->outbox.send_count; i++)
		ck_assert(
		    bench->outbox.sends[i].link != 7 || bench_sent(bench, i).kind == SSDP_BYEBYE);
}
END_TEST

START_TEST(uda_1_1_opt_and_01_nls_repeat_the_boot_id)
{
	bench_start(bench);
	bench_run(bench, SECONDS(5));
	bench_hear_text(bench, SEARCH_TEXT("upnp:rootdevice", MX(1)));
	bench_run(bench, SECONDS(1));
	const size_t said[] = {bench_find(bench, 0, SSDP_ALIVE, NULL),
	    bench_find(bench, 0, SSDP_RESPONSE, "upnp:rootdevice")};
	for (size_t i = 0; i < 2; i++) {
		struct ssdp_message message = bench_sent(bench, said[i]);
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

START_TEST(one_address_of_each_network_announces)
{
	bench_add_address(bench, LINK, "192.0.2.11", 24);
	bench_add_address(bench, LINK, "198.51.100.4", 24);
	bench_start(bench);
	bench_run(bench, SECONDS(3));
	size_t first = 0, other = 0;
	for (size_t i = 0; i < bench->outbox.send_count; i++) {
		struct ssdp_message message = bench_sent(bench, i);
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
	ssdp_config(&bench->config)->max_age = 100;
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

START_TEST(uda_1_2_3_byebye_byte_for_byte)
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

START_TEST(uda_1_2_2_the_boot_id_is_constant)
{
	bench_start(bench);
	bench_run(bench, SECONDS(1800));
	SSDP_ENGINE.stop(bench->engine, bench->now, &bench->outbox);
	for (size_t i = 0; i < bench->outbox.send_count; i++) {
		struct ssdp_message message = bench_sent(bench, i);
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
		offered_device_add_service(&bench_own(bench)->devices[0], type, "id");
	}
	bench_start(bench);
	bench_run(bench, SECONDS(5));
	ck_assert_uint_eq(bench_count(bench, 0, SSDP_ALIVE, NULL), 3 * 64);
	size_t together = 1;
	for (size_t i = 1; i < bench->outbox.send_count; i++) {
		together = said_after(i, bench->sent_at[i - 1]) == 0 ? together + 1 : 1;
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
	/* Two links, sent twice. */
	ck_assert_uint_eq(bench_count(bench, before, SSDP_BYEBYE, ROOT_UDN), 4);
	ck_assert_uint_eq(bench_count(bench, before, SSDP_BYEBYE, NULL), 16);
	ck_assert_uint_eq(bench->outbox.send_count, before + 16);
}
END_TEST

START_TEST(a_search_or_an_answer_alone_is_followed_by_goodbye)
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

START_TEST(nothing_announced_needs_no_goodbye)
{
	bench_start(bench);
	SSDP_ENGINE.stop(bench->engine, bench->now, &bench->outbox);
	ck_assert_uint_eq(bench->outbox.send_count, 0);
}
END_TEST

START_TEST(without_a_description_nothing_is_announced)
{
	bench_set_location(bench, NULL);
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
	bench_set_location(bench, NULL);
	ck_assert_uint_eq(bench_count(bench, before, SSDP_BYEBYE, NULL), 8);
	before = bench->outbox.send_count;
	bench_run(bench, SECONDS(600));
	ck_assert_uint_eq(bench->outbox.send_count, before);
	bench_set_location(bench, "http://*:5006/description.xml");
	bench_run(bench, SECONDS(3));
	ck_assert_uint_eq(bench_count(bench, before, SSDP_ALIVE, NULL), 12);
}
END_TEST

START_TEST(uda_1_2_2_another_config_id_is_announced_anew)
{
	bench_start(bench);
	bench_run(bench, SECONDS(20));
	size_t before = bench->outbox.send_count;
	bench_set_config_id(bench, 16777215);
	bench_run(bench, SECONDS(3));
	size_t alive = bench_find(bench, before, SSDP_ALIVE, NULL);
	ck_assert_uint_lt(bench_find(bench, before, SSDP_BYEBYE, NULL), alive);
	ck_assert_uint_eq(bench_sent(bench, alive).config_id.value, 16777215);
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

START_TEST(no_datagram_is_longer_than_512_bytes)
{
	bench_own(bench)->devices[0].services[0].type[0] =
	    'U'; /* keeps it apart from the long one */
	offered_device_add_service(&bench_own(bench)->devices[0],
	    "urn:schemas-upnp-org:service:WANCommonInterfaceConfiguration:1", "id");
	ssdp_config(&bench->config)->max_age = 86400;
	bench_add_address(bench, 7, "2001:db8:1111:2222:3333:4444:5555:6666", 64);
	free(bench->offers.server);
	bench->offers.server =
	    strdup("Linux/6.18.44-some-vendors-kernel-v445 UPnP/2.0 discoverd/0.1.0");
	bench_start(bench);
	bench_run(bench, SECONDS(3));
	SSDP_ENGINE.stop(bench->engine, bench->now, &bench->outbox);
	size_t complete = 0;
	for (size_t i = 0; i < bench->outbox.send_count; i++) {
		struct ssdp_message message = bench_sent(bench, i);
		ck_assert_msg(bench->outbox.sends[i].bytes.len <= 512, "%.*s",
		    SLICE_ARGS(bench->outbox.sends[i].bytes));
		complete += message.opt.len > 0;
	}
	/* what fits has everything in it */
	ck_assert_uint_ge(complete, 9);
}
END_TEST

/* UDA 2.0 gives OPT and 01-NLS a meaning together alone. */
START_TEST(what_is_left_out_of_a_long_datagram_is_opt_with_01_nls)
{
	size_t with = 0, without = 0;

	bench_start(bench);
	for (int len = 20; len < 220; len++) {
		char server[256] = "";
		memset(server, 's', (size_t)len);
		free(bench->offers.server);
		bench->offers.server = strdup(server);
		size_t before = bench->outbox.send_count;
		bench_reconfigured(bench);
		bench_run(bench, SECONDS(3));
		for (size_t i = before; i < bench->outbox.send_count; i++) {
			struct ssdp_message message = bench_sent(bench, i);
			ck_assert(!message.opt.bytes == !message.nls.bytes);
			with += message.kind == SSDP_ALIVE && message.opt.bytes;
			without += message.kind == SSDP_ALIVE && !message.opt.bytes;
		}
		outbox_reset(&bench->outbox);
	}
	ck_assert_uint_gt(with, 0);
	ck_assert_uint_gt(without, 0);
}
END_TEST

/* Several offers: programs that come and go. */

#define PROGRAM_UDN  "uuid:00000000-0000-5000-8000-0000000000bb"
#define PROGRAM_TYPE "urn:a:device:Program:1"

START_TEST(a_new_offer_gets_a_start_of_its_own)
{
	bench_start(bench);
	bench_run(bench, SECONDS(20));
	size_t before = bench->outbox.send_count;
	struct instant came = bench->now;
	bench_add_offer(bench, PROGRAM_UDN, PROGRAM_TYPE, "http://*:8080/d.xml");
	bench_run(bench, SECONDS(3));
	ck_assert_uint_eq(bench_count(bench, before, SSDP_BYEBYE, NULL), 3);
	ck_assert_uint_eq(bench_count(bench, before, SSDP_ALIVE, NULL), 9);
	ck_assert_uint_eq(bench_count(bench, before, SSDP_ALIVE, PROGRAM_TYPE), 3);
	ck_assert_uint_eq(bench->outbox.send_count - before, 12);
	size_t alive = bench_find(bench, before, SSDP_ALIVE, PROGRAM_TYPE);
	ck_assert_int_lt(said_after(alive, came), MILLISECONDS(500));
	struct ssdp_message message = bench_sent(bench, alive);
	ck_assert(slice_equal(message.location, SLICE("http://192.0.2.10:8080/d.xml")));
	ck_assert_uint_eq(message.boot_id.value, 1700001000);
	ck_assert_uint_eq(message.config_id.value, 7);
}
END_TEST

START_TEST(a_program_that_goes_is_taken_back_at_once_and_alone)
{
	bench_start(bench);
	uint64_t number =
	    bench_add_offer(bench, PROGRAM_UDN, PROGRAM_TYPE, "http://*:8080/d.xml")->number;
	bench_run(bench, SECONDS(20));
	size_t before = bench->outbox.send_count;
	bench_remove_offer(bench, number);
	ck_assert_uint_eq(bench_count(bench, before, SSDP_BYEBYE, NULL), 6);
	ck_assert_uint_eq(bench_count(bench, before, SSDP_BYEBYE, PROGRAM_UDN), 2);
	ck_assert_uint_eq(bench->outbox.send_count - before, 6);
	before = bench->outbox.send_count;
	bench_run(bench, SECONDS(1800));
	ck_assert_uint_eq(bench_count(bench, before, SSDP_ALIVE, PROGRAM_UDN), 0);
	ck_assert_uint_ge(bench_count(bench, before, SSDP_ALIVE, ROOT_UDN), 2);
}
END_TEST

START_TEST(a_location_is_announced_only_where_it_can_be_reached)
{
	static const struct {
		const char *location;
		unsigned links; /* 1: 192.0.2.10 on link 2; 2: 198.51.100.4 on link 7 */
	} CASES[] = {
	    {"http://*/d.xml", 3},
	    {"http://192.0.2.10:80/d.xml", 1},
	    {"http://198.51.100.4/d.xml", 2},
	    {"http://192.0.2.99/d.xml", 1},
	    {"http://127.0.0.1/d.xml", 0},
	    {"http://203.0.113.1/d.xml", 0},
	    {"http://[fe80::1]/d.xml", 0},
	    {"http://board.example/d.xml", 3},
	};
	bench_add_address(bench, 7, "198.51.100.4", 24);
	bench_start(bench);
	bench_run(bench, SECONDS(20));
	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		size_t before = bench->outbox.send_count;
		uint64_t number =
		    bench_add_offer(bench, PROGRAM_UDN, PROGRAM_TYPE, CASES[i].location)->number;
		bench_run(bench, SECONDS(3));
		unsigned links = (said_on(LINK, before, SSDP_ALIVE) ? 1u : 0) |
				 (said_on(7, before, SSDP_ALIVE) ? 2u : 0);
		ck_assert_msg(links == CASES[i].links, "%s", CASES[i].location);
		bench_remove_offer(bench, number);
	}
}
END_TEST

START_TEST(many_programs_leave_in_small_bursts)
{
	for (int i = 0; i < 60; i++) {
		char udn[64];
		snprintf(udn, sizeof(udn), "uuid:program-%d", i);
		bench_add_offer(bench, udn, PROGRAM_TYPE, "http://*:8080/d.xml");
	}
	bench_start(bench);
	bench_run(bench, SECONDS(5));
	ck_assert_uint_eq(bench_count(bench, 0, SSDP_ALIVE, PROGRAM_TYPE), 3 * 60);
	size_t together = 1;
	for (size_t i = 1; i < bench->outbox.send_count; i++) {
		together = said_after(i, bench->sent_at[i - 1]) == 0 ? together + 1 : 1;
		ck_assert_uint_le(together, 5);
	}
}
END_TEST

/* A byebye for one would take the others away. */
START_TEST(a_device_in_pieces_begins_without_a_byebye)
{
	bench_start(bench);
	bench_run(bench, SECONDS(20));
	size_t before = bench->outbox.send_count;
	struct offer *offer = offer_new();
	struct offered_device *device = offer_add_device(offer, 0);
	device->udn = strdup(PROGRAM_UDN);
	device->parts = OFFERED_AS_ROOT;
	offer->url = strdup("http://192.0.2.10:8200/d.xml");
	ck_assert_int_eq(offers_add(&bench->offers, offer), 0);
	bench_offer_changed(bench, OFFER_CAME, offer);
	bench_run(bench, SECONDS(3));
	ck_assert_uint_eq(bench_count(bench, before, SSDP_BYEBYE, NULL), 0);
	ck_assert_uint_eq(bench_count(bench, before, SSDP_ALIVE, "upnp:rootdevice"), 3);
	ck_assert_uint_eq(bench->outbox.send_count - before, 3);
}
END_TEST

/* Rule 11: addresses that come and go. */

START_TEST(uda_1_2_4_the_next_boot_id_is_announced_before_it_is_used)
{
	bench_start(bench);
	bench_run(bench, SECONDS(20));
	size_t before = bench->outbox.send_count;
	struct instant came = bench->now;
	bench_add_address(bench, 7, "198.51.100.4", 24);
	bench_links_changed(bench);
	bench_run(bench, SECONDS(3));
	ck_assert_uint_eq(said_on(LINK, before, SSDP_BYEBYE), 0);
	/* the set of four, twice, for datagrams get lost */
	ck_assert_uint_eq(said_on(LINK, before, SSDP_UPDATE), 8);
	ck_assert_uint_eq(said_on(7, before, SSDP_UPDATE), 0);
	ck_assert_uint_eq(said_on(LINK, before, SSDP_ALIVE), 12);
	size_t first = bench_find(bench, before, SSDP_UPDATE, NULL), last = first;
	ck_assert_uint_eq(first, before);
	ck_assert_int_eq(said_after(first, came), 0);
	ck_assert(slice_equal(bench_sent(bench, first).target, SLICE("upnp:rootdevice")));
	for (size_t i = before; i < bench->outbox.send_count; i++)
		last = bench_sent(bench, i).kind == SSDP_UPDATE ? i : last;
	ck_assert_uint_gt(bench_find(bench, before, SSDP_ALIVE, NULL), last);
	for (size_t i = before; i < bench->outbox.send_count; i++) {
		struct ssdp_message message = bench_sent(bench, i);
		if (message.kind == SSDP_UPDATE) {
			ck_assert_uint_eq(message.boot_id.value, 1700000000);
			ck_assert_uint_eq(message.next_boot_id.value, 1700000001);
		} else if (message.kind != SSDP_SEARCH) {
			ck_assert_uint_eq(message.boot_id.value, 1700000001);
		}
	}
}
END_TEST

START_TEST(uda_1_2_4_update_byte_for_byte)
{
	bench_start(bench);
	bench_run(bench, SECONDS(20));
	size_t before = bench->outbox.send_count;
	bench_add_address(bench, 7, "198.51.100.4", 24);
	bench_links_changed(bench);
	bench_run(bench, SECONDS(3));
	bench_expect_text(bench, bench_find(bench, before, SSDP_UPDATE, SERVICE_TYPE),
	    "NOTIFY * HTTP/1.1\r\n"
	    "HOST: 239.255.255.250:1900\r\n"
	    "LOCATION: http://192.0.2.10:5006/description.xml\r\n"
	    "NT: " SERVICE_TYPE "\r\n"
	    "NTS: ssdp:update\r\n"
	    "USN: " ROOT_UDN "::" SERVICE_TYPE "\r\n"
	    "BOOTID.UPNP.ORG: 1700000000\r\n"
	    "CONFIGID.UPNP.ORG: 4711\r\n"
	    "NEXTBOOTID.UPNP.ORG: 1700000001\r\n"
	    "INSTANCE.DISCOVERD.IO: 0123456789abcdef\r\n"
	    "\r\n");
}
END_TEST

START_TEST(uda_1_2_4_a_lost_address_is_an_update_elsewhere_and_no_byebye)
{
	bench_add_address(bench, 7, "198.51.100.4", 24);
	bench_start(bench);
	bench_run(bench, SECONDS(20));
	size_t before = bench->outbox.send_count;
	bench_lose_address(bench, 7);
	bench_run(bench, SECONDS(3));
	ck_assert_uint_eq(bench_count(bench, before, SSDP_BYEBYE, NULL), 0);
	ck_assert_uint_eq(said_on(LINK, before, SSDP_UPDATE), 8);
	ck_assert_uint_eq(said_on(LINK, before, SSDP_ALIVE), 12);
	ck_assert_uint_eq(said_on(7, before, SSDP_ALIVE), 0);
}
END_TEST

START_TEST(uda_1_2_4_an_answer_has_the_boot_id_known_on_its_link)
{
	for (int i = 0; i < 60; i++) {
		char type[64];
		snprintf(type, sizeof(type), "urn:a:service:S%d:1", i);
		offered_device_add_service(&bench_own(bench)->devices[0], type, "id");
	}
	bench_start(bench);
	bench_run(bench, SECONDS(20));
	size_t before = bench->outbox.send_count;
	bench_hear_text(bench, SEARCH_TEXT("ssdp:all", MX(1)));
	bench_add_address(bench, 7, "198.51.100.4", 24);
	bench_links_changed(bench);
	bench_run(bench, SECONDS(3));
	uint32_t known = 1700000000;
	size_t answers = 0;
	for (size_t i = before; i < bench->outbox.send_count; i++) {
		struct ssdp_message message = bench_sent(bench, i);
		if (bench->outbox.sends[i].link != LINK || message.kind == SSDP_SEARCH)
			continue;
		if (message.kind == SSDP_ALIVE)
			known = 1700000001;
		if (message.kind == SSDP_RESPONSE)
			answers +=
			    message.boot_id.value == known || message.boot_id.value == 1700000001;
		if (message.kind == SSDP_RESPONSE && message.boot_id.value == 1700000001)
			ck_assert_uint_ge(said_on_before(LINK, before, i, SSDP_UPDATE), 2 * 64);
	}
	ck_assert_uint_eq(answers, 64);
}
END_TEST

START_TEST(uda_1_2_4_a_change_during_an_update_continues_from_its_number)
{
	for (int i = 0; i < 60; i++) {
		char type[64];
		snprintf(type, sizeof(type), "urn:a:service:S%d:1", i);
		offered_device_add_service(&bench_own(bench)->devices[0], type, "id");
	}
	bench_start(bench);
	bench_run(bench, SECONDS(20));
	bench_add_address(bench, 7, "198.51.100.4", 24);
	bench_links_changed(bench);
	bench_run(bench, MILLISECONDS(50));
	size_t before = bench->outbox.send_count;
	bench_renumber(bench);
	bench_run(bench, SECONDS(5));
	size_t update = bench_find(bench, before, SSDP_UPDATE, "upnp:rootdevice");
	ck_assert_uint_eq(bench_sent(bench, update).boot_id.value, 1700000001);
	ck_assert_uint_eq(bench_sent(bench, update).next_boot_id.value, 1700000002);
	size_t alive = bench_find(bench, before, SSDP_ALIVE, NULL);
	ck_assert_uint_eq(bench_sent(bench, alive).boot_id.value, 1700000002);
	ck_assert_uint_eq(bench_count(bench, alive, SSDP_UPDATE, NULL), 0);
}
END_TEST

/* An address that comes and goes on another link, every so often; how often we were renumbered. */
static uint32_t flap(int64_t period, int64_t span)
{
	uint32_t before = bench_own(bench)->epoch;
	for (int64_t passed = 0; passed < span; passed += 2 * period) {
		bench_add_address(bench, 7, "198.51.100.4", 24);
		bench_links_changed(bench);
		bench_run(bench, period);
		bench_lose_address(bench, 7);
		bench_run(bench, period);
	}
	return bench_own(bench)->epoch - before;
}

START_TEST(an_address_that_flaps_causes_a_bounded_number_of_datagrams)
{
	bench_start(bench);
	bench_run(bench, SECONDS(20));
	bench_add_address(bench, 7, "198.51.100.3", 24);
	bench_links_changed(bench);
	bench_run(bench, SECONDS(20));
	size_t before = bench->outbox.send_count;
	uint32_t changes = flap(MILLISECONDS(50 << _i), SECONDS(64));
	ck_assert_uint_ge(changes, 1);
	ck_assert_uint_le(changes, 8);
	/* what is known elsewhere does not fall silent meanwhile */
	ck_assert_uint_ge(said_on(LINK, before, SSDP_ALIVE), 4 * 3 * (changes - 1));
	ck_assert_uint_le(said_on(LINK, before, SSDP_ALIVE), 4 * 3 * changes + 4);
	ck_assert_uint_eq(said_on(LINK, before, SSDP_UPDATE), 4 * 2 * changes);
	ck_assert_uint_le(bench->outbox.send_count - before, 4 * 16 * changes);
	/* its last state counts */
	bench_add_address(bench, 7, "198.51.100.4", 24);
	bench_links_changed(bench);
	bench_run(bench, SECONDS(20));
	before = bench->outbox.send_count;
	bench_run(bench, SECONDS(1000));
	ck_assert_uint_ge(said_on(7, before, SSDP_ALIVE), 4);
	/* and then it may change again without a wait */
	bench_lose_address(bench, 7);
	uint32_t last = bench_own(bench)->epoch;
	bench_run(bench, 1);
	ck_assert_uint_ge(said_on(LINK, before, SSDP_UPDATE), 1);
	ck_assert_uint_eq(bench_own(bench)->epoch, last);
}
END_TEST

START_TEST(an_only_address_that_flaps_starts_once_a_second)
{
	bench_start(bench);
	bench_run(bench, SECONDS(20));
	size_t before = bench->outbox.send_count;
	for (int i = 0; i < 100; i++) {
		bench_lose_address(bench, LINK);
		bench_run(bench, MILLISECONDS(50));
		bench_add_address(bench, LINK, "192.0.2.10", 24);
		bench_links_changed(bench);
		bench_run(bench, MILLISECONDS(50));
	}
	bench_run(bench, SECONDS(1));
	ck_assert_uint_le(bench_count(bench, before, SSDP_BYEBYE, NULL), 4 * 11);
	ck_assert_uint_ge(bench_count(bench, before, SSDP_ALIVE, NULL), 4);
	ck_assert_uint_eq(bench_count(bench, before, SSDP_UPDATE, NULL), 0);
}
END_TEST

START_TEST(links_that_come_before_the_first_announcement_need_no_update)
{
	bench_start(bench);
	bench_add_address(bench, 7, "198.51.100.4", 24);
	bench_links_changed(bench);
	bench_run(bench, SECONDS(5));
	ck_assert_uint_eq(bench_count(bench, 0, SSDP_UPDATE, NULL), 0);
	ck_assert_uint_eq(
	    bench_sent(bench, bench_find(bench, 0, SSDP_ALIVE, NULL)).boot_id.value, 1700000000);
}
END_TEST

/* Rule 13 and the groups of IPv6. */

START_TEST(uda_a_2_each_scope_of_ipv6_address_has_its_group)
{
	static const struct {
		const char *source, *group, *host, *location;
	} CASES[] = {
	    {"fe80::a", "ff02::c", "[FF02::C]:1900", "http://[fe80::a]:5006/description.xml"},
	    {"2001:db8::a", "ff05::c", "[FF05::C]:1900",
		"http://[2001:db8::a]:5006/description.xml"},
	    {"192.0.2.10", "239.255.255.250", "239.255.255.250:1900",
		"http://192.0.2.10:5006/description.xml"},
	};
	size_t said[3] = {0};
	bench_add_address(bench, LINK, "fe80::a", 64);
	bench_add_address(bench, LINK, "2001:db8::a", 64);
	bench_start(bench);
	bench_run(bench, SECONDS(3));
	for (size_t i = 0; i < bench->outbox.send_count; i++) {
		const struct outbox_send *send = &bench->outbox.sends[i];
		struct ssdp_message message = bench_sent(bench, i);
		size_t k = 0;
		char text[ADDRESS_TEXT_MAX];
		while (k < 2 && strcmp(address_text(&send->source, text), CASES[k].source) != 0)
			k++;
		ck_assert_str_eq(address_text(&send->source, text), CASES[k].source);
		ck_assert_str_eq(address_text(&send->to.address, text), CASES[k].group);
		ck_assert(slice_equal(message.host, slice_of(CASES[k].host)));
		if (message.kind == SSDP_ALIVE)
			ck_assert(slice_equal(message.location, slice_of(CASES[k].location)));
		said[k] += message.kind == SSDP_ALIVE;
	}
	for (size_t k = 0; k < 3; k++)
		ck_assert_uint_eq(said[k], 12);
	ck_assert_uint_eq(bench_count(bench, 0, SSDP_SEARCH, "ssdp:all"), 6);
}
END_TEST

START_TEST(a_temporary_address_is_not_announced)
{
	bench_add_address(bench, LINK, "2001:db8::a", 64);
	bench_add_address(bench, LINK, "2001:db8::b", 64);
	struct link *link = link_set_find(&bench->links, LINK);
	for (size_t i = 0; i < link->address_count; i++)
		link->addresses[i].temporary = link->addresses[i].prefix.address.bytes[15] == 0x0a;
	bench_start(bench);
	bench_run(bench, SECONDS(3));
	ck_assert_uint_eq(said_from("2001:db8::a"), 0);
	ck_assert_uint_gt(said_from("2001:db8::b"), 0);
}
END_TEST

START_TEST(an_address_without_a_socket_of_its_family_is_not_announced)
{
	bench_add_address(bench, LINK, "fe80::a", 64);
	bench->engine->ports[FAMILY_IPV6] = 0;
	bench_start(bench);
	bench_run(bench, SECONDS(3));
	ck_assert_uint_eq(said_from("fe80::a"), 0);
	ck_assert_uint_gt(said_from("192.0.2.10"), 0);
}
END_TEST

START_TEST(uda_1_2_2_another_port_than_1900_is_in_searchport)
{
	bench->engine->ports[FAMILY_IPV4] = 50001;
	bench_start(bench);
	bench_run(bench, SECONDS(3));
	bench_hear_text(bench, SEARCH_TEXT("upnp:rootdevice", MX(1)));
	bench_run(bench, SECONDS(1));
	ck_assert_uint_eq(
	    bench_sent(bench, bench_find(bench, 0, SSDP_ALIVE, NULL)).search_port.value, 50001);
	ck_assert_uint_eq(
	    bench_sent(bench, bench_find(bench, 0, SSDP_RESPONSE, NULL)).search_port.value, 50001);
}
END_TEST

START_TEST(uda_1_2_2_port_1900_needs_no_searchport)
{
	bench_start(bench);
	bench_run(bench, SECONDS(3));
	ck_assert(!bench_sent(bench, bench_find(bench, 0, SSDP_ALIVE, NULL)).search_port.present);
}
END_TEST

static TCase *case_of_trees(void)
{
	TCase *tcase = tcase_create("offers");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_new_offer_gets_a_start_of_its_own);
	tcase_add_test(tcase, a_program_that_goes_is_taken_back_at_once_and_alone);
	tcase_add_test(tcase, a_location_is_announced_only_where_it_can_be_reached);
	tcase_add_test(tcase, many_programs_leave_in_small_bursts);
	tcase_add_test(tcase, a_device_in_pieces_begins_without_a_byebye);
	return tcase;
}

static TCase *case_of_updates(void)
{
	TCase *tcase = tcase_create("updates");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, uda_1_2_4_the_next_boot_id_is_announced_before_it_is_used);
	tcase_add_test(tcase, uda_1_2_4_update_byte_for_byte);
	tcase_add_test(tcase, uda_1_2_4_a_lost_address_is_an_update_elsewhere_and_no_byebye);
	tcase_add_test(tcase, uda_1_2_4_an_answer_has_the_boot_id_known_on_its_link);
	tcase_add_test(tcase, uda_1_2_4_a_change_during_an_update_continues_from_its_number);
	tcase_add_test(tcase, links_that_come_before_the_first_announcement_need_no_update);
	tcase_add_loop_test(
	    tcase, an_address_that_flaps_causes_a_bounded_number_of_datagrams, 0, 6);
	tcase_add_test(tcase, an_only_address_that_flaps_starts_once_a_second);
	return tcase;
}

static TCase *case_of_places(void)
{
	TCase *tcase = tcase_create("places");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, uda_a_2_each_scope_of_ipv6_address_has_its_group);
	tcase_add_test(tcase, a_temporary_address_is_not_announced);
	tcase_add_test(tcase, an_address_without_a_socket_of_its_family_is_not_announced);
	tcase_add_test(tcase, uda_1_2_2_another_port_than_1900_is_in_searchport);
	tcase_add_test(tcase, uda_1_2_2_port_1900_needs_no_searchport);
	return tcase;
}

Suite *ssdp_announce_suite(void)
{
	Suite *suite = suite_create("engine/ssdp_announce");
	TCase *tcase = tcase_create("ssdp_announce");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, uda_1_2_2_one_datagram_per_target);
	tcase_add_test(tcase, uda_1_1_ttl_source_and_port);
	tcase_add_test(tcase, uda_1_2_1_a_start_is_byebye_and_three_rounds_of_alive);
	tcase_add_test(tcase, uda_1_2_1_the_start_is_delayed_at_random);
	tcase_add_test(tcase, uda_1_2_2_alive_is_repeated_before_half_of_max_age);
	tcase_add_test(tcase, a_new_link_gets_a_start_of_its_own);
	tcase_add_test(tcase, a_reused_index_is_a_new_link);
	tcase_add_test(tcase, a_link_that_is_used_no_more_hears_a_goodbye);
	tcase_add_test(tcase, uda_1_1_opt_and_01_nls_repeat_the_boot_id);
	tcase_add_test(tcase, a_change_elsewhere_starts_nothing_again);
	tcase_add_test(tcase, one_address_of_each_network_announces);
	tcase_add_test(tcase, a_link_without_multicast_is_silent);
	tcase_add_test(tcase, rules_5_8_10_12_13_alive_as_it_is_written);
	tcase_add_test(tcase, uda_1_2_3_byebye_byte_for_byte);
	tcase_add_test(tcase, uda_1_2_2_the_boot_id_is_constant);
	tcase_add_test(tcase, a_large_set_leaves_in_small_bursts);
	tcase_add_test(tcase, stop_takes_everything_back_at_once);
	tcase_add_test(tcase, a_search_or_an_answer_alone_is_followed_by_goodbye);
	tcase_add_test(tcase, no_answer_overtakes_the_byebye_of_the_start);
	tcase_add_test(tcase, nothing_announced_needs_no_goodbye);
	tcase_add_test(tcase, without_a_description_nothing_is_announced);
	tcase_add_test(tcase, a_description_that_goes_is_taken_back_and_announced_when_it_returns);
	tcase_add_test(tcase, uda_1_2_2_another_config_id_is_announced_anew);
	tcase_add_test(tcase, an_idle_engine_sleeps);
	tcase_add_test(tcase, no_datagram_is_longer_than_512_bytes);
	tcase_add_test(tcase, what_is_left_out_of_a_long_datagram_is_opt_with_01_nls);
	suite_add_tcase(suite, tcase);
	suite_add_tcase(suite, case_of_trees());
	suite_add_tcase(suite, case_of_updates());
	suite_add_tcase(suite, case_of_places());
	return suite;
}
