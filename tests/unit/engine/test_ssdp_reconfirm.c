/* SPDX-License-Identifier: ISC
 * Tests of engine/ssdp_reconfirm. */
#include "ssdp_bench.h"
#include "suites.h"

static struct bench *bench;
static size_t before;

static void setup(void)
{
	bench = bench_new();
	bench_start(bench);
	bench_run(bench, SECONDS(5));
	before = bench->outbox.send_count;
}

static void teardown(void)
{
	bench_free(bench);
}

static void ask_for(const char *address, uint16_t port, bool multicast_retry)
{
	const struct engine_reconfirm question = {
	    .key = SLICE("uuid:theirs"),
	    .address = bench_address(address),
	    .link = LINK,
	    .port = port,
	    .multicast_retry = multicast_retry,
	};
	SSDP_ENGINE.reconfirm(bench->engine, bench->now, &question);
}

static void ask(const char *address, uint16_t port)
{
	ask_for(address, port, false);
}

#define THEIR_ANSWER                                                                               \
	"HTTP/1.1 200 OK\r\nST: uuid:theirs\r\nUSN: uuid:theirs\r\nEXT:\r\n"                       \
	"CACHE-CONTROL: max-age=1800\r\nLOCATION: http://192.0.2.77/\r\n\r\n"

START_TEST(a_silent_known_device_is_searched_by_multicast)
{
	bench_add_address(bench, 7, "198.51.100.4", 24);
	bench_links_changed(bench);
	bench_run(bench, SECONDS(5));
	before = bench->outbox.send_count;
	ask_for("192.0.2.77", 49200, true);
	bench_run(bench, SECONDS(10));
	ck_assert_uint_eq(bench->outbox.send_count, before + 2);
	ck_assert_uint_eq(bench->outbox.sends[before].to.port, 49200);
	const struct outbox_send *again = &bench->outbox.sends[before + 1];
	ck_assert(address_is_multicast(&again->to.address));
	ck_assert_uint_eq(again->to.port, 1900);
	ck_assert_uint_eq(again->link, LINK);
	ck_assert_uint_eq(bench_sent(bench, before + 1).mx.value, 1);
	ck_assert(slice_equal(bench_sent(bench, before + 1).target, SLICE("uuid:theirs")));
}
END_TEST

START_TEST(a_device_that_answers_is_not_asked_again)
{
	ask_for("192.0.2.77", 0, true);
	bench_run(bench, MILLISECONDS(500));
	bench_hear_text(bench, THEIR_ANSWER);
	bench_run(bench, SECONDS(10));
	ck_assert_uint_eq(bench->outbox.send_count, before + 1);
}
END_TEST

START_TEST(a_reconfirmation_byte_for_byte)
{
	struct address to = bench_address("192.0.2.77");
	ask("192.0.2.77", 0);
	/* It may come up while the outbox is carried out. */
	ck_assert_uint_eq(bench->outbox.send_count, before);
	bench_run(bench, MILLISECONDS(1));
	ck_assert_uint_eq(bench->outbox.send_count, before + 1);
	const struct outbox_send *send = &bench->outbox.sends[before];
	ck_assert_int_eq(send->channel, CHANNEL_OWN);
	ck_assert_uint_eq(send->link, LINK);
	ck_assert_uint_eq(send->to.port, 1900);
	ck_assert(address_equal(&send->to.address, &to));
	bench_expect_text(bench, before,
	    "M-SEARCH * HTTP/1.1\r\n"
	    "HOST: 192.0.2.77:1900\r\n"
	    "MAN: \"ssdp:discover\"\r\n"
	    "MX: 1\r\n"
	    "ST: uuid:theirs\r\n"
	    "USER-AGENT: Linux/6.1 UPnP/2.0 discoverd/0.1\r\n"
	    "CPFN.UPNP.ORG: Bench\r\n"
	    "CPUUID.UPNP.ORG: " ROOT_UDN "\r\n"
	    "INSTANCE.DISCOVERD.IO: 0123456789abcdef\r\n"
	    "\r\n");
	bench_run(bench, SECONDS(10));
	ck_assert_uint_eq(bench->outbox.send_count, before + 2);
	ck_assert_int_eq(
	    instant_since(bench->sent_at[before + 1], bench->sent_at[before]), SECONDS(1));
	ck_assert_uint_eq(bench_counter(bench, "reconfirms"), 2);
}
END_TEST

START_TEST(a_reconfirmation_goes_to_the_announced_search_port)
{
	ask("192.0.2.77", 49200);
	bench_run(bench, SECONDS(2));
	ck_assert_uint_eq(bench->outbox.sends[before].to.port, 49200);
	ck_assert(slice_equal(bench_sent(bench, before).host, SLICE("192.0.2.77:49200")));
}
END_TEST

START_TEST(a_reconfirmation_stays_inside_the_network)
{
	ask("198.51.100.9", 0);
	ask("192.0.2.255", 0);
	ask("fe80::1", 0);
	bench_run(bench, SECONDS(2));
	ck_assert_uint_eq(bench->outbox.send_count, before);
	/* The link has gone in the meantime. */
	ask("192.0.2.77", 0);
	bench_link_goes(bench, LINK);
	size_t goodbye = bench->outbox.send_count;
	bench_run(bench, SECONDS(2));
	ck_assert_uint_eq(bench->outbox.send_count, goodbye);
	ck_assert_uint_eq(bench_counter(bench, "reconfirms"), 0);
}
END_TEST

Suite *ssdp_reconfirm_suite(void)
{
	Suite *suite = suite_create("engine/ssdp_reconfirm");
	TCase *tcase = tcase_create("ssdp_reconfirm");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_reconfirmation_byte_for_byte);
	tcase_add_test(tcase, a_reconfirmation_goes_to_the_announced_search_port);
	tcase_add_test(tcase, a_silent_known_device_is_searched_by_multicast);
	tcase_add_test(tcase, a_device_that_answers_is_not_asked_again);
	tcase_add_test(tcase, a_reconfirmation_stays_inside_the_network);
	suite_add_tcase(suite, tcase);
	return suite;
}
