/* SPDX-License-Identifier: ISC
 * Tests of net/http_server, by plain sockets in the same loop. */
#include "base/array.h"
#include "harness.h"
#include "net/http_server.h"
#include "net/sockaddr.h"
#include "suites.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum { CLIENTS_MAX = 40 };
#define BODY "<root/>"

/* Reads what has come, without waiting, until the end. */
struct client {
	int fd;
	bool ended;
	int error;       /* of the last read */
	char text[4096]; /* the first of it */
	size_t len, total;
};

struct fixture {
	struct loop *loop;
	struct http_server *server;
	struct client clients[CLIENTS_MAX];
	size_t client_count;
};

static void setup(struct fixture *f)
{
	const struct http_document document = {"/description.xml", "text/xml", SLICE(BODY), 2};

	f->client_count = 0;
	f->loop = loop_new();
	ck_assert_ptr_nonnull(f->loop);
	ck_assert_int_eq(
	    http_server_open(f->loop, 0, true, "Linux/6 UPnP/2.0 discoverd/1", &f->server), 0);
	ck_assert_int_eq(http_server_publish(f->server, &document), 0);
}

static void teardown(struct fixture *f)
{
	for (size_t i = 0; i < f->client_count; i++)
		close(f->clients[i].fd);
	http_server_close(f->server);
	loop_free(f->loop);
}

static uint64_t counter(const struct fixture *f, const char *name)
{
	struct counter_group group = http_server_counters(f->server);

	for (size_t i = 0; i < group.count; i++)
		if (strcmp(group.counters[i].name, name) == 0)
			return group.counters[i].value;
	ck_abort_msg("no counter %s", name);
	return 0;
}

static struct address address_of(const char *text)
{
	struct address address;

	ck_assert_int_eq(address_parse(slice_of(text), &address), 0);
	return address;
}

/* From one of our addresses to another; either may be on the loopback or on `link`. */
static struct client *connect_from(
    struct fixture *f, const char *from, const char *to, uint32_t link)
{
	struct client *client = &f->clients[f->client_count++];
	struct address_port source = {address_of(from), 0};
	struct address_port target = {address_of(to), http_server_port(f->server)};
	struct sockaddr_storage sockaddr;
	socklen_t len = sockaddr_from_endpoint(&source, link, &sockaddr);

	ck_assert_uint_le(f->client_count, CLIENTS_MAX);
	*client = (struct client){.fd = socket(sockaddr.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0)};
	ck_assert_int_eq(bind(client->fd, (struct sockaddr *)&sockaddr, len), 0);
	len = sockaddr_from_endpoint(&target, link, &sockaddr);
	/* The kernel answers by itself: this does not wait for the loop. */
	ck_assert_int_eq(connect(client->fd, (struct sockaddr *)&sockaddr, len), 0);
	fcntl(client->fd, F_SETFL, O_NONBLOCK);
	return client;
}

static struct client *connect_here(struct fixture *f)
{
	return connect_from(f, "127.0.0.1", "127.0.0.1", 0);
}

static void say(struct client *client, struct slice text)
{
	ck_assert_int_eq(send(client->fd, text.bytes, text.len, MSG_NOSIGNAL), (ssize_t)text.len);
}

static void keep(struct client *client, struct slice bytes)
{
	struct slice kept = slice_head(bytes, sizeof(client->text) - 1 - client->len);

	memcpy(client->text + client->len, kept.bytes, kept.len);
	client->len += kept.len;
	client->text[client->len] = '\0';
	client->total += bytes.len;
}

static bool has_ended(void *context)
{
	struct client *client = context;
	char bytes[4096];
	ssize_t got;

	while ((got = recv(client->fd, bytes, sizeof(bytes), 0)) > 0)
		keep(client, (struct slice){bytes, (size_t)got});
	if (got == 0 || errno != EAGAIN) {
		client->ended = true;
		client->error = got < 0 ? errno : 0;
	}
	return client->ended;
}

/* What came back until the server closed; as its number where there is a status. */
static unsigned finish(struct fixture *f, struct client *client)
{
	unsigned status = 0;

	/* Nothing in the loop rings when our own end becomes readable. */
	ck_assert(poll_until(f->loop, has_ended, client));
	sscanf(client->text, "HTTP/1.1 %u ", &status);
	return status;
}

/* One request with the right Host, or the one given. */
static unsigned ask(struct fixture *f, const char *line, const char *host)
{
	struct client *client = connect_here(f);
	char text[4096], ours[32];

	snprintf(ours, sizeof(ours), "127.0.0.1:%u", http_server_port(f->server));
	int len = snprintf(
	    text, sizeof(text), "%s HTTP/1.1\r\nHost: %s\r\n\r\n", line, host ? host : ours);
	say(client, (struct slice){text, (size_t)len});
	unsigned status = finish(f, client);
	shutdown(client->fd, SHUT_WR); /* or it would count among the four of a source */
	return status;
}

static struct client *last(struct fixture *f)
{
	return &f->clients[f->client_count - 1];
}

START_TEST(a_document_is_served)
{
	struct fixture f;

	setup(&f);
	ck_assert_uint_eq(ask(&f, "GET /description.xml", NULL), 200);
	const char *text = last(&f)->text;
	ck_assert_ptr_nonnull(strstr(text, "\r\nServer: Linux/6 UPnP/2.0 discoverd/1\r\n"));
	ck_assert_ptr_nonnull(strstr(text, "\r\nContent-Type: text/xml\r\n"));
	ck_assert_ptr_nonnull(strstr(text, "\r\nContent-Length: 7\r\n"));
	ck_assert_ptr_nonnull(strstr(text, "\r\nConnection: close\r\n"));
	ck_assert_ptr_nonnull(strstr(text, " GMT\r\n"));
	ck_assert_str_eq(strstr(text, "\r\n\r\n"), "\r\n\r\n" BODY);
	ck_assert_int_eq(last(&f)->error, 0);
	ck_assert_uint_eq(counter(&f, "requests"), 1);
	teardown(&f);
}
END_TEST

START_TEST(head_gets_no_body)
{
	struct fixture f;

	setup(&f);
	ck_assert_uint_eq(ask(&f, "HEAD /description.xml", NULL), 200);
	ck_assert_ptr_nonnull(strstr(last(&f)->text, "\r\nContent-Length: 7\r\n"));
	ck_assert_str_eq(strstr(last(&f)->text, "\r\n\r\n"), "\r\n\r\n");
	teardown(&f);
}
END_TEST

START_TEST(a_document_is_replaced)
{
	struct fixture f;
	char large[3000];
	const struct http_document other = {
	    "/description.xml", "text/xml", {large, sizeof(large)}, 0};

	setup(&f);
	memset(large, 'x', sizeof(large));
	ck_assert_int_eq(http_server_publish(f.server, &other), 0);
	ck_assert_uint_eq(ask(&f, "GET /description.xml", NULL), 200);
	ck_assert_uint_eq(strlen(strstr(last(&f)->text, "\r\n\r\n")), 4 + sizeof(large));
	teardown(&f);
}
END_TEST

START_TEST(a_document_is_withdrawn_and_the_others_stay)
{
	struct fixture f;
	const struct http_document other = {"/other.xml", "text/xml", SLICE("other"), 0};

	setup(&f);
	ck_assert_int_eq(http_server_publish(f.server, &other), 0);
	ck_assert_uint_eq(ask(&f, "GET /other.xml", NULL), 200);
	http_server_unpublish(f.server, "/other.xml");
	http_server_unpublish(f.server, "/never.xml");
	ck_assert_uint_eq(ask(&f, "GET /other.xml", NULL), 404);
	ck_assert_uint_eq(ask(&f, "GET /description.xml", NULL), 200);
	teardown(&f);
}
END_TEST

START_TEST(other_paths_and_methods_are_refused)
{
	struct fixture f;

	setup(&f);
	ck_assert_uint_eq(ask(&f, "GET /", NULL), 404);
	ck_assert_uint_eq(ask(&f, "GET /description.xml/", NULL), 404);
	ck_assert_uint_eq(ask(&f, "GET /../etc/passwd", NULL), 404);
	ck_assert_uint_eq(ask(&f, "POST /description.xml", NULL), 405);
	ck_assert_ptr_nonnull(strstr(last(&f)->text, "\r\nAllow: GET, HEAD\r\n"));
	ck_assert_uint_eq(ask(&f, "get /description.xml", NULL), 405);
	ck_assert_uint_eq(counter(&f, "requests"), 5);
	ck_assert_uint_eq(counter(&f, "bad-request"), 0);
	teardown(&f);
}
END_TEST

/* The text with our port for its "%u". */
static const char *with_port(const struct fixture *f, const char *text, char out[128])
{
	const char *mark = strstr(text, "%u");
	size_t head = mark ? (size_t)(mark - text) : strlen(text);

	snprintf(out, 128, "%.*s", (int)head, text);
	if (mark)
		snprintf(out + head, 128 - head, "%u%s", http_server_port(f->server), mark + 2);
	return out;
}

START_TEST(only_our_own_address_is_taken_as_host)
{
	static const char *const foreign[] = {"evil.example", "localhost", "127.0.0.2",
	    "127.0.0.1:0", "127.0.0.1:80", "127.0.0.2:%u", "0.0.0.0:%u", "[::1]:%u",
	    "127.0.0.1:%u0", "[127.0.0.1]:%u", "::1", "[::1]", "[::1", "[]", "[", ":",
	    "127.0.0.1 :%u", "127.0.0.1%lo", "127.0.0.1:%u:80", "evil.example:127.0.0.1", ":%u",
	    "%u", "", "127.0.0.1:%u.evil.example", "evil@127.0.0.1:%u"};
	struct fixture f;
	char host[128];

	setup(&f);
	for (size_t i = 0; i < COUNT_OF(foreign); i++) {
		with_port(&f, foreign[i], host);
		ck_assert_msg(ask(&f, "GET /description.xml", host) == 421, "Host: %s", host);
		ck_assert_ptr_null(strstr(last(&f)->text, BODY));
	}
	ck_assert_uint_eq(counter(&f, "refused-host"), COUNT_OF(foreign));
	teardown(&f);
}
END_TEST

/* How clients write our own address; %u is our port. */
static const char *const HOSTS[] = {
    "Host: 127.0.0.1:%u", "Host: 127.0.0.1", /* although the port is not 80 */
    "HOST: 127.0.0.1", "Content-Length: 0\r\nConnection: close\r\nHOST: 127.0.0.1:%u",
    "host:127.0.0.1", "Host: \t 127.0.0.1:%u \t",
    "Host: 127.0.0.1:", /* an empty port is none (RFC 3986 3.2.3) */
};

START_TEST(our_own_address_is_known_however_it_is_written)
{
	struct fixture f;
	char text[256], host[128];

	setup(&f);
	int len = snprintf(text, sizeof(text), "GET /description.xml HTTP/1.1\r\n%s\r\n\r\n",
	    with_port(&f, HOSTS[_i], host));
	say(connect_here(&f), (struct slice){text, (size_t)len});
	ck_assert_uint_eq(finish(&f, last(&f)), 200);
	ck_assert_uint_eq(counter(&f, "refused-host"), 0);
	teardown(&f);
}
END_TEST

START_TEST(an_absolute_uri_is_served_when_it_names_us)
{
	static const struct {
		const char *line;
		unsigned status;
	} rows[] = {
	    {"GET http://127.0.0.1:%u/description.xml", 200},
	    {"GET HTTP://127.0.0.1/description.xml", 200},
	    {"GET http://127.0.0.1:%u/other.xml", 404},
	    {"GET http://127.0.0.1:1/description.xml", 421},
	    {"GET http://127.0.0.2:%u/description.xml", 421},
	    {"GET http://evil.example:%u/description.xml", 421},
	    {"GET http://evil.example/description.xml", 421},
	    {"GET https://127.0.0.1:%u/description.xml", 400},
	    {"GET ftp://127.0.0.1:%u/description.xml", 400},
	};
	struct fixture f;
	char line[128];

	setup(&f);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		with_port(&f, rows[i].line, line);
		ck_assert_msg(ask(&f, line, NULL) == rows[i].status, "%s", line);
	}
	/* both the URI and the Host must be ours */
	with_port(&f, rows[0].line, line);
	ck_assert_uint_eq(ask(&f, line, "evil.example"), 421);
	say(connect_here(&f), SLICE("GET http://evil.example/description.xml HTTP/1.0\r\n\r\n"));
	ck_assert_uint_eq(finish(&f, last(&f)), 421);
	teardown(&f);
}
END_TEST

START_TEST(the_pages_of_services_are_served)
{
	static const struct {
		const char *line;
		unsigned status;
		const char *contains;
	} rows[] = {
	    {"GET /description/service/0.xml", 200, "<scpd xmlns="},
	    {"GET /description/service/1.xml", 200,
		"\r\nContent-Type: text/xml; charset=\"utf-8\"\r\n"},
	    {"GET /description/service/2.xml", 404, NULL},
	    {"POST /description/service/0.xml", 405, "\r\nAllow: GET, HEAD\r\n"},
	    {"POST /description/service/1/control", 500, "<errorCode>401</errorCode>"},
	    {"POST /description/service/1/control", 500, "\r\nEXT:\r\n"},
	    {"POST /description/service/2/control", 404, NULL},
	    {"GET /description/service/1/control", 405, "\r\nAllow: POST\r\n"},
	    {"M-POST /description/service/1/control", 405, "\r\nAllow: POST\r\n"},
	    {"SUBSCRIBE /description/service/1/events", 501, "\r\nContent-Length: 0\r\n"},
	    {"UNSUBSCRIBE /description/service/1/events", 412, NULL},
	    {"GET /description/service/1/events", 405, "\r\nAllow: SUBSCRIBE, UNSUBSCRIBE\r\n"},
	    {"SUBSCRIBE /description/service/2/events", 404, NULL},
	    {"SUBSCRIBE /description.xml", 405, "\r\nAllow: GET, HEAD\r\n"},
	};
	struct fixture f;

	setup(&f);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		ck_assert_msg(ask(&f, rows[i].line, NULL) == rows[i].status, "%s: %s", rows[i].line,
		    last(&f)->text);
		if (rows[i].contains)
			ck_assert_ptr_nonnull(strstr(last(&f)->text, rows[i].contains));
	}
	ck_assert_uint_eq(ask(&f, "HEAD /description/service/0.xml", NULL), 200);
	ck_assert_str_eq(strstr(last(&f)->text, "\r\n\r\n"), "\r\n\r\n");
	http_server_unpublish(f.server, "/description.xml");
	ck_assert_uint_eq(ask(&f, "GET /description/service/0.xml", NULL), 404);
	teardown(&f);
}
END_TEST

START_TEST(a_call_is_answered_before_its_body_has_come)
{
	struct fixture f;

	setup(&f);
	say(connect_here(&f),
	    SLICE("POST /description/service/0/control HTTP/1.1\r\nHost: 127.0.0.1"
		  "\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\n\r\n<s:"));
	ck_assert_uint_eq(finish(&f, last(&f)), 500);
	ck_assert_int_eq(last(&f)->error, 0);
	teardown(&f);
}
END_TEST

START_TEST(a_request_for_a_language_gets_content_language)
{
	struct fixture f;

	setup(&f);
	ck_assert_uint_eq(ask(&f, "GET /description.xml", "127.0.0.1\r\nACCEPT-LANGUAGE: de"), 200);
	ck_assert_ptr_nonnull(strstr(last(&f)->text, "\r\nContent-Language: en\r\n"));
	ck_assert_uint_eq(ask(&f, "GET /description.xml", NULL), 200);
	ck_assert_ptr_null(strstr(last(&f)->text, "Content-Language"));
	ck_assert_uint_eq(ask(&f, "GET /other.xml", "127.0.0.1\r\nAccept-Language: de"), 404);
	ck_assert_ptr_null(strstr(last(&f)->text, "Content-Language"));
	teardown(&f);
}
END_TEST

/* The context is the address that is not let in. */
static bool is_another(void *context, const struct address *source, struct mac *mac)
{
	(void)mac;
	return !address_equal(source, context);
}

START_TEST(a_source_that_the_guard_refuses_gets_nothing)
{
	struct address refused = address_of("127.0.0.2");
	struct fixture f;

	setup(&f);
	http_server_set_guard(f.server, is_another, &refused);
	connect_from(&f, "127.0.0.2", "127.0.0.1", 0);
	ck_assert_uint_eq(finish(&f, last(&f)), 0);
	ck_assert_uint_eq(last(&f)->total, 0);
	ck_assert_uint_eq(counter(&f, "off-link"), 1);
	ck_assert_uint_eq(ask(&f, "GET /description.xml", NULL), 200);
	ck_assert_uint_eq(counter(&f, "off-link"), 1);
	teardown(&f);
}
END_TEST

START_TEST(what_is_no_request_is_refused)
{
	static const struct slice texts[] = {
	    {"GET /description.xml HTTP/1.1\r\n\r\n", 33},
	    {"GET\r\n\r\n", 7},
	    {"\x16\x03\x01\x02\r\n\r\n", 8},
	    {"GET / HTTP/2.0\r\n\r\n", 18},
	};
	struct fixture f;

	setup(&f);
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct client *client = connect_here(&f);
		say(client, texts[i]);
		ck_assert_uint_eq(finish(&f, client), 400);
	}
	ck_assert_uint_eq(counter(&f, "bad-request"), 4);
	teardown(&f);
}
END_TEST

START_TEST(http_1_0_needs_no_host)
{
	struct fixture f;

	setup(&f);
	say(connect_here(&f), SLICE("GET /description.xml HTTP/1.0\n\n"));
	ck_assert_uint_eq(finish(&f, last(&f)), 200);
	teardown(&f);
}
END_TEST

START_TEST(a_request_of_two_kib_and_no_more)
{
	struct fixture f;
	char text[8 * 1024];

	setup(&f);
	memset(text, 'x', sizeof(text));
	memcpy(text, "GET /", 5);
	say(connect_here(&f), (struct slice){text, sizeof(text)});
	ck_assert_uint_eq(finish(&f, last(&f)), 431);
	ck_assert_int_eq(last(&f)->error, 0);
	ck_assert_uint_eq(counter(&f, "bad-request"), 1);
	teardown(&f);
}
END_TEST

/* All that the client sent is with the server, or refused. */
static bool has_arrived(void *context)
{
	const struct client *client = context;
	int left = 0, error = 0;
	socklen_t len = sizeof(error);

	ck_assert_int_eq(getsockopt(client->fd, SOL_SOCKET, SO_ERROR, &error, &len), 0);
	return error != 0 || ioctl(client->fd, SIOCOUTQ, &left) < 0 || left == 0;
}

START_TEST(a_client_that_goes_on_sending_is_cut_off)
{
	static char text[8 * 1024];
	struct fixture f;
	struct client *client;
	int i;

	setup(&f);
	client = connect_here(&f);
	say(client, SLICE("GET /description.xml HTTP/1.0\r\n\r\n"));
	ck_assert_uint_eq(finish(&f, client), 200);
	for (i = 0; i < 50 && send(client->fd, text, sizeof(text), MSG_NOSIGNAL) > 0; i++)
		ck_assert(poll_until(f.loop, has_arrived, client));
	ck_assert_int_lt(i, 50);
	ck_assert_int_gt(i, 2);
	teardown(&f);
}
END_TEST

START_TEST(a_request_may_come_in_pieces_and_with_more_behind_it)
{
	struct fixture f;
	char text[128];
	struct client *client;

	setup(&f);
	int len = snprintf(text, sizeof(text),
	    "GET /description.xml HTTP/1.1\r\nhost:127.0.0.1:%u\r\n\r\nGET / HTTP/1.1\r\n\r\n",
	    http_server_port(f.server));
	client = connect_here(&f);
	for (int i = 0; i < len - 18; i++) {
		say(client, (struct slice){text + i, 1});
		run_ready(f.loop);
	}
	say(client, (struct slice){text + len - 18, 18});
	ck_assert_uint_eq(finish(&f, client), 200);
	ck_assert_int_eq(client->error, 0);
	ck_assert_uint_eq(counter(&f, "requests"), 1);
	teardown(&f);
}
END_TEST

START_TEST(a_client_that_sends_no_more_is_answered)
{
	struct fixture f;

	setup(&f);
	say(connect_here(&f), SLICE("GET /description.xml HTTP/1.0\r\n\r\n"));
	shutdown(last(&f)->fd, SHUT_WR);
	ck_assert_uint_eq(finish(&f, last(&f)), 200);
	ck_assert_ptr_nonnull(strstr(last(&f)->text, BODY));
	connect_here(&f);
	shutdown(last(&f)->fd, SHUT_WR);
	ck_assert_uint_eq(finish(&f, last(&f)), 0);
	ck_assert_uint_eq(counter(&f, "timeouts"), 0);
	teardown(&f);
}
END_TEST

START_TEST(a_client_that_sends_no_more_still_gets_all)
{
	enum { LARGE = 16 * 1024 * 1024 };
	struct fixture f;
	char *large = calloc(1, LARGE);
	const struct http_document document = {"/large", "text/plain", {large, LARGE}, 0};

	setup(&f);
	ck_assert_int_eq(http_server_publish(f.server, &document), 0);
	say(connect_here(&f), SLICE("GET /large HTTP/1.0\r\n\r\n"));
	shutdown(last(&f)->fd, SHUT_WR);
	ck_assert_uint_eq(finish(&f, last(&f)), 200);
	ck_assert_uint_gt(last(&f)->total, LARGE);
	teardown(&f);
	free(large);
}
END_TEST

START_TEST(the_deadline_counts_from_accept)
{
	struct fixture f;
	struct client *client;
	unsigned sent = 0;

	setup(&f);
	http_server_set_timeout(f.server, MILLISECONDS(500));
	client = connect_here(&f);
	while (!has_ended(client)) {
		/* Never idle for long, and never done. */
		if (send(client->fd, "G", 1, MSG_NOSIGNAL) == 1)
			sent++;
		run_for(f.loop, MILLISECONDS(20));
		ck_assert_uint_lt(sent, 500);
	}
	ck_assert_uint_ge(sent, 2);
	ck_assert_uint_eq(counter(&f, "timeouts"), 1);
	teardown(&f);
}
END_TEST

START_TEST(a_client_that_does_not_close_is_left_at_the_deadline)
{
	struct fixture f;

	setup(&f);
	http_server_set_timeout(f.server, SECONDS(2));
	for (int i = 0; i < 4; i++) {
		say(connect_here(&f), SLICE("GET /description.xml HTTP/1.0\r\n\r\n"));
		ck_assert_uint_eq(finish(&f, last(&f)), 200);
	}
	/* All four have their answer and keep their ends open: the first is closed for a fifth. */
	ck_assert_uint_eq(ask(&f, "GET /description.xml", NULL), 200);
	ck_assert_uint_eq(counter(&f, "displaced"), 1);
	ck_assert_uint_lt(run_for(f.loop, MILLISECONDS(2050)), 40);
	ck_assert_uint_eq(ask(&f, "GET /description.xml", NULL), 200);
	ck_assert_uint_eq(counter(&f, "timeouts"), 0);
	teardown(&f);
}
END_TEST

/* 16 connections of four sources. */
static void take_all_places(struct fixture *f)
{
	char from[16];

	for (int i = 0; i < 16; i++) {
		snprintf(from, sizeof(from), "127.0.0.%d", 2 + i / 4);
		connect_from(f, from, "127.0.0.1", 0);
	}
	run_ready(f->loop);
}

static unsigned ask_from(struct fixture *f, const char *from)
{
	say(connect_from(f, from, "127.0.0.1", 0), SLICE("GET /description.xml HTTP/1.0\r\n\r\n"));
	return finish(f, last(f));
}

START_TEST(silent_connections_go_for_others)
{
	struct fixture f;

	setup(&f);
	take_all_places(&f);
	/* a fifth of one source for the first of that source, … */
	ck_assert_uint_eq(ask_from(&f, "127.0.0.3"), 200);
	ck_assert(has_ended(&f.clients[4]));
	ck_assert(!has_ended(&f.clients[0]));
	/* … and one of another source for the first of those who have most */
	ck_assert_uint_eq(ask_from(&f, "127.0.0.9"), 200);
	ck_assert(has_ended(&f.clients[0]));
	ck_assert_uint_eq(counter(&f, "displaced"), 2);
	ck_assert_uint_eq(counter(&f, "over-limit"), 0);
	teardown(&f);
}
END_TEST

START_TEST(connections_that_are_being_answered_stay)
{
	struct fixture f;
	size_t len = 16 << 20;
	char *large = calloc(1, len);
	const struct http_document document = {"/large", "text/plain", {large, len}, 0};

	setup(&f);
	ck_assert_int_eq(http_server_publish(f.server, &document), 0);
	take_all_places(&f);
	for (int i = 0; i < 16; i++)
		say(&f.clients[i], SLICE("GET /large HTTP/1.0\r\n\r\n"));
	run_ready(f.loop);
	ck_assert_uint_eq(ask_from(&f, "127.0.0.9"), 0);
	ck_assert_uint_eq(ask_from(&f, "127.0.0.2"), 0);
	ck_assert_uint_eq(counter(&f, "over-limit"), 2);
	ck_assert_uint_eq(counter(&f, "displaced"), 0);
	teardown(&f);
	free(large);
}
END_TEST

/* All sources but 127.0.0.9 are one host. */
static bool has_one_mac(void *context, const struct address *source, struct mac *mac)
{
	(void)context;
	*mac = (struct mac){.bytes = {2, 0, 0, 0, 0, source->bytes[3] == 9}, .known = true};
	return true;
}

START_TEST(a_host_with_many_addresses_is_one_source)
{
	struct fixture f;
	unsigned open = 0;

	setup(&f);
	http_server_set_guard(f.server, has_one_mac, NULL);
	take_all_places(&f);
	for (int i = 0; i < 16; i++)
		open += !has_ended(&f.clients[i]);
	ck_assert_uint_eq(open, 4);
	ck_assert_uint_eq(ask_from(&f, "127.0.0.9"), 200);
	ck_assert_uint_eq(counter(&f, "displaced"), 12);
	teardown(&f);
}
END_TEST

START_TEST(a_port_that_is_taken_is_replaced)
{
	struct fixture f;
	struct http_server *other;

	setup(&f);
	ck_assert_int_eq(
	    http_server_open(f.loop, http_server_port(f.server), true, "x", &other), 0);
	ck_assert_uint_ne(http_server_port(other), 0);
	ck_assert_uint_ne(http_server_port(other), http_server_port(f.server));
	http_server_close(other);
	teardown(&f);
}
END_TEST

START_TEST(ipv6_is_served_by_link_local_addresses_too)
{
	struct fixture f;
	char text[128];

	if (!enter_namespace("ipv6_is_served_by_link_local_addresses_too"))
		return;
	command("ip link add left type veth peer name right");
	command("ip addr add fe80::1/64 dev right nodad");
	command("ip link set left up && ip link set right up");
	setup(&f);
	int len = snprintf(text, sizeof(text),
	    "GET /description.xml HTTP/1.1\r\nHost: [::1]:%u\r\n\r\n", http_server_port(f.server));
	say(connect_from(&f, "::1", "::1", 0), (struct slice){text, (size_t)len});
	ck_assert_uint_eq(finish(&f, last(&f)), 200);
	len = snprintf(text, sizeof(text),
	    "GET /description.xml HTTP/1.1\r\nHost: [FE80:0::1]:%u\r\n\r\n",
	    http_server_port(f.server));
	say(connect_from(&f, "fe80::1", "fe80::1", link_index("right")),
	    (struct slice){text, (size_t)len});
	ck_assert_uint_eq(finish(&f, last(&f)), 200);
	say(connect_from(&f, "::1", "::1", 0), (struct slice){text, (size_t)len});
	ck_assert_uint_eq(finish(&f, last(&f)), 421);
	static const struct {
		const char *host;
		unsigned status;
	} rows[] = {{"[fe80::1]", 200}, {"[fe80::1%25right]", 200}, {"[fe80::1%right]", 200},
	    {"[fe80::1]:1", 421}, {"[fe80::2]", 421}, {"fe80::1", 421}, {"[fe80::1]x", 421}};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		len = snprintf(text, sizeof(text),
		    "GET /description.xml HTTP/1.1\r\nHost: %s\r\n\r\n", rows[i].host);
		say(connect_from(&f, "fe80::1", "fe80::1", link_index("right")),
		    (struct slice){text, (size_t)len});
		ck_assert_msg(finish(&f, last(&f)) == rows[i].status, "%s", rows[i].host);
		shutdown(last(&f)->fd, SHUT_WR);
	}
	teardown(&f);
}
END_TEST

START_TEST(a_host_without_ipv6_is_served)
{
	struct fixture f;

	if (!enter_namespace("a_host_without_ipv6_is_served"))
		return;
	command("sysctl -qw net.ipv6.conf.all.disable_ipv6=1");
	setup(&f);
	ck_assert_uint_eq(ask(&f, "GET /description.xml", NULL), 200);
	teardown(&f);
}
END_TEST

START_TEST(without_descriptors_it_rests_and_goes_on)
{
	if (skip_under_valgrind("without_descriptors_it_rests_and_goes_on"))
		return;
	struct fixture f;
	struct rlimit before, none;
	struct client *client;

	setup(&f);
	client = connect_here(&f);
	say(client, SLICE("GET /description.xml HTTP/1.0\r\n\r\n"));
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = 0;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	unsigned rounds = run_ready(f.loop);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
	ck_assert_uint_lt(rounds, 10);
	ck_assert_uint_eq(finish(&f, client), 200);
	teardown(&f);
}
END_TEST

START_TEST(closing_ends_what_is_open)
{
	struct fixture f;

	setup(&f);
	connect_here(&f);
	say(connect_here(&f), SLICE("GET /desc"));
	run_ready(f.loop);
	for (size_t i = 0; i < f.client_count; i++)
		ck_assert(!has_ended(&f.clients[i]));
	http_server_close(f.server);
	f.server = NULL;
	for (size_t i = 0; i < f.client_count; i++)
		ck_assert(poll_until(f.loop, has_ended, &f.clients[i]));
	teardown(&f);
}
END_TEST

Suite *http_server_suite(void)
{
	Suite *suite = suite_create("net/http_server");
	TCase *serves = tcase_create("serves"), *limits = tcase_create("limits");

	tcase_add_test(serves, a_document_is_served);
	tcase_add_test(serves, head_gets_no_body);
	tcase_add_test(serves, a_document_is_replaced);
	tcase_add_test(serves, a_document_is_withdrawn_and_the_others_stay);
	tcase_add_test(serves, other_paths_and_methods_are_refused);
	tcase_add_test(serves, only_our_own_address_is_taken_as_host);
	tcase_add_loop_test(
	    serves, our_own_address_is_known_however_it_is_written, 0, COUNT_OF(HOSTS));
	tcase_add_test(serves, an_absolute_uri_is_served_when_it_names_us);
	tcase_add_test(serves, the_pages_of_services_are_served);
	tcase_add_test(serves, a_call_is_answered_before_its_body_has_come);
	tcase_add_test(serves, a_request_for_a_language_gets_content_language);
	tcase_add_test(serves, a_source_that_the_guard_refuses_gets_nothing);
	tcase_add_test(serves, what_is_no_request_is_refused);
	tcase_add_test(serves, http_1_0_needs_no_host);
	tcase_add_test(serves, a_request_may_come_in_pieces_and_with_more_behind_it);
	tcase_add_test(serves, a_client_that_sends_no_more_is_answered);
	tcase_add_test(serves, a_client_that_sends_no_more_still_gets_all);
	tcase_add_test(serves, ipv6_is_served_by_link_local_addresses_too);
	tcase_add_test(serves, a_host_without_ipv6_is_served);
	suite_add_tcase(suite, serves);
	tcase_add_test(limits, a_request_of_two_kib_and_no_more);
	tcase_add_test(limits, a_client_that_goes_on_sending_is_cut_off);
	tcase_add_test(limits, the_deadline_counts_from_accept);
	tcase_add_test(limits, a_client_that_does_not_close_is_left_at_the_deadline);
	tcase_add_test(limits, silent_connections_go_for_others);
	tcase_add_test(limits, connections_that_are_being_answered_stay);
	tcase_add_test(limits, a_host_with_many_addresses_is_one_source);
	tcase_add_test(limits, a_port_that_is_taken_is_replaced);
	tcase_add_test(limits, without_descriptors_it_rests_and_goes_on);
	tcase_add_test(limits, closing_ends_what_is_open);
	suite_add_tcase(suite, limits);
	return suite;
}
