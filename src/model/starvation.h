/* SPDX-License-Identifier: ISC
 * starvation: links by which broadcasts arrive and multicasts do not, as behind a switch that
 * follows IGMP and has lost our membership (RFC 4541, 2.1). */
#ifndef MODEL_STARVATION_H
#define MODEL_STARVATION_H

#include "base/address.h"
#include "base/instant.h"

/* How a datagram of another host came, by IPv4: the families are withheld separately, and IPv6 has
 * no broadcast. */
enum arrival {
	ARRIVAL_OTHER,
	ARRIVAL_UNICAST, /* by a protocol that has groups which a switch may withhold */
	ARRIVAL_GROUP,   /* to such a group */
	ARRIVAL_BROADCAST
};

struct starving_link {
	uint32_t link;
	bool spoken; /* a host there speaks such a protocol: its multicasts are to be expected */
	bool starving;
	struct instant since, last; /* broadcasts since a multicast; 0: there was none */
};

/* Zero is empty. Owns its entries. */
struct starvation {
	struct starving_link *entries;
	size_t count;
};

void starvation_fini(struct starvation *starvation);
/* True for an IPv4 group that a switch may withhold from those that have not joined it: one outside
 * of 224.0.0.0/24 (RFC 4541, 2.1.2). */
bool starvation_concerns(const struct address *group);
/* Notes a datagram. After broadcasts for `limit` microseconds without a multicast, with no pause as
 * long as that, a link starves, until a multicast comes or the broadcasts end. True when that has
 * changed. Out of memory, a link is not watched. */
bool starvation_note(struct starvation *starvation, struct instant now, uint32_t link,
    enum arrival arrival, int64_t limit);
/* Ends what is over; true when something was. */
bool starvation_advance(struct starvation *starvation, struct instant now, int64_t limit);
struct instant starvation_deadline(const struct starvation *starvation, int64_t limit);
bool starvation_has(const struct starvation *starvation, uint32_t link);
/* The link is not used any more; forgets all of it. */
void starvation_forget(struct starvation *starvation, uint32_t link);

#endif
