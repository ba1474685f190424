/* SPDX-License-Identifier: ISC
 * harness: runs a loop until something is so, and gives a test a network of its own. */
#include "harness.h"
#include "runner.h"
#include <check.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct run {
	struct loop *loop;
	bool (*condition)(void *context);
	void *context;
	int64_t span;
	struct instant end; /* known from the first round on: a clock read before may be stale */
	int64_t pace;       /* looks at least this often; 0: only after an event */
	unsigned rounds;
	bool held;
};

enum { DESCRIPTORS = 256, ENDLESS = 10000 };

static void look(void *context)
{
	struct run *run = context;
	if (run->rounds++ == 0)
		run->end = instant_add(loop_now(run->loop), run->span);
	run->held = run->condition && run->condition(run->context);
	if (run->held || instant_due(run->end, loop_now(run->loop)))
		loop_stop(run->loop);
	struct instant next = run->end;
	if (run->pace)
		next = instant_earlier(next, instant_add(loop_now(run->loop), run->pace));
	loop_set_deadline(run->loop, next);
}

static void run(struct run *run, int64_t us)
{
	run->span = us;
	loop_on_round(run->loop, look, run);
	ck_assert_int_eq(loop_run(run->loop), 0);
	loop_on_round(run->loop, NULL, NULL);
}

bool run_until(struct loop *loop, bool (*condition)(void *context), void *context, unsigned *rounds)
{
	struct run r = {.loop = loop, .condition = condition, .context = context};
	run(&r, SECONDS(60));
	if (rounds)
		*rounds = r.rounds;
	return r.held;
}

bool poll_until(struct loop *loop, bool (*condition)(void *context), void *context)
{
	struct run r = {
	    .loop = loop, .condition = condition, .context = context, .pace = MILLISECONDS(5)};
	run(&r, SECONDS(60));
	return r.held;
}

/* libevent does not tell its epoll descriptor. */
static bool is_epoll(int fd)
{
	char path[32], target[32] = {0};
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return readlink(path, target, sizeof(target) - 1) > 0 &&
	       strcmp(target, "anon_inode:[eventpoll]") == 0;
}

/* Not 0 when the event is a timer that is due. libevent tells by a wall clock that it compares with
 * its own only now and then. */
static int is_due(const struct event_base *base, const struct event *event, void *context)
{
	const struct timeval inexact = {0, 10000};
	struct timeval due, now;
	(void)base, (void)context;

	evutil_gettimeofday(&now, NULL);
	evutil_timeradd(&now, &inexact, &now);
	return event_pending(event, EV_TIMEOUT, &due) && !evutil_timercmp(&due, &now, >);
}

static bool is_ready(const struct loop *loop)
{
	struct event_base *base = loop_base(loop);

	if (event_base_get_num_events(base, EVENT_BASE_COUNT_ACTIVE) > 0 ||
	    event_base_foreach_event(base, is_due, NULL))
		return true;
	for (int fd = 0; fd < DESCRIPTORS; fd++) {
		struct pollfd epoll = {.fd = fd, .events = POLLIN};
		if (is_epoll(fd) && poll(&epoll, 1, 0) > 0)
			return true;
	}
	return false;
}

static bool is_second_look(void *context)
{
	return ++*(unsigned *)context == 2;
}

unsigned run_ready(struct loop *loop)
{
	unsigned rounds = 0;
	/* The deadline of an earlier run is no event of the test. */
	loop_set_deadline(loop, INSTANT_NEVER);
	while (is_ready(loop)) {
		unsigned looks = 0;
		run_until(loop, is_second_look, &looks, NULL);
		loop_set_deadline(loop, INSTANT_NEVER);
		ck_assert_uint_lt(++rounds, ENDLESS);
	}
	return rounds;
}

unsigned run_for(struct loop *loop, int64_t us)
{
	struct run r = {.loop = loop};
	run(&r, us);
	return r.rounds;
}

bool skip_under_valgrind(const char *test)
{
	const char *preload = getenv("LD_PRELOAD");
	if (!preload || !strstr(preload, "vgpreload"))
		return false;
	skip_test(test, "valgrind");
	return true;
}

int run_apart(void (*fn)(FILE *report), char *text, size_t size)
{
	int ends[2], status;
	size_t len = 0;
	ssize_t got;
	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	pid_t child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		FILE *report = fdopen(ends[1], "w");
		setvbuf(report, NULL, _IOLBF, BUFSIZ);
		fn(report);
		fflush(report);
		_exit(0); /* the end of the process is the parent's */
	}
	close(ends[1]);
	while (len < size - 1 && (got = read(ends[0], text + len, size - 1 - len)) > 0)
		len += (size_t)got;
	text[len] = '\0';
	close(ends[0]);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	return status;
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ck_assert_msg(fd >= 0, "%s: %s", path, strerror(errno));
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

/* Root inside is our user outside. */
static void map_root(const char *path, unsigned id)
{
	char text[32];
	snprintf(text, sizeof(text), "0 %u 1", id);
	write_file(path, text);
}

bool enter_namespace(const char *test)
{
	unsigned uid = geteuid(), gid = getegid();
	if (unshare(CLONE_NEWNET) < 0) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0) {
			skip_test(test, "no namespace: %s", strerror(errno));
			return false;
		}
		write_file("/proc/self/setgroups", "deny");
		map_root("/proc/self/uid_map", uid);
		map_root("/proc/self/gid_map", gid);
	}
	command("ip link set lo up");
	return true;
}

static int open_own_namespace(void)
{
	int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	return fd;
}

/* IPv6 takes in nothing at an address that was added before the link had a carrier. */
static void add_addresses(unsigned number)
{
	command("ip addr add 10.9.0.%u/24 brd + dev eth0 && ip addr add fd09::%u/64 dev eth0 nodad",
	    number, number);
}

bool two_hosts_enter(const char *test, struct two_hosts *hosts)
{
	if (!enter_namespace(test))
		return false;
	hosts->there = open_own_namespace();
	ck_assert_int_eq(unshare(CLONE_NEWNET), 0);
	hosts->here = open_own_namespace();
	command("ip link add eth0 type veth peer name eth0 netns /proc/%d/fd/%d", (int)getpid(),
	    hosts->there);
	command("ip link set eth0 up");
	go_to(hosts->there);
	command("ip link set lo up && ip link set eth0 up");
	add_addresses(2);
	go_to(hosts->here);
	command("ip link set lo up");
	add_addresses(1);
	return true;
}

void two_hosts_leave(struct two_hosts *hosts)
{
	close(hosts->here);
	close(hosts->there);
}

void go_to(int host)
{
	ck_assert_int_eq(setns(host, CLONE_NEWNET), 0);
}

void command(const char *format, ...)
{
	char line[512];
	va_list args;
	va_start(args, format);
	int len = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	ck_assert_int_lt(len, (int)sizeof(line));
	/* system() leaves SIGPIPE ignored for the child, which ip does not mind. */
	ck_assert_msg(system(line) == 0, "failed: %s", line);
}

uint32_t link_index(const char *name)
{
	uint32_t index = if_nametoindex(name);
	ck_assert_msg(index > 0, "no interface %s", name);
	return index;
}
