/* SPDX-License-Identifier: ISC
 * announce_method: Announce and Withdraw of io.discoverd. */
#include "control/announce_method.h"
#include "control/announce_reader.h"
#include "control/json_build.h"
#include "control/method.h"
#include <errno.h>
#include <json-c/json.h>

static void fail_too_many(struct method_call *call, const char *error, unsigned limit)
{
	struct json_object *parameters = json_object_new_object();
	json_add(parameters, "limit", json_count(limit));
	method_fail(call, error, parameters);
}

static void answer(struct method_call *call, int result, const struct control_announced *announced)
{
	struct json_object *parameters;

	switch (result) {
	case 0:
		parameters = json_object_new_object();
		json_add(parameters, "id", json_text(announced->id));
		method_reply(call, parameters);
		break;
	case -EEXIST:
		method_fail_about(
		    call, "io.discoverd.AlreadyAnnounced", "uuid", slice_of(announced->id));
		break;
	case -ENOSPC:
		fail_too_many(call, "io.discoverd.TooMany", announced->limit);
		break;
	case -EDQUOT:
		fail_too_many(call, "io.discoverd.TooManyOfUser", announced->limit);
		break;
	case -ENOTSUP:
		method_fail(call, "io.discoverd.NotServed", NULL);
		break;
	default:
		call->error = result;
	}
}

void announce_method(struct method_call *call)
{
	bool detached = json_object_get_boolean(method_given(call, "detached"));
	struct control_announced announced = {0};
	struct announce_reader reader;
	int result = announce_reader_read(&reader, call->host->links, call->call->parameters);

	if (result == -EINVAL) {
		method_invalid(call, reader.offence);
		return;
	}
	if (!result)
		result = call->host->announce(call->host->context, call->peer,
		    detached ? NULL : call->session, reader.tree, &announced);
	answer(call, result, &announced);
}

void announce_method_withdraw(struct method_call *call)
{
	struct slice id = json_to_slice(method_given(call, "id"));
	int result = call->host->withdraw(call->host->context, call->peer, id);

	if (result == -EACCES)
		method_fail_about(call, "io.discoverd.OfAnotherUser", "id", id);
	else if (result)
		method_fail_about(call, "io.discoverd.NotFound", "id", id);
	else
		method_reply(call, NULL);
}
