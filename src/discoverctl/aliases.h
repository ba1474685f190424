/* SPDX-License-Identifier: ISC
 * aliases: the names that users have given to devices, which discoverd-history keeps. */
#ifndef DISCOVERCTL_ALIASES_H
#define DISCOVERCTL_ALIASES_H

#include <json-c/json.h>
#include <stdbool.h>

/* All zero: not asked for yet. */
struct aliases {
	bool asked;
	struct json_object *by_id; /* NULL: there are none */
};

/* The socket of discoverd-history: of DISCOVERD_HISTORY_SOCKET, or the default. */
const char *aliases_socket(void);
/* Puts the alias of a device, if it has one, in the place of its name, and into its member "alias".
 * The first call asks for all of them: without a discoverd-history that costs no time, and with one
 * that does not answer 50 ms. */
void aliases_apply(struct aliases *aliases, struct json_object *device);
/* Whether any device has one. */
bool aliases_any(struct aliases *aliases);
void aliases_fini(struct aliases *aliases);

#endif
