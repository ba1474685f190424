/* SPDX-License-Identifier: ISC
 * map_tree: see map_tree.h. */
#include "client/map_tree.h"
#include "client/device_record.h"
#include "client/field.h"
#include "client/interface_record.h"
#include "client/natural_order.h"
#include <string.h>

enum {
	MASTERS_MAX = 4, /* levels: a port, its bond, its bridge, and one more */
	NAME_MAX_LEN = 64,
	TEXT_MAX = 256,
};

struct map_tree {
	struct json_object *root;
	struct json_object *nodes;   /* interface by name, in their order */
	struct json_object *masters; /* name of the master by name */
	bool pruned;
};

static void add_shared(
    struct json_object *object, const char *key, struct json_object *from, const char *from_key)
{
	field_add(object, key, json_object_get(field_get(from, from_key)));
}

static void add_array(struct json_object *object, const char *key)
{
	field_add(object, key, json_object_new_array());
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
		field_add(network, "network", json_object_get(text));
		add_array(network, "addresses");
		add_array(network, "devices");
		if (!field_append(networks, network))
			network = NULL;
	}
	if (network)
		field_append(field_get(network, "addresses"),
		    json_object_get(field_get(interface_address, "address")));
	json_object_put(text);
}

/* `interface` is NULL for one that only devices name. */
static struct json_object *add_node(
    struct map_tree *tree, struct json_object *name, struct json_object *interface)
{
	struct json_object *node = json_object_new_object();
	struct json_object *addresses = field_get(interface, "addresses");

	field_add(node, "interface", json_object_get(name));
	add_shared(node, "kind", interface, "kind");
	add_shared(node, "up", interface, "up");
	add_shared(node, "mac", interface, "mac");
	add_shared(node, "gateway", interface, "gateway");
	field_add(node, "peer", peer_text(field_get(interface, "peer")));
	add_array(node, "networks");
	add_array(node, "devices");
	add_array(node, "ports");
	for (size_t i = 0; i < field_length(addresses); i++)
		add_network(field_get(node, "networks"), field_entry(addresses, i));
	if (!field_add(tree->nodes, json_object_get_string(name), node))
		return NULL;
	if (field_get(interface, "master"))
		add_shared(tree->masters, json_object_get_string(name), interface, "master");
	return node;
}

static struct json_object *node_of(struct map_tree *tree, struct json_object *name)
{
	struct json_object *node = field_get(tree->nodes, json_object_get_string(name));
	return node ? node : add_node(tree, name, NULL);
}

/* The port that "br0/veth7 (netns 2, if 38)" names, when it is one of this bridge, and the text in
 * the brackets. NULL for anything else. */
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
	if (!slice_equal(field_text_of(tree->masters, text), bridge))
		return NULL;
	return field_get(tree->nodes, text);
}

/* The entry of the device at this node: the last one, because devices are placed one by one. */
static struct json_object *entry_of(struct json_object *where, struct json_object *device)
{
	struct json_object *devices = field_get(where, "devices");
	struct json_object *last = field_entry(devices, field_length(devices) - 1);

	if (last && field_get(last, "id") == field_get(device, "id"))
		return last;
	last = json_object_new_object();
	add_shared(last, "id", device, "id");
	add_shared(last, "name", device, "name");
	add_shared(last, "kind", device, "kind");
	add_shared(last, "type", device, "type");
	add_array(last, "addresses");
	return field_append(devices, last) ? last : NULL;
}

static void place_device(struct map_tree *tree, struct json_object *device)
{
	struct json_object *addresses = field_get(device, "addresses");
	struct slice attached = field_text_of(device, "attached_to");

	for (size_t i = 0; i < field_length(addresses); i++) {
		struct json_object *address = field_entry(addresses, i);
		struct json_object *name = field_get(address, "interface");
		if (!name)
			continue;
		struct slice peer;
		struct json_object *node = port_of(tree, attached, field_text(name), &peer);
		if (node && peer.len)
			field_add(
			    node, "peer", json_object_new_string_len(peer.bytes, (int)peer.len));
		if (!node)
			node = node_of(tree, name);
		field_append(
		    field_get(entry_of(node, device), "addresses"), json_object_get(address));
	}
	if (!field_length(addresses))
		entry_of(tree->root, device);
}

static struct json_object *network_of(struct json_object *node, struct slice address)
{
	struct json_object *networks = field_get(node, "networks");
	for (size_t i = 0; i < field_length(networks); i++) {
		struct json_object *network = field_entry(networks, i);
		if (interface_record_contains(field_text_of(network, "network"), address))
			return network;
	}
	return NULL;
}

/* By address, then by id; those without an address come last. For json_object_array_sort(). */
static int compare_devices(const void *left, const void *right)
{
	struct json_object *a = *(struct json_object *const *)left;
	struct json_object *b = *(struct json_object *const *)right;
	struct slice x = device_record_address(a), y = device_record_address(b);
	int order = !x.len != !y.len ? !x.len - !y.len : natural_order(x, y);

	return order ? order : natural_order(field_text_of(a, "id"), field_text_of(b, "id"));
}

/* Moves the devices of a node into its networks, and drops networks that are empty: those of
 * link-local addresses, which every interface has, and with `pruned` all. */
static void settle(struct json_object *node, bool pruned)
{
	struct json_object *devices = field_get(node, "devices"), *kept = json_object_new_array();
	struct json_object *networks = field_get(node, "networks");
	struct json_object *left = json_object_new_array();

	if (devices)
		json_object_array_sort(devices, compare_devices);
	for (size_t i = 0; i < field_length(devices); i++) {
		struct json_object *device = field_entry(devices, i);
		struct json_object *network = network_of(node, device_record_address(device));
		field_append(
		    network ? field_get(network, "devices") : left, json_object_get(device));
	}
	for (size_t i = 0; i < field_length(networks); i++) {
		struct json_object *network = field_entry(networks, i);
		struct slice text = field_text_of(network, "network");
		if (field_length(field_get(network, "devices")) ||
		    (!pruned && !slice_starts_with(text, SLICE("fe80:"))))
			field_append(kept, json_object_get(network));
	}
	field_add(node, "devices", left);
	field_add(node, "networks", kept);
}

/* The node that this one is a port of; NULL for one without a master that is known, and where the
 * masters form a ring. */
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

static bool has_devices(struct json_object *node)
{
	struct json_object *networks = field_get(node, "networks");
	for (size_t i = 0; i < field_length(networks); i++)
		if (field_length(field_get(field_entry(networks, i), "devices")))
			return true;
	return field_length(field_get(node, "devices"));
}

/* True where there are devices at one of the ports, or at one of the ports of a port. */
static bool has_devices_below(struct map_tree *tree, struct json_object *above)
{
	json_object_object_foreach(tree->nodes, name, node)
	{
		struct json_object *master = has_devices(node) ? master_of(tree, name) : NULL;
		for (int i = 0; master && i < MASTERS_MAX; i++) {
			if (master == above)
				return true;
			master =
			    master_of(tree, json_object_get_string(field_get(master, "interface")));
		}
	}
	return false;
}

static bool is_shown(struct map_tree *tree, struct json_object *node)
{
	if (has_devices(node))
		return true;
	if (tree->pruned)
		return has_devices_below(tree, node);
	return !slice_equal(field_text_of(node, "kind"), SLICE("loopback"));
}

/* Each node under its master; the loopback interface only where devices are on it. */
static void link_nodes(struct map_tree *tree)
{
	struct json_object *top = field_get(tree->root, "interfaces");
	json_object_object_foreach(tree->nodes, name, node)
	{
		struct json_object *master = master_of(tree, name);
		if (is_shown(tree, node))
			field_append(
			    master ? field_get(master, "ports") : top, json_object_get(node));
	}
}

static void add_all(
    struct map_tree *tree, struct json_object *interfaces, struct json_object *devices)
{
	for (size_t i = 0; i < field_length(interfaces); i++) {
		struct json_object *interface = field_entry(interfaces, i);
		struct json_object *name = field_get(interface, "name");
		if (name && !field_get(tree->nodes, json_object_get_string(name)))
			add_node(tree, name, interface);
	}
	for (size_t i = 0; i < field_length(devices); i++)
		place_device(tree, field_entry(devices, i));
	json_object_object_foreach(tree->nodes, name, node)
	{
		(void)name;
		settle(node, tree->pruned);
	}
	link_nodes(tree);
}

struct json_object *map_tree_new(struct json_object *status, struct json_object *interfaces,
    struct json_object *devices, bool pruned)
{
	struct map_tree tree = {
	    .root = json_object_new_object(),
	    .nodes = json_object_new_object(),
	    .masters = json_object_new_object(),
	    .pruned = pruned,
	};
	if (!tree.root || !tree.nodes || !tree.masters) {
		json_object_put(tree.root);
		tree.root = NULL;
	}
	add_shared(tree.root, "name", status, "name");
	add_shared(tree.root, "uuid", status, "uuid");
	add_array(tree.root, "interfaces");
	add_array(tree.root, "devices");
	if (tree.root)
		add_all(&tree, interfaces, devices);
	json_object_put(tree.masters);
	json_object_put(tree.nodes);
	return tree.root;
}
