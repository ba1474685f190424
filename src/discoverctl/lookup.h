/* SPDX-License-Identifier: ISC
 * lookup: finds devices by a key, a pattern or the beginning of a name. */
#ifndef DISCOVERCTL_LOOKUP_H
#define DISCOVERCTL_LOOKUP_H

#include "discoverctl/command.h"

/* How well patterns match devices that are looked at one after the other. */
struct lookup {
	char **patterns; /* lent */
	size_t pattern_count;
	uint8_t *best;          /* of each pattern: enum pattern_match */
	uint8_t *matches;       /* of each device that any pattern matches, for each pattern */
	size_t count, capacity; /* of these devices */
	bool failed;
};

void lookup_begin(struct lookup *lookup, char **patterns);
void lookup_fini(struct lookup *lookup);
/* True where the device may be selected; such devices count from 0 on. */
bool lookup_look_at(struct lookup *lookup, struct json_object *device);
/* When all were looked at. As lookup_select() says. */
bool lookup_selects(const struct lookup *lookup, size_t place);
/* The first pattern that matches none, or NULL. */
const char *lookup_unmatched(const struct lookup *lookup);
/* Keeps those of `devices` that match one of the patterns (all, without patterns): whole, or where
 * no device matches a word whole, by their beginning. For the caller to json_object_put().
 * *unmatched is the first pattern that matches none, or NULL. */
struct json_object *lookup_select(
    struct json_object *devices, char **patterns, const char **unmatched);
/* Appends to `found` the device of this key, or all that a glob matches. Asks discoverd by Get, and
 * searches the list for a beginning where that finds none. An exit status; unless it is
 * STATUS_DONE, a line on stderr gives the reason, with candidates or a similar name. */
int lookup_key(struct context *context, struct slice key, struct json_object *found);
/* Prints on stderr that nothing matches the pattern, with a similar name where there is one. */
void lookup_explain(const char *what, struct json_object *devices, struct slice pattern);

#endif
