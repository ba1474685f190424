/* SPDX-License-Identifier: ISC
 * web_client: one connection of a browser: one request, one answer, and time limits on both. */
#include "web/web_client.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>

/* From one point to the next, however many bytes come meanwhile. */
#define ASK_LIMIT     SECONDS(10)
#define WAIT_LIMIT    SECONDS(15)
#define RECEIVE_LIMIT SECONDS(60)
#define LINGER_LIMIT  SECONDS(2)

/* A stream has room below this. */
enum { SILENCE_MS = 60000 }; /* of a peer that acknowledges nothing */
enum { INPUT_MAX = 32 * 1024, DRAINED = 4096 };

struct web_client {
	struct bufferevent *stream;
	struct event deadline;
	const struct web_client_handler *handler;
	void *context;
	enum web_client_phase phase;
	bool head_only;
	bool ended;   /* the other side sends no more */
	bool dropped; /* closed by the deadline, which is now */
};

void web_client_drop(struct web_client *client)
{
	client->dropped = true;
	event_active(&client->deadline, EV_TIMEOUT, 0);
}

void web_client_close(struct web_client *client)
{
	struct evbuffer *output = bufferevent_get_output(client->stream);

	client->handler->closed(client->context);
	event_del(&client->deadline);
	/* libevent frees it after this round, in which many others may come. */
	evbuffer_unfreeze(output, 1);
	evbuffer_drain(output, evbuffer_get_length(output));
	bufferevent_free(client->stream);
	free(client);
}

static void enter(struct web_client *client, enum web_client_phase phase, int64_t limit)
{
	client->phase = phase;
	if (client->dropped)
		return;
	event_del(&client->deadline);
	if (limit && loop_add_timer(&client->deadline, limit))
		web_client_drop(client);
}

static void ask(struct web_client *client, struct slice received)
{
	struct web_request request;
	int error = web_request_parse(received, &request);

	if (error == -EAGAIN)
		return;
	client->head_only = !error && slice_equal(request.method, SLICE("HEAD"));
	enter(client, WEB_CLIENT_WAITS, WAIT_LIMIT);
	client->handler->asked(client->context, error, &request);
}

/* What comes after the request is read, because unread bytes would turn our close into a reset,
 * which can overtake the answer. */
static void received(struct bufferevent *stream, void *context)
{
	struct web_client *client = context;
	struct evbuffer *input = bufferevent_get_input(stream);

	if (client->phase == WEB_CLIENT_ASKS) {
		const char *bytes = (const char *)evbuffer_pullup(input, -1);
		ask(client, (struct slice){bytes, bytes ? evbuffer_get_length(input) : 0});
	} else if (evbuffer_get_length(input) > INPUT_MAX) {
		web_client_drop(client);
	}
}

static void drained(struct bufferevent *stream, void *context)
{
	struct web_client *client = context;

	if (client->phase == WEB_CLIENT_FOLLOWS) {
		client->handler->drained(client->context);
	} else if (client->phase == WEB_CLIENT_RECEIVES) {
		enter(client, WEB_CLIENT_LINGERS, LINGER_LIMIT);
		if (client->ended || shutdown(bufferevent_getfd(stream), SHUT_WR) < 0)
			web_client_drop(client);
	}
}

static void ended(struct bufferevent *stream, short what, void *context)
{
	struct web_client *client = context;
	(void)stream;

	if (what & BEV_EVENT_EOF &&
	    (client->phase == WEB_CLIENT_WAITS || client->phase == WEB_CLIENT_RECEIVES))
		client->ended = true; /* it may still read */
	else
		web_client_close(client);
}

static void late(evutil_socket_t fd, short what, void *context)
{
	(void)fd, (void)what;
	web_client_close(context);
}

struct web_client *web_client_new(
    struct loop *loop, int fd, const struct web_client_handler *handler, void *context)
{
	struct web_client *client = calloc(1, sizeof(*client));
	const unsigned silence = SILENCE_MS;

	if (!client)
		return NULL;
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &silence, sizeof(silence));
	client->handler = handler;
	client->context = context;
	event_assign(&client->deadline, loop_base(loop), -1, 0, late, client);
	enter(client, WEB_CLIENT_ASKS, ASK_LIMIT);
	if (!client->dropped)
		client->stream = bufferevent_socket_new(loop_base(loop), fd, BEV_OPT_CLOSE_ON_FREE);
	if (!client->stream) {
		event_del(&client->deadline);
		free(client);
		return NULL;
	}
	bufferevent_setcb(client->stream, received, drained, ended, client);
	if (bufferevent_enable(client->stream, EV_READ | EV_WRITE))
		web_client_drop(client);
	return client;
}

enum web_client_phase web_client_phase(const struct web_client *client)
{
	return client->phase;
}

size_t web_client_backlog(const struct web_client *client)
{
	return evbuffer_get_length(bufferevent_get_output(client->stream));
}

void web_client_answer(
    struct web_client *client, struct web_response *response, struct evbuffer *body)
{
	char text[WEB_RESPONSE_HEAD_MAX], date[40];
	struct writer head;

	evutil_date_rfc1123(date, sizeof(date), NULL);
	response->date = date;
	response->content_length = body ? evbuffer_get_length(body) : 0;
	writer_init(&head, text, sizeof(text));
	web_response_format(response, &head);
	bool follows = response->endless && !client->head_only;
	enter(client, follows ? WEB_CLIENT_FOLLOWS : WEB_CLIENT_RECEIVES,
	    follows ? 0 : RECEIVE_LIMIT);
	if (writer_error(&head) || bufferevent_write(client->stream, text, head.len))
		web_client_drop(client);
	if (body && !client->head_only)
		web_client_send(client, body);
	if (follows)
		bufferevent_setwatermark(client->stream, EV_WRITE, DRAINED, 0);
}

void web_client_send(struct web_client *client, struct evbuffer *bytes)
{
	if (bufferevent_write_buffer(client->stream, bytes))
		web_client_drop(client);
}
