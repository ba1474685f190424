/* SPDX-License-Identifier: ISC
 * columns: see columns.h. */
#include "discoverctl/columns.h"
#include "base/array.h"
#include "discoverctl/field.h"
#include "discoverctl/interface_record.h"
#include "discoverctl/when.h"
#include "wire/usn.h"
#include <errno.h>
#include <string.h>

#define WRITE_ARGUMENTS                                                                            \
	struct json_object *record, const struct column *column, const struct column_view *view,   \
	    struct writer *w

static void write_plain(WRITE_ARGUMENTS)
{
	(void)view;
	writer_slice(w, field_text(field_get(record, column->key)));
}

static void write_count(WRITE_ARGUMENTS)
{
	struct json_object *array = field_get(record, column->key);
	(void)view;
	if (array)
		writer_u64(w, field_length(array));
}

/* Texts of an array. */
static void write_list(WRITE_ARGUMENTS)
{
	(void)view;
	struct json_object *array = field_get(record, column->key);
	for (size_t i = 0; i < field_length(array); i++) {
		if (i)
			writer_char(w, ',');
		writer_slice(w, field_text(field_entry(array, i)));
	}
}

/* "MediaServer" of "urn:schemas-upnp-org:device:MediaServer:1" to a person, who is also told that
 * somebody without a type was only heard asking. */
static void write_type(WRITE_ARGUMENTS)
{
	struct slice type = field_text(field_get(record, column->key));
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

/* How long ago, to a person. */
static void write_age(WRITE_ARGUMENTS)
{
	struct json_object *value = field_get(record, column->key);
	int64_t then;
	if (view->brief && value && when_parse(json_object_get_string(value), &then) == 0)
		when_format_duration(view->now - then, w);
	else
		writer_slice(w, field_text(value));
}

static void write_clock(WRITE_ARGUMENTS)
{
	struct json_object *value = field_get(record, column->key);
	int64_t then;
	if (view->brief && value && when_parse(json_object_get_string(value), &then) == 0)
		when_format_clock(then, w);
	else
		writer_slice(w, field_text(value));
}

static void write_duration(WRITE_ARGUMENTS)
{
	struct json_object *value = field_get(record, column->key);
	if (view->brief && value)
		when_format_duration(json_object_get_int64(value), w);
	else
		writer_slice(w, field_text(value));
}

/* An IPv6 link-local address: everybody has one, and it is none that a person would type. */
static bool is_link_local(struct slice address)
{
	return slice_starts_with_nocase(address, SLICE("fe80:"));
}

/* Texts of an array, or a member of the objects in it. To a person without those that are
 * link-local, unless there are no others. */
static void write_reachable(WRITE_ARGUMENTS)
{
	struct json_object *array = field_get(record, column->key);
	size_t count = field_length(array);
	bool any = false, others = false;

	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < count; i++) {
			struct json_object *value = field_entry(array, i);
			if (json_object_is_type(value, json_type_object))
				value = field_get(value, "address");
			bool local = is_link_local(field_text(value));
			others |= !local;
			if (!pass || (view->brief && local && others))
				continue;
			writer_text(w, !any ? "" : view->brief ? ", " : " ");
			writer_slice(w, field_text(value));
			any = true;
		}
}

/* One address and how many more to a person: of IPv4 where there is one, and not counting
 * link-local ones beside it. */
static void write_addresses(WRITE_ARGUMENTS)
{
	struct json_object *array = field_get(record, column->key);
	size_t count = field_length(array), first = 0, more = 0;

	for (size_t i = 0; i < count && !view->brief; i++) {
		if (i)
			writer_char(w, ' ');
		writer_slice(w, field_text(field_get(field_entry(array, i), "address")));
	}
	if (!view->brief || !count)
		return;
	for (size_t i = count; i > 0; i--) {
		struct slice address = field_text(field_get(field_entry(array, i - 1), "address"));
		more += !is_link_local(address);
		if (slice_find(address, ':') == address.len)
			first = i - 1;
	}
	writer_slice(w, field_text(field_get(field_entry(array, first), "address")));
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

/* A member of each address, each different one once: interfaces, MAC addresses. */
static void write_of_addresses(WRITE_ARGUMENTS)
{
	struct json_object *array = field_get(record, "addresses");
	bool any = false;
	(void)view;
	for (size_t i = 0; i < field_length(array); i++) {
		struct slice text = field_text(field_get(field_entry(array, i), column->key));
		if (!text.bytes || stands_before(array, i, column->key, text))
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
	writer_slice(w, field_text(field_get(entry(record, view), column->key)));
}

/* With the length of its prefix, as ip(8) writes it. */
static void write_entry_prefix(WRITE_ARGUMENTS)
{
	struct slice address = field_text(field_get(entry(record, view), column->key));
	if (!address.bytes)
		return;
	writer_slice(w, address);
	writer_char(w, '/');
	writer_slice(w, field_text(field_get(entry(record, view), "prefix")));
}

static void write_state(WRITE_ARGUMENTS)
{
	(void)view;
	writer_text(w, json_object_get_boolean(field_get(record, column->key)) ? "up" : "down");
}

static void write_used(WRITE_ARGUMENTS)
{
	struct slice reason = field_text(field_get(record, "unused_because"));
	(void)view;
	writer_text(w, json_object_get_boolean(field_get(record, column->key)) ? "yes" : "no");
	if (reason.len)
		writer_format(w, ": %.*s", SLICE_ARGS(reason));
}

static void write_peer(WRITE_ARGUMENTS)
{
	(void)view;
	interface_record_write_peer(field_get(record, column->key), w);
}

/* What has none is a ping. */
static void write_port(WRITE_ARGUMENTS)
{
	struct slice port = field_text(field_get(record, column->key));
	writer_slice(w, port.len || !view->brief ? port : SLICE("ping"));
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

static const char *paint_state(struct slice text)
{
	return slice_equal(text, SLICE("up")) ? "\033[32m" : "\033[31m";
}

static const struct column DEVICE_ROWS[] = {
    {"name", "NAME", 24, true, false, write_plain, "name", NULL},
    {"address", "ADDRESS", 15, false, false, write_addresses, "addresses", NULL},
    {"interface", "INTERFACE", 9, false, false, write_of_addresses, "interface", NULL},
    {"via", "VIA", 14, false, false, write_list, "protocols", NULL},
    {"type", "TYPE", 16, true, false, write_type, "type", NULL},
    {"seen", "SEEN", 4, false, true, write_age, "last_seen", NULL},
    {"first-seen", "SINCE", 5, false, true, write_age, "first_seen", NULL},
    {"expires", "EXPIRES", 7, false, true, write_duration, "expires_in", NULL},
    {"kind", "KIND", 13, false, false, write_plain, "kind", NULL},
    {"id", "ID", 41, true, false, write_plain, "id", NULL},
    {"mac", "MAC", 17, false, false, write_of_addresses, "mac", NULL},
    {"vendor", "VENDOR", 16, true, false, write_of_addresses, "vendor", NULL},
    {"manufacturer", "MANUFACTURER", 16, true, false, write_plain, "manufacturer", NULL},
    {"model", "MODEL", 16, true, false, write_plain, "model", NULL},
    {"serial", "SERIAL", 16, true, false, write_plain, "serial", NULL},
    {"server", "SERVER", 24, true, false, write_plain, "server", NULL},
    {"location", "LOCATION", 40, true, false, write_plain, "location", NULL},
    {"presentation", "PRESENTATION", 24, true, false, write_plain, "presentation_url", NULL},
    {"services", "SERVICES", 8, false, true, write_count, "services", NULL},
    {"boot-id", "BOOT-ID", 10, false, true, write_plain, "boot_id", NULL},
    {"config-id", "CONFIG-ID", 9, false, true, write_plain, "config_id", NULL},
    {"reachable", "REACHABLE", 9, false, false, write_plain, "reachable", NULL},
    {"attached", "ATTACHED", 9, false, false, write_plain, "attached_to", NULL},
    {.name = NULL},
};

static const struct column EVENT_ROWS[] = {
    {"time", "TIME", 8, false, false, write_clock, "time", NULL},
    {"event", "EVENT", 7, false, false, write_plain, "event", paint_event},
    {.name = NULL},
};

static const struct column PROBE_ROWS[] = {
    {"target", "TARGET", 24, true, false, write_plain, "target", NULL},
    {"address", "ADDRESS", 15, false, false, write_plain, "address", NULL},
    {"port", "PORT", 5, false, true, write_port, "port", NULL},
    {"state", "STATE", 9, false, false, write_plain, "state", paint_probe},
    {"ms", "MS", 8, false, true, write_plain, "ms", NULL},
    {"banner", "BANNER", 16, false, false, write_plain, "banner", NULL},
    {"reason", "REASON", 16, false, false, write_plain, "reason", NULL},
    {.name = NULL},
};

static const struct column INTERFACE_ROWS[] = {
    {"name", "NAME", 9, false, false, write_plain, "name", NULL},
    {"kind", "KIND", 8, false, false, write_plain, "kind", NULL},
    {"state", "STATE", 5, false, false, write_state, "up", paint_state},
    {"used", "USED", 4, false, false, write_used, "used", NULL},
    {"address", "ADDRESS", 18, false, false, write_entry_prefix, "address", NULL},
    {"network", "NETWORK", 18, false, false, write_entry_prefix, "network", NULL},
    {"broadcast", "BROADCAST", 15, false, false, write_entry, "broadcast", NULL},
    {"gateway", "GATEWAY", 15, false, false, write_entry, "gateway", NULL},
    {"first-host", "FIRST HOST", 15, false, false, write_entry, "first_host", NULL},
    {"last-host", "LAST HOST", 15, false, false, write_entry, "last_host", NULL},
    {"hosts", "HOSTS", 6, false, true, write_entry, "hosts", NULL},
    {"mac", "MAC", 17, false, false, write_plain, "mac", NULL},
    {"index", "INDEX", 5, false, true, write_plain, "index", NULL},
    {"master", "MASTER", 9, false, false, write_plain, "master", NULL},
    {"ports", "PORTS", 16, true, false, write_list, "bridge_ports", NULL},
    {"peer", "PEER", 9, false, false, write_peer, "peer", NULL},
    {"groups", "GROUPS", 16, true, false, write_list, "groups", NULL},
    {"received", "RECEIVED", 8, false, true, write_plain, "received", NULL},
    {"sent", "SENT", 8, false, true, write_plain, "sent", NULL},
    {"dropped", "DROPPED", 8, false, true, write_plain, "dropped", NULL},
    {.name = NULL},
};

static const struct column HOST_GROUP_ROWS[] = {
    {"group", "HOST", 15, false, false, write_reachable, "addresses", NULL},
    {"group-mac", "MAC", 17, false, false, write_of_addresses, "mac", NULL},
    {"group-vendor", "VENDOR", 16, false, false, write_of_addresses, "vendor", NULL},
    {.name = NULL},
};

static const struct column INTERFACE_GROUP_ROWS[] = {
    {"group", "INTERFACE", 9, false, false, write_plain, "interface", NULL},
    {"group-networks", "NETWORKS", 18, false, false, write_reachable, "networks", NULL},
    {.name = NULL},
};

const struct column_set HOST_GROUP_COLUMNS = {.columns = HOST_GROUP_ROWS};
const struct column_set INTERFACE_GROUP_COLUMNS = {.columns = INTERFACE_GROUP_ROWS};
const struct column_set DEVICE_COLUMNS = {
    .columns = DEVICE_ROWS,
    .standard = "name,address,interface,via,type,seen",
    .noun = "device",
    .nouns = "devices",
};
const struct column_set EVENT_COLUMNS = {
    .columns = EVENT_ROWS,
    .standard = "time,event,name,address,interface,via",
    .noun = "event",
    .nouns = "events",
    .nested = &DEVICE_COLUMNS,
    .nested_key = "device",
};
const struct column_set INTERFACE_COLUMNS = {
    .columns = INTERFACE_ROWS,
    .standard = "name,state,used,address,network,broadcast,gateway",
    .noun = "interface",
    .nouns = "interfaces",
    .spread = "addresses",
};

const struct column_set PROBE_COLUMNS = {
    .columns = PROBE_ROWS,
    .standard = "target,address,port,state,ms,banner",
    .noun = "probe",
    .nouns = "probes",
};

bool column_find(const struct column_set *set, struct slice name, struct chosen_column *chosen)
{
	for (const struct column *column = set->columns; column->name; column++)
		if (slice_equal(name, slice_of(column->name))) {
			*chosen = (struct chosen_column){column, NULL};
			return true;
		}
	for (const struct column *column = set->nested ? set->nested->columns : NULL;
	     column && column->name; column++)
		if (slice_equal(name, slice_of(column->name))) {
			*chosen = (struct chosen_column){column, set->nested_key};
			return true;
		}
	return false;
}

static int choose_all(const struct column_set *set, struct chosen_column chosen[CHOSEN_MAX])
{
	int count = 0;
	for (const struct column *column = set->columns; column->name; column++)
		chosen[count++] = (struct chosen_column){column, NULL};
	for (const struct column *column = set->nested ? set->nested->columns : NULL;
	     column && column->name; column++)
		chosen[count++] = (struct chosen_column){column, set->nested_key};
	return count;
}

int columns_choose(const struct column_set *set, const char *names,
    struct chosen_column chosen[CHOSEN_MAX], struct slice *offending)
{
	struct slice rest = slice_of(names), name;
	int count = 0;

	if (!names || !strcmp(names, "all"))
		return choose_all(set, chosen);
	while (slice_cut(&rest, ',', &name)) {
		if (count == CHOSEN_MAX || !column_find(set, slice_trim(name), &chosen[count])) {
			*offending = name;
			return -EINVAL;
		}
		count++;
	}
	return count;
}

void columns_print_names(FILE *stream, const struct column_set *set)
{
	struct chosen_column all[CHOSEN_MAX];
	int count = choose_all(set, all);
	for (int i = 0; i < count; i++)
		fprintf(stream, "%s%s", i ? ", " : "", all[i].column->name);
	fputc('\n', stream);
}

void column_write(const struct chosen_column *chosen, struct json_object *record,
    const struct column_view *view, struct writer *w)
{
	struct json_object *of =
	    chosen->nested_key ? field_get(record, chosen->nested_key) : record;
	chosen->column->write(of, chosen->column, view, w);
}
