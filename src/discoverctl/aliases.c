/* SPDX-License-Identifier: ISC
 * aliases: the names that users have given to devices, which discoverd-history keeps. */
#include "discoverctl/aliases.h"

#include <stdlib.h>

#include "client/client.h"
#include "client/field.h"

#define SOCKET_DEFAULT RUNSTATEDIR "/discoverd-history/io.discoverd.History"

/* For connecting and for the answer: together no longer than is noticed. */
enum { CONNECT_MS = 10, ANSWER_MS = 40 };

const char *aliases_socket(void)
{
	const char *given = getenv("DISCOVERD_HISTORY_SOCKET");

	return given && *given ? given : SOCKET_DEFAULT;
}

static void take_all(struct aliases *aliases, struct json_object *list)
{
	for (size_t i = 0; i < field_length(list); i++) {
		struct json_object *entry = field_entry(list, i);
		const char *id = json_object_get_string(field_get(entry, "id"));
		struct json_object *alias = field_get(entry, "alias");
		if (!id || !json_object_is_type(alias, json_type_string))
			continue;
		if (!aliases->by_id)
			aliases->by_id = json_object_new_object();
		json_object_object_add(aliases->by_id, id, json_object_get(alias));
	}
}

static void ask(struct aliases *aliases)
{
	struct client client;
	struct varlink_reply reply;
	int error = client_connect(&client, aliases_socket(), CONNECT_MS, -1);

	aliases->asked = true;
	if (!error)
		error = client_call(&client, "io.discoverd.History.Aliases", NULL, false);
	if (!error)
		error = client_next(&client, ANSWER_MS, &reply);
	if (!error) {
		take_all(aliases, field_get(reply.parameters, "aliases"));
		varlink_reply_fini(&reply);
	}
	client_fini(&client);
}

bool aliases_any(struct aliases *aliases)
{
	if (!aliases->asked)
		ask(aliases);
	return aliases->by_id;
}

void aliases_apply(struct aliases *aliases, struct json_object *device)
{
	const char *id = json_object_get_string(field_get(device, "id"));
	struct json_object *alias;

	if (!id || !aliases_any(aliases))
		return;
	alias = field_get(aliases->by_id, id);
	if (!alias)
		return;
	json_object_object_add(device, "alias", json_object_get(alias));
	json_object_object_add(device, "name", json_object_get(alias));
}

void aliases_fini(struct aliases *aliases)
{
	json_object_put(aliases->by_id);
	*aliases = (struct aliases){0};
}
