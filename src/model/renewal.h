/* SPDX-License-Identifier: ISC
 * renewal: an endpoint is still there and offers what it did: what a sighting said holds longer. */
#ifndef MODEL_RENEWAL_H
#define MODEL_RENEWAL_H

#include "model/endpoint.h"

enum { RENEWAL_WORDS = ENDPOINT_SERVICES_MAX / 64 };

/* Of an engine that knows which endpoint its sightings went to. */
struct renewal {
	uint64_t endpoint; /* its number */
	uint32_t changes;  /* as that had them */
	uint32_t link;
	struct address from;
	int64_t lifetime; /* microseconds, also those below the minimum of the table */
	uint64_t services[RENEWAL_WORDS]; /* a bit for the place of each that is named */
};

static inline void renewal_add_service(struct renewal *renewal, size_t place)
{
	renewal->services[place / 64] |= UINT64_C(1) << place % 64;
}

static inline bool renewal_has_service(const struct renewal *renewal, size_t place)
{
	return place < ENDPOINT_SERVICES_MAX && renewal->services[place / 64] >> place % 64 & 1;
}

#endif
