/* SPDX-License-Identifier: ISC
 * answer_bucket: how many answers a source may draw from us, and all sources together (token
 * buckets). */
#ifndef ENGINE_ANSWER_BUCKET_H
#define ENGINE_ANSWER_BUCKET_H

#include "base/address.h"
#include "base/instant.h"
#include "base/rng.h"
#include "base/siphash.h"

/* Bursts and rates are at least 1; a rate of more than a million is no limit at all. */
struct answer_limits {
	unsigned source_burst, source_rate; /* datagrams, and datagrams per second */
	unsigned total_burst, total_rate;
	/* When a source's bucket is empty, one question in this many is still served, inside the
	 * total; 0: none. */
	unsigned spared;
};

/* Sources remembered; the longest unheard is forgotten first, and comes back with a full bucket.
 * Somebody who forges that many addresses can bring this about, and gains nothing that the total
 * does not bound. */
enum { ANSWER_SOURCES_MAX = 512 };

struct answer_buckets;
/* NULL when out of memory. The caller owns them; `rng` is lent for their life. */
struct answer_buckets *answer_buckets_new(
    const struct answer_limits *limits, const struct siphash_key *key, struct rng *rng);
void answer_buckets_free(struct answer_buckets *buckets);
/* Takes `count` datagrams for one question from this source. True: answer it. A refused question
 * costs nothing; one that needs more than a whole bucket is answered by a full one, which then
 * stays empty until that is paid off. Which question is spared is drawn by lot, so that a forger
 * who empties somebody's bucket cannot know when to ask in his place. */
bool answer_buckets_take(struct answer_buckets *buckets, struct instant now,
    const struct address *source, unsigned count);

#endif
