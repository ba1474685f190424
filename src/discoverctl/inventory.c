/* SPDX-License-Identifier: ISC
 * inventory: see inventory.h. */
#include "discoverctl/inventory.h"
#include "client/field.h"
#include "client/pattern.h"
#include "discoverctl/cell.h"
#include "discoverctl/exit_status.h"
#include "discoverctl/suggest.h"
#include <string.h>

struct json_object *inventory_filter(const struct command_options *options)
{
	struct json_object *filter = json_object_new_object();
	field_add_text(filter, "type", options->type);
	field_add_text(filter, "via", options->via);
	field_add_text(filter, "interface", options->interface);
	field_add_text(filter, "kind", options->kind);
	field_add_text(filter, "name", options->name);
	if (options->all)
		json_object_object_add(filter, "neighbours", json_object_new_boolean(true));
	return filter;
}

/* By its alias or by the name that discoverd knows; NULL selects all. */
static bool is_called(struct context *context, struct json_object *device, struct slice pattern)
{
	bool called = !pattern.len || pattern_match(pattern,
					  field_text(field_get(device, "name"))) == PATTERN_WHOLE;

	aliases_apply(&context->aliases, device);
	return called ||
	       pattern_match(pattern, field_text(field_get(device, "name"))) == PATTERN_WHOLE;
}

/* Lends out the devices of one batch after the other. */
static int walk(struct context *context, struct slice pattern, inventory_fn *fn, void *fn_context)
{
	struct varlink_reply reply;
	bool continues = true;
	int status = STATUS_DONE;

	while (!status && continues) {
		status = daemon_next(&context->daemon, context->daemon.timeout_ms, &reply);
		if (status)
			break;
		struct json_object *batch = field_get(reply.parameters, "devices");
		for (size_t i = 0; i < field_length(batch); i++)
			if (is_called(context, field_entry(batch, i), pattern))
				fn(fn_context, field_entry(batch, i));
		continues = reply.continues;
		varlink_reply_fini(&reply);
	}
	return status;
}

/* discoverd does not know the aliases: where there are any, names are compared here. */
static int list(
    struct context *context, struct json_object *filter, inventory_fn *fn, void *fn_context)
{
	struct json_object *parameters = json_object_new_object(), *name = NULL;
	int status;

	if (aliases_any(&context->aliases)) {
		name = json_object_get(field_get(filter, "name"));
		json_object_object_del(filter, "name");
	}
	json_object_object_add(parameters, "filter", filter);
	status = daemon_call(&context->daemon, "io.discoverd.List", parameters, true);
	if (!status)
		status = walk(context, field_text(name), fn, fn_context);
	json_object_put(name);
	return status;
}

static void append(void *array, struct json_object *device)
{
	json_object_array_add(array, json_object_get(device));
}

static int collect(
    struct context *context, struct json_object *filter, struct json_object **devices)
{
	*devices = json_object_new_array();
	int status = list(context, filter, append, *devices);
	if (status)
		json_object_put(*devices);
	return status;
}

int inventory_each(struct context *context, inventory_fn *fn, void *fn_context)
{
	return list(context, inventory_filter(context->options), fn, fn_context);
}

int inventory_devices(struct context *context, struct json_object **devices)
{
	return collect(context, inventory_filter(context->options), devices);
}

int inventory_all(struct context *context, struct json_object **devices)
{
	struct json_object *filter = json_object_new_object();
	json_object_object_add(filter, "neighbours", json_object_new_boolean(true));
	return collect(context, filter, devices);
}

int inventory_interfaces(struct context *context, struct json_object **interfaces)
{
	struct json_object *answer;
	int status = daemon_ask(&context->daemon, "io.discoverd.Interfaces", NULL, &answer);
	if (status)
		return status;
	*interfaces = json_object_get(field_get(answer, "interfaces"));
	json_object_put(answer);
	return STATUS_DONE;
}

/* The short form of a URN, else the whole. */
static void offer_type(struct suggestion *suggestion, struct slice type)
{
	suggest_offer(suggestion, pattern_type_name(type));
	suggest_offer(suggestion, type);
}

static void offer_types(struct suggestion *suggestion, struct json_object *device)
{
	struct json_object *endpoints = field_get(device, "endpoints");

	offer_type(suggestion, field_text(field_get(device, "type")));
	for (size_t i = 0; i < field_length(endpoints); i++) {
		struct json_object *endpoint = field_entry(endpoints, i);
		struct json_object *services = field_get(endpoint, "services");
		offer_type(suggestion, field_text(field_get(endpoint, "type")));
		for (size_t k = 0; k < field_length(services); k++)
			offer_type(
			    suggestion, field_text(field_get(field_entry(services, k), "type")));
	}
}

/* Offers each value of the device that this filter compares. */
static void offer_values(
    struct suggestion *suggestion, const char *filter, struct json_object *device)
{
	struct json_object *addresses = field_get(device, "addresses");
	struct json_object *protocols = field_get(device, "protocols");

	if (!strcmp(filter, "name"))
		suggest_offer(suggestion, field_text(field_get(device, "name")));
	if (!strcmp(filter, "type"))
		offer_types(suggestion, device);
	for (size_t i = 0; !strcmp(filter, "via") && i < field_length(protocols); i++)
		suggest_offer(suggestion, field_text(field_entry(protocols, i)));
	for (size_t i = 0; !strcmp(filter, "interface") && i < field_length(addresses); i++)
		suggest_offer(
		    suggestion, field_text(field_get(field_entry(addresses, i), "interface")));
}

/* Explains a value that is similar to one of a device. False where there is none. */
static bool explain_filter(const struct command_options *options, const char *filter,
    const char *value, struct json_object *devices)
{
	struct suggestion suggestion;

	if (!value)
		return false;
	suggest_begin(&suggestion, slice_of(value));
	for (size_t i = 0; i < field_length(devices); i++)
		offer_values(&suggestion, filter, field_entry(devices, i));
	if (!*suggest_best(&suggestion) || suggestion.distance == 0)
		return false;
	fprintf(stderr, "discoverctl: %s \"%s\" matches nothing",
	    command_options_typed(options, filter), value);
	suggest_print(stderr, &suggestion);
	fputc('\n', stderr);
	return true;
}

static void print_warnings(struct context *context)
{
	struct json_object *answer, *warnings;

	if (!output_is_table(&context->output) ||
	    daemon_ask(&context->daemon, "io.discoverd.Status", NULL, &answer) != STATUS_DONE)
		return;
	warnings = field_get(answer, "warnings");
	for (size_t i = 0; i < field_length(warnings); i++) {
		fputs("discoverctl: ", stderr);
		cell_print_escaped(stderr, field_text(field_entry(warnings, i)));
		fputc('\n', stderr);
	}
	json_object_put(answer);
}

void inventory_suggest_type(
    struct context *context, const char *type, struct suggestion *suggestion)
{
	struct json_object *devices;

	suggest_begin(suggestion, slice_of(type));
	if (inventory_all(context, &devices) != STATUS_DONE)
		return;
	for (size_t i = 0; i < field_length(devices); i++)
		offer_types(suggestion, field_entry(devices, i));
	json_object_put(devices);
}

void inventory_explain_empty(struct context *context)
{
	const struct command_options *options = context->options;
	struct json_object *devices;
	bool explained = false;

	fflush(context->output.stream);
	if ((options->type || options->via || options->interface || options->name) &&
	    inventory_all(context, &devices) == STATUS_DONE) {
		explained |= explain_filter(options, "type", options->type, devices);
		explained |= explain_filter(options, "via", options->via, devices);
		explained |= explain_filter(options, "interface", options->interface, devices);
		explained |= explain_filter(options, "name", options->name, devices);
		json_object_put(devices);
	}
	if (!explained)
		print_warnings(context);
}
