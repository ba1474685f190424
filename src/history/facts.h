/* SPDX-License-Identifier: ISC
 * facts: what is kept of a device of io.discoverd: plain texts, where it is, and what it is known
 * by. */
#ifndef HISTORY_FACTS_H
#define HISTORY_FACTS_H

#include <stdbool.h>
#include <stddef.h>

struct json_object;

/* The last two are those of one address. */
enum fact {
	FACT_ID,
	FACT_NAME,
	FACT_TYPE,
	FACT_MANUFACTURER,
	FACT_MODEL,
	FACT_MAC,
	FACT_VENDOR,
	FACT_SEGMENT, /* the interface */
	FACT_ADDRESS,
	FACT_COUNT
};

enum { FACTS_IDENTITIES_MAX = 12 };

struct facts {
	char *texts[FACT_COUNT]; /* valid UTF-8 without control characters; NULL: not known */
	bool random_mac;         /* the MAC is locally administered */
	bool is_neighbour;       /* only the kernel knows it */
	/* What it is known by in later days, the surest first: UUIDs, MACs, its id. */
	char *identities[FACTS_IDENTITIES_MAX];
	size_t identity_count;
};

/* Reads an object of type Device. Of its addresses the one is chosen that `former` has, else the
 * first of IPv4, else the first. 0, -EINVAL: it has no id; or -ENOMEM: *facts is empty. */
int facts_read(struct facts *facts, struct json_object *device, const struct facts *former);
void facts_fini(struct facts *facts);
/* Whether all texts are the same but those of the address. */
bool facts_same(const struct facts *a, const struct facts *b);
/* Whether an identity is certain to mean the same device: a UUID or a MAC. */
bool facts_is_certain(const char *identity);

#endif
