/* SPDX-License-Identifier: ISC
 * echoes: whether our own multicasts come back on each link. The kernel loops them to our own
 * sockets (IP_MULTICAST_LOOP), so that a silent link means that something, most likely a firewall,
 * drops what arrives. */
#ifndef DISCOVERD_ECHOES_H
#define DISCOVERD_ECHOES_H

#include "base/address.h"
#include "base/instant.h"

/* A link is silent when so many multicasts went out, the first so long ago, and none came back. */
#define ECHOES_WAIT SECONDS(5)
enum { ECHOES_SENT = 3 };

struct echo {
	uint32_t link;
	uint8_t family;
	bool silent;
	unsigned sent;        /* since one was heard */
	struct instant since; /* of the first of them */
};

/* Zero is empty. Owns its entries, one per link and family. */
struct echoes {
	struct echo *entries;
	size_t count;
};

void echoes_fini(struct echoes *echoes);
/* Out of memory, a link is not watched. */
void echoes_sent(struct echoes *echoes, struct instant now, uint32_t link, uint8_t family);
/* One of ours was heard. True: the link was silent and is no more. */
bool echoes_heard(struct echoes *echoes, uint32_t link, uint8_t family);
/* True: a link has become silent. */
bool echoes_advance(struct echoes *echoes, struct instant now);
struct instant echoes_deadline(const struct echoes *echoes);
/* Datagrams of this family were lost in a full queue: what was not heard proves nothing. */
void echoes_excuse(struct echoes *echoes, uint8_t family);
/* The link is not used any more. */
void echoes_forget(struct echoes *echoes, uint32_t link);
bool echoes_is_silent(const struct echoes *echoes, uint32_t link);

#endif
