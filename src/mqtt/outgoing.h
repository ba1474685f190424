/* SPDX-License-Identifier: ISC
 * outgoing: the newest document of each device, and which of them are to be published when. What
 * waits has a mark, no queue: while nothing can be published, no more is kept than the newest. */
#ifndef MQTT_OUTGOING_H
#define MQTT_OUTGOING_H

#include "base/hashmap.h"
#include "base/heap.h"
#include "base/instant.h"
#include "base/rng.h"

/* A device. What begins with `published` is for its publisher to change. */
struct outgoing_item {
	struct hashmap_node node;
	struct heap_node due; /* outside: what an earlier run published, and was not seen yet */
	char *text;           /* owned; NULL: not known in this run */
	size_t len;
	bool gone;    /* it is removed: what was published is to be emptied */
	bool changed; /* to be published; else its next turn is a repetition */
	struct instant published_at;
	bool published;     /* there is something at the broker, or may be */
	bool tracked;       /* it was published for Home Assistant */
	bool misplaced;     /* an earlier run published it below another prefix */
	uint8_t stage;      /* how much of it was published in this turn */
	uint64_t marks[2];  /* of what was published for Home Assistant last; 0: nothing */
	int64_t gone_since; /* seconds since 1970; 0: it is there, or has just gone */
	char id[];
};

struct outgoing {
	struct hashmap items;
	struct heap due;
	struct rng rng;
	size_t count; /* of items that are there */
};

/* A device is published at once, then every 30 s at most; unchanged, after 12 to 36 h, which is
 * once a day on average, and before it expires (TOPIC_EXPIRY). */
#define OUTGOING_PACE       SECONDS(30)
#define OUTGOING_REPEAT_MIN SECONDS(12 * 3600)
#define OUTGOING_REPEAT_MAX SECONDS(36 * 3600)

/* 0 or -ENOMEM. */
int outgoing_init(struct outgoing *outgoing, const struct siphash_key *key, uint64_t seed);
void outgoing_fini(struct outgoing *outgoing);

/* Takes a text over, which was allocated with malloc. 1: it is another one than before; 0: it is
 * the same; -ENOMEM: it is dropped. */
int outgoing_put(
    struct outgoing *outgoing, const char *id, char *text, size_t len, struct instant now);
void outgoing_remove(struct outgoing *outgoing, const char *id, struct instant now);
/* The item, or NULL. */
struct outgoing_item *outgoing_find(const struct outgoing *outgoing, const char *id);
/* An earlier run has published this device, and may have seen it go (gone_since). It is not
 * published until it is put, or all that was not is removed. 0 or -ENOMEM. */
int outgoing_expect(struct outgoing *outgoing, const char *id, bool tracked, int64_t gone_since);
void outgoing_remove_expected(struct outgoing *outgoing, struct instant now);
/* The broker may have nothing any more. */
void outgoing_publish_all(struct outgoing *outgoing, struct instant now);

struct instant outgoing_deadline(const struct outgoing *outgoing);
/* One that is to be published now, or NULL. */
struct outgoing_item *outgoing_next(const struct outgoing *outgoing, struct instant now);
/* It was published. One that is gone is freed, or kept for `keep` more microseconds to be looked at
 * again. */
void outgoing_done(
    struct outgoing *outgoing, struct outgoing_item *item, struct instant now, int64_t keep);
void outgoing_each(const struct outgoing *outgoing,
    void (*fn)(void *context, struct outgoing_item *item), void *context);

#endif
