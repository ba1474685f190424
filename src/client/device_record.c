/* SPDX-License-Identifier: ISC
 * device_record: see device_record.h. */
#include "client/device_record.h"
#include "base/address.h"
#include "base/array.h"
#include "client/field.h"

static void each_text(struct json_object *array, device_record_fn *fn, void *context)
{
	for (size_t i = 0; i < field_length(array); i++) {
		struct slice text = field_text(field_entry(array, i));
		fn(context, text);
		if (slice_starts_with_nocase(text, SLICE("uuid:")))
			fn(context, slice_skip(text, 5));
	}
}

void device_record_keys(struct json_object *device, device_record_fn *fn, void *context)
{
	struct json_object *addresses = field_get(device, "addresses");
	struct json_object *endpoints = field_get(device, "endpoints");
	struct slice id = field_text_of(device, "id");

	fn(context, field_text_of(device, "name"));
	each_text(field_get(device, "host_names"), fn, context);
	for (size_t i = 0; i < field_length(endpoints); i++)
		fn(context, field_text(field_get(field_entry(endpoints, i), "name")));
	fn(context, id);
	fn(context, slice_without_prefix_nocase(id, SLICE("uuid:")));
	each_text(field_get(device, "ids"), fn, context);
	for (size_t i = 0; i < field_length(addresses); i++) {
		fn(context, field_text(field_get(field_entry(addresses, i), "address")));
		fn(context, field_text(field_get(field_entry(addresses, i), "mac")));
	}
}

struct matching {
	struct slice pattern;
	enum pattern_match best;
};

static void match_text(void *context, struct slice text)
{
	struct matching *matching = context;
	enum pattern_match match =
	    matching->best < PATTERN_WHOLE ? pattern_match(matching->pattern, text) : PATTERN_NONE;
	if (match > matching->best)
		matching->best = match;
}

enum pattern_match device_record_match(struct json_object *device, struct slice pattern)
{
	struct matching matching = {pattern, PATTERN_NONE};
	device_record_keys(device, match_text, &matching);
	return matching.best;
}

bool device_record_has_type(struct json_object *device, struct slice pattern)
{
	struct json_object *endpoints = field_get(device, "endpoints");

	if (pattern_matches_type(pattern, field_text_of(device, "type")))
		return true;
	for (size_t i = 0; i < field_length(endpoints); i++) {
		struct json_object *endpoint = field_entry(endpoints, i);
		struct json_object *services = field_get(endpoint, "services");
		if (pattern_matches_type(pattern, field_text_of(endpoint, "type")))
			return true;
		for (size_t k = 0; k < field_length(services); k++)
			if (pattern_matches_type(
				pattern, field_text(field_get(field_entry(services, k), "type"))))
				return true;
	}
	return false;
}

/* Smaller is better. */
static int rank_of(struct slice text)
{
	struct address address;
	if (address_parse(text, &address) < 0)
		return 3;
	return address_is_link_local(&address) ? 2 : address.family == ADDRESS_IPV6;
}

struct slice device_record_address(struct json_object *record)
{
	struct json_object *addresses = field_get(record, "addresses");
	struct slice best = SLICE_NONE;

	for (size_t i = 0; i < field_length(addresses); i++) {
		struct slice text = field_text(field_get(field_entry(addresses, i), "address"));
		if (text.len && (!best.len || rank_of(text) < rank_of(best)))
			best = text;
	}
	return best;
}

static void share(
    struct json_object *row, const char *key, struct json_object *from, const char *from_key)
{
	field_add(row, key, json_object_get(field_get(from, from_key)));
}

/* The service is NULL in the row of an endpoint without services. */
static struct json_object *service_row(
    struct json_object *device, struct json_object *endpoint, struct json_object *service)
{
	static const char *const keys[] = {"key", "name", "type", "port", "path", "url", "txt",
	    "scpd_url", "control_url", "event_url"};
	struct json_object *row = json_object_new_object();
	struct json_object *placed =
	    field_length(field_get(endpoint, "addresses")) ? endpoint : device;

	share(row, "device_id", device, "id");
	share(row, "device_name", device, "name");
	share(row, "protocol", endpoint, "protocol");
	share(row, "endpoint", endpoint, "key");
	for (size_t i = 0; i < COUNT_OF(keys); i++)
		share(row, keys[i], service, keys[i]);
	if (!service) {
		share(row, "name", endpoint, "name");
		share(row, "type", endpoint, "type");
		share(row, "url", endpoint, "url");
	}
	share(row, "addresses", placed, "addresses");
	share(row, "expires_in", service ? service : endpoint, "expires_in");
	return row;
}

void device_record_services(struct json_object *device, bool neighbours, struct json_object *rows)
{
	struct json_object *endpoints = field_get(device, "endpoints");

	for (size_t i = 0; i < field_length(endpoints); i++) {
		struct json_object *endpoint = field_entry(endpoints, i);
		struct json_object *services = field_get(endpoint, "services");
		if (!neighbours && slice_equal(field_text_of(endpoint, "kind"), SLICE("neighbour")))
			continue;
		for (size_t k = 0; k < field_length(services); k++)
			field_append(rows, service_row(device, endpoint, field_entry(services, k)));
		if (!field_length(services))
			field_append(rows, service_row(device, endpoint, NULL));
	}
}
