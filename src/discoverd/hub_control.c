/* SPDX-License-Identifier: ISC
 * hub_control: what control sessions may see of the daemon and have it do. */
#include "discoverd/hub_parts.h"

#include <string.h>

#include "config.h"

/* The session reads it before anything else happens, so one array per hub is enough. */
static size_t collect_counters(struct hub *hub)
{
	size_t count = 0;

	for (size_t i = 0; ENGINES[i]; i++) {
		const struct protocol *protocol = &hub->protocols[i];

		if (!protocol->engine)
			continue;
		hub->counters[count++] = protocol->type->counters(protocol->engine);
		hub->counters[count++] =
		    (struct counter_group){protocol->type->name, &protocol->elsewhere, 1};
		hub->counters[count++] = udp_counters(protocol->sockets[CHANNEL_SHARED]);
		hub->counters[count++] = udp_counters(protocol->sockets[CHANNEL_OWN]);
	}
	hub->counters[count++] = table_counters(hub->table);
	hub->counters[count++] = descriptions_counters(hub->descriptions);
	if (hub->http_server)
		hub->counters[count++] = http_server_counters(hub->http_server);
	hub->counters[count++] = control_socket_counters(hub->control_socket);
	hub->counters[count++] = netlink_counters(hub->netlink);
	return count;
}

static void status(void *context, struct control_status *status)
{
	struct hub *hub = context;

	*status = (struct control_status){
	    .version = PACKAGE_VERSION,
	    .since = hub->since,
	    .uuid = hub->identity.udn,
	    .name = hub->announcement.devices[0].name,
	    .devices = table_count(hub->table),
	    .warning = hub->warning[0] ? hub->warning : NULL,
	    .group_count = collect_counters(hub),
	    .groups = hub->counters,
	};
}

static void traffic(void *context, uint32_t link, struct control_link_traffic *traffic)
{
	struct hub *hub = context;

	memset(traffic, 0, sizeof(*traffic));
	for (size_t i = 0; ENGINES[i]; i++) {
		const struct protocol *protocol = &hub->protocols[i];

		if (!protocol->engine)
			continue;
		udp_link_traffic(
		    protocol->sockets[CHANNEL_SHARED], link, &traffic->received, &traffic->sent);
		udp_link_traffic(
		    protocol->sockets[CHANNEL_OWN], link, &traffic->received, &traffic->sent);
		if (!protocol->port.group_count || !link_set_find(&hub->usable, link))
			continue;
		traffic->groups = protocol->port.groups;
		traffic->group_count = protocol->port.group_count;
	}
}

static int64_t wall_clock(void *context, struct instant instant)
{
	struct hub *hub = context;

	return instant.us + hub->engine_context.wall_offset;
}

static int search(void *context, struct slice target, unsigned seconds)
{
	struct hub *hub = context;

	for (size_t i = 0; ENGINES[i]; i++)
		protocol_search(&hub->protocols[i], loop_now(hub->loop), target, seconds);
	return 0;
}

static int reload(void *context, struct writer *why)
{
	return hub_reload(context, why);
}

void hub_control_init(struct hub *hub)
{
	hub->control_host = (struct control_host){
	    .context = hub,
	    .table = hub->table,
	    .status = status,
	    .traffic = traffic,
	    .wall_clock = wall_clock,
	    .search = search,
	    .reload = reload,
	};
}
