/* SPDX-License-Identifier: ISC
 * fleet_session: see fleet_session.h. */
#include "mqtt/fleet_session.h"
#include "base/array.h"
#include "client/device_record.h"
#include "client/field.h"
#include "mqtt/fleet_device.h"
#include "mqtt/fleet_filter.h"
#include "mqtt/fleet_monitor.h"
#include "wire/json_print.h"
#include "wire/varlink_service.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	INPUT_MAX = 64 * 1024,
	OUTPUT_ENOUGH = 256 * 1024, /* more waits for the next turn */
	BATCH = 64,                 /* devices in a reply of List */
	CANDIDATES_MAX = 32,
	PARAMETER_MAX = 128
};

struct fleet_session {
	struct fleet *fleet;
	const char *broker;
	struct siphash_key key;
	struct fleet_rows rows;
	uint64_t made; /* revision of the fleet that the rows are of; 0: none */
	struct json_writer input, output;
	size_t sent; /* of the output */
	bool failed; /* the rest cannot be answered */
	/* The call that is being answered. */
	enum { IDLE, LISTING, FOLLOWING } job;
	struct json_object *filter; /* of List */
	bool more;
	size_t next; /* row */
	struct fleet_monitor monitor;
};

struct fleet_session *fleet_session_new(
    struct fleet *fleet, const char *broker, const struct siphash_key *key)
{
	struct fleet_session *session = calloc(1, sizeof(*session));

	if (!session)
		return NULL;
	session->fleet = fleet;
	session->broker = broker;
	session->key = *key;
	return session;
}

static void end_job(struct fleet_session *session)
{
	if (session->job == FOLLOWING)
		fleet_monitor_fini(&session->monitor);
	json_object_put(session->filter);
	session->filter = NULL;
	session->job = IDLE;
}

void fleet_session_free(struct fleet_session *session)
{
	if (!session)
		return;
	end_job(session);
	fleet_rows_fini(&session->rows, session->fleet);
	json_writer_fini(&session->input);
	json_writer_fini(&session->output);
	free(session);
}

/* --- replies --- */

static void reply(struct fleet_session *session, const char *error, struct json_object *parameters,
    bool continues)
{
	varlink_reply_write(&session->output, error, parameters, continues);
	json_object_put(parameters);
}

static void fail(
    struct fleet_session *session, const char *error, const char *key, struct slice value)
{
	varlink_error_write(&session->output, &(struct varlink_error){error, key, value});
}

/* The rows are those of the fleet as it is now. False: out of memory. */
static bool make_rows(struct fleet_session *session)
{
	if (session->made == session->fleet->revision)
		return true;
	fleet_rows_fini(&session->rows, session->fleet);
	session->made = 0;
	if (fleet_rows_make(&session->rows, session->fleet) < 0)
		return false;
	session->made = session->fleet->revision;
	return true;
}

/* --- List --- */

/* A reference to the filter of the call; false: the call was answered with what is wrong. */
static bool take_filter(
    struct fleet_session *session, const struct varlink_call *call, struct json_object **filter)
{
	struct json_object *given = field_get(call->parameters, "filter");
	const char *wrong = fleet_filter_wrong(given);

	char name[PARAMETER_MAX];

	snprintf(name, sizeof(name), "filter%s%s", wrong && *wrong ? "." : "", wrong ? wrong : "");
	if (wrong)
		fail(session, VARLINK_INVALID_PARAMETER, "parameter", slice_of(name));
	*filter = wrong ? NULL : json_object_get(given);
	return !wrong;
}

static void handle_list(struct fleet_session *session, const struct varlink_call *call)
{
	if (!take_filter(session, call, &session->filter))
		return;
	session->job = LISTING;
	session->more = call->more;
	session->next = 0;
}

/* A reply with devices: a batch, or all. */
static void list_some(struct fleet_session *session)
{
	struct json_writer *w = &session->output;
	size_t count = 0;

	varlink_reply_begin(w, NULL);
	json_writer_open(w, '{');
	json_writer_name(w, JSON_NAME("devices"));
	json_writer_open(w, '[');
	for (; session->next < session->rows.count && (!session->more || count < BATCH);
	     session->next++) {
		struct json_object *device = fleet_device_new(&session->rows.rows[session->next]);
		if (device && fleet_filter_matches(session->filter, device)) {
			json_print_into(w, device);
			count++;
		}
		json_object_put(device);
	}
	json_writer_close(w, ']');
	json_writer_close(w, '}');
	bool continues = session->next < session->rows.count;
	varlink_reply_end(w, continues);
	if (!continues)
		end_job(session);
}

/* --- Get --- */

/* How likely the device is meant; the lower, the likelier. */
enum likelihood { BY_ID, BY_KEY_A_DEVICE, BY_KEY, UNLIKELY };

static enum likelihood judge(struct json_object *device, struct slice key)
{
	struct slice kind = field_text_of(device, "kind");
	struct slice uuid = slice_without_prefix_nocase(key, SLICE("urn:"));

	if (slice_equal(field_text_of(device, "id"), key))
		return BY_ID;
	if (device_record_match(device, uuid) != PATTERN_WHOLE)
		return UNLIKELY;
	return slice_equal(kind, SLICE("device")) ? BY_KEY_A_DEVICE : BY_KEY;
}

/* The likeliest devices. */
static struct json_object *find(
    const struct fleet_session *session, struct slice key, enum likelihood *best)
{
	struct json_object *found = json_object_new_array();

	*best = UNLIKELY;
	for (size_t i = 0; i < session->rows.count; i++) {
		struct json_object *device = fleet_device_new(&session->rows.rows[i]);
		enum likelihood likelihood = device ? judge(device, key) : UNLIKELY;
		if (likelihood < *best) {
			json_object_put(found);
			found = json_object_new_array();
			*best = likelihood;
		}
		if (likelihood == *best && *best < UNLIKELY && field_length(found) < CANDIDATES_MAX)
			field_append(found, json_object_get(device));
		json_object_put(device);
	}
	return found;
}

static void fail_ambiguous(struct fleet_session *session, const char *id, struct json_object *found)
{
	struct json_object *parameters = json_object_new_object();
	struct json_object *candidates = json_object_new_array();

	for (size_t i = 0; i < field_length(found); i++) {
		struct json_object *device = field_entry(found, i);
		struct json_object *candidate = json_object_new_object();
		struct slice address = device_record_address(device);
		field_add(candidate, "id", json_object_get(field_get(device, "id")));
		field_add(candidate, "name", json_object_get(field_get(device, "name")));
		field_add(candidate, "address",
		    json_object_new_string_len(
			address.bytes ? address.bytes : "", (int)address.len));
		field_append(candidates, candidate);
	}
	field_add_text(parameters, "id", id);
	field_add(parameters, "candidates", candidates);
	reply(session, "io.discoverd.Ambiguous", parameters, false);
}

static void handle_get(struct fleet_session *session, const struct varlink_call *call)
{
	struct json_object *id = field_get(call->parameters, "id"), *found, *parameters;
	enum likelihood best;

	found = find(session, field_text(id), &best);
	if (best == UNLIKELY) {
		fail(session, "io.discoverd.NotFound", "id", field_text(id));
	} else if (field_length(found) > 1) {
		fail_ambiguous(session, json_object_get_string(id), found);
	} else {
		parameters = json_object_new_object();
		field_add(parameters, "device", json_object_get(field_entry(found, 0)));
		reply(session, NULL, parameters, false);
	}
	json_object_put(found);
}

/* --- Monitor --- */

static void handle_monitor(struct fleet_session *session, const struct varlink_call *call)
{
	struct json_object *filter, *snapshot = field_get(call->parameters, "snapshot");

	if (!take_filter(session, call, &filter))
		return;
	session->job = FOLLOWING;
	if (fleet_monitor_init(
		&session->monitor, &session->key, filter, json_object_get_boolean(snapshot)) < 0)
		session->failed = true;
}

/* As a fleet_event_fn. */
static void put_event(void *context, const struct fleet_event *event)
{
	struct fleet_session *session = context;
	struct json_object *parameters = json_object_new_object();

	field_add(parameters, "event", event->name ? json_object_new_string(event->name) : NULL);
	field_add(parameters, "device", json_object_get(event->device));
	field_add(parameters, "changed", json_object_get(event->changed));
	field_add(parameters, "merged_into", NULL);
	reply(session, NULL, parameters, true);
}

/* --- Interfaces and Status --- */

static void handle_interfaces(struct fleet_session *session, const struct varlink_call *call)
{
	struct json_object *parameters = json_object_new_object();
	(void)call;

	field_add(parameters, "interfaces",
	    fleet_networks_describe(&session->rows.networks, session->fleet));
	reply(session, NULL, parameters, false);
}

/* Why devices may be missing. */
static struct json_object *warnings(const struct fleet *fleet)
{
	struct json_object *texts = json_object_new_array();

	if (TAILQ_EMPTY(&fleet->all))
		field_append(texts, json_object_new_string(
					"no board has published there, or this user may not read "
					"what boards publish"));
	if (fleet->broken || fleet->dropped)
		field_append(texts,
		    json_object_new_string("some of what boards have published is not understood"));
	return texts;
}

static void handle_status(struct fleet_session *session, const struct varlink_call *call)
{
	struct json_object *parameters = json_object_new_object();
	(void)call;

	field_add_text(parameters, "name", session->broker);
	field_add(parameters, "uuid", NULL);
	field_add(parameters, "devices", json_object_new_int64((int64_t)session->rows.count));
	field_add(parameters, "warnings", warnings(session->fleet));
	reply(session, NULL, parameters, false);
}

/* --- calls --- */

static const struct method {
	struct varlink_method row;
	void (*handle)(struct fleet_session *session, const struct varlink_call *call);
} METHODS[] = {
    {{"io.discoverd.List", .parameters = {{"filter", json_type_object, false}}}, handle_list},
    {{"io.discoverd.Get", .parameters = {{"id", json_type_string, true}}}, handle_get},
    {{"io.discoverd.Monitor", .needs_more = true,
	 .parameters = {{"filter", json_type_object, false},
	     {"snapshot", json_type_boolean, false}}},
	handle_monitor},
    {{.name = "io.discoverd.Interfaces"}, handle_interfaces},
    {{.name = "io.discoverd.Status"}, handle_status},
};

static const struct varlink_interface INTERFACES[] = {{"io.discoverd", NULL}, {NULL, NULL}};

static void handle(struct fleet_session *session, const struct varlink_call *call)
{
	const struct method *method = NULL;

	for (size_t i = 0; i < COUNT_OF(METHODS); i++)
		if (!strcmp(call->method, METHODS[i].row.name))
			method = &METHODS[i];
	const struct varlink_error error =
	    varlink_method_check(method ? &method->row : NULL, INTERFACES, call, true);
	if (error.name)
		varlink_error_write(&session->output, &error);
	else
		method->handle(session, call);
}

/* Takes the next call off the input. False: there is none, or it is none. */
static bool take_call(struct fleet_session *session)
{
	struct slice input = {session->input.bytes, session->input.len};
	size_t len = slice_find(input, '\0');
	struct varlink_call call;

	if (len == input.len)
		return false;
	session->failed = varlink_call_parse(slice_head(input, len), &call) < 0;
	if (!session->failed)
		handle(session, &call);
	varlink_call_fini(&call);
	session->input.len -= len + 1;
	memmove(session->input.bytes, session->input.bytes + len + 1, session->input.len);
	return !session->failed;
}

int fleet_session_feed(struct fleet_session *session, struct slice bytes)
{
	json_writer_bytes(&session->input, bytes);
	if (session->input.failed)
		return -ENOMEM;
	return session->failed || session->input.len > INPUT_MAX ? -EBADMSG : 0;
}

static bool has_enough(const struct fleet_session *session)
{
	return session->output.len - session->sent >= OUTPUT_ENOUGH;
}

static void follow(struct fleet_session *session, bool changed)
{
	if (changed)
		fleet_monitor_begin(&session->monitor);
	while (!has_enough(session) &&
	       fleet_monitor_step(&session->monitor, &session->rows, put_event, session))
		continue;
}

bool fleet_session_turn(struct fleet_session *session)
{
	bool changed = session->made != session->fleet->revision;

	if (!make_rows(session))
		session->failed = true;
	while (!session->failed && !has_enough(session)) {
		if (session->job == LISTING)
			list_some(session);
		else if (session->job == FOLLOWING || !take_call(session))
			break;
	}
	if (session->job == FOLLOWING && !session->failed)
		follow(session, changed);
	return session->job == LISTING && !session->failed;
}

bool fleet_session_has_failed(const struct fleet_session *session)
{
	return session->failed || session->output.failed;
}

bool fleet_session_follows(const struct fleet_session *session)
{
	return session->job == FOLLOWING;
}

struct slice fleet_session_output(const struct fleet_session *session)
{
	return (struct slice){
	    session->output.bytes + session->sent, session->output.len - session->sent};
}

void fleet_session_sent(struct fleet_session *session, size_t len)
{
	session->sent += len;
	if (session->sent < session->output.len)
		return;
	session->output.len = 0;
	session->sent = 0;
}
