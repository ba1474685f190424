/* SPDX-License-Identifier: ISC
 * daemon_commands: interfaces, status, reload, log-level and version. */
#include "base/array.h"
#include "client/field.h"
#include "config.h"
#include "discoverctl/cell.h"
#include "discoverctl/columns.h"
#include "discoverctl/command.h"
#include "discoverctl/exit_status.h"
#include "discoverctl/inventory.h"
#include "discoverctl/layout.h"
#include "discoverctl/sort.h"
#include "discoverctl/suggest.h"
#include <string.h>

int command_check_interfaces(struct context *context, char **arguments)
{
	(void)arguments;
	return sort_check(&INTERFACE_COLUMNS, context->options);
}

int command_interfaces(struct context *context, char **arguments)
{
	struct output *output = &context->output;
	struct json_object *interfaces;
	(void)arguments;

	int status = inventory_interfaces(context, &interfaces);
	if (status)
		return status;
	if (context->options->sort)
		sort_records(&INTERFACE_COLUMNS, context->options->sort, interfaces);
	output_begin(output, false);
	for (size_t i = 0; i < field_length(interfaces); i++)
		output_record(output, field_entry(interfaces, i));
	output_end(output);
	json_object_put(interfaces);
	return STATUS_DONE;
}

int command_status(struct context *context, char **arguments)
{
	struct json_object *answer;
	(void)arguments;
	int status = daemon_ask(&context->daemon, "io.discoverd.Status", NULL, &answer);
	if (status)
		return status;
	output_one(&context->output, answer,
	    context->options->counters ? layout_status_and_counters : layout_status);
	json_object_put(answer);
	return STATUS_DONE;
}

int command_reload(struct context *context, char **arguments)
{
	struct json_object *answer;
	(void)arguments;
	int status = daemon_ask(&context->daemon, "io.discoverd.Reload", NULL, &answer);
	if (!status)
		json_object_put(answer);
	return status;
}

static void layout_log_level(struct output *output, struct json_object *object)
{
	cell_print_escaped(output->stream, field_text(field_get(object, "log_level")));
	fputc('\n', output->stream);
}

static int show_log_level(struct context *context)
{
	struct json_object *answer;
	int status = daemon_ask(&context->daemon, "io.discoverd.Status", NULL, &answer);
	if (status)
		return status;
	struct json_object *level = json_object_new_object();
	json_object_object_add(level, "log_level", json_object_get(field_get(answer, "log_level")));
	output_one(&context->output, level, layout_log_level);
	json_object_put(level);
	json_object_put(answer);
	return STATUS_DONE;
}

int command_check_log_level(struct context *context, char **arguments)
{
	static const char *const levels[] = {"error", "warning", "notice", "info", "debug"};
	(void)context;

	for (size_t i = 0; i < COUNT_OF(levels) && arguments[0]; i++)
		if (!strcmp(levels[i], arguments[0]))
			return STATUS_DONE;
	return arguments[0]
		   ? suggest_refuse_value("the level", arguments[0], levels, COUNT_OF(levels))
		   : STATUS_DONE;
}

int command_log_level(struct context *context, char **arguments)
{
	if (!arguments[0])
		return show_log_level(context);
	struct json_object *answer, *parameters = json_object_new_object();
	json_object_object_add(parameters, "level", json_object_new_string(arguments[0]));
	int status = daemon_ask(&context->daemon, "io.discoverd.SetLogLevel", parameters, &answer);
	if (!status)
		json_object_put(answer);
	return status;
}

static void layout_version(struct output *output, struct json_object *versions)
{
	struct json_object *daemon = field_get(versions, "discoverd");
	fputs("discoverctl " PACKAGE_VERSION "\n", output->stream);
	if (!daemon)
		return;
	fputs("discoverd ", output->stream);
	cell_print_escaped(output->stream, field_text(daemon));
	fputc('\n', output->stream);
}

/* The version of the daemon is omitted when it cannot be reached. */
int command_version(struct context *context, char **arguments)
{
	struct json_object *versions = json_object_new_object(), *version = NULL, *answer;
	struct daemon *daemon = &context->daemon;
	(void)arguments;

	*daemon = (struct daemon){.path = context->socket, .timeout_ms = context->timeout_ms};
	if (client_connect(&daemon->client, context->socket, context->timeout_ms, -1) == 0 &&
	    daemon_ask(daemon, "io.discoverd.Status", NULL, &answer) == STATUS_DONE) {
		version = json_object_get(field_get(answer, "version"));
		json_object_put(answer);
	}
	daemon_close(daemon);
	json_object_object_add(versions, "discoverctl", json_object_new_string(PACKAGE_VERSION));
	json_object_object_add(versions, "discoverd", version);
	output_one(&context->output, versions, layout_version);
	json_object_put(versions);
	return STATUS_DONE;
}
