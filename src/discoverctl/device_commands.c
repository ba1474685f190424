/* SPDX-License-Identifier: ISC
 * device_commands: list, show and search. */
#include "discoverctl/command.h"
#include "discoverctl/exit_status.h"
#include "discoverctl/field.h"
#include "discoverctl/grouping.h"
#include "discoverctl/inventory.h"
#include "discoverctl/layout.h"
#include "discoverctl/sort.h"
#include "discoverctl/surroundings.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SEARCH_SECONDS = 3, SEARCH_SECONDS_MAX = 30 };

static int list_groups(
    struct context *context, const struct grouping *grouping, struct json_object *devices)
{
	struct json_object *interfaces = NULL;
	int status =
	    grouping->wants_interfaces ? inventory_interfaces(context, &interfaces) : STATUS_DONE;
	if (!status)
		grouping_print(&context->output, grouping, devices, interfaces);
	json_object_put(interfaces);
	return status;
}

static void list_all(struct output *output, struct json_object *devices)
{
	output_begin(output, false);
	for (size_t i = 0; i < field_length(devices); i++)
		output_record(output, field_entry(devices, i));
	output_end(output);
}

/* Below an empty table, what may be the reason. */
static void explain_empty(struct context *context)
{
	struct json_object *answer, *warnings;

	if (!output_is_table(&context->output) ||
	    daemon_ask(&context->daemon, "io.discoverd.Status", NULL, &answer) != STATUS_DONE)
		return;
	fflush(context->output.stream);
	warnings = field_get(answer, "warnings");
	for (size_t i = 0; i < field_length(warnings); i++) {
		fputs("discoverctl: ", stderr);
		output_escaped(stderr, field_text(field_entry(warnings, i)));
		fputc('\n', stderr);
	}
	json_object_put(answer);
}

int command_list(struct context *context, char **arguments)
{
	const struct command_options *options = context->options;
	const struct grouping *grouping = options->by ? grouping_find(options->by) : NULL;
	struct json_object *devices;
	(void)arguments;

	if (options->by && !grouping)
		return STATUS_USAGE;
	int status = sort_check(&DEVICE_COLUMNS, options->sort);
	if (!status)
		status = inventory_devices(context, &devices);
	if (status)
		return status;
	sort_records(&DEVICE_COLUMNS, options->sort ? options->sort : "name", devices);
	if (grouping)
		status = list_groups(context, grouping, devices);
	else
		list_all(&context->output, devices);
	if (!status && !field_length(devices))
		explain_empty(context);
	json_object_put(devices);
	return status;
}

/* What the layout of a device tells besides: its networks, and who else is on its host. */
static int add_surroundings(struct context *context, struct json_object *device)
{
	struct json_object *interfaces, *devices;
	int status = inventory_interfaces(context, &interfaces);
	if (status)
		return status;
	status = inventory_devices(context, &devices);
	if (!status) {
		sort_records(&DEVICE_COLUMNS, "name", devices);
		surroundings_add(device, interfaces, devices);
		json_object_put(devices);
	}
	json_object_put(interfaces);
	return status;
}

int command_show(struct context *context, char **arguments)
{
	struct json_object *parameters = json_object_new_object(), *answer;
	struct output *output = &context->output;

	field_add_text(parameters, "id", arguments[0]);
	int status = daemon_ask(&context->daemon, "io.discoverd.Get", parameters, &answer);
	if (status)
		return status;
	struct json_object *device = field_get(answer, "device");
	if (device && output_is_table(output) && !output->columns_given)
		status = add_surroundings(context, device);
	if (!status)
		output_one(output, device, layout_device);
	json_object_put(answer);
	return status;
}

/* True when a device has answered. */
static bool print_answer(struct output *output, struct json_object *parameters)
{
	struct json_object *device = field_get(parameters, "device");
	output->view.now = time(NULL);
	if (device)
		output_record(output, device);
	return device;
}

/* Each reply as it comes, with headings before the first: a refusal has none. */
static int print_answers(struct context *context, int limit_ms)
{
	struct output *output = &context->output;
	struct varlink_reply reply;
	bool begun = false, continues = true, any = false;
	int status = STATUS_DONE;

	while (!status && continues) {
		status = daemon_next(&context->daemon, limit_ms, &reply);
		if (status)
			break;
		if (!begun)
			output_begin(output, true);
		begun = true;
		any |= print_answer(output, reply.parameters);
		continues = reply.continues;
		varlink_reply_fini(&reply);
		status = output_flush(output);
	}
	if (!status)
		output_end(output);
	if (!status && !any)
		explain_empty(context);
	return status;
}

int command_search(struct context *context, char **arguments)
{
	unsigned seconds = context->seconds ? context->seconds : SEARCH_SECONDS;
	struct json_object *parameters = json_object_new_object();

	if (seconds > SEARCH_SECONDS_MAX)
		seconds = SEARCH_SECONDS_MAX;
	field_add_text(parameters, "target", arguments[0]);
	json_object_object_add(parameters, "seconds", json_object_new_int((int)seconds));
	int status = daemon_call(&context->daemon, "io.discoverd.Search", parameters, true);
	int limit_ms = (int)seconds * 1000 + context->daemon.timeout_ms;
	return status ? status : print_answers(context, limit_ms);
}
