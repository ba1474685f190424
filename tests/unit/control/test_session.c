/* SPDX-License-Identifier: ISC
 * Tests of control/session: framing, order, bounds, the end. */
#include "control/control_fixture.h"
#include "control/session.h"
#include "session_drain.h"
#include "suites.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct control_fixture f;

static void setup(void)
{
	control_fixture_init(&f);
}

static void teardown(void)
{
	control_fixture_fini(&f);
}

static int feed(const void *bytes, size_t len)
{
	int error = session_feed(f.session, f.now, (struct slice){bytes, len});
	control_turn(&f);
	return error;
}

#define STATUS "{\"method\":\"io.discoverd.Status\"}"
#define LIST   "{\"method\":\"io.discoverd.List\"}"

static unsigned count_replies(void)
{
	unsigned count = 0;
	struct json_object *reply;
	while ((reply = control_hear(&f))) {
		json_object_put(reply);
		count++;
	}
	return count;
}

START_TEST(a_request_may_be_cut_anywhere)
{
	char request[] = STATUS;
	for (size_t i = 0; i < sizeof(request); i++) {
		ck_assert_uint_eq(count_replies(), 0);
		ck_assert_int_eq(feed(&request[i], 1), 0);
	}
	ck_assert_uint_eq(count_replies(), 1);
}
END_TEST

START_TEST(calls_sent_ahead_are_answered_in_order)
{
	char text[512];
	char requests[] = LIST "\0{\"method\":\"io.discoverd.Nonsense\"}\0" STATUS;
	ck_assert_int_eq(feed(requests, sizeof(requests)), 0);
	ck_assert_str_eq(
	    control_hear_text(&f, text, sizeof(text)), "{ 'parameters': { 'devices': [ ] } }");
	ck_assert_ptr_nonnull(strstr(control_hear_text(&f, text, sizeof(text)), "MethodNotFound"));
	ck_assert_ptr_nonnull(strstr(control_hear_text(&f, text, sizeof(text)), "'1.2.3'"));
}
END_TEST

START_TEST(many_calls_in_one_go_are_no_large_request)
{
	char requests[sizeof(STATUS) * 300];
	for (size_t i = 0; i < 300; i++)
		memcpy(requests + i * sizeof(STATUS), STATUS, sizeof(STATUS));
	ck_assert_uint_gt(sizeof(requests), CONTROL_REQUEST_MAX);
	ck_assert_int_eq(feed(requests, sizeof(requests)), 0);
	ck_assert_uint_eq(count_replies(), 300);
}
END_TEST

START_TEST(a_request_of_the_largest_size_passes_and_one_byte_more_does_not)
{
	char *request = malloc(CONTROL_REQUEST_MAX + 1);
	memset(request, ' ', CONTROL_REQUEST_MAX + 1);
	memcpy(request, STATUS, strlen(STATUS));
	request[CONTROL_REQUEST_MAX - 1] = '\0';
	/* blanks behind the object would be no Varlink: they go inside it */
	memmove(request + CONTROL_REQUEST_MAX - 2, "}", 1);
	request[strlen(STATUS) - 1] = ' ';
	ck_assert_int_eq(feed(request, CONTROL_REQUEST_MAX), 0);
	ck_assert_uint_eq(count_replies(), 1);

	request[CONTROL_REQUEST_MAX - 1] = ' ';
	ck_assert_int_eq(feed(request, CONTROL_REQUEST_MAX + 1), -EMSGSIZE);
	ck_assert(session_is_done(f.session));
	free(request);
}
END_TEST

START_TEST(one_turn_serves_one_call)
{
	char requests[] = STATUS "\0" STATUS;
	ck_assert_int_eq(
	    session_feed(f.session, f.now, (struct slice){requests, sizeof(requests)}), 0);
	ck_assert(!session_is_idle(f.session));
	for (unsigned i = 0; i < 2; i++) {
		char bytes[4096];
		struct writer w;
		ck_assert(session_wants_turn(f.session));
		writer_init(&w, bytes, sizeof(bytes));
		session_drain(f.session, f.now, &w);
		ck_assert_uint_gt(w.len, 1);
		ck_assert_uint_eq(slice_find(writer_result(&w), '\0'), w.len - 1);
	}
	ck_assert(!session_wants_turn(f.session));
	ck_assert(session_is_idle(f.session));
}
END_TEST

START_TEST(a_turn_of_a_list_that_matches_nothing_is_bounded)
{
	unsigned turns = 0;
	for (unsigned i = 0; i < 200; i++)
		control_fixture_device(&f, i);
	control_say(
	    &f, "{'method':'io.discoverd.List','parameters':{'filter':{'name':'nothing'}}}");
	for (; session_wants_turn(f.session) && !f.heard_len; turns++) {
		struct writer w;
		f.heard = realloc(f.heard, 4096);
		writer_init(&w, f.heard, 4096);
		session_drain(f.session, f.now, &w);
		f.heard_len = w.len;
	}
	ck_assert_uint_ge(turns, 3);
	ck_assert_uint_eq(count_replies(), 1);
}
END_TEST

START_TEST(what_was_asked_before_a_broken_request_is_still_answered)
{
	char requests[] = STATUS "\0[]";
	ck_assert_int_eq(feed(requests, sizeof(requests)), 0);
	ck_assert(!session_is_done(f.session));
	ck_assert_uint_eq(count_replies(), 1);
	ck_assert(session_is_done(f.session));
	ck_assert_int_eq(feed(STATUS, sizeof(STATUS)), 0);
	ck_assert_uint_eq(count_replies(), 0);
}
END_TEST

START_TEST(calls_behind_a_monitor_wait_up_to_the_bound)
{
	ck_assert_int_eq(control_say(&f, "{'method':'io.discoverd.Monitor','more':true}"), 0);
	ck_assert_uint_eq(count_replies(), 1);
	for (size_t sent = 0; sent + sizeof(STATUS) <= CONTROL_INPUT_MAX; sent += sizeof(STATUS))
		ck_assert_int_eq(feed(STATUS, sizeof(STATUS)), 0);
	ck_assert_uint_eq(count_replies(), 0);
	ck_assert_int_eq(feed(STATUS, sizeof(STATUS)), -EMSGSIZE);
	ck_assert(session_is_done(f.session));
}
END_TEST

START_TEST(a_client_that_asks_and_never_reads_is_cut_off)
{
	int error = 0;
	for (unsigned i = 0; i < 10000 && !error; i++)
		error = feed(STATUS, sizeof(STATUS));
	ck_assert_int_eq(error, -EMSGSIZE);
	control_drain(&f, 4096);
	ck_assert_uint_lt(f.heard_len, 80 * 1024);
}
END_TEST

START_TEST(half_a_request_has_five_seconds)
{
	ck_assert(instant_is_never(session_deadline(f.session)));
	feed("{\"meth", 6);
	f.now = instant_add(f.now, SECONDS(3));
	feed("od\"", 3);
	ck_assert_int_eq(instant_since(session_deadline(f.session), f.now), SECONDS(2));
	f.now = instant_add(f.now, SECONDS(2) - 1);
	session_advance(f.session, f.now);
	ck_assert(!session_is_done(f.session));
	f.now = instant_add(f.now, 1);
	session_advance(f.session, f.now);
	ck_assert(session_is_done(f.session));
	ck_assert(instant_is_never(session_deadline(f.session)));
}
END_TEST

START_TEST(the_time_of_a_half_request_begins_with_it)
{
	char requests[] = STATUS "\0{";
	feed("{", 1);
	f.now = instant_add(f.now, SECONDS(4));
	feed(requests + 1, sizeof(requests) - 2);
	ck_assert_int_eq(instant_since(session_deadline(f.session), f.now), SECONDS(5));
	feed(&STATUS[1], sizeof(STATUS) - 1);
	ck_assert(instant_is_never(session_deadline(f.session)));
	ck_assert_uint_eq(count_replies(), 2);
}
END_TEST

START_TEST(a_client_that_says_no_more_still_gets_its_answers)
{
	control_fixture_device(&f, 1);
	control_say(&f, "{'method':'io.discoverd.List'}");
	session_end(f.session);
	ck_assert(session_wants_turn(f.session));
	ck_assert(!session_is_done(f.session));
	ck_assert_uint_eq(count_replies(), 1);
	ck_assert(!session_wants_turn(f.session));
	ck_assert(session_is_done(f.session));
}
END_TEST

START_TEST(a_watcher_that_says_no_more_gets_its_snapshot_and_ends)
{
	control_fixture_device(&f, 1);
	control_say(
	    &f, "{'method':'io.discoverd.Monitor','more':true,'parameters':{'snapshot':true}}");
	session_end(f.session);
	ck_assert(!session_is_done(f.session));
	ck_assert_uint_eq(count_replies(), 2);
	ck_assert(session_is_done(f.session));
	control_fixture_device(&f, 2);
	ck_assert(session_is_done(f.session));
}
END_TEST

START_TEST(nothing_is_said_to_an_oneway_call)
{
	control_say(&f, "{'method':'io.discoverd.Status','oneway':true}");
	control_say(&f, "{'method':'io.discoverd.Nonsense','oneway':true}");
	control_say(&f, "{'method':'io.discoverd.List','oneway':true}");
	control_say(&f, "{'method':'io.discoverd.Monitor','oneway':true,'more':true}");
	control_say(&f, "{'method':'io.discoverd.Search','oneway':true,'more':true}");
	ck_assert_str_eq(f.searched, " for 3");
	ck_assert_uint_eq(count_replies(), 0);
	control_say(&f, "{'method':'io.discoverd.Status'}");
	ck_assert_uint_eq(count_replies(), 1);
}
END_TEST

START_TEST(bytes_come_out_the_same_however_small_the_portions)
{
	for (unsigned i = 0; i < 5; i++)
		control_fixture_device(&f, i);
	control_say(&f, "{'method':'io.discoverd.List'}");
	control_drain(&f, 65536);
	char *whole = f.heard;
	size_t len = f.heard_len;
	f.heard = NULL;
	f.heard_len = 0;
	control_say(&f, "{'method':'io.discoverd.List'}");
	control_drain(&f, 1);
	ck_assert_uint_eq(f.heard_len, len);
	ck_assert_mem_eq(f.heard, whole, len);
	free(whole);
}
END_TEST

Suite *session_suite(void)
{
	Suite *suite = suite_create("control/session");
	TCase *tcase = tcase_create("session");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_request_may_be_cut_anywhere);
	tcase_add_test(tcase, calls_sent_ahead_are_answered_in_order);
	tcase_add_test(tcase, many_calls_in_one_go_are_no_large_request);
	tcase_add_test(tcase, a_request_of_the_largest_size_passes_and_one_byte_more_does_not);
	tcase_add_test(tcase, one_turn_serves_one_call);
	tcase_add_test(tcase, a_turn_of_a_list_that_matches_nothing_is_bounded);
	tcase_add_test(tcase, what_was_asked_before_a_broken_request_is_still_answered);
	tcase_add_test(tcase, calls_behind_a_monitor_wait_up_to_the_bound);
	tcase_add_test(tcase, a_client_that_asks_and_never_reads_is_cut_off);
	tcase_add_test(tcase, half_a_request_has_five_seconds);
	tcase_add_test(tcase, the_time_of_a_half_request_begins_with_it);
	tcase_add_test(tcase, a_client_that_says_no_more_still_gets_its_answers);
	tcase_add_test(tcase, a_watcher_that_says_no_more_gets_its_snapshot_and_ends);
	tcase_add_test(tcase, nothing_is_said_to_an_oneway_call);
	tcase_add_test(tcase, bytes_come_out_the_same_however_small_the_portions);
	suite_add_tcase(suite, tcase);
	return suite;
}
