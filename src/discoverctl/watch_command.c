/* SPDX-License-Identifier: ISC
 * watch_command: watch, which reconnects when the connection is lost. */
#include "client/field.h"
#include "discoverctl/command.h"
#include "discoverctl/exit_status.h"
#include "discoverctl/formats.h"
#include "discoverctl/inventory.h"
#include "discoverctl/watch_memory.h"
#include "discoverctl/when.h"
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct watch {
	struct context *context;
	struct watch_memory memory;
	bool begun;        /* a reply has come, and headings are printed */
	bool quiet;        /* the first snapshot is read, but not printed */
	bool lost;         /* the connection; no reply has come since */
	int pause_ms;      /* before the next attempt to connect */
	int settle_ms;     /* from the end of the snapshot to the end of a comparison */
	int64_t settle_at; /* of client_clock_ms(); INT64_MAX: not known or nothing is compared */
};

/* {"time", "event", "device", "changed", "merged_into"} */
static struct json_object *record_of(const char *event, struct json_object *device)
{
	struct json_object *record = json_object_new_object();
	char text[32];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	when_format_utc(time(NULL), &w);
	json_object_object_add(record, "time", json_object_new_string_len(text, (int)w.len));
	field_add_text(record, "event", event);
	json_object_object_add(record, "device", json_object_get(device));
	json_object_object_add(record, "changed", json_object_new_array());
	json_object_object_add(record, "merged_into", NULL);
	return record;
}

static void print_record(struct watch *watch, struct json_object *record)
{
	output_record(&watch->context->output, record);
	json_object_put(record);
}

/* As a watch_memory_report_fn. */
static void print_change(
    void *context, const char *event, struct json_object *device, struct json_object *changed)
{
	struct json_object *record = record_of(event, device);

	if (changed)
		json_object_object_add(record, "changed", json_object_get(changed));
	print_record(context, record);
}

/* An event of discoverd. */
static void print_event(struct watch *watch, const char *event, struct json_object *parameters)
{
	struct json_object *record = record_of(event, field_get(parameters, "device"));
	struct json_object *changed = field_get(parameters, "changed");

	if (changed)
		json_object_object_add(record, "changed", json_object_get(changed));
	json_object_object_add(
	    record, "merged_into", json_object_get(field_get(parameters, "merged_into")));
	print_record(watch, record);
}

static void compare(struct watch *watch, int settle_ms)
{
	watch_memory_compare(&watch->memory);
	watch->settle_ms = settle_ms;
	watch->settle_at = INT64_MAX;
}

/* Events were lost, and a snapshot follows. */
static void resync(struct watch *watch)
{
	if (watch->context->options->snapshot)
		watch_memory_clear(&watch->memory);
	else
		compare(watch, watch->memory.former ? watch->settle_ms : 0);
}

static void take(struct watch *watch, struct json_object *parameters)
{
	const char *event = json_object_get_string(field_get(parameters, "event"));
	struct json_object *device = field_get(parameters, "device");

	if (!event) { /* the snapshot is complete */
		watch->quiet = false;
		if (watch->memory.former)
			watch->settle_at = client_clock_ms() + watch->settle_ms;
		return;
	}
	aliases_apply(&watch->context->aliases, device);
	if (!strcmp(event, "resync"))
		resync(watch);
	if (!watch_memory_event(&watch->memory, event, device))
		return;
	if (!watch->quiet || strcmp(event, "added"))
		print_event(watch, event, parameters);
}

static int wait_ms(const struct watch *watch)
{
	if (watch->lost || !watch->begun)
		return watch->context->timeout_ms; /* the first reply is immediate */
	if (watch->settle_at == INT64_MAX)
		return CLIENT_FOREVER; /* nothing may change for days */
	int64_t left = watch->settle_at - client_clock_ms();
	return left > 0 ? (int)left : 0;
}

static void note_reply(struct watch *watch)
{
	if (!watch->begun)
		output_begin(&watch->context->output, true);
	if (watch->lost)
		fputs("discoverctl: connected again\n", stderr);
	watch->begun = true;
	watch->lost = false;
	watch->pause_ms = CLIENT_PAUSE_MIN_MS;
}

/* A negative errno of client_next(), or an exit status after a line on stderr. */
static int take_next(struct watch *watch, bool *continues)
{
	struct varlink_reply reply;
	int status = STATUS_DONE, error;

	error = client_next(&watch->context->daemon.client, wait_ms(watch), &reply);
	if (error == -ETIMEDOUT && watch->settle_at != INT64_MAX) {
		watch->settle_at = INT64_MAX;
		watch_memory_settle(&watch->memory, print_change, watch);
		return output_flush(&watch->context->output);
	}
	if (error)
		return error;
	if (reply.error) {
		status = daemon_explain(stderr, reply.error, reply.parameters);
	} else {
		note_reply(watch);
		take(watch, reply.parameters);
		status = output_flush(&watch->context->output);
	}
	*continues = reply.continues;
	varlink_reply_fini(&reply);
	return status;
}

/* On a new connection: as take_next(); STATUS_DONE when the daemon closes it in order. */
static int follow(struct watch *watch)
{
	struct json_object *parameters = json_object_new_object();
	bool continues = true;

	json_object_object_add(parameters, "filter", inventory_filter(watch->context->options));
	json_object_object_add(parameters, "snapshot", json_object_new_boolean(true));
	int status =
	    client_call(&watch->context->daemon.client, "io.discoverd.Monitor", parameters, true);
	json_object_put(parameters);
	while (!status && continues)
		status = take_next(watch, &continues);
	return status;
}

static int connect_again(struct watch *watch)
{
	struct context *context = watch->context;
	struct client *client = &context->daemon.client;

	if (!watch->lost) {
		fprintf(stderr, "discoverctl: connection lost, reconnecting to discoverd at %s\n",
		    context->socket);
		watch->lost = true;
		compare(watch, CLIENT_SETTLE_MS);
	}
	int error = client_pause(client, watch->pause_ms);
	if (error)
		return error;
	watch->pause_ms =
	    2 * watch->pause_ms < CLIENT_PAUSE_MAX_MS ? 2 * watch->pause_ms : CLIENT_PAUSE_MAX_MS;
	client_fini(client);
	/* the reason may be gone at the next attempt */
	if (client_connect(client, context->socket, context->timeout_ms, STDOUT_FILENO))
		return -ECONNRESET;
	return follow(watch);
}

int command_watch(struct context *context, char **arguments)
{
	struct watch watch = {.context = context,
	    .quiet = !context->options->snapshot,
	    .pause_ms = CLIENT_PAUSE_MIN_MS,
	    .settle_at = INT64_MAX};
	(void)arguments;

	if (context->output.format == &FORMAT_JSON) /* an array would never end */
		context->output.format = &FORMAT_JSONL;
	watch_memory_init(&watch.memory);
	int status = follow(&watch);
	/* the helper of a fleet connects to the broker again by itself */
	while (watch.begun && !context->options->once && !context->daemon.helper &&
	       (status == -ECONNRESET || status == -ETIMEDOUT))
		status = connect_again(&watch);
	if (!status)
		output_end(&context->output);
	watch_memory_fini(&watch.memory);
	return status < 0 ? daemon_fail(&context->daemon, status) : status;
}
