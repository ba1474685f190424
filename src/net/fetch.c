/* SPDX-License-Identifier: ISC
 * fetch: reads a device description by HTTP within bounds of size and time (libevent's client). */
#include "net/fetch.h"
#include "config.h"
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <event2/http.h>
#include <stdlib.h>

enum { HEADERS_MAX = 8 * 1024 };
#define TIMEOUT    SECONDS(5)
#define USER_AGENT "Linux UPnP/2.0 " PACKAGE_NAME "/" PACKAGE_VERSION

struct fetcher {
	struct loop *loop;
	size_t body_max;
	int64_t timeout;
	fetch_done_fn *fn;
	void *context;
	struct fetch *running;
};

/* evhttp must not be freed from within its own callbacks, and calls some of them before
 * evhttp_make_request returns: so they only note the result and set off `end`, which is the
 * deadline as well. */
struct fetch {
	struct fetcher *fetcher;
	struct fetch *next;
	uint64_t number;
	size_t body_max;
	struct evhttp_connection *connection; /* owns the request */
	struct description_reader *reader;
	struct event end;
	bool answered;
	bool ended;
	int error; /* once it has ended */
};

/* The first word about how it went counts. */
static void fetch_end(struct fetch *fetch, int error)
{
	if (fetch->ended)
		return;
	fetch->ended = true;
	fetch->error = error;
	event_active(&fetch->end, EV_TIMEOUT, 0);
}

static void fetch_free(struct fetch *fetch)
{
	struct fetch **place = &fetch->fetcher->running;

	while (*place && *place != fetch)
		place = &(*place)->next;
	if (*place)
		*place = fetch->next;
	event_del(&fetch->end);
	if (fetch->connection)
		evhttp_connection_free(fetch->connection);
	description_reader_free(fetch->reader);
	free(fetch);
}

static void deliver(evutil_socket_t fd, short what, void *context)
{
	struct fetch *fetch = context;
	struct fetcher *fetcher = fetch->fetcher;
	struct description *description = NULL;
	struct fetch_result result = {
	    .number = fetch->number,
	    .error = fetch->ended ? fetch->error : -ETIMEDOUT,
	    .answered = fetch->answered,
	};
	(void)fd, (void)what;

	if (!result.error)
		result.error = description_reader_finish(fetch->reader, &description);
	result.description = description;
	fetch_free(fetch);
	fetcher->fn(fetcher->context, &result);
	description_free(description);
}

/* A 100 (Continue) is none of 200 either: evhttp would keep the headers of any number of them. */
static int read_status(struct evhttp_request *request, void *context)
{
	if (evhttp_request_get_response_code(request) == HTTP_OK)
		return 0;
	fetch_end(context, -EPROTO);
	return -1;
}

static void read_body(struct evhttp_request *request, void *context)
{
	struct fetch *fetch = context;
	struct evbuffer *buffer = evhttp_request_get_input_buffer(request);
	const char *bytes = (const char *)evbuffer_pullup(buffer, -1);
	int error = bytes ? description_reader_feed(
				fetch->reader, (struct slice){bytes, evbuffer_get_length(buffer)})
			  : -ENOMEM;

	if (error)
		fetch_end(fetch, error);
}

static void request_failed(enum evhttp_request_error error, void *context)
{
	switch (error) {
	case EVREQ_HTTP_TIMEOUT:
		fetch_end(context, -ETIMEDOUT);
		break;
	case EVREQ_HTTP_INVALID_HEADER:
		fetch_end(context, -EPROTO);
		break;
	case EVREQ_HTTP_DATA_TOO_LONG:
		fetch_end(context, -EMSGSIZE);
		break;
	case EVREQ_HTTP_EOF:
	case EVREQ_HTTP_BUFFER_ERROR:
	case EVREQ_HTTP_REQUEST_CANCEL:
		fetch_end(context, -ECONNRESET);
		break;
	}
}

/* Without a request it has failed and request_failed was told why; with one that has no status it
 * was refused. */
static void request_done(struct evhttp_request *request, void *context)
{
	if (request)
		fetch_end(context, evhttp_request_get_response_code(request) ? 0 : -ECONNREFUSED);
}

/* evhttp keeps a chunk until it is whole, and has no bound at all for the line with its size. */
static void input_changed(
    struct evbuffer *input, const struct evbuffer_cb_info *change, void *context)
{
	struct fetch *fetch = context;
	(void)change;

	fetch->answered = true;
	if (evbuffer_get_length(input) > fetch->body_max + HEADERS_MAX)
		fetch_end(fetch, -EMSGSIZE);
}

/* A numeric host, so that nothing is looked up; a link-local one with its scope. */
static struct evhttp_connection *connection_new(
    struct fetch *fetch, const struct endpoint *to, uint32_t link)
{
	struct event_base *base = loop_base(fetch->fetcher->loop);
	char host[ADDRESS_TEXT_MAX + 16];
	struct writer w;

	writer_init(&w, host, sizeof(host));
	address_format(&to->address, &w);
	if (to->address.family == ADDRESS_IPV6 && address_is_link_local(&to->address))
		writer_format(&w, "%%%u", (unsigned)link);
	writer_char(&w, '\0');
	/* Made here, because evhttp crashes where it cannot make one. */
	struct bufferevent *stream = bufferevent_socket_new(base, -1, 0);
	if (!stream)
		return NULL;
	struct evhttp_connection *connection =
	    evbuffer_add_cb(bufferevent_get_input(stream), input_changed, fetch)
		? evhttp_connection_base_bufferevent_new(base, NULL, stream, host, to->port)
		: NULL;
	if (!connection) {
		bufferevent_free(stream);
		return NULL;
	}
	evhttp_connection_set_max_headers_size(connection, HEADERS_MAX);
	evhttp_connection_set_max_body_size(connection, (ev_ssize_t)fetch->body_max);
	return connection;
}

/* NULL when out of memory. */
static struct evhttp_request *request_new(struct fetch *fetch, const struct endpoint *to)
{
	struct evhttp_request *request = evhttp_request_new(request_done, fetch);
	char host[ADDRESS_TEXT_MAX + 16];
	struct writer w;

	if (!request)
		return NULL;
	writer_init(&w, host, sizeof(host));
	endpoint_format(to, &w);
	writer_char(&w, '\0');
	evhttp_request_set_header_cb(request, read_status);
	evhttp_request_set_chunked_cb(request, read_body);
	evhttp_request_set_error_cb(request, request_failed);
	struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
	if (evhttp_add_header(headers, "Host", host) < 0 ||
	    evhttp_add_header(headers, "User-Agent", USER_AGENT) < 0 ||
	    evhttp_add_header(headers, "Connection", "close") < 0) {
		evhttp_request_free(request);
		return NULL;
	}
	return request;
}

struct fetcher *fetcher_new(struct loop *loop, size_t body_max, fetch_done_fn *fn, void *context)
{
	struct fetcher *fetcher = malloc(sizeof(*fetcher));

	if (fetcher)
		*fetcher = (struct fetcher){.loop = loop,
		    .body_max = body_max,
		    .timeout = TIMEOUT,
		    .fn = fn,
		    .context = context};
	return fetcher;
}

void fetcher_free(struct fetcher *fetcher)
{
	if (!fetcher)
		return;
	while (fetcher->running)
		fetch_free(fetcher->running);
	free(fetcher);
}

void fetcher_set_body_max(struct fetcher *fetcher, size_t body_max)
{
	fetcher->body_max = body_max;
}

void fetcher_set_timeout(struct fetcher *fetcher, int64_t us)
{
	fetcher->timeout = us;
}

int fetcher_start(struct fetcher *fetcher, uint64_t number, const struct endpoint *to,
    uint32_t link, const char *path)
{
	struct fetch *fetch = calloc(1, sizeof(*fetch));

	if (!fetch)
		return -ENOMEM;
	fetch->fetcher = fetcher;
	fetch->number = number;
	fetch->body_max = fetcher->body_max;
	fetch->next = fetcher->running;
	fetcher->running = fetch;
	evtimer_assign(&fetch->end, loop_base(fetcher->loop), deliver, fetch);
	fetch->connection = connection_new(fetch, to, link);
	fetch->reader = description_reader_new(fetch->body_max);
	struct evhttp_request *request = request_new(fetch, to);
	if (fetch->connection && fetch->reader && request &&
	    loop_add_timer(&fetch->end, fetcher->timeout) == 0) {
		/* From here on the request is the connection's. */
		if (evhttp_make_request(fetch->connection, request, EVHTTP_REQ_GET, path) == 0)
			return 0;
	} else if (request) {
		evhttp_request_free(request);
	}
	fetch_free(fetch);
	return -ENOMEM;
}
