/* SPDX-License-Identifier: ISC
 * loop: libevent's loop with one clock reading per wake-up and one timer for every deadline of the
 * daemon. */
#ifndef NET_LOOP_H
#define NET_LOOP_H

#include "base/instant.h"

struct loop;
struct event_base;
struct event;

typedef void loop_fn(void *context);
typedef void loop_signal_fn(void *context, int signal);

/* NULL when out of memory or descriptors. SIGPIPE is ignored from here on. */
struct loop *loop_new(void);
/* Last of all: after everything that uses it. */
void loop_free(struct loop *loop);
/* Runs until loop_stop. 0 or a negative errno. */
int loop_run(struct loop *loop);
/* Ends loop_run after the round that is running; called before, it lets loop_run not wait at all.
 */
void loop_stop(struct loop *loop);
/* CLOCK_BOOTTIME, read once per wake-up: the same moment for everything that happens in a round. */
struct instant loop_now(struct loop *loop);
/* Called after each round of events, before sleeping: the place to do what is due and to say when
 * to wake next. */
void loop_on_round(struct loop *loop, loop_fn *fn, void *context);
/* The one timer; INSTANT_NEVER disarms it. It counts the time of a suspend, and rings once: it does
 * nothing but begin a round. */
void loop_set_deadline(struct loop *loop, struct instant deadline);
/* 0 or -ENOMEM. */
int loop_on_signal(struct loop *loop, int signal, loop_signal_fn *fn, void *context);
/* For the other files of net/. */
struct event_base *loop_base(const struct loop *loop);
/* Adds an event of libevent with a time limit in microseconds, as libevent was built to read it.
 * Nothing else may hand it a struct timeval. 0 or -ENOMEM. */
int loop_add_timer(struct event *event, int64_t us);
/* Whatever else is to be done in a round is done before this event, newly assigned. For what comes
 * in bursts and may wait. */
void loop_put_last(struct event *event);
/* From a callback of such an event: the round ends, and the others of its kind have to wait for the
 * next, in which everything else comes first again. */
void loop_yield(struct loop *loop);

#endif
