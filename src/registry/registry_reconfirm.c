/* SPDX-License-Identifier: ISC
 * registry_reconfirm: what is said to be gone, or somewhere else, is asked before that is believed
 * (as RFC 6762, 10.4 reconfirms records). */
#include "registry/registry_internal.h"

/* Two questions a second apart, each answered within a second (UDA 2.0, 1.3.3). */
#define ANSWER_TIME SECONDS(3)
/* After an answer: a forger causes no more questions than one in this time. */
#define REST          SECONDS(10)
#define QUESTION_COST MILLISECONDS(125)
enum { QUESTION_BURST = 32 };

/* The bucket is kept as the moment at which it will be full again. */
static bool may_ask(struct registry *registry)
{
	int64_t missing = instant_since(registry->questions_full, registry->now);

	if (!registry->listener.question ||
	    missing + QUESTION_COST > QUESTION_BURST * QUESTION_COST)
		return false;
	registry->questions_full =
	    instant_add(instant_later(registry->questions_full, registry->now), QUESTION_COST);
	return true;
}

bool registry_reconfirm(struct registry *registry, struct presence *presence, int64_t answer_time)
{
	struct endpoint *endpoint = presence->endpoint;

	if (instant_is_never(presence->reconfirmable))
		return true;
	if (!instant_due(presence->reconfirmable, registry->now) || !may_ask(registry)) {
		registry_counted(registry, COUNT_QUESTIONS_LIMITED);
		return false;
	}
	registry_counted(registry, COUNT_QUESTIONS);
	presence->reconfirmable = INSTANT_NEVER;
	presence->promised = presence->expires;
	presence->expires =
	    instant_earlier(presence->expires, instant_add(registry->now, answer_time));
	registry_endpoint_settle(registry, endpoint);
	registry->listener.question(
	    registry->listener.context, endpoint, presence, endpoint->verified);
	return true;
}

static bool is_rival(
    const struct endpoint *endpoint, const struct presence *presence, const struct sighting *like)
{
	const struct address *a = &presence->address, *b = &like->from;

	if (endpoint->link != like->link || a->family != b->family || address_equal(a, b))
		return false;
	if (a->family == ADDRESS_IPV6)
		return address_is_link_local(a) == address_is_link_local(b);
	return prefix_contains(&(struct prefix){*b, like->network}, a);
}

bool registry_reconfirm_rivals(
    struct registry *registry, const struct sighting *sighting, uint64_t hash)
{
	struct hashmap_node *node = hashmap_first(&registry->by_key, hash);
	struct presence *presence;
	bool asked = false;

	for (; node && key_joins(&sighting->key); node = hashmap_next(node)) {
		struct endpoint *endpoint = CONTAINER_OF(node, struct endpoint, by_key);
		if (endpoint->protocol != sighting->protocol ||
		    !key_equal(&endpoint->key, &sighting->key))
			continue;
		STAILQ_FOREACH(presence, &endpoint->presences, next)
		if (is_rival(endpoint, presence, sighting))
			asked |= registry_reconfirm(registry, presence, ANSWER_TIME);
	}
	return asked;
}

void registry_reconfirm_answered(struct registry *registry, struct presence *presence)
{
	if (!instant_is_never(presence->reconfirmable))
		return;
	registry_counted(registry, COUNT_QUESTIONS_CONFIRMED);
	presence->reconfirmable = instant_add(registry->now, REST);
	registry_ties_answered(registry, presence);
}
