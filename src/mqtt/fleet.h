/* SPDX-License-Identifier: ISC
 * fleet: what the boards below discoverd/v1/ have published: their states, and their documents. */
#ifndef MQTT_FLEET_H
#define MQTT_FLEET_H

#include "base/hashmap.h"
#include "mqtt/fleet_document.h"

#include <sys/queue.h>

struct json_object;

/* A document at its place. */
struct fleet_entry {
	struct hashmap_node node; /* by its topic */
	TAILQ_ENTRY(fleet_entry) of_board;
	struct fleet_board *board;
	struct fleet_document document; /* all zero: it is there, but was not understood */
	int64_t published;              /* seconds since 1970; 0: not known */
	uint64_t revision;              /* changes with the document */
	uint64_t round;
	char topic[];
};

struct fleet_board {
	struct hashmap_node node; /* by site and board */
	TAILQ_ENTRY(fleet_board) next;
	TAILQ_HEAD(, fleet_entry) entries;
	char *site, *id; /* not escaped */
	char *name;      /* NULL until `info` gives it */
	bool online;
	struct json_object *links; /* of `info`; NULL */
	size_t info_len;           /* bytes of `info` */
	bool informed;             /* `info` has come */
	uint64_t announced;        /* number of devices in it */
	uint64_t count;            /* of its entries */
	uint64_t revision, round;
	/* Of fleet_networks. */
	const struct fleet_link *first_link;
	size_t link_count;
	uint64_t described; /* changes with its name and those of its networks */
};

struct fleet {
	struct hashmap boards, entries;
	TAILQ_HEAD(, fleet_board) all;
	struct fleet_board *unasked; /* the first of those that fleet_next_board() has to return */
	uint64_t revision;           /* changes with everything that is taken */
	uint64_t round;
	uint64_t broken;  /* documents that are not understood now */
	uint64_t dropped; /* for want of memory, or of another kind */
	size_t bytes;     /* of boards, entries and documents */
};

/* What is kept of all; more is dropped. */
enum { FLEET_BYTES_MAX = 256 * 1024 * 1024 };

/* 0 or -ENOMEM. */
int fleet_init(struct fleet *fleet, const struct siphash_key *key);
void fleet_fini(struct fleet *fleet);
/* A message came; an empty payload removes what it had. `published` as in struct fleet_entry. */
void fleet_take(struct fleet *fleet, struct slice topic, struct slice payload, int64_t published);
/* The next board whose documents have to be asked for: each once in a round. NULL: none. */
const struct fleet_board *fleet_next_board(struct fleet *fleet);
/* All documents come again from here on. */
void fleet_begin(struct fleet *fleet);
/* Removes what has not come since then. */
void fleet_sweep(struct fleet *fleet);

/* What has come in this round, and what of it boards that are online announce and is missing:
 * documents, and the number of their devices. Those of a board that is offline run out. */
struct fleet_progress {
	uint64_t boards, uninformed;
	uint64_t devices, missing;
};
struct fleet_progress fleet_progress(const struct fleet *fleet);

#endif
