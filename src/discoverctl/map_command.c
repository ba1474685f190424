/* SPDX-License-Identifier: ISC
 * map_command: map, the networks of this host and the devices in them as a tree. */
#include "client/field.h"
#include "client/map_tree.h"
#include "discoverctl/columns.h"
#include "discoverctl/exit_status.h"
#include "discoverctl/inventory.h"
#include "discoverctl/map_text.h"
#include "discoverctl/sort.h"

static int draw(struct context *context, struct json_object *state, struct json_object *interfaces)
{
	struct json_object *devices;
	int status = inventory_devices(context, &devices);
	if (status)
		return status;
	sort_records(&DEVICE_COLUMNS, "name", devices);
	const struct command_options *options = context->options;
	bool filtered =
	    options->type || options->via || options->interface || options->kind || options->name;
	struct json_object *tree = map_tree_new(state, interfaces, devices, filtered);
	output_one(&context->output, tree, map_text);
	json_object_put(tree);
	if (filtered && !field_length(devices))
		inventory_explain_empty(context);
	json_object_put(devices);
	return STATUS_DONE;
}

int command_map(struct context *context, char **arguments)
{
	struct json_object *state, *interfaces;
	(void)arguments;

	int status = daemon_ask(&context->daemon, "io.discoverd.Status", NULL, &state);
	if (status)
		return status;
	status = inventory_interfaces(context, &interfaces);
	if (!status) {
		status = draw(context, state, interfaces);
		json_object_put(interfaces);
	}
	json_object_put(state);
	return status;
}
