/* SPDX-License-Identifier: ISC
 * http_server: see http_server.h. */
#include "net/http_server.h"
#include "base/log.h"
#include "net/sockaddr.h"
#include "wire/http_head.h"
#include "wire/service_page.h"
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

enum { CONNECTIONS_PER_SOURCE_MAX = 4 };
enum { INPUT_MAX = 32 * 1024, RESPONSE_HEAD_MAX = 768 };
#define TIMEOUT SECONDS(3)
#define REST    SECONDS(1) /* of the listeners when there is no descriptor */
#define XML     "text/xml; charset=\"utf-8\""

enum http_counter {
	REQUESTS,
	REFUSED_HOST,
	BAD_REQUEST,
	OFF_LINK,
	OVER_LIMIT,
	DISPLACED,
	TIMEOUTS,
	COUNTERS
};
static const char *const COUNTER_NAMES[COUNTERS] = {
    [REQUESTS] = "requests",
    [REFUSED_HOST] = "refused-host",
    [BAD_REQUEST] = "bad-request",
    [OFF_LINK] = "off-link",
    [OVER_LIMIT] = "over-limit",
    [DISPLACED] = "displaced",
    [TIMEOUTS] = "timeouts",
};

struct document {
	struct document *next;
	char *path, *content_type;
	char *body;
	size_t body_len;
	size_t service_count;
};

struct http_server {
	struct loop *loop;
	struct evconnlistener *ipv4, *ipv6; /* ipv6 is NULL where the host has none */
	struct event rest;
	uint16_t port;
	char *name;
	int64_t timeout;
	http_server_guard_fn *guard; /* NULL: all sources are served */
	void *guard_context;
	struct document *documents;
	TAILQ_HEAD(, connection) connections; /* the oldest first */
	struct counter counters[COUNTERS];
	struct log_limit limit;
};

/* Request, response, our end, their end; closing before they have closed could lose what they have
 * not read yet. */
struct connection {
	TAILQ_ENTRY(connection) link;
	struct http_server *server;
	struct bufferevent *stream;
	struct event deadline;
	struct address source;
	struct mac mac;
	bool answered;   /* the response is in the output buffer */
	bool delivered;  /* it has left, and our end is closed */
	bool peer_ended; /* they send no more */
};

/* A status, and what comes with it. */
struct answer {
	unsigned status;
	const char *content_type;
	struct slice body; /* SLICE_NONE: there is none */
	const char *allow;
	bool head_only, ext;
};

static void count(struct http_server *server, enum http_counter counter)
{
	server->counters[counter].value++;
}

static void connection_free(struct connection *connection)
{
	TAILQ_REMOVE(&connection->server->connections, connection, link);
	event_del(&connection->deadline);
	if (connection->stream)
		bufferevent_free(connection->stream);
	free(connection);
}

/* True for "192.0.2.1:5006" or "[fe80::1]:5006" when that is the endpoint. Clients leave the port
 * out although it is not 80, and put a zone behind a link-local address. */
static bool names_endpoint(struct slice text, const struct address_port *endpoint)
{
	bool bracketed = slice_starts_with(text, SLICE("["));
	size_t end = slice_find(text, bracketed ? ']' : ':');
	struct slice name = slice_skip(slice_head(text, end), bracketed);
	struct slice rest = slice_skip(text, end + bracketed);
	struct address address;
	uint64_t port;

	if (bracketed)
		name = slice_head(name, slice_find(name, '%'));
	if ((bracketed && end == text.len) || address_parse(name, &address) < 0 ||
	    !address_equal(&address, &endpoint->address) ||
	    bracketed != (address.family == ADDRESS_IPV6))
		return false;
	if (rest.len <= 1)
		return rest.len == 0 || rest.bytes[0] == ':';
	return rest.bytes[0] == ':' && slice_to_u64(slice_skip(rest, 1), UINT16_MAX, &port) == 0 &&
	       port == endpoint->port;
}

/* A web page can make a browser send anything here under a name of its own, but not under our
 * address (DNS rebinding). */
static bool is_for_us(const struct connection *connection, const struct http_request *request)
{
	struct sockaddr_storage sockaddr;
	socklen_t len = sizeof(sockaddr);

	if (getsockname(bufferevent_getfd(connection->stream), (struct sockaddr *)&sockaddr, &len))
		return false;
	struct address_port ours = sockaddr_to_endpoint(&sockaddr);
	return (!request->host.bytes || names_endpoint(request->host, &ours)) &&
	       (!request->authority.bytes || names_endpoint(request->authority, &ours));
}

static struct answer answer_document(
    const char *content_type, struct slice body, struct slice method)
{
	bool head_only = slice_equal(method, SLICE("HEAD"));

	if (!head_only && !slice_equal(method, SLICE("GET")))
		return (struct answer){.status = 405, .allow = "GET, HEAD"};
	return (struct answer){
	    .status = 200, .content_type = content_type, .body = body, .head_only = head_only};
}

/* No service has an action here, and none has events: no subscription is taken on, so none is known
 * by its SID (UDA 2.0, 4.1.2 and 4.1.4). */
static struct answer answer_service(enum service_page page, struct slice method)
{
	if (page == SERVICE_PAGE_DESCRIPTION)
		return answer_document(XML, slice_of(SERVICE_PAGE_SCPD), method);
	if (page == SERVICE_PAGE_CONTROL) {
		if (!slice_equal(method, SLICE("POST")))
			return (struct answer){.status = 405, .allow = "POST"};
		return (struct answer){.status = 500,
		    .content_type = XML,
		    .body = slice_of(SERVICE_PAGE_FAULT),
		    .ext = true};
	}
	if (slice_equal(method, SLICE("SUBSCRIBE")))
		return (struct answer){.status = 501};
	if (slice_equal(method, SLICE("UNSUBSCRIBE")))
		return (struct answer){.status = 412};
	return (struct answer){.status = 405, .allow = "SUBSCRIBE, UNSUBSCRIBE"};
}

static struct answer choose_answer(
    const struct connection *connection, int error, const struct http_request *request)
{
	enum service_page page;

	if (error)
		return (struct answer){.status = error == -EMSGSIZE ? 431 : 400};
	if (!request->host.bytes && request->minor > 0)
		return (struct answer){.status = 400}; /* RFC 7230 5.4 */
	if (!is_for_us(connection, request))
		return (struct answer){.status = 421};
	for (const struct document *d = connection->server->documents; d; d = d->next) {
		struct slice path = slice_of(d->path);
		if (slice_equal(path, request->path))
			return answer_document(
			    d->content_type, (struct slice){d->body, d->body_len}, request->method);
		if (service_page_find(request->path, path, d->service_count, &page))
			return answer_service(page, request->method);
	}
	return (struct answer){.status = 404};
}

static void count_answer(struct http_server *server, unsigned status)
{
	count(server, REQUESTS);
	if (status == 421)
		count(server, REFUSED_HOST);
	else if (status == 400 || status == 431)
		count(server, BAD_REQUEST);
}

/* 0 or a negative errno. */
static int send_answer(
    struct connection *connection, const struct answer *answer, bool wants_language)
{
	char head[RESPONSE_HEAD_MAX], date[32];
	struct writer w;

	evutil_date_rfc1123(date, sizeof(date), NULL);
	const struct http_response response = {
	    .status = answer->status,
	    .content_type = slice_of(answer->content_type),
	    .content_length = answer->body.len,
	    .server = slice_of(connection->server->name),
	    .date = slice_of(date),
	    .allow = slice_of(answer->allow),
	    .language = wants_language && answer->body.bytes ? SLICE("en") : SLICE_NONE,
	    .ext = answer->ext,
	};
	writer_init(&w, head, sizeof(head));
	http_response_format(&response, &w);
	if (writer_error(&w) || bufferevent_write(connection->stream, head, w.len) < 0)
		return -ENOMEM;
	if (answer->body.len > 0 && !answer->head_only &&
	    bufferevent_write(connection->stream, answer->body.bytes, answer->body.len) < 0)
		return -ENOMEM;
	return 0;
}

/* `request` is NULL where it could not be read. */
static void log_request(
    const struct connection *connection, const struct http_request *request, unsigned status)
{
	char source[ADDRESS_TEXT_MAX];

	struct slice method = request ? request->method : SLICE("unreadable");
	struct slice path = request ? request->path : SLICE("request");

	log_debug("HTTP: %.*s %.*s from %s: %u", SLICE_ARGS(method), SLICE_ARGS(path),
	    address_text(&connection->source, source), status);
}

/* What comes after the request is read, because unread bytes would turn our close into a reset,
 * which can overtake the response; but it is not answered, and there is an end to it. */
static void stream_read(struct bufferevent *stream, void *context)
{
	struct connection *connection = context;
	struct evbuffer *input = bufferevent_get_input(stream);
	struct http_request request;
	size_t head_len;

	if (connection->answered) {
		if (evbuffer_get_length(input) > INPUT_MAX)
			connection_free(connection);
		return;
	}
	const char *bytes = (const char *)evbuffer_pullup(input, -1);
	struct slice received = {bytes, bytes ? evbuffer_get_length(input) : 0};
	int error = http_request_parse(received, &request, &head_len);
	if (error == -EAGAIN)
		return;
	const struct answer answer = choose_answer(connection, error, &request);
	count_answer(connection->server, answer.status);
	log_request(connection, error ? NULL : &request, answer.status);
	if (send_answer(connection, &answer, request.wants_language) == 0)
		connection->answered = true;
	else
		connection_free(connection);
}

/* The output buffer is empty; called once before anything was put into it, too. */
static void stream_written(struct bufferevent *stream, void *context)
{
	struct connection *connection = context;

	if (!connection->answered)
		return;
	connection->delivered = true;
	if (connection->peer_ended)
		connection_free(connection);
	else
		shutdown(bufferevent_getfd(stream), SHUT_WR);
}

static void stream_event(struct bufferevent *stream, short what, void *context)
{
	struct connection *connection = context;
	(void)stream;

	if (what & BEV_EVENT_EOF && connection->answered && !connection->delivered)
		connection->peer_ended = true;
	else
		connection_free(connection);
}

static void deadline_passed(evutil_socket_t fd, short what, void *context)
{
	struct connection *connection = context;
	(void)fd, (void)what;

	if (!connection->delivered)
		count(connection->server, TIMEOUTS);
	connection_free(connection);
}

/* One host has many addresses, and one MAC. */
static bool is_same_source(const struct connection *a, const struct connection *b)
{
	return a->mac.known && b->mac.known ? mac_equal(&a->mac, &b->mac)
					    : address_equal(&a->source, &b->source);
}

static unsigned count_of_source(const struct http_server *server, const struct connection *like)
{
	const struct connection *c;
	unsigned count = 0;

	TAILQ_FOREACH(c, &server->connections, link)
	count += is_same_source(c, like);
	return count;
}

/* The less is lost with it, the lower. */
static int rank(const struct connection *connection)
{
	return connection->delivered ? 0 : !connection->answered ? 1 : 2;
}

/* Of the connections of one source, the one to close for another; NULL where each gets an answer
 * just now. */
static struct connection *least_of_source(struct http_server *server, const struct connection *like)
{
	struct connection *c, *least = NULL;

	TAILQ_FOREACH(c, &server->connections, link)
	if (is_same_source(c, like) && rank(c) < 2 && (!least || rank(c) < rank(least)))
		least = c;
	return least;
}

/* True when there is room for this one, which is in no list yet. */
static bool make_room(struct http_server *server, const struct connection *newcomer)
{
	struct connection *c, *largest = NULL, *goes;
	unsigned total = 0, most = 0;

	TAILQ_FOREACH(c, &server->connections, link)
	{
		unsigned count = count_of_source(server, c);
		total++;
		if (count > most && least_of_source(server, c)) {
			most = count;
			largest = c;
		}
	}
	if (count_of_source(server, newcomer) >= CONNECTIONS_PER_SOURCE_MAX)
		goes = least_of_source(server, newcomer);
	else if (total >= HTTP_SERVER_CONNECTIONS_MAX)
		goes = largest ? least_of_source(server, largest) : NULL;
	else
		return true;
	if (!goes)
		return false;
	count(server, DISPLACED);
	connection_free(goes);
	return true;
}

/* Takes the descriptor over once the stream is made. 0 or -ENOMEM. */
static int connection_open(
    struct http_server *server, evutil_socket_t fd, const struct connection *like)
{
	struct connection *connection = malloc(sizeof(*connection));

	if (!connection)
		return -ENOMEM;
	*connection = *like;
	TAILQ_INSERT_TAIL(&server->connections, connection, link);
	evtimer_assign(&connection->deadline, loop_base(server->loop), deadline_passed, connection);
	if (loop_add_timer(&connection->deadline, server->timeout) == 0)
		connection->stream =
		    bufferevent_socket_new(loop_base(server->loop), fd, BEV_OPT_CLOSE_ON_FREE);
	if (!connection->stream) {
		connection_free(connection);
		return -ENOMEM;
	}
	bufferevent_setcb(
	    connection->stream, stream_read, stream_written, stream_event, connection);
	bufferevent_enable(connection->stream, EV_READ | EV_WRITE);
	return 0;
}

static void accepted(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *sockaddr,
    int len, void *context)
{
	struct http_server *server = context;
	struct sockaddr_storage storage = {0};
	(void)listener;

	memcpy(&storage, sockaddr, (size_t)len);
	struct connection newcomer = {
	    .server = server, .source = sockaddr_to_endpoint(&storage).address};
	if (server->guard && !server->guard(server->guard_context, &newcomer.source, &newcomer.mac))
		count(server, OFF_LINK);
	else if (!make_room(server, &newcomer))
		count(server, OVER_LIMIT);
	else if (connection_open(server, fd, &newcomer) == 0)
		return;
	close(fd);
}

static void set_listening(struct http_server *server, bool on)
{
	int (*const set)(struct evconnlistener *) =
	    on ? evconnlistener_enable : evconnlistener_disable;

	set(server->ipv4);
	if (server->ipv6)
		set(server->ipv6);
}

static void rested(evutil_socket_t fd, short what, void *context)
{
	(void)fd, (void)what;
	set_listening(context, true);
}

/* What waits stays in the kernel's queue; to ask for it again at once would only spin (EMFILE,
 * ENFILE, ENOBUFS). */
static void accept_failed(struct evconnlistener *listener, void *context)
{
	struct http_server *server = context;
	int error = errno;
	unsigned held_back;
	(void)listener;

	set_listening(server, false);
	loop_add_timer(&server->rest, REST);
	if (log_limit_pass(&server->limit, loop_now(server->loop), &held_back))
		log_warning("cannot accept an HTTP connection: %s (%u times unsaid)",
		    strerror(error), held_back);
}

/* NULL with errno set. */
static struct evconnlistener *listen_on(struct http_server *server, uint8_t family, uint16_t port)
{
	const unsigned flags = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE |
			       (family == ADDRESS_IPV6 ? LEV_OPT_BIND_IPV6ONLY : 0);
	const struct address_port any = {{.family = family}, port};
	struct sockaddr_storage sockaddr;
	socklen_t len = sockaddr_from_endpoint(&any, 0, &sockaddr);
	struct evconnlistener *listener = evconnlistener_new_bind(loop_base(server->loop), accepted,
	    server, flags, HTTP_SERVER_CONNECTIONS_MAX, (struct sockaddr *)&sockaddr, (int)len);

	if (listener)
		evconnlistener_set_error_cb(listener, accept_failed);
	return listener;
}

static int start_listening(struct http_server *server, uint16_t port, bool ipv6)
{
	struct sockaddr_storage sockaddr;
	socklen_t len = sizeof(sockaddr);

	server->ipv4 = listen_on(server, ADDRESS_IPV4, port);
	if (!server->ipv4 && errno == EADDRINUSE && port != 0)
		server->ipv4 = listen_on(server, ADDRESS_IPV4, 0);
	if (!server->ipv4 || getsockname(evconnlistener_get_fd(server->ipv4),
				 (struct sockaddr *)&sockaddr, &len) < 0)
		return -errno;
	server->port = sockaddr_to_endpoint(&sockaddr).port;
	if (ipv6)
		server->ipv6 = listen_on(server, ADDRESS_IPV6, server->port);
	return 0;
}

int http_server_open(
    struct loop *loop, uint16_t port, bool ipv6, const char *name, struct http_server **http_server)
{
	struct http_server *server = calloc(1, sizeof(*server));

	if (!server)
		return -ENOMEM;
	*server = (struct http_server){
	    .loop = loop,
	    .timeout = TIMEOUT,
	    .name = strdup(name),
	};
	TAILQ_INIT(&server->connections);
	counters_init(server->counters, COUNTER_NAMES, COUNTERS);
	evtimer_assign(&server->rest, loop_base(loop), rested, server);
	int error = server->name ? start_listening(server, port, ipv6) : -ENOMEM;
	if (error)
		http_server_close(server);
	else
		*http_server = server;
	return error;
}

static void document_free(struct document *document)
{
	free(document->path);
	free(document->content_type);
	free(document->body);
	free(document);
}

void http_server_close(struct http_server *server)
{
	if (!server)
		return;
	while (!TAILQ_EMPTY(&server->connections))
		/* NOLINTNEXTLINE(*unix.Malloc): unlinked before free */
		connection_free(TAILQ_FIRST(&server->connections));
	while (server->documents) {
		struct document *document = server->documents;
		server->documents = document->next;
		document_free(document);
	}
	event_del(&server->rest);
	if (server->ipv6)
		evconnlistener_free(server->ipv6);
	if (server->ipv4)
		evconnlistener_free(server->ipv4);
	free(server->name);
	free(server);
}

uint16_t http_server_port(const struct http_server *server)
{
	return server->port;
}

void http_server_set_timeout(struct http_server *server, int64_t us)
{
	server->timeout = us;
}

void http_server_set_guard(struct http_server *server, http_server_guard_fn *guard, void *context)
{
	server->guard = guard;
	server->guard_context = context;
}

/* Where the document of this path hangs, or would hang. */
static struct document **place_of(struct http_server *server, const char *path)
{
	struct document **place = &server->documents;

	while (*place && strcmp((*place)->path, path) != 0)
		place = &(*place)->next;
	return place;
}

void http_server_unpublish(struct http_server *server, const char *path)
{
	struct document **place = place_of(server, path), *document = *place;

	if (!document)
		return;
	*place = document->next;
	document_free(document);
}

int http_server_publish(struct http_server *server, const struct http_document *document)
{
	struct document *copy = calloc(1, sizeof(*copy));

	if (!copy)
		return -ENOMEM;
	copy->path = strdup(document->path);
	copy->content_type = strdup(document->content_type);
	copy->body = slice_dup(document->body);
	copy->body_len = document->body.len;
	copy->service_count = document->service_count;
	if (!copy->path || !copy->content_type || !copy->body) {
		document_free(copy);
		return -ENOMEM;
	}
	struct document **place = place_of(server, copy->path), *old = *place;
	copy->next = old ? old->next : NULL;
	*place = copy;
	if (old)
		document_free(old);
	return 0;
}

struct counter_group http_server_counters(const struct http_server *server)
{
	return (struct counter_group){"http", server->counters, COUNTERS};
}
