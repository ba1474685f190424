/* SPDX-License-Identifier: ISC
 * document: see document.h. */
#include "mqtt/document.h"

#include <json-c/json.h>

#include "base/array.h"
#include "client/field.h"
#include "wire/json_print.h"

static void remove_times(struct json_object *object)
{
	if (!json_object_is_type(object, json_type_object))
		return;
	json_object_object_del(object, "last_seen");
	json_object_object_del(object, "expires_in");
}

char *document_of_device(struct json_object *device, size_t *len)
{
	struct json_object *endpoints = field_get(device, "endpoints");

	remove_times(device);
	for (size_t i = 0; i < field_length(endpoints); i++) {
		struct json_object *endpoint = field_entry(endpoints, i);
		struct json_object *services = field_get(endpoint, "services");
		remove_times(endpoint);
		for (size_t k = 0; k < field_length(services); k++)
			remove_times(field_entry(services, k));
	}
	return json_print(device, len);
}

void document_write_state(struct json_writer *w, bool online, uint64_t session)
{
	json_writer_open(w, '{');
	json_writer_name(w, JSON_NAME("online"));
	json_writer_truth(w, online);
	json_writer_name(w, JSON_NAME("session"));
	json_writer_number(w, (int64_t)session);
	json_writer_close(w, '}');
}

void document_write_info(struct json_writer *w, const struct document_board *board)
{
	json_writer_open(w, '{');
	json_writer_name(w, JSON_NAME("version"));
	json_writer_string(w, board->version);
	json_writer_name(w, JSON_NAME("name"));
	json_writer_string(w, board->name);
	json_writer_name(w, JSON_NAME("session"));
	json_writer_number(w, (int64_t)board->session);
	json_writer_name(w, JSON_NAME("devices"));
	json_writer_number(w, (int64_t)board->devices);
	json_writer_name(w, JSON_NAME("links"));
	if (board->links) {
		json_print_into(w, board->links);
	} else {
		json_writer_open(w, '[');
		json_writer_close(w, ']');
	}
	json_writer_close(w, '}');
}

static void write_member(struct json_writer *w, struct slice name, struct slice value)
{
	json_writer_name(w, name);
	if (value.len)
		json_writer_slice(w, value);
	else
		json_writer_null(w);
}

void document_write_event(struct json_writer *w, const char *event, struct json_object *device,
    const char *former, const char *merged_into)
{
	json_writer_open(w, '{');
	write_member(w, JSON_NAME("event"), slice_of(event));
	write_member(w, JSON_NAME("id"), field_text_of(device, "id"));
	write_member(w, JSON_NAME("name"), field_text_of(device, "name"));
	write_member(w, JSON_NAME("address"), document_address(device));
	if (former)
		write_member(w, JSON_NAME("former"), slice_of(former));
	if (merged_into)
		write_member(w, JSON_NAME("merged_into"), slice_of(merged_into));
	json_writer_close(w, '}');
}

struct slice document_address(struct json_object *device)
{
	struct json_object *first = field_entry(field_get(device, "addresses"), 0);

	return field_text_of(first, "address");
}

struct json_object *document_of_link(struct json_object *interface, const char *segment)
{
	static const char *const KEYS[] = {"name", "kind", "mac", "up", "addresses", "gateway"};
	struct json_object *link = json_object_new_object();

	for (size_t i = 0; link && i < COUNT_OF(KEYS); i++)
		json_object_object_add(
		    link, KEYS[i], json_object_get(field_get(interface, KEYS[i])));
	if (link)
		json_object_object_add(
		    link, "segment", segment ? json_object_new_string(segment) : NULL);
	return link;
}
