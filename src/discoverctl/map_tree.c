/* SPDX-License-Identifier: ISC
 * map_tree: see map_tree.h. */
#include "discoverctl/map_tree.h"
#include "discoverctl/field.h"
#include "discoverctl/host_group.h"
#include "discoverctl/interface_record.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	MASTERS_MAX = 4, /* above each other: a port, its bond, its bridge, and one for the road */
	NAME_MAX_LEN = 64,
	TEXT_MAX = 256,
};

struct map_tree {
	struct json_object *root;
	struct json_object *nodes;   /* interface by name, in their order */
	struct json_object *masters; /* name of the master by name */
	struct json_object *spots;   /* host by "INTERFACE/NUMBER" */
};

static void add_shared(
    struct json_object *object, const char *key, struct json_object *from, const char *from_key)
{
	json_object_object_add(object, key, json_object_get(field_get(from, from_key)));
}

static void add_array(struct json_object *object, const char *key)
{
	json_object_object_add(object, key, json_object_new_array());
}

/* NULL without a peer. */
static struct json_object *peer_text(struct json_object *peer)
{
	char text[TEXT_MAX];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	interface_record_write_peer(peer, &w);
	return w.len ? json_object_new_string_len(w.buffer, (int)w.len) : NULL;
}

static void add_network(struct json_object *networks, struct json_object *interface_address)
{
	struct json_object *text = interface_record_network(interface_address), *network = NULL;

	for (size_t i = 0; i < field_length(networks) && !network; i++)
		if (slice_equal(field_text(field_get(field_entry(networks, i), "network")),
			field_text(text)))
			network = field_entry(networks, i);
	if (!network && text) {
		network = json_object_new_object();
		json_object_object_add(network, "network", json_object_get(text));
		add_array(network, "addresses");
		add_array(network, "hosts");
		json_object_array_add(networks, network);
	}
	if (network)
		json_object_array_add(field_get(network, "addresses"),
		    json_object_get(field_get(interface_address, "address")));
	json_object_put(text);
}

/* `interface` is NULL where only a device speaks of it. */
static struct json_object *add_node(
    struct map_tree *tree, struct json_object *name, struct json_object *interface)
{
	struct json_object *node = json_object_new_object();
	struct json_object *addresses = field_get(interface, "addresses");

	json_object_object_add(node, "interface", json_object_get(name));
	add_shared(node, "kind", interface, "kind");
	add_shared(node, "up", interface, "up");
	add_shared(node, "mac", interface, "mac");
	add_shared(node, "gateway", interface, "gateway");
	json_object_object_add(node, "peer", peer_text(field_get(interface, "peer")));
	add_array(node, "networks");
	add_array(node, "hosts");
	add_array(node, "ports");
	for (size_t i = 0; i < field_length(addresses); i++)
		add_network(field_get(node, "networks"), field_entry(addresses, i));
	json_object_object_add(tree->nodes, json_object_get_string(name), node);
	if (field_get(interface, "master"))
		add_shared(tree->masters, json_object_get_string(name), interface, "master");
	return node;
}

static struct json_object *node_of(struct map_tree *tree, struct json_object *name)
{
	struct json_object *node = field_get(tree->nodes, json_object_get_string(name));
	return node ? node : add_node(tree, name, NULL);
}

/* The port that "br0/veth7 (netns 2, if 38)" names, when it is one of this bridge, and what stands
 * in the brackets. NULL for anything else. */
static struct json_object *port_of(
    struct map_tree *tree, struct slice attached, struct slice bridge, struct slice *peer)
{
	struct slice path = slice_head(attached, slice_find(attached, ' '));
	struct slice rest = slice_skip(attached, path.len + 1);
	struct slice name = slice_skip(path, bridge.len + 1);
	char text[NAME_MAX_LEN];

	if (!bridge.len || path.len <= bridge.len || path.bytes[bridge.len] != '/' ||
	    !slice_starts_with(path, bridge) || name.len >= sizeof(text))
		return NULL;
	memcpy(text, name.bytes, name.len);
	text[name.len] = '\0';
	*peer = SLICE_NONE;
	if (rest.len > 2 && rest.bytes[0] == '(' && rest.bytes[rest.len - 1] == ')')
		*peer = slice_head(slice_skip(rest, 1), rest.len - 2);
	if (!slice_equal(field_text(field_get(tree->masters, text)), bridge))
		return NULL;
	return field_get(tree->nodes, text);
}

static struct json_object *short_device(struct json_object *device)
{
	struct json_object *brief = json_object_new_object();
	add_shared(brief, "id", device, "id");
	add_shared(brief, "name", device, "name");
	add_shared(brief, "kind", device, "kind");
	add_shared(brief, "type", device, "type");
	return brief;
}

/* Devices come one after the other: one that is there already came last. */
static void add_device(struct json_object *host, struct json_object *device)
{
	struct json_object *devices = field_get(host, "devices");
	struct json_object *last = field_entry(devices, field_length(devices) - 1);
	if (!last || field_get(last, "id") != field_get(device, "id"))
		json_object_array_add(devices, short_device(device));
}

static struct json_object *add_host(struct json_object *where)
{
	struct json_object *host = host_group_new();
	add_array(host, "devices");
	json_object_array_add(field_get(where, "hosts"), host);
	return host;
}

static struct json_object *spot_of(struct map_tree *tree, struct json_object *node, size_t number)
{
	char key[TEXT_MAX];
	struct slice name = field_text(field_get(node, "interface"));
	snprintf(key, sizeof(key), "%zu/%.*s", number, SLICE_ARGS(slice_head(name, 128)));
	struct json_object *host = field_get(tree->spots, key);
	if (host)
		return host;
	host = add_host(node);
	json_object_object_add(tree->spots, key, json_object_get(host));
	return host;
}

static void place_device(struct map_tree *tree, struct json_object *device, size_t number)
{
	struct json_object *addresses = field_get(device, "addresses");
	struct slice attached = field_text(field_get(device, "attached_to"));

	for (size_t i = 0; i < field_length(addresses); i++) {
		struct json_object *address = field_entry(addresses, i);
		struct json_object *name = field_get(address, "interface");
		if (!name)
			continue;
		struct slice peer;
		struct json_object *node = port_of(tree, attached, field_text(name), &peer);
		if (node && peer.len)
			json_object_object_add(
			    node, "peer", json_object_new_string_len(peer.bytes, (int)peer.len));
		if (!node)
			node = node_of(tree, name);
		struct json_object *host = spot_of(tree, node, number);
		host_group_add(host, address);
		add_device(host, device);
	}
	if (!field_length(addresses))
		add_device(add_host(tree->root), device);
}

static struct json_object *network_of(struct json_object *node, struct slice address)
{
	struct json_object *networks = field_get(node, "networks");
	for (size_t i = 0; i < field_length(networks); i++) {
		struct json_object *network = field_entry(networks, i);
		if (interface_record_contains(field_text(field_get(network, "network")), address))
			return network;
	}
	return NULL;
}

/* Moves the hosts of a node into its networks, and drops those that only are there because
 * everybody has a link-local address. */
static void settle(struct json_object *node)
{
	struct json_object *hosts = field_get(node, "hosts"), *kept = json_object_new_array();
	struct json_object *networks = field_get(node, "networks");
	struct json_object *left = json_object_new_array();

	json_object_array_sort(hosts, host_group_compare);
	for (size_t i = 0; i < field_length(hosts); i++) {
		struct json_object *host = field_entry(hosts, i);
		struct json_object *network = network_of(node, host_group_address(host));
		json_object_array_add(
		    network ? field_get(network, "hosts") : left, json_object_get(host));
	}
	for (size_t i = 0; i < field_length(networks); i++) {
		struct json_object *network = field_entry(networks, i);
		if (field_length(field_get(network, "hosts")) ||
		    !slice_starts_with(field_text(field_get(network, "network")), SLICE("fe80:")))
			json_object_array_add(kept, json_object_get(network));
	}
	json_object_object_add(node, "hosts", left);
	json_object_object_add(node, "networks", kept);
}

/* The node that this one is a port of; NULL for one without a master that is known, and where
 * masters go round in a ring. */
static struct json_object *master_of(struct map_tree *tree, const char *name)
{
	struct json_object *master = field_get(tree->masters, name), *next = master;
	for (int i = 0; next; i++) {
		if (i == MASTERS_MAX)
			return NULL;
		next = field_get(tree->masters, json_object_get_string(next));
	}
	return master ? field_get(tree->nodes, json_object_get_string(master)) : NULL;
}

static bool has_hosts(struct json_object *node)
{
	struct json_object *networks = field_get(node, "networks");
	for (size_t i = 0; i < field_length(networks); i++)
		if (field_length(field_get(field_entry(networks, i), "hosts")))
			return true;
	return field_length(field_get(node, "hosts"));
}

/* Each node under its master; the loopback only where anybody was heard on it. */
static void link_nodes(struct map_tree *tree)
{
	struct json_object *top = field_get(tree->root, "interfaces");
	json_object_object_foreach(tree->nodes, name, node)
	{
		struct json_object *master = master_of(tree, name);
		if (has_hosts(node) ||
		    !slice_equal(field_text(field_get(node, "kind")), SLICE("loopback")))
			json_object_array_add(
			    master ? field_get(master, "ports") : top, json_object_get(node));
	}
}

static void add_all(
    struct map_tree *tree, struct json_object *interfaces, struct json_object *devices)
{
	size_t *numbers = host_group_numbers(devices);

	for (size_t i = 0; i < field_length(interfaces); i++) {
		struct json_object *interface = field_entry(interfaces, i);
		struct json_object *name = field_get(interface, "name");
		if (name && !field_get(tree->nodes, json_object_get_string(name)))
			add_node(tree, name, interface);
	}
	for (size_t i = 0; numbers && i < field_length(devices); i++)
		place_device(tree, field_entry(devices, i), numbers[i]);
	json_object_object_foreach(tree->nodes, name, node)
	{
		(void)name;
		settle(node);
	}
	link_nodes(tree);
	free(numbers);
}

struct json_object *map_tree_new(
    struct json_object *status, struct json_object *interfaces, struct json_object *devices)
{
	struct map_tree tree = {
	    .root = json_object_new_object(),
	    .nodes = json_object_new_object(),
	    .masters = json_object_new_object(),
	    .spots = json_object_new_object(),
	};
	add_shared(tree.root, "name", status, "name");
	add_shared(tree.root, "uuid", status, "uuid");
	add_array(tree.root, "interfaces");
	add_array(tree.root, "hosts");
	add_all(&tree, interfaces, devices);
	json_object_put(tree.spots);
	json_object_put(tree.masters);
	json_object_put(tree.nodes);
	return tree.root;
}
