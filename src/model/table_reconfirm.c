/* SPDX-License-Identifier: ISC
 * table_reconfirm: what is said to be gone, or somewhere else, is asked before that is believed
 * (as RFC 6762, 10.4 reconfirms records). */
#include "model/table_internal.h"

/* Two questions a second apart, each answered within a second (UDA 2.0, 1.3.3). */
#define ANSWER_TIME SECONDS(3)
/* After an answer: a forger causes no more questions than one in this time. */
#define REST          SECONDS(10)
#define QUESTION_COST MILLISECONDS(125)
enum { QUESTION_BURST = 32 };

/* The bucket is kept as the moment at which it will be full again. */
static bool may_ask(struct table *table)
{
	int64_t missing = instant_since(table->questions_full, table->now);

	if (!table->listener.question || missing + QUESTION_COST > QUESTION_BURST * QUESTION_COST)
		return false;
	table->questions_full =
	    instant_add(instant_later(table->questions_full, table->now), QUESTION_COST);
	return true;
}

bool table_reconfirm(struct table *table, struct presence *presence, int64_t answer_time)
{
	struct endpoint *endpoint = presence->endpoint;

	if (instant_is_never(presence->reconfirmable)) {
		presence->expires =
		    instant_earlier(presence->expires, instant_add(table->now, answer_time));
		table_endpoint_settle(table, endpoint);
		return true;
	}
	if (!instant_due(presence->reconfirmable, table->now) || !may_ask(table)) {
		table_counted(table, COUNT_QUESTIONS_LIMITED);
		return false;
	}
	table_counted(table, COUNT_QUESTIONS);
	presence->reconfirmable = INSTANT_NEVER;
	presence->promised = presence->expires;
	presence->expires =
	    instant_earlier(presence->expires, instant_add(table->now, answer_time));
	table_endpoint_settle(table, endpoint);
	table->listener.question(table->listener.context, endpoint, presence, endpoint->verified);
	return true;
}

static bool is_rival(
    const struct endpoint *endpoint, const struct presence *presence, const struct sighting *like)
{
	const struct address *a = &presence->address, *b = &like->from;

	if (endpoint->reflected || like->reflected || endpoint->link != like->link ||
	    a->family != b->family || address_equal(a, b))
		return false;
	if (a->family == ADDRESS_IPV6)
		return address_is_link_local(a) == address_is_link_local(b);
	return prefix_contains(&(struct prefix){*b, like->network}, a);
}

/* No two hosts of a link have it at the same time: a name neither (RFC 6762, 9). */
static bool is_of_one_host(const struct key *key)
{
	return key_joins(key) || key->kind == KEY_NAME;
}

bool table_reconfirm_rivals(struct table *table, const struct sighting *sighting, uint64_t hash)
{
	struct hashmap_node *node = hashmap_first(&table->by_key, hash);
	struct presence *presence;
	bool asked = false;

	for (; node && is_of_one_host(&sighting->key); node = hashmap_next(node)) {
		struct endpoint *endpoint = CONTAINER_OF(node, struct endpoint, by_key);
		if (endpoint->protocol != sighting->protocol ||
		    !key_equal(&endpoint->key, &sighting->key))
			continue;
		STAILQ_FOREACH(presence, &endpoint->presences, next)
		if (is_rival(endpoint, presence, sighting))
			asked |= table_reconfirm(table, presence, ANSWER_TIME);
	}
	return asked;
}

bool table_reconfirm_end(struct table *table, struct presence *presence)
{
	if (!instant_is_never(presence->reconfirmable))
		return false;
	table_counted(table, COUNT_QUESTIONS_CONFIRMED);
	presence->reconfirmable = instant_add(table->now, REST);
	return true;
}
