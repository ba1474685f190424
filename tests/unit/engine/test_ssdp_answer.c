/* SPDX-License-Identifier: ISC
 * Tests of engine/ssdp_answer. */
#include "base/array.h"
#include "engine/ssdp_internal.h"
#include "ssdp_bench.h"
#include "suites.h"
#include <stdio.h>
#include <string.h>

static struct bench *bench;
static size_t before; /* what was sent before the test began */

/* Awake and silent: the start and its announcements are over. */
static void setup(void)
{
	bench = bench_new();
	bench_start(bench);
	bench_run(bench, SECONDS(10));
	before = bench->outbox.send_count;
}

static void teardown(void)
{
	bench_free(bench);
}

static size_t answers(const char *target)
{
	return bench_count(bench, before, SSDP_RESPONSE, target);
}

START_TEST(uda_1_3_3_a_multicast_search_without_mx_is_dropped)
{
	bench_hear_text(bench, SEARCH_TEXT("ssdp:all", ""));
	bench_hear_text(bench, SEARCH_TEXT("ssdp:all", "MX: soon\r\n"));
	bench_run(bench, SECONDS(10));
	ck_assert_uint_eq(answers(NULL), 0);
	ck_assert_uint_eq(bench_counter(bench, "searches-without-mx"), 2);
}
END_TEST

/* The longest that an answer to this search took, over many searches. */
static int64_t longest_delay(const char *text)
{
	int64_t longest = 0;
	for (int i = 0; i < 40; i++) {
		struct instant asked = bench->now;
		size_t from = bench->outbox.send_count;
		bench_hear_text(bench, text);
		bench_run(bench, SECONDS(40));
		ck_assert_uint_eq(bench_count(bench, from, SSDP_RESPONSE, NULL), 4);
		for (size_t j = from; j < bench->outbox.send_count; j++) {
			int64_t delay = instant_since(bench->sent_at[j], asked);
			if (bench_sent(bench, j).kind == SSDP_RESPONSE && delay > longest)
				longest = delay;
		}
	}
	return longest;
}

START_TEST(uda_1_3_3_answers_are_spread_over_mx)
{
	int64_t longest = longest_delay(SEARCH_TEXT("ssdp:all", MX(3)));
	ck_assert_int_ge(longest, SECONDS(2));
	ck_assert_int_lt(longest, SECONDS(3));
}
END_TEST

START_TEST(uda_1_3_3_mx_over_five_counts_as_five)
{
	int64_t longest = longest_delay(SEARCH_TEXT("ssdp:all", MX(30)));
	ck_assert_int_ge(longest, MILLISECONDS(3500));
	ck_assert_int_lt(longest, SECONDS(5));
	longest = longest_delay(SEARCH_TEXT("ssdp:all", MX(99999999999)));
	ck_assert_int_lt(longest, SECONDS(5));
}
END_TEST

START_TEST(mx_zero_is_answered_within_200_ms)
{
	ck_assert_int_lt(longest_delay(SEARCH_TEXT("ssdp:all", MX(0))), SECONDS(1));
}
END_TEST

START_TEST(uda_1_3_3_each_answer_has_its_own_delay)
{
	bench_hear_text(bench, SEARCH_TEXT("ssdp:all", MX(5)));
	bench_run(bench, SECONDS(10));
	ck_assert_uint_eq(answers(NULL), 4);
	for (size_t i = before + 1; i < before + 4; i++)
		ck_assert_int_gt(instant_since(bench->sent_at[i], bench->sent_at[i - 1]), 0);
}
END_TEST

START_TEST(uda_1_3_3_an_answer_leaves_by_the_link_of_its_search)
{
	bench_add_address(bench, 7, "198.51.100.4", 24);
	bench_add_address(bench, 7, "203.0.113.4", 24);
	bench_links_changed(bench);
	bench_run(bench, SECONDS(10));
	before = bench->outbox.send_count;
	struct datagram datagram = bench_datagram(SEARCH_TEXT("upnp:rootdevice", MX(1)));
	datagram.link = 7;
	datagram.from = (struct address_port){bench_address("203.0.113.9"), 4321};
	bench_hear(bench, &datagram);
	bench_run(bench, SECONDS(2));
	ck_assert_uint_eq(answers(NULL), 1);
	const struct outbox_send *send = &bench->outbox.sends[before];
	ck_assert_uint_eq(send->link, 7);
	ck_assert_int_eq(send->channel, CHANNEL_SHARED);
	struct address ours = bench_address("203.0.113.4");
	ck_assert(address_equal(&send->source, &ours));
	ck_assert(address_port_equal(&send->to, &datagram.from));
	ck_assert(slice_equal(
	    bench_sent(bench, before).location, SLICE("http://203.0.113.4:5006/description.xml")));
}
END_TEST

START_TEST(uda_1_3_3_an_answer_byte_for_byte)
{
	bench->context.wall_offset -= SECONDS(10);
	bench_hear_text(bench, SEARCH_TEXT("upnp:rootdevice", MX(0)));
	bench_run(bench, SECONDS(1));
	bench_expect_text(bench, bench_find(bench, before, SSDP_RESPONSE, NULL),
	    "HTTP/1.1 200 OK\r\n"
	    "CACHE-CONTROL: max-age=1800\r\n"
	    "DATE: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
	    "EXT:\r\n"
	    "LOCATION: http://192.0.2.10:5006/description.xml\r\n"
	    "OPT: \"http://schemas.upnp.org/upnp/1/0/\"; ns=01\r\n"
	    "01-NLS: 1700000000\r\n"
	    "SERVER: Linux/6.1 UPnP/2.0 discoverd/0.1\r\n"
	    "ST: upnp:rootdevice\r\n"
	    "USN: " ROOT_UDN "::upnp:rootdevice\r\n"
	    "BOOTID.UPNP.ORG: 1700000000\r\n"
	    "CONFIGID.UPNP.ORG: 4711\r\n"
	    "INSTANCE.DISCOVERD.IO: 0123456789abcdef\r\n"
	    "\r\n");
}
END_TEST

START_TEST(uda_1_3_3_an_answer_has_the_version_of_its_search)
{
	bench_hear_text(bench, SEARCH_TEXT("urn:schemas-upnp-org:device:Basic:9", MX(1)));
	bench_run(bench, SECONDS(1));
	struct ssdp_message message = bench_sent(
	    bench, bench_find(bench, before, SSDP_RESPONSE, "urn:schemas-upnp-org:device:Basic:9"));
	ck_assert(
	    slice_equal(message.usn, SLICE(ROOT_UDN "::urn:schemas-upnp-org:device:Basic:9")));
	bench_hear_text(bench, SEARCH_TEXT("urn:schemas-upnp-org:device:Basic:11", MX(1)));
	bench_run(bench, SECONDS(2));
	ck_assert_uint_eq(answers(NULL), 1);
	ck_assert_uint_eq(bench_counter(bench, "searches-unmatched"), 1);
}
END_TEST

START_TEST(the_same_search_is_answered_once_in_its_window)
{
	const char *text = SEARCH_TEXT("upnp:rootdevice", MX(2));
	bench_hear_text(bench, text);
	bench_hear_text(bench, text);
	bench_run(bench, MILLISECONDS(1900));
	bench_hear_text(bench, text);
	bench_run(bench, SECONDS(5));
	ck_assert_uint_eq(answers(NULL), 1);
	ck_assert_uint_eq(bench_counter(bench, "searches-repeated"), 2);
	bench_hear_text(bench, text);
	bench_run(bench, SECONDS(5));
	ck_assert_uint_eq(answers(NULL), 2);
}
END_TEST

START_TEST(another_socket_or_target_is_another_search)
{
	struct datagram datagram = bench_datagram(SEARCH_TEXT("upnp:rootdevice", MX(2)));
	bench_hear(bench, &datagram);
	datagram.from.port++;
	bench_hear(bench, &datagram);
	datagram.from.address = bench_address("192.0.2.78");
	bench_hear(bench, &datagram);
	datagram.bytes = SLICE(SEARCH_TEXT(ROOT_UDN, MX(2)));
	bench_hear(bench, &datagram);
	bench_run(bench, SECONDS(5));
	ck_assert_uint_eq(answers(NULL), 4);
}
END_TEST

START_TEST(a_host_off_the_link_gets_no_answer)
{
	static const struct {
		const char *address;
		uint16_t port;
	} SOURCES[] = {
	    {"198.51.100.1", 5000},    /* elsewhere */
	    {"192.0.2.77", 0},         /* nothing listens there */
	    {"192.0.2.255", 5000},     /* the broadcast address */
	    {"255.255.255.255", 5000}, /* the other one */
	    {"239.255.255.250", 1900}, /* a group */
	    {"0.0.0.0", 5000},         /* no host */
	};
	for (size_t i = 0; i < COUNT_OF(SOURCES); i++) {
		struct datagram datagram = bench_datagram(SEARCH_TEXT("ssdp:all", MX(1)));
		datagram.from =
		    (struct address_port){bench_address(SOURCES[i].address), SOURCES[i].port};
		bench_hear(bench, &datagram);
		ck_assert_uint_eq(bench_counter(bench, "off-link"), i + 1);
	}
	bench_run(bench, SECONDS(5));
	ck_assert_uint_eq(answers(NULL), 0);
	ck_assert_uint_eq(bench->outbox.sighting_count, 0);
}
END_TEST

START_TEST(a_group_is_no_neighbour_however_wide_the_prefix)
{
	bench_add_address(bench, 7, "192.0.2.10", 1);
	bench_links_changed(bench);
	bench_run(bench, SECONDS(10));
	struct datagram datagram = bench_datagram(SEARCH_TEXT("ssdp:all", MX(1)));
	datagram.link = 7;
	datagram.from = (struct address_port){bench_address("239.255.255.250"), 1900};
	bench_hear(bench, &datagram);
	bench_run(bench, SECONDS(5));
	ck_assert_uint_eq(answers(NULL), 0);
	ck_assert_uint_eq(bench_counter(bench, "off-link"), 1);
}
END_TEST

START_TEST(our_own_sockets_get_nothing_but_our_neighbours_on_the_host_do)
{
	struct datagram datagram = bench_datagram(SEARCH_TEXT("upnp:rootdevice", MX(1)));
	datagram.from = (struct address_port){bench_address("192.0.2.10"), 1900};
	bench_hear(bench, &datagram);
	ck_assert_uint_eq(bench_counter(bench, "searches-refused"), 1);
	datagram.from.port = OWN_PORT;
	bench_hear(bench, &datagram);
	ck_assert_uint_eq(bench_counter(bench, "own"), 1);
	bench_run(bench, SECONDS(5));
	ck_assert_uint_eq(answers(NULL), 0);
	datagram.from.port = 41000;
	bench_hear(bench, &datagram);
	bench_run(bench, SECONDS(5));
	ck_assert_uint_eq(answers(NULL), 1);
}
END_TEST

START_TEST(man_must_be_discover)
{
	bench_hear_text(
	    bench, "M-SEARCH * HTTP/1.1\r\nMAN: \"ssdp:other\"\r\n" MX(1) "ST: ssdp:all\r\n\r\n");
	bench_hear_text(bench, "M-SEARCH * HTTP/1.1\r\n" MX(1) "ST: ssdp:all\r\n\r\n");
	bench_run(bench, SECONDS(5));
	ck_assert_uint_eq(answers(NULL), 0);
	ck_assert_uint_eq(bench_counter(bench, "malformed"), 2);
}
END_TEST

/* Many searches at once, all different, from one source or from as many. */
static void flood(unsigned searches, bool one_source)
{
	for (unsigned i = 0; i < searches; i++) {
		struct datagram datagram = bench_datagram(SEARCH_TEXT("upnp:rootdevice", MX(1)));
		datagram.from.port = (uint16_t)(1024 + i);
		if (!one_source)
			datagram.from.address.bytes[3] = (uint8_t)(20 + i % 200);
		bench_hear(bench, &datagram);
	}
}

/* A search that was sent to our address alone. */
static struct datagram unicast(const char *text)
{
	struct datagram datagram = bench_datagram(text);

	datagram.to = bench_address("192.0.2.10");
	return datagram;
}

/* What a unicast search draws before anything else is done: from another port each time, so that it
 * is no repeat. */
static size_t drawn_at_once(const char *text)
{
	static uint16_t port = 30000;
	struct datagram datagram = unicast(text);

	datagram.from.port = port++;
	before = bench->outbox.send_count;
	bench_hear(bench, &datagram);
	return answers(NULL);
}

START_TEST(uda_1_3_3_a_unicast_search_is_answered_at_once)
{
	ck_assert_uint_eq(drawn_at_once(SEARCH_TEXT("ssdp:all", "")), 4);
	unsigned wakeups = bench->wakeups;
	bench_run(bench, SECONDS(1));
	ck_assert_uint_eq(bench->wakeups, wakeups);
	ck_assert_uint_eq(answers(NULL), 4);
}
END_TEST

/* Another engine, which has just started. */
static void begin_anew(void)
{
	bench_free(bench);
	bench = bench_new();
	before = 0;
}

START_TEST(a_unicast_search_hastens_the_byebye_of_a_start)
{
	begin_anew();
	bench_start(bench);
	struct instant asked = bench->now;
	ck_assert_uint_eq(drawn_at_once(SEARCH_TEXT("upnp:rootdevice", "")), 1);
	ck_assert_uint_eq(bench_count(bench, 0, SSDP_BYEBYE, NULL), 4);
	ck_assert_uint_eq(bench_find(bench, 0, SSDP_RESPONSE, NULL), 4);
	ck_assert_uint_eq(drawn_at_once(SEARCH_TEXT("upnp:rootdevice", "")), 1);
	bench_run(bench, SECONDS(1));
	ck_assert_uint_eq(bench_count(bench, 0, SSDP_BYEBYE, NULL), 4);
	size_t alive = bench_find(bench, 0, SSDP_ALIVE, NULL);
	ck_assert_int_ge(instant_since(bench->sent_at[alive], asked), MILLISECONDS(100));
	ck_assert_uint_eq(bench_count(bench, 0, SSDP_ALIVE, NULL), 12);
}
END_TEST

START_TEST(a_hastened_byebye_hastens_no_alive)
{
	begin_anew();
	bench_start(bench);
	ck_assert_uint_eq(drawn_at_once(SEARCH_TEXT("upnp:rootdevice", "")), 1);
	bench_run(bench, MILLISECONDS(50));
	bench_add_offer(bench, "uuid:00000000-0000-5000-8000-00000000000b", ROOT_TYPE,
	    "http://192.0.2.10:5006/program.xml");
	ck_assert_uint_eq(drawn_at_once(SEARCH_TEXT("upnp:rootdevice", "")), 2);
	ck_assert_uint_eq(bench_count(bench, 0, SSDP_BYEBYE, NULL), 4 + 3);
	ck_assert_uint_eq(bench_count(bench, 0, SSDP_ALIVE, NULL), 0);
}
END_TEST

START_TEST(a_search_of_the_group_hastens_no_byebye)
{
	begin_anew();
	bench_start(bench);
	bench_hear_text(bench, SEARCH_TEXT("upnp:rootdevice", MX(1)));
	ck_assert_uint_eq(bench->outbox.send_count, 0);
}
END_TEST

START_TEST(hastened_byebyes_keep_their_bursts_and_precede_the_answer)
{
	char udn[64];

	begin_anew();
	for (unsigned i = 0; i < 8; i++) {
		snprintf(udn, sizeof(udn), "uuid:00000000-0000-5000-8000-0000000000b%u", i);
		bench_add_offer(bench, udn, ROOT_TYPE, "http://192.0.2.10:5006/program.xml");
	}
	bench_start(bench);
	ck_assert_uint_eq(drawn_at_once(SEARCH_TEXT(ROOT_UDN, "")), 0);
	ck_assert_uint_eq(bench_count(bench, 0, SSDP_BYEBYE, NULL), 4);
	bench_run(bench, SECONDS(1));
	ck_assert_uint_eq(answers(NULL), 1);
	size_t answer = bench_find(bench, 0, SSDP_RESPONSE, NULL);
	ck_assert_uint_eq(bench_count(bench, 0, SSDP_BYEBYE, NULL), 4 + 8 * 3);
	ck_assert_uint_eq(bench_count(bench, answer, SSDP_BYEBYE, NULL), 0);
	for (size_t i = 4; i < answer; i++)
		ck_assert_int_gt(instant_since(bench->sent_at[i], bench->sent_at[i - 4]), 0);
}
END_TEST

/* True when all that was sent from `before` on left by one link. */
static bool left_by(uint32_t link)
{
	for (size_t i = before; i < bench->outbox.send_count; i++)
		if (bench->outbox.sends[i].link != link)
			return false;
	return true;
}

START_TEST(the_byebye_of_another_link_is_neither_waited_for_nor_hastened)
{
	struct datagram datagram = unicast(SEARCH_TEXT("upnp:rootdevice", ""));

	begin_anew();
	bench_add_address(bench, LINK - 1, "198.51.100.4", 24);
	bench_start(bench);
	ck_assert_uint_eq(drawn_at_once(SEARCH_TEXT("upnp:rootdevice", "")), 1);
	ck_assert_uint_eq(bench_count(bench, before, SSDP_BYEBYE, NULL), 4);
	ck_assert(left_by(LINK));
	before = bench->outbox.send_count;
	datagram.link = LINK - 1;
	datagram.to = bench_address("198.51.100.4");
	datagram.from.address = bench_address("198.51.100.77");
	bench_hear(bench, &datagram);
	ck_assert_uint_eq(bench_count(bench, before, SSDP_BYEBYE, NULL), 4);
	ck_assert_uint_eq(answers(NULL), 1);
	ck_assert(left_by(LINK - 1));
}
END_TEST

START_TEST(answers_that_are_due_at_about_the_same_time_leave_at_one_wake_up)
{
	unsigned wakeups = bench->wakeups;

	ssdp_config(&bench->config)->answer_limit = false;
	flood(1000, true);
	bench_run(bench, SECONDS(1));
	ck_assert_uint_eq(answers(NULL), 1000);
	ck_assert_uint_le(bench->wakeups - wakeups, 200);
	ck_assert_uint_ge(bench->wakeups - wakeups, 100);
}
END_TEST

/* The answer to a unicast search for this target, which there is now. */
static struct ssdp_message answer_to(const char *text)
{
	ck_assert_uint_eq(drawn_at_once(text), 1);
	return bench_sent(bench, bench_find(bench, before, SSDP_RESPONSE, NULL));
}

static struct ssdp_message root_answer(void)
{
	return answer_to(SEARCH_TEXT("upnp:rootdevice", ""));
}

START_TEST(an_answer_has_the_date_of_its_second)
{
	bench->context.wall_offset -= SECONDS(10);
	ck_assert(slice_equal(root_answer().date, SLICE("Sun, 06 Nov 1994 08:49:37 GMT")));
	bench_run(bench, SECONDS(2));
	ck_assert(slice_equal(root_answer().date, SLICE("Sun, 06 Nov 1994 08:49:39 GMT")));
	bench->context.wall_offset += SECONDS(86400);
	ck_assert(slice_equal(root_answer().date, SLICE("Mon, 07 Nov 1994 08:49:39 GMT")));
	bench->context.wall_offset = INT64_MAX / 2;
	drawn_at_once(SEARCH_TEXT("upnp:rootdevice", ""));
	ck_assert_uint_eq(answers(NULL), 1);
}
END_TEST

START_TEST(an_answer_has_the_max_age_of_the_configuration)
{
	ck_assert_uint_eq(root_answer().max_age, 1800);
	ssdp_config(&bench->config)->max_age = 900;
	bench_reconfigured(bench);
	ck_assert_uint_eq(root_answer().max_age, 900);
}
END_TEST

START_TEST(an_answer_has_the_boot_number_in_force)
{
	uint32_t number = root_answer().boot_id.value;

	bench_add_address(bench, 7, "198.51.100.4", 24);
	bench_links_changed(bench);
	/* ssdp:update is being sent: the old one is in force (UDA 2.0, 1.2.4) */
	ck_assert_uint_eq(bench_own(bench)->epoch, number + 1);
	ck_assert_uint_eq(root_answer().boot_id.value, number);
	bench_run(bench, SECONDS(10));
	ck_assert_uint_eq(root_answer().boot_id.value, number + 1);
}
END_TEST

START_TEST(an_answer_has_the_address_of_its_link)
{
	ck_assert(
	    slice_equal(root_answer().location, SLICE("http://192.0.2.10:5006/description.xml")));
	struct datagram other = unicast(SEARCH_TEXT("upnp:rootdevice", ""));
	bench_add_address(bench, LINK, "198.51.100.4", 24);
	bench_links_changed(bench);
	bench_run(bench, SECONDS(10));
	other.to = bench_address("198.51.100.4");
	other.from.address = bench_address("198.51.100.77");
	bench_hear(bench, &other);
	ck_assert(slice_equal(bench_sent(bench, bench->outbox.send_count - 1).location,
	    SLICE("http://198.51.100.4:5006/description.xml")));
	ck_assert(
	    slice_equal(root_answer().location, SLICE("http://192.0.2.10:5006/description.xml")));
}
END_TEST

START_TEST(an_answer_follows_the_description)
{
	ck_assert_uint_eq(root_answer().config_id.value, 4711);
	bench_set_config_id(bench, 4712);
	bench_run(bench, SECONDS(10));
	ck_assert_uint_eq(root_answer().config_id.value, 4712);
	bench_set_location(bench, "http://*:99/other.xml");
	bench_run(bench, SECONDS(10));
	ck_assert(slice_equal(root_answer().location, SLICE("http://192.0.2.10:99/other.xml")));
}
END_TEST

START_TEST(a_program_is_found_while_it_is_announced)
{
	const char *type = SEARCH_TEXT("urn:example-org:device:Program:1", "");

	ck_assert_uint_eq(drawn_at_once(type), 0);
	struct offer *offer = bench_add_offer(
	    bench, "uuid:P", "urn:example-org:device:Program:3", "http://*:80/p.xml");
	bench_run(bench, SECONDS(10));
	ck_assert_uint_eq(drawn_at_once(type), 1);
	ck_assert_uint_eq(drawn_at_once(SEARCH_TEXT("urn:example-org:device:Program:3", "")), 1);
	ck_assert_uint_eq(drawn_at_once(SEARCH_TEXT("urn:example-org:device:Program:4", "")), 0);
	ck_assert_uint_eq(drawn_at_once(SEARCH_TEXT("urn:example-org:device:program:3", "")), 0);
	ck_assert_uint_eq(drawn_at_once(SEARCH_TEXT("urn:example-org:device:Program", "")), 0);
	ck_assert_uint_eq(drawn_at_once(SEARCH_TEXT("UUID:p", "")), 1);
	ck_assert_uint_eq(drawn_at_once(SEARCH_TEXT("upnp:rootdevice", "")), 2);
	bench_remove_offer(bench, offer->number);
	ck_assert_uint_eq(drawn_at_once(type), 0);
	ck_assert_uint_eq(drawn_at_once(SEARCH_TEXT("upnp:rootdevice", "")), 1);
}
END_TEST

START_TEST(the_answers_that_are_kept_are_limited)
{
	const struct ssdp_index *index = &CONTAINER_OF(bench->engine, struct ssdp, engine)->index;
	char text[256];

	ssdp_config(&bench->config)->answer_limit = false;
	bench_add_offer(
	    bench, "uuid:P", "urn:example-org:device:Program:5000", "http://*:80/p.xml");
	bench_run(bench, SECONDS(10));
	for (unsigned version = 1; version <= 2000; version++) {
		snprintf(text, sizeof(text), SEARCH_TEXT("urn:example-org:device:Program:%u", ""),
		    version);
		struct slice target = answer_to(text).target;
		ck_assert_ptr_nonnull(strstr(text, "Program"));
		ck_assert(
		    slice_equal(target, slice_head(slice_of(strstr(text, "urn:")), target.len)));
		ck_assert_uint_le(index->kept, 128 * 1024);
	}
	ck_assert_uint_gt(index->kept, 0);
}
END_TEST

START_TEST(a_source_draws_its_bucket_and_a_quarter_beyond)
{
	flood(464, true);
	bench_run(bench, SECONDS(1));
	ck_assert_uint_ge(answers(NULL), 64 + 60);
	ck_assert_uint_le(answers(NULL), 64 + 150);
	ck_assert_uint_eq(answers(NULL) + bench_counter(bench, "searches-limited"), 464);
}
END_TEST

START_TEST(all_sources_together_draw_the_total)
{
	flood(2000, false);
	bench_run(bench, SECONDS(1));
	ck_assert_uint_eq(answers(NULL), 512);
}
END_TEST

/* How many answers a search from another port of the same host draws within a second. */
static size_t drawn(const char *text)
{
	static uint16_t port = 2000;
	struct datagram datagram = bench_datagram(text);
	size_t from = bench->outbox.send_count;

	datagram.from.port = port++;
	bench_hear(bench, &datagram);
	bench_run(bench, SECONDS(1));
	return bench_count(bench, from, SSDP_RESPONSE, NULL);
}

START_TEST(all_is_answered_once_in_ten_seconds_per_host)
{
	ck_assert_uint_eq(drawn(SEARCH_TEXT("ssdp:all", MX(1))), 4);
	bench_run(bench, SECONDS(8));
	ck_assert_uint_eq(drawn(SEARCH_TEXT("ssdp:all", MX(1))), 0);
	ck_assert_uint_eq(bench_counter(bench, "searches-repeated"), 1);
	ck_assert_uint_eq(drawn(SEARCH_TEXT("upnp:rootdevice", MX(1))), 1);
	ck_assert_uint_eq(drawn(SEARCH_TEXT("ssdp:all", MX(1))), 4);
}
END_TEST

START_TEST(a_host_with_many_services_sends_a_source_64_kb_a_minute)
{
	size_t count = 0;
	for (unsigned i = 0; i < 60; i++) {
		char type[64];
		snprintf(type, sizeof(type), "urn:example-org:service:Number%u:1", i);
		offered_device_add_service(&bench_own(bench)->devices[0], type, "id");
	}
	ck_assert_uint_eq(drawn(SEARCH_TEXT("ssdp:all", MX(1))), 64);
	for (unsigned i = 0; i < 6; i++) {
		bench_run(bench, SECONDS(9));
		count += drawn(SEARCH_TEXT("ssdp:all", MX(1)));
	}
	/* Only whole answers, and a minute's worth is not together yet. */
	ck_assert_uint_eq(count, 0);
	ck_assert_uint_eq(bench_counter(bench, "searches-limited"), 6);
	ck_assert_uint_eq(drawn(SEARCH_TEXT("upnp:rootdevice", MX(1))), 1);
	bench_run(bench, SECONDS(60));
	ck_assert_uint_eq(drawn(SEARCH_TEXT("ssdp:all", MX(1))), 64);
}
END_TEST

START_TEST(the_limit_can_be_opened_for_measuring_but_not_the_queue)
{
	ssdp_config(&bench->config)->answer_limit = false;
	flood(3000, true);
	bench_run(bench, SECONDS(1));
	ck_assert_uint_eq(answers(NULL), 1024);
	ck_assert_uint_eq(bench_counter(bench, "answers-dropped"), 3000 - 1024);
}
END_TEST

START_TEST(a_link_that_goes_takes_its_answers_along)
{
	bench_hear_text(bench, SEARCH_TEXT("ssdp:all", MX(5)));
	link_set_remove(&bench->links, LINK);
	bench_links_changed(bench);
	bench_run(bench, SECONDS(10));
	ck_assert_uint_eq(answers(NULL), 0);
	ck_assert_uint_eq(bench_counter(bench, "answers-dropped"), 4);
}
END_TEST

START_TEST(a_link_with_another_network_does_not_answer_the_old_one)
{
	bench_hear_text(bench, SEARCH_TEXT("ssdp:all", MX(5)));
	link_set_remove(&bench->links, LINK);
	bench_add_address(bench, LINK, "198.51.100.4", 24);
	bench_links_changed(bench);
	bench_run(bench, SECONDS(10));
	ck_assert_uint_eq(answers(NULL), 0);
}
END_TEST

START_TEST(a_changed_announcement_forgets_what_waits)
{
	bench_hear_text(bench, SEARCH_TEXT("ssdp:all", MX(5)));
	bench_set_location(bench, NULL);
	bench_hear_text(bench, SEARCH_TEXT("ssdp:all", MX(1)));
	bench_run(bench, SECONDS(10));
	ck_assert_uint_eq(answers(NULL), 0);
}
END_TEST

Suite *ssdp_answer_suite(void)
{
	Suite *suite = suite_create("engine/ssdp_answer");
	TCase *tcase = tcase_create("ssdp_answer");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, uda_1_3_3_a_multicast_search_without_mx_is_dropped);
	tcase_add_test(tcase, uda_1_3_3_answers_are_spread_over_mx);
	tcase_add_test(tcase, uda_1_3_3_mx_over_five_counts_as_five);
	tcase_add_test(tcase, mx_zero_is_answered_within_200_ms);
	tcase_add_test(tcase, uda_1_3_3_each_answer_has_its_own_delay);
	tcase_add_test(tcase, uda_1_3_3_an_answer_leaves_by_the_link_of_its_search);
	tcase_add_test(tcase, uda_1_3_3_an_answer_byte_for_byte);
	tcase_add_test(tcase, uda_1_3_3_an_answer_has_the_version_of_its_search);
	tcase_add_test(tcase, the_same_search_is_answered_once_in_its_window);
	tcase_add_test(tcase, another_socket_or_target_is_another_search);
	tcase_add_test(tcase, a_host_off_the_link_gets_no_answer);
	tcase_add_test(tcase, a_group_is_no_neighbour_however_wide_the_prefix);
	tcase_add_test(tcase, our_own_sockets_get_nothing_but_our_neighbours_on_the_host_do);
	tcase_add_test(tcase, man_must_be_discover);
	tcase_add_test(tcase, uda_1_3_3_a_unicast_search_is_answered_at_once);
	tcase_add_test(tcase, a_unicast_search_hastens_the_byebye_of_a_start);
	tcase_add_test(tcase, a_hastened_byebye_hastens_no_alive);
	tcase_add_test(tcase, a_search_of_the_group_hastens_no_byebye);
	tcase_add_test(tcase, hastened_byebyes_keep_their_bursts_and_precede_the_answer);
	tcase_add_test(tcase, the_byebye_of_another_link_is_neither_waited_for_nor_hastened);
	tcase_add_test(tcase, answers_that_are_due_at_about_the_same_time_leave_at_one_wake_up);
	tcase_add_test(tcase, an_answer_has_the_date_of_its_second);
	tcase_add_test(tcase, an_answer_has_the_max_age_of_the_configuration);
	tcase_add_test(tcase, an_answer_has_the_boot_number_in_force);
	tcase_add_test(tcase, an_answer_has_the_address_of_its_link);
	tcase_add_test(tcase, an_answer_follows_the_description);
	tcase_add_test(tcase, a_program_is_found_while_it_is_announced);
	tcase_add_test(tcase, the_answers_that_are_kept_are_limited);
	tcase_add_test(tcase, a_source_draws_its_bucket_and_a_quarter_beyond);
	tcase_add_test(tcase, all_sources_together_draw_the_total);
	tcase_add_test(tcase, all_is_answered_once_in_ten_seconds_per_host);
	tcase_add_test(tcase, a_host_with_many_services_sends_a_source_64_kb_a_minute);
	tcase_add_test(tcase, the_limit_can_be_opened_for_measuring_but_not_the_queue);
	tcase_add_test(tcase, a_link_that_goes_takes_its_answers_along);
	tcase_add_test(tcase, a_link_with_another_network_does_not_answer_the_old_one);
	tcase_add_test(tcase, a_changed_announcement_forgets_what_waits);
	suite_add_tcase(suite, tcase);
	return suite;
}
