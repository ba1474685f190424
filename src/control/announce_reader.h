/* SPDX-License-Identifier: ISC
 * announce_reader: reads what a program wants to be announced, and checks it as the configuration
 * of our own device is checked. */
#ifndef CONTROL_ANNOUNCE_READER_H
#define CONTROL_ANNOUNCE_READER_H

#include "model/link.h"
#include "model/offer.h"

struct json_object;

struct announce_reader {
	const struct link_set *links; /* whose addresses a LOCATION may have */
	struct offer *tree;           /* the caller's once announce_reader_read() returned 0 */
	size_t service_count;         /* of all its devices */
	char offence[128];            /* with -EINVAL, the path: "device.services.type" */
};

/* Reads the parameters of Announce, whose own types are right. What they leave out is left out in
 * the tree, but for types and service ids. 0, -EINVAL or -ENOMEM. */
int announce_reader_read(
    struct announce_reader *reader, const struct link_set *links, struct json_object *parameters);

#endif
