/* SPDX-License-Identifier: ISC
 * field: reads JSON that may hold anything: a member that is missing or of another type is NULL or
 * empty. */
#ifndef CLIENT_FIELD_H
#define CLIENT_FIELD_H

#include "base/slice.h"
#include <json-c/json.h>

/* NULL where the object has no such member, or is none. */
struct json_object *field_get(struct json_object *object, const char *key);
/* Texts as they are, others as JSON writes them; SLICE_NONE for null. Borrowed from the value. */
struct slice field_text(struct json_object *value);
/* The same of a member. */
struct slice field_text_of(struct json_object *object, const char *key);
/* Of an array; 0 for anything else. */
size_t field_length(struct json_object *array);
struct json_object *field_entry(struct json_object *array, size_t i);
/* Whether one of the entries is this text. */
bool field_has_text(struct json_object *array, struct slice text);
/* Take the value over. False, and it is gone: there was no memory for the object or array, which is
 * NULL, or there is none for the member. */
bool field_add(struct json_object *object, const char *key, struct json_object *value);
bool field_append(struct json_object *array, struct json_object *value);
/* A copy of the text; NULL adds nothing. */
void field_add_text(struct json_object *object, const char *key, const char *text);

#endif
