/* SPDX-License-Identifier: ISC
 * device_commands: list, show, watch and search. */
#include "discoverctl/command.h"
#include "discoverctl/exit_status.h"
#include "discoverctl/field.h"
#include "discoverctl/formats.h"
#include "discoverctl/layout.h"
#include "discoverctl/sort.h"
#include "discoverctl/when.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SEARCH_SECONDS = 3, SEARCH_SECONDS_MAX = 30 };

static void add_text(struct json_object *object, const char *key, const char *text)
{
	if (text)
		json_object_object_add(object, key, json_object_new_string(text));
}

/* What the filter options say; an empty object where there are none. */
static struct json_object *filter_of(const struct command_options *options)
{
	struct json_object *filter = json_object_new_object();
	add_text(filter, "type", options->type);
	add_text(filter, "via", options->via);
	add_text(filter, "interface", options->interface);
	add_text(filter, "kind", options->kind);
	add_text(filter, "name", options->name);
	return filter;
}

/* Collects the batches of a List. */
static int fetch_devices(struct context *context, struct json_object *devices)
{
	struct json_object *parameters = json_object_new_object();
	struct varlink_reply reply;
	bool continues = true;

	json_object_object_add(parameters, "filter", filter_of(context->options));
	int status = daemon_call(&context->daemon, "io.discoverd.List", parameters, true);
	while (!status && continues) {
		status = daemon_next(&context->daemon, context->daemon.timeout_ms, &reply);
		if (status)
			break;
		struct json_object *batch = field_get(reply.parameters, "devices");
		for (size_t i = 0; i < field_length(batch); i++)
			json_object_array_add(devices, json_object_get(field_entry(batch, i)));
		continues = reply.continues;
		varlink_reply_fini(&reply);
	}
	return status;
}

int command_list(struct context *context, char **arguments)
{
	struct output *output = &context->output;
	struct json_object *devices = json_object_new_array();
	(void)arguments;

	int status = sort_check(&DEVICE_COLUMNS, context->options->sort);
	if (!status)
		status = fetch_devices(context, devices);
	if (!status) {
		sort_records(&DEVICE_COLUMNS,
		    context->options->sort ? context->options->sort : "name", devices);
		output_begin(output, false);
		for (size_t i = 0; i < field_length(devices); i++)
			output_record(output, field_entry(devices, i));
		output_end(output);
	}
	json_object_put(devices);
	return status;
}

int command_show(struct context *context, char **arguments)
{
	struct json_object *parameters = json_object_new_object(), *answer;
	add_text(parameters, "id", arguments[0]);
	int status = daemon_ask(&context->daemon, "io.discoverd.Get", parameters, &answer);
	if (status)
		return status;
	output_one(&context->output, field_get(answer, "device"), layout_device);
	json_object_put(answer);
	return STATUS_DONE;
}

/* {"time", "event", "device"}; the reply keeps what is its own. */
static struct json_object *event_record(struct json_object *parameters)
{
	struct json_object *record = json_object_new_object();
	char text[32];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	when_format_utc(time(NULL), &w);
	json_object_object_add(record, "time", json_object_new_string_len(text, (int)w.len));
	json_object_object_add(record, "event", json_object_get(field_get(parameters, "event")));
	json_object_object_add(record, "device", json_object_get(field_get(parameters, "device")));
	return record;
}

/* The event without a name says that the snapshot is complete, which is not for people. */
static void print_event(struct output *output, struct json_object *parameters)
{
	if (!field_get(parameters, "event"))
		return;
	struct json_object *record = event_record(parameters);
	output_record(output, record);
	json_object_put(record);
}

static void print_answer(struct output *output, struct json_object *parameters)
{
	struct json_object *device = field_get(parameters, "device");
	output->view.now = time(NULL);
	if (device)
		output_record(output, device);
}

/* Each reply as it comes, with headings before the first: a refusal has none. */
static int print_replies(struct context *context, int first_ms, int further_ms,
    void (*print)(struct output *output, struct json_object *parameters))
{
	struct output *output = &context->output;
	struct varlink_reply reply;
	bool begun = false, continues = true;
	int status = STATUS_DONE;

	while (!status && continues) {
		status = daemon_next(&context->daemon, begun ? further_ms : first_ms, &reply);
		if (status)
			break;
		if (!begun)
			output_begin(output, true);
		begun = true;
		print(output, reply.parameters);
		continues = reply.continues;
		varlink_reply_fini(&reply);
		status = output_flush(output);
	}
	if (!status)
		output_end(output);
	return status;
}

int command_watch(struct context *context, char **arguments)
{
	struct json_object *parameters = json_object_new_object();
	(void)arguments;

	if (context->output.format == &FORMAT_JSON) /* an array that never ends is of no use */
		context->output.format = &FORMAT_JSONL;
	json_object_object_add(parameters, "filter", filter_of(context->options));
	json_object_object_add(
	    parameters, "snapshot", json_object_new_boolean(context->options->snapshot != NULL));
	int status = daemon_call(&context->daemon, "io.discoverd.Monitor", parameters, true);
	/* the first reply comes at once; then there may be nothing to tell for days */
	return status ? status
		      : print_replies(
			    context, context->daemon.timeout_ms, CLIENT_FOREVER, print_event);
}

int command_search(struct context *context, char **arguments)
{
	unsigned seconds = context->seconds ? context->seconds : SEARCH_SECONDS;
	struct json_object *parameters = json_object_new_object();

	if (seconds > SEARCH_SECONDS_MAX)
		seconds = SEARCH_SECONDS_MAX;
	add_text(parameters, "target", arguments[0]);
	json_object_object_add(parameters, "seconds", json_object_new_int((int)seconds));
	int status = daemon_call(&context->daemon, "io.discoverd.Search", parameters, true);
	int limit_ms = (int)seconds * 1000 + context->daemon.timeout_ms;
	return status ? status : print_replies(context, limit_ms, limit_ms, print_answer);
}
