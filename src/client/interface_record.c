/* SPDX-License-Identifier: ISC
 * interface_record: see interface_record.h. */
#include "client/interface_record.h"
#include "base/address.h"
#include "client/device_record.h"
#include "client/field.h"

enum { NETWORK_MAX = 64, NETWORK_TEXT_MAX = 256 };

/* The one of this name, borrowed; NULL. */
static struct json_object *find(struct json_object *interfaces, struct slice name)
{
	for (size_t i = 0; i < field_length(interfaces); i++) {
		struct json_object *interface = field_entry(interfaces, i);
		if (name.bytes && slice_equal(field_text_of(interface, "name"), name))
			return interface;
	}
	return NULL;
}

struct json_object *interface_record_network(struct json_object *interface_address)
{
	char text[NETWORK_MAX];
	struct writer w;
	struct slice network = field_text_of(interface_address, "network");

	writer_init(&w, text, sizeof(text));
	writer_slice(&w, network);
	writer_char(&w, '/');
	writer_slice(&w, field_text_of(interface_address, "prefix"));
	return network.len && !writer_error(&w) ? json_object_new_string_len(w.buffer, (int)w.len)
						: NULL;
}

struct json_object *interface_record_networks(struct json_object *interface)
{
	struct json_object *addresses = field_get(interface, "addresses");
	struct json_object *networks = json_object_new_array();

	for (size_t i = 0; i < field_length(addresses); i++) {
		struct json_object *network = interface_record_network(field_entry(addresses, i));
		if (network && !field_has_text(networks, field_text(network)))
			field_append(networks, network);
		else
			json_object_put(network);
	}
	return networks;
}

void interface_record_write_peer(struct json_object *peer, struct writer *w)
{
	struct slice name = field_text_of(peer, "name");
	struct slice netns = field_text_of(peer, "netns");
	struct slice netns_name = field_text_of(peer, "netns_name");

	if (!peer)
		return;
	writer_slice(w, name);
	if (name.len)
		return;
	if (netns_name.len)
		writer_format(w, "%.*s, ", SLICE_ARGS(netns_name));
	else if (netns.len)
		writer_format(w, "netns %.*s, ", SLICE_ARGS(netns));
	writer_format(w, "if %.*s", SLICE_ARGS(field_text_of(peer, "index")));
}

bool interface_record_contains(struct slice network, struct slice address)
{
	struct slice len = slice_skip(network, slice_find(network, '/') + 1);
	struct address sought;
	struct prefix prefix;
	uint64_t bits;

	if (address_parse(slice_head(network, slice_find(network, '/')), &prefix.address) < 0 ||
	    address_parse(address, &sought) < 0)
		return false;
	if (slice_to_u64(len, prefix.address.family == ADDRESS_IPV4 ? 32 : 128, &bits) < 0)
		return false;
	prefix.len = (uint8_t)bits;
	return prefix_contains(&prefix, &sought);
}

static bool is_link_local(struct slice text)
{
	struct address address;
	return address_parse(text, &address) == 0 && address_is_link_local(&address);
}

/* Adds a text that the array does not have yet. */
static void add_once(struct json_object *array, struct slice text)
{
	if (!field_has_text(array, text))
		field_append(array, json_object_new_string_len(text.bytes, (int)text.len));
}

static void add_networks(
    struct json_object *texts, struct json_object *interface, struct slice address)
{
	struct json_object *networks = interface_record_networks(interface);
	for (size_t i = 0; i < field_length(networks); i++) {
		struct slice network = field_text(field_entry(networks, i));
		char text[NETWORK_TEXT_MAX];
		struct writer w;
		if (!interface_record_contains(network, address))
			continue;
		writer_init(&w, text, sizeof(text));
		writer_slice(&w, network);
		writer_text(&w, " on ");
		writer_slice(&w, field_text_of(interface, "name"));
		add_once(texts, writer_result(&w));
	}
	json_object_put(networks);
}

struct json_object *interface_record_of_device(
    struct json_object *device, struct json_object *interfaces)
{
	struct json_object *networks = json_object_new_array();
	struct json_object *addresses = field_get(device, "addresses");
	bool local = is_link_local(device_record_address(device));

	for (size_t i = 0; i < field_length(addresses); i++) {
		struct json_object *entry = field_entry(addresses, i);
		struct slice address = field_text_of(entry, "address");
		if (local || !is_link_local(address))
			add_networks(
			    networks, find(interfaces, field_text_of(entry, "interface")), address);
	}
	return networks;
}
