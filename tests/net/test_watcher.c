/* SPDX-License-Identifier: ISC
 * Tests of client/watcher: snapshots, lost connections, a daemon that is not there, does not
 * answer, or says what is wrong. */
#include "client/client.h"
#include "client/watcher.h"
#include "harness.h"
#include "scripted_daemon.h"
#include "suites.h"
#include <errno.h>
#include <json-c/json.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct scripted_daemon f;

static void setup(void)
{
	scripted_daemon_init(&f, false);
}

static void teardown(void)
{
	scripted_daemon_fini(&f);
}

/* A connection that has told the devices a and b. */
static int begin(void)
{
	scripted_daemon_listen(&f, 8);
	int fd = scripted_daemon_accept(&f, NULL, 0);
	scripted_daemon_tell(fd, "added", "a");
	scripted_daemon_tell(fd, "added", "b");
	scripted_daemon_tell_complete(fd);
	scripted_daemon_expect(&f, "+a +b =");
	return fd;
}

START_TEST(a_snapshot_and_changes_are_reported)
{
	int fd = begin();
	ck_assert(watcher_is_synced(f.watcher));
	scripted_daemon_say(fd, "{\"event\":\"updated\",\"device\":{\"id\":\"a\"},"
				"\"changed\":[\"name\"]}");
	scripted_daemon_tell(fd, "removed", "a");
	scripted_daemon_say(fd, "{\"event\":\"removed\",\"device\":{\"id\":\"b\"},"
				"\"merged_into\":\"c\"}");
	scripted_daemon_tell(fd, "added", "a");
	scripted_daemon_expect(&f, "~a[\"name\"] -a -b>c +a");
	close(fd);
}
END_TEST

START_TEST(the_call_says_what_is_of_interest)
{
	static struct scripted_daemon other;
	char call[256];
	scripted_daemon_listen(&f, 8);
	close(scripted_daemon_accept(&f, call, sizeof(call)));
	ck_assert_str_eq(call,
	    "{\"method\":\"io.discoverd.Monitor\",\"parameters\":{\"snapshot\":true,"
	    "\"filter\":{\"neighbours\":false}},\"more\":true}");
	scripted_daemon_init(&other, true);
	scripted_daemon_listen(&other, 8);
	close(scripted_daemon_accept(&other, call, sizeof(call)));
	ck_assert_ptr_nonnull(strstr(call, "\"neighbours\":true"));
	scripted_daemon_fini(&other);
}
END_TEST

START_TEST(what_makes_no_sense_is_passed_over)
{
	int fd = begin();
	scripted_daemon_tell(fd, "removed", "unknown");
	scripted_daemon_say(fd, "{\"event\":\"added\",\"device\":null}");
	scripted_daemon_say(fd, "{\"event\":\"added\",\"device\":[1]}");
	scripted_daemon_say(fd, "{\"event\":\"added\",\"device\":{\"id\":5}}");
	scripted_daemon_say(fd, "{\"event\":5,\"device\":{}}");
	scripted_daemon_say(fd, "{\"event\":\"removed\",\"device\":{\"id\":\"a\"},"
				"\"merged_into\":{},\"changed\":5}");
	scripted_daemon_tell(fd, "added", "c");
	scripted_daemon_expect(&f, "-a5>{ } +c");
	close(fd);
}
END_TEST

START_TEST(what_a_resync_lacks_is_gone)
{
	int fd = begin();
	scripted_daemon_say(fd, "{\"event\":\"resync\",\"device\":null}");
	scripted_daemon_tell(fd, "added", "a");
	scripted_daemon_tell(fd, "added", "c");
	scripted_daemon_expect(&f, "~a +c");
	ck_assert(watcher_is_synced(f.watcher));
	scripted_daemon_tell_complete(fd);
	scripted_daemon_expect(&f, "-b? =");
	close(fd);
}
END_TEST

START_TEST(devices_stay_while_the_connection_is_lost_and_10_s_after)
{
	close(begin());
	scripted_daemon_expect(&f, "!");
	ck_assert(!watcher_is_synced(f.watcher));
	int fd = scripted_daemon_accept(&f, NULL, 0);
	scripted_daemon_tell(fd, "added", "c");
	scripted_daemon_tell_complete(fd);
	scripted_daemon_expect(&f, "+c =");
	scripted_daemon_tell(fd, "added", "a");
	scripted_daemon_expect(&f, "~a");
	scripted_daemon_pass(&f, SECONDS(9));
	scripted_daemon_expect(&f, "");
	scripted_daemon_pass(&f, SECONDS(2));
	scripted_daemon_expect(&f, "-b?");
	/* from now on a removal is one at once */
	scripted_daemon_say(fd, "{\"event\":\"resync\"}");
	scripted_daemon_tell_complete(fd);
	scripted_daemon_expect(&f, "-c? -a? =");
	close(fd);
}
END_TEST

START_TEST(a_connection_lost_within_the_snapshot_changes_nothing)
{
	close(begin());
	scripted_daemon_expect(&f, "!");
	for (unsigned i = 0; i < 3; i++) {
		int fd = scripted_daemon_accept(&f, NULL, 0);
		scripted_daemon_tell(fd, "added", "a");
		close(fd);
		scripted_daemon_expect(&f, "~a");
	}
	int fd = scripted_daemon_accept(&f, NULL, 0);
	scripted_daemon_tell(fd, "added", "b");
	scripted_daemon_tell_complete(fd);
	scripted_daemon_expect(&f, "~b =");
	scripted_daemon_pass(&f, SECONDS(11));
	scripted_daemon_expect(&f, "-a?");
	close(fd);
}
END_TEST

START_TEST(nothing_is_missing_before_the_snapshot_after_a_resync_is_complete)
{
	close(begin());
	int fd = scripted_daemon_accept(&f, NULL, 0);
	scripted_daemon_tell(fd, "added", "a");
	scripted_daemon_tell_complete(fd);
	scripted_daemon_expect(&f, "! ~a =");
	scripted_daemon_say(fd, "{\"event\":\"resync\"}");
	scripted_daemon_tell(fd, "added", "c");
	scripted_daemon_expect(&f, "+c");
	scripted_daemon_pass(&f, SECONDS(11));
	scripted_daemon_expect(&f, "");
	scripted_daemon_tell(fd, "added", "a");
	scripted_daemon_tell_complete(fd);
	scripted_daemon_expect(&f, "~a = -b?");
	close(fd);
}
END_TEST

/* The pause before the next attempt, in milliseconds, which is then made. */
static int64_t next_pause(void)
{
	struct instant now = instant_add(loop_now(f.loop), f.ahead);
	int64_t us = watcher_deadline(f.watcher).us - now.us;
	f.ahead += us;
	watcher_advance(f.watcher, instant_add(loop_now(f.loop), f.ahead));
	f.ahead = 0;
	return us / 1000;
}

START_TEST(it_tries_again_after_pauses_that_grow)
{
	int64_t expected = 100;
	watcher_advance(f.watcher, loop_now(f.loop));
	ck_assert_ptr_nonnull(strstr(f.logged, "No such file or directory; trying again"));
	for (unsigned i = 0; i < 10; i++) {
		int64_t pause = next_pause();
		ck_assert_int_ge(pause, expected * 4 / 5 - 1);
		ck_assert_int_le(pause, expected * 6 / 5);
		expected = 2 * expected < 5000 ? 2 * expected : 5000;
	}
	ck_assert_uint_eq(f.lines, 1);
	scripted_daemon_listen(&f, 8);
	int fd = scripted_daemon_accept(&f, NULL, 0);
	scripted_daemon_tell_complete(fd);
	scripted_daemon_expect(&f, "=");
	ck_assert_ptr_nonnull(strstr(f.logged, "connected"));
	ck_assert_uint_eq(f.lines, 2);
	close(fd);
}
END_TEST

START_TEST(only_a_connection_that_lasted_shortens_the_pause)
{
	close(begin());
	scripted_daemon_expect(&f, "!");
	for (unsigned i = 0; i < 4; i++) {
		int fd = scripted_daemon_accept(&f, NULL, 0);
		scripted_daemon_tell_complete(fd);
		scripted_daemon_expect(&f, "=");
		close(fd);
		scripted_daemon_expect(&f, "!");
	}
	int64_t left = watcher_deadline(f.watcher).us - loop_now(f.loop).us;
	ck_assert_int_ge(left, MILLISECONDS(1600 * 4 / 5 - 100));
}
END_TEST

START_TEST(an_error_ends_the_connection)
{
	static const char refusal[] = "{\"error\":\"io.discoverd.Busy\",\"parameters\":{}}";
	close(begin());
	int fd = scripted_daemon_accept(&f, NULL, 0);
	scripted_daemon_send(fd, refusal);
	scripted_daemon_expect(&f, "!");
	close(scripted_daemon_accept(&f, NULL, 0));
	ck_assert_ptr_nonnull(strstr(f.logged, "connection lost"));
	close(fd);
}
END_TEST

START_TEST(a_report_that_ends_is_begun_again)
{
	static const char last[] =
	    "{\"parameters\":{\"event\":\"added\",\"device\":{\"id\":\"c\"}}}";
	int fd = begin();
	scripted_daemon_send(fd, last);
	scripted_daemon_expect(&f, "+c !");
	ck_assert_ptr_nonnull(strstr(f.logged, "ended the report"));
	close(scripted_daemon_accept(&f, NULL, 0));
	close(fd);
}
END_TEST

START_TEST(bytes_that_are_no_reply_end_the_connection)
{
	int fd = begin();
	scripted_daemon_send(fd, "{\"parameters\":1}");
	scripted_daemon_expect(&f, "!");
	close(scripted_daemon_accept(&f, NULL, 0));
	close(fd);
}
END_TEST

static size_t flooded;

/* Says a message without an end. */
static bool flood_ends(void *context)
{
	static const char bytes[64 * 1024] = {[0 ... 64 * 1024 - 1] = 'x'};
	int fd = *(int *)context;
	ssize_t n = send(fd, bytes, sizeof(bytes), MSG_DONTWAIT | MSG_NOSIGNAL);
	flooded += n > 0 ? (size_t)n : 0;
	watcher_advance(f.watcher, loop_now(f.loop));
	return n < 0 && errno == EPIPE;
}

START_TEST(a_reply_without_an_end_is_given_up)
{
	int fd = begin();
	ck_assert(poll_until(f.loop, flood_ends, &fd));
	ck_assert_uint_ge(flooded, 16 * 1024 * 1024);
	ck_assert_uint_le(flooded, 17 * 1024 * 1024);
	scripted_daemon_expect(&f, "!");
	close(fd);
}
END_TEST

/* Fills the queue of those that wait to be accepted; returns how many are in it. */
static unsigned fill(int *fds, unsigned max)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	unsigned count = 0;
	strcpy(address.sun_path, f.path);
	for (; count < max; count++) {
		fds[count] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		if (connect(fds[count], (struct sockaddr *)&address, sizeof(address)) == 0)
			continue;
		ck_assert_int_eq(errno, EAGAIN);
		close(fds[count]);
		break;
	}
	return count;
}

START_TEST(a_daemon_that_does_not_accept_costs_little_time)
{
	int fds[8];
	scripted_daemon_listen(&f, 2);
	unsigned count = fill(fds, 8);
	ck_assert_uint_lt(count, 8);
	int64_t before = client_clock_ms();
	for (unsigned i = 0; i < 5; i++)
		watcher_advance(f.watcher, instant_add(loop_now(f.loop), SECONDS(100)));
	ck_assert_int_eq(
	    watcher_ask(f.watcher, "a.b.C", NULL, scripted_daemon_answered, &f), -ETIMEDOUT);
	ck_assert_int_lt(client_clock_ms() - before, 2000);
	ck_assert_ptr_nonnull(strstr(f.logged, "timed out; trying again"));
	ck_assert_uint_eq(f.lines, 1);
	for (unsigned i = 0; i < count; i++) {
		close(accept(f.listener, NULL, NULL));
		close(fds[i]);
	}
	close(scripted_daemon_accept(&f, NULL, 0));
}
END_TEST

START_TEST(a_daemon_that_does_not_answer_is_waited_for)
{
	scripted_daemon_listen(&f, 8);
	int fd = scripted_daemon_accept(&f, NULL, 0);
	scripted_daemon_pass(&f, SECONDS(9));
	ck_assert_uint_eq(f.lines, 0);
	scripted_daemon_pass(&f, SECONDS(2));
	ck_assert_ptr_nonnull(strstr(f.logged, "no answer; waiting"));
	scripted_daemon_pass(&f, SECONDS(100));
	scripted_daemon_tell(fd, "added", "a");
	scripted_daemon_tell_complete(fd);
	scripted_daemon_expect(&f, "+a =");
	ck_assert_uint_eq(f.lines, 2);
	close(fd);
}
END_TEST

static bool something_came(void *context)
{
	(void)context;
	return f.words[0] != '\0';
}

static unsigned count_updates(void)
{
	unsigned count = 0;
	for (const char *at = f.words; (at = strchr(at, '~')); at++)
		count++;
	return count;
}

START_TEST(a_burst_leaves_turns_to_others)
{
	int fd = begin();
	for (unsigned i = 0; i < 200; i++) /* one call receives all of them */
		scripted_daemon_tell(fd, "updated", "a");
	ck_assert(run_until(f.loop, something_came, NULL, NULL));
	ck_assert_uint_eq(count_updates(), 64);
	ck_assert(instant_due(watcher_deadline(f.watcher), loop_now(f.loop)));
	watcher_advance(f.watcher, loop_now(f.loop));
	ck_assert_uint_eq(count_updates(), 128);
	scripted_daemon_pass(&f, 0);
	ck_assert_uint_eq(count_updates(), 200);
	f.words[0] = '\0';
	scripted_daemon_tell(fd, "removed", "a");
	scripted_daemon_expect(&f, "-a");
	close(fd);
}
END_TEST

static void ask(const char *method)
{
	ck_assert_int_eq(watcher_ask(f.watcher, method, NULL, scripted_daemon_answered, &f), 0);
}

START_TEST(a_question_gets_its_answer)
{
	static const char refusal[] = "{\"error\":\"a.b.Wrong\",\"parameters\":{\"x\":1}}";
	char call[256];
	int fd = begin();
	static const char PART[] = "{\"parame";
	struct json_object *parameters = json_object_new_object();
	json_object_object_add(parameters, "id", json_object_new_string("a"));
	ck_assert_int_eq(
	    watcher_ask(f.watcher, "a.b.C", parameters, scripted_daemon_answered, &f), 0);
	int asked = scripted_daemon_accept(&f, call, sizeof(call));
	ck_assert_str_eq(call, "{\"method\":\"a.b.C\",\"parameters\":{\"id\":\"a\"}}");
	ck_assert_int_eq(write(asked, PART, strlen(PART)), (ssize_t)strlen(PART));
	scripted_daemon_pass(&f, 0);
	scripted_daemon_send(asked, "ters\":{\"x\":1}}");
	scripted_daemon_expect(&f, "({\"x\":1})");
	close(asked);
	ask("a.b.D");
	asked = scripted_daemon_accept(&f, NULL, 0);
	scripted_daemon_send(asked, refusal);
	scripted_daemon_expect(&f, "(a.b.Wrong)");
	close(asked);
	close(fd);
}
END_TEST

START_TEST(a_question_without_an_answer_ends)
{
	int fd = begin();
	ask("a.b.C");
	close(scripted_daemon_accept(&f, NULL, 0));
	scripted_daemon_expect(&f, "(unreachable)");
	ask("a.b.C");
	int asked = scripted_daemon_accept(&f, NULL, 0);
	scripted_daemon_pass(&f, SECONDS(9));
	scripted_daemon_expect(&f, "");
	scripted_daemon_pass(&f, SECONDS(2));
	scripted_daemon_expect(&f, "(unreachable)");
	ck_assert_int_eq(recv(asked, &(char){0}, 1, 0), 0); /* it was closed */
	close(asked);
	close(fd);
}
END_TEST

START_TEST(four_questions_wait_at_a_time)
{
	int asked[4], fd = begin();
	for (unsigned i = 0; i < 4; i++) {
		ask("a.b.C");
		asked[i] = scripted_daemon_accept(&f, NULL, 0);
	}
	ck_assert_int_eq(
	    watcher_ask(f.watcher, "a.b.C", NULL, scripted_daemon_answered, &f), -EAGAIN);
	close(asked[2]);
	scripted_daemon_expect(&f, "(unreachable)");
	ask("a.b.C");
	/* those that wait are dropped with the watcher */
	for (unsigned i = 0; i < 4; i++)
		if (i != 2)
			close(asked[i]);
	close(fd);
}
END_TEST

START_TEST(questions_outlive_the_lost_connection)
{
	int fd = begin();
	ask("a.b.C");
	int asked = scripted_daemon_accept(&f, NULL, 0);
	close(fd);
	scripted_daemon_expect(&f, "!");
	scripted_daemon_send(asked, "{}");
	scripted_daemon_expect(&f, "(null)");
	close(asked);
	scripted_daemon_leave(&f);
	ck_assert_int_eq(
	    watcher_ask(f.watcher, "a.b.C", NULL, scripted_daemon_answered, &f), -ENOENT);
	scripted_daemon_pass(&f, SECONDS(1));
	scripted_daemon_expect(&f, "");
}
END_TEST

START_TEST(the_handler_may_ask)
{
	f.ask = "a.b.C";
	int fd = begin();
	int asked = scripted_daemon_accept(&f, NULL, 0);
	scripted_daemon_send(asked, "{\"parameters\":{}}");
	scripted_daemon_expect(&f, "({})");
	close(asked);
	close(fd);
}
END_TEST

Suite *watcher_suite(void)
{
	Suite *suite = suite_create("client/watcher");
	TCase *tcase = tcase_create("watcher");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_snapshot_and_changes_are_reported);
	tcase_add_test(tcase, the_call_says_what_is_of_interest);
	tcase_add_test(tcase, what_makes_no_sense_is_passed_over);
	tcase_add_test(tcase, what_a_resync_lacks_is_gone);
	tcase_add_test(tcase, devices_stay_while_the_connection_is_lost_and_10_s_after);
	tcase_add_test(tcase, a_connection_lost_within_the_snapshot_changes_nothing);
	tcase_add_test(tcase, nothing_is_missing_before_the_snapshot_after_a_resync_is_complete);
	tcase_add_test(tcase, it_tries_again_after_pauses_that_grow);
	tcase_add_test(tcase, only_a_connection_that_lasted_shortens_the_pause);
	tcase_add_test(tcase, an_error_ends_the_connection);
	tcase_add_test(tcase, a_report_that_ends_is_begun_again);
	tcase_add_test(tcase, bytes_that_are_no_reply_end_the_connection);
	tcase_add_test(tcase, a_reply_without_an_end_is_given_up);
	tcase_add_test(tcase, a_daemon_that_does_not_accept_costs_little_time);
	tcase_add_test(tcase, a_daemon_that_does_not_answer_is_waited_for);
	tcase_add_test(tcase, a_burst_leaves_turns_to_others);
	tcase_add_test(tcase, a_question_gets_its_answer);
	tcase_add_test(tcase, a_question_without_an_answer_ends);
	tcase_add_test(tcase, four_questions_wait_at_a_time);
	tcase_add_test(tcase, questions_outlive_the_lost_connection);
	tcase_add_test(tcase, the_handler_may_ask);
	suite_add_tcase(suite, tcase);
	return suite;
}
