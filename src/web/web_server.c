/* SPDX-License-Identifier: ISC
 * web_server: accepts browsers, within bounds for all and for each address. */
#include "web/web_server.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#include "base/log.h"
#include "net/sockaddr.h"

enum { BACKLOG = 128, LISTENERS_MAX = 16 };
#define REST SECONDS(1) /* of the listeners when there is no descriptor */

struct source {
	LIST_ENTRY(source) entry;
	struct address address;
	unsigned count;
	size_t backlog; /* as of add_up */
};

struct web_visit {
	TAILQ_ENTRY(web_visit) entry;
	struct web_server *server;
	struct source *source;
	struct web_client *client;
	void *data;
};

struct web_server {
	struct loop *loop;
	const struct web_config *config;
	const struct web_server_handler *handler;
	void *context;
	struct evconnlistener *listeners[LISTENERS_MAX];
	size_t listener_count;
	struct event rest;
	LIST_HEAD(, source) sources;
	TAILQ_HEAD(, web_visit) visits; /* the oldest first */
	unsigned count;
	struct log_limit limit;
};

struct web_client *web_visit_client(const struct web_visit *visit)
{
	return visit->client;
}

void *web_visit_data(const struct web_visit *visit)
{
	return visit->data;
}

void web_visit_set_data(struct web_visit *visit, void *data)
{
	visit->data = data;
}

bool web_visit_same_source(const struct web_visit *a, const struct web_visit *b)
{
	return a->source == b->source;
}

static void release(struct source *source)
{
	if (source->count)
		return;
	LIST_REMOVE(source, entry);
	free(source);
}

/* NULL when out of memory. One without a connection is to be released. */
static struct source *source_of(struct web_server *server, const struct address *address)
{
	struct source *source;

	LIST_FOREACH(source, &server->sources, entry)
	if (address_equal(&source->address, address))
		return source;
	source = calloc(1, sizeof(*source));
	if (source) {
		source->address = *address;
		LIST_INSERT_HEAD(&server->sources, source, entry);
	}
	return source;
}

static void client_asked(void *context, int error, const struct web_request *request)
{
	struct web_visit *visit = context;

	visit->server->handler->asked(visit->server->context, visit, error, request);
}

static void client_drained(void *context)
{
	struct web_visit *visit = context;

	visit->server->handler->drained(visit->server->context, visit);
}

static void client_closed(void *context)
{
	struct web_visit *visit = context;
	struct web_server *server = visit->server;

	server->handler->closed(server->context, visit);
	TAILQ_REMOVE(&server->visits, visit, entry);
	server->count--;
	visit->source->count--;
	release(visit->source);
	free(visit);
}

static const struct web_client_handler CLIENT = {client_asked, client_drained, client_closed};

/* The one that loses least, and of those the one whose address has most, and the oldest. NULL: only
 * those of `source` are looked at, and it has none. */
static struct web_visit *least(const struct web_server *server, const struct source *source)
{
	struct web_visit *visit, *found = NULL;

	TAILQ_FOREACH(visit, &server->visits, entry)
	{
		if (source && visit->source != source)
			continue;
		enum web_client_phase phase = web_client_phase(visit->client);
		enum web_client_phase best = found ? web_client_phase(found->client) : phase;
		if (!found || phase < best ||
		    (phase == best && visit->source->count > found->source->count))
			found = visit;
	}
	return found;
}

static struct web_visit *largest(const struct web_server *server)
{
	const struct source *source, *most = LIST_FIRST(&server->sources);

	LIST_FOREACH(source, &server->sources, entry)
	if (source->count > most->count)
		most = source;
	return least(server, most);
}

/* True where there is a place for a new connection, which its source counts already. */
static bool make_room(struct web_server *server, const struct source *source)
{
	bool own = source->count > server->config->max_clients_per_address;
	struct web_visit *goes;

	if (!own && server->count < server->config->max_clients)
		return true;
	goes = least(server, own ? source : NULL);
	if (!goes)
		return false;
	if (!own && web_client_phase(goes->client) > WEB_CLIENT_ASKS) {
		goes = largest(server);
		if (!goes || goes->source->count <= source->count)
			return false;
	}
	if (own && web_client_phase(goes->client) > WEB_CLIENT_ASKS)
		return false;
	web_client_close(goes->client);
	return true;
}

/* Takes the descriptor over, where it returns 0. */
static int admit(struct web_server *server, int fd, struct source *source)
{
	struct web_visit *visit;

	if (!make_room(server, source))
		return -EBUSY;
	visit = calloc(1, sizeof(*visit));
	if (!visit)
		return -ENOMEM;
	visit->server = server;
	visit->source = source;
	visit->client = web_client_new(server->loop, fd, &CLIENT, visit);
	if (!visit->client) {
		free(visit);
		return -ENOMEM;
	}
	server->count++;
	TAILQ_INSERT_TAIL(&server->visits, visit, entry);
	return 0;
}

static void accepted(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *sockaddr,
    int len, void *context)
{
	struct web_server *server = context;
	struct sockaddr_storage storage = {0};
	struct address address;
	struct source *source;
	(void)listener;

	memcpy(&storage, sockaddr, (size_t)len);
	address = sockaddr_to_endpoint(&storage).address;
	source = source_of(server, &address);
	if (source)
		source->count++;
	if (source && admit(server, fd, source) == 0)
		return;
	close(fd);
	if (source) {
		source->count--;
		release(source);
	}
}

static void stop_listening(struct web_server *server)
{
	for (size_t i = 0; i < server->listener_count; i++)
		evconnlistener_disable(server->listeners[i]);
}

static void listen_again(evutil_socket_t fd, short what, void *context)
{
	struct web_server *server = context;
	(void)fd, (void)what;

	for (size_t i = 0; i < server->listener_count; i++)
		if (evconnlistener_enable(server->listeners[i]))
			loop_add_timer(&server->rest, REST);
}

/* What waits stays in the kernel's queue; asking again at once would only spin (EMFILE, ENFILE). */
static void accept_failed(struct evconnlistener *listener, void *context)
{
	struct web_server *server = context;
	int error = errno;
	unsigned held_back;
	(void)listener;

	if (loop_add_timer(&server->rest, REST) == 0)
		stop_listening(server);
	if (log_limit_pass(&server->limit, loop_now(server->loop), &held_back))
		log_warning("cannot accept a connection: %s (%u lines held back)", strerror(error),
		    held_back);
}

/* Whether it means that the host does not have the address. */
static bool is_missing(int error)
{
	return error == -EADDRNOTAVAIL || error == -EAFNOSUPPORT;
}

/* Whether the host may lack it without a mistake of the user: the default has IPv6, too. */
static bool is_optional(const struct address *address)
{
	return address->family == ADDRESS_IPV6 &&
	       (address_is_loopback(address) || address_is_unspecified(address));
}

/* 0 or a negative errno, which is logged. */
static int listen_at(struct web_server *server, const struct address *address)
{
	const unsigned flags = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE |
			       (address->family == ADDRESS_IPV6 ? LEV_OPT_BIND_IPV6ONLY : 0);
	const struct address_port endpoint = {*address, (uint16_t)server->config->port};
	struct sockaddr_storage sockaddr;
	socklen_t len = sockaddr_from_endpoint(&endpoint, 0, &sockaddr);
	char text[ADDRESS_TEXT_MAX + 8];
	struct writer w;

	if (server->listener_count == LISTENERS_MAX)
		return -E2BIG;
	struct evconnlistener *listener = evconnlistener_new_bind(loop_base(server->loop), accepted,
	    server, flags, BACKLOG, (struct sockaddr *)&sockaddr, (int)len);
	int error = listener ? 0 : -errno;
	if (listener && evconnlistener_enable(listener)) { /* it is, unless that failed unseen */
		evconnlistener_free(listener);
		error = -ENOMEM;
	}
	writer_init(&w, text, sizeof(text));
	address_port_format(&endpoint, &w);
	if (error) {
		log_line(
		    is_missing(error) && is_optional(address) ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING,
		    "cannot listen at %.*s: %s", SLICE_ARGS(writer_result(&w)), strerror(-error));
		return error;
	}
	log_notice("the page is at http://%.*s/", SLICE_ARGS(writer_result(&w)));
	evconnlistener_set_error_cb(listener, accept_failed);
	server->listeners[server->listener_count++] = listener;
	return 0;
}

/* 0, or the error of one of them: what is worse than a missing one is the last. */
static int listen_at_each(struct web_server *server, const char *text)
{
	struct address addresses[2];
	size_t count = web_config_address(slice_of(text), addresses);
	int error = 0;

	for (size_t i = 0; i < count && (!error || is_missing(error)); i++) {
		int failure = listen_at(server, &addresses[i]);
		error = failure ? failure : error;
	}
	return error;
}

int web_server_open(struct loop *loop, const struct web_config *config,
    const struct web_server_handler *handler, void *context, struct web_server **opened)
{
	struct web_server *server = calloc(1, sizeof(*server));
	int error = 0;

	if (!server)
		return -ENOMEM;
	server->loop = loop;
	server->config = config;
	server->handler = handler;
	server->context = context;
	LIST_INIT(&server->sources);
	TAILQ_INIT(&server->visits);
	event_assign(&server->rest, loop_base(loop), -1, 0, listen_again, server);
	for (size_t i = 0; i < config->addresses.count && (!error || is_missing(error)); i++)
		error = listen_at_each(server, config->addresses.items[i]);
	if ((error && !is_missing(error)) || !server->listener_count) {
		web_server_close(server);
		return error ? error : -EADDRNOTAVAIL;
	}
	*opened = server;
	return 0;
}

void web_server_close(struct web_server *server)
{
	if (!server)
		return;
	while (!TAILQ_EMPTY(&server->visits))
		/* NOLINTNEXTLINE(*unix.Malloc): unlinked before free */
		web_client_close(TAILQ_FIRST(&server->visits)->client);
	event_del(&server->rest);
	for (size_t i = 0; i < server->listener_count; i++)
		evconnlistener_free(server->listeners[i]);
	free(server);
}

/* Of what the server holds, and for each source. */
static size_t add_up(struct web_server *server)
{
	struct source *source;
	struct web_visit *visit;
	size_t total = 0;

	LIST_FOREACH(source, &server->sources, entry)
	source->backlog = 0;
	TAILQ_FOREACH(visit, &server->visits, entry)
	{
		size_t backlog = web_client_backlog(visit->client);
		total += backlog;
		visit->source->backlog += backlog;
	}
	return total;
}

void web_server_shed(struct web_server *server, size_t max)
{
	while (add_up(server) > max) {
		struct web_visit *visit, *goes = NULL;
		TAILQ_FOREACH(visit, &server->visits, entry)
		if (web_client_phase(visit->client) == WEB_CLIENT_RECEIVES &&
		    (!goes || visit->source->backlog > goes->source->backlog))
			goes = visit;
		if (!goes)
			return;
		web_client_close(goes->client);
	}
}
