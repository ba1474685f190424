/* SPDX-License-Identifier: ISC
 * json_print: the text of a JSON value of json-c. */
#ifndef WIRE_JSON_PRINT_H
#define WIRE_JSON_PRINT_H

#include "wire/json_writer.h"

struct json_object;

/* The value without blanks, and a NUL behind it, for the caller to free; NULL: out of memory, now
 * or when the value was made. json-c's own texts lack pieces then. A value with user data
 * (json_object_set_serializer) has its text there. */
char *json_print(struct json_object *value, size_t *len);
/* Likewise as a part of a text. */
void json_print_into(struct json_writer *w, struct json_object *value);
/* There was no memory for a part of this object or array: it is not to be printed. */
void json_print_refuse(struct json_object *value);

#endif
