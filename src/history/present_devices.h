/* SPDX-License-Identifier: ISC
 * present_devices: the devices that are here now, by their id and by their key in the tables. */
#ifndef HISTORY_PRESENT_DEVICES_H
#define HISTORY_PRESENT_DEVICES_H

#include "base/hashmap.h"
#include "base/instant.h"
#include "history/facts.h"

#include <sys/queue.h>

/* Dates are seconds since 1970. */
struct present_device {
	struct hashmap_node by_id, by_key;
	TAILQ_ENTRY(present_device) entry;
	char *id;    /* as discoverd writes it */
	int64_t key; /* 0: not in the tables */
	struct facts facts;
	char *alias; /* NULL: none */
	int64_t first_seen;
	int64_t started;   /* of its presence */
	bool acknowledged; /* it is known to the user */
	bool confirmed;    /* discoverd has reported it, and not only an earlier run */
	/* Never seen before; what it is called is waited for before that is reported. */
	bool is_new;
	int64_t arrived;
	struct instant report_at;
};

struct present_devices {
	struct hashmap by_id, by_key;
	TAILQ_HEAD(, present_device) list;
};

/* 0 or -ENOMEM. */
int present_devices_init(struct present_devices *present_devices, const struct siphash_key *key);
void present_devices_fini(struct present_devices *present_devices);
/* One with this id and key, which are not there yet. NULL: out of memory. */
struct present_device *present_devices_add(
    struct present_devices *present_devices, const char *id, int64_t key);
void present_devices_remove(
    struct present_devices *present_devices, struct present_device *present_device);
struct present_device *present_devices_find(
    const struct present_devices *present_devices, const char *id);
/* NULL for the key 0, which none has. */
struct present_device *present_devices_find_key(
    const struct present_devices *present_devices, int64_t key);
/* 0, or -ENOMEM and nothing has changed. */
int present_devices_set_id(
    struct present_devices *present_devices, struct present_device *present_device, const char *id);
void present_devices_set_key(
    struct present_devices *present_devices, struct present_device *present_device, int64_t key);

#endif
