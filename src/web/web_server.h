/* SPDX-License-Identifier: ISC
 * web_server: accepts browsers, within bounds for all and for each address. */
#ifndef WEB_WEB_SERVER_H
#define WEB_WEB_SERVER_H

#include "web/web_client.h"
#include "web/web_config.h"

struct web_server;
struct web_visit;

/* As of web_client_handler, with the visit, and with the context of the server. */
struct web_server_handler {
	void (*asked)(
	    void *context, struct web_visit *visit, int error, const struct web_request *request);
	void (*drained)(void *context, struct web_visit *visit);
	void (*closed)(void *context, struct web_visit *visit);
};

/* Listens on all addresses of the configuration; one that the host does not have is logged, and
 * passed over unless it is the only one. 0 or a negative errno. `config` is borrowed. */
int web_server_open(struct loop *loop, const struct web_config *config,
    const struct web_server_handler *handler, void *context, struct web_server **server);
/* Ends every connection at once. */
void web_server_close(struct web_server *server);

/* A connection that is counted. A newcomer that finds no place gets that of another one: of one
 * that has its answer, or no complete request, or else of the address that has most. */
struct web_client *web_visit_client(const struct web_visit *visit);
/* What the handler keeps with it; NULL at first. */
void *web_visit_data(const struct web_visit *visit);
void web_visit_set_data(struct web_visit *visit, void *data);
/* Whether both are from one address. */
bool web_visit_same_source(const struct web_visit *a, const struct web_visit *b);
/* Answers are held for clients that do not read them. Closes one after the other of those whose
 * address holds most, the oldest first, until all hold `max` bytes at most. */
void web_server_shed(struct web_server *server, size_t max);

#endif
