/* SPDX-License-Identifier: ISC
 * drop_in_source: makes of what a drop-in file says what is announced, and names what it does not
 * name. */
#ifndef DISCOVERD_DROP_IN_SOURCE_H
#define DISCOVERD_DROP_IN_SOURCE_H

#include "discoverd/identity.h"
#include "model/service_file.h"

/* Everything is borrowed. */
struct drop_in_source {
	const struct config *config;
	const struct core_identity *identity;
	const char *path; /* of the file */
};

/* The configured identity, or one that stays the same as long as the file has its name. */
void drop_in_source_udn(const struct drop_in_source *source,
    const struct service_file_device *device, char udn[UDN_TEXT_MAX]);
/* Adds to our own tree what the file adds to it: services and embedded devices. 0, -ENOMEM, or
 * -EEXIST: a service of the root device has one's id, and nothing is added. */
int drop_in_source_extend(
    const struct drop_in_source *source, const struct service_file *content, struct offer *own);
/* The tree of a device with a description of its own; NULL when out of memory. */
struct offer *drop_in_source_tree(
    const struct drop_in_source *source, const struct service_file_device *device);

#endif
