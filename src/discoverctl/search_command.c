/* SPDX-License-Identifier: ISC
 * search_command: search, which asks the network now. */
#include "client/device_record.h"
#include "client/field.h"
#include "discoverctl/cell.h"
#include "discoverctl/command.h"
#include "discoverctl/exit_status.h"
#include "discoverctl/inventory.h"
#include "discoverctl/suggest.h"
#include <time.h>

enum { SECONDS_DEFAULT = 3, SECONDS_MAX = 30 };

struct search {
	struct context *context;
	const char *type;         /* devices without it are not printed; NULL: all are */
	struct json_object *seen; /* an object: devices that were printed, by id */
	struct json_object *rest; /* the same: those that answered and have another type */
	unsigned seconds;
	bool begun; /* headings are printed */
};

/* "MediaServer" and "MediaServer:1" are types as --type takes them; any other text with a
 * colon, and "_ipp._tcp", is a search target of a protocol. */
static bool is_type(const char *target)
{
	struct slice text = slice_of(target), tail;
	uint64_t version;

	tail = slice_skip(text, slice_find(text, ':'));
	if (slice_find(text, ' ') < text.len || slice_starts_with(text, SLICE("_")))
		return false;
	return !tail.len || slice_to_u64(slice_skip(tail, 1), UINT32_MAX, &version) == 0;
}

int command_check_asking(const struct context *context, const char *command)
{
	if (context->seconds <= SECONDS_MAX)
		return STATUS_DONE;
	fprintf(stderr, "discoverctl: %s is at most %d seconds for %s, not \"%s\"\n",
	    command_options_typed(context->options, "timeout"), SECONDS_MAX, command,
	    context->options->timeout);
	return STATUS_USAGE;
}

/* "_ipp" is neither a target nor a type as --type takes it. */
static bool is_part_of_type(struct slice target)
{
	struct slice transport = slice_skip(target, slice_find(target, '.') + 1);

	return slice_starts_with(target, SLICE("_")) &&
	       !slice_starts_with_nocase(transport, SLICE("_tcp")) &&
	       !slice_starts_with_nocase(transport, SLICE("_udp"));
}

int command_check_search(struct context *context, char **arguments)
{
	struct slice target = slice_of(arguments[0]);

	if (!is_part_of_type(target))
		return command_check_asking(context, "search");
	fputs("discoverctl: \"", stderr);
	cell_print_escaped(stderr, target);
	fputs("\" is no type of mDNS like _ipp._tcp\n", stderr);
	return STATUS_USAGE;
}

static void begin(struct search *search)
{
	if (!search->begun)
		output_begin(&search->context->output, true);
	search->begun = true;
}

/* Each device once, though several of its endpoints may answer. */
static void print_answer(struct search *search, struct json_object *device)
{
	struct output *output = &search->context->output;
	const char *id = json_object_get_string(field_get(device, "id"));

	if (!id || field_get(search->seen, id))
		return;
	if (search->type && !device_record_has_type(device, slice_of(search->type))) {
		json_object_object_add(search->rest, id, json_object_new_boolean(true));
		return;
	}
	json_object_object_add(search->seen, id, json_object_new_boolean(true));
	begin(search);
	aliases_apply(&search->context->aliases, device);
	output->view.now = time(NULL);
	output_record(output, device);
}

/* Devices whose type was learned from their description after they had answered. */
static int print_late_types(struct search *search)
{
	struct json_object *devices;
	int status = STATUS_DONE;

	if (!json_object_object_length(search->rest))
		return STATUS_DONE;
	status = inventory_all(search->context, &devices);
	if (status)
		return status;
	for (size_t i = 0; i < field_length(devices); i++) {
		struct json_object *device = field_entry(devices, i);
		const char *id = json_object_get_string(field_get(device, "id"));
		if (id && field_get(search->rest, id))
			print_answer(search, device);
	}
	json_object_put(devices);
	return STATUS_DONE;
}

/* Printed instead of an empty table. */
static int explain_nothing(const struct search *search)
{
	struct suggestion suggestion;

	if (!search->type) {
		fprintf(stderr, "discoverctl: no device answered within %u s\n", search->seconds);
		inventory_explain_empty(search->context);
		return STATUS_DONE;
	}
	inventory_suggest_type(search->context, search->type, &suggestion);
	fprintf(stderr, "discoverctl: no device of type \"%s\" answered within %u s", search->type,
	    search->seconds);
	if (suggestion.distance > 0)
		suggest_print(stderr, &suggestion);
	fputc('\n', stderr);
	return STATUS_DONE;
}

static int print_answers(struct search *search, int limit_ms)
{
	struct output *output = &search->context->output;
	struct varlink_reply reply;
	bool continues = true;
	int status = STATUS_DONE;

	while (!status && continues) {
		status = daemon_next(&search->context->daemon, limit_ms, &reply);
		if (status)
			return status;
		print_answer(search, field_get(reply.parameters, "device"));
		continues = reply.continues;
		varlink_reply_fini(&reply);
		status = output_flush(output);
	}
	if (!status)
		status = print_late_types(search);
	if (status)
		return status;
	if (!search->begun && output_is_table(output))
		return explain_nothing(search);
	begin(search);
	output_end(output);
	return STATUS_DONE;
}

int command_search(struct context *context, char **arguments)
{
	const char *target = arguments[0];
	struct search search = {
	    .context = context,
	    .type = target && is_type(target) ? target : NULL,
	    .seen = json_object_new_object(),
	    .rest = json_object_new_object(),
	    .seconds = context->seconds ? context->seconds : SECONDS_DEFAULT,
	};
	struct json_object *parameters = json_object_new_object();

	if (!search.type)
		field_add_text(parameters, "target", target);
	json_object_object_add(parameters, "seconds", json_object_new_int((int)search.seconds));
	int status = daemon_call(&context->daemon, "io.discoverd.Search", parameters, true);
	int limit_ms = (int)search.seconds * 1000 + context->daemon.timeout_ms;
	if (!status)
		status = print_answers(&search, limit_ms);
	json_object_put(search.rest);
	json_object_put(search.seen);
	return status;
}
