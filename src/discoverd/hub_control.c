/* SPDX-License-Identifier: ISC
 * hub_control: what control sessions may see of the daemon and have it do. */
#include "discoverd/hub_parts.h"

#include "base/array.h"
#include "config.h"

/* One too many is missing rather than written behind the array. */
static void collect(struct hub *hub, struct counter_group group)
{
	if (hub->counter_count < COUNT_OF(hub->counters))
		hub->counters[hub->counter_count++] = group;
}

/* The session reads it before anything else happens, so one array per hub is enough. */
static size_t collect_counters(struct hub *hub)
{
	hub->counter_count = 0;
	for (size_t i = 0; ENGINES[i]; i++) {
		const struct protocol *protocol = &hub->protocols[i];

		if (!protocol->engine)
			continue;
		collect(hub, protocol->type->counters(protocol->engine));
		collect(hub, (struct counter_group){protocol->type->name, &protocol->elsewhere, 1});
		for (size_t k = 0; k < FAMILIES * CHANNELS; k++) {
			const struct udp *socket = protocol->sockets[k / CHANNELS][k % CHANNELS];
			if (socket)
				collect(hub, udp_counters(socket));
		}
	}
	collect(hub, table_counters(hub->table));
	collect(hub, descriptions_counters(hub->descriptions));
	collect(hub, descriptions_fetch_counters(hub->descriptions));
	if (hub->http_server)
		collect(hub, http_server_counters(hub->http_server));
	collect(hub, probes_counters(hub->probes));
	collect(hub, control_socket_counters(hub->control_socket));
	collect(hub, netlink_counters(hub->netlink));
	if (hub->minissdpd_socket) {
		collect(hub, minissdpd_socket_counters(hub->minissdpd_socket));
		collect(hub, submissions_counters(hub->submissions));
	}
	collect(hub, neighbour_feed_counters(hub->neighbour_feed));
	return hub->counter_count;
}

static void status(void *context, struct control_status *status)
{
	struct hub *hub = context;

	*status = (struct control_status){
	    .version = PACKAGE_VERSION,
	    .since = hub->since,
	    .uuid = hub->identity.udn,
	    .name = announcement_own(&hub->announcement)->devices[0].name,
	    .devices = table_count(hub->table),
	    .warnings = hub->warning_list,
	    .warning_count = hub_warnings_list(hub),
	    .announcement = &hub->announcement,
	    .group_count = collect_counters(hub),
	    .groups = hub->counters,
	};
}

static void traffic(void *context, uint32_t link, struct control_link_traffic *traffic)
{
	struct hub *hub = context;
	struct udp_traffic sum = {0};
	struct link_filter filter = hub_links_filter(&hub->config);
	const struct link_set *links = netlink_links(hub->netlink);
	const struct link *found = link_set_find(links, link);

	*traffic = (struct control_link_traffic){.groups = hub->groups};
	for (size_t i = 0; ENGINES[i]; i++) {
		const struct protocol *protocol = &hub->protocols[i];

		if (!protocol->engine)
			continue;
		for (size_t k = 0; k < FAMILIES * CHANNELS; k++) {
			const struct udp *socket = protocol->sockets[k / CHANNELS][k % CHANNELS];
			if (socket)
				udp_link_traffic(socket, link, &sum);
		}
		traffic->group_count += protocol_groups(protocol, link,
		    hub->groups + traffic->group_count, HUB_GROUPS_MAX - traffic->group_count);
	}
	if (found)
		traffic->unused_because = link_verdict_text(link_judge(links, found, &filter));
	traffic->received = sum.received;
	traffic->sent = sum.sent;
	traffic->dropped = sum.dropped;
}

static int64_t wall_clock(void *context, struct instant instant)
{
	struct hub *hub = context;

	return instant.us + hub->engine_context.wall_offset;
}

static int search(void *context, struct slice target, unsigned seconds)
{
	struct hub *hub = context;

	log_debug("search for %.*s during %u s", SLICE_ARGS(target), seconds);
	for (size_t i = 0; ENGINES[i]; i++)
		protocol_search(&hub->protocols[i], loop_now(hub->loop), target, seconds);
	return 0;
}

static int probe(void *context, const struct probe_plan *plan, uint64_t *number)
{
	struct hub *hub = context;

	return probes_start(hub->probes, plan, number);
}

static void probe_cancel(void *context, uint64_t number)
{
	struct hub *hub = context;

	probes_cancel(hub->probes, number);
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
	    .usable = &hub->usable,
	    .status = status,
	    .traffic = traffic,
	    .wall_clock = wall_clock,
	    .search = search,
	    .probe = probe,
	    .probe_cancel = probe_cancel,
	    .reload = reload,
	};
	hub_programs_init(hub);
}
