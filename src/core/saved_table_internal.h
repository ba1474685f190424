/* SPDX-License-Identifier: ISC
 * saved_table_internal: what the files of the saved table share, and nothing else includes. */
#ifndef CORE_SAVED_TABLE_INTERNAL_H
#define CORE_SAVED_TABLE_INTERNAL_H

#include "core/saved_table.h"
#include "model/device_page.h"
#include <json-c/json.h>

/* When the text was written, in comparison with now. */
struct saved_times {
	struct instant written, now;
	int64_t wall_offset; /* as it was then */
	bool same_boot;
	bool running;
};

/* saved_json.c: members of JSON objects. */

/* Takes the value over. Running out of memory leaves it out. */
void saved_put(struct json_object *object, const char *key, struct json_object *value);
/* Left out for NULL, 0 and false. */
void saved_put_text(struct json_object *object, const char *key, const char *text);
void saved_put_number(struct json_object *object, const char *key, int64_t number);
void saved_put_true(struct json_object *object, const char *key, bool value);
void saved_append(struct json_object *array, struct json_object *value);
/* NULL where it is missing, or of another type. Borrowed. */
struct json_object *saved_get(struct json_object *object, const char *key, enum json_type type);
const char *saved_get_text(struct json_object *object, const char *key);
/* 0 where it is missing; the nearest of `min` and `max` where it is outside of them. */
int64_t saved_get_number(struct json_object *object, const char *key, int64_t min, int64_t max);
bool saved_get_true(struct json_object *object, const char *key);
/* How many entries there are, at most `max`. */
size_t saved_length(struct json_object *array, size_t max);

/* A moment that is past, by the clock of now. */
struct instant saved_past(
    const struct saved_times *times, struct json_object *object, const char *key);
/* By wall clock, where it was first seen before this boot; else 0. */
int64_t saved_wall(const struct saved_times *times, struct json_object *object);
/* When what was there until then ends. INSTANT_NEVER where the key is missing. */
struct instant saved_end(
    const struct saved_times *times, struct json_object *object, const char *key);

/* saved_page.c: what a description says. */

enum { SAVED_PAGE_ENTRIES_MAX = 128 };

/* A page that is read, with room for what it points to. */
struct saved_page {
	struct device_page page;
	struct page_device devices[SAVED_PAGE_ENTRIES_MAX];
	struct page_service services[SAVED_PAGE_ENTRIES_MAX];
	struct page_icon icons[SAVED_PAGE_ENTRIES_MAX];
};

struct json_object *saved_page_write(const struct device_page *page);
/* Texts are borrowed from the object. False where it is none. */
bool saved_page_read(struct json_object *object, struct saved_page *page);

/* saved_endpoint.c: an endpoint with its presences and services. */

/* An endpoint that is read, with room for what it points to. */
struct saved_endpoint {
	struct endpoint endpoint;
	struct presence presences[ENDPOINT_PRESENCES_MAX];
	const char *facts[FACTS];
	struct service services[ENDPOINT_SERVICES_MAX];
	char txt[ENDPOINT_SERVICES_MAX][ENDPOINT_TXT_MAX];
	struct saved_page page;
};

struct json_object *saved_endpoint_write(
    const struct endpoint *endpoint, const struct link_set *links);
/* Texts are borrowed from the object. The link is that of the name and MAC in `former`; presences
 * are left out where it is gone. 0; -EBADMSG; -ENOENT: no such protocol is known, or nothing of it
 * is left. */
int saved_endpoint_read(struct json_object *object, const struct saved_times *times,
    struct json_object *former, const struct link_set *links, struct saved_endpoint *saved);

#endif
