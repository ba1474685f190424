/* SPDX-License-Identifier: ISC
 * json_read: see json_read.h. */
#include "wire/json_read.h"
#include <json-c/json.h>
#include <limits.h>

enum { NESTING_MAX = 16 };

static struct json_object *parse(struct slice text, int flags)
{
	if (text.len > INT_MAX)
		return NULL;
	struct json_tokener *tokener = json_tokener_new_ex(NESTING_MAX);
	if (!tokener)
		return NULL;
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | flags);
	/* NULL and the JSON value null are the same to json-c */
	struct json_object *object = json_tokener_parse_ex(tokener, text.bytes, (int)text.len);
	bool whole = json_tokener_get_parse_end(tokener) == text.len;
	json_tokener_free(tokener);
	if (whole && json_object_is_type(object, json_type_object))
		return object;
	json_object_put(object);
	return NULL;
}

struct json_object *json_read_object(struct slice text)
{
	return parse(text, JSON_TOKENER_VALIDATE_UTF8);
}

struct json_object *json_read_any_bytes(struct slice text)
{
	return parse(text, 0);
}
