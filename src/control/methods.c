/* SPDX-License-Identifier: ISC
 * methods: the rows of io.discoverd and org.varlink.service, and what each of them does. */
#include "base/array.h"
#include "base/log.h"
#include "base/text.h"
#include "control/announce_method.h"
#include "control/device_json.h"
#include "control/device_lookup.h"
#include "control/interface_text.h"
#include "control/json_build.h"
#include "control/link_json.h"
#include "control/method.h"
#include "control/probe_method.h"
#include "control/resolve_method.h"
#include "model/offers.h"
#include <errno.h>
#include <json-c/json.h>
#include <string.h>

enum { SEARCH_SECONDS_DEFAULT = 3, SEARCH_SECONDS_MAX = 30, TARGET_MAX = 256, REASON_MAX = 512 };

/* `otherwise` where it was not given. */
static struct slice text_parameter(
    const struct method_call *call, const char *name, struct slice otherwise)
{
	struct json_object *value = method_given(call, name);
	return value ? json_to_slice(value) : otherwise;
}

/* 0, or the call has been answered with what is wrong. */
static int filter_parameter(struct method_call *call, struct filter *filter)
{
	const char *offending = "";
	char name[128];
	int error = filter_parse(
	    filter, method_given(call, "filter"), call->host->neighbours_listed, &offending);
	if (error == -ENOMEM)
		call->error = error;
	if (error == -EINVAL) {
		struct writer w;
		writer_init(&w, name, sizeof(name));
		writer_text(&w, "filter.");
		text_clean(slice_of(offending), name + w.len, sizeof(name) - w.len);
		method_invalid(call, name);
	}
	return error;
}

static void begin(struct method_call *call, struct job *job)
{
	call->job = job;
	if (!job)
		call->error = -ENOMEM;
}

static void handle_list(struct method_call *call)
{
	struct filter filter;
	if (filter_parameter(call, &filter) < 0)
		return;
	if (call->call->oneway)
		filter_fini(&filter);
	else
		begin(call, list_job_new(call->host, call->out, filter, call->call->more));
}

static void handle_monitor(struct method_call *call)
{
	struct filter filter;
	if (filter_parameter(call, &filter) < 0)
		return;
	bool snapshot = json_object_get_boolean(method_given(call, "snapshot"));
	if (call->call->oneway)
		filter_fini(&filter);
	else
		begin(call, monitor_job_new(call->host, call->out, filter, snapshot));
}

static void fail_ambiguous(
    struct method_call *call, struct slice id, const struct device_lookup *lookup)
{
	struct json_object *parameters = json_object_new_object();
	struct json_object *candidates = json_object_new_array();
	for (size_t i = 0; i < lookup->candidate_count; i++)
		json_append(
		    candidates, device_json_candidate(call->host->links, lookup->candidates[i]));
	json_add(parameters, "id", json_slice(id));
	json_add(parameters, "candidates", candidates);
	method_fail(call, "io.discoverd.Ambiguous", parameters);
}

/* This host is not in its own table. */
static bool is_this_host(const struct control_host *host, struct slice id)
{
	struct control_status status = {0};
	struct slice uuid = SLICE("uuid:");
	struct address address;

	host->status(host->context, &status);
	return slice_equal_nocase(slice_without_prefix_nocase(id, uuid),
		   slice_without_prefix_nocase(slice_of(status.uuid), uuid)) ||
	       slice_equal_nocase(id, slice_of(status.name)) ||
	       (address_parse(id, &address) == 0 && link_set_has_address(host->links, &address));
}

static void handle_get(struct method_call *call)
{
	struct slice id = text_parameter(call, "id", SLICE_NONE);
	struct device_lookup lookup;
	int error = device_lookup(call->host, id, &lookup);

	if (error == -ENOENT) {
		bool ours = is_this_host(call->host, id);
		method_fail_about(
		    call, ours ? "io.discoverd.ThisHost" : "io.discoverd.NotFound", "id", id);
		return;
	}
	if (error == -ENOTUNIQ) {
		fail_ambiguous(call, id, &lookup);
		return;
	}
	struct json_view view = json_view_at(call->host, call->now);
	struct json_writer device = {0};
	struct json_object *parameters = json_object_new_object();
	device_json_write(&device, &view, lookup.found);
	json_add(parameters, "device", json_written(&device));
	method_reply(call, parameters);
}

/* Visible ASCII, so that a protocol can put it into its messages as it is. */
static bool is_target(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.bytes[i] <= ' ' || text.bytes[i] > '~')
			return false;
	return text.len <= TARGET_MAX;
}

static void handle_search(struct method_call *call)
{
	struct slice target = text_parameter(call, "target", SLICE(""));
	struct json_object *given = method_given(call, "seconds");
	int64_t seconds = given ? json_object_get_int64(given) : SEARCH_SECONDS_DEFAULT;

	if (seconds < 1 || seconds > SEARCH_SECONDS_MAX) {
		method_invalid(call, "seconds");
		return;
	}
	if (!is_target(target) ||
	    call->host->search(call->host->context, target, (unsigned)seconds) < 0) {
		method_invalid(call, "target");
		return;
	}
	if (!call->call->oneway)
		begin(call, search_job_new(call->host, call->out, target,
				instant_add(call->now, SECONDS(seconds))));
}

static void handle_interfaces(struct method_call *call)
{
	const struct link_set *links = call->host->links;
	struct json_object *parameters = json_object_new_object();
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < links->count; i++) {
		struct control_link_traffic traffic = {0};
		call->host->traffic(call->host->context, links->links[i].index, &traffic);
		json_append(
		    array, json_flat(link_json_new(call->host, &links->links[i], &traffic)));
	}
	json_add(parameters, "interfaces", array);
	method_reply(call, parameters);
}

/* {group: {name: value}}; groups of one name become one. */
static struct json_object *counters(const struct control_status *status)
{
	struct json_object *object = json_object_new_object();
	for (size_t i = 0; i < status->group_count; i++) {
		const struct counter_group *group = &status->groups[i];
		struct json_object *values = json_member(object, group->group);
		for (size_t j = 0; j < group->count; j++)
			json_add_copy(
			    values, group->counters[j].name, json_count(group->counters[j].value));
	}
	return object;
}

/* Those that protocols announce of one offer. */
static struct json_object *instances(const struct control_host *host, uint64_t offer)
{
	struct json_object *array = json_object_new_array();
	struct announced_name announced;

	for (size_t i = 0; host->announced && host->announced(host->context, i, &announced); i++) {
		struct json_object *object;
		if (announced.offer != offer)
			continue;
		object = json_object_new_object();
		json_add(object, "protocol", json_text(announced.protocol));
		json_add(object, "type", json_slice(announced.type));
		json_add(object, "name", json_slice(announced.name));
		json_add(object, "port", announced.port ? json_count(announced.port) : NULL);
		json_add(object, "claimed", json_object_new_boolean(announced.claimed));
		json_append(array, object);
	}
	return array;
}

static struct json_object *announcements(
    const struct control_host *host, const struct offers *offers)
{
	struct json_object *array = json_object_new_array();
	for (size_t i = 0; offers && i < offers->count; i++) {
		const struct offer *offer = offers->list[i];
		const struct offered_device *root = &offer->devices[0];
		struct json_object *object = json_object_new_object();
		json_add(object, "id", json_text(root->udn));
		json_add(object, "name", json_text(root->name));
		json_add(object, "type", json_text(root->type));
		json_add(object, "location", json_text(offer->url));
		json_add(object, "source", json_text(offer->source));
		json_add(object, "instances", instances(host, offer->number));
		json_append(array, object);
	}
	return array;
}

static struct json_object *used_interfaces(const struct link_set *usable)
{
	struct json_object *array = json_object_new_array();
	for (size_t i = 0; usable && i < usable->count; i++)
		json_append(array, json_text(usable->links[i].name));
	return array;
}

static struct json_object *texts(const char *const *list, size_t count)
{
	struct json_object *array = json_object_new_array();
	for (size_t i = 0; i < count; i++)
		json_append(array, json_text(list[i]));
	return array;
}

static void handle_status(struct method_call *call)
{
	const struct control_host *host = call->host;
	struct control_status status = {0};
	struct json_object *parameters = json_object_new_object();

	host->status(host->context, &status);
	json_add(parameters, "version", json_text(status.version));
	json_add(parameters, "since", json_time(host->wall_clock(host->context, status.since)));
	json_add(parameters, "uuid", json_text(status.uuid));
	json_add(parameters, "name", json_text(status.name));
	json_add(parameters, "devices", json_count(status.devices));
	json_add(parameters, "restored", status.restored ? json_count(status.restored) : NULL);
	json_add(
	    parameters, "unconfirmed", status.restored ? json_count(status.unconfirmed) : NULL);
	json_add(parameters, "interfaces", used_interfaces(host->usable));
	json_add(
	    parameters, "warning", status.warning_count ? json_text(status.warnings[0]) : NULL);
	json_add(parameters, "warnings", texts(status.warnings, status.warning_count));
	json_add(parameters, "log_level", json_text(log_level_name(log_get_level())));
	json_add(parameters, "sandbox", json_text(status.sandbox));
	json_add(parameters, "xml", json_text(status.xml));
	json_add(parameters, "announcements", announcements(host, status.offers));
	json_add(parameters, "counters", counters(&status));
	method_reply(call, parameters);
}

static void handle_reload(struct method_call *call)
{
	char reason[REASON_MAX];
	struct writer why;

	writer_init(&why, reason, sizeof(reason));
	if (call->host->reload(call->host->context, &why) < 0)
		method_fail_about(call, "io.discoverd.ReloadFailed", "reason", writer_result(&why));
	else
		method_reply(call, NULL);
}

static void handle_set_log_level(struct method_call *call)
{
	enum log_level level;
	if (log_level_parse(text_parameter(call, "level", SLICE_NONE), &level) < 0) {
		method_invalid(call, "level");
		return;
	}
	log_set_level(level);
	method_reply(call, NULL);
}

const struct varlink_interface INTERFACES[] = {
    {"org.varlink.service", ORG_VARLINK_SERVICE_TEXT},
    {"io.discoverd", IO_DISCOVERD_TEXT},
    {.name = NULL},
};

static void handle_get_info(struct method_call *call)
{
	struct control_status status = {0};
	struct json_writer text = {0};

	call->host->status(call->host->context, &status);
	varlink_info_write(&text, "discoverd", status.version, INTERFACES);
	method_put(call, &text);
}

static void handle_get_interface_description(struct method_call *call)
{
	struct json_writer text = {0};

	varlink_description_write(&text, text_parameter(call, "interface", SLICE_NONE), INTERFACES);
	method_put(call, &text);
}

const struct method METHODS[] = {
    {{.name = "org.varlink.service.GetInfo"}, handle_get_info},
    {{"org.varlink.service.GetInterfaceDescription",
	 .parameters = {{"interface", json_type_string, true}}},
	handle_get_interface_description},
    {{"io.discoverd.List", .parameters = {{"filter", json_type_object, false}}}, handle_list},
    {{"io.discoverd.Get", .parameters = {{"id", json_type_string, true}}}, handle_get},
    {{"io.discoverd.Monitor", .needs_more = true,
	 .parameters = {{"filter", json_type_object, false},
	     {"snapshot", json_type_boolean, false}}},
	handle_monitor},
    {{"io.discoverd.Search", .needs_more = true, .changes = true,
	 .parameters = {{"target", json_type_string, false}, {"seconds", json_type_int, false}}},
	handle_search},
    {{"io.discoverd.Resolve",
	 .parameters = {{"name", json_type_string, true}, {"seconds", json_type_int, false}}},
	resolve_method_handle},
    {{"io.discoverd.Announce", .changes = true,
	 .parameters = {{"device", json_type_object, true}, {"embedded", json_type_array, false},
	     {"location", json_type_string, false}, {"server", json_type_string, false},
	     {"config_id", json_type_int, false}, {"detached", json_type_boolean, false}}},
	announce_method},
    {{"io.discoverd.Withdraw", .changes = true, .parameters = {{"id", json_type_string, true}}},
	announce_method_withdraw},
    {{"io.discoverd.Probe", .needs_more = true, .changes = true,
	 .parameters = {{"target", json_type_string, true}, {"ports", json_type_array, false},
	     {"seconds", json_type_int, false}, {"ping", json_type_boolean, false},
	     {"banner", json_type_boolean, false}, {"anywhere", json_type_boolean, false}}},
	probe_method_handle},
    {{.name = "io.discoverd.Interfaces"}, handle_interfaces},
    {{.name = "io.discoverd.Status"}, handle_status},
    {{"io.discoverd.Reload", .changes = true}, handle_reload},
    {{"io.discoverd.SetLogLevel", .changes = true,
	 .parameters = {{"level", json_type_string, true}}},
	handle_set_log_level},
    {.row = {.name = NULL}},
};
