/* SPDX-License-Identifier: ISC
 * resolve_command: resolve, which prints the addresses of a host name. */
#include "base/address.h"
#include "client/field.h"
#include "discoverctl/cell.h"
#include "discoverctl/command.h"
#include "discoverctl/exit_status.h"
#include "wire/dns_name.h"
#include "wire/varlink_service.h"
#include <string.h>

enum { SECONDS_DEFAULT = 3 };

int command_check_resolve(struct context *context, char **arguments)
{
	struct dns_name name;

	if (dns_name_parse_host(slice_of(arguments[0]), &name) == 0)
		return command_check_asking(context, "resolve");
	fputs("discoverctl: \"", stderr);
	cell_print_escaped(stderr, slice_of(arguments[0]));
	fputs("\" is not a host name like printer.local or printer\n", stderr);
	return STATUS_USAGE;
}

/* As other programs take it: a link-local address of IPv6 is one on a link. */
static struct json_object *with_zone(struct json_object *entry)
{
	struct slice text = field_text(field_get(entry, "address"));
	struct slice zone = field_text(field_get(entry, "interface"));
	char whole[ADDRESS_TEXT_MAX + 64];
	struct address address;
	struct writer w;

	writer_init(&w, whole, sizeof(whole));
	writer_slice(&w, text);
	if (zone.len && address_parse(text, &address) == 0 && address.family == ADDRESS_IPV6 &&
	    address_is_link_local(&address)) {
		writer_char(&w, '%');
		writer_slice(&w, zone);
	}
	return json_object_new_string_len(whole, (int)w.len);
}

/* The name, and what there is about the address. */
static struct json_object *record_of(struct json_object *name, struct json_object *entry)
{
	struct json_object *record = json_object_new_object();

	json_object_object_add(record, "name", json_object_get(name));
	if (!json_object_is_type(entry, json_type_object))
		return record;
	json_object_object_foreach(entry, key, value)
	{
		bool address = strcmp(key, "address") == 0;
		json_object_object_add(
		    record, key, address ? with_zone(entry) : json_object_get(value));
	}
	return record;
}

static void print(struct output *output, struct json_object *answer)
{
	struct json_object *addresses = field_get(answer, "addresses");

	output_begin(output, false);
	for (size_t i = 0; i < field_length(addresses); i++) {
		struct json_object *record =
		    record_of(field_get(answer, "name"), field_entry(addresses, i));
		output_record(output, record);
		json_object_put(record);
	}
	output_end(output);
}

static int explain(const struct varlink_reply *reply, const char *name, unsigned seconds)
{
	bool allowed = strcmp(reply->error, VARLINK_PERMISSION_DENIED) != 0;
	bool asked = json_object_get_boolean(field_get(reply->parameters, "asked"));

	if (allowed && strcmp(reply->error, "io.discoverd.NoAddress") != 0)
		return daemon_explain(stderr, reply->error, reply->parameters);
	fprintf(stderr, "discoverctl: %sno device has the host name \"",
	    allowed ? "" : "not allowed: ");
	cell_print_escaped(stderr, slice_of(name));
	if (!allowed)
		fputs("\", and the network is asked for root, the user that discoverd runs as and "
		      "its group\n",
		    stderr);
	else if (asked)
		fprintf(stderr, "\", and none has answered within %u s\n", seconds);
	else
		fputs("\"; the network is asked for names that end in .local alone, while mDNS is "
		      "enabled, and DNS servers are not asked\n",
		    stderr);
	return allowed ? STATUS_NOT_FOUND : STATUS_NOT_ALLOWED;
}

int command_resolve(struct context *context, char **arguments)
{
	unsigned seconds = context->seconds ? context->seconds : SECONDS_DEFAULT;
	struct json_object *parameters = json_object_new_object();
	struct daemon *daemon = &context->daemon;
	struct varlink_reply reply;

	field_add_text(parameters, "name", arguments[0]);
	json_object_object_add(parameters, "seconds", json_object_new_int((int)seconds));
	int status = daemon_call(daemon, "io.discoverd.Resolve", parameters, false);
	if (status)
		return status;
	int error = client_next(&daemon->client, (int)seconds * 1000 + daemon->timeout_ms, &reply);
	if (error)
		return daemon_fail(daemon, error);
	if (reply.error)
		status = explain(&reply, arguments[0], seconds);
	else
		print(&context->output, reply.parameters);
	varlink_reply_fini(&reply);
	return status;
}
