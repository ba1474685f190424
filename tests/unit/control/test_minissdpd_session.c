/* SPDX-License-Identifier: ISC
 * Tests of control/minissdpd_session: requests, splits, bounds, watchers, permissions. */
#include "base/array.h"
#include "control/minissdpd_session.h"
#include "model/protocol_id.h"
#include "session_drain.h"
#include "suites.h"
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
	struct table *table;
	struct minissdpd_host host;
	struct counter counters[MINISSDPD_COUNTERS];
	struct session *session;
	struct instant now;
	struct submission own[300]; /* what is listed as submitted */
	size_t own_count;
	unsigned submitted; /* how often the host was asked */
	char last[256];
	int submit_result;
	char *heard;
	size_t heard_len;
} f;

static const struct submission *own(void *context, size_t number)
{
	(void)context;
	return number < f.own_count ? &f.own[number] : NULL;
}

static int submit(
    void *context, struct instant now, const struct control_peer *peer, const struct submission *s)
{
	(void)peer;
	struct writer w;
	(void)context, (void)now;
	writer_init(&w, f.last, sizeof(f.last));
	writer_format(&w, "%.*s|%.*s|%.*s|%.*s", SLICE_ARGS(s->st), SLICE_ARGS(s->usn),
	    SLICE_ARGS(s->server), SLICE_ARGS(s->location));
	writer_char(&w, '\0');
	f.submitted++;
	return f.submit_result;
}

static void client(bool may_change)
{
	struct control_peer peer = {.uid = 1, .may_change = may_change};
	session_free(f.session);
	f.session = MINISSDPD_SESSION.create(&f.host, &peer);
}

static void setup(void)
{
	struct siphash_key key = {{1, 2}};
	memset(&f, 0, sizeof(f));
	f.table = table_new(&TABLE_LIMITS_DEFAULT, &key);
	f.now.us = SECONDS(100);
	counters_init(f.counters, MINISSDPD_COUNTER_NAMES, MINISSDPD_COUNTERS);
	f.host = (struct minissdpd_host){NULL, f.table, "discoverd/1.2", own, submit, f.counters};
	client(true);
}

static void teardown(void)
{
	session_free(f.session);
	table_free(f.table);
	free(f.heard);
}

static const struct protocol_id SSDP = {"ssdp", 1}, BROADCAST = {"broadcast", 4};

static struct sighting sighting_of(const char *id, unsigned number)
{
	return (struct sighting){.event = SIGHTING_ALIVE,
	    .protocol = &SSDP,
	    .key = key_of_id(slice_of(id)),
	    .from = address_ipv4(192, 0, (uint8_t)(number / 250), (uint8_t)(number % 250)),
	    .link = 2,
	    .lifetime = SECONDS(1800)};
}

/* Seen by ssdp: a root device with a type and a service. */
static void see(unsigned number)
{
	static const struct sighted_service SERVICE_SEEN = {.type = SLICE("urn:a:service:S:2")};
	char id[32], location[64];
	snprintf(id, sizeof(id), "uuid:%u", number);
	snprintf(location, sizeof(location), "http://192.0.2.%u/", number % 250);
	struct sighting s = sighting_of(id, number);
	s.facts[FACT_TYPE] = SLICE("urn:a:device:D:1");
	s.services = &SERVICE_SEEN;
	s.service_count = 1;
	s.url = slice_of(location);
	s.primary = true;
	ck_assert_int_eq(table_observe(f.table, f.now, &s, NULL), 0);
}

static void drain(size_t capacity)
{
	struct writer w;
	do {
		f.heard = realloc(f.heard, f.heard_len + capacity);
		writer_init(&w, f.heard + f.heard_len, capacity);
		session_drain(f.session, f.now, &w);
		f.heard_len += w.len;
	} while (w.len || session_wants_turn(f.session));
}

static int feed(struct slice bytes)
{
	struct writer nothing;
	int error = session_feed(f.session, f.now, bytes);

	writer_init(&nothing, NULL, 0);
	session_drain(f.session, f.now, &nothing);
	return error;
}

/* What is heard now is this, and nothing more. */
static void expect(struct slice bytes)
{
	drain(4096);
	ck_assert_uint_eq(f.heard_len, bytes.len);
	ck_assert_mem_eq(f.heard, bytes.bytes, bytes.len);
	f.heard_len = 0;
}

#define EXPECT(literal) expect(SLICE(literal))
#define LOC             "\x11http://192.0.2.1/"
#define ROOT            LOC "\x0fupnp:rootdevice\x17uuid:1::upnp:rootdevice"
#define UUID            LOC "\x06uuid:1\x06uuid:1"
#define TYPE            LOC "\x10urn:a:device:D:1\x18uuid:1::urn:a:device:D:1"
#define SERVICE         LOC "\x11urn:a:service:S:2\x19uuid:1::urn:a:service:S:2"

START_TEST(the_version_is_one_string)
{
	feed(SLICE("\0\0"));
	EXPECT("\x0d"
	       "discoverd/1.2");
	feed(SLICE("\0\3abc"));
	EXPECT("\x0d"
	       "discoverd/1.2");
}
END_TEST

START_TEST(everything_is_each_entry_of_each_device)
{
	feed(SLICE("\3\0"));
	EXPECT("\0");
	see(1);
	feed(SLICE("\3\x08ssdp:all"));
	EXPECT("\4" ROOT UUID TYPE SERVICE);
}
END_TEST

START_TEST(a_type_is_found_whatever_its_version)
{
	see(1);
	feed(SLICE("\1\x10urn:a:device:D:9"));
	EXPECT("\1" TYPE);
	feed(SLICE("\1\x11urn:a:service:S:1"));
	EXPECT("\1" SERVICE);
	feed(SLICE("\1\x0fupnp:rootdevice"));
	EXPECT("\1" ROOT);
	feed(SLICE("\1\5urn:a"));
	EXPECT("\2" TYPE SERVICE);
	feed(SLICE("\1\x10urn:a:device:E:1"));
	EXPECT("\0");
}
END_TEST

START_TEST(a_usn_is_found_by_its_head)
{
	see(1);
	see(2);
	feed(SLICE("\2\x0euuid:1::urn:a:"));
	EXPECT("\2" TYPE SERVICE);
	feed(SLICE("\2\6uuid:3"));
	EXPECT("\0");
}
END_TEST

START_TEST(only_what_ssdp_found_and_what_has_a_location_is_listed)
{
	struct sighting s = sighting_of("uuid:x", 509);
	s.protocol = &BROADCAST;
	s.url = SLICE("http://192.0.2.9/");
	table_observe(f.table, f.now, &s, NULL);
	s = sighting_of("uuid:y", 509);
	table_observe(f.table, f.now, &s, NULL);
	s = sighting_of(NULL, 510);
	s.url = SLICE("http://192.0.2.10/");
	table_observe(f.table, f.now, &s, NULL);
	s = sighting_of("uuid:z", 511);
	s.event = SIGHTING_ASKED;
	table_observe(f.table, f.now, &s, NULL);
	ck_assert_uint_eq(table_endpoint_count(f.table), 4);
	feed(SLICE("\3\0"));
	EXPECT("\0");
	/* no root device unless it said so, no type unless it has one */
	s = sighting_of("uuid:w", 509);
	s.url = SLICE("http://192.0.2.9/");
	table_observe(f.table, f.now, &s, NULL);
	feed(SLICE("\3\0"));
	EXPECT("\1\x11http://192.0.2.9/\6uuid:w\6uuid:w");
}
END_TEST

START_TEST(each_endpoint_of_a_device_is_listed_and_each_id_once)
{
	struct sighting s = sighting_of("uuid:a", 1);
	s.url = SLICE("l");
	table_observe(f.table, f.now, &s, NULL);
	s.key = key_of_id(SLICE("uuid:b"));
	table_observe(f.table, f.now, &s, NULL);
	s = sighting_of("uuid:a", 1);
	s.url = SLICE("m");
	s.link = 3;
	table_observe(f.table, f.now, &s, NULL);
	feed(SLICE("\3\0"));
	EXPECT("\2\1l\6uuid:a\6uuid:a\1l\6uuid:b\6uuid:b");
}
END_TEST

START_TEST(what_was_submitted_is_listed_first)
{
	f.own[0] = (struct submission){SLICE("s"), SLICE("uuid:1::s"), SLICE("v"), SLICE("l")};
	f.own[1] = (struct submission){SLICE("t"), SLICE("uuid:1::t"), SLICE("v"), SLICE("l")};
	f.own_count = 2;
	see(1);
	feed(SLICE("\2\x09uuid:1::t\1\1s\2\6uuid:1"));
	EXPECT("\1\1l\1t\x09uuid:1::t"
	       "\1\1l\1s\x09uuid:1::s"
	       "\6\1l\1s\x09uuid:1::s\1l\1t\x09uuid:1::t" ROOT UUID TYPE SERVICE);
}
END_TEST

START_TEST(a_reply_has_4096_bytes_and_255_entries_and_a_shorter_one_is_counted)
{
	for (unsigned i = 1; i <= 30; i++)
		see(i);
	feed(SLICE("\3\0"));
	drain(512);
	ck_assert_uint_le(f.heard_len, MINISSDPD_REPLY_MAX);
	ck_assert_uint_gt(f.heard_len, MINISSDPD_REPLY_MAX - 128);
	ck_assert_uint_eq(f.counters[MINISSDPD_TRUNCATED_REPLIES].value, 1);
	f.heard_len = 0;
	f.own_count = 300;
	for (size_t i = 0; i < 300; i++)
		f.own[i] = (struct submission){SLICE("s"), SLICE("u"), SLICE(""), SLICE("l")};
	feed(SLICE("\1\1s"));
	drain(512);
	ck_assert_uint_eq((unsigned char)f.heard[0], 255);
	ck_assert_uint_eq(f.heard_len, 1 + 255 * 6);
	ck_assert_uint_eq(f.counters[MINISSDPD_TRUNCATED_REPLIES].value, 2);
	/* exactly as many as fit are no fewer than there are */
	f.own_count = 255;
	feed(SLICE("\1\1s"));
	drain(512);
	ck_assert_uint_eq(f.counters[MINISSDPD_TRUNCATED_REPLIES].value, 2);
}
END_TEST

START_TEST(a_submission_goes_to_the_host_and_has_no_reply)
{
	feed(SLICE("\4\1a\2bb\3ccc\4dddd"));
	EXPECT("");
	ck_assert_str_eq(f.last, "a|bb|ccc|dddd");
	/* the next one may do */
	f.submit_result = -EINVAL;
	feed(SLICE("\4\1e\1e\1e\1e\0\0"));
	EXPECT("\x0d"
	       "discoverd/1.2");
	ck_assert_uint_eq(f.submitted, 2);
	ck_assert_uint_eq(f.counters[MINISSDPD_REFUSED].value, 1);
	ck_assert(!session_is_done(f.session));
}
END_TEST

START_TEST(a_user_who_may_not_submit_may_read)
{
	client(false);
	see(1);
	feed(SLICE("\2\x0euuid:1::urn:a:\4\1a\1b\1c\1d\0\0"));
	EXPECT("\2" TYPE SERVICE);
	ck_assert_uint_eq(f.submitted, 0);
	ck_assert_uint_eq(f.counters[MINISSDPD_NOT_PERMITTED].value, 1);
	ck_assert(session_is_done(f.session));
}
END_TEST

START_TEST(an_unknown_request_is_answered_with_a_zero)
{
	feed(SLICE("\6\3abc\xf0\0\0\0"));
	EXPECT("\0\0\x0d"
	       "discoverd/1.2");
	ck_assert(!session_is_done(f.session));
}
END_TEST

/* Everything there is, in one go. */
static const struct slice ALL = SLICE("\0\0\1\x0fupnp:rootdevice\4\1a\2bb\3ccc\4dddd\2\6uuid:1"
				      "\6\1x\3\x08ssdp:all\4\1e\2ff\3ggg\4hhhh\5\0");
#define ALL_REPLIES                                                                                \
	"\x0d"                                                                                     \
	"discoverd/1.2\1" ROOT "\4" ROOT UUID TYPE SERVICE "\0\4" ROOT UUID TYPE SERVICE "\0"

START_TEST(requests_may_be_cut_anywhere)
{
	for (size_t cut = 0; cut <= ALL.len; cut++) {
		client(true);
		f.submitted = 0;
		if (cut == 0)
			see(1);
		ck_assert_int_eq(feed(slice_head(ALL, cut)), 0);
		if (cut % 2)
			drain(7);
		ck_assert_int_eq(feed(slice_skip(ALL, cut)), 0);
		EXPECT(ALL_REPLIES);
		ck_assert_uint_eq(f.submitted, 2);
		ck_assert_str_eq(f.last, "e|ff|ggg|hhhh");
		ck_assert(instant_is_never(session_deadline(f.session)));
	}
	client(true);
	for (size_t i = 0; i < ALL.len; i++)
		ck_assert_int_eq(feed(slice_head(slice_skip(ALL, i), 1)), 0);
	EXPECT(ALL_REPLIES);
	ck_assert_uint_eq(f.submitted, 4);
}
END_TEST

START_TEST(what_is_no_request_ends_the_session_after_what_came_before)
{
	static const struct slice BAD[] = {SLICE("\1\0"), SLICE("\2\0"), SLICE("\4\0"),
	    SLICE("\1\xff\xff\xff\xff\xff\xff"), SLICE("\3\x84\1"), SLICE("\4\1a\xff\xff\xff\x7f")};
	for (size_t i = 0; i < COUNT_OF(BAD); i++) {
		client(true);
		feed(SLICE("\6\0"));
		feed(BAD[i]);
		feed(SLICE("\6\0"));
		EXPECT("\0");
		ck_assert(session_is_done(f.session));
		ck_assert_uint_eq(f.counters[MINISSDPD_MALFORMED].value, i + 1);
		ck_assert(instant_is_never(session_deadline(f.session)));
	}
}
END_TEST

START_TEST(ten_megabytes_of_one_byte_do_no_harm)
{
	char bytes[4096];
	for (unsigned byte = 0; byte < 256; byte += byte < 8 ? 1 : 31) {
		size_t sent = 0;
		client(byte % 2);
		memset(bytes, (int)byte, sizeof(bytes));
		while (sent < 10000000 && !session_is_done(f.session)) {
			/* as much as a client gets while it reads: never too much for us */
			ck_assert_int_eq(feed((struct slice){bytes, sizeof(bytes)}), 0);
			sent += sizeof(bytes);
			drain(16384);
			f.heard_len = 0;
		}
		ck_assert(!session_wants_turn(f.session));
	}
}
END_TEST

START_TEST(a_client_that_sends_ahead_without_reading_is_cut_off)
{
	int error = 0;
	size_t sent = 0;
	for (; !error && sent < 10000000; sent += 2)
		error = feed(SLICE("\0\0"));
	ck_assert_int_eq(error, -EMSGSIZE);
	ck_assert_uint_lt(sent, 2 * MINISSDPD_INPUT_MAX);
	/* Nothing is put together ahead of the client. */
	drain(4096);
	ck_assert_uint_lt(f.heard_len, 2000);
	ck_assert(session_is_done(f.session));
}
END_TEST

START_TEST(a_turn_serves_one_request)
{
	char requests[3000], buffer[16384];
	struct writer w;
	for (size_t i = 0; i < sizeof(requests); i += 3)
		memcpy(requests + i, "\1\1x", 3);
	session_feed(f.session, f.now, (struct slice){requests, sizeof(requests)});
	for (unsigned i = 0; i < 1000; i++) {
		ck_assert(session_wants_turn(f.session));
		writer_init(&w, buffer, sizeof(buffer));
		session_drain(f.session, f.now, &w);
		ck_assert_uint_eq(w.len, 1);
	}
	ck_assert(!session_wants_turn(f.session));
}
END_TEST

START_TEST(half_a_request_has_five_seconds)
{
	feed(SLICE("\1\5ab"));
	ck_assert_int_eq(instant_since(session_deadline(f.session), f.now), SECONDS(5));
	f.now = instant_add(f.now, SECONDS(3));
	/* more of the same half is no new beginning, the end of it is */
	feed(SLICE("c"));
	ck_assert_int_eq(instant_since(session_deadline(f.session), f.now), SECONDS(2));
	feed(SLICE("de\1"));
	EXPECT("\0");
	ck_assert_int_eq(instant_since(session_deadline(f.session), f.now), SECONDS(5));
	f.now = instant_add(f.now, SECONDS(5) - 1);
	session_advance(f.session, f.now);
	ck_assert(!session_is_done(f.session));
	f.now = instant_add(f.now, 1);
	session_advance(f.session, f.now);
	ck_assert(session_is_done(f.session));
	ck_assert(instant_is_never(session_deadline(f.session)));
}
END_TEST

START_TEST(a_client_that_ends_gets_what_it_asked_for)
{
	see(1);
	feed(SLICE("\2\x0euuid:1::urn:a:\1"));
	session_end(f.session);
	ck_assert(!session_is_done(f.session));
	EXPECT("\2" TYPE SERVICE);
	ck_assert(session_is_done(f.session));
	ck_assert(instant_is_never(session_deadline(f.session)));
}
END_TEST

static const struct minissdpd_entry ENTRY = {SLICE("L"), SLICE("ST"), SLICE("USN")};

START_TEST(a_watcher_is_told_and_may_still_ask)
{
	minissdpd_session_changed(f.session, MINISSDPD_NEW, &ENTRY);
	EXPECT("");
	feed(SLICE("\5\0"));
	EXPECT("\0");
	minissdpd_session_changed(f.session, MINISSDPD_NEW, &ENTRY);
	minissdpd_session_changed(f.session, MINISSDPD_UPDATE, &ENTRY);
	feed(SLICE("\6\0"));
	minissdpd_session_changed(f.session, MINISSDPD_REMOVE, &ENTRY);
	EXPECT("\xff\1\1\1L\2ST\3USN\xff\2\1\1L\2ST\3USN\xff\3\1\1L\2ST\3USN\0");
	session_end(f.session);
	minissdpd_session_changed(f.session, MINISSDPD_NEW, &ENTRY);
	EXPECT("");
	ck_assert(session_is_done(f.session));
}
END_TEST

START_TEST(a_watcher_that_does_not_read_is_lost)
{
	size_t told = 0;
	feed(SLICE("\5\0"));
	for (; told < 10000000 && !session_is_lost(f.session); told += 12)
		minissdpd_session_changed(f.session, MINISSDPD_NEW, &ENTRY);
	ck_assert_uint_gt(told, MINISSDPD_QUEUE_MAX - 24);
	ck_assert_uint_lt(told, MINISSDPD_QUEUE_MAX + 24);
	ck_assert_uint_eq(f.counters[MINISSDPD_SLOW_WATCHERS].value, 1);
	EXPECT("");
	ck_assert(session_is_done(f.session));
	ck_assert(!minissdpd_session_watches(f.session));
}
END_TEST

Suite *minissdpd_session_suite(void)
{
	Suite *suite = suite_create("control/minissdpd_session");
	TCase *tcase = tcase_create("minissdpd_session");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, the_version_is_one_string);
	tcase_add_test(tcase, everything_is_each_entry_of_each_device);
	tcase_add_test(tcase, a_type_is_found_whatever_its_version);
	tcase_add_test(tcase, a_usn_is_found_by_its_head);
	tcase_add_test(tcase, only_what_ssdp_found_and_what_has_a_location_is_listed);
	tcase_add_test(tcase, each_endpoint_of_a_device_is_listed_and_each_id_once);
	tcase_add_test(tcase, what_was_submitted_is_listed_first);
	tcase_add_test(tcase, a_reply_has_4096_bytes_and_255_entries_and_a_shorter_one_is_counted);
	tcase_add_test(tcase, a_submission_goes_to_the_host_and_has_no_reply);
	tcase_add_test(tcase, a_user_who_may_not_submit_may_read);
	tcase_add_test(tcase, an_unknown_request_is_answered_with_a_zero);
	tcase_add_test(tcase, requests_may_be_cut_anywhere);
	tcase_add_test(tcase, what_is_no_request_ends_the_session_after_what_came_before);
	tcase_add_test(tcase, ten_megabytes_of_one_byte_do_no_harm);
	tcase_add_test(tcase, a_client_that_sends_ahead_without_reading_is_cut_off);
	tcase_add_test(tcase, a_turn_serves_one_request);
	tcase_add_test(tcase, half_a_request_has_five_seconds);
	tcase_add_test(tcase, a_client_that_ends_gets_what_it_asked_for);
	tcase_add_test(tcase, a_watcher_is_told_and_may_still_ask);
	tcase_add_test(tcase, a_watcher_that_does_not_read_is_lost);
	suite_add_tcase(suite, tcase);
	return suite;
}
