/* SPDX-License-Identifier: ISC
 * announce_commands: announce and withdraw. */
#include "discoverctl/command.h"
#include "discoverctl/exit_status.h"
#include "discoverctl/field.h"
#include "wire/usn.h"

/* The device type goes to the device, service types become its services. */
static int add_types(struct json_object *device, char **types)
{
	struct json_object *services = json_object_new_array();
	const char *mistake = NULL;

	json_object_object_add(device, "services", services);
	for (size_t i = 0; types[i] && !mistake; i++) {
		struct slice type = slice_of(types[i]);
		if (urn_is_service(type)) {
			struct json_object *service = json_object_new_object();
			field_add_text(service, "type", types[i]);
			json_object_array_add(services, service);
		} else if (!urn_is_device(type)) {
			mistake = "is no type like urn:schemas-upnp-org:device:Basic:1 or "
				  "urn:schemas-upnp-org:service:SwitchPower:1";
		} else if (field_get(device, "type")) {
			mistake = "is another device type: announce each on its own";
		} else {
			field_add_text(device, "type", types[i]);
		}
		if (mistake)
			fprintf(stderr, "discoverctl: \"%s\" %s\n", types[i], mistake);
	}
	return mistake ? STATUS_USAGE : STATUS_DONE;
}

static void layout_id(struct output *output, struct json_object *object)
{
	output_escaped(output->stream, field_text(field_get(object, "id")));
	fputc('\n', output->stream);
}

/* Until a signal or the daemon ends it. What was announced is to stay though nobody reads the
 * rest of our output: there is none. */
static int stay(struct context *context)
{
	struct varlink_reply reply;
	int status = STATUS_DONE;

	context->daemon.client.watched_fd = -1;
	while (!status) {
		status = daemon_next(&context->daemon, CLIENT_FOREVER, &reply);
		if (!status)
			varlink_reply_fini(&reply);
	}
	return status;
}

int command_announce(struct context *context, char **arguments)
{
	const struct command_options *options = context->options;
	struct json_object *parameters = json_object_new_object(), *answer;
	struct json_object *device = json_object_new_object();
	int status = add_types(device, arguments);

	field_add_text(device, "name", options->name);
	field_add_text(device, "uuid", options->uuid);
	field_add_text(device, "presentation_url", options->presentation_url);
	json_object_object_add(parameters, "device", device);
	field_add_text(parameters, "location", options->location);
	json_object_object_add(
	    parameters, "detached", json_object_new_boolean(options->detach != NULL));
	if (status) {
		json_object_put(parameters);
		return status;
	}
	status = daemon_ask(&context->daemon, "io.discoverd.Announce", parameters, &answer);
	if (status)
		return status;
	output_one(&context->output, answer, layout_id);
	json_object_put(answer);
	status = output_flush(&context->output);
	return status || options->detach ? status : stay(context);
}

int command_withdraw(struct context *context, char **arguments)
{
	struct json_object *parameters = json_object_new_object(), *answer;
	field_add_text(parameters, "id", arguments[0]);
	int status = daemon_ask(&context->daemon, "io.discoverd.Withdraw", parameters, &answer);
	if (!status)
		json_object_put(answer);
	return status;
}
