/* SPDX-License-Identifier: ISC
 * part_http: serves the descriptions of what this host announces. */
#include "discoverd/parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "core/offer_description.h"
#include "net/http_server.h"

struct http_part {
	struct hub *hub;
	struct http_server *server; /* NULL: none is wanted */
	unsigned port;              /* that was configured when it was opened */
	bool ipv6;                  /* likewise */
};

/* True for a source that we would answer: this host, or a neighbour on a link that is used. */
static bool is_near(void *context, const struct address *source, struct mac *mac)
{
	const struct http_part *part = context;
	const struct link_set *usable = core_usable_links(part->hub->core);
	bool near = false;

	if (address_is_loopback(source) ||
	    link_set_has_address(core_links(part->hub->core), source))
		return true;
	for (size_t i = 0; i < usable->count; i++) {
		const struct link *link = &usable->links[i];
		bool confirmed;
		if (!link_has_neighbour(link, source))
			continue;
		near = true;
		/* A link-local address may be on any of them. */
		if (!mac->known && part->hub->work.find_mac)
			*mac = part->hub->work.find_mac(part->hub, link->index, source, &confirmed);
	}
	return near;
}

static int open_server(struct http_part *part)
{
	const struct config *config = core_config(part->hub->core);
	int result = http_server_open(part->hub->loop, (uint16_t)config->http.port,
	    config->network.ipv6, part->hub->identity.server, &part->server);

	if (result) {
		log_error("cannot serve the description on TCP port %u: %s; choose another one "
			  "([HTTP] port)",
		    config->http.port, strerror(-result));
		return result;
	}
	part->port = config->http.port;
	part->ipv6 = config->network.ipv6;
	http_server_set_guard(part->server, is_near, part);
	if (http_server_port(part->server) != config->http.port)
		log_notice("TCP port %u is taken; the description is served on port %u",
		    config->http.port, http_server_port(part->server));
	return 0;
}

/* Opens the server where one is wanted and none runs, and closes one that is not wanted. */
static int adjust(struct http_part *part)
{
	bool wanted = core_config(part->hub->core)->http.enabled;
	int result = 0;

	if (!wanted) {
		http_server_close(part->server);
		part->server = NULL;
	} else if (!part->server) {
		result = open_server(part);
	}
	if (result)
		return result;
	return core_set_http_port(part->hub->core, loop_now(part->hub->loop),
	    part->server ? http_server_port(part->server) : 0);
}

static int publish(struct hub *hub, const char *path, const struct offer *offer, const char *text)
{
	const struct http_part *part = hub_part(hub, &HTTP_PART);
	struct http_document document = {
	    .path = path,
	    .content_type = "text/xml; charset=\"utf-8\"",
	    .body = slice_of(text),
	    .service_count = offer_description_services(offer),
	};

	return part->server ? http_server_publish(part->server, &document) : 0;
}

static void unpublish(struct hub *hub, const char *path)
{
	const struct http_part *part = hub_part(hub, &HTTP_PART);

	if (part->server)
		http_server_unpublish(part->server, path);
}

static int open_http(struct hub *hub, void **state)
{
	struct http_part *part = calloc(1, sizeof(*part));

	*state = part;
	if (!part)
		return -ENOMEM;
	part->hub = hub;
	hub->work.publish = publish;
	hub->work.unpublish = unpublish;
	return adjust(part);
}

static void close_http(void *state)
{
	struct http_part *part = state;

	part->hub->work.publish = NULL;
	part->hub->work.unpublish = NULL;
	http_server_close(part->server);
	free(part);
}

static int reload(void *state, config_error_fn *error, void *context)
{
	struct http_part *part = state;
	(void)error;
	(void)context;
	const struct config *config = core_config(part->hub->core);

	if (part->port != config->http.port || part->ipv6 != config->network.ipv6) {
		http_server_close(part->server);
		part->server = NULL;
	}
	return adjust(part);
}

static bool counters(const void *state, size_t index, struct counter_group *group)
{
	const struct http_part *part = state;

	if (!part->server || index > 0)
		return false;
	*group = http_server_counters(part->server);
	return true;
}

const struct part HTTP_PART = {
    .name = "http",
    .open = open_http,
    .close = close_http,
    .reload = reload,
    .counters = counters,
};
