/* SPDX-License-Identifier: ISC
 * surroundings: see surroundings.h. */
#include "discoverctl/surroundings.h"
#include "base/address.h"
#include "discoverctl/field.h"
#include "discoverctl/host_group.h"
#include "discoverctl/interface_record.h"
#include <stdlib.h>

enum { NETWORK_TEXT_MAX = 256, MATE_TEXT_MAX = 2048 };

static bool is_link_local(struct slice text)
{
	struct address address;
	return address_parse(text, &address) == 0 && address_is_link_local(&address);
}

/* Adds a text once. */
static void add_once(struct json_object *array, struct slice text)
{
	for (size_t i = 0; i < field_length(array); i++)
		if (slice_equal(field_text(field_entry(array, i)), text))
			return;
	json_object_array_add(array, json_object_new_string_len(text.bytes, (int)text.len));
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
		writer_slice(&w, field_text(field_get(interface, "name")));
		add_once(texts, writer_result(&w));
	}
	json_object_put(networks);
}

/* A link-local network is everybody's, and told where there is no other. */
static struct json_object *networks_of(struct json_object *device, struct json_object *interfaces)
{
	struct json_object *networks = json_object_new_array();
	struct json_object *addresses = field_get(device, "addresses");
	bool local = is_link_local(host_group_address(device));

	for (size_t i = 0; i < field_length(addresses); i++) {
		struct json_object *entry = field_entry(addresses, i);
		struct slice address = field_text(field_get(entry, "address"));
		if (local || !is_link_local(address))
			add_networks(networks,
			    interface_record_find(
				interfaces, field_text(field_get(entry, "interface"))),
			    address);
	}
	return networks;
}

static void add_mate(struct json_object *mates, struct json_object *device)
{
	char text[MATE_TEXT_MAX];
	struct writer w;
	writer_init(&w, text, sizeof(text));
	writer_slice(&w, field_text(field_get(device, "name")));
	writer_text(&w, " (");
	writer_slice(&w, field_text(field_get(device, "id")));
	writer_char(&w, ')');
	add_once(mates, writer_result(&w));
}

/* Who else is on its host. */
static struct json_object *mates_of(struct json_object *device, struct json_object *devices)
{
	struct json_object *mates = json_object_new_array();
	struct slice id = field_text(field_get(device, "id"));
	size_t count = field_length(devices), own = count;
	size_t *numbers = host_group_numbers(devices);

	for (size_t i = 0; i < count; i++)
		if (slice_equal(field_text(field_get(field_entry(devices, i), "id")), id))
			own = i;
	for (size_t i = 0; i < count && numbers && own < count; i++)
		if (i != own && numbers[i] == numbers[own])
			add_mate(mates, field_entry(devices, i));
	free(numbers);
	return mates;
}

void surroundings_add(
    struct json_object *device, struct json_object *interfaces, struct json_object *devices)
{
	struct json_object *networks = networks_of(device, interfaces);
	struct json_object *mates = mates_of(device, devices);

	if (!json_object_is_type(device, json_type_object)) {
		json_object_put(networks);
		json_object_put(mates);
		return;
	}
	json_object_object_add(device, "networks", networks);
	json_object_object_add(device, "same_host", mates);
}
