/* SPDX-License-Identifier: ISC
 * layout: see layout.h. */
#include "discoverctl/layout.h"
#include "base/array.h"
#include "base/utc_parse.h"
#include "client/field.h"
#include "discoverctl/cell.h"
#include "discoverctl/when.h"
#include <inttypes.h>
#include <string.h>

/* A line "  key  value", or several where the value is a list. */
struct line {
	const char *key;
	/* Prints what follows the key. */
	void (*print)(struct output *output, struct json_object *value);
};

enum { LABEL_WIDTH = 19, COUNTER_WIDTH = 30 };

/* All levels have the same indent, so that values are aligned. */
static void print_label(struct output *output, const char *label)
{
	fprintf(output->stream, "  %-*s", LABEL_WIDTH, label);
}

static void print_text(struct output *output, struct json_object *value)
{
	cell_print_escaped(output->stream, field_text(value));
	fputc('\n', output->stream);
}

static void print_truth(struct output *output, struct json_object *value)
{
	fputs(json_object_get_boolean(value) ? "yes\n" : "no\n", output->stream);
}

static void print_list(struct output *output, struct json_object *array)
{
	for (size_t i = 0; i < field_length(array); i++) {
		fputs(i ? ", " : "", output->stream);
		cell_print_escaped(output->stream, field_text(field_entry(array, i)));
	}
	fputc('\n', output->stream);
}

static void print_written(struct output *output, const struct writer *w)
{
	fwrite(w->buffer, 1, w->len, output->stream);
}

/* "2026-01-31 12:00:00, 5m ago" */
static void print_moment(struct output *output, struct json_object *value)
{
	char text[64];
	struct writer w;
	int64_t then;

	if (utc_parse(json_object_get_string(value), &then) < 0) {
		print_text(output, value);
		return;
	}
	writer_init(&w, text, sizeof(text));
	when_format_local(then, &w);
	writer_text(&w, ", ");
	when_format_duration(output->view.now - then, &w);
	writer_text(&w, " ago\n");
	print_written(output, &w);
}

static void print_duration(struct output *output, struct json_object *value)
{
	char text[32];
	struct writer w;
	writer_init(&w, text, sizeof(text));
	when_format_duration(json_object_get_int64(value), &w);
	writer_char(&w, '\n');
	print_written(output, &w);
}

static void put_known(struct output *output, const char *before, struct json_object *value)
{
	if (!value)
		return;
	fputs(before, output->stream);
	cell_print_escaped(output->stream, field_text(value));
}

/* "192.0.2.5 on eth0, MAC aa:bb:cc:dd:ee:ff, Vendor" */
static void print_addresses(struct output *output, struct json_object *array)
{
	for (size_t i = 0; i < field_length(array); i++) {
		struct json_object *entry = field_entry(array, i);
		if (i)
			print_label(output, "");
		bool object = json_object_is_type(entry, json_type_object);
		put_known(output, "", object ? field_get(entry, "address") : entry);
		put_known(output, " on ", field_get(entry, "interface"));
		put_known(output, ", MAC ", field_get(entry, "mac"));
		put_known(output, ", ", field_get(entry, "vendor"));
		if (json_object_get_boolean(field_get(entry, "random_mac")))
			fputs(", random MAC", output->stream);
		fputc('\n', output->stream);
	}
}

/* "192.0.2.5 on eth0, fd00::5 on eth0": the device's addresses have the details. */
static void print_places(struct output *output, struct json_object *array)
{
	for (size_t i = 0; i < field_length(array); i++) {
		struct json_object *entry = field_entry(array, i);
		bool object = json_object_is_type(entry, json_type_object);
		put_known(output, i ? ", " : "", object ? field_get(entry, "address") : entry);
		put_known(output, " on ", field_get(entry, "interface"));
	}
	fputc('\n', output->stream);
}

/* A text per line. */
static void print_entries(struct output *output, struct json_object *array)
{
	for (size_t i = 0; i < field_length(array); i++) {
		if (i)
			print_label(output, "");
		print_text(output, field_entry(array, i));
	}
}

/* "http://192.0.2.5/icon.png, image/png, 48x48x24" */
static void print_icons(struct output *output, struct json_object *array)
{
	for (size_t i = 0; i < field_length(array); i++) {
		struct json_object *icon = field_entry(array, i);
		if (i)
			print_label(output, "");
		put_known(output, "", field_get(icon, "url"));
		put_known(output, ", ", field_get(icon, "mimetype"));
		put_known(output, ", ", field_get(icon, "width"));
		put_known(output, "x", field_get(icon, "height"));
		put_known(output, "x", field_get(icon, "depth"));
		fputc('\n', output->stream);
	}
}

/* A pair of TXT per line. */
static void print_pairs(struct output *output, struct json_object *pairs)
{
	bool any = false;

	if (!json_object_is_type(pairs, json_type_object)) {
		print_text(output, pairs);
		return;
	}
	json_object_object_foreach(pairs, key, value)
	{
		if (any)
			print_label(output, "");
		cell_print_escaped(output->stream, slice_of(key));
		put_known(output, "=", value);
		fputc('\n', output->stream);
		any = true;
	}
}

/* Prints the source of an announcement, a code of Status, in words. */
static void put_source(struct output *output, struct json_object *source)
{
	static const char *const WORDS[][2] = {{"device", "discoverd itself"},
	    {"control", "a program"}, {"file", "a file in services.d"},
	    {"minissdpd", "a program on minissdpd's socket"}};

	for (size_t i = 0; i < COUNT_OF(WORDS); i++) {
		if (!slice_equal(field_text(source), slice_of(WORDS[i][0])))
			continue;
		fprintf(output->stream, ", by %s", WORDS[i][1]);
		return;
	}
	put_known(output, ", by ", source);
}

/* "Greenhouse (2)._http._tcp, port 8080, by …", the protocol */
static void print_instances(struct output *output, struct json_object *array)
{
	for (size_t i = 0; i < field_length(array); i++) {
		struct json_object *entry = field_entry(array, i);
		print_label(output, "");
		put_known(output, "  ", field_get(entry, "name"));
		put_known(output, ".", field_get(entry, "type"));
		put_known(output, ", port ", field_get(entry, "port"));
		put_known(output, ", by ", field_get(entry, "protocol"));
		if (!json_object_get_boolean(field_get(entry, "claimed")))
			fputs(", its name is being checked", output->stream);
		fputc('\n', output->stream);
	}
}

/* "lamp, uuid:…, urn:…, http://…, by a program", and its instances below. */
static void print_announcements(struct output *output, struct json_object *array)
{
	for (size_t i = 0; i < field_length(array); i++) {
		struct json_object *entry = field_entry(array, i);
		if (i)
			print_label(output, "");
		put_known(output, "", field_get(entry, "name"));
		put_known(output, field_get(entry, "name") ? ", " : "", field_get(entry, "id"));
		put_known(output, ", ", field_get(entry, "type"));
		put_known(output, ", ", field_get(entry, "location"));
		put_source(output, field_get(entry, "source"));
		fputc('\n', output->stream);
		print_instances(output, field_get(entry, "instances"));
	}
}

/* "kitchen, 2fac1234-…" per line. */
static void print_boards(struct output *output, struct json_object *array)
{
	for (size_t i = 0; i < field_length(array); i++) {
		if (i)
			print_label(output, "");
		put_known(output, "", field_get(field_entry(array, i), "name"));
		put_known(output, ", ", field_get(field_entry(array, i), "id"));
		fputc('\n', output->stream);
	}
}

static const struct line DEVICE_LINES[] = {
    {"id", print_text},
    {"ids", print_entries},
    {"kind", print_text},
    {"type", print_text},
    {"manufacturer", print_text},
    {"model", print_text},
    {"model_number", print_text},
    {"serial", print_text},
    {"addresses", print_addresses},
    {"networks", print_entries},
    {"host_names", print_entries},
    {"attached_to", print_text},
    {"protocols", print_list},
    {"reachable", print_truth},
    {"first_seen", print_moment},
    {"last_seen", print_moment},
    {"expires_in", print_duration},
    {"flags", print_list},
    {"site", print_text},
    {"boards", print_boards},
    {"presentation_url", print_text},
    {"icon_url", print_text},
};

static const struct line ENDPOINT_LINES[] = {
    {"parent", print_text},
    {"kind", print_text},
    {"name", print_text},
    {"type", print_text},
    {"manufacturer", print_text},
    {"model", print_text},
    {"model_number", print_text},
    {"model_description", print_text},
    {"serial", print_text},
    {"server", print_text},
    {"url", print_text},
    {"presentation_url", print_text},
    {"icons", print_icons},
    {"addresses", print_places},
    {"epoch", print_text},
    {"revision", print_text},
    {"verified", print_truth},
    {"first_seen", print_moment},
    {"last_seen", print_moment},
    {"expires_in", print_duration},
};

/* Below the type of the service. */
static const struct line SERVICE_LINES[] = {
    {"  name", print_text},
    {"  port", print_text},
    {"  path", print_text},
    {"  url", print_text},
    {"  txt", print_pairs},
    {"  scpd_url", print_text},
    {"  control_url", print_text},
    {"  event_url", print_text},
    {"  expires_in", print_duration},
};

static const struct line STATUS_LINES[] = {
    {"name", print_text},
    {"uuid", print_text},
    {"since", print_moment},
    {"devices", print_text},
    {"restored", print_text},
    {"unconfirmed", print_text},
    {"log_level", print_text},
    {"sandbox", print_text},
    {"xml", print_text},
    {"interfaces", print_list},
    {"warnings", print_entries},
    {"announcements", print_announcements},
};

static bool is_known(struct json_object *value)
{
	if (json_object_is_type(value, json_type_object))
		return json_object_object_length(value) > 0;
	return value && !(json_object_is_type(value, json_type_array) && !field_length(value));
}

static void print_lines(
    struct output *output, struct json_object *object, const struct line *lines, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *key = lines[i].key + strspn(lines[i].key, " ");
		struct json_object *value = field_get(object, key);
		if (!is_known(value))
			continue;
		print_label(output, lines[i].key);
		lines[i].print(output, value);
	}
}

/* The key is printed unless it ends with the type, as a USN does. */
static void print_service(struct output *output, struct json_object *service)
{
	struct json_object *type = field_get(service, "type"), *key = field_get(service, "key");

	print_label(output, "service");
	print_text(output, type ? type : key);
	if (type && key && !slice_ends_with(field_text(key), field_text(type))) {
		print_label(output, "  key");
		print_text(output, key);
	}
	print_lines(output, service, SERVICE_LINES, COUNT_OF(SERVICE_LINES));
}

static void print_title(struct output *output, const char *before, struct slice text)
{
	fputs(output_bold(output), output->stream);
	fputs(before, output->stream);
	cell_print_escaped(output->stream, text);
	fprintf(output->stream, "%s\n", output_plain(output));
}

static void print_endpoint(struct output *output, struct json_object *endpoint)
{
	struct json_object *services = field_get(endpoint, "services");

	fprintf(output->stream, "\n%s", output_bold(output));
	cell_print_escaped(output->stream, field_text(field_get(endpoint, "protocol")));
	put_known(output, "  ", field_get(endpoint, "key"));
	fprintf(output->stream, "%s\n", output_plain(output));
	print_lines(output, endpoint, ENDPOINT_LINES, COUNT_OF(ENDPOINT_LINES));
	for (size_t i = 0; i < field_length(services); i++)
		print_service(output, field_entry(services, i));
}

void layout_device(struct output *output, struct json_object *device)
{
	struct json_object *endpoints = field_get(device, "endpoints");

	print_title(output, "", field_text(field_get(device, "name")));
	print_lines(output, device, DEVICE_LINES, COUNT_OF(DEVICE_LINES));
	for (size_t i = 0; i < field_length(endpoints); i++)
		print_endpoint(output, field_entry(endpoints, i));
}

/* The name comes from the daemon and is escaped as any other text. */
static void print_counter(struct output *output, const char *name, int64_t value)
{
	int fill = COUNTER_WIDTH - (int)cell_width(slice_of(name));

	fputs("  ", output->stream);
	cell_print_escaped(output->stream, slice_of(name));
	fprintf(output->stream, "%*s %12" PRId64 "\n", fill > 0 ? fill : 0, "", value);
}

/* One group of counters; nothing when all are zero. */
static void print_group(struct output *output, const char *group, struct json_object *counters)
{
	bool titled = false;

	if (!json_object_is_type(counters, json_type_object))
		return;
	json_object_object_foreach(counters, name, value)
	{
		if (!json_object_get_int64(value))
			continue;
		if (!titled)
			print_title(output, "\n", slice_of(group));
		titled = true;
		print_counter(output, name, json_object_get_int64(value));
	}
}

void layout_status(struct output *output, struct json_object *status)
{
	print_title(output, "discoverd ", field_text(field_get(status, "version")));
	print_lines(output, status, STATUS_LINES, COUNT_OF(STATUS_LINES));
}

void layout_status_and_counters(struct output *output, struct json_object *status)
{
	struct json_object *counters = field_get(status, "counters");

	layout_status(output, status);
	if (!json_object_is_type(counters, json_type_object))
		return;
	json_object_object_foreach(counters, group, values) print_group(output, group, values);
}
