/* SPDX-License-Identifier: ISC
 * columns: see columns.h. */
#include "discoverctl/columns.h"
#include "base/array.h"
#include "base/utc_parse.h"
#include "client/field.h"
#include "client/interface_record.h"
#include "discoverctl/when.h"
#include "wire/usn.h"

#define WRITE_ARGUMENTS                                                                            \
	struct json_object *record, const struct column *column, const struct column_view *view,   \
	    struct writer *w

static void write_plain(WRITE_ARGUMENTS)
{
	(void)view;
	writer_slice(w, field_text(field_get(record, column->name)));
}

/* "yes" or "no" in a table. */
static void write_truth(WRITE_ARGUMENTS)
{
	struct json_object *value = field_get(record, column->name);
	if (view->brief && value)
		writer_text(w, json_object_get_boolean(value) ? "yes" : "no");
	else
		writer_slice(w, field_text(value));
}

static void write_count(WRITE_ARGUMENTS)
{
	struct json_object *array = field_get(record, column->name);
	(void)view;
	if (array)
		writer_u64(w, field_length(array));
}

/* Pairs of an object: "key=value key=value". */
static void write_pairs(WRITE_ARGUMENTS)
{
	struct json_object *pairs = field_get(record, column->name);
	bool any = false;
	(void)view;

	if (!json_object_is_type(pairs, json_type_object))
		return;
	json_object_object_foreach(pairs, key, value)
	{
		writer_format(w, "%s%s", any ? " " : "", key);
		if (value)
			writer_char(w, '=');
		writer_slice(w, field_text(value));
		any = true;
	}
}

/* Texts of an array. */
static void write_list(WRITE_ARGUMENTS)
{
	(void)view;
	struct json_object *array = field_get(record, column->name);
	for (size_t i = 0; i < field_length(array); i++) {
		if (i)
			writer_char(w, ',');
		writer_slice(w, field_text(field_entry(array, i)));
	}
}

/* In a table without "neighbour", unless that is the only one. */
static void write_protocols(WRITE_ARGUMENTS)
{
	struct json_object *array = field_get(record, column->name);
	bool any = false;

	for (size_t i = 0; i < field_length(array); i++) {
		struct slice text = field_text(field_entry(array, i));
		if (view->brief && field_length(array) > 1 && slice_equal(text, SLICE("neighbour")))
			continue;
		if (any)
			writer_char(w, ',');
		writer_slice(w, text);
		any = true;
	}
}

/* In a table "MediaServer" of "urn:schemas-upnp-org:device:MediaServer:1", and "(searches)" for a
 * control point without a type. */
static void write_type(WRITE_ARGUMENTS)
{
	struct slice type = field_text(field_get(record, column->name));
	if (view->brief && !type.len &&
	    slice_equal(field_text(field_get(record, "kind")), SLICE("control-point")))
		type = SLICE("(searches)");
	if (view->brief && slice_starts_with_nocase(type, SLICE("urn:"))) {
		type = urn_split_version(type).base;
		while (slice_find(type, ':') < type.len)
			type = slice_skip(type, slice_find(type, ':') + 1);
	}
	writer_slice(w, type);
}

/* In a table how long ago. */
static void write_age(WRITE_ARGUMENTS)
{
	struct json_object *value = field_get(record, column->name);
	int64_t then;
	if (view->brief && value && utc_parse(json_object_get_string(value), &then) == 0)
		when_format_duration(view->now - then, w);
	else
		writer_slice(w, field_text(value));
}

static void write_clock(WRITE_ARGUMENTS)
{
	struct json_object *value = field_get(record, column->name);
	int64_t then;
	if (view->brief && value && utc_parse(json_object_get_string(value), &then) == 0)
		when_format_clock(then, w);
	else
		writer_slice(w, field_text(value));
}

static void write_duration(WRITE_ARGUMENTS)
{
	struct json_object *value = field_get(record, column->name);
	if (view->brief && value)
		when_format_duration(json_object_get_int64(value), w);
	else
		writer_slice(w, field_text(value));
}

/* An IPv6 link-local address: every host has one, and it identifies none. */
static bool is_link_local(struct slice address)
{
	return slice_starts_with_nocase(address, SLICE("fe80:"));
}

/* An entry of "addresses" is an object, or the address alone as a text. */
static struct slice address_of(struct json_object *entry)
{
	bool object = json_object_is_type(entry, json_type_object);
	return field_text(object ? field_get(entry, "address") : entry);
}

/* Addresses, or networks as texts, without those that are link-local unless there are no others. */
void columns_write_reachable(struct json_object *array, struct writer *w)
{
	size_t count = field_length(array);
	bool any = false, others = false;

	for (size_t i = 0; i < count; i++)
		others |= !is_link_local(address_of(field_entry(array, i)));
	for (size_t i = 0; i < count; i++) {
		struct slice text = address_of(field_entry(array, i));
		if (others && is_link_local(text))
			continue;
		writer_text(w, any ? ", " : "");
		writer_slice(w, text);
		any = true;
	}
}

static void write_networks(WRITE_ARGUMENTS)
{
	struct json_object *array = field_get(record, column->name);

	if (view->brief) {
		columns_write_reachable(array, w);
		return;
	}
	for (size_t i = 0; i < field_length(array); i++) {
		writer_text(w, i ? " " : "");
		writer_slice(w, field_text(field_entry(array, i)));
	}
}

/* In a table one address, of IPv4 where there is one, and the number of the others, link-local ones
 * not counted. */
static void write_addresses(WRITE_ARGUMENTS)
{
	struct json_object *array = field_get(record, column->name);
	size_t count = field_length(array), first = 0, more = 0;

	for (size_t i = 0; i < count && !view->brief; i++) {
		if (i)
			writer_char(w, ' ');
		writer_slice(w, address_of(field_entry(array, i)));
	}
	if (!view->brief || !count)
		return;
	for (size_t i = count; i > 0; i--) {
		struct slice address = address_of(field_entry(array, i - 1));
		more += !is_link_local(address);
		if (slice_find(address, ':') == address.len)
			first = i - 1;
	}
	writer_slice(w, address_of(field_entry(array, first)));
	if (more > 1)
		writer_format(w, " +%zu", more - 1);
}

static bool stands_before(struct json_object *array, size_t end, const char *key, struct slice text)
{
	for (size_t i = 0; i < end; i++)
		if (slice_equal(field_text(field_get(field_entry(array, i), key)), text))
			return true;
	return false;
}

/* A member of each address, without duplicates: interfaces, MAC addresses. */
static void write_of_addresses(WRITE_ARGUMENTS)
{
	struct json_object *array = field_get(record, "addresses");
	bool any = false;
	(void)view;
	for (size_t i = 0; i < field_length(array); i++) {
		struct slice text = field_text(field_get(field_entry(array, i), column->name));
		if (!text.bytes || stands_before(array, i, column->name, text))
			continue;
		if (any)
			writer_char(w, ',');
		writer_slice(w, text);
		any = true;
	}
}

static struct json_object *entry(struct json_object *record, const struct column_view *view)
{
	return field_entry(field_get(record, "addresses"), view->entry);
}

static void write_entry(WRITE_ARGUMENTS)
{
	writer_slice(w, field_text(field_get(entry(record, view), column->name)));
}

/* With the length of its prefix, as ip(8) writes it. */
static void write_entry_prefix(WRITE_ARGUMENTS)
{
	struct slice address = field_text(field_get(entry(record, view), column->name));
	if (!address.bytes)
		return;
	writer_slice(w, address);
	writer_char(w, '/');
	writer_slice(w, field_text(field_get(entry(record, view), "prefix")));
}

static struct json_object *presence(struct json_object *record, const struct column_view *view)
{
	return field_entry(field_get(record, "presences"), view->entry);
}

static void write_presence(WRITE_ARGUMENTS)
{
	writer_slice(w, field_text(field_get(presence(record, view), column->name)));
}

/* In a table by the clock of this place. A presence without an end goes on. */
static void write_presence_date(WRITE_ARGUMENTS)
{
	struct json_object *value = field_get(presence(record, view), column->name);
	int64_t then;

	if (view->brief && value && utc_parse(json_object_get_string(value), &then) == 0)
		when_format_local(then, w);
	else if (view->brief && !value && presence(record, view))
		writer_text(w, "here");
	else
		writer_slice(w, field_text(value));
}

static void write_used(WRITE_ARGUMENTS)
{
	struct slice reason = field_text(field_get(record, "unused_because"));

	if (!view->brief) {
		writer_slice(w, field_text(field_get(record, column->name)));
		return;
	}
	writer_text(w, json_object_get_boolean(field_get(record, column->name)) ? "yes" : "no");
	if (reason.len)
		writer_format(w, ": %.*s", SLICE_ARGS(reason));
}

static void write_peer(WRITE_ARGUMENTS)
{
	(void)view;
	interface_record_write_peer(field_get(record, column->name), w);
}

/* A probe without a port is a ping. */
static void write_port(WRITE_ARGUMENTS)
{
	struct slice port = field_text(field_get(record, column->name));
	writer_slice(w, port.len || !view->brief ? port : SLICE("ping"));
}

/* What changed; for a device that was merged into another one, the id of that one. */
static void write_changed(WRITE_ARGUMENTS)
{
	struct json_object *changed = field_get(record, column->name);
	struct slice survivor = field_text(field_get(record, "merged_into"));

	for (size_t i = 0; i < field_length(changed); i++) {
		writer_text(w, i ? view->brief ? ", " : "," : "");
		writer_slice(w, field_text(field_entry(changed, i)));
	}
	if (view->brief && survivor.len)
		writer_format(w, "merged into %.*s", SLICE_ARGS(survivor));
}

/* The names of an array of objects. */
static void write_names(WRITE_ARGUMENTS)
{
	struct json_object *array = field_get(record, column->name);
	(void)view;

	for (size_t i = 0; i < field_length(array); i++) {
		writer_text(w, i ? "," : "");
		writer_slice(w, field_text(field_get(field_entry(array, i), "name")));
	}
}

static const char *paint_probe(struct slice text)
{
	return slice_equal(text, SLICE("open"))     ? "\033[32m"
	       : slice_equal(text, SLICE("closed")) ? "\033[33m"
						    : "\033[31m";
}

static const char *paint_event(struct slice text)
{
	static const struct {
		const char *event, *sgr;
	} colors[] = {{"added", "\033[32m"}, {"updated", "\033[33m"}, {"removed", "\033[31m"},
	    {"resync", "\033[35m"}};
	for (size_t i = 0; i < COUNT_OF(colors); i++)
		if (slice_equal(text, slice_of(colors[i].event)))
			return colors[i].sgr;
	return NULL;
}

static const char *paint_truth(struct slice text)
{
	return slice_equal(text, SLICE("yes")) ? "\033[32m" : "\033[31m";
}

static const struct column DEVICE_ROWS[] = {
    {"id", 41, 2, 8, false, write_plain, NULL},
    {"ids", 41, 2, 8, false, write_list, NULL},
    {"name", 24, 7, 16, false, write_plain, NULL},
    {"type", 16, 3, 9, false, write_type, NULL},
    {"manufacturer", 16, 3, 12, false, write_plain, NULL},
    {"model", 16, 3, 8, false, write_plain, NULL},
    {"model_number", 12, 3, 12, false, write_plain, NULL},
    {"serial", 16, 3, 8, false, write_plain, NULL},
    {"presentation_url", 24, 4, 16, false, write_plain, NULL},
    {"icon_url", 24, 4, 8, false, write_plain, NULL},
    {"kind", 13, 0, 0, false, write_plain, NULL},
    {"protocols", 14, 3, 9, false, write_protocols, NULL},
    {"addresses", 18, 12, 18, false, write_addresses, NULL},
    {"interface", 9, 2, 9, false, write_of_addresses, NULL},
    {"mac", 17, 0, 0, false, write_of_addresses, NULL},
    {"vendor", 16, 3, 9, false, write_of_addresses, NULL},
    {"random_mac", 10, 0, 0, false, write_of_addresses, NULL},
    {"host_names", 16, 3, 10, false, write_list, NULL},
    {"attached_to", 11, 2, 11, false, write_plain, NULL},
    {"reachable", 9, 0, 0, false, write_truth, NULL},
    {"first_seen", 10, 0, 0, true, write_age, NULL},
    {"last_seen", 9, 0, 0, true, write_age, NULL},
    {"expires_in", 10, 0, 0, true, write_duration, NULL},
    {"flags", 14, 3, 8, false, write_list, NULL},
    {"endpoints", 9, 0, 0, true, write_count, NULL},
    {"site", 12, 2, 8, false, write_plain, NULL},
    {"boards", 16, 3, 9, false, write_names, NULL},
    {.name = NULL},
};

static const struct column SERVICE_ROWS[] = {
    {"device_id", 41, 2, 9, false, write_plain, NULL},
    {"device_name", 24, 7, 14, false, write_plain, NULL},
    {"protocol", 9, 0, 0, false, write_plain, NULL},
    {"endpoint", 41, 2, 8, false, write_plain, NULL},
    {"key", 41, 2, 8, false, write_plain, NULL},
    {"name", 24, 5, 12, false, write_plain, NULL},
    {"type", 24, 5, 9, false, write_type, NULL},
    {"addresses", 18, 12, 18, false, write_addresses, NULL},
    {"interface", 9, 2, 9, false, write_of_addresses, NULL},
    {"port", 5, 0, 0, true, write_plain, NULL},
    {"path", 16, 3, 8, false, write_plain, NULL},
    {"url", 32, 4, 8, false, write_plain, NULL},
    {"txt", 24, 4, 8, false, write_pairs, NULL},
    {"scpd_url", 32, 4, 8, false, write_plain, NULL},
    {"control_url", 32, 4, 11, false, write_plain, NULL},
    {"event_url", 32, 4, 9, false, write_plain, NULL},
    {"expires_in", 10, 0, 0, true, write_duration, NULL},
    {.name = NULL},
};

static const struct column EVENT_ROWS[] = {
    {"time", 8, 0, 0, false, write_clock, NULL},
    {"event", 7, 0, 0, false, write_plain, paint_event},
    {"changed", 16, 4, 12, false, write_changed, NULL},
    {"merged_into", 41, 2, 11, false, write_plain, NULL},
    {.name = NULL},
};

static const struct column PROBE_ROWS[] = {
    {"target", 24, 7, 16, false, write_plain, NULL},
    {"address", 15, 0, 0, false, write_plain, NULL},
    {"port", 5, 0, 0, true, write_port, NULL},
    {"state", 9, 0, 0, false, write_plain, paint_probe},
    {"ms", 8, 0, 0, true, write_plain, NULL},
    {"banner", 16, 4, 8, false, write_plain, NULL},
    {"reason", 16, 4, 8, false, write_plain, NULL},
    {.name = NULL},
};

static const struct column RESOLVED_ROWS[] = {
    {"name", 24, 7, 16, false, write_plain, NULL},
    {"address", 15, 0, 0, false, write_plain, NULL},
    {"interface", 9, 2, 9, false, write_plain, NULL},
    {"mac", 17, 0, 0, false, write_plain, NULL},
    {"vendor", 16, 3, 9, false, write_plain, NULL},
    {"random_mac", 10, 0, 0, false, write_truth, NULL},
    {.name = NULL},
};

static const struct column INTERFACE_ROWS[] = {
    {"name", 9, 0, 0, false, write_plain, NULL},
    {"kind", 8, 0, 0, false, write_plain, NULL},
    {"up", 3, 0, 0, false, write_truth, paint_truth},
    {"used", 4, 3, 8, false, write_used, NULL},
    {"unused_because", 14, 3, 14, false, write_plain, NULL},
    {"address", 18, 4, 8, false, write_entry_prefix, NULL},
    {"network", 18, 4, 8, false, write_entry_prefix, NULL},
    {"broadcast", 15, 0, 0, false, write_entry, NULL},
    {"gateway", 15, 8, 15, false, write_entry, NULL},
    {"first_host", 15, 3, 10, false, write_entry, NULL},
    {"last_host", 15, 3, 9, false, write_entry, NULL},
    {"hosts", 6, 0, 0, true, write_entry, NULL},
    {"mac", 17, 0, 0, false, write_plain, NULL},
    {"index", 5, 0, 0, true, write_plain, NULL},
    {"master", 9, 0, 0, false, write_plain, NULL},
    {"bridge_ports", 16, 3, 12, false, write_list, NULL},
    {"peer", 9, 2, 8, false, write_peer, NULL},
    {"groups", 16, 3, 8, false, write_list, NULL},
    {"received", 8, 0, 0, true, write_plain, NULL},
    {"sent", 8, 0, 0, true, write_plain, NULL},
    {"dropped", 8, 0, 0, true, write_plain, NULL},
    {.name = NULL},
};

static const struct column HISTORY_ROWS[] = {
    {"id", 41, 2, 8, false, write_plain, NULL},
    {"identities", 41, 2, 10, false, write_list, NULL},
    {"name", 24, 7, 16, false, write_plain, NULL},
    {"alias", 24, 7, 16, false, write_plain, NULL},
    {"type", 16, 3, 9, false, write_type, NULL},
    {"manufacturer", 16, 3, 12, false, write_plain, NULL},
    {"model", 16, 3, 8, false, write_plain, NULL},
    {"mac", 17, 0, 0, false, write_plain, NULL},
    {"vendor", 16, 3, 9, false, write_plain, NULL},
    {"random_mac", 10, 0, 0, false, write_truth, NULL},
    {"first_seen", 10, 0, 0, true, write_age, NULL},
    {"last_seen", 9, 0, 0, true, write_age, NULL},
    {"present", 7, 0, 0, false, write_truth, paint_truth},
    {"acknowledged", 12, 0, 0, false, write_truth, paint_truth},
    {"segment", 9, 2, 9, false, write_presence, NULL},
    {"address", 15, 0, 0, false, write_presence, NULL},
    {"started", 19, 0, 0, false, write_presence_date, NULL},
    {"ended", 19, 0, 0, false, write_presence_date, NULL},
    {"events", 6, 0, 0, true, write_count, NULL},
    {.name = NULL},
};

static const struct column GROUP_ROWS[] = {
    {"group", 9, 0, 0, false, write_plain, NULL},
    {"networks", 18, 0, 0, false, write_networks, NULL},
    {.name = NULL},
};

const struct column_set GROUP_COLUMNS = {.columns = GROUP_ROWS};
const struct column_set DEVICE_COLUMNS = {
    .columns = DEVICE_ROWS,
    .standard = "name,addresses,interface,protocols,type,model?,attached_to?,last_seen",
    .standard_all = "name,addresses,mac,vendor,interface?,protocols?,first_seen,last_seen?",
    .standard_fleet = "name,addresses,site,boards,protocols?,type,model?,flags",
    .noun = "device",
    .nouns = "devices",
};
const struct column_set SERVICE_COLUMNS = {
    .columns = SERVICE_ROWS,
    .standard = "device_name,protocol,type,name,addresses,port,path?,txt?",
    .noun = "service",
    .nouns = "services",
};
const struct column_set EVENT_COLUMNS = {
    .columns = EVENT_ROWS,
    .standard = "time,event,name,addresses,interface?,protocols?,changed",
    .standard_fleet = "time,event,name,addresses,site,boards?,changed",
    .noun = "event",
    .nouns = "events",
    .dated = "time",
    .nested = &DEVICE_COLUMNS,
    .nested_key = "device",
};
const struct column_set INTERFACE_COLUMNS = {
    .columns = INTERFACE_ROWS,
    .standard = "name,up,used,address,network,broadcast,gateway",
    .noun = "interface",
    .nouns = "interfaces",
    .spread = "addresses",
};

const struct column_set HISTORY_COLUMNS = {
    .columns = HISTORY_ROWS,
    .standard = "name,address,mac?,started,ended,acknowledged?",
    .standard_new = "name,address,mac,vendor,manufacturer?,model?,first_seen,ended?",
    .noun = "device",
    .nouns = "devices",
    .spread = "presences",
};

const struct column_set PROBE_COLUMNS = {
    .columns = PROBE_ROWS,
    .standard = "target,address,port,state,ms,banner",
    .noun = "probe",
    .nouns = "probes",
};

const struct column_set RESOLVED_COLUMNS = {
    .columns = RESOLVED_ROWS,
    .standard = "name,address,interface,mac",
    .noun = "address",
    .nouns = "addresses",
};
