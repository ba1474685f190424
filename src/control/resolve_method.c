/* SPDX-License-Identifier: ISC
 * resolve_method: io.discoverd.Resolve: at which addresses is a host? */
#include "control/resolve_method.h"
#include "control/endpoint_json.h"
#include "control/json_build.h"
#include "control/session_type.h"
#include "wire/dns_name.h"
#include <errno.h>

enum { RESOLVE_SECONDS_DEFAULT = 3, RESOLVE_SECONDS_MAX = 30 };

/* The network is not asked for such a name. */
static void fail_unasked(struct method_call *call, struct slice name)
{
	struct json_object *parameters = json_object_new_object();

	json_add(parameters, "name", json_slice(name));
	json_add(parameters, "asked", json_object_new_boolean(false));
	method_fail(call, "io.discoverd.NoAddress", parameters);
}

/* What another host repeats is at the address of that one. */
static bool has_name(const struct endpoint *endpoint, struct slice name)
{
	const char *own = endpoint_fact(endpoint, FACT_HOST_NAME);

	return own && !endpoint->reflected && slice_equal_nocase(slice_of(own), name);
}

/* Another protocol has named the same place. */
static bool is_repeated(
    const struct endpoint *endpoint, const struct presence *presence, struct slice name)
{
	const struct endpoint *before;

	TAILQ_FOREACH(before, &endpoint->device->endpoints, of_device)
	{
		if (before == endpoint)
			break;
		if (has_name(before, name) && before->link == endpoint->link &&
		    endpoint_find_presence(before, &presence->address))
			return true;
	}
	return false;
}

static void append_addresses(const struct control_host *host, const struct endpoint *endpoint,
    struct slice name, struct json_writer *w)
{
	const struct presence *presence;

	STAILQ_FOREACH(presence, &endpoint->presences, next)
	if (!is_repeated(endpoint, presence, name))
		endpoint_json_write_address(
		    w, host, &presence->address, endpoint->link, &presence->mac);
}

/* Replies with what the table has; false where that is nothing. */
static bool reply_known(struct method_call *call, struct slice name)
{
	struct json_writer addresses = {0};
	struct json_object *parameters;
	const struct endpoint *endpoint;
	const struct device *device;
	struct table_cursor cursor;
	const char *known = NULL;

	json_writer_open(&addresses, '[');
	table_cursor_open(&cursor, call->host->table);
	while ((device = table_cursor_next(&cursor))) {
		TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
		{
			if (!has_name(endpoint, name))
				continue;
			append_addresses(call->host, endpoint, name, &addresses);
			known = known ? known : endpoint_fact(endpoint, FACT_HOST_NAME);
		}
	}
	table_cursor_close(&cursor);
	json_writer_close(&addresses, ']');
	if (!known) {
		json_writer_fini(&addresses);
		return false;
	}
	parameters = json_object_new_object();
	json_add(parameters, "name", json_text(known));
	json_add(parameters, "addresses", json_written(&addresses));
	method_reply(call, parameters);
	return true;
}

/* The network is asked for `name`, a whole one. */
static void ask(struct method_call *call, struct slice name, unsigned seconds)
{
	const struct control_host *host = call->host;

	if (!call->peer->may_change) {
		method_fail(call, VARLINK_PERMISSION_DENIED, NULL);
		return;
	}
	if (!host->resolve(host->context, name, seconds)) {
		fail_unasked(call, name);
		return;
	}
	if (call->call->oneway) /* no reply is wanted */
		return;
	call->job =
	    resolve_job_new(host, call->out, name, instant_add(call->now, SECONDS(seconds)));
	if (!call->job)
		call->error = -ENOMEM;
}

void resolve_method_handle(struct method_call *call)
{
	const struct control_host *host = call->host;
	struct json_object *given = method_given(call, "seconds");
	int64_t seconds = given ? json_object_get_int64(given) : RESOLVE_SECONDS_DEFAULT;
	char text[DNS_NAME_TEXT_MAX], whole_text[DNS_NAME_TEXT_MAX];
	struct dns_name parsed;
	struct writer name, whole;

	if (seconds < 1 || seconds > RESOLVE_SECONDS_MAX) {
		method_invalid(call, "seconds");
		return;
	}
	if (dns_name_parse_host(json_to_slice(method_given(call, "name")), &parsed) < 0) {
		method_invalid(call, "name");
		return;
	}
	writer_init(&name, text, sizeof(text));
	dns_name_format(&parsed, &name);
	if (reply_known(call, writer_result(&name)))
		return;
	writer_init(&whole, whole_text, sizeof(whole_text));
	if (!host->host_name(host->context, writer_result(&name), &whole))
		fail_unasked(call, writer_result(&name));
	else if (!reply_known(call, writer_result(&whole)))
		ask(call, writer_result(&whole), (unsigned)seconds);
}
