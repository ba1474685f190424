/* SPDX-License-Identifier: ISC
 * loop: libevent's loop with one clock reading per wake-up and one timer for every deadline of the
 * daemon. */
#include "net/loop.h"
#include "base/log.h"
#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/* Events that nothing is said of get the one in the middle. */
enum { PRIORITIES = 3, LAST_PRIORITY = PRIORITIES - 1 };

struct signal_watch {
	struct signal_watch *next;
	struct event event;
	loop_signal_fn *fn;
	void *context;
};

/* libevent's own timers stand still while the machine sleeps, so the deadline is a timerfd. */
struct loop {
	struct event_base *base;
	struct event timer;
	int timer_fd;
	struct instant armed; /* what the timerfd is set to */
	struct instant now;
	bool now_known; /* `now` is of this round */
	bool stopped;
	loop_fn *round;
	void *round_context;
	struct signal_watch *signals;
};

static void write_log(int severity, const char *message)
{
	static const enum log_level LEVELS[] = {
	    [EVENT_LOG_DEBUG] = LOG_LEVEL_DEBUG,
	    [EVENT_LOG_MSG] = LOG_LEVEL_INFO,
	    [EVENT_LOG_WARN] = LOG_LEVEL_WARNING,
	    [EVENT_LOG_ERR] = LOG_LEVEL_ERROR,
	};
	log_line(LEVELS[severity & 3], "libevent: %s", message);
}

static struct event_base *new_base(void)
{
	struct event_config *config = event_config_new();
	if (!config)
		return NULL;
	/* One thread, and nothing of the environment may choose a poorer way to wait. */
	event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_IGNORE_ENV);
	/* epoll: the sandbox has none of the calls that libevent would do with out of memory. */
	event_config_require_features(config, EV_FEATURE_O1);
	struct event_base *base = event_base_new_with_config(config);
	event_config_free(config);
	if (base && event_base_priority_init(base, PRIORITIES) < 0) {
		event_base_free(base);
		return NULL;
	}
	return base;
}

static void timer_rang(evutil_socket_t fd, short what, void *context)
{
	(void)what;
	struct loop *loop = context;
	uint64_t times;
	/* Nothing to read when it was set anew in this round. */
	if (read(fd, &times, sizeof(times)) == sizeof(times))
		loop->armed = INSTANT_NEVER;
}

struct loop *loop_new(void)
{
	struct loop *loop = calloc(1, sizeof(*loop));
	if (!loop)
		return NULL;
	event_set_log_callback(write_log);
	loop->armed = INSTANT_NEVER;
	loop->timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	loop->base = new_base();
	if (loop->timer_fd < 0 || !loop->base ||
	    event_assign(&loop->timer, loop->base, loop->timer_fd, EV_READ | EV_PERSIST, timer_rang,
		loop) < 0 ||
	    event_add(&loop->timer, NULL) < 0) {
		loop_free(loop);
		return NULL;
	}
	signal(SIGPIPE, SIG_IGN);
	return loop;
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	while (loop->signals) {
		struct signal_watch *watch = loop->signals;
		loop->signals = watch->next;
		event_del(&watch->event);
		free(watch);
	}
	if (event_initialized(&loop->timer))
		event_del(&loop->timer);
	if (loop->base)
		event_base_free(loop->base);
	if (loop->timer_fd >= 0)
		close(loop->timer_fd);
	free(loop);
}

int loop_run(struct loop *loop)
{
	int error = 0;
	/* What was read while the loop did not run may be much older. */
	loop->now_known = false;
	while (!loop->stopped && !error) {
		if (loop->round)
			loop->round(loop->round_context);
		/* What has been read so far is of before the sleep. */
		loop->now_known = false;
		if (!loop->stopped && event_base_loop(loop->base, EVLOOP_ONCE) < 0)
			error = errno ? -errno : -EIO;
	}
	loop->stopped = false;
	return error;
}

void loop_stop(struct loop *loop)
{
	loop->stopped = true;
}

/* libevent 2.1 has no hook between waiting and the first callback: the first call in a round reads
 * the clock. */
struct instant loop_now(struct loop *loop)
{
	if (!loop->now_known) {
		struct timespec now;
		clock_gettime(CLOCK_BOOTTIME, &now);
		loop->now.us = SECONDS(now.tv_sec) + now.tv_nsec / 1000;
		loop->now_known = true;
	}
	return loop->now;
}

void loop_on_round(struct loop *loop, loop_fn *fn, void *context)
{
	loop->round = fn;
	loop->round_context = context;
}

void loop_set_deadline(struct loop *loop, struct instant deadline)
{
	if (deadline.us == loop->armed.us)
		return;
	/* All zero means disarmed; a moment in the past rings at once. */
	struct itimerspec timer = {0};
	if (deadline.us <= 0)
		timer.it_value.tv_nsec = 1;
	else if (!instant_is_never(deadline)) {
		timer.it_value.tv_sec = (time_t)(deadline.us / SECONDS(1));
		timer.it_value.tv_nsec = (long)(deadline.us % SECONDS(1)) * 1000;
	}
	if (timerfd_settime(loop->timer_fd, TFD_TIMER_ABSTIME, &timer, NULL) == 0)
		loop->armed = deadline;
}

static void signal_came(evutil_socket_t signal, short what, void *context)
{
	(void)what;
	struct signal_watch *watch = context;
	watch->fn(watch->context, (int)signal);
}

int loop_on_signal(struct loop *loop, int signal, loop_signal_fn *fn, void *context)
{
	struct signal_watch *watch = calloc(1, sizeof(*watch));
	if (!watch)
		return -ENOMEM;
	watch->fn = fn;
	watch->context = context;
	if (evsignal_assign(&watch->event, loop->base, signal, signal_came, watch) < 0 ||
	    evsignal_add(&watch->event, NULL) < 0) {
		free(watch);
		return -ENOMEM;
	}
	watch->next = loop->signals;
	loop->signals = watch;
	return 0;
}

/* A distribution for 32-bit boards may have built it with a time of 32 bits (EVENT__SIZEOF_TIME_T,
 * from its headers), and then it would take the upper half of our seconds for microseconds. */
int loop_add_timer(struct event *event, int64_t us)
{
	union {
		struct timeval ours;
		int32_t theirs[2];
	} limit = {.ours = {(time_t)(us / SECONDS(1)), (suseconds_t)(us % SECONDS(1))}};

	if (EVENT__SIZEOF_TIME_T < sizeof(time_t)) {
		limit.theirs[0] = (int32_t)(us / SECONDS(1));
		limit.theirs[1] = (int32_t)(us % SECONDS(1));
	}
	return event_add(event, &limit.ours) < 0 ? -ENOMEM : 0;
}

void loop_put_last(struct event *event)
{
	event_priority_set(event, LAST_PRIORITY);
}

void loop_yield(struct loop *loop)
{
	event_base_loopbreak(loop->base);
}

struct event_base *loop_base(const struct loop *loop)
{
	return loop->base;
}
