/* SPDX-License-Identifier: ISC
 * beacon_internal: what the readers of beacons share, and nothing else includes. */
#ifndef WIRE_BEACON_INTERNAL_H
#define WIRE_BEACON_INTERNAL_H

#include "wire/beacon.h"

#include <json-c/json.h>

/* BEACON_HERE without values. */
void beacon_init(struct beacon *beacon);
/* Borrows a value that lasts; cut to BEACON_VALUE_MAX, where a character of UTF-8 ends. */
struct slice beacon_value(struct beacon *beacon, struct slice value);
/* Likewise a copy in beacon->text; absent where there is no room left. */
struct slice beacon_copy(struct beacon *beacon, struct slice value);
/* Copies what names the device as beacon->id, a MAC in its one form. 0 or -EBADMSG: it is empty or
 * too long. */
int beacon_set_id(struct beacon *beacon, struct slice id);

/* A JSON text and nothing else but white space and NUL bytes; NULL where that is no object, or out
 * of memory. The caller releases it with json_object_put(). */
struct json_object *beacon_json_parse(struct slice text);
/* The object at a path of one or two names (`second` may be NULL); NULL where there is none. */
struct json_object *beacon_json_at(
    struct json_object *object, const char *first, const char *second);
/* The first of two names (`other` may be NULL) that is a string of this object, which may be NULL,
 * and is not empty; borrowed, or absent. */
struct slice beacon_json_text(struct json_object *object, const char *name, const char *other);

#endif
