/* SPDX-License-Identifier: ISC
 * Tests of discoverd/submissions: what is taken, and how long it stays. The time that is passed in
 * is the test's own; only answers of the network are waited for. */
#include "base/array.h"
#include "discoverd/submissions.h"
#include "harness.h"
#include "net/sockaddr.h"
#include "suites.h"
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct {
	struct loop *loop;
	struct submissions *submissions;
	struct instant now;
	uint32_t uid;
	char heard[8192]; /* "+USN LOCATION;-USN LOCATION;" */
	size_t heard_len;
} f;

static void hear(char sign, const struct submission *s)
{
	f.heard_len += (size_t)snprintf(f.heard + f.heard_len, sizeof(f.heard) - f.heard_len,
	    "%c%.*s %.*s;", sign, SLICE_ARGS(s->usn), SLICE_ARGS(s->location));
}

static void came(void *context, const struct submission *s)
{
	(void)context;
	hear('+', s);
}

static void gone(void *context, const struct submission *s)
{
	(void)context;
	hear('-', s);
}

static void setup(void)
{
	struct submissions_listener listener = {.came = came, .gone = gone};
	memset(&f, 0, sizeof(f));
	f.loop = loop_new();
	f.now = loop_now(f.loop);
	f.submissions = submissions_new(f.loop, &listener);
}

static void teardown(void)
{
	submissions_free(f.submissions);
	loop_free(f.loop);
}

static int take(const char *st, const char *usn, const char *server, const char *location)
{
	struct submission s = {slice_of(st), slice_of(usn), slice_of(server), slice_of(location)};
	f.heard[f.heard_len = 0] = '\0';
	f.now = loop_now(f.loop);
	return submissions_take(f.submissions, f.now, f.uid, &s);
}

static uint64_t counter(const char *name)
{
	struct counter_group group = submissions_counters(f.submissions);
	for (size_t i = 0; i < group.count; i++)
		if (strcmp(group.counters[i].name, name) == 0)
			return group.counters[i].value;
	ck_abort_msg("no counter %s", name);
	return 0;
}

#define HERE "http://10.9.0.1:8200/d.xml"

START_TEST(what_can_be_announced_is_taken)
{
	ck_assert_int_eq(take("urn:a:device:D:1", "uuid:1::urn:a:device:D:1", "S/1", HERE), 0);
	ck_assert_str_eq(f.heard, "+uuid:1::urn:a:device:D:1 " HERE ";");
	ck_assert_int_eq(take("uuid:1", "uuid:1", "", HERE), 0);
	ck_assert_str_eq(f.heard, "+uuid:1 " HERE ";");
	ck_assert_int_eq(take("upnp:rootdevice", "uuid:1::upnp:rootdevice", "S", HERE), 0);
	ck_assert_int_eq(take("s", "uuid:2::s", "S", "http://[fd09::1]/"), 0);
	ck_assert_uint_eq(submissions_count(f.submissions), 4);
	ck_assert(slice_equal(submissions_at(f.submissions, 0)->server, SLICE("S/1")));
	ck_assert(slice_equal(submissions_at(f.submissions, 1)->st, SLICE("uuid:1")));
	ck_assert_ptr_null(submissions_at(f.submissions, 4));
}
END_TEST

START_TEST(forms_that_programs_send_are_put_right)
{
	ck_assert_int_eq(take("uuid:1", "uuid:1::uuid:1", "S", HERE), 0);
	ck_assert_str_eq(f.heard, "+uuid:1 " HERE ";");
	ck_assert_int_eq(take("upnp:rootdevice1", "uuid:1::upnp:rootdevice1", "S", HERE), 0);
	ck_assert_str_eq(f.heard, "+uuid:1::upnp:rootdevice " HERE ";");
	ck_assert(slice_equal(submissions_at(f.submissions, 1)->st, SLICE("upnp:rootdevice")));
	/* and are the same as the right ones */
	ck_assert_int_eq(take("uuid:1", "uuid:1", "S", HERE), 0);
	ck_assert_str_eq(f.heard, "");
	ck_assert_int_eq(take("uuid:1", "uuid:1", "a\x1b[2J\nb", HERE), 0);
	ck_assert(slice_equal(submissions_at(f.submissions, 0)->server, SLICE("a [2J b")));
}
END_TEST

START_TEST(anything_else_is_refused_and_counted)
{
	static char long_st[400], long_usn[420];
	static const struct {
		const char *st, *usn, *location;
	} CASES[] = {
	    {"", "uuid:1::", HERE},
	    {"s", "", HERE},
	    {"s", "uuid:", HERE},
	    {"s", "uuid:1", HERE},
	    {"s", "uuid:1::t", HERE},
	    {"s", "uuid:1::s::s", HERE},
	    {"s", "1::s", HERE},
	    {"s", "2fac1234-31f8-11b4-a222-08002b34c003::s", HERE},
	    {"a b", "uuid:1::a b", HERE},
	    {"a\r\nb", "uuid:1::a\r\nb", HERE},
	    {"\xc3\xbc", "uuid:1::\xc3\xbc", HERE},
	    {long_st, long_usn, HERE},
	    {"s", "uuid:1::s", ""},
	    {"s", "uuid:1::s", "http://:8200/d.xml"},
	    {"s", "uuid:1::s", "http://board.local:8200/"},
	    {"s", "uuid:1::s", "https://10.9.0.1:8200/"},
	    {"s", "uuid:1::s", "http://10.9.0.1:0/"},
	    {"s", "uuid:1::s", "http://10.9.0.1/a b"},
	    {"s", "uuid:1::s", "http://127.0.0.1/"},
	    {"s", "uuid:1::s", "http://[::1]/"},
	    {"s", "uuid:1::s", "http://0.0.0.0/"},
	    {"s", "uuid:1::s", "http://239.255.255.250/"},
	    {"s", "uuid:1::s", "http://[fe80::1]/"},
	    {"s", "uuid:1::s", "http://[fd09::1%25eth0]/"},
	};
	memset(long_st, 's', 300);
	snprintf(long_usn, sizeof(long_usn), "uuid:1::%s", long_st);
	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		ck_assert_msg(take(CASES[i].st, CASES[i].usn, "S", CASES[i].location) == -EINVAL,
		    "%s %s %s", CASES[i].st, CASES[i].usn, CASES[i].location);
		ck_assert_uint_eq(counter("refused-invalid"), i + 1);
	}
	ck_assert_uint_eq(submissions_count(f.submissions), 0);
	ck_assert(instant_is_never(submissions_deadline(f.submissions)));
}
END_TEST

START_TEST(the_same_pair_replaces_and_the_same_altogether_is_nothing)
{
	take("s", "uuid:1::s", "S", HERE);
	take("t", "uuid:1::t", "S", HERE);
	ck_assert_int_eq(take("s", "uuid:1::s", "S", HERE), 0);
	ck_assert_str_eq(f.heard, "");
	ck_assert_int_eq(take("s", "uuid:1::s", "S", "http://10.9.0.1:1/"), 0);
	ck_assert_str_eq(f.heard, "-uuid:1::s " HERE ";+uuid:1::s http://10.9.0.1:1/;");
	ck_assert_int_eq(take("s", "uuid:1::s", "S/2", "http://10.9.0.1:1/"), 0);
	ck_assert_str_eq(f.heard, "-uuid:1::s http://10.9.0.1:1/;+uuid:1::s http://10.9.0.1:1/;");
	ck_assert_uint_eq(submissions_count(f.submissions), 2);
	ck_assert_uint_eq(counter("submitted"), 2);
	ck_assert_uint_eq(counter("replaced"), 2);
}
END_TEST

START_TEST(there_is_room_for_256)
{
	char usn[64];
	for (unsigned i = 0; i < SUBMISSIONS_MAX; i++) {
		snprintf(usn, sizeof(usn), "uuid:%u::s", i);
		ck_assert_int_eq(take("s", usn, "S", HERE), 0);
	}
	ck_assert_int_eq(take("s", "uuid:x::s", "S", HERE), -ENOSPC);
	ck_assert_uint_eq(counter("refused-full"), 1);
	ck_assert_int_eq(take("s", "uuid:7::s", "S/2", HERE), 0);
	ck_assert_uint_eq(submissions_count(f.submissions), SUBMISSIONS_MAX);
}
END_TEST

START_TEST(a_user_fills_only_a_part_of_it)
{
	char usn[64];
	f.uid = 1000;
	for (unsigned i = 0; i < SUBMISSIONS_PER_USER_MAX; i++) {
		snprintf(usn, sizeof(usn), "uuid:%u::s", i);
		ck_assert_int_eq(take("s", usn, "S", HERE), 0);
	}
	ck_assert_int_eq(take("s", "uuid:x::s", "S", HERE), -EDQUOT);
	ck_assert_int_eq(take("s", "uuid:7::s", "S/2", HERE), 0);
	f.uid = 1001;
	ck_assert_int_eq(take("s", "uuid:x::s", "S", HERE), 0);
	ck_assert_int_eq(take("s", "uuid:7::s", "S/3", HERE), -EACCES);
	ck_assert_uint_eq(counter("refused-user"), 2);
	f.uid = 0;
	ck_assert_int_eq(take("s", "uuid:7::s", "S/4", HERE), 0);
	ck_assert(slice_equal(submissions_at(f.submissions, 7)->server, SLICE("S/4")));
}
END_TEST

/* A program that listens there and never accepts. */
static int listen_at(uint16_t port)
{
	struct address_port at = {address_ipv4(10, 9, 0, 1), port};
	struct sockaddr_storage sockaddr;
	socklen_t len = sockaddr_from_endpoint(&at, 0, &sockaddr);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sockaddr, len), 0);
	ck_assert_int_eq(listen(fd, 300), 0);
	return fd;
}

static bool is_due_again(void *context)
{
	(void)context;
	return !instant_is_never(submissions_deadline(f.submissions)) ||
	       submissions_count(f.submissions) == 0;
}

/* Lets the next check happen, whenever it is due, and waits for what comes of it. How long it had
 * to be waited for, in seconds and rounded. */
static int64_t check(void)
{
	struct instant due = submissions_deadline(f.submissions);
	int64_t waited = instant_since(due, loop_now(f.loop));
	f.heard[f.heard_len = 0] = '\0';
	f.now = due;
	submissions_advance(f.submissions, f.now);
	ck_assert(run_until(f.loop, is_due_again, NULL, NULL));
	return (waited + SECONDS(1) / 2) / SECONDS(1);
}

START_TEST(a_submission_stays_while_its_port_answers)
{
	if (!enter_namespace("a_submission_stays_while_its_port_answers"))
		return;
	command("ip addr add 10.9.0.1/32 dev lo");
	int fd = listen_at(8200);
	take("s", "uuid:1::s", "S", HERE);
	take("t", "uuid:1::t", "S", HERE);
	for (unsigned i = 0; i < 5; i++)
		ck_assert_int_eq(check(), 30);
	/* one check for all that live in one place */
	ck_assert_uint_eq(counter("probes"), 5);
	close(fd);
	ck_assert_int_eq(check(), 30);
	ck_assert_int_eq(check(), 2);
	ck_assert_str_eq(f.heard, "");
	ck_assert_int_eq(check(), 2);
	ck_assert_str_eq(f.heard, "-uuid:1::t " HERE ";-uuid:1::s " HERE ";");
	ck_assert_uint_eq(counter("withdrawn"), 2);
	/* without submissions there is nothing to wake up for */
	ck_assert_uint_eq(submissions_count(f.submissions), 0);
	ck_assert(instant_is_never(submissions_deadline(f.submissions)));
}
END_TEST

START_TEST(places_live_by_themselves)
{
	if (!enter_namespace("places_live_by_themselves"))
		return;
	command("ip addr add 10.9.0.1/32 dev lo");
	int fd = listen_at(8201);
	take("s", "uuid:1::s", "S", HERE);
	take("s", "uuid:2::s", "S", "http://10.9.0.1:8201/");
	take("t", "uuid:1::t", "S", HERE);
	for (unsigned i = 0; i < 12; i++)
		check();
	ck_assert_uint_eq(submissions_count(f.submissions), 1);
	ck_assert(slice_equal(submissions_at(f.submissions, 0)->usn, SLICE("uuid:2::s")));
	close(fd);
}
END_TEST

START_TEST(a_submission_stays_when_its_port_answers_again_in_time)
{
	if (!enter_namespace("a_submission_stays_when_its_port_answers_again_in_time"))
		return;
	command("ip addr add 10.9.0.1/32 dev lo");
	take("s", "uuid:1::s", "S", HERE);
	for (unsigned i = 0; i < 3; i++) {
		check();
		ck_assert_int_eq(check(), 2);
		int fd = listen_at(8200);
		ck_assert_int_eq(check(), 2);
		ck_assert_uint_eq(submissions_count(f.submissions), 1);
		close(fd);
	}
	/* its program speaking again is as good as an answer */
	check();
	check();
	take("s", "uuid:1::s", "S", HERE);
	ck_assert_int_eq(check(), 30);
	ck_assert_int_eq(check(), 2);
	ck_assert_uint_eq(submissions_count(f.submissions), 1);
}
END_TEST

START_TEST(no_way_there_says_nothing)
{
	if (!enter_namespace("no_way_there_says_nothing"))
		return;
	take("s", "uuid:1::s", "S", HERE);
	for (unsigned i = 0; i < 5; i++)
		ck_assert_int_eq(check(), 30);
	ck_assert_uint_eq(submissions_count(f.submissions), 1);
}
END_TEST

START_TEST(only_a_few_are_asked_at_a_time)
{
	struct two_hosts hosts;
	char usn[64], location[64];
	if (!two_hosts_enter("only_a_few_are_asked_at_a_time", &hosts))
		return;
	for (unsigned i = 0; i < 10; i++) {
		snprintf(usn, sizeof(usn), "uuid:%u::s", i);
		snprintf(location, sizeof(location), "http://10.9.0.2:%u/", 1000 + i);
		take("s", usn, "S", location);
	}
	f.now = submissions_deadline(f.submissions);
	submissions_advance(f.submissions, f.now);
	ck_assert_uint_eq(counter("probes"), SUBMISSIONS_PROBES_MAX);
	ck_assert(instant_is_never(submissions_deadline(f.submissions)));
	/* freed with probes on their way */
	two_hosts_leave(&hosts);
}
END_TEST

Suite *submissions_suite(void)
{
	Suite *suite = suite_create("discoverd/submissions");
	TCase *tcase = tcase_create("submissions");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, what_can_be_announced_is_taken);
	tcase_add_test(tcase, forms_that_programs_send_are_put_right);
	tcase_add_test(tcase, anything_else_is_refused_and_counted);
	tcase_add_test(tcase, the_same_pair_replaces_and_the_same_altogether_is_nothing);
	tcase_add_test(tcase, there_is_room_for_256);
	tcase_add_test(tcase, a_user_fills_only_a_part_of_it);
	tcase_add_test(tcase, a_submission_stays_while_its_port_answers);
	tcase_add_test(tcase, places_live_by_themselves);
	tcase_add_test(tcase, a_submission_stays_when_its_port_answers_again_in_time);
	tcase_add_test(tcase, no_way_there_says_nothing);
	tcase_add_test(tcase, only_a_few_are_asked_at_a_time);
	suite_add_tcase(suite, tcase);
	return suite;
}
