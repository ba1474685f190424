/* SPDX-License-Identifier: ISC
 * device_set: see device_set.h. */
#include "control/device_set.h"
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { CAPACITY_MIN = 16 };

void device_set_fini(struct device_set *set)
{
	free(set->devices);
	*set = (struct device_set){0};
}

/* Where it stands, or would stand. */
static size_t place_of(const struct device_set *set, const struct device *device)
{
	size_t from = 0, to = set->count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if ((uintptr_t)set->devices[middle] < (uintptr_t)device)
			from = middle + 1;
		else
			to = middle;
	}
	return to;
}

static bool is_at(const struct device_set *set, size_t at, const struct device *device)
{
	return at < set->count && set->devices[at] == device;
}

bool device_set_has(const struct device_set *set, const struct device *device)
{
	return is_at(set, place_of(set, device), device);
}

int device_set_add(struct device_set *set, const struct device *device)
{
	size_t at = place_of(set, device);

	if (is_at(set, at, device))
		return 0;
	if (set->count == set->capacity) {
		size_t capacity = set->capacity ? 2 * set->capacity : CAPACITY_MIN;
		const struct device **devices =
		    reallocarray(set->devices, capacity, sizeof(*devices));
		if (!devices)
			return -ENOMEM;
		set->devices = devices;
		set->capacity = capacity;
	}
	memmove(set->devices + at + 1, set->devices + at,
	    (set->count - at) * sizeof(const struct device *));
	set->devices[at] = device;
	set->count++;
	return 0;
}

bool device_set_remove(struct device_set *set, const struct device *device)
{
	size_t at = place_of(set, device);

	if (!is_at(set, at, device))
		return false;
	set->count--;
	memmove(set->devices + at, set->devices + at + 1,
	    (set->count - at) * sizeof(const struct device *));
	return true;
}
