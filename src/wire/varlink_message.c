/* SPDX-License-Identifier: ISC
 * varlink_message: the JSON objects of the control socket, ended by a NUL byte (the Varlink
 * standard), by way of json-c. */
#include "wire/varlink_message.h"
#include "base/array.h"
#include "wire/json_print.h"
#include "wire/json_read.h"
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

/* One member of a message and where it goes. */
struct member {
	const char *name;
	json_type type;
	void *place; /* const char **, struct json_object ** or bool *, as the type wants it */
};

/* Leaves the place alone when the member is absent or null. */
static int read_member(struct json_object *object, const struct member *member)
{
	struct json_object *value = json_object_object_get(object, member->name);

	if (!value)
		return 0;
	if (!json_object_is_type(value, member->type))
		return -EBADMSG;
	if (member->type == json_type_boolean) {
		*(bool *)member->place = json_object_get_boolean(value);
	} else if (member->type == json_type_object) {
		*(struct json_object **)member->place = value;
	} else {
		const char *text = json_object_get_string(value);
		if (strlen(text) != (size_t)json_object_get_string_len(value))
			return -EBADMSG; /* a NUL inside: the string would be another text */
		*(const char **)member->place = text;
	}
	return 0;
}

static int read_members(struct json_object *object, const struct member *members, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (read_member(object, &members[i]) < 0)
			return -EBADMSG;
	return 0;
}

int varlink_call_parse(struct slice message, struct varlink_call *call)
{
	*call = (struct varlink_call){.object = json_read_object(message)};
	const struct member members[] = {
	    {"method", json_type_string, &call->method},
	    {"parameters", json_type_object, &call->parameters},
	    {"more", json_type_boolean, &call->more},
	    {"oneway", json_type_boolean, &call->oneway},
	    {"upgrade", json_type_boolean, &call->upgrade},
	};

	if (call->object && read_members(call->object, members, COUNT_OF(members)) == 0 &&
	    call->method)
		return 0;
	varlink_call_fini(call);
	return -EBADMSG;
}

void varlink_call_fini(struct varlink_call *call)
{
	json_object_put(call->object);
	*call = (struct varlink_call){0};
}

int varlink_reply_parse(struct slice message, struct varlink_reply *reply)
{
	*reply = (struct varlink_reply){.object = json_read_object(message)};
	const struct member members[] = {
	    {"error", json_type_string, &reply->error},
	    {"parameters", json_type_object, &reply->parameters},
	    {"continues", json_type_boolean, &reply->continues},
	};

	if (reply->object && read_members(reply->object, members, COUNT_OF(members)) == 0)
		return 0;
	varlink_reply_fini(reply);
	return -EBADMSG;
}

void varlink_reply_fini(struct varlink_reply *reply)
{
	json_object_put(reply->object);
	*reply = (struct varlink_reply){0};
}

/* Ends a message. Its bytes, or NULL when out of memory. */
static char *finish(struct json_writer *w, size_t *len)
{
	json_writer_bytes(w, (struct slice){"", 1});
	if (w->failed)
		json_writer_fini(w);
	*len = w->len;
	return w->bytes;
}

char *varlink_call_format(
    const char *method, struct json_object *parameters, bool more, size_t *len)
{
	struct json_writer w = {0};

	json_writer_open(&w, '{');
	json_writer_name(&w, JSON_NAME("method"));
	json_writer_string(&w, method);
	if (parameters) {
		json_writer_name(&w, JSON_NAME("parameters"));
		json_print_into(&w, parameters);
	}
	if (more) {
		json_writer_name(&w, JSON_NAME("more"));
		json_writer_truth(&w, true);
	}
	json_writer_close(&w, '}');
	return finish(&w, len);
}

void varlink_reply_begin(struct json_writer *w, const char *error)
{
	json_writer_open(w, '{');
	if (error) {
		json_writer_name(w, JSON_NAME("error"));
		json_writer_string(w, error);
	}
	json_writer_name(w, JSON_NAME("parameters"));
}

void varlink_reply_end(struct json_writer *w, bool continues)
{
	if (continues) {
		json_writer_name(w, JSON_NAME("continues"));
		json_writer_truth(w, true);
	}
	json_writer_close(w, '}');
	json_writer_bytes(w, (struct slice){"", 1});
	w->comma = false;
}

void varlink_reply_write(
    struct json_writer *w, const char *error, struct json_object *parameters, bool continues)
{
	varlink_reply_begin(w, error);
	if (parameters)
		json_print_into(w, parameters);
	else
		json_writer_raw(w, SLICE("{}"));
	varlink_reply_end(w, continues);
}
