/* SPDX-License-Identifier: ISC
 * endpoint_json: an endpoint with its services as io.discoverd shows it. */
#ifndef CONTROL_ENDPOINT_JSON_H
#define CONTROL_ENDPOINT_JSON_H

#include "base/mac.h"
#include "base/utc.h"
#include "control/control_host.h"
#include "wire/json_writer.h"

/* When a device or an endpoint was seen; `first_wall`: as `first_seen_wall` of an endpoint. */
struct json_seen {
	struct instant first, last, end;
	int64_t first_wall;
};

/* The daemon and the time: the same for all that is written in one round of the loop. An endpoint
 * mostly has the address and the times of its device, so what was written last is copied. */
struct json_view {
	const struct control_host *host;
	struct instant now;
	int64_t wall; /* of instant zero, in microseconds since 1970 */
	struct utc_day day;
	struct json_copy {
		size_t len; /* 0: none, or it was too long */
		char text[192];
	} seen_text, address_text;
	struct json_seen seen;  /* written in seen_text */
	struct address address; /* this and what follows: in address_text */
	struct mac mac;
	uint32_t link;
};
struct json_view json_view_at(const struct control_host *host, struct instant now);

/* Writes every key of the interface's Endpoint. */
void endpoint_json_write(
    struct json_writer *w, struct json_view *view, const struct endpoint *endpoint);
/* Likewise of a device that only the page of this endpoint names, see page_walk_next(). */
void endpoint_json_write_embedded(
    struct json_writer *w, struct json_view *view, const struct endpoint *endpoint, unsigned index);

/* An address of the endpoint with its MAC, as the interface's Address. */
void endpoint_json_write_address(struct json_writer *w, const struct control_host *host,
    const struct address *address, uint32_t link, const struct mac *mac);
/* Likewise the address of a presence. */
void endpoint_json_write_presence(struct json_writer *w, struct json_view *view,
    const struct presence *presence, const struct mac *mac);

/* Writes first_seen, last_seen and expires_in. */
void endpoint_json_write_seen(
    struct json_writer *w, struct json_view *view, const struct json_seen *seen);

enum { LINK_TEXT_MAX = 16 };
/* The name of a link, or its index where the link is gone (written to `buffer`). */
const char *link_text(const struct link_set *links, uint32_t index, char buffer[LINK_TEXT_MAX]);

#endif
