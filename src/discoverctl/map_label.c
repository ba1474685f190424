/* SPDX-License-Identifier: ISC
 * map_label: see map_label.h. */
#include "discoverctl/map_label.h"
#include "base/text.h"
#include "client/field.h"
#include "client/interface_record.h"
#include "discoverctl/columns.h"
#include <string.h>

/* The first characters, of MAP_PART_MAX / 4 bytes at most: an escaped byte takes four. */
static struct slice fitting(struct slice text)
{
	size_t used = 0;
	while (used < text.len) {
		int32_t code_point;
		size_t len = text_decode(slice_skip(text, used), &code_point);
		if (used + len > MAP_PART_MAX / 4)
			break;
		used += len;
	}
	return slice_head(text, used);
}

/* Adds "BEFORE text" unless the text is empty. */
static void add_part(
    struct map_label *label, const char *before, struct slice text, const char *paint)
{
	char raw[MAP_PART_MAX];
	struct writer in, out;
	char *place = label->text + label->count * MAP_PART_MAX;

	if (!text.len || label->count == MAP_PARTS_MAX)
		return;
	writer_init(&in, raw, sizeof(raw));
	writer_text(&in, before);
	writer_slice(&in, fitting(text));
	writer_init(&out, place, MAP_PART_MAX);
	text_escape(fitting(writer_result(&in)), &out);
	label->parts[label->count++] = (struct map_part){writer_result(&out), paint};
}

static void add_field(
    struct map_label *label, const char *before, struct json_object *object, const char *key)
{
	add_part(label, before, field_text(field_get(object, key)), NULL);
}

/* A column of a record, as in a table. */
static struct slice cell_of(const struct column_set *set, const char *name,
    struct json_object *record, char buffer[MAP_PART_MAX])
{
	struct column_view view = {.brief = true};
	struct chosen_column chosen;
	struct writer w;

	writer_init(&w, buffer, MAP_PART_MAX);
	if (column_set_find(set, slice_of(name), &chosen))
		column_write(&chosen, record, &view, &w);
	return writer_result(&w);
}

static void label_root(struct map_label *label, struct json_object *root)
{
	struct slice name = fitting(field_text(field_get(root, "name")));
	char text[MAP_PART_MAX];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	writer_slice(&w, name);
	if (field_get(root, "uuid") || !name.len) /* else it is the broker of a fleet */
		writer_text(&w, name.len ? " (this host)" : "this host");
	add_part(label, "", writer_result(&w), "\033[1m");
}

static void label_interface(struct map_label *label, struct json_object *interface)
{
	struct json_object *up = field_get(interface, "up");
	bool is_up = json_object_get_boolean(up);

	add_part(label, "", field_text(field_get(interface, "interface")), "\033[1m");
	add_field(label, "", interface, "kind");
	if (up)
		add_part(
		    label, "", slice_of(is_up ? "up" : "down"), is_up ? "\033[32m" : "\033[31m");
	add_field(label, "", interface, "mac");
	add_field(label, "to ", interface, "peer");
}

static void label_network(
    struct map_label *label, struct json_object *network, struct json_object *interface)
{
	struct slice text = field_text(field_get(network, "network"));
	struct slice gateway = field_text(field_get(interface, "gateway"));
	char buffer[MAP_PART_MAX];
	struct writer w;

	add_part(label, "", text, NULL);
	writer_init(&w, buffer, sizeof(buffer));
	for (size_t i = 0; i < field_length(field_get(network, "addresses")); i++) {
		writer_text(&w, i ? ", " : "");
		writer_slice(&w, field_text(field_entry(field_get(network, "addresses"), i)));
	}
	add_part(label, "as ", writer_result(&w), NULL);
	if (interface_record_contains(text, gateway))
		add_part(label, "gateway ", gateway, NULL);
}

/* "name (Type)  addresses  MAC  vendor". The name of a device without one is its address, which
 * then is not repeated. */
static void label_device(struct map_label *label, struct json_object *device)
{
	char buffer[MAP_PART_MAX], text[2 * MAP_PART_MAX];
	struct slice type = fitting(cell_of(&DEVICE_COLUMNS, "type", device, buffer));
	struct slice name = field_text(field_get(device, "name"));
	bool bracketed = slice_starts_with(type, SLICE("("));
	struct writer w;

	writer_init(&w, text, sizeof(text));
	writer_slice(&w, fitting(name));
	if (type.len)
		writer_format(&w, bracketed ? " %.*s" : " (%.*s)", SLICE_ARGS(type));
	add_part(label, "", writer_result(&w), NULL);
	writer_init(&w, text, sizeof(text));
	columns_write_reachable(field_get(device, "addresses"), &w);
	if (!slice_equal(writer_result(&w), name))
		add_part(label, "", writer_result(&w), NULL);
	add_part(label, "", cell_of(&DEVICE_COLUMNS, "mac", device, buffer), NULL);
	add_part(label, "", cell_of(&DEVICE_COLUMNS, "vendor", device, buffer), NULL);
}

void map_label_get(const struct map_walk *walk, struct map_label *label)
{
	const struct map_level *level = &walk->levels[walk->depth - 1];

	label->count = 0;
	switch (level->kind) {
	case MAP_ROOT:
		label_root(label, level->object);
		break;
	case MAP_INTERFACE:
		label_interface(label, level->object);
		break;
	case MAP_NETWORK:
		label_network(label, level->object, level[-1].object);
		break;
	case MAP_DEVICE:
		label_device(label, level->object);
		break;
	}
	if (!label->count)
		add_part(label, "", SLICE("-"), NULL);
}
