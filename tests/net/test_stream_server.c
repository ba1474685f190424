/* SPDX-License-Identifier: ISC
 * Tests of net/stream_server. */
#include "base/array.h"
#include "harness.h"
#include "net/stream_server.h"
#include "runner.h"
#include "suites.h"
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* A server whose clients get `to_send` bytes that count up, and what it noticed. */
struct fixture {
	struct loop *loop;
	struct stream_server *server;
	char directory[32];
	char path[48];
	size_t to_send;
	bool refuse, never_done, end_on_data, wake_always;
	bool endless;                                /* each client always wants another turn */
	unsigned turns, turns_of_last, turns_wanted; /* of all; of the client that came last */
	unsigned opened, ended, closed;
	size_t received, drained;
	struct stream_peer last;
	struct stream *last_stream;
	unsigned wanted;
};

enum { CHUNK = 16 * 1024 }; /* produced in a turn */

struct client {
	struct fixture *fixture;
	struct stream *stream;
	size_t produced, sent;
};

static void *opened(void *context, struct stream *stream, const struct stream_peer *peer)
{
	struct fixture *f = context;
	struct client *client = calloc(1, sizeof(*client));
	client->fixture = f;
	client->stream = stream;
	f->opened++;
	f->last = *peer;
	f->last_stream = stream;
	if (f->wake_always)
		stream_wake(stream);
	if (!f->refuse)
		return client;
	free(client);
	return NULL;
}

static bool received(void *context, struct slice bytes)
{
	struct client *client = context;
	client->fixture->received += bytes.len;
	if (client->fixture->wake_always)
		stream_wake(client->stream);
	return !client->fixture->end_on_data;
}

static void ended(void *context)
{
	struct client *client = context;
	client->fixture->ended++;
}

static void turn(void *context)
{
	struct client *client = context;
	size_t left = client->fixture->to_send - client->produced;
	client->produced += left < CHUNK ? left : CHUNK;
	client->fixture->turns++;
	client->fixture->turns_of_last += client->stream == client->fixture->last_stream;
}

/* In two parts. */
static size_t peek(void *context, struct slice *parts, size_t max)
{
	struct client *client = context;
	static char bytes[256 + CHUNK];
	size_t waiting = client->produced - client->sent, half = waiting / 2;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i & 0xff);
	if (!waiting || max < 2)
		return 0;
	parts[0] = (struct slice){bytes + (client->sent & 0xff), half};
	parts[1] = (struct slice){bytes + ((client->sent + half) & 0xff), waiting - half};
	return 2;
}

static void sent(void *context, size_t len)
{
	struct client *client = context;
	client->sent += len;
	client->fixture->drained += len;
}

static bool done(void *context)
{
	struct client *client = context;
	return client->fixture->ended > 0 && !client->fixture->never_done;
}

static void closed(void *context)
{
	struct client *client = context;
	client->fixture->closed++;
	if (client->fixture->wake_always)
		stream_wake(client->stream);
	free(client);
}

static bool pending(void *context)
{
	struct client *client = context;
	return client->fixture->endless || client->sent < client->fixture->to_send;
}

static bool idle(void *context)
{
	struct client *client = context;
	return !client->fixture->endless;
}

static const struct stream_handler HANDLER = {
    opened, received, ended, turn, peek, sent, pending, done, idle, closed};

static int open_server(struct fixture *f, int inherited_fd)
{
	struct stream_server_options options = {f->path, inherited_fd, 64, 16};
	return stream_server_open(f->loop, &options, &HANDLER, f, &f->server);
}

static void set_up(struct fixture *f)
{
	*f = (struct fixture){.directory = "/tmp/discoverd-sock.XXXXXX"};
	f->loop = loop_new();
	ck_assert_ptr_nonnull(mkdtemp(f->directory));
	ck_assert_int_eq(chmod(f->directory, 0711), 0);
	snprintf(f->path, sizeof(f->path), "%s/s", f->directory);
	umask(077);
	ck_assert_int_eq(open_server(f, -1), 0);
}

static void tear_down(struct fixture *f)
{
	stream_server_close(f->server);
	ck_assert_uint_eq(f->opened, f->closed);
	/* The path is gone, or this would fail. */
	ck_assert_int_eq(rmdir(f->directory), 0);
	loop_free(f->loop);
}

static struct sockaddr_un address_of(const struct fixture *f)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	strcpy(address.sun_path, f->path);
	return address;
}

static int dial(const struct fixture *f)
{
	struct sockaddr_un address = address_of(f);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static uint64_t counter(const struct fixture *f, const char *name)
{
	struct counter_group group = stream_server_counters(f->server);
	for (size_t i = 0; i < group.count; i++)
		if (strcmp(group.counters[i].name, name) == 0)
			return group.counters[i].value;
	ck_abort_msg("no counter %s", name);
	return 0;
}

static bool has_opened(void *context)
{
	struct fixture *f = context;
	return f->opened >= f->wanted;
}

static bool has_closed(void *context)
{
	struct fixture *f = context;
	return f->closed >= f->wanted;
}

static bool has_drained(void *context)
{
	struct fixture *f = context;
	return f->drained >= f->wanted;
}

static bool has_received(void *context)
{
	struct fixture *f = context;
	return f->received >= f->wanted;
}

static bool has_had_turns(void *context)
{
	struct fixture *f = context;
	return f->turns >= f->turns_wanted;
}

static bool until(struct fixture *f, bool (*condition)(void *context), unsigned wanted)
{
	f->wanted = wanted;
	return run_until(f->loop, condition, f, NULL);
}

/* True once the other end has closed. Throws away what came before. */
static bool is_closed(int fd)
{
	char bytes[4096];
	ssize_t len;
	do
		len = recv(fd, bytes, sizeof(bytes), 0);
	while (len > 0);
	return len == 0 || errno == ECONNRESET;
}

struct reading {
	size_t got, wanted, wrong;
};

/* A few bytes at a time, fewer than a chunk. */
static void read_some(evutil_socket_t fd, short what, void *context)
{
	(void)what;
	struct reading *reading = context;
	unsigned char bytes[5000];
	ssize_t len = recv(fd, bytes, sizeof(bytes), 0);
	for (ssize_t i = 0; i < len; i++)
		reading->wrong += bytes[i] != (reading->got++ & 0xff);
}

static bool has_read(void *context)
{
	struct reading *reading = context;
	return reading->got >= reading->wanted;
}

/* Reads everything that the client is sent, in order, while the loop runs. */
static void read_slowly(const struct fixture *f, int fd)
{
	struct reading reading = {.wanted = f->to_send};
	struct event *event =
	    event_new(loop_base(f->loop), fd, EV_READ | EV_PERSIST, read_some, &reading);
	event_add(event, NULL);
	ck_assert(run_until(f->loop, has_read, &reading, NULL));
	ck_assert_uint_eq(reading.got, f->to_send);
	ck_assert_uint_eq(reading.wrong, 0);
	event_free(event);
}

START_TEST(what_is_drained_arrives_and_a_client_may_end)
{
	struct fixture f;
	set_up(&f);
	int fd = dial(&f);
	f.to_send = 50000;
	ck_assert_int_eq(send(fd, "hello", 5, 0), 5);
	ck_assert(until(&f, has_drained, 50000));
	ck_assert_uint_eq(f.received, 5);
	read_slowly(&f, fd);
	shutdown(fd, SHUT_WR);
	ck_assert(until(&f, has_closed, 1));
	ck_assert_uint_eq(f.ended, 1);
	ck_assert(is_closed(fd));
	close(fd);
	tear_down(&f);
}
END_TEST

START_TEST(a_client_that_does_not_read_holds_no_more_than_a_chunk)
{
	struct fixture f;
	set_up(&f);
	f.to_send = 3000000;
	int fd = dial(&f);
	ck_assert(until(&f, has_opened, 1));
	stream_wake(f.last_stream);
	/* The socket gets what it takes, and then nothing happens any more. */
	ck_assert_uint_le(run_ready(f.loop), 20);
	size_t held = f.drained;
	ck_assert_uint_lt(held, 1000000);
	/* While it does not read it is neither woken nor heard. */
	ck_assert_int_eq(send(fd, "x", 1, 0), 1);
	stream_wake(f.last_stream);
	ck_assert_uint_le(run_ready(f.loop), 3);
	ck_assert_uint_eq(f.drained, held);
	ck_assert_uint_eq(f.received, 0);
	read_slowly(&f, fd);
	ck_assert(until(&f, has_received, 1));
	close(fd);
	tear_down(&f);
}
END_TEST

START_TEST(a_client_that_leaves_without_reading_is_noticed)
{
	struct fixture f;
	set_up(&f);
	f.to_send = 3000000;
	f.never_done = true;
	int fd = dial(&f);
	ck_assert(until(&f, has_opened, 1));
	stream_wake(f.last_stream);
	run_ready(f.loop);
	close(fd);
	ck_assert(until(&f, has_closed, 1));
	tear_down(&f);
}
END_TEST

START_TEST(a_client_that_does_not_read_can_be_dropped)
{
	struct fixture f;
	set_up(&f);
	f.to_send = 3000000;
	int fd = dial(&f);
	ck_assert(until(&f, has_opened, 1));
	stream_wake(f.last_stream);
	run_ready(f.loop);
	ck_assert_uint_eq(f.closed, 0);
	stream_drop(f.last_stream);
	ck_assert_uint_eq(f.closed, 0);
	ck_assert(until(&f, has_closed, 1));
	ck_assert(is_closed(fd));
	close(fd);
	tear_down(&f);
}
END_TEST

START_TEST(a_half_closed_peer_does_not_make_the_loop_spin)
{
	struct fixture f;
	set_up(&f);
	f.never_done = true;
	int fd = dial(&f);
	shutdown(fd, SHUT_WR);
	ck_assert(until(&f, has_opened, 1));
	ck_assert_uint_le(run_ready(f.loop), 3);
	ck_assert_uint_eq(f.ended, 1);
	/* It still gets what comes later. */
	f.to_send = 3;
	stream_wake(f.last_stream);
	ck_assert(until(&f, has_drained, 3));
	char bytes[8];
	ck_assert_int_eq(recv(fd, bytes, sizeof(bytes), 0), 3);
	/* Nor when it has gone altogether. */
	close(fd);
	ck_assert_uint_le(run_ready(f.loop), 2);
	f.to_send = 6;
	stream_wake(f.last_stream);
	ck_assert(until(&f, has_closed, 1));
	tear_down(&f);
}
END_TEST

START_TEST(a_client_is_closed_after_what_it_is_owed)
{
	struct fixture f;
	set_up(&f);
	f.end_on_data = true;
	f.to_send = 50000;
	int fd = dial(&f);
	ck_assert_int_eq(send(fd, "bad", 3, 0), 3);
	read_slowly(&f, fd);
	ck_assert(until(&f, has_closed, 1));
	ck_assert(is_closed(fd));
	close(fd);
	tear_down(&f);
}
END_TEST

START_TEST(a_wake_is_safe_in_every_handler)
{
	struct fixture f;
	set_up(&f);
	f.wake_always = true;
	int fd = dial(&f);
	ck_assert_int_eq(send(fd, "x", 1, 0), 1);
	ck_assert(until(&f, has_received, 1));
	shutdown(fd, SHUT_WR);
	ck_assert(until(&f, has_closed, 1));
	close(fd);
	f.refuse = true;
	fd = dial(&f);
	ck_assert(until(&f, has_opened, 2));
	ck_assert(is_closed(fd));
	close(fd);
	f.closed++;
	tear_down(&f);
}
END_TEST

START_TEST(closing_the_server_delivers_what_it_can)
{
	struct fixture f;
	set_up(&f);
	int fd = dial(&f);
	ck_assert(until(&f, has_opened, 1));
	f.to_send = 50000;
	stream_server_close(f.server);
	ck_assert_uint_eq(f.closed, 1);
	read_slowly(&f, fd);
	ck_assert(is_closed(fd));
	close(fd);
	ck_assert_int_eq(open_server(&f, -1), 0);
	tear_down(&f);
}
END_TEST

static void become(uid_t uid, gid_t gid, size_t group_count, const gid_t *groups)
{
	ck_assert_int_eq(seteuid(0), 0);
	ck_assert_int_eq(setgroups(group_count, groups), 0);
	ck_assert_int_eq(setegid(gid), 0);
	ck_assert_int_eq(seteuid(uid), 0);
}

static bool is_one_user(const char *test)
{
	if (geteuid() == 0 && setgroups(0, NULL) == 0 && seteuid(1234) == 0 && seteuid(0) == 0)
		return false;
	skip_test(test, "needs root and more users than one");
	return true;
}

static int dial_as(
    const struct fixture *f, uid_t uid, gid_t gid, size_t group_count, const gid_t *groups)
{
	become(uid, gid, group_count, groups);
	int fd = dial(f);
	become(0, 0, 0, NULL);
	return fd;
}

START_TEST(a_user_at_the_limit_keeps_no_other_out)
{
	struct rlimit limit = {4096, 4096};
	if (is_one_user("a_user_at_the_limit_keeps_no_other_out"))
		return;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0) {
		skip_test("a_user_at_the_limit_keeps_no_other_out", "%s", strerror(errno));
		return;
	}
	struct fixture f;
	set_up(&f);
	int fds[2000];
	for (size_t i = 0; i < 2000; i++) {
		fds[i] = dial_as(&f, 1234, 1234, 0, NULL);
		/* The queue of the kernel is finite, too. */
		if (i % 100 == 99)
			run_ready(f.loop);
	}
	int other = dial_as(&f, 1235, 1235, 0, NULL);
	ck_assert(until(&f, has_opened, 17));
	ck_assert_uint_eq(f.last.uid, 1235);
	ck_assert(!f.last.privileged);
	ck_assert_uint_eq(counter(&f, "refused-user"), 2000 - 16);
	ck_assert(!is_closed(fds[15]));
	ck_assert(is_closed(fds[16]));
	ck_assert(!is_closed(other));
	for (size_t i = 0; i < 2000; i++)
		close(fds[i]);
	close(other);
	ck_assert(until(&f, has_closed, 17));
	tear_down(&f);
}
END_TEST

START_TEST(an_administrator_gets_in_when_all_places_are_taken)
{
	if (is_one_user("an_administrator_gets_in_when_all_places_are_taken"))
		return;
	struct fixture f;
	set_up(&f);
	int fds[65];
	for (unsigned i = 0; i < 65; i++)
		fds[i] = dial_as(&f, 2000 + i % 5, 2000, 0, NULL);
	int root = dial(&f);
	ck_assert(until(&f, has_opened, 65));
	ck_assert_uint_eq(f.last.uid, 0);
	ck_assert(f.last.privileged);
	ck_assert_uint_eq(counter(&f, "refused-full"), 1);
	ck_assert(!is_closed(fds[63]));
	ck_assert(is_closed(fds[64]));
	close(root);
	for (size_t i = 0; i < 65; i++)
		close(fds[i]);
	tear_down(&f);
}
END_TEST

/* 64 connections of 4 users. */
static void take_all_places(struct fixture *f, int fds[64])
{
	for (unsigned i = 0; i < 64; i++) {
		fds[i] = dial_as(f, 2000 + i / 16, 2000, 0, NULL);
		ck_assert(until(f, has_opened, i + 1));
	}
}

START_TEST(a_user_with_few_connections_displaces_an_idle_one)
{
	if (is_one_user("a_user_with_few_connections_displaces_an_idle_one"))
		return;
	struct fixture f;
	int fds[64];
	set_up(&f);
	take_all_places(&f, fds);
	close(fds[63]);
	ck_assert(until(&f, has_closed, 1));
	fds[63] = dial_as(&f, 2100, 2100, 0, NULL);
	ck_assert(until(&f, has_opened, 65));
	/* User 2003 has 15 now, so one of the others loses its first. */
	int other = dial_as(&f, 2101, 2101, 0, NULL);
	ck_assert(until(&f, has_opened, 66));
	ck_assert_uint_eq(f.last.uid, 2101);
	ck_assert_uint_eq(counter(&f, "displaced"), 1);
	ck_assert_uint_eq(is_closed(fds[0]) + is_closed(fds[16]) + is_closed(fds[32]), 1);
	/* Another user with 15 of the 64 places gets none of those who have 15 or 16. */
	int second = dial_as(&f, 2003, 2000, 0, NULL);
	ck_assert(until(&f, has_closed, 2));
	run_ready(f.loop);
	ck_assert_uint_eq(counter(&f, "refused-full"), 1);
	ck_assert(is_closed(second));
	close(second);
	close(other);
	for (size_t i = 0; i < 64; i++)
		close(fds[i]);
	tear_down(&f);
}
END_TEST

START_TEST(users_have_turns_one_after_the_other)
{
	if (is_one_user("users_have_turns_one_after_the_other"))
		return;
	struct fixture f;
	int fds[17];
	set_up(&f);
	for (unsigned i = 0; i < 17; i++) {
		fds[i] = dial_as(&f, i < 16 ? 2000 : 2001, 2000, 0, NULL);
		ck_assert(until(&f, has_opened, i + 1));
	}
	/* Each has endless work; the one of the second user has as many turns as 16 of the first.
	 */
	f.endless = true;
	for (unsigned i = 0; i < 17; i++)
		ck_assert_int_eq(send(fds[i], "x", 1, 0), 1);
	f.turns_wanted = 400;
	ck_assert(run_until(f.loop, has_had_turns, &f, NULL));
	ck_assert_uint_ge(f.turns_of_last, 180);
	f.endless = false;
	for (unsigned i = 0; i < 17; i++)
		close(fds[i]);
	ck_assert(until(&f, has_closed, 17));
	tear_down(&f);
}
END_TEST

START_TEST(a_member_of_our_group_is_privileged)
{
	if (is_one_user("a_member_of_our_group_is_privileged"))
		return;
	struct fixture f;
	set_up(&f);
	gid_t groups[100];
	for (size_t i = 0; i < 100; i++)
		groups[i] = 5000 + (gid_t)i;
	groups[99] = getegid();
	static const struct {
		gid_t gid;
		size_t from, count;
		bool privileged;
	} CASES[] = {{1234, 0, 0, false}, {1234, 0, 99, false}, {1234, 0, 100, true},
	    {1234, 98, 2, true}, {0, 0, 0, true}};
	for (unsigned i = 0; i < COUNT_OF(CASES); i++) {
		close(dial_as(&f, 1234, CASES[i].gid, CASES[i].count, groups + CASES[i].from));
		ck_assert(until(&f, has_opened, i + 1));
		ck_assert_uint_eq(f.last.uid, 1234);
		ck_assert(f.last.privileged == CASES[i].privileged);
	}
	tear_down(&f);
}
END_TEST

START_TEST(without_descriptors_the_listener_pauses)
{
	if (skip_under_valgrind("without_descriptors_the_listener_pauses"))
		return;
	struct fixture f;
	set_up(&f);
	int fd = dial(&f);
	struct rlimit before, none;
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = (struct rlimit){(rlim_t)fd, before.rlim_max};
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	unsigned rounds = run_ready(f.loop);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
	ck_assert_uint_le(rounds, 4);
	ck_assert_uint_eq(counter(&f, "accept-pauses"), 1);
	ck_assert_uint_eq(f.opened, 0);
	ck_assert(until(&f, has_opened, 1));
	close(fd);
	tear_down(&f);
}
END_TEST

START_TEST(a_stale_socket_is_replaced_and_a_live_one_is_not)
{
	struct fixture f;
	set_up(&f);
	struct stream_server *first = f.server;
	ck_assert_int_eq(open_server(&f, -1), -EADDRINUSE);
	/* A server that died leaves its file. */
	struct sockaddr_un address = address_of(&f);
	stream_server_close(first);
	int dead = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(dead, (struct sockaddr *)&address, sizeof(address)), 0);
	close(dead);
	ck_assert_int_eq(open_server(&f, -1), 0);
	struct stat st;
	ck_assert_int_eq(stat(f.path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0666);
	tear_down(&f);
}
END_TEST

START_TEST(a_path_that_will_not_do_is_refused)
{
	struct fixture f;
	set_up(&f);
	struct stream_server_options options = {"/nowhere/at/all", -1, 64, 16};
	struct stream_server *other;
	ck_assert_int_eq(stream_server_open(f.loop, &options, &HANDLER, &f, &other), -ENOENT);
	/* Something that is no socket is never removed. */
	char path[200];
	snprintf(path, sizeof(path), "%s/file", f.directory);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	ck_assert_int_ge(fd, 0);
	close(fd);
	options.path = path;
	ck_assert_int_eq(stream_server_open(f.loop, &options, &HANDLER, &f, &other), -EEXIST);
	ck_assert_int_eq(unlink(path), 0);
	memset(path, 'a', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	ck_assert_int_eq(stream_server_open(f.loop, &options, &HANDLER, &f, &other), -ENAMETOOLONG);
	tear_down(&f);
}
END_TEST

START_TEST(another_servers_socket_is_left_alone)
{
	struct fixture f;
	set_up(&f);
	struct stream_server *first = f.server;
	ck_assert_int_eq(unlink(f.path), 0);
	ck_assert_int_eq(open_server(&f, -1), 0);
	stream_server_close(first);
	close(dial(&f));
	tear_down(&f);
}
END_TEST

START_TEST(an_inherited_socket_is_used_and_its_path_kept)
{
	struct fixture f;
	set_up(&f);
	stream_server_close(f.server);
	struct sockaddr_un address = address_of(&f);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(open_server(&f, fd), -EINVAL);
	ck_assert_int_eq(listen(fd, 5), 0);
	ck_assert_int_eq(open_server(&f, fd), 0);
	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	int client = dial(&f);
	ck_assert(until(&f, has_opened, 1));
	close(client);
	stream_server_close(f.server);
	ck_assert_int_eq(unlink(f.path), 0);
	ck_assert_int_eq(rmdir(f.directory), 0);
	loop_free(f.loop);
}
END_TEST

Suite *stream_server_suite(void)
{
	Suite *suite = suite_create("net/stream_server");
	TCase *tcase = tcase_create("stream_server");
	tcase_add_test(tcase, what_is_drained_arrives_and_a_client_may_end);
	tcase_add_test(tcase, a_client_that_does_not_read_holds_no_more_than_a_chunk);
	tcase_add_test(tcase, a_client_that_leaves_without_reading_is_noticed);
	tcase_add_test(tcase, a_client_that_does_not_read_can_be_dropped);
	tcase_add_test(tcase, a_half_closed_peer_does_not_make_the_loop_spin);
	tcase_add_test(tcase, a_client_is_closed_after_what_it_is_owed);
	tcase_add_test(tcase, a_wake_is_safe_in_every_handler);
	tcase_add_test(tcase, closing_the_server_delivers_what_it_can);
	tcase_add_test(tcase, a_user_at_the_limit_keeps_no_other_out);
	tcase_add_test(tcase, an_administrator_gets_in_when_all_places_are_taken);
	tcase_add_test(tcase, a_user_with_few_connections_displaces_an_idle_one);
	tcase_add_test(tcase, users_have_turns_one_after_the_other);
	tcase_add_test(tcase, a_member_of_our_group_is_privileged);
	tcase_add_test(tcase, without_descriptors_the_listener_pauses);
	tcase_add_test(tcase, a_stale_socket_is_replaced_and_a_live_one_is_not);
	tcase_add_test(tcase, a_path_that_will_not_do_is_refused);
	tcase_add_test(tcase, another_servers_socket_is_left_alone);
	tcase_add_test(tcase, an_inherited_socket_is_used_and_its_path_kept);
	suite_add_tcase(suite, tcase);
	return suite;
}
