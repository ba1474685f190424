/* SPDX-License-Identifier: ISC
 * grouping: see grouping.h. */
#include "discoverctl/grouping.h"
#include "client/field.h"
#include "client/interface_record.h"
#include "discoverctl/columns.h"
#include <string.h>

static void add_device(struct json_object *group, struct json_object *device)
{
	struct json_object *devices = field_get(group, "devices");
	if (!devices) {
		devices = json_object_new_array();
		json_object_object_add(group, "devices", devices);
	}
	json_object_array_add(devices, device);
}

/* A copy without one of its members; NULL leaves none out. */
static struct json_object *copy_without(struct json_object *object, const char *key)
{
	struct json_object *copy = json_object_new_object();
	if (!json_object_is_type(object, json_type_object))
		return copy;
	json_object_object_foreach(object, name, value)
	{
		if (!key || strcmp(name, key))
			json_object_object_add(copy, name, json_object_get(value));
	}
	return copy;
}

/* A copy of the device with its addresses on this interface alone; NULL where it has none.
 * `nowhere`: the device itself where it has no address at all. */
static struct json_object *device_there(
    struct json_object *device, struct json_object *interface, bool nowhere)
{
	struct json_object *all = field_get(device, "addresses"), *there, *copy;
	if (nowhere)
		return field_length(all) ? NULL : json_object_get(device);
	there = json_object_new_array();
	for (size_t i = 0; i < field_length(all); i++) {
		struct json_object *address = field_entry(all, i);
		if (slice_equal(field_text(field_get(address, "interface")), field_text(interface)))
			json_object_array_add(there, json_object_get(address));
	}
	copy = field_length(there) ? copy_without(device, NULL) : NULL;
	if (copy)
		json_object_object_add(copy, "addresses", there);
	else
		json_object_put(there);
	return copy;
}

/* Adds the group of an interface, unless it is empty. */
static void add_interface(struct json_object *groups, struct json_object *devices,
    struct json_object *interface, struct json_object *name)
{
	struct json_object *group = NULL;
	for (size_t i = 0; i < field_length(devices); i++) {
		struct json_object *device = device_there(field_entry(devices, i), name, !name);
		if (!device)
			continue;
		if (!group) {
			group = json_object_new_object();
			json_object_object_add(group, "group", json_object_get(name));
			json_object_object_add(
			    group, "networks", interface_record_networks(interface));
			json_object_array_add(groups, group);
		}
		add_device(group, device);
	}
}

/* The interfaces of discoverd in its order; then those that only devices name, because an interface
 * may be gone by now; then devices without an address. */
static struct json_object *by_interface(struct json_object *devices, struct json_object *interfaces)
{
	struct json_object *groups = json_object_new_array(), *device, *address;
	struct json_object *done = json_object_new_object();

	for (size_t i = 0; i < field_length(interfaces); i++) {
		struct json_object *interface = field_entry(interfaces, i);
		struct json_object *name = field_get(interface, "name");
		if (!name || field_get(done, json_object_get_string(name)))
			continue;
		add_interface(groups, devices, interface, name);
		json_object_object_add(done, json_object_get_string(name), json_object_get(name));
	}
	for (size_t i = 0; (device = field_entry(devices, i)); i++)
		for (size_t j = 0; (address = field_entry(field_get(device, "addresses"), j));
		     j++) {
			struct json_object *name = field_get(address, "interface");
			if (!name || field_get(done, json_object_get_string(name)))
				continue;
			add_interface(groups, devices, NULL, name);
			json_object_object_add(
			    done, json_object_get_string(name), json_object_get(name));
		}
	add_interface(groups, devices, NULL, NULL);
	json_object_put(done);
	return groups;
}

/* The interface and its networks, with two blanks between. */
static void print_title(struct output *output, struct json_object *group)
{
	char cell[OUTPUT_CELL_MAX], line[OUTPUT_CELL_MAX];
	struct writer w;

	writer_init(&w, line, sizeof(line));
	for (const struct column *column = GROUP_COLUMNS.columns; column->name; column++) {
		struct chosen_column chosen = {column, NULL, false};
		struct slice text = output_cell(output, &chosen, group, cell);
		if (text.len && w.len)
			writer_text(&w, "  ");
		writer_slice(&w, text);
	}
	output->groups += w.len > 0; /* the last one may be no interface */
	output_group(output, w.len ? writer_result(&w) : SLICE("-"));
}

/* The members of the group, then those of the device. */
static struct json_object *flat_record(struct json_object *group, struct json_object *device)
{
	struct json_object *record = copy_without(group, "devices");
	if (!json_object_is_type(device, json_type_object))
		return record;
	json_object_object_foreach(device, name, value)
	{
		json_object_object_add(record, name, json_object_get(value));
	}
	return record;
}

static void print_group(struct output *output, struct json_object *group)
{
	struct json_object *devices = field_get(group, "devices");

	if (output_is_table(output))
		print_title(output, group);
	for (size_t i = 0; i < field_length(devices); i++) {
		struct json_object *record = flat_record(group, field_entry(devices, i));
		output_record(output, record);
		json_object_put(record);
	}
}

void grouping_print(
    struct output *output, struct json_object *devices, struct json_object *interfaces)
{
	struct json_object *groups = by_interface(devices, interfaces);

	if (!output_is_json(output) && !output_is_table(output))
		output_prepend(output, &GROUP_COLUMNS);
	output_begin(output, false);
	for (size_t i = 0; i < field_length(groups); i++)
		if (output_is_json(output))
			output_record(output, field_entry(groups, i));
		else
			print_group(output, field_entry(groups, i));
	if (output_is_table(output))
		output->records = field_length(devices); /* a device may be in several groups */
	output_end(output);
	json_object_put(groups);
}
