/* SPDX-License-Identifier: ISC
 * map_command: map, the picture of what is around this host. */
#include "discoverctl/exit_status.h"
#include "discoverctl/inventory.h"
#include "discoverctl/map_text.h"
#include "discoverctl/map_tree.h"
#include "discoverctl/sort.h"

static int draw(struct context *context, struct json_object *state, struct json_object *interfaces)
{
	struct json_object *devices;
	int status = inventory_devices(context, &devices);
	if (status)
		return status;
	sort_records(&DEVICE_COLUMNS, "name", devices);
	struct json_object *tree = map_tree_new(state, interfaces, devices);
	output_one(&context->output, tree, map_text);
	json_object_put(tree);
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
