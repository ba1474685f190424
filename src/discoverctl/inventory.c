/* SPDX-License-Identifier: ISC
 * inventory: see inventory.h. */
#include "discoverctl/inventory.h"
#include "discoverctl/exit_status.h"
#include "discoverctl/field.h"

struct json_object *inventory_filter(const struct command_options *options)
{
	struct json_object *filter = json_object_new_object();
	field_add_text(filter, "type", options->type);
	field_add_text(filter, "via", options->via);
	field_add_text(filter, "interface", options->interface);
	field_add_text(filter, "kind", options->kind);
	field_add_text(filter, "name", options->name);
	return filter;
}

/* Collects the batches of a List. */
static int collect(struct context *context, struct json_object *devices)
{
	struct varlink_reply reply;
	bool continues = true;
	int status = STATUS_DONE;

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

int inventory_devices(struct context *context, struct json_object **devices)
{
	struct json_object *parameters = json_object_new_object();

	json_object_object_add(parameters, "filter", inventory_filter(context->options));
	*devices = json_object_new_array();
	int status = daemon_call(&context->daemon, "io.discoverd.List", parameters, true);
	if (!status)
		status = collect(context, *devices);
	if (status)
		json_object_put(*devices);
	return status;
}

int inventory_interfaces(struct context *context, struct json_object **interfaces)
{
	struct json_object *answer;
	int status = daemon_ask(&context->daemon, "io.discoverd.Interfaces", NULL, &answer);
	if (status)
		return status;
	*interfaces = json_object_get(field_get(answer, "interfaces"));
	json_object_put(answer);
	return STATUS_DONE;
}
