/* SPDX-License-Identifier: ISC
 * device_set: remembers devices of the table; they are compared and never looked into. */
#ifndef CONTROL_DEVICE_SET_H
#define CONTROL_DEVICE_SET_H

#include <stdbool.h>
#include <stddef.h>

struct device;

/* All zero is empty. Its user takes devices out before they go. */
struct device_set {
	const struct device **slots; /* NULL: free */
	size_t count, capacity;
};

void device_set_fini(struct device_set *set);
bool device_set_has(const struct device_set *set, const struct device *device);
/* 0, also where it is there; -ENOMEM. */
int device_set_add(struct device_set *set, const struct device *device);
/* True when it was there. */
bool device_set_remove(struct device_set *set, const struct device *device);

#endif
