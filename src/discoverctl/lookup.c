/* SPDX-License-Identifier: ISC
 * lookup: see lookup.h. */
#include "discoverctl/lookup.h"
#include "client/device_record.h"
#include "client/field.h"
#include "discoverctl/cell.h"
#include "discoverctl/exit_status.h"
#include "discoverctl/inventory.h"
#include "discoverctl/suggest.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { CANDIDATES_MAX = 32 };

void lookup_begin(struct lookup *lookup, char **patterns)
{
	*lookup = (struct lookup){.patterns = patterns};
	while (patterns[lookup->pattern_count])
		lookup->pattern_count++;
	if (lookup->pattern_count)
		lookup->best = calloc(lookup->pattern_count, 1);
	lookup->failed = lookup->pattern_count && !lookup->best;
}

void lookup_fini(struct lookup *lookup)
{
	free(lookup->best);
	free(lookup->matches);
	*lookup = (struct lookup){0};
}

/* Makes room for how well each pattern matches one device more. */
static int make_room(struct lookup *lookup)
{
	size_t capacity = lookup->capacity ? 2 * lookup->capacity : 64;
	uint8_t *matches;

	if (lookup->count < lookup->capacity)
		return 0;
	matches = reallocarray(lookup->matches, capacity, lookup->pattern_count);
	if (!matches)
		return -ENOMEM;
	lookup->matches = matches;
	lookup->capacity = capacity;
	return 0;
}

bool lookup_look_at(struct lookup *lookup, struct json_object *device)
{
	uint8_t *matches, any = PATTERN_NONE;

	if (!lookup->pattern_count)
		return true;
	lookup->failed = lookup->failed || make_room(lookup) < 0;
	if (lookup->failed)
		return false;
	matches = lookup->matches + lookup->count * lookup->pattern_count;
	for (size_t i = 0; i < lookup->pattern_count; i++) {
		matches[i] = (uint8_t)device_record_match(device, slice_of(lookup->patterns[i]));
		if (matches[i] > lookup->best[i])
			lookup->best[i] = matches[i];
		any |= matches[i];
	}
	lookup->count += any != PATTERN_NONE;
	return any != PATTERN_NONE;
}

bool lookup_selects(const struct lookup *lookup, size_t place)
{
	const uint8_t *matches = lookup->matches + place * lookup->pattern_count;

	for (size_t i = 0; i < lookup->pattern_count && place < lookup->count; i++)
		if (matches[i] > PATTERN_NONE && matches[i] == lookup->best[i])
			return true;
	return !lookup->pattern_count;
}

const char *lookup_unmatched(const struct lookup *lookup)
{
	for (size_t i = 0; i < lookup->pattern_count && lookup->best; i++)
		if (lookup->best[i] == PATTERN_NONE)
			return lookup->patterns[i];
	return NULL;
}

struct json_object *lookup_select(
    struct json_object *devices, char **patterns, const char **unmatched)
{
	struct json_object *matched = json_object_new_array(), *selected = json_object_new_array();
	struct lookup lookup;

	lookup_begin(&lookup, patterns);
	for (size_t i = 0; i < field_length(devices); i++)
		if (lookup_look_at(&lookup, field_entry(devices, i)))
			json_object_array_add(matched, json_object_get(field_entry(devices, i)));
	for (size_t i = 0; i < field_length(matched); i++)
		if (lookup_selects(&lookup, i))
			json_object_array_add(selected, json_object_get(field_entry(matched, i)));
	*unmatched = lookup_unmatched(&lookup);
	lookup_fini(&lookup);
	json_object_put(matched);
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

static void add_found(
    struct context *context, struct json_object *found, struct json_object *device)
{
	aliases_apply(&context->aliases, device);
	json_object_array_add(found, json_object_get(device));
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
		add_found(context, found, device);
	else if (!strcmp(reply.error, "io.discoverd.NotFound"))
		status = search_list(context, key, found);
	else
		status = daemon_explain(stderr, reply.error, reply.parameters);
	varlink_reply_fini(&reply);
	return status;
}
