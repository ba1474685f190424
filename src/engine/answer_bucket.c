/* SPDX-License-Identifier: ISC
 * answer_bucket: a bucket is the time at which it will be full again, so that no timer refills it.
 */
#include "engine/answer_bucket.h"
#include "engine/recent.h"
#include <stdlib.h>

/* Shared by all buckets of a kind; microseconds. */
struct bucket_shape {
	int64_t cost;  /* until one datagram is refilled */
	int64_t whole; /* until an empty bucket is full */
};

struct answer_source {
	struct recent_host host;
	struct instant full; /* a new source's zero is long past: full */
};

struct answer_buckets {
	struct bucket_shape source_shape, total_shape;
	unsigned random_leak;
	struct instant total_full;
	struct recent sources;
	struct rng *rng;
};

static struct bucket_shape shape_of(unsigned burst, unsigned rate)
{
	int64_t cost = SECONDS(1) / (rate ? rate : 1);
	return (struct bucket_shape){.cost = cost, .whole = cost * burst};
}

struct answer_buckets *answer_buckets_new(
    const struct answer_limits *limits, const struct siphash_key *key, struct rng *rng)
{
	struct answer_buckets *buckets = malloc(sizeof(*buckets));
	if (!buckets)
		return NULL;
	*buckets = (struct answer_buckets){
	    .source_shape = shape_of(limits->source_burst, limits->source_rate),
	    .total_shape = shape_of(limits->total_burst, limits->total_rate),
	    .random_leak = limits->random_leak,
	    .rng = rng,
	};
	if (recent_init(&buckets->sources, ANSWER_SOURCES_MAX, sizeof(struct answer_source), key) <
	    0) {
		free(buckets);
		return NULL;
	}
	return buckets;
}

void answer_buckets_free(struct answer_buckets *buckets)
{
	if (!buckets)
		return;
	recent_fini(&buckets->sources);
	free(buckets);
}

static bool holds(
    const struct bucket_shape *shape, struct instant full, struct instant now, unsigned count)
{
	int64_t missing = instant_since(full, now);
	return missing <= 0 || missing + shape->cost * count <= shape->whole;
}

static void take(
    const struct bucket_shape *shape, struct instant *full, struct instant now, unsigned count)
{
	*full = instant_add(instant_later(*full, now), shape->cost * count);
}

bool answer_buckets_take(struct answer_buckets *buckets, struct instant now,
    const struct address *address, unsigned count)
{
	struct answer_source *source = recent_touch(&buckets->sources, address, 0);
	if (!source || !holds(&buckets->total_shape, buckets->total_full, now, count))
		return false;
	if (holds(&buckets->source_shape, source->full, now, count))
		take(&buckets->source_shape, &source->full, now, count);
	else if (buckets->random_leak == 0 || rng_below(buckets->rng, buckets->random_leak) != 0)
		return false;
	take(&buckets->total_shape, &buckets->total_full, now, count);
	return true;
}
