/* SPDX-License-Identifier: ISC
 * harness: runs a loop until something is so, and gives a test a network of its own. */
#include "harness.h"
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct run {
	struct loop *loop;
	bool (*condition)(void *context);
	void *context;
	struct instant end;
	unsigned rounds;
	bool held;
};

static void look(void *context)
{
	struct run *run = context;
	run->rounds++;
	run->held = run->condition && run->condition(run->context);
	if (run->held || instant_due(run->end, loop_now(run->loop)))
		loop_stop(run->loop);
	loop_set_deadline(run->loop, run->end);
}

static void run(struct run *run, int64_t us)
{
	run->end = instant_add(loop_now(run->loop), us);
	loop_on_round(run->loop, look, run);
	ck_assert_int_eq(loop_run(run->loop), 0);
	loop_on_round(run->loop, NULL, NULL);
}

bool run_until(struct loop *loop, bool (*condition)(void *context), void *context, unsigned *rounds)
{
	struct run r = {.loop = loop, .condition = condition, .context = context};
	run(&r, SECONDS(5));
	if (rounds)
		*rounds = r.rounds;
	return r.held;
}

unsigned run_for(struct loop *loop, int64_t us)
{
	struct run r = {.loop = loop};
	run(&r, us);
	return r.rounds;
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ck_assert_msg(fd >= 0, "%s: %s", path, strerror(errno));
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

bool enter_namespace(const char *test)
{
	if (unshare(CLONE_NEWNET) < 0) {
		char map[32];
		snprintf(map, sizeof(map), "0 %u 1", (unsigned)geteuid());
		if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0) {
			fprintf(stderr, "skipped: %s: no namespace: %s\n", test, strerror(errno));
			return false;
		}
		write_file("/proc/self/uid_map", map);
	}
	command("ip link set lo up");
	return true;
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
