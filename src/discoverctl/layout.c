/* SPDX-License-Identifier: ISC
 * layout: see layout.h. */
#include "discoverctl/layout.h"
#include "base/array.h"
#include "discoverctl/cell.h"
#include "discoverctl/field.h"
#include "discoverctl/when.h"
#include <inttypes.h>
#include <string.h>

/* A line "  label  value", or as many as the value has. */
struct line {
	const char *label;
	const char *key;
	/* Prints what follows the label, and further lines through next_line(). */
	void (*print)(struct output *output, struct json_object *value);
};

enum { LABEL_WIDTH = 15, COUNTER_WIDTH = 30 };

static void print_label(struct output *output, const char *label)
{
	fprintf(output->stream, "  %-*s", LABEL_WIDTH, label);
}

static void print_text(struct output *output, struct json_object *value)
{
	output_escaped(output->stream, field_text(value));
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
		output_escaped(output->stream, field_text(field_entry(array, i)));
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

	if (when_parse(json_object_get_string(value), &then) < 0) {
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

static void put_duration(struct output *output, const char *before, struct json_object *value)
{
	char text[32];
	struct writer w;
	writer_init(&w, text, sizeof(text));
	when_format_duration(json_object_get_int64(value), &w);
	fputs(before, output->stream);
	print_written(output, &w);
}

static void print_duration(struct output *output, struct json_object *value)
{
	put_duration(output, "in ", value);
	fputs(" without another sign of life\n", output->stream);
}

static void put_known(struct output *output, const char *before, struct json_object *value)
{
	if (!value)
		return;
	fputs(before, output->stream);
	output_escaped(output->stream, field_text(value));
}

/* "192.0.2.5 on eth0, MAC aa:bb:cc:dd:ee:ff, Vendor" */
static void print_addresses(struct output *output, struct json_object *array)
{
	for (size_t i = 0; i < field_length(array); i++) {
		struct json_object *entry = field_entry(array, i);
		if (i)
			print_label(output, "");
		put_known(output, "", field_get(entry, "address"));
		put_known(output, " on ", field_get(entry, "interface"));
		put_known(output, ", MAC ", field_get(entry, "mac"));
		put_known(output, ", ", field_get(entry, "vendor"));
		fputc('\n', output->stream);
	}
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

static void print_services(struct output *output, struct json_object *array)
{
	for (size_t i = 0; i < field_length(array); i++) {
		struct json_object *entry = field_entry(array, i);
		if (i)
			print_label(output, "");
		put_known(output, "", field_get(entry, "type"));
		if (field_get(entry, "expires_in"))
			put_duration(output, ", expires in ", field_get(entry, "expires_in"));
		fputc('\n', output->stream);
	}
}

/* Who announces it; the words of Status are those of its code. */
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

/* "lamp, uuid:…, urn:…, http://…, by a program" */
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
	}
}

static const struct line DEVICE_LINES[] = {
    {"id", "id", print_text},
    {"kind", "kind", print_text},
    {"type", "type", print_text},
    {"manufacturer", "manufacturer", print_text},
    {"model", "model", print_text},
    {"serial", "serial", print_text},
    {"server", "server", print_text},
    {"address", "addresses", print_addresses},
    {"attached to", "attached_to", print_text},
    {"network", "networks", print_entries},
    {"same host", "same_host", print_entries},
    {"seen by", "protocols", print_list},
    {"first seen", "first_seen", print_moment},
    {"last seen", "last_seen", print_moment},
    {"expires", "expires_in", print_duration},
    {"reachable", "reachable", print_truth},
    {"description", "location", print_text},
    {"presentation", "presentation_url", print_text},
    {"boot id", "boot_id", print_text},
    {"config id", "config_id", print_text},
    {"services", "services", print_services},
};

static const struct line STATUS_LINES[] = {
    {"name", "name", print_text},
    {"uuid", "uuid", print_text},
    {"running since", "since", print_moment},
    {"devices", "devices", print_text},
    {"log level", "log_level", print_text},
    {"interfaces", "interfaces", print_list},
    {"warning", "warnings", print_entries},
    {"announced", "announcements", print_announcements},
};

static bool is_known(struct json_object *value)
{
	return value && !(json_object_is_type(value, json_type_array) && !field_length(value));
}

static void print_lines(
    struct output *output, struct json_object *object, const struct line *lines, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct json_object *value = field_get(object, lines[i].key);
		if (!is_known(value))
			continue;
		print_label(output, lines[i].label);
		lines[i].print(output, value);
	}
}

static void print_title(struct output *output, const char *before, struct slice text)
{
	fputs(output_bold(output), output->stream);
	fputs(before, output->stream);
	output_escaped(output->stream, text);
	fprintf(output->stream, "%s\n", output_plain(output));
}

void layout_device(struct output *output, struct json_object *device)
{
	print_title(output, "", field_text(field_get(device, "name")));
	print_lines(output, device, DEVICE_LINES, COUNT_OF(DEVICE_LINES));
}

/* The daemon's words, and therefore escaped as any other. */
static void print_counter(struct output *output, const char *name, int64_t value)
{
	int fill = COUNTER_WIDTH - (int)cell_width(slice_of(name));

	fputs("  ", output->stream);
	output_escaped(output->stream, slice_of(name));
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
	struct json_object *counters = field_get(status, "counters");

	print_title(output, "discoverd ", field_text(field_get(status, "version")));
	print_lines(output, status, STATUS_LINES, COUNT_OF(STATUS_LINES));
	if (!json_object_is_type(counters, json_type_object))
		return;
	json_object_object_foreach(counters, group, values) print_group(output, group, values);
}
