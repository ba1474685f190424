/* SPDX-License-Identifier: ISC
 * Tests of net/loop. */
#include "harness.h"
#include "net/loop.h"
#include "suites.h"
#include <event2/event.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct fixture {
	struct loop *loop;
	struct instant wanted, rang;
	unsigned rounds, signals;
	int last_signal;
};

static struct instant boottime(void)
{
	struct timespec now;
	clock_gettime(CLOCK_BOOTTIME, &now);
	return (struct instant){SECONDS(now.tv_sec) + now.tv_nsec / 1000};
}

static void ring_once(void *context)
{
	struct fixture *f = context;
	f->rounds++;
	f->rang = loop_now(f->loop);
	if (instant_due(f->wanted, f->rang))
		loop_stop(f->loop);
	else
		loop_set_deadline(f->loop, f->wanted);
}

START_TEST(the_timer_rings_at_its_deadline_and_not_before)
{
	struct fixture f = {.loop = loop_new()};
	f.wanted = instant_add(loop_now(f.loop), MILLISECONDS(30));
	loop_on_round(f.loop, ring_once, &f);
	ck_assert_int_eq(loop_run(f.loop), 0);
	ck_assert(!instant_before(f.rang, f.wanted));
	/* One round before sleeping, one after: nothing else woke it. */
	ck_assert_uint_eq(f.rounds, 2);
	loop_free(f.loop);
}
END_TEST

START_TEST(a_deadline_in_the_past_rings_at_once)
{
	struct fixture f = {.loop = loop_new()};
	loop_set_deadline(f.loop, (struct instant){-5});
	ck_assert_uint_ge(run_for(f.loop, MILLISECONDS(5)), 2);
	loop_free(f.loop);
}
END_TEST

static void count_round(void *context)
{
	struct fixture *f = context;
	/* A second round without a new deadline would be a timer that rings twice. */
	if (++f->rounds == 2)
		loop_set_deadline(f->loop, instant_add(loop_now(f->loop), MILLISECONDS(20)));
	if (f->rounds == 3)
		loop_stop(f->loop);
}

START_TEST(a_deadline_rings_only_once)
{
	struct fixture f = {.loop = loop_new()};
	struct instant begin = loop_now(f.loop);
	loop_set_deadline(f.loop, begin);
	loop_on_round(f.loop, count_round, &f);
	ck_assert_int_eq(loop_run(f.loop), 0);
	ck_assert_int_ge(instant_since(loop_now(f.loop), begin), MILLISECONDS(20));
	loop_free(f.loop);
}
END_TEST

static void set_again(void *context)
{
	struct fixture *f = context;
	loop_set_deadline(f->loop, f->wanted);
	if (++f->rounds == 4)
		loop_stop(f->loop);
}

START_TEST(a_deadline_that_rang_can_be_set_again)
{
	struct fixture f = {.loop = loop_new()};
	f.wanted = loop_now(f.loop);
	loop_on_round(f.loop, set_again, &f);
	ck_assert_int_eq(loop_run(f.loop), 0);
	loop_free(f.loop);
}
END_TEST

struct two_events {
	struct loop *loop;
	struct instant first, second;
	unsigned count;
};

static void take_time(evutil_socket_t fd, short what, void *context)
{
	(void)fd, (void)what;
	struct two_events *events = context;
	struct instant now = loop_now(events->loop);
	if (events->count++ == 0) {
		events->first = now;
		while (boottime().us < now.us + MILLISECONDS(2))
			;
	} else {
		events->second = now;
		loop_stop(events->loop);
	}
}

START_TEST(the_clock_stands_still_during_a_round_and_not_between_two)
{
	struct two_events events = {.loop = loop_new()};
	struct event *a = event_new(loop_base(events.loop), -1, 0, take_time, &events);
	struct event *b = event_new(loop_base(events.loop), -1, 0, take_time, &events);
	event_active(a, EV_TIMEOUT, 0);
	event_active(b, EV_TIMEOUT, 0);
	ck_assert_int_eq(loop_run(events.loop), 0);
	ck_assert_uint_eq(events.count, 2);
	ck_assert_int_eq(events.first.us, events.second.us);
	events.count = 1;
	event_active(a, EV_TIMEOUT, 0);
	ck_assert_int_eq(loop_run(events.loop), 0);
	ck_assert(instant_before(events.first, events.second));
	event_free(a);
	event_free(b);
	loop_free(events.loop);
}
END_TEST

static void take_signal(void *context, int signal)
{
	struct fixture *f = context;
	f->signals++;
	f->last_signal = signal;
	loop_stop(f->loop);
}

START_TEST(a_signal_is_taken_inside_the_loop)
{
	struct fixture f = {.loop = loop_new()};
	ck_assert_int_eq(loop_on_signal(f.loop, SIGUSR1, take_signal, &f), 0);
	ck_assert_int_eq(loop_on_signal(f.loop, SIGHUP, take_signal, &f), 0);
	raise(SIGUSR1);
	ck_assert_uint_eq(f.signals, 0);
	ck_assert_int_eq(loop_run(f.loop), 0);
	ck_assert_uint_eq(f.signals, 1);
	ck_assert_int_eq(f.last_signal, SIGUSR1);
	raise(SIGHUP);
	ck_assert_int_eq(loop_run(f.loop), 0);
	ck_assert_int_eq(f.last_signal, SIGHUP);
	loop_free(f.loop);
}
END_TEST

START_TEST(a_stop_before_the_run_keeps_it_from_waiting)
{
	struct loop *loop = loop_new();
	loop_stop(loop);
	ck_assert_int_eq(loop_run(loop), 0);
	loop_free(loop);
}
END_TEST

START_TEST(a_broken_pipe_does_not_end_the_process)
{
	struct loop *loop = loop_new();
	int pair[2];
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	close(pair[1]);
	ck_assert_int_eq(write(pair[0], "x", 1), -1);
	close(pair[0]);
	loop_free(loop);
}
END_TEST

Suite *loop_suite(void)
{
	Suite *suite = suite_create("net/loop");
	TCase *tcase = tcase_create("loop");
	tcase_add_test(tcase, the_timer_rings_at_its_deadline_and_not_before);
	tcase_add_test(tcase, a_deadline_in_the_past_rings_at_once);
	tcase_add_test(tcase, a_deadline_rings_only_once);
	tcase_add_test(tcase, a_deadline_that_rang_can_be_set_again);
	tcase_add_test(tcase, the_clock_stands_still_during_a_round_and_not_between_two);
	tcase_add_test(tcase, a_signal_is_taken_inside_the_loop);
	tcase_add_test(tcase, a_stop_before_the_run_keeps_it_from_waiting);
	tcase_add_test(tcase, a_broken_pipe_does_not_end_the_process);
	suite_add_tcase(suite, tcase);
	return suite;
}
