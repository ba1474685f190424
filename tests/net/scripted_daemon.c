/* SPDX-License-Identifier: ISC
 * scripted_daemon: a watcher, and in the place of discoverd a socket where a test says each word.
 */
#include "scripted_daemon.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "harness.h"
#include "runner.h"

static void note(struct scripted_daemon *daemon, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void note(struct scripted_daemon *daemon, const char *format, ...)
{
	size_t len = strlen(daemon->words);
	va_list args;

	va_start(args, format);
	vsnprintf(daemon->words + len, sizeof(daemon->words) - len, format, args);
	va_end(args);
}

static void changed(void *context, const struct watcher_change *change)
{
	struct scripted_daemon *daemon = context;

	note(daemon, " %c%s", "+~-"[change->event], change -> id);
	if (change->changed)
		note(daemon, "%s",
		    json_object_to_json_string_ext(change->changed, JSON_C_TO_STRING_PLAIN));
	if (change->merged_into)
		note(daemon, ">%s", change->merged_into);
	if (!change->device)
		note(daemon, "?");
}

static void synced(void *context)
{
	struct scripted_daemon *daemon = context;

	note(daemon, " =");
	if (daemon->ask &&
	    watcher_ask(daemon->watcher, daemon->ask, NULL, scripted_daemon_answered, daemon))
		note(daemon, " (refused)");
}

static void lost(void *context)
{
	note(context, " !");
}

void scripted_daemon_answered(void *context, const char *error, struct json_object *parameters)
{
	note(context, " (%s)",
	    error ? error : json_object_to_json_string_ext(parameters, JSON_C_TO_STRING_PLAIN));
}

static void keep_line(void *context, enum log_level level, const char *line)
{
	struct scripted_daemon *daemon = context;
	(void)level;

	snprintf(daemon->logged, sizeof(daemon->logged), "%s", line);
	daemon->lines++;
}

void scripted_daemon_init(struct scripted_daemon *daemon, bool neighbours)
{
	static const struct watcher_handler HANDLER = {changed, synced, lost};

	memset(daemon, 0, sizeof(*daemon));
	daemon->listener = -1;
	daemon->loop = loop_new();
	strcpy(daemon->directory, "/tmp/watcher-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(daemon->directory));
	snprintf(daemon->path, sizeof(daemon->path), "%s/socket", daemon->directory);
	log_set_sink(keep_line, daemon);
	ck_assert_int_eq(watcher_open(daemon->loop, daemon->path, neighbours, &HANDLER, daemon,
			     &daemon->watcher),
	    0);
}

void scripted_daemon_fini(struct scripted_daemon *daemon)
{
	log_set_sink(NULL, NULL);
	watcher_close(daemon->watcher);
	scripted_daemon_leave(daemon);
	rmdir(daemon->directory);
	loop_free(daemon->loop);
}

void scripted_daemon_listen(struct scripted_daemon *daemon, int backlog)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	strcpy(address.sun_path, daemon->path);
	daemon->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	ck_assert_int_ge(daemon->listener, 0);
	ck_assert_int_eq(bind(daemon->listener, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(daemon->listener, backlog), 0);
}

void scripted_daemon_leave(struct scripted_daemon *daemon)
{
	if (daemon->listener >= 0)
		close(daemon->listener);
	daemon->listener = -1;
	unlink(daemon->path);
}

static void advance(struct scripted_daemon *daemon)
{
	watcher_advance(daemon->watcher, instant_add(loop_now(daemon->loop), daemon->ahead));
}

struct acceptance {
	struct scripted_daemon *daemon;
	int fd;
};

static bool is_accepted(void *context)
{
	struct acceptance *acceptance = context;

	advance(acceptance->daemon);
	acceptance->fd = accept4(acceptance->daemon->listener, NULL, NULL, SOCK_CLOEXEC);
	return acceptance->fd >= 0;
}

int scripted_daemon_accept(struct scripted_daemon *daemon, char *call, size_t size)
{
	struct acceptance acceptance = {daemon, -1};
	char text[1024];
	size_t len = 0;

	ck_assert_msg(poll_until(daemon->loop, is_accepted, &acceptance), "no connection");
	do {
		ck_assert_uint_lt(len, sizeof(text));
		ck_assert_int_eq(recv(acceptance.fd, text + len, 1, 0), 1);
	} while (text[len++]);
	if (call)
		snprintf(call, size, "%s", text);
	return acceptance.fd;
}

void scripted_daemon_send(int fd, const char *text)
{
	size_t len = strlen(text) + 1;

	ck_assert_int_eq(send(fd, text, len, MSG_NOSIGNAL), (ssize_t)len);
}

void scripted_daemon_say(int fd, const char *parameters)
{
	char text[1024];

	snprintf(text, sizeof(text), "{\"parameters\":%s,\"continues\":true}", parameters);
	scripted_daemon_send(fd, text);
}

void scripted_daemon_tell(int fd, const char *event, const char *id)
{
	char text[512];

	snprintf(text, sizeof(text), "{\"event\":\"%s\",\"device\":{\"id\":\"%s\"}}", event, id);
	scripted_daemon_say(fd, text);
}

void scripted_daemon_tell_complete(int fd)
{
	scripted_daemon_say(fd, "{\"event\":null,\"device\":null}");
}

struct expectation {
	struct scripted_daemon *daemon;
	const char *words;
};

static bool has_words(void *context)
{
	struct expectation *expectation = context;

	advance(expectation->daemon);
	return strlen(expectation->daemon->words) >= strlen(expectation->words);
}

void scripted_daemon_expect(struct scripted_daemon *daemon, const char *words)
{
	char wanted[4096];
	struct expectation expectation = {daemon, wanted};

	snprintf(wanted, sizeof(wanted), "%s%s", *words ? " " : "", words);
	poll_until(daemon->loop, has_words, &expectation);
	ck_assert_str_eq(daemon->words, wanted);
	daemon->words[0] = '\0';
}

static bool is_over(void *context)
{
	struct scripted_daemon *daemon = context;
	struct instant now = instant_add(loop_now(daemon->loop), daemon->ahead);

	watcher_advance(daemon->watcher, now);
	return !instant_due(watcher_deadline(daemon->watcher), now);
}

void scripted_daemon_pass(struct scripted_daemon *daemon, int64_t us)
{
	daemon->ahead += us;
	run_ready(daemon->loop);
	ck_assert(poll_until(daemon->loop, is_over, daemon));
}
