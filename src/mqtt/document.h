/* SPDX-License-Identifier: ISC
 * document: the texts that a board publishes. */
#ifndef MQTT_DOCUMENT_H
#define MQTT_DOCUMENT_H

#include "wire/json_writer.h"

struct json_object;

/* What `info` contains. */
struct document_board {
	const char *version, *name;
	struct json_object *links; /* an array; NULL: none */
	uint64_t session;
	size_t devices;
};

/* Of a Device of io.discoverd: without "last_seen" and "expires_in", which change all the time and
 * are taken out of the object. For the caller to free; NULL when out of memory. */
char *document_of_device(struct json_object *device, size_t *len);
void document_write_state(struct json_writer *w, bool online, uint64_t session);
void document_write_info(struct json_writer *w, const struct document_board *board);
/* `event` is "added", "removed" or "moved", `former` the address that it had. */
void document_write_event(struct json_writer *w, const char *event, struct json_object *device,
    const char *former, const char *merged_into);
/* The address to show, borrowed; empty where there is none. */
struct slice document_address(struct json_object *device);
/* A link for `info`: what is constant of an Interface of io.discoverd, and the segment that it is
 * in: `segment`, the MAC of its gateway, or NULL. For the caller; NULL when out of memory. */
struct json_object *document_of_link(struct json_object *interface, const char *segment);

#endif
