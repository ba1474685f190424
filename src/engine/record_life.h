/* SPDX-License-Identifier: ISC
 * record_life: how long a record of another host holds, and when it is asked for again (RFC 6762,
 * 5.2 and 10). */
#ifndef ENGINE_RECORD_LIFE_H
#define ENGINE_RECORD_LIFE_H

#include "base/instant.h"

/* What is done with a record that runs out. */
enum record_care {
	RECORD_LAPSES, /* nothing: it stays, and is asked for when it is needed again */
	RECORD_ENDS,   /* it goes */
	RECORD_KEPT,   /* it is asked for before, and goes without an answer (RFC 6762, 5.2) */
};

/* Whether a record holds. 16 bytes: there are three in each instance. */
struct record_life {
	struct instant expires;
	uint32_t ttl;      /* seconds; 0: there is no such record */
	uint8_t asked;     /* how often it was asked for since it came last */
	uint8_t jitter;    /* of the refresh, in 256ths of 2 % */
	bool leaving : 1;  /* a goodbye, or a newer set without it (RFC 6762, 10.1 and 10.2) */
	bool checking : 1; /* it goes if it is not heard again (10.4) */
	bool denied : 1;   /* there is none (6.1) */
	bool missed : 1;   /* another host has asked for it and got no answer yet (10.5) */
};

/* A record came. */
void record_life_begin(struct record_life *life, uint32_t ttl, uint8_t jitter, struct instant now);
/* It goes in a second (RFC 6762, 10.1 and 10.2). */
void record_life_end(struct record_life *life, struct instant now);
/* It goes in 10 s if it is not heard again, and is asked for (10.4). */
void record_life_check(struct record_life *life, struct instant now);
/* When it is to be asked for or goes. */
struct instant record_life_due(const struct record_life *life, enum record_care care);
/* True when it is there no more. */
bool record_life_is_over(const struct record_life *life, enum record_care care, struct instant now);
/* True when it is to be asked for; this counts. */
bool record_life_ask(struct record_life *life, enum record_care care, struct instant now);

#endif
