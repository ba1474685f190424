/* SPDX-License-Identifier: ISC
 * answer_bucket: token buckets that limit the answers to one source, and to all together. */
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
	/* When the bucket of a source is empty, one query in this many is still answered, within
	 * the total; 0: none. */
	unsigned random_leak;
};

/* Sources remembered. The one not heard for longest is forgotten first, and comes back with a full
 * bucket. A host that forges so many addresses can cause this, but the total still limits it. */
enum { ANSWER_SOURCES_MAX = 512 };

struct answer_buckets;
/* NULL when out of memory. The caller owns them; `rng` is lent for their life. */
struct answer_buckets *answer_buckets_new(
    const struct answer_limits *limits, const struct siphash_key *key, struct rng *rng);
void answer_buckets_free(struct answer_buckets *buckets);
/* Takes `count` datagrams for one query from this source. True: answer it. A refused query costs
 * nothing; one that needs more than a whole bucket is answered by a full one, which then stays
 * empty until that is refilled. The leak is random, so that a forger that empties the bucket of
 * another host cannot take its share of the leak, too. */
bool answer_buckets_take(struct answer_buckets *buckets, struct instant now,
    const struct address *source, unsigned count);

#endif
