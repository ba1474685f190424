/* SPDX-License-Identifier: ISC
 * Tests of client/client: replies however they come, and connections that end. */
#include "client/client.h"
#include "suites.h"
#include <errno.h>
#include <json-c/json.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct client client;
static int daemon_end;

static void setup(void)
{
	int ends[2];
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	client_init(&client, ends[0], -1);
	daemon_end = ends[1];
}

static void teardown(void)
{
	client_fini(&client);
	if (daemon_end >= 0)
		close(daemon_end);
}

static void say(const char *bytes, size_t len)
{
	ck_assert_int_eq(write(daemon_end, bytes, len), (ssize_t)len);
}

START_TEST(several_replies_may_come_at_once_and_one_in_parts)
{
	struct varlink_reply reply;
	static const char two[] = "{\"continues\":true}\0{\"error\":\"a.b.C\"}\0{\"para";
	say(two, sizeof(two) - 1);
	ck_assert_int_eq(client_next(&client, 1000, &reply), 0);
	ck_assert(reply.continues);
	varlink_reply_fini(&reply);
	ck_assert_int_eq(client_next(&client, 1000, &reply), 0);
	ck_assert_str_eq(reply.error, "a.b.C");
	varlink_reply_fini(&reply);
	ck_assert_int_eq(client_next(&client, 0, &reply), -ETIMEDOUT);
	say("meters\":{}}", 12);
	ck_assert_int_eq(client_next(&client, 1000, &reply), 0);
	ck_assert_ptr_nonnull(reply.parameters);
	varlink_reply_fini(&reply);
}
END_TEST

START_TEST(a_reply_may_be_large)
{
	static char large[100 * 1024];
	struct varlink_reply reply;
	memset(large, ' ', sizeof(large));
	large[0] = '{';
	large[sizeof(large) - 2] = '}';
	large[sizeof(large) - 1] = '\0';
	int size = 2 * sizeof(large);
	setsockopt(daemon_end, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	say(large, sizeof(large));
	ck_assert_int_eq(client_next(&client, 1000, &reply), 0);
	varlink_reply_fini(&reply);
}
END_TEST

START_TEST(the_end_of_the_daemon_is_noticed)
{
	struct varlink_reply reply;
	close(daemon_end);
	daemon_end = -1;
	ck_assert_int_eq(client_next(&client, CLIENT_FOREVER, &reply), -ECONNRESET);
	ck_assert_int_eq(client_call(&client, "a.b.C", NULL, false), -ECONNRESET);
}
END_TEST

START_TEST(the_end_of_the_reader_is_noticed)
{
	struct varlink_reply reply;
	int ends[2];
	ck_assert_int_eq(pipe(ends), 0);
	client.watched_fd = ends[1];
	ck_assert_int_eq(client_next(&client, 0, &reply), -ETIMEDOUT);
	close(ends[0]);
	ck_assert_int_eq(client_next(&client, CLIENT_FOREVER, &reply), -EPIPE);
	close(ends[1]);
}
END_TEST

START_TEST(what_is_no_varlink_is_refused)
{
	struct varlink_reply reply;
	say("hello", 6);
	ck_assert_int_eq(client_next(&client, 1000, &reply), -EBADMSG);
}
END_TEST

START_TEST(a_call_is_one_message)
{
	char got[128];
	struct json_object *parameters = json_object_new_object();
	json_object_object_add(parameters, "id", json_object_new_string("x"));
	ck_assert_int_eq(client_call(&client, "io.discoverd.Get", parameters, false), 0);
	json_object_put(parameters);
	ssize_t len = read(daemon_end, got, sizeof(got));
	ck_assert_int_gt(len, 0);
	ck_assert_int_eq(got[len - 1], 0);
	ck_assert_str_eq(got, "{\"method\":\"io.discoverd.Get\",\"parameters\":{\"id\":\"x\"}}");
}
END_TEST

START_TEST(a_path_that_cannot_be_is_refused)
{
	struct client other;
	char path[200];
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	ck_assert_int_eq(client_connect(&other, path, 1000, -1), -ENAMETOOLONG);
	client_fini(&other);
	ck_assert_int_eq(client_connect(&other, "/nowhere/at/all", 1000, -1), -ENOENT);
	client_fini(&other);
}
END_TEST

Suite *client_suite(void)
{
	Suite *suite = suite_create("client/client");
	TCase *tcase = tcase_create("client");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, several_replies_may_come_at_once_and_one_in_parts);
	tcase_add_test(tcase, a_reply_may_be_large);
	tcase_add_test(tcase, the_end_of_the_daemon_is_noticed);
	tcase_add_test(tcase, the_end_of_the_reader_is_noticed);
	tcase_add_test(tcase, what_is_no_varlink_is_refused);
	tcase_add_test(tcase, a_call_is_one_message);
	tcase_add_test(tcase, a_path_that_cannot_be_is_refused);
	suite_add_tcase(suite, tcase);
	return suite;
}
