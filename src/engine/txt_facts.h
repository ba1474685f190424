/* SPDX-License-Identifier: ISC
 * txt_facts: what the TXT records of well-known types of service say of their host; a type is one
 * row. */
#ifndef ENGINE_TXT_FACTS_H
#define ENGINE_TXT_FACTS_H

#include "model/sighting.h"

enum { TXT_FACT_SIZE = 257 };

/* Facts of a host, each from the row that comes first. */
struct txt_facts {
	size_t ranks[FACTS];
	char texts[FACTS][TXT_FACT_SIZE];
};

void txt_facts_init(struct txt_facts *facts);
/* True when the type, such as "_ipp._tcp", has a row. */
bool txt_facts_knows(struct slice type);
/* The n-th type that has a row, or is browsed for without one; NULL at the end. */
const char *txt_facts_type(size_t n);
/* Takes in what an instance of this type says; `txt` is the data of its TXT record and may be
 * absent. */
void txt_facts_add(
    struct txt_facts *facts, struct slice type, struct slice instance, struct slice txt);
/* Puts what was found into `out`, borrowed. */
void txt_facts_take(const struct txt_facts *facts, struct slice out[FACTS]);

#endif
