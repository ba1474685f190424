/* SPDX-License-Identifier: ISC
 * registry_cursor: walks the devices of a registry while it changes. */
#ifndef REGISTRY_REGISTRY_CURSOR_H
#define REGISTRY_REGISTRY_CURSOR_H

#include "registry/registry.h"

/* Walks the devices in the order they came, across any mutation: a device that is removed is passed
 * over, one that comes is met at the end. Embedded by its user, who closes it. */
struct registry_cursor {
	struct registry *registry;
	const struct device *at; /* the next one to hand out */
	struct registry_cursor *next;
};
void registry_cursor_open(struct registry_cursor *cursor, struct registry *registry);
const struct device *registry_cursor_next(struct registry_cursor *cursor);
void registry_cursor_close(struct registry_cursor *cursor);

#endif
