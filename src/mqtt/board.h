/* SPDX-License-Identifier: ISC
 * board: what discoverd reports about the host that it runs on. */
#ifndef MQTT_BOARD_H
#define MQTT_BOARD_H

#include "client/watcher.h"

#include <stddef.h>

struct json_object;

/* All is owned; NULL: not known yet. */
struct board {
	struct watcher *watcher;
	struct loop *loop;
	void (*changed)(void *context);
	void *context;
	char *version, *name;
	char *uuid;                /* without "uuid:" */
	struct json_object *links; /* an array, see document_of_link() */
	/* What is being asked for. */
	struct json_object *interfaces, *next_links;
	size_t next; /* in `interfaces` */
	bool asking;
	int64_t pause;
	struct instant ask_at;
};

/* `changed` is called after each change of what is known. */
void board_init(struct board *board, struct loop *loop, struct watcher *watcher,
    void (*changed)(void *context), void *context);
void board_fini(struct board *board);
/* Asks now, and again after pauses that grow from 15 s to 10 min: links come and go without an
 * event, and the kernel may not know the MAC of a gateway yet. */
void board_ask(struct board *board);
void board_advance(struct board *board, struct instant now);
struct instant board_deadline(const struct board *board);

#endif
