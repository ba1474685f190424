/* SPDX-License-Identifier: ISC
 * device_commands: list, services and show. */
#include "base/array.h"
#include "client/device_record.h"
#include "client/field.h"
#include "client/interface_record.h"
#include "discoverctl/columns.h"
#include "discoverctl/command.h"
#include "discoverctl/exit_status.h"
#include "discoverctl/grouping.h"
#include "discoverctl/inventory.h"
#include "discoverctl/layout.h"
#include "discoverctl/lookup.h"
#include "discoverctl/sort.h"
#include "discoverctl/suggest.h"
#include <string.h>

int command_check_list(struct context *context, char **arguments)
{
	static const char *const kinds[] = {"device", "control-point", "neighbour"};
	static const char *const groups[] = {"interface"};
	const struct command_options *options = context->options;
	struct slice kind = slice_of(options->kind);
	bool known = !kind.bytes || pattern_is_glob(kind);
	(void)arguments;

	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		known |= slice_equal_nocase(kind, slice_of(kinds[i]));
	if (!known)
		return suggest_refuse_value(
		    command_options_typed(options, "kind"), options->kind, kinds, COUNT_OF(kinds));
	if (options->by && strcmp(options->by, groups[0]))
		return suggest_refuse_value(
		    command_options_typed(options, "by"), options->by, groups, COUNT_OF(groups));
	return context->output.set ? sort_check(context->output.set, options) : STATUS_DONE;
}

/* True when each pattern matches with --all, and nothing else was left out. */
static bool needs_all(struct context *context, char **patterns)
{
	const struct command_options *options = context->options;
	struct json_object *devices;
	const char *unmatched;

	if (options->all || options->type || options->via || options->interface || options->kind ||
	    options->name || inventory_all(context, &devices) != STATUS_DONE)
		return false;
	json_object_put(lookup_select(devices, patterns, &unmatched));
	json_object_put(devices);
	return !unmatched;
}

/* Prints on stderr that a pattern matches none of `devices`. */
static void explain_unmatched(
    struct context *context, char **patterns, const char *unmatched, struct json_object *devices)
{
	if (needs_all(context, patterns))
		fputs("discoverctl: only the kernel's neighbour table has that; --all includes "
		      "it\n",
		    stderr);
	else
		lookup_explain(
		    "no device has the name, id or address", devices, slice_of(unmatched));
}

/* A device may be in several groups, so all of them are held. */
static int list_by_interface(struct context *context, char **patterns)
{
	const char *by = context->options->sort ? context->options->sort : "name", *unmatched;
	struct json_object *devices, *selected, *interfaces;
	int status = inventory_devices(context, &devices);

	if (status)
		return status;
	selected = lookup_select(devices, patterns, &unmatched);
	if (unmatched)
		explain_unmatched(context, patterns, unmatched, devices);
	json_object_put(devices);
	sort_records(&DEVICE_COLUMNS, by, selected);
	status = inventory_interfaces(context, &interfaces);
	if (!status) {
		grouping_print(&context->output, selected, interfaces);
		json_object_put(interfaces);
	}
	if (!status && !field_length(selected) && !unmatched)
		inventory_explain_empty(context);
	json_object_put(selected);
	return status ? status : unmatched ? STATUS_NOT_FOUND : STATUS_DONE;
}

static void print_all(struct output *output, struct json_object *records)
{
	output_begin(output, false);
	for (size_t i = 0; i < field_length(records); i++)
		output_record(output, field_entry(records, i));
	output_end(output);
}

/* What is kept of the devices of a list: their rows, and how well each pattern matches them. */
struct listing {
	struct output *output;
	struct sort_order order;
	struct lookup lookup;
};

static void list_device(void *context, struct json_object *device)
{
	struct listing *listing = context;

	if (lookup_look_at(&listing->lookup, device))
		output_keep(listing->output, &listing->order, device);
}

static bool is_selected(const void *context, const struct row *row)
{
	return lookup_selects(context, row->place);
}

/* As it is, or as an empty list; the status. */
static int print_listing(struct context *context, struct listing *listing, char **patterns)
{
	struct output *output = listing->output;
	const char *unmatched = lookup_unmatched(&listing->lookup);
	struct json_object *devices;
	bool empty;

	rows_select(&output->rows, is_selected, &listing->lookup);
	empty = output->rows.count == 0;
	if (unmatched && inventory_devices(context, &devices) == STATUS_DONE) {
		explain_unmatched(context, patterns, unmatched, devices);
		json_object_put(devices);
	}
	if (!empty || !unmatched) {
		output_begin(output, false);
		output_release(output, &listing->order);
		output_end(output);
	}
	if (empty && !unmatched)
		inventory_explain_empty(context);
	return unmatched ? STATUS_NOT_FOUND : STATUS_DONE;
}

int command_list(struct context *context, char **arguments)
{
	const char *by = context->options->sort ? context->options->sort : "name";
	struct listing listing = {.output = &context->output};
	int status;

	if (context->options->by)
		return list_by_interface(context, arguments);
	listing.order = sort_order_of(&DEVICE_COLUMNS, by);
	lookup_begin(&listing.lookup, arguments);
	status = inventory_each(context, list_device, &listing);
	if (!status)
		status = print_listing(context, &listing, arguments);
	lookup_fini(&listing.lookup);
	return status;
}

/* True for a row whose own name, type or key a pattern matches whole. */
static bool row_matches(struct json_object *row, char **patterns)
{
	for (; *patterns; patterns++) {
		struct slice pattern = slice_of(*patterns);
		if (pattern_matches_type(pattern, field_text(field_get(row, "type"))) ||
		    pattern_match(pattern, field_text(field_get(row, "name"))) == PATTERN_WHOLE ||
		    pattern_match(pattern, field_text(field_get(row, "key"))) == PATTERN_WHOLE)
			return true;
	}
	return false;
}

/* A pattern selects devices, all of whose services are printed, or single services. */
static struct json_object *service_rows(
    struct context *context, struct json_object *devices, char **patterns)
{
	struct json_object *all = json_object_new_array(), *rows = json_object_new_array();
	const char *type = context->options->type, *unmatched;
	struct json_object *selected = lookup_select(devices, patterns, &unmatched);
	size_t next = 0; /* of those selected, which are in the same order */

	for (size_t i = 0; i < field_length(devices); i++) {
		struct json_object *device = field_entry(devices, i);
		size_t from = field_length(all);
		bool whole = field_entry(selected, next) == device;
		next += whole;
		device_record_services(device, context->options->all, all);
		for (; from < field_length(all); from++) {
			struct json_object *row = field_entry(all, from);
			struct slice row_type = field_text(field_get(row, "type"));
			if ((whole || row_matches(row, patterns)) &&
			    (!type || pattern_matches_type(slice_of(type), row_type)))
				json_object_array_add(rows, json_object_get(row));
		}
	}
	json_object_put(selected);
	json_object_put(all);
	return rows;
}

int command_services(struct context *context, char **arguments)
{
	const struct command_options *options = context->options;
	struct json_object *devices, *rows;
	int status = inventory_devices(context, &devices);

	if (status)
		return status;
	rows = service_rows(context, devices, arguments);
	if (*arguments && !field_length(rows)) {
		lookup_explain("no device or service matches", devices, slice_of(*arguments));
		status = STATUS_NOT_FOUND;
	} else {
		sort_records(&SERVICE_COLUMNS,
		    options->sort ? options->sort : "device_name,protocol,type", rows);
		print_all(&context->output, rows);
		if (!field_length(rows))
			inventory_explain_empty(context);
	}
	json_object_put(rows);
	json_object_put(devices);
	return status;
}

/* The networks of the device are shown in the layout for people only. */
static int show_one(struct context *context, struct json_object *device)
{
	struct output *output = &context->output;
	struct json_object *interfaces;

	if (!output_is_table(output) || output->columns_given) {
		output_one(output, device, layout_device);
		return STATUS_DONE;
	}
	int status = inventory_interfaces(context, &interfaces);
	if (status)
		return status;
	json_object_object_add(device, "networks", interface_record_of_device(device, interfaces));
	output_one(output, device, layout_device);
	json_object_put(interfaces);
	return STATUS_DONE;
}

static int show_all(struct context *context, struct json_object *devices)
{
	struct output *output = &context->output;
	int status = STATUS_DONE;

	if (!output_is_table(output) || output->columns_given) {
		print_all(output, devices);
		return STATUS_DONE;
	}
	for (size_t i = 0; i < field_length(devices) && !status; i++) {
		if (i)
			fputc('\n', output->stream);
		status = show_one(context, field_entry(devices, i));
	}
	return status;
}

int command_show(struct context *context, char **arguments)
{
	struct json_object *devices = json_object_new_array();
	bool one = !arguments[1] && !pattern_is_glob(slice_of(arguments[0]));
	int missed = STATUS_DONE;

	for (; *arguments; arguments++) {
		int status = lookup_key(context, slice_of(*arguments), devices);
		missed = missed ? missed : status;
	}
	int status = STATUS_DONE;
	if (one && field_length(devices) == 1)
		status = show_one(context, field_entry(devices, 0));
	else if (field_length(devices))
		status = show_all(context, devices);
	json_object_put(devices);
	return status ? status : missed;
}
