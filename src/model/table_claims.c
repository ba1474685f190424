/* SPDX-License-Identifier: ISC
 * table_claims: which endpoints with one key are one machine.
 *
 * Boards that are flashed from one image share their UUID, and anything on the network can announce
 * the UUID of something else. Endpoints with one key and one claim are one machine; another claim
 * is made where two are proven to be different. */
#include "model/table_internal.h"

/* Two questions a second apart, each answered within a second (UDA 2.0, 1.3.3). */
#define ANSWER_TIME SECONDS(3)
/* Microseconds from the first announcement of another epoch to the last message with the former
 * one: answers to searches are delayed by up to 5 s (UDA 2.0, 1.3.3). */
#define RENUMBERING SECONDS(10)

static bool same_place(const struct endpoint *a, const struct endpoint *b)
{
	const struct presence *presence;

	STAILQ_FOREACH(presence, &a->presences, next)
	if ((presence->mac.known && endpoint_has_mac(b, &presence->mac)) ||
	    (a->link == b->link && endpoint_find_presence(b, &presence->address)))
		return true;
	return false;
}

/* Both strings come from one pool. */
static bool differ(const struct endpoint *a, const struct endpoint *b, enum endpoint_fact fact)
{
	return endpoint_fact(a, fact) && endpoint_fact(b, fact) &&
	       endpoint_fact(a, fact) != endpoint_fact(b, fact);
}

/* Its epoch is the one that was announced to end where the other was heard, and an answer may still
 * have that. */
static bool may_be_late(const struct endpoint *endpoint, const struct endpoint *renumbered)
{
	return renumbered->renumbered && renumbered->former_epoch == (uint16_t)endpoint->epoch &&
	       instant_before(
		   endpoint->last_seen, instant_add(renumbered->epoch_since, RENUMBERING));
}

/* Each was heard with its own epoch after the other had begun its own: a restart that is heard on
 * one link before the other proves nothing. */
static bool epochs_prove_two(const struct endpoint *a, const struct endpoint *b)
{
	return a->has_epoch && b->has_epoch && a->epoch != b->epoch &&
	       instant_before(b->epoch_since, a->last_seen) &&
	       instant_before(a->epoch_since, b->last_seen) && !may_be_late(a, b) &&
	       !may_be_late(b, a);
}

static bool are_two(const struct endpoint *a, const struct endpoint *b)
{
	if (a->protocol != b->protocol || same_place(a, b))
		return false;
	if (epochs_prove_two(a, b))
		return true;
	return a->described && b->described &&
	       (differ(a, b, FACT_SERIAL) || differ(a, b, FACT_HOST_NAME) ||
		   differ(a, b, FACT_TYPE) || differ(a, b, FACT_MANUFACTURER) ||
		   differ(a, b, FACT_MODEL));
}

static uint8_t new_claim(const struct table *table, const struct endpoint *endpoint)
{
	const struct endpoint *other = NULL;
	uint8_t claim = 0;

	while ((other = table_endpoint_next_of_key(table, endpoint, other)))
		claim =
		    other->claim >= claim && other->claim < UINT8_MAX ? other->claim + 1 : claim;
	return claim;
}

/* Another claim, also of those of the old one at its place, which other protocols know it by. */
static void claim_anew(const struct table *table, struct endpoint *endpoint)
{
	struct endpoint *other = NULL;
	uint8_t former = endpoint->claim;

	endpoint->claim = new_claim(table, endpoint);
	while ((other = table_endpoint_next_of_key(table, endpoint, other)))
		if (other->claim == former && same_place(other, endpoint))
			other->claim = endpoint->claim;
}

/* Its epoch speaks against that of this one. */
static bool is_suspect(const struct endpoint *other, const struct endpoint *endpoint)
{
	return other->protocol == endpoint->protocol && other->claim == endpoint->claim &&
	       other->has_epoch && endpoint->has_epoch && other->epoch != endpoint->epoch &&
	       !same_place(other, endpoint);
}

static struct endpoint *find_suspect(const struct table *table, const struct endpoint *endpoint)
{
	struct endpoint *other = NULL;

	while ((other = table_endpoint_next_of_key(table, endpoint, other)))
		if (is_suspect(other, endpoint))
			return other;
	return NULL;
}

/* The claim that fits best: of the same place, else with the same epoch, else the oldest. */
static const struct endpoint *find_like(const struct table *table, const struct endpoint *endpoint)
{
	const struct endpoint *other = NULL, *like = NULL, *first = NULL;

	while ((other = table_endpoint_next_of_key(table, endpoint, other))) {
		if (same_place(other, endpoint))
			return other;
		if (other->has_epoch && endpoint->has_epoch && other->epoch == endpoint->epoch)
			like = other;
		if (!first || endpoint_number(other) < endpoint_number(first))
			first = other;
	}
	return like ? like : first;
}

bool table_claims_doubt(struct table *table, struct endpoint *endpoint, bool *asked)
{
	struct endpoint *suspect = key_joins(&endpoint->key) ? find_suspect(table, endpoint) : NULL;

	*asked = false;
	if (!suspect)
		return false;
	claim_anew(table, endpoint);
	*asked = table_reconfirm(table, STAILQ_FIRST(&suspect->presences), ANSWER_TIME);
	return true;
}

bool table_claims_is_guest(const struct table *table, const struct endpoint *endpoint)
{
	struct endpoint *other = NULL;

	while (!endpoint->verified && (other = table_endpoint_next_of_key(table, endpoint, other)))
		if (other->verified && other->claim == endpoint->claim &&
		    !same_place(endpoint, other))
			return true;
	return false;
}

bool table_claims_enter(struct table *table, struct endpoint *endpoint)
{
	bool asked;

	if (!key_joins(&endpoint->key))
		return false;
	const struct endpoint *like = find_like(table, endpoint);
	endpoint->claim = like ? like->claim : 0;
	endpoint->guest = table_claims_is_guest(table, endpoint);
	return table_claims_doubt(table, endpoint, &asked) && asked;
}

static bool are_one(const struct endpoint *a, const struct endpoint *b)
{
	return a->protocol == b->protocol && a->has_epoch && b->has_epoch && a->epoch == b->epoch &&
	       !are_two(a, b);
}

void table_claims_unite(
    const struct table *table, struct endpoint *endpoint, const struct endpoint *like)
{
	struct endpoint *other = NULL;
	uint8_t former = endpoint->claim;

	endpoint->claim = like->claim;
	while ((other = table_endpoint_next_of_key(table, endpoint, other)))
		if (other->claim == former)
			other->claim = like->claim;
}

bool table_claims_check(struct table *table, struct endpoint *endpoint)
{
	struct endpoint *other = NULL, *suspect = NULL;

	if (!key_joins(&endpoint->key))
		return false;
	while ((other = table_endpoint_next_of_key(table, endpoint, other))) {
		if (other->claim == endpoint->claim && are_two(endpoint, other)) {
			struct endpoint *later =
			    endpoint_number(other) > endpoint_number(endpoint) ? other : endpoint;
			claim_anew(table, later);
			table_counted(table, COUNT_DUPLICATE_KEYS);
			return true;
		}
		if (other->claim != endpoint->claim && are_one(endpoint, other)) {
			table_claims_unite(table, endpoint, other);
			return true;
		}
		if (!suspect && is_suspect(other, endpoint))
			suspect = other;
	}
	/* It proves that they are two, or follows, when it answers. */
	if (suspect)
		table_reconfirm(table, STAILQ_FIRST(&suspect->presences), ANSWER_TIME);
	return false;
}
