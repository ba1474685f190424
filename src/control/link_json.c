/* SPDX-License-Identifier: ISC
 * link_json: see link_json.h. */
#include "control/link_json.h"
#include "control/json_build.h"

/* "Does not fit" counts as unknown. */
static struct json_object *hosts(const struct prefix *prefix)
{
	uint64_t count = prefix_hosts(prefix);
	return count > INT64_MAX ? NULL : json_count(count);
}

static struct json_object *addresses(const struct link *link)
{
	struct json_object *array = json_object_new_array_ext(2);
	for (size_t i = 0; i < link->address_count; i++) {
		const struct link_address *ours = &link->addresses[i];
		struct prefix prefix = link_address_network(ours);
		struct address network = prefix_network(&prefix);
		struct address first = prefix_first_host(&prefix), last = prefix_last_host(&prefix);
		struct json_object *entry = json_object_new_object();
		json_add(entry, "address", json_address(&ours->prefix.address));
		json_add(entry, "prefix", json_object_new_int(prefix.len));
		json_add(entry, "peer", json_address(&ours->peer));
		json_add(entry, "network", json_address(&network));
		json_add(entry, "gateway",
		    json_address(
			prefix.address.family == ADDRESS_IPV6 ? &link->gateway6 : &link->gateway));
		json_add(entry, "broadcast", json_address(&ours->broadcast));
		json_add(entry, "first_host", json_address(&first));
		json_add(entry, "last_host", json_address(&last));
		json_add(entry, "hosts", hosts(&prefix));
		json_append(array, entry);
	}
	return array;
}

static struct json_object *name_of(const struct link *link)
{
	return link ? json_text(link->name) : NULL;
}

static struct json_object *ports(const struct link_set *links, const struct link *link)
{
	struct json_object *array = json_object_new_array_ext(4);
	for (size_t i = 0; i < links->count; i++)
		if (links->links[i].master == link->index)
			json_append(array, json_text(links->links[i].name));
	return array;
}

/* The index counts in the peer's own namespace: without a namespace id it is ours. */
static struct json_object *peer(const struct control_host *host, const struct link *link)
{
	if (!link->peer)
		return NULL;
	bool ours = link->peer_netns < 0;
	const char *netns_name =
	    ours || !host->netns_name ? NULL : host->netns_name(host->context, link->peer_netns);
	struct json_object *object = json_object_new_object();
	json_add(object, "index", json_object_new_int64(link->peer));
	json_add(object, "netns", ours ? NULL : json_object_new_int(link->peer_netns));
	json_add(object, "netns_name", json_text(netns_name));
	json_add(object, "name", ours ? name_of(link_set_find(host->links, link->peer)) : NULL);
	return object;
}

static struct json_object *groups(const struct control_link_traffic *traffic)
{
	struct json_object *array = json_object_new_array_ext(2);
	for (size_t i = 0; i < traffic->group_count; i++)
		json_append(array, json_address(&traffic->groups[i]));
	return array;
}

struct json_object *link_json_new(const struct control_host *host, const struct link *link,
    const struct control_link_traffic *traffic)
{
	const struct link_set *links = host->links;
	struct json_object *object = json_object_new_object();
	json_add(object, "index", json_object_new_int64(link->index));
	json_add(object, "name", json_text(link->name));
	json_add(object, "kind", json_text(link->kind));
	json_add(object, "mac", json_mac(&link->mac));
	json_add(object, "up", json_object_new_boolean(link->up));
	json_add(object, "used", json_object_new_boolean(!traffic->unused_because));
	json_add(object, "unused_because", json_text(traffic->unused_because));
	json_add(object, "addresses", addresses(link));
	json_add(object, "gateway",
	    json_address(address_is_none(&link->gateway) ? &link->gateway6 : &link->gateway));
	json_add(
	    object, "master", link->master ? name_of(link_set_find(links, link->master)) : NULL);
	json_add(object, "bridge_ports", ports(links, link));
	json_add(object, "peer", peer(host, link));
	json_add(object, "groups", groups(traffic));
	json_add(object, "received", json_count(traffic->received));
	json_add(object, "sent", json_count(traffic->sent));
	json_add(object, "dropped", json_count(traffic->dropped));
	return object;
}
