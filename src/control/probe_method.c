/* SPDX-License-Identifier: ISC
 * probe_method: io.discoverd.Probe: does it answer? */
#include "control/probe_method.h"
#include "control/device_json.h"
#include "control/json_build.h"
#include "control/probe_plan.h"
#include <errno.h>
#include <stdio.h>

static bool truth(const struct method_call *call, const char *name, bool otherwise)
{
	struct json_object *value = method_given(call, name);

	return value ? json_object_get_boolean(value) : otherwise;
}

/* "fe80::1%eth0" for each link that it may be on. */
static struct json_object *link_candidate(const struct link *link, const struct address *address)
{
	char text[ADDRESS_TEXT_MAX], id[ADDRESS_TEXT_MAX + LINK_NAME_MAX];
	struct json_object *candidate = json_object_new_object();

	snprintf(id, sizeof(id), "%s%%%s", address_text(address, text), link->name);
	json_add(candidate, "id", json_text(id));
	json_add(candidate, "name", json_text(link->name));
	json_add(candidate, "address", json_text(text));
	return candidate;
}

static void fail_ambiguous(struct method_call *call, struct slice target,
    const struct probe_plan *plan, const struct probe_refusal *refusal)
{
	struct json_object *parameters = json_object_new_object();
	struct json_object *candidates = json_object_new_array();

	for (size_t i = 0; i < refusal->lookup.candidate_count; i++)
		json_append(candidates,
		    device_json_candidate(call->host->links, refusal->lookup.candidates[i]));
	for (size_t i = 0; i < refusal->link_count; i++)
		json_append(candidates, link_candidate(refusal->links[i], &plan->address));
	json_add(parameters, "id", json_slice(target));
	json_add(parameters, "candidates", candidates);
	method_fail(call, "io.discoverd.Ambiguous", parameters);
}

static void fail_aim(struct method_call *call, struct slice target, const struct probe_plan *plan,
    const struct probe_refusal *refusal, int error)
{
	char text[ADDRESS_TEXT_MAX];

	if (error == -ENOENT)
		method_fail_about(call, "io.discoverd.NotFound", "id", target);
	else if (error == -ENOTUNIQ)
		fail_ambiguous(call, target, plan, refusal);
	else if (error == -EHOSTUNREACH)
		method_fail_about(call, "io.discoverd.OffLink", "address",
		    slice_of(address_text(&plan->address, text)));
	else
		method_invalid(call, "target");
}

/* Those that were given, or those that were announced. False: one of them is none, or they are too
 * many, or there is nothing to do. */
static bool read_ports(struct method_call *call, struct probe_plan *plan)
{
	struct json_object *ports = method_given(call, "ports");
	size_t count = ports ? json_object_array_length(ports) : 0;

	plan->silence_counts = !ports;
	plan->ping = truth(call, "ping", !ports);
	if (!ports)
		probe_plan_add_announced(plan, call->host->table);
	for (size_t i = 0; i < count; i++) {
		struct json_object *port = json_object_array_get_idx(ports, i);
		if (!json_object_is_type(port, json_type_int) ||
		    !probe_plan_add_port(plan, json_object_get_int64(port)))
			return false;
	}
	return plan->ping || plan->port_count;
}

void probe_method_handle(struct method_call *call)
{
	struct json_object *given = method_given(call, "seconds");
	struct slice target = json_to_slice(method_given(call, "target"));
	int64_t seconds = given ? json_object_get_int64(given) : PROBE_SECONDS_DEFAULT;
	struct probe_plan plan = {.banner = truth(call, "banner", false)};
	struct probe_refusal refusal;
	int error;

	if (seconds < 1 || seconds > PROBE_SECONDS_MAX) {
		method_invalid(call, "seconds");
		return;
	}
	plan.seconds = (unsigned)seconds;
	error = probe_plan_aim(&plan, call->host, target, truth(call, "anywhere", false), &refusal);
	if (error) {
		fail_aim(call, target, &plan, &refusal, error);
		return;
	}
	if (!read_ports(call, &plan)) {
		method_invalid(call, "ports");
		return;
	}
	if (call->call->oneway) /* no reply is wanted */
		return;
	call->job = probe_job_new(call->host, call->out, target, call->now, &plan);
	if (!call->job)
		call->error = -ENOMEM;
}
