/* SPDX-License-Identifier: ISC
 * part_neighbours: the kernel's neighbours and bridges, vendors and namespaces, for the table and
 * for sessions. */
#include "discoverd/parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mac.h"
#include "discoverd/vendors.h"
#include "net/neighbour_feed.h"
#include "net/netns_names.h"

struct neighbours_part {
	struct hub *hub;
	struct neighbour_feed *feed;
	struct netns_names *names;
	struct vendors *vendors; /* NULL: no hardware database here */
};

/* What the kernel has sent is taken in first: then the first report of a device has its MAC. */
static struct mac find_mac(
    struct hub *hub, uint32_t index, const struct address *address, bool *confirmed)
{
	struct neighbours_part *part = hub_part(hub, &NEIGHBOURS_PART);
	const struct link *link = link_set_find(core_usable_links(hub->core), index);

	*confirmed = true;
	/* programs on this host are in no neighbour table, but have our own MAC */
	for (size_t i = 0; link && i < link->address_count; i++)
		if (address_equal(&link->addresses[i].prefix.address, address))
			return link->mac;
	if (!part || address_is_none(address))
		return (struct mac){0};
	struct mac mac =
	    neighbours_find(neighbour_feed_neighbours(part->feed), index, address, confirmed);
	if (mac.known)
		return mac;
	neighbour_feed_catch_up(part->feed);
	return neighbours_find(neighbour_feed_neighbours(part->feed), index, address, confirmed);
}

static uint32_t count_macs(struct hub *hub)
{
	const struct neighbours_part *part = hub_part(hub, &NEIGHBOURS_PART);

	return part ? neighbour_feed_neighbours(part->feed)->changes : 0;
}

static void learned(void *context, const struct neighbour_news *news)
{
	struct neighbours_part *part = context;

	core_learn_mac(part->hub->core, loop_now(part->hub->loop), news->link, &news->address);
}

static void reachable(void *context, const struct neighbour_news *news)
{
	struct neighbours_part *part = context;

	core_neighbour(
	    part->hub->core, loop_now(part->hub->loop), news->link, &news->address, &news->mac);
}

static void renamed(void *context, int32_t netns)
{
	struct neighbours_part *part = context;

	netns_names_forget(part->names, netns);
}

static const char *vendor(void *context, const struct mac *mac)
{
	struct neighbours_part *part = hub_part(context, &NEIGHBOURS_PART);

	return vendors_find(part->vendors, mac);
}

static const char *netns_name(void *context, int32_t netns)
{
	struct hub *hub = context;
	struct neighbours_part *part = hub_part(hub, &NEIGHBOURS_PART);

	return netns_names_find(part->names, loop_now(hub->loop), netns);
}

static void close_neighbours(void *state)
{
	struct neighbours_part *part = state;

	neighbour_feed_close(part->feed);
	netns_names_free(part->names);
	vendors_close(part->vendors);
	free(part);
}

static int open_neighbours(struct hub *hub, void **state)
{
	struct neighbours_part *part = calloc(1, sizeof(*part));
	struct neighbour_feed_listener listener = {part, learned, reachable, renamed};
	int result;

	*state = part;
	if (!part)
		return -ENOMEM;
	part->hub = hub;
	part->names = netns_names_new(NULL);
	if (!part->names)
		return -ENOMEM;
	part->vendors = vendors_open();
	result = neighbour_feed_open(hub->loop, &hub->key, &listener, &part->feed);
	if (result) {
		log_error("cannot follow the neighbours (netlink): %s", strerror(-result));
		return result;
	}
	hub->control_host.forwarding = neighbour_feed_forwarding(part->feed);
	hub->work.find_mac = find_mac;
	hub->work.count_macs = count_macs;
	hub->control_host.vendor = vendor;
	hub->control_host.netns_name = netns_name;
	return 0;
}

/* What netns_names looks at. */
static void files(const void *state, struct file_rules *rules)
{
	(void)state;
	file_rules_allow(rules, "/run/netns", FILE_USE_READ);
	file_rules_allow(rules, "/sys/fs/cgroup", FILE_USE_READ);
}

static bool counters(const void *state, size_t index, struct counter_group *group)
{
	const struct neighbours_part *part = state;

	*group = neighbour_feed_counters(part->feed);
	return index == 0;
}

const struct part NEIGHBOURS_PART = {
    .name = "neighbours",
    .open = open_neighbours,
    .close = close_neighbours,
    .files = files,
    .counters = counters,
};
