/* SPDX-License-Identifier: ISC
 * varlink_message: the JSON objects of the control socket, ended by a NUL byte (the Varlink
 * standard), by way of json-c. */
#ifndef WIRE_VARLINK_MESSAGE_H
#define WIRE_VARLINK_MESSAGE_H

#include "wire/json_writer.h"

struct json_object;

/* A call. `method` borrows from `object`; `parameters` is borrowed too, and NULL where there is
 * none. */
struct varlink_call {
	struct json_object *object; /* owned: varlink_call_fini */
	const char *method;
	struct json_object *parameters;
	bool more, oneway, upgrade;
};

/* Bytes of one message without its NUL. 0; -EBADMSG: not one JSON object, not UTF-8, nested deeper
 * than 16, or a member of the wrong type. */
int varlink_call_parse(struct slice message, struct varlink_call *call);
void varlink_call_fini(struct varlink_call *call);

struct varlink_reply {
	struct json_object *object; /* owned: varlink_reply_fini */
	const char *error;          /* NULL on success */
	struct json_object *parameters;
	bool continues;
};
int varlink_reply_parse(struct slice message, struct varlink_reply *reply);
void varlink_reply_fini(struct varlink_reply *reply);

/* Serialised text of a call with its final NUL, on the heap for the caller to free(); *len counts
 * the NUL. `parameters` is borrowed. NULL when out of memory. */
char *varlink_call_format(
    const char *method, struct json_object *parameters, bool more, size_t *len);
/* Appends a reply with its final NUL: what stands before its parameters, which are one object, and
 * what stands behind. `error` is NULL for success. */
void varlink_reply_begin(struct json_writer *w, const char *error);
void varlink_reply_end(struct json_writer *w, bool continues);
/* The whole; `parameters` is borrowed, NULL stands for an empty object. */
void varlink_reply_write(
    struct json_writer *w, const char *error, struct json_object *parameters, bool continues);

#endif
