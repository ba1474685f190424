/* SPDX-License-Identifier: ISC
 * board: see board.h. One question after the other: Status, Interfaces, and for each link the
 * device that is its gateway. */
#include "mqtt/board.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "client/field.h"
#include "mqtt/document.h"

#define PAUSE_MIN SECONDS(15)
#define PAUSE_MAX SECONDS(600)

/* "ADDRESS%INTERFACE" */
enum { PLACE_MAX = 128 };

static void ask_next_gateway(struct board *board);

void board_init(struct board *board, struct loop *loop, struct watcher *watcher,
    void (*changed)(void *context), void *context)
{
	*board = (struct board){.loop = loop,
	    .watcher = watcher,
	    .changed = changed,
	    .context = context,
	    .pause = PAUSE_MIN,
	    .ask_at = INSTANT_NEVER};
}

static void stop_asking(struct board *board)
{
	json_object_put(board->interfaces);
	json_object_put(board->next_links);
	board->interfaces = board->next_links = NULL;
	board->asking = false;
}

void board_fini(struct board *board)
{
	stop_asking(board);
	json_object_put(board->links);
	free(board->version);
	free(board->name);
	free(board->uuid);
}

/* True when it is another one. */
static bool replace(char **text, struct slice value)
{
	if (*text ? slice_equal(slice_of(*text), value) : !value.len)
		return false;
	char *copy = value.len ? slice_dup(value) : NULL;
	if (value.len && !copy)
		return false;
	free(*text);
	*text = copy;
	return true;
}

static void links_complete(struct board *board)
{
	bool other = !board->links || !json_object_equal(board->links, board->next_links);

	if (other) {
		json_object_put(board->links);
		board->links = json_object_get(board->next_links);
	}
	stop_asking(board);
	if (other)
		board->changed(board->context);
}

static struct json_object *interface_now(const struct board *board)
{
	return field_entry(board->interfaces, board->next);
}

static void take_link(struct board *board, const char *segment)
{
	json_object_array_add(board->next_links, document_of_link(interface_now(board), segment));
	board->next++;
}

/* The MAC of the gateway that was asked for, borrowed, or NULL. */
static const char *gateway_mac(const struct board *board, struct json_object *device)
{
	struct json_object *addresses = field_get(device, "addresses");
	struct slice gateway = field_text(field_get(interface_now(board), "gateway"));
	struct slice interface = field_text(field_get(interface_now(board), "name"));

	for (size_t i = 0; i < field_length(addresses); i++) {
		struct json_object *address = field_entry(addresses, i);
		struct json_object *mac = field_get(address, "mac");
		if (slice_equal(field_text_of(address, "address"), gateway) &&
		    slice_equal(field_text_of(address, "interface"), interface) &&
		    json_object_is_type(mac, json_type_string))
			return json_object_get_string(mac);
	}
	return NULL;
}

static void gateway_answered(void *context, const char *error, struct json_object *parameters)
{
	struct board *board = context;

	if (!board->asking)
		return;
	take_link(board, error ? NULL : gateway_mac(board, field_get(parameters, "device")));
	ask_next_gateway(board);
}

static bool ask_gateway(struct board *board)
{
	struct slice gateway = field_text(field_get(interface_now(board), "gateway"));
	struct slice interface = field_text(field_get(interface_now(board), "name"));
	char place[PLACE_MAX];

	if (!gateway.len || !interface.len)
		return false;
	snprintf(place, sizeof(place), "%.*s%%%.*s", SLICE_ARGS(gateway), SLICE_ARGS(interface));
	struct json_object *parameters = json_object_new_object();
	field_add_text(parameters, "id", place);
	return watcher_ask(
		   board->watcher, "io.discoverd.Get", parameters, gateway_answered, board) == 0;
}

static void ask_next_gateway(struct board *board)
{
	while (interface_now(board)) {
		if (!json_object_get_boolean(field_get(interface_now(board), "used")))
			board->next++;
		else if (ask_gateway(board))
			return;
		else
			take_link(board, NULL);
	}
	links_complete(board);
}

static void interfaces_answered(void *context, const char *error, struct json_object *parameters)
{
	struct board *board = context;

	board->interfaces = json_object_get(field_get(parameters, "interfaces"));
	board->next_links = json_object_new_array();
	board->next = 0;
	if (error || !board->next_links)
		stop_asking(board);
	else
		ask_next_gateway(board);
}

static void status_answered(void *context, const char *error, struct json_object *parameters)
{
	struct board *board = context;
	struct slice uuid = field_text_of(parameters, "uuid");

	if (error) {
		log_debug("discoverd: %s", error);
		stop_asking(board);
		return;
	}
	bool other = replace(&board->version, field_text_of(parameters, "version"));
	other |= replace(&board->name, field_text_of(parameters, "name"));
	other |= replace(&board->uuid, slice_without_prefix_nocase(uuid, SLICE("uuid:")));
	if (other)
		board->changed(board->context);
	if (watcher_ask(
		board->watcher, "io.discoverd.Interfaces", NULL, interfaces_answered, board))
		stop_asking(board);
}

static void ask(struct board *board)
{
	if (!board->asking)
		board->asking = watcher_ask(board->watcher, "io.discoverd.Status", NULL,
				    status_answered, board) == 0;
	board->ask_at = instant_add(loop_now(board->loop), board->pause);
	board->pause = 2 * board->pause < PAUSE_MAX ? 2 * board->pause : PAUSE_MAX;
}

void board_ask(struct board *board)
{
	board->pause = PAUSE_MIN;
	ask(board);
}

void board_advance(struct board *board, struct instant now)
{
	if (instant_due(board->ask_at, now))
		ask(board);
}

struct instant board_deadline(const struct board *board)
{
	return board->ask_at;
}
