/* SPDX-License-Identifier: ISC
 * announced_name: the name under which a protocol announces a service of ours, where other hosts
 * may have the same one. */
#ifndef MODEL_ANNOUNCED_NAME_H
#define MODEL_ANNOUNCED_NAME_H

#include "base/slice.h"

/* Slices are borrowed, until the engine is called again. */
struct announced_name {
	const char *protocol; /* as in struct protocol_id */
	uint64_t offer;       /* number of the offer that the service is part of */
	struct slice type;    /* as the protocol writes it: "_http._tcp" */
	struct slice name;    /* the one that was chosen: "Greenhouse (2)" */
	uint16_t port;        /* 0: none of its own */
	bool claimed; /* on each link that is used; false while other hosts are asked for it */
};

#endif
