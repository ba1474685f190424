/* SPDX-License-Identifier: ISC
 * fuzz_varlink: any message of the control socket as a call and as a reply, and what was read from
 * it written and read again. */
#include "fuzz.h"
#include "wire/varlink_message.h"
#include <errno.h>
#include <json-c/json.h>
#include <string.h>

static bool same_object(struct json_object *a, struct json_object *b)
{
	return !a == !b &&
	       (!a || strcmp(json_object_to_json_string(a), json_object_to_json_string(b)) == 0);
}

static void check_call(const struct varlink_call *call)
{
	struct varlink_call again;
	size_t len = 0;
	char *text = varlink_call_format(call->method, call->parameters, call->more, &len);

	FUZZ_CHECK(text && len > 0 && strlen(text) == len - 1);
	FUZZ_CHECK(varlink_call_parse((struct slice){text, len - 1}, &again) == 0);
	FUZZ_CHECK(strcmp(again.method, call->method) == 0 && again.more == call->more);
	FUZZ_CHECK(same_object(again.parameters, call->parameters));
	varlink_call_fini(&again);
	free(text);
}

static void check_reply(const struct varlink_reply *reply)
{
	struct varlink_reply again;
	struct json_writer text = {0};

	varlink_reply_write(&text, reply->error, reply->parameters, reply->continues);
	FUZZ_CHECK(!text.failed && text.len > 0 && strlen(text.bytes) == text.len - 1);
	FUZZ_CHECK(varlink_reply_parse((struct slice){text.bytes, text.len - 1}, &again) == 0);
	FUZZ_CHECK(!again.error == !reply->error);
	FUZZ_CHECK(!reply->error || strcmp(again.error, reply->error) == 0);
	FUZZ_CHECK(reply->parameters ? same_object(again.parameters, reply->parameters)
				     : json_object_object_length(again.parameters) == 0);
	FUZZ_CHECK(again.continues == reply->continues);
	varlink_reply_fini(&again);
	json_writer_fini(&text);
}

int fuzz_varlink(const uint8_t *data, size_t size)
{
	struct slice message = fuzz_copy(data, size);
	struct varlink_call call;
	struct varlink_reply reply;
	int call_error = varlink_call_parse(message, &call);
	int reply_error = varlink_reply_parse(message, &reply);

	if (call_error == 0)
		check_call(&call);
	if (reply_error == 0)
		check_reply(&reply);
	FUZZ_CHECK(call_error == 0 || call_error == -EBADMSG);
	FUZZ_CHECK(reply_error == 0 || reply_error == -EBADMSG);
	varlink_call_fini(&call);
	varlink_reply_fini(&reply);
	fuzz_free(message);
	return 0;
}
