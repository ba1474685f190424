/* SPDX-License-Identifier: ISC
 * web_client: one connection of a browser: one request, one answer, and time limits on both. */
#ifndef WEB_WEB_CLIENT_H
#define WEB_WEB_CLIENT_H

#include "base/address.h"
#include "net/loop.h"
#include "web/web_request.h"
#include "web/web_response.h"

struct evbuffer;
struct web_client;

/* The less is lost with it, the lower. */
enum web_client_phase {
	WEB_CLIENT_LINGERS, /* it has all, and has not closed its end */
	WEB_CLIENT_ASKS,    /* its request is not complete */
	WEB_CLIENT_WAITS,   /* for its answer */
	WEB_CLIENT_RECEIVES,
	WEB_CLIENT_FOLLOWS /* a stream without an end */
};

struct web_client_handler {
	/* Called once. `error` is 0, or that of web_request_parse. The request is borrowed. */
	void (*asked)(void *context, int error, const struct web_request *request);
	/* A stream has room again. */
	void (*drained)(void *context);
	/* It is gone, whatever the reason. */
	void (*closed)(void *context);
};

/* Takes the descriptor over, unless it returns NULL. */
struct web_client *web_client_new(
    struct loop *loop, int fd, const struct web_client_handler *handler, void *context);
/* Not from within its handler. */
void web_client_close(struct web_client *client);
/* Closes it soon. From anywhere. */
void web_client_drop(struct web_client *client);
enum web_client_phase web_client_phase(const struct web_client *client);
/* Bytes that it has not taken yet. */
size_t web_client_backlog(const struct web_client *client);
/* Sends the head with its date and content_length, and takes the bytes out of the body, unless it
 * was asked by HEAD. NULL: none. An endless one goes on by web_client_send. */
void web_client_answer(
    struct web_client *client, struct web_response *response, struct evbuffer *body);
void web_client_send(struct web_client *client, struct evbuffer *bytes);

#endif
