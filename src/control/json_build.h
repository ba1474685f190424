/* SPDX-License-Identifier: ISC
 * json_build: puts JSON values together; running out of memory gives NULL instead of a crash. */
#ifndef CONTROL_JSON_BUILD_H
#define CONTROL_JSON_BUILD_H

#include "base/address.h"
#include "base/mac.h"
#include "wire/json_writer.h"
#include <json-c/json.h>

/* Adds to a new object a key that it does not have yet: a string literal, which is not copied.
 * Takes the value over, NULL being JSON's null; does nothing but free it where `object` is NULL. */
void json_add(struct json_object *object, const char *key, struct json_object *value);
/* Likewise with a key that is copied, and may be there: its value is replaced. */
void json_add_copy(struct json_object *object, const char *key, struct json_object *value);
/* The object under this key of `object`, added where there is none; NULL when out of memory. */
struct json_object *json_member(struct json_object *object, const char *key);
/* With NULL, for which there was no memory, the array is not printed. */
void json_append(struct json_object *array, struct json_object *value);

/* The same value as its text, which takes a tenth of the memory; not to be looked into or changed
 * any more. Takes the value over. */
struct json_object *json_flat(struct json_object *value);

/* Likewise of what was written, which it takes over. NULL when out of memory. */
struct json_object *json_written(struct json_writer *w);

/* NULL (JSON's null) for NULL. */
struct json_object *json_text(const char *text);
struct json_object *json_slice(struct slice text);
/* The other way round, borrowed from the value: the text of a string, which may hold a NUL. */
struct slice json_to_slice(struct json_object *string);
/* NULL where the address is none. */
struct json_object *json_address(const struct address *address);
/* NULL where it is not known. */
struct json_object *json_mac(const struct mac *mac);
/* RFC 3339, UTC, with seconds, of microseconds since 1970. */
struct json_object *json_time(int64_t wall_us);
/* At most INT64_MAX, as Varlink's int has no more. */
struct json_object *json_count(uint64_t value);

#endif
