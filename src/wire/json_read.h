/* SPDX-License-Identifier: ISC
 * json_read: a JSON object that came from outside, by way of json-c. */
#ifndef WIRE_JSON_READ_H
#define WIRE_JSON_READ_H

#include "base/slice.h"

struct json_object;

/* For the caller to json_object_put(). NULL: not one JSON object, something behind it, not UTF-8,
 * nested deeper than 16, or out of memory. */
struct json_object *json_read_object(struct slice text);
/* The same where its strings may hold bytes that are not UTF-8. */
struct json_object *json_read_any_bytes(struct slice text);

#endif
