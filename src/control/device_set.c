/* SPDX-License-Identifier: ISC
 * device_set: a hash table of pointers, in which each stands at the first free slot from its own
 * on.
 */
#include "control/device_set.h"
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

enum { CAPACITY_MIN = 16 }; /* a power of two, as all capacities */

void device_set_fini(struct device_set *set)
{
	free(set->slots);
	*set = (struct device_set){0};
}

/* Multiplication mixes low bits into the high ones (Knuth, 6.4). */
static size_t home_of(const struct device_set *set, const struct device *device)
{
	uint64_t mixed = (uint64_t)(uintptr_t)device * UINT64_C(0x9e3779b97f4a7c15);

	return (size_t)(mixed >> 32) & (set->capacity - 1);
}

/* Where it stands, or would stand. */
static size_t slot_of(const struct device_set *set, const struct device *device)
{
	size_t at = home_of(set, device);

	while (set->slots[at] && set->slots[at] != device)
		at = (at + 1) & (set->capacity - 1);
	return at;
}

bool device_set_has(const struct device_set *set, const struct device *device)
{
	return set->count && set->slots[slot_of(set, device)];
}

/* One slot of four stays free at least. */
static int make_room(struct device_set *set)
{
	struct device_set larger = {.capacity = set->capacity ? 2 * set->capacity : CAPACITY_MIN};

	if (set->count < set->capacity / 4 * 3)
		return 0;
	larger.slots = calloc(larger.capacity, sizeof(const struct device *));
	if (!larger.slots)
		return -ENOMEM;
	for (size_t i = 0; i < set->capacity; i++)
		if (set->slots[i])
			larger.slots[slot_of(&larger, set->slots[i])] = set->slots[i];
	larger.count = set->count;
	free(set->slots);
	*set = larger;
	return 0;
}

int device_set_add(struct device_set *set, const struct device *device)
{
	if (make_room(set) < 0)
		return -ENOMEM;
	size_t at = slot_of(set, device);
	set->count += !set->slots[at];
	set->slots[at] = device;
	return 0;
}

/* Closes the gap: what stands behind it comes forward, unless it would stand before its own slot.
 */
static void close_gap(struct device_set *set, size_t gap)
{
	size_t mask = set->capacity - 1, at = gap;

	set->slots[gap] = NULL;
	while (set->slots[at = (at + 1) & mask]) {
		size_t home = home_of(set, set->slots[at]);
		if (((at - home) & mask) < ((at - gap) & mask))
			continue;
		set->slots[gap] = set->slots[at];
		set->slots[at] = NULL;
		gap = at;
	}
}

bool device_set_remove(struct device_set *set, const struct device *device)
{
	if (!device_set_has(set, device))
		return false;
	close_gap(set, slot_of(set, device));
	set->count--;
	return true;
}
