/* SPDX-License-Identifier: ISC
 * hub_neighbours: who is where: the kernel's neighbours and bridges, vendors and namespaces, handed
 * to the table and to whoever asks. */
#include "discoverd/hub_parts.h"

#include <errno.h>
#include <string.h>

/* Programs on this host are nobody's neighbours, but they have our own MAC. */
struct mac hub_find_mac(void *context, uint32_t index, const struct address *address)
{
	const struct hub *hub = context;
	const struct link *link = link_set_find(&hub->usable, index);

	for (size_t i = 0; link && i < link->address_count; i++)
		if (address_equal(&link->addresses[i].prefix.address, address))
			return link->mac;
	return neighbours_find(neighbour_feed_neighbours(hub->neighbour_feed), index, address);
}

/* Where the kernel is about to tell, it is heard first: then the first that is told of a device has
 * its MAC in it. */
struct mac hub_neighbour(struct hub *hub, uint32_t link, const struct address *address)
{
	struct mac mac = hub_find_mac(hub, link, address);

	if (mac.known || address_is_none(address))
		return mac;
	neighbour_feed_catch_up(hub->neighbour_feed);
	return hub_find_mac(hub, link, address);
}

static void changed(void *context)
{
	struct hub *hub = context;

	table_learn_macs(hub->table, hub_find_mac, hub);
}

static void renamed(void *context, int32_t netns)
{
	struct hub *hub = context;

	netns_names_forget(hub->netns_names, netns);
}

static const char *vendor(void *context, const struct mac *mac)
{
	struct hub *hub = context;

	return vendors_find(hub->vendors, mac);
}

static const char *netns_name(void *context, int32_t netns)
{
	struct hub *hub = context;

	return netns_names_find(hub->netns_names, loop_now(hub->loop), netns);
}

int hub_neighbours_open(struct hub *hub)
{
	struct neighbour_feed_listener listener = {hub, changed, renamed};
	int result;

	hub->netns_names = netns_names_new(NULL);
	if (!hub->netns_names)
		return -ENOMEM;
	hub->vendors = vendors_open();
	result = neighbour_feed_open(
	    hub->loop, &hub->engine_context.key, &listener, &hub->neighbour_feed);
	if (result) {
		log_error("cannot follow the neighbours (netlink): %s", strerror(-result));
		return result;
	}
	hub->control_host.forwarding = neighbour_feed_forwarding(hub->neighbour_feed);
	hub->control_host.vendor = vendor;
	hub->control_host.netns_name = netns_name;
	return 0;
}

void hub_neighbours_close(struct hub *hub)
{
	neighbour_feed_close(hub->neighbour_feed);
	netns_names_free(hub->netns_names);
	vendors_close(hub->vendors);
}
