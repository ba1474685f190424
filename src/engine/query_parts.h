/* SPDX-License-Identifier: ISC
 * query_parts: the datagrams of queries that do not fit into one, kept until their sender has sent
 * all of them or their time is up (RFC 6762, 7.2). */
#ifndef ENGINE_QUERY_PARTS_H
#define ENGINE_QUERY_PARTS_H

#include "base/instant.h"
#include "engine/sockets.h"

enum { QUERY_SOURCES_MAX = 16, QUERY_PARTS_MAX = 4 };

/* What one host has sent by one link so far, in its order. All zero: no host. */
struct query_source {
	struct address_port from;
	uint32_t link;
	struct instant due; /* when it is to be answered */
	struct slice parts[QUERY_PARTS_MAX];
	size_t part_count;
};

/* All zero at first. Owns its parts. */
struct query_parts {
	struct query_source sources[QUERY_SOURCES_MAX];
};

void query_parts_fini(struct query_parts *parts);
/* The source of a datagram, where parts of it are kept; NULL otherwise. */
struct query_source *query_parts_find(struct query_parts *parts, const struct datagram *datagram);
/* Keeps a copy of the datagram, for a source that is due then if it is a new one. NULL when there
 * are too many sources or parts of this one, and when out of memory. */
struct query_source *query_parts_add(
    struct query_parts *parts, const struct datagram *datagram, struct instant due);
/* A source that is due, or NULL. */
struct query_source *query_parts_due(struct query_parts *parts, struct instant now);
/* Forgets one, and what it has sent. */
void query_parts_drop(struct query_source *source);
struct instant query_parts_deadline(const struct query_parts *parts);

#endif
