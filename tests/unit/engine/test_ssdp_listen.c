/* SPDX-License-Identifier: ISC
 * Tests of engine/ssdp_listen. */
#include "base/array.h"
#include "ssdp_bench.h"
#include "suites.h"
#include <stdio.h>
#include <string.h>

#define THEIR_UDN "uuid:11111111-2222-5333-8444-555555555555"
#define ALIVE(nt, usn, more)                                                                       \
	"NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nNT: " nt                               \
	"\r\nNTS: ssdp:alive\r\nUSN: " usn "\r\n" more "\r\n"

static struct bench *bench;

static void setup(void)
{
	bench = bench_new();
	bench_start(bench);
}

static void teardown(void)
{
	bench_free(bench);
}

/* The one sighting that this text makes. */
static const struct sighting *sight(const char *text)
{
	size_t before = bench->outbox.sighting_count;
	bench_hear_text(bench, text);
	ck_assert_uint_eq(bench->outbox.sighting_count, before + 1);
	return &bench->outbox.sightings[before];
}

static void expect_nothing(const char *counter)
{
	ck_assert_uint_eq(bench->outbox.sighting_count, 0);
	ck_assert_uint_eq(bench_counter(bench, counter), 1);
}

START_TEST(alive_gives_every_fact)
{
	const struct sighting *sighting =
	    sight(ALIVE("urn:a:device:D:1", THEIR_UDN "::urn:a:device:D:1",
		"LOCATION: http://192.0.2.77/d.xml\r\nSERVER: S/1\r\nBOOTID.UPNP.ORG: 7\r\n"
		"CONFIGID.UPNP.ORG: 8\r\nCACHE-CONTROL: max-age = 60\r\n"
		"SEARCHPORT.UPNP.ORG: 49200\r\n"));
	ck_assert_int_eq(sighting->event, SIGHTING_ALIVE);
	ck_assert_str_eq(sighting->protocol->name, "ssdp");
	ck_assert(slice_equal(sighting->key.text, SLICE(THEIR_UDN)));
	struct address from = bench_address("192.0.2.77");
	ck_assert(address_equal(&sighting->from, &from));
	ck_assert_uint_eq(sighting->link, LINK);
	ck_assert(slice_equal(sighting->facts[FACT_TYPE], SLICE("urn:a:device:D:1")));
	ck_assert_uint_eq(sighting->service_count, 0);
	ck_assert(!sighting->primary);
	ck_assert(slice_equal(sighting->url, SLICE("http://192.0.2.77/d.xml")));
	ck_assert(slice_equal(sighting->facts[FACT_SERVER], SLICE("S/1")));
	ck_assert(sighting->epoch.known && sighting->epoch.value == 7);
	ck_assert(sighting->revision.known && sighting->revision.value == 8);
	ck_assert_int_eq(sighting->lifetime, SECONDS(60));
	ck_assert_uint_eq(sighting->network, 24);
	ck_assert_uint_eq(sighting->port, 49200);
	ck_assert(!sighting->answers_us && !sighting->is_ourselves_elsewhere);
}
END_TEST

START_TEST(a_service_is_part_of_the_sighting)
{
	const struct sighting *sighting =
	    sight(ALIVE("urn:a:service:S:1", THEIR_UDN "::urn:a:service:S:1", ""));
	ck_assert_uint_eq(sighting->service_count, 1);
	ck_assert(slice_equal(sighting->services[0].type, SLICE("urn:a:service:S:1")));
	ck_assert_ptr_null(sighting->services[0].key.bytes);
	ck_assert_ptr_null(sighting->facts[FACT_TYPE].bytes);
	ck_assert(!sighting->epoch.known);
}
END_TEST

START_TEST(a_root_device_is_primary)
{
	ck_assert(sight(ALIVE("upnp:rootdevice", THEIR_UDN "::upnp:rootdevice", ""))->primary);
}
END_TEST

START_TEST(without_max_age_the_lifetime_is_half_an_hour)
{
	const char *texts[] = {ALIVE("upnp:rootdevice", THEIR_UDN "::upnp:rootdevice", ""),
	    ALIVE("upnp:rootdevice", THEIR_UDN "::upnp:rootdevice",
		"CACHE-CONTROL: no-cache=\"Ext\"\r\n"),
	    ALIVE("upnp:rootdevice", THEIR_UDN "::upnp:rootdevice",
		"CACHE-CONTROL: max-age=long\r\n")};
	for (size_t i = 0; i < 3; i++)
		ck_assert_int_eq(sight(texts[i])->lifetime, SECONDS(1800));
}
END_TEST

START_TEST(uda_1_2_3_a_byebye_needs_no_more_than_nt_and_usn)
{
	const struct sighting *sighting =
	    sight("NOTIFY * HTTP/1.1\nNT: upnp:rootdevice\nNTS: ssdp:byebye\n"
		  "USN: " THEIR_UDN "::upnp:rootdevice\n");
	ck_assert_int_eq(sighting->event, SIGHTING_LEFT);
	ck_assert(slice_equal(sighting->key.text, SLICE(THEIR_UDN)));
}
END_TEST

static void search_for_all(void)
{
	SSDP_ENGINE.search(bench->engine, bench->now, SLICE("ssdp:all"), 3, &bench->outbox);
}

START_TEST(a_late_answer_is_ignored_after_a_byebye)
{
	const char *answer =
	    "HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\nUSN: " THEIR_UDN "::upnp:rootdevice\r\n\r\n";
	const char *bye = "NOTIFY * HTTP/1.1\r\nNT: upnp:rootdevice\r\nNTS: ssdp:byebye\r\n"
			  "USN: " THEIR_UDN "::upnp:rootdevice\r\n\r\n";
	struct datagram elsewhere = bench_datagram(answer);
	elsewhere.from.address = bench_address("192.0.2.78");
	bench_hear_text(bench, answer);
	ck_assert_uint_eq(bench->outbox.sighting_count, 1);
	search_for_all();
	bench_hear_text(bench, bye);
	ck_assert_uint_eq(bench->outbox.sighting_count, 2);
	bench->now = instant_add(bench->now, SECONDS(5) - 1);
	bench_hear_text(bench, answer);
	ck_assert_uint_eq(bench->outbox.sighting_count, 2);
	ck_assert_uint_eq(bench_counter(bench, "late-responses"), 1);
	/* the device at another address has not left */
	bench_hear(bench, &elsewhere);
	ck_assert_uint_eq(bench->outbox.sighting_count, 3);
	/* nor has one that announces itself again */
	bench_hear_text(bench, ALIVE("upnp:rootdevice", THEIR_UDN "::upnp:rootdevice", ""));
	bench_hear_text(bench, answer);
	ck_assert_uint_eq(bench->outbox.sighting_count, 5);
	search_for_all();
	bench_hear_text(bench, bye);
	bench->now = instant_add(bench->now, SECONDS(5));
	bench_hear_text(bench, answer);
	ck_assert_uint_eq(bench->outbox.sighting_count, 7);
	/* nothing was searched for, so there is nothing to be late for */
	bench_hear_text(bench, bye);
	bench_hear_text(bench, answer);
	ck_assert_uint_eq(bench->outbox.sighting_count, 9);
}
END_TEST

/* Not before the late answers have come, of which it is none. */
START_TEST(an_answer_to_the_question_after_a_byebye_is_not_late)
{
	const char *answer = "HTTP/1.1 200 OK\r\nST: " THEIR_UDN "\r\nUSN: " THEIR_UDN "\r\n\r\n";
	const char *bye = "NOTIFY * HTTP/1.1\r\nNT: upnp:rootdevice\r\nNTS: ssdp:byebye\r\n"
			  "USN: " THEIR_UDN "::upnp:rootdevice\r\n\r\n";
	const struct engine_reconfirm question = {
	    .key = SLICE(THEIR_UDN),
	    .address = bench_datagram(answer).from.address,
	    .link = LINK,
	    .departed = true,
	};
	bench_run(bench, SECONDS(20));
	search_for_all();
	bench_hear_text(bench, bye);
	SSDP_ENGINE.reconfirm(bench->engine, bench->now, &question);
	bench_hear_text(bench, answer);
	ck_assert_uint_eq(bench_counter(bench, "late-responses"), 1);
	ck_assert_uint_eq(bench_counter(bench, "reconfirms"), 0);
	bench_run(bench, SECONDS(8));
	ck_assert_uint_ge(bench_counter(bench, "reconfirms"), 1);
	search_for_all();
	bench_hear_text(bench, bye);
	bench_hear_text(bench, answer);
	ck_assert_uint_eq(bench_counter(bench, "late-responses"), 1);
}
END_TEST

START_TEST(uda_1_2_4_an_update_has_the_next_boot_id)
{
	const struct sighting *sighting =
	    sight("NOTIFY * HTTP/1.1\r\nNT: upnp:rootdevice\r\nNTS: ssdp:update\r\n"
		  "USN: " THEIR_UDN
		  "::upnp:rootdevice\r\nLOCATION: http://192.0.2.77/d.xml\r\nBOOTID.UPNP.ORG: 1\r\n"
		  "CONFIGID.UPNP.ORG: 2\r\nNEXTBOOTID.UPNP.ORG: 3\r\n\r\n");
	ck_assert_int_eq(sighting->event, SIGHTING_RENUMBERS);
	ck_assert(sighting->epoch.known && sighting->epoch.value == 1);
	ck_assert(sighting->next_epoch.known && sighting->next_epoch.value == 3);
}
END_TEST

#define RESPONSE                                                                                   \
	"HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=100\r\nST: urn:a:device:D:1\r\n"                \
	"USN: " THEIR_UDN "::urn:a:device:D:1\r\nLOCATION: http://192.0.2.77/d.xml\r\n\r\n"

START_TEST(an_answer_to_our_own_port_answers_us)
{
	struct datagram datagram = bench_datagram(RESPONSE);
	datagram.to = bench_address("192.0.2.10");
	datagram.channel = CHANNEL_OWN;
	bench_hear(bench, &datagram);
	datagram.channel = CHANNEL_SHARED;
	bench_hear(bench, &datagram);
	ck_assert_uint_eq(bench->outbox.sighting_count, 2);
	const struct sighting *sighting = bench->outbox.sightings;
	ck_assert(sighting[0].answers_us && !sighting[1].answers_us);
	ck_assert_int_eq(sighting[0].event, SIGHTING_ALIVE);
	ck_assert(slice_equal(sighting[0].facts[FACT_TYPE], SLICE("urn:a:device:D:1")));
	ck_assert_uint_eq(bench_counter(bench, "responses"), 2);
}
END_TEST

/* To the socket that a search of ours came from. */
static struct datagram unicast(const char *text)
{
	struct datagram datagram = bench_datagram(text);
	datagram.to = bench_address("192.0.2.10");
	datagram.channel = CHANNEL_OWN;
	return datagram;
}

START_TEST(a_unicast_alive_is_an_answer_while_a_search_is_recent)
{
	struct datagram alive =
	    unicast(ALIVE("upnp:rootdevice", THEIR_UDN "::upnp:rootdevice", ""));
	SSDP_ENGINE.search(bench->engine, bench->now, SLICE("roku:ecp"), 1, &bench->outbox);
	bench->now = instant_add(bench->now, SECONDS(2));
	bench_hear(bench, &alive);
	ck_assert_uint_eq(bench->outbox.sighting_count, 1);
	ck_assert(bench->outbox.sightings[0].answers_us);
	ck_assert_int_eq(bench->outbox.sightings[0].event, SIGHTING_ALIVE);
	ck_assert_uint_eq(bench_counter(bench, "responses"), 1);
	alive.from.address = bench_address("203.0.113.7");
	bench_hear(bench, &alive);
	ck_assert_uint_eq(bench_counter(bench, "off-link"), 1);
	alive.from.address = bench_address("192.0.2.77");
	bench->now = instant_add(bench->now, SECONDS(2));
	bench_hear(bench, &alive);
	ck_assert_uint_eq(bench_counter(bench, "ignored"), 1);
	ck_assert_uint_eq(bench->outbox.sighting_count, 1);
}
END_TEST

START_TEST(no_other_unicast_notify_is_an_answer)
{
	static const char *const OTHERS[] = {
	    "NOTIFY * HTTP/1.1\r\nNT: a\r\nNTS: ssdp:byebye\r\nUSN: " THEIR_UDN "\r\n\r\n",
	    "NOTIFY * HTTP/1.1\r\nNT: a\r\nNTS: SSDP_UPDATE\r\nUSN: " THEIR_UDN "\r\n\r\n",
	};
	for (size_t i = 0; i < 2; i++) {
		struct datagram datagram = unicast(OTHERS[i]);
		SSDP_ENGINE.search(bench->engine, bench->now, SLICE("a"), 1, &bench->outbox);
		bench_hear(bench, &datagram);
	}
	ck_assert_uint_eq(bench->outbox.sighting_count, 0);
	ck_assert_uint_eq(bench_counter(bench, "ignored"), 2);
}
END_TEST

START_TEST(a_location_is_repaired)
{
	const struct sighting *sighting =
	    sight(ALIVE("upnp:rootdevice", THEIR_UDN, "LOCATION: <192.0.2.77:80/my lamp.xml>\r\n"));
	ck_assert(slice_equal(sighting->url, SLICE("http://192.0.2.77:80/my%20lamp.xml")));
}
END_TEST

START_TEST(what_a_limit_left_out_is_counted)
{
	char text[2048] =
	    "NOTIFY * HTTP/1.1\r\nNT: a\r\nUSN: uuid:b\r\nNTS: ssdp:alive\r\nLOCATION: ";
	memset(text + strlen(text), 'x', 600);
	strcat(text, "\r\n");
	const struct sighting *sighting = sight(text);
	ck_assert_ptr_null(sighting->url.bytes);
	ck_assert_uint_eq(bench_counter(bench, "surplus"), 1);
}
END_TEST

START_TEST(our_own_port_is_for_answers_alone)
{
	struct datagram datagram =
	    bench_datagram(ALIVE("upnp:rootdevice", THEIR_UDN "::upnp:rootdevice", ""));
	datagram.channel = CHANNEL_OWN;
	datagram.to = bench_address("192.0.2.10");
	bench_hear(bench, &datagram);
	expect_nothing("ignored");
}
END_TEST

START_TEST(a_search_is_a_control_point)
{
	const struct sighting *sighting = sight(
	    "M-SEARCH * HTTP/1.1\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\nST: ssdp:all\r\n"
	    "USER-AGENT: U/1\r\nCPFN.UPNP.ORG: Remote\r\nCPUUID.UPNP.ORG: " THEIR_UDN "\r\n\r\n");
	ck_assert_int_eq(sighting->event, SIGHTING_ASKED);
	ck_assert_int_eq(sighting->lifetime, SECONDS(300));
	ck_assert(slice_equal(sighting->key.text, SLICE(THEIR_UDN)));
	ck_assert(slice_equal(sighting->facts[FACT_NAME], SLICE("Remote")));
	ck_assert(slice_equal(sighting->facts[FACT_SERVER], SLICE("U/1")));
	ck_assert_ptr_null(sight(SEARCH_TEXT("ssdp:all", MX(1)))->key.text.bytes);
	/* A search that gets no answer is a sighting, too. */
	ck_assert_int_eq(sight(SEARCH_TEXT("ssdp:all", ""))->event, SIGHTING_ASKED);
}
END_TEST

START_TEST(odd_usns_give_the_id_that_they_contain)
{
	static const struct {
		const char *text, *id;
	} CASES[] = {
	    {ALIVE("upnp:rootdevice", "uuid:RINCON_000E5812345601400::upnp:rootdevice", ""),
		"uuid:RINCON_000E5812345601400"},
	    {ALIVE("upnp:rootdevice", "uuid:Socket-1_0-2216XX::upnp:rootdevice", ""),
		"uuid:Socket-1_0-2216XX"},
	    {ALIVE("urn:a:device:D:1", THEIR_UDN, ""), THEIR_UDN},
	    {ALIVE("upnp:rootdevice", "uuid:" THEIR_UDN "::upnp:rootdevice", ""), THEIR_UDN},
	    {ALIVE("upnp:rootdevice", "11111111-2222-5333-8444-555555555555", ""), THEIR_UDN},
	    {ALIVE("upnp:rootdevice", "[fe80::1]:3540", ""), NULL},
	    {"HTTP/1.1 200 OK\r\nST: ssdp:all\r\n\r\n", NULL},
	};
	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		const struct sighting *sighting = sight(CASES[i].text);
		ck_assert_msg(
		    slice_equal(sighting->key.text, slice_of(CASES[i].id)), "%s", CASES[i].text);
	}
}
END_TEST

START_TEST(header_names_in_any_case_and_values_as_they_are)
{
	const struct sighting *sighting =
	    sight("NOTIFY * HTTP/1.1\r\nnt: urn:a:device:D:1\r\nNts: ssdp:alive\r\nuSN: " THEIR_UDN
		  "\r\nserver: MiXeD\r\nlocation: http://192.0.2.77/Path\r\n\r\n");
	ck_assert(slice_equal(sighting->facts[FACT_TYPE], SLICE("urn:a:device:D:1")));
	ck_assert(slice_equal(sighting->facts[FACT_SERVER], SLICE("MiXeD")));
	ck_assert(slice_equal(sighting->url, SLICE("http://192.0.2.77/Path")));
}
END_TEST

START_TEST(a_device_type_is_a_string)
{
	static const char *const TYPES[] = {
	    "urn:Belkin:device:**", "urn:a:device:D:one", "urn:a:device:D", "urn:a:device:d:01"};
	for (size_t i = 0; i < COUNT_OF(TYPES); i++) {
		char text[512];
		snprintf(text, sizeof(text),
		    "NOTIFY * HTTP/1.1\r\nNT: %s\r\nNTS: ssdp:alive\r\nUSN: " THEIR_UDN "\r\n\r\n",
		    TYPES[i]);
		ck_assert(slice_equal(sight(text)->facts[FACT_TYPE], slice_of(TYPES[i])));
	}
}
END_TEST

START_TEST(our_instance_number_is_us)
{
	bench_hear_text(bench, ALIVE("upnp:rootdevice", THEIR_UDN "::upnp:rootdevice",
				   "INSTANCE.DISCOVERD.IO: 0123456789abcdef\r\n"));
	expect_nothing("own");
}
END_TEST

START_TEST(an_announcement_without_an_instance_is_not_ours_for_that)
{
	bench->offers.instance[0] = '\0';
	sight(
	    ALIVE("upnp:rootdevice", THEIR_UDN "::upnp:rootdevice", "INSTANCE.DISCOVERD.IO: \r\n"));
}
END_TEST

START_TEST(our_own_socket_is_us)
{
	struct datagram datagram = bench_datagram(SEARCH_TEXT("ssdp:all", MX(1)));
	datagram.from = (struct address_port){bench_address("192.0.2.10"), OWN_PORT};
	bench_hear(bench, &datagram);
	expect_nothing("own");
}
END_TEST

START_TEST(our_uuid_with_our_location_is_us)
{
	bench_hear_text(bench, ALIVE("upnp:rootdevice", ROOT_UDN "::upnp:rootdevice",
				   "LOCATION: http://192.0.2.10:5006/other.xml\r\n"));
	expect_nothing("own");
}
END_TEST

START_TEST(our_uuid_alone_is_another_host)
{
	const char *texts[] = {
	    ALIVE("upnp:rootdevice", ROOT_UDN "::upnp:rootdevice",
		"LOCATION: http://192.0.2.77:5006/description.xml\r\n"),
	    ALIVE("upnp:rootdevice", ROOT_UDN "::upnp:rootdevice",
		"LOCATION: http://192.0.2.10:5007/description.xml\r\n"),
	    ALIVE("upnp:rootdevice", ROOT_UDN "::upnp:rootdevice", ""),
	};
	for (size_t i = 0; i < 3; i++)
		ck_assert(sight(texts[i])->is_ourselves_elsewhere);
}
END_TEST

START_TEST(another_program_of_this_host_is_not_us)
{
	struct datagram datagram = bench_datagram(ALIVE("upnp:rootdevice",
	    THEIR_UDN "::upnp:rootdevice", "LOCATION: http://192.0.2.10:8200/d.xml\r\n"));
	datagram.from = (struct address_port){bench_address("192.0.2.10"), 1900};
	bench_hear(bench, &datagram);
	ck_assert_uint_eq(bench->outbox.sighting_count, 1);
}
END_TEST

START_TEST(a_host_off_the_link_is_not_sighted)
{
	struct datagram datagram =
	    bench_datagram(ALIVE("upnp:rootdevice", THEIR_UDN "::upnp:rootdevice", ""));
	datagram.from.address = bench_address("198.51.100.1");
	bench_hear(bench, &datagram);
	expect_nothing("off-link");
	datagram.from.address = bench_address("192.0.2.77");
	datagram.link = 99;
	bench_hear(bench, &datagram);
	ck_assert_uint_eq(bench->outbox.sighting_count, 0);
}
END_TEST

START_TEST(truncated_is_dropped)
{
	struct datagram datagram =
	    bench_datagram(ALIVE("upnp:rootdevice", THEIR_UDN "::upnp:rootdevice", ""));
	datagram.truncated = true;
	bench_hear(bench, &datagram);
	expect_nothing("oversized");
}
END_TEST

START_TEST(nonsense_is_counted)
{
	static const char *const TEXTS[] = {"", "\r\n", "DISCOVER from x", "GET / HTTP/1.1\r\n\r\n",
	    "NOTIFY * HTTP/1.1\r\nNT: x\r\nNTS: ssdp:hello\r\nUSN: uuid:x\r\n\r\n"};
	for (size_t i = 0; i < 5; i++)
		bench_hear_text(bench, TEXTS[i]);
	ck_assert_uint_eq(bench->outbox.sighting_count, 0);
	ck_assert_uint_eq(bench_counter(bench, "malformed"), 5);
	ck_assert_uint_eq(bench_counter(bench, "received"), 5);
}
END_TEST

START_TEST(a_sighting_never_causes_a_sending)
{
	bench_run(bench, SECONDS(10));
	size_t before = bench->outbox.send_count;
	for (int i = 0; i < 20; i++) {
		bench_hear_text(bench, RESPONSE);
		bench_hear_text(bench, ALIVE("upnp:rootdevice", THEIR_UDN "::upnp:rootdevice", ""));
	}
	bench_run(bench, SECONDS(10));
	ck_assert_uint_eq(bench->outbox.send_count, before);
}
END_TEST

Suite *ssdp_listen_suite(void)
{
	Suite *suite = suite_create("engine/ssdp_listen");
	TCase *tcase = tcase_create("ssdp_listen");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, alive_gives_every_fact);
	tcase_add_test(tcase, a_service_is_part_of_the_sighting);
	tcase_add_test(tcase, a_root_device_is_primary);
	tcase_add_test(tcase, without_max_age_the_lifetime_is_half_an_hour);
	tcase_add_test(tcase, uda_1_2_3_a_byebye_needs_no_more_than_nt_and_usn);
	tcase_add_test(tcase, uda_1_2_4_an_update_has_the_next_boot_id);
	tcase_add_test(tcase, a_late_answer_is_ignored_after_a_byebye);
	tcase_add_test(tcase, an_answer_to_the_question_after_a_byebye_is_not_late);
	tcase_add_test(tcase, an_answer_to_our_own_port_answers_us);
	tcase_add_test(tcase, a_unicast_alive_is_an_answer_while_a_search_is_recent);
	tcase_add_test(tcase, no_other_unicast_notify_is_an_answer);
	tcase_add_test(tcase, a_location_is_repaired);
	tcase_add_test(tcase, what_a_limit_left_out_is_counted);
	tcase_add_test(tcase, our_own_port_is_for_answers_alone);
	tcase_add_test(tcase, a_search_is_a_control_point);
	tcase_add_test(tcase, odd_usns_give_the_id_that_they_contain);
	tcase_add_test(tcase, header_names_in_any_case_and_values_as_they_are);
	tcase_add_test(tcase, a_device_type_is_a_string);
	tcase_add_test(tcase, our_instance_number_is_us);
	tcase_add_test(tcase, an_announcement_without_an_instance_is_not_ours_for_that);
	tcase_add_test(tcase, our_own_socket_is_us);
	tcase_add_test(tcase, our_uuid_with_our_location_is_us);
	tcase_add_test(tcase, our_uuid_alone_is_another_host);
	tcase_add_test(tcase, another_program_of_this_host_is_not_us);
	tcase_add_test(tcase, a_host_off_the_link_is_not_sighted);
	tcase_add_test(tcase, truncated_is_dropped);
	tcase_add_test(tcase, nonsense_is_counted);
	tcase_add_test(tcase, a_sighting_never_causes_a_sending);
	suite_add_tcase(suite, tcase);
	return suite;
}
