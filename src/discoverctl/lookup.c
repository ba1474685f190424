/* SPDX-License-Identifier: ISC
 * lookup: see lookup.h. */
#include "discoverctl/lookup.h"
#include "discoverctl/cell.h"
#include "discoverctl/device_record.h"
#include "discoverctl/exit_status.h"
#include "discoverctl/field.h"
#include "discoverctl/inventory.h"
#include "discoverctl/suggest.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { CANDIDATES_MAX = 32 };

/* The best match of a pattern among the devices. */
static enum pattern_match best_match(struct json_object *devices, struct slice pattern)
{
	enum pattern_match best = PATTERN_NONE;

	for (size_t i = 0; i < field_length(devices) && best < PATTERN_WHOLE; i++) {
		enum pattern_match match = device_record_match(field_entry(devices, i), pattern);
		if (match > best)
			best = match;
	}
	return best;
}

/* Marks the devices that match as well as the best one does. False where none does. */
static bool mark(struct json_object *devices, struct slice pattern, bool *marks)
{
	enum pattern_match best = best_match(devices, pattern);

	for (size_t i = 0; i < field_length(devices) && best > PATTERN_NONE; i++)
		if (device_record_match(field_entry(devices, i), pattern) == best)
			marks[i] = true;
	return best > PATTERN_NONE;
}

struct json_object *lookup_select(
    struct json_object *devices, char **patterns, const char **unmatched)
{
	size_t count = field_length(devices);
	bool *marks = calloc(count + 1, sizeof(bool));
	struct json_object *selected;

	*unmatched = NULL;
	if (!*patterns || !marks) {
		free(marks);
		return json_object_get(devices);
	}
	selected = json_object_new_array();
	for (; *patterns; patterns++)
		if (!mark(devices, slice_of(*patterns), marks) && !*unmatched)
			*unmatched = *patterns;
	for (size_t i = 0; i < count; i++)
		if (marks[i])
			json_object_array_add(selected, json_object_get(field_entry(devices, i)));
	free(marks);
	return selected;
}

static void offer(void *context, struct slice text)
{
	suggest_offer(context, text);
}

void lookup_explain(const char *what, struct json_object *devices, struct slice pattern)
{
	struct suggestion suggestion;

	suggest_begin(&suggestion, pattern);
	for (size_t i = 0; i < field_length(devices); i++)
		device_record_keys(field_entry(devices, i), offer, &suggestion);
	fprintf(stderr, "discoverctl: %s \"", what);
	cell_print_escaped(stderr, pattern);
	fputc('"', stderr);
	suggest_print(stderr, &suggestion);
	fputc('\n', stderr);
}

static int refuse_ambiguous(struct json_object *devices, struct slice key)
{
	size_t count = field_length(devices);

	fputs("discoverctl: \"", stderr);
	cell_print_escaped(stderr, key);
	fprintf(stderr, "\" could be any of these %zu devices; give more of the name, or the id:\n",
	    count);
	for (size_t i = 0; i < count && i < CANDIDATES_MAX; i++) {
		struct json_object *device = field_entry(devices, i);
		fputs("  ", stderr);
		cell_print_escaped(stderr, field_text(field_get(device, "id")));
		fputs("  ", stderr);
		cell_print_escaped(stderr, field_text(field_get(device, "name")));
		fputs("  ", stderr);
		cell_print_escaped(stderr, device_record_address(device));
		fputc('\n', stderr);
	}
	return STATUS_FAILED;
}

static void append(struct json_object *found, struct json_object *devices)
{
	for (size_t i = 0; i < field_length(devices); i++)
		json_object_array_add(found, json_object_get(field_entry(devices, i)));
}

/* Searches all devices. A word that is no glob must match exactly one. */
static int search_list(struct context *context, struct slice key, struct json_object *found)
{
	char *text = slice_dup(key);
	char *patterns[] = {text, NULL};
	struct json_object *devices = NULL, *selected;
	const char *unmatched;
	int status =
	    text ? inventory_all(context, &devices) : daemon_fail(&context->daemon, -ENOMEM);

	if (status) {
		free(text);
		return status;
	}
	selected = lookup_select(devices, patterns, &unmatched);
	if (unmatched) {
		lookup_explain("no device has the name, id or address", devices, key);
		status = STATUS_NOT_FOUND;
	} else if (!pattern_is_glob(key) && field_length(selected) > 1) {
		status = refuse_ambiguous(selected, key);
	} else {
		append(found, selected);
	}
	json_object_put(selected);
	json_object_put(devices);
	free(text);
	return status;
}

int lookup_key(struct context *context, struct slice key, struct json_object *found)
{
	struct daemon *daemon = &context->daemon;
	struct json_object *parameters = json_object_new_object();
	struct varlink_reply reply;

	if (pattern_is_glob(key)) {
		json_object_put(parameters);
		return search_list(context, key, found);
	}
	json_object_object_add(
	    parameters, "id", json_object_new_string_len(key.bytes, (int)key.len));
	int status = daemon_call(daemon, "io.discoverd.Get", parameters, false);
	if (status)
		return status;
	int error = client_next(&daemon->client, daemon->timeout_ms, &reply);
	if (error)
		return daemon_fail(daemon, error);
	struct json_object *device = field_get(reply.parameters, "device");
	if (!reply.error && !json_object_is_type(device, json_type_object))
		status = daemon_fail(daemon, -EBADMSG);
	else if (!reply.error)
		json_object_array_add(found, json_object_get(device));
	else if (!strcmp(reply.error, "io.discoverd.NotFound"))
		status = search_list(context, key, found);
	else
		status = daemon_explain(stderr, reply.error, reply.parameters);
	varlink_reply_fini(&reply);
	return status;
}
