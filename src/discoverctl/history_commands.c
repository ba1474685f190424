/* SPDX-License-Identifier: ISC
 * history_commands: history, acknowledge and name, which ask discoverd-history. */
#include "client/field.h"
#include "discoverctl/columns.h"
#include "discoverctl/command.h"
#include "discoverctl/exit_status.h"
#include "discoverctl/when.h"
#include <string.h>

#define INTERFACE "io.discoverd.History."

/* A failed call ends with a line on stderr. */
static int open_history(struct context *context)
{
	return daemon_open(
	    &context->daemon, "discoverd-history", aliases_socket(), context->timeout_ms);
}

int command_check_history(struct context *context, char **arguments)
{
	const struct command_options *options = context->options;
	int64_t since;
	(void)arguments;

	if (options->since && when_parse_since(options->since, context->output.view.now, &since)) {
		fprintf(stderr,
		    "discoverctl: %s is a time like 45m, 12h, 7d or 4w, or a day like 2026-01-31, "
		    "not \"%s\"\n",
		    command_options_typed(options, "since"), options->since);
		return STATUS_USAGE;
	}
	return sort_check(&HISTORY_COLUMNS, options);
}

static struct json_object *question(const struct context *context, const char *device)
{
	const struct command_options *options = context->options;
	struct json_object *parameters = json_object_new_object();
	char text[32];
	struct writer w;
	int64_t since;

	field_add_text(parameters, "device", device);
	if (options->new)
		json_object_object_add(parameters, "new", json_object_new_boolean(true));
	if (options->since &&
	    when_parse_since(options->since, context->output.view.now, &since) == 0) {
		writer_init(&w, text, sizeof(text));
		when_format_utc(since, &w);
		json_object_object_add(
		    parameters, "since", json_object_new_string_len(text, (int)w.len));
	}
	return parameters;
}

/* *current: whether discoverd-history follows discoverd, or does not say so. */
static int collect(
    struct context *context, const char *device, struct json_object *devices, bool *current)
{
	struct daemon *daemon = &context->daemon;
	struct varlink_reply reply;
	bool continues = true;
	int status = daemon_call(daemon, INTERFACE "History", question(context, device), true);

	while (!status && continues) {
		status = daemon_next(daemon, daemon->timeout_ms, &reply);
		if (status)
			break;
		struct json_object *batch = field_get(reply.parameters, "devices");
		for (size_t i = 0; i < field_length(batch); i++)
			json_object_array_add(devices, json_object_get(field_entry(batch, i)));
		struct json_object *follows = field_get(reply.parameters, "current");
		*current &= !follows || json_object_get_boolean(follows);
		continues = reply.continues;
		varlink_reply_fini(&reply);
	}
	return status;
}

static void print_devices(struct context *context, struct json_object *devices)
{
	const struct command_options *options = context->options;

	sort_records(&HISTORY_COLUMNS, options->sort ? options->sort : "last_seen,name", devices);
	output_begin(&context->output, false);
	for (size_t i = 0; i < field_length(devices); i++)
		output_record(&context->output, field_entry(devices, i));
	output_end(&context->output);
}

int command_history(struct context *context, char **arguments)
{
	struct json_object *devices = json_object_new_array();
	bool current = true;
	int status = open_history(context);

	if (!status)
		status = collect(context, arguments[0], devices, &current);
	if (!status)
		print_devices(context, devices);
	if (!status && !current)
		fputs("discoverctl: discoverd-history has no connection to discoverd: this may be "
		      "out of date\n",
		    stderr);
	daemon_close(&context->daemon);
	json_object_put(devices);
	return status;
}

/* A call without results. */
static int change(struct context *context, const char *method, struct json_object *parameters)
{
	struct json_object *answer = NULL;
	int status = open_history(context);

	if (status)
		json_object_put(parameters);
	else
		status = daemon_ask(&context->daemon, method, parameters, &answer);
	daemon_close(&context->daemon);
	json_object_put(answer);
	return status;
}

/* discoverd-history closes the connection of a call that is longer than 8 KiB. */
enum { CALL_BYTES = 7168, ESCAPED_MAX = 6 };

/* At least so much as it takes as JSON, with what separates it. */
static size_t json_size(const char *text)
{
	size_t size = 3;

	for (; *text; text++)
		size += (unsigned char)*text < 0x20 || strchr("\"\\/\x7f", *text) ? ESCAPED_MAX : 1;
	return size;
}

/* By as many calls as it takes. */
int command_acknowledge(struct context *context, char **arguments)
{
	int status = 0;

	while (*arguments && !status) {
		struct json_object *parameters = json_object_new_object();
		struct json_object *devices = json_object_new_array();
		size_t size = 0;
		do {
			size += json_size(*arguments);
			json_object_array_add(devices, json_object_new_string(*arguments++));
		} while (*arguments && size + json_size(*arguments) <= CALL_BYTES);
		json_object_object_add(parameters, "devices", devices);
		status = change(context, INTERFACE "Acknowledge", parameters);
	}
	return status;
}

int command_name(struct context *context, char **arguments)
{
	struct json_object *parameters = json_object_new_object();

	field_add_text(parameters, "device", arguments[0]);
	field_add_text(parameters, "alias", arguments[1]);
	return change(context, INTERFACE "Name", parameters);
}
