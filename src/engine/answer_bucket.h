/* SPDX-License-Identifier: ISC
 * answer_bucket: how many answers a source may draw from us, and all sources together (token buckets). */
#ifndef ENGINE_ANSWER_BUCKET_H
#define ENGINE_ANSWER_BUCKET_H

#include "base/address.h"
#include "base/instant.h"
#include "base/rng.h"
#include "base/siphash.h"

struct answer_limits {
	unsigned source_burst, source_rate; /* datagrams, and datagrams per second */
	unsigned total_burst, total_rate;
	unsigned spared; /* when a source's bucket is empty one question in this many is still served, inside the total; 0: none */
};

/* Remembers a fixed number of sources (the longest unheard is forgotten first). */
struct answer_buckets;
/* NULL when out of memory. */
struct answer_buckets *answer_buckets_new(const struct answer_limits *limits, const struct siphash_key *key, struct rng *rng);
void answer_buckets_free(struct answer_buckets *buckets);
/* Takes `count` datagrams for one question from this source. True: answer it. */
bool answer_buckets_take(struct answer_buckets *buckets, struct instant now, const struct address *source, unsigned count);

#endif
