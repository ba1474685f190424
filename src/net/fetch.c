/* SPDX-License-Identifier: ISC
 * fetch: see fetch.h. Plain events instead of a bufferevent: what is not yet read waits in the
 * kernel, so a fetch that waits has no buffer at all. */
#include "net/fetch.h"
#include "config.h"
#include "net/sockaddr.h"
#include "wire/http_head.h"
#include "wire/http_response.h"
#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	READ_MAX = 4096, /* a turn */
	REQUEST_MAX = 3 * URL_MAX + 512 + FETCH_BODY_MAX,
	/* Parts of the whole time. */
	FIRST_BYTE_PART = 2,
	PLACE_PART = 10,
	QUIET_PART = 20,
};

#define USER_AGENT SLICE("Linux UPnP/2.0 " PACKAGE_NAME "/" PACKAGE_VERSION)

enum { WHOLE, PARTIAL, FAILED, SILENT, REFUSED, REDIRECTED, NO_HTTP, TOO_LONG, WAITED, COUNTERS };
static const char *const COUNTER_NAMES[COUNTERS] = {
    [WHOLE] = "whole",
    [PARTIAL] = "partial",
    [FAILED] = "failed",
    [SILENT] = "silent",
    [REFUSED] = "refused",
    [REDIRECTED] = "redirected",
    [NO_HTTP] = "no-http",
    [TOO_LONG] = "too-long",
    [WAITED] = "waited-for-place",
};

enum stage {
	SENDING, /* or connecting */
	WAITING, /* for the first byte */
	QUEUED,  /* it is there, and waits for a place */
	READING,
	ENDED, /* with `error`, to be reported from the loop */
};

struct fetch {
	struct fetcher *fetcher;
	struct fetch *next;
	uint64_t number;
	struct address_port to;
	uint32_t link;
	char *path;
	size_t body_max;
	int64_t timeout;
	enum stage stage;
	int error;
	int fd; /* -1: none */
	struct event io;
	size_t sent; /* of the request */
	struct instant first_byte_end, quiet_end, end;
	struct instant since; /* when it was queued, then when it got its place */
	bool has_place, answered, redirected;
	struct http_response_reader response;
	const struct page_reader_type *reader;
	const char *content_type;
	char *body; /* of a POST; NULL: a GET */
	void *page; /* NULL before the first byte of the body */
};

/* One timer for all: it rings at the earliest deadline. Fetches are in the order of their start. */
struct fetcher {
	struct loop *loop;
	size_t body_max;
	int64_t timeout;
	fetch_done_fn *fn;
	void *context;
	struct fetch *running;
	struct event timer;
	struct counter counters[COUNTERS];
};

static struct instant now_of(const struct fetch *fetch)
{
	return loop_now(fetch->fetcher->loop);
}

static int connection_error(int error)
{
	return error == ECONNREFUSED || error == ETIMEDOUT ? -error : -ECONNRESET;
}

/* While it is queued the turns of the others bound its time. */
static struct instant deadline(const struct fetch *fetch)
{
	switch (fetch->stage) {
	case SENDING:
	case WAITING:
		return instant_earlier(fetch->first_byte_end, fetch->end);
	case READING:
		return instant_earlier(fetch->quiet_end, fetch->end);
	case QUEUED:
		return INSTANT_NEVER;
	case ENDED:
		break;
	}
	return loop_now(fetch->fetcher->loop);
}

/* The fetch that has waited longest for a place. */
static struct fetch *first_queued(const struct fetcher *fetcher)
{
	struct fetch *first = NULL;

	for (struct fetch *fetch = fetcher->running; fetch; fetch = fetch->next)
		if (fetch->stage == QUEUED &&
		    (!first || instant_before(fetch->since, first->since)))
			first = fetch;
	return first;
}

/* When its place is for another. */
static struct instant place_end(const struct fetch *fetch)
{
	return instant_add(fetch->since, fetch->timeout / PLACE_PART);
}

/* The fetch that is the first to lose its place, with how many have one. */
static struct fetch *first_to_yield(const struct fetcher *fetcher, unsigned *places)
{
	struct fetch *first = NULL;

	*places = 0;
	for (struct fetch *fetch = fetcher->running; fetch; fetch = fetch->next) {
		if (!fetch->has_place)
			continue;
		++*places;
		if (!first || instant_before(place_end(fetch), place_end(first)))
			first = fetch;
	}
	return first;
}

/* A timer that cannot be set rings at once: then this is tried again. */
static void schedule(struct fetcher *fetcher)
{
	struct instant next = INSTANT_NEVER, now = loop_now(fetcher->loop);
	unsigned places;

	for (const struct fetch *fetch = fetcher->running; fetch; fetch = fetch->next)
		/* NOLINTNEXTLINE(*unix.Malloc): unlinked before free */
		next = instant_earlier(next, deadline(fetch));
	const struct fetch *yielding = first_to_yield(fetcher, &places);
	if (yielding && first_queued(fetcher))
		next = instant_earlier(next, place_end(yielding));
	int64_t us = instant_since(next, now);
	if (instant_is_never(next))
		event_del(&fetcher->timer);
	else if (loop_add_timer(&fetcher->timer, us > 0 ? us : 0) < 0)
		event_active(&fetcher->timer, EV_TIMEOUT, 0);
}

static void end_soon(struct fetch *fetch, int error)
{
	if (fetch->fd >= 0)
		event_del(&fetch->io);
	fetch->stage = ENDED;
	fetch->error = error;
}

static void watch(struct fetch *fetch, short what, event_callback_fn fn)
{
	event_del(&fetch->io);
	event_assign(&fetch->io, loop_base(fetch->fetcher->loop), fetch->fd,
	    (short)(what | EV_PERSIST), fn, fetch);
	if (event_add(&fetch->io, NULL) < 0)
		end_soon(fetch, -ENOMEM);
}

static void answer_readable(evutil_socket_t fd, short what, void *context);

/* First come, first served. What it has waited does not count against it. */
static void hand_out_places(struct fetcher *fetcher)
{
	struct instant now = loop_now(fetcher->loop);
	struct fetch *next;

	while ((next = first_queued(fetcher))) {
		unsigned places;
		struct fetch *yielding = first_to_yield(fetcher, &places);
		if (places >= FETCH_READING_MAX) {
			if (!instant_due(place_end(yielding), now))
				return;
			yielding->has_place = false;
		}
		next->end = instant_add(next->end, instant_since(now, next->since));
		next->since = now;
		next->has_place = true;
		next->stage = READING;
		watch(next, EV_READ, answer_readable);
	}
}

static void close_connection(struct fetch *fetch)
{
	if (fetch->fd < 0)
		return;
	event_del(&fetch->io);
	close(fetch->fd);
	fetch->fd = -1;
	fetch->has_place = false;
}

static void fetch_free(struct fetch *fetch)
{
	close_connection(fetch);
	if (fetch->page)
		fetch->reader->destroy(fetch->page);
	free(fetch->path);
	free(fetch->body);
	free(fetch);
}

static void unlink_fetch(struct fetch *fetch)
{
	struct fetch **place = &fetch->fetcher->running;

	while (*place != fetch)
		place = &(*place)->next;
	*place = fetch->next;
}

static void count(struct fetcher *fetcher, const struct fetch_result *result)
{
	struct counter *counters = fetcher->counters;

	counters[!result->error ? WHOLE : result->description ? PARTIAL : FAILED].value++;
	if (result->error == -ECONNREFUSED)
		counters[REFUSED].value++;
	else if (result->error && !result->answered)
		counters[SILENT].value++;
	else if (result->error == -EPROTO)
		counters[NO_HTTP].value++;
	else if (result->error == -EMSGSIZE)
		counters[TOO_LONG].value++;
}

/* Reports it; the fetcher may be gone afterwards. A complete page has no error whatever came
 * behind it. */
static void finish(struct fetch *fetch, int error)
{
	struct fetcher *fetcher = fetch->fetcher;
	struct description *description = NULL;
	int page_error = -EBADMSG;

	if (fetch->page) {
		bool complete = fetch->reader->complete(fetch->page);
		page_error = fetch->reader->finish(fetch->page, &description);
		error = complete ? 0 : error;
	}
	struct fetch_result result = {
	    .number = fetch->number,
	    .error = error ? error : page_error,
	    .answered = fetch->answered,
	    .description = description,
	    .path = fetch->path,
	};
	unlink_fetch(fetch);
	close_connection(fetch);
	count(fetcher, &result);
	hand_out_places(fetcher);
	schedule(fetcher);
	fetcher->fn(fetcher->context, &result);
	description_free(description);
	fetch_free(fetch);
}

static struct slice format_request(const struct fetch *fetch, char buffer[REQUEST_MAX])
{
	struct http_content content = {fetch->content_type, slice_of(fetch->body)};
	struct writer w;

	writer_init(&w, buffer, REQUEST_MAX);
	if (fetch->body)
		http_post_format(&fetch->to, slice_of(fetch->path), USER_AGENT, &content, &w);
	else
		http_get_format(&fetch->to, slice_of(fetch->path), USER_AGENT, &w);
	return writer_error(&w) ? SLICE_NONE : writer_result(&w);
}

/* A server may have answered and closed without reading the request: after an error of a connection
 * that existed what there is is read. */
static void connection_writable(evutil_socket_t fd, short what, void *context)
{
	struct fetch *fetch = context;
	char buffer[REQUEST_MAX];
	struct slice request = slice_skip(format_request(fetch, buffer), fetch->sent);
	ssize_t n = send(fd, request.bytes, request.len, MSG_NOSIGNAL);
	(void)what;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0 && errno != EPIPE && errno != ECONNRESET) {
		finish(fetch, connection_error(errno));
		return;
	}
	fetch->sent += n > 0 ? (size_t)n : 0;
	if (n > 0 && (size_t)n < request.len)
		return;
	fetch->stage = WAITING;
	watch(fetch, EV_READ, answer_readable);
	schedule(fetch->fetcher);
}

/* Begins to connect. 0 or a negative errno of this host; what the network says comes later. */
static int open_connection(struct fetch *fetch)
{
	struct sockaddr_storage sockaddr;
	socklen_t len = sockaddr_from_endpoint(&fetch->to, fetch->link, &sockaddr);

	fetch->fd = socket(sockaddr.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fetch->fd < 0)
		return -errno;
	event_assign(&fetch->io, loop_base(fetch->fetcher->loop), fetch->fd, 0, NULL, NULL);
	http_response_reader_init(&fetch->response);
	fetch->sent = 0;
	fetch->stage = SENDING;
	fetch->first_byte_end = instant_add(now_of(fetch), fetch->timeout / FIRST_BYTE_PART);
	fetch->quiet_end = INSTANT_NEVER;
	if (connect(fetch->fd, (const struct sockaddr *)&sockaddr, len) < 0 && errno != EINPROGRESS)
		end_soon(fetch, connection_error(errno));
	else
		watch(fetch, EV_WRITE, connection_writable);
	return 0;
}

/* Looks whether there is a byte, without taking it: then this server is among those that are to be
 * read. */
static void look_for_answer(struct fetch *fetch)
{
	char byte;
	ssize_t n = recv(fetch->fd, &byte, 1, MSG_PEEK);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		finish(fetch, n < 0 ? connection_error(errno) : -ECONNRESET);
		return;
	}
	event_del(&fetch->io);
	fetch->answered = true;
	fetch->stage = QUEUED;
	fetch->since = now_of(fetch);
	hand_out_places(fetch->fetcher);
	fetch->fetcher->counters[WAITED].value += fetch->stage == QUEUED;
	schedule(fetch->fetcher);
}

/* Where a Location leads on the same address and port: a path for the caller to free. NULL when it
 * leads elsewhere or nowhere. */
static char *redirected_path(const struct fetch *fetch, struct slice location)
{
	char base[3 * URL_MAX], reference[3 * URL_MAX], target[URL_MAX];
	struct writer b, r, t;
	struct url url;
	struct address address;

	writer_init(&b, base, sizeof(base));
	writer_text(&b, "http://");
	address_port_format(&fetch->to, &b);
	url_escape(slice_of(fetch->path), &b);
	writer_init(&r, reference, sizeof(reference));
	url_escape(location, &r);
	writer_init(&t, target, sizeof(target));
	if (writer_error(&b) || writer_error(&r) ||
	    url_resolve(writer_result(&b), writer_result(&r), &t) < 0 ||
	    url_parse(writer_result(&t), &url) < 0 ||
	    !slice_equal_nocase(url.scheme, SLICE("http")) || url.port != fetch->to.port ||
	    address_parse(url.host, &address) < 0 || !address_equal(&address, &fetch->to.address))
		return NULL;
	return slice_dup(url.path);
}

static void follow_redirect(struct fetch *fetch, struct slice location)
{
	char *path = fetch->redirected ? NULL : redirected_path(fetch, location);

	if (!path) {
		finish(fetch, -EPROTO);
		return;
	}
	free(fetch->path);
	fetch->path = path;
	fetch->redirected = true;
	fetch->fetcher->counters[REDIRECTED].value++;
	close_connection(fetch);
	if (open_connection(fetch) < 0) {
		finish(fetch, -ECONNRESET);
		return;
	}
	hand_out_places(fetch->fetcher);
	schedule(fetch->fetcher);
}

static int take_body(struct fetch *fetch, struct slice body)
{
	if (!fetch->page)
		fetch->page = fetch->reader->create(fetch->body_max);
	return fetch->page ? fetch->reader->feed(fetch->page, body) : -ENOMEM;
}

/* 0 or the error that ends it. */
static int take_bytes(struct fetch *fetch, struct slice input)
{
	int error = 0;

	while (!error && input.len > 0) {
		struct slice body;
		error = http_response_feed(&fetch->response, &input, &body);
		if (!error && body.len > 0)
			error = take_body(fetch, body);
	}
	return error;
}

/* After bytes that did not end it. */
static void read_on(struct fetch *fetch)
{
	fetch->quiet_end = http_response_satisfied(&fetch->response)
			       ? instant_add(now_of(fetch), fetch->timeout / QUIET_PART)
			       : INSTANT_NEVER;
	schedule(fetch->fetcher);
}

static void read_answer(struct fetch *fetch)
{
	char bytes[READ_MAX];
	ssize_t n = recv(fetch->fd, bytes, sizeof(bytes), 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		finish(
		    fetch, n < 0 ? connection_error(errno) : http_response_end(&fetch->response));
		return;
	}
	int error = take_bytes(fetch, (struct slice){bytes, (size_t)n});
	struct slice location = http_response_redirect(&fetch->response);
	if (error || (fetch->page && fetch->reader->complete(fetch->page)))
		finish(fetch, error);
	else if (location.bytes)
		follow_redirect(fetch, location);
	else
		read_on(fetch);
}

static void answer_readable(evutil_socket_t fd, short what, void *context)
{
	struct fetch *fetch = context;
	(void)fd, (void)what;

	if (fetch->stage == WAITING)
		look_for_answer(fetch);
	else
		read_answer(fetch);
}

/* Ends one; schedule() sees to the others. */
static void deadline_rings(evutil_socket_t fd, short what, void *context)
{
	struct fetcher *fetcher = context;
	struct instant now = loop_now(fetcher->loop);
	(void)fd, (void)what;

	hand_out_places(fetcher);
	for (struct fetch *fetch = fetcher->running; fetch; fetch = fetch->next) {
		if (!instant_due(deadline(fetch), now))
			continue;
		bool quiet = fetch->stage == READING && instant_due(fetch->quiet_end, now);
		finish(fetch, fetch->stage == ENDED ? fetch->error : quiet ? 0 : -ETIMEDOUT);
		return;
	}
	schedule(fetcher);
}

struct fetcher *fetcher_new(struct loop *loop, size_t body_max, fetch_done_fn *fn, void *context)
{
	struct fetcher *fetcher = calloc(1, sizeof(*fetcher));

	if (!fetcher)
		return NULL;
	fetcher->loop = loop;
	fetcher->body_max = body_max;
	fetcher->timeout = FETCH_TIMEOUT;
	fetcher->fn = fn;
	fetcher->context = context;
	evtimer_assign(&fetcher->timer, loop_base(loop), deadline_rings, fetcher);
	counters_init(fetcher->counters, COUNTER_NAMES, COUNTERS);
	return fetcher;
}

void fetcher_free(struct fetcher *fetcher)
{
	if (!fetcher)
		return;
	event_del(&fetcher->timer);
	while (fetcher->running) {
		struct fetch *fetch = fetcher->running;
		unlink_fetch(fetch); /* NOLINT(*unix.Malloc): unlinked before free */
		fetch_free(fetch);
	}
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

/* The place behind the last one; NULL when as many run as may. */
static struct fetch **free_place(struct fetcher *fetcher)
{
	struct fetch **place = &fetcher->running;
	unsigned running = 0;

	for (; *place; place = &(*place)->next)
		running++;
	return running < FETCH_MAX ? place : NULL;
}

/* 0 or -ENOMEM. */
static int copy_request(struct fetch *fetch, const struct fetch_request *request)
{
	fetch->path = slice_dup(slice_of(request->path));
	fetch->content_type = request->content.type;
	fetch->body = request->content.body.bytes ? slice_dup(request->content.body) : NULL;
	fetch->reader = request->reader ? request->reader : &DESCRIPTION_PAGE_READER;
	return fetch->path && (fetch->body || !request->content.body.bytes) ? 0 : -ENOMEM;
}

int fetcher_ask(struct fetcher *fetcher, uint64_t number, const struct address_port *to,
    uint32_t link, const struct fetch_request *request)
{
	struct fetch **place = free_place(fetcher);

	if (!place)
		return -EAGAIN;
	if (slice_of(request->path).len > URL_MAX || request->content.body.len > FETCH_BODY_MAX)
		return -EMSGSIZE;
	struct fetch *fetch = calloc(1, sizeof(*fetch));
	if (!fetch)
		return -ENOMEM;
	fetch->fetcher = fetcher;
	fetch->number = number;
	fetch->to = *to;
	fetch->link = link;
	fetch->body_max = fetcher->body_max;
	fetch->timeout = fetcher->timeout;
	fetch->end = instant_add(now_of(fetch), fetch->timeout);
	fetch->fd = -1;
	int error = copy_request(fetch, request);
	error = error ? error : open_connection(fetch);
	if (error) {
		fetch_free(fetch);
		return error;
	}
	*place = fetch;
	schedule(fetcher);
	return 0;
}

bool fetcher_give_up(struct fetcher *fetcher, uint64_t number)
{
	struct fetch *fetch = fetcher->running;

	while (fetch && fetch->number != number)
		fetch = fetch->next;
	if (!fetch || fetch->stage != SENDING || fetch->sent > 0)
		return false;
	unlink_fetch(fetch);
	fetch_free(fetch);
	schedule(fetcher);
	return true;
}

struct counter_group fetcher_counters(const struct fetcher *fetcher)
{
	return (struct counter_group){"fetch", fetcher->counters, COUNTERS};
}
