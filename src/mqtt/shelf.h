/* SPDX-License-Identifier: ISC
 * shelf: the newest document of each device, and which of them are to be published when. What waits
 * has a mark, no queue: while nothing can be published, no more is kept than the newest. */
#ifndef MQTT_SHELF_H
#define MQTT_SHELF_H

#include "base/hashmap.h"
#include "base/heap.h"
#include "base/instant.h"
#include "base/rng.h"

/* A device. What begins with `published` is for its publisher to change. */
struct shelf_item {
	struct hashmap_node node;
	struct heap_node due; /* outside: what an earlier run published, and was not seen yet */
	char *text;           /* owned; NULL: not known in this run */
	size_t len;
	bool gone;    /* it is removed: what was published is to be emptied */
	bool changed; /* to be published; else its next turn is a repetition */
	struct instant said_at;
	bool published;     /* there is something at the broker, or may be */
	bool tracked;       /* it was published for Home Assistant */
	bool misplaced;     /* an earlier run published it below another prefix */
	uint8_t stage;      /* how much of it was published in this turn */
	uint64_t marks[2];  /* of what was published for Home Assistant last; 0: nothing */
	int64_t gone_since; /* seconds since 1970; 0: it is there, or has just gone */
	char id[];
};

struct shelf {
	struct hashmap items;
	struct heap due;
	struct rng rng;
	size_t count; /* of items that are there */
};

/* A device is published at once, then every 30 s at most; unchanged, after 12 to 36 h, which is
 * once a day on average, and before it expires (TOPIC_EXPIRY). */
#define SHELF_PACE       SECONDS(30)
#define SHELF_REPEAT_MIN SECONDS(12 * 3600)
#define SHELF_REPEAT_MAX SECONDS(36 * 3600)

/* 0 or -ENOMEM. */
int shelf_init(struct shelf *shelf, const struct siphash_key *key, uint64_t seed);
void shelf_fini(struct shelf *shelf);

/* Takes a text over, which was allocated with malloc. 1: it is another one than before; 0: it is
 * the same; -ENOMEM: it is dropped. */
int shelf_put(struct shelf *shelf, const char *id, char *text, size_t len, struct instant now);
void shelf_remove(struct shelf *shelf, const char *id, struct instant now);
/* The item, or NULL. */
struct shelf_item *shelf_find(const struct shelf *shelf, const char *id);
/* An earlier run has published this device, and may have seen it go (gone_since). It is not
 * published until it is put, or all that was not is removed. 0 or -ENOMEM. */
int shelf_expect(struct shelf *shelf, const char *id, bool tracked, int64_t gone_since);
void shelf_remove_expected(struct shelf *shelf, struct instant now);
/* The broker may have nothing any more. */
void shelf_publish_all(struct shelf *shelf, struct instant now);

struct instant shelf_deadline(const struct shelf *shelf);
/* One that is to be published now, or NULL. */
struct shelf_item *shelf_next(const struct shelf *shelf, struct instant now);
/* It was published. One that is gone is freed, or kept for `keep` more microseconds to be looked at
 * again. */
void shelf_done(struct shelf *shelf, struct shelf_item *item, struct instant now, int64_t keep);
void shelf_each(
    const struct shelf *shelf, void (*fn)(void *context, struct shelf_item *item), void *context);

#endif
