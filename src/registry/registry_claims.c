/* SPDX-License-Identifier: ISC
 * registry_claims: which endpoints with one key are one machine.
 *
 * Boards that are flashed from one image share their UUID, and anything on the network can announce
 * the UUID of something else. Endpoints with one key and one claim are one machine; another claim
 * is made where two are proven to be different. */
#include "registry/registry_internal.h"

/* Two questions a second apart, each answered within a second (UDA 2.0, 1.3.3). */
#define ANSWER_TIME SECONDS(3)

struct endpoint *registry_claims_next(
    const struct registry *registry, const struct endpoint *endpoint, const struct endpoint *after)
{
	struct hashmap_node *node = after ? hashmap_next(&after->by_key)
					  : hashmap_first(&registry->by_key, endpoint->by_key.hash);

	for (; node; node = hashmap_next(node)) {
		struct endpoint *other = CONTAINER_OF(node, struct endpoint, by_key);
		if (other != endpoint && key_equal(&other->key, &endpoint->key))
			return other;
	}
	return NULL;
}

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
	return a->facts[fact] && b->facts[fact] && a->facts[fact] != b->facts[fact];
}

/* Each was heard with its own epoch after the other had begun its own: a restart that is heard on
 * one link before the other proves nothing. */
static bool epochs_prove_two(const struct endpoint *a, const struct endpoint *b)
{
	return a->has_epoch && b->has_epoch && a->epoch != b->epoch &&
	       instant_before(b->epoch_since, a->last_seen) &&
	       instant_before(a->epoch_since, b->last_seen);
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

static uint8_t new_claim(const struct registry *registry, const struct endpoint *endpoint)
{
	const struct endpoint *other = NULL;
	uint8_t claim = 0;

	while ((other = registry_claims_next(registry, endpoint, other)))
		claim =
		    other->claim >= claim && other->claim < UINT8_MAX ? other->claim + 1 : claim;
	return claim;
}

/* The first of its claim that another epoch of the same protocol speaks against; or NULL. */
static struct endpoint *find_suspect(
    const struct registry *registry, const struct endpoint *endpoint)
{
	struct endpoint *other = NULL;

	while ((other = registry_claims_next(registry, endpoint, other)))
		if (other->protocol == endpoint->protocol && other->claim == endpoint->claim &&
		    other->has_epoch && endpoint->has_epoch && other->epoch != endpoint->epoch &&
		    !same_place(other, endpoint))
			return other;
	return NULL;
}

/* The claim that fits best: of the same place, else with the same epoch, else the oldest. */
static const struct endpoint *find_like(
    const struct registry *registry, const struct endpoint *endpoint)
{
	const struct endpoint *other = NULL, *like = NULL, *first = NULL;

	while ((other = registry_claims_next(registry, endpoint, other))) {
		if (same_place(other, endpoint))
			return other;
		if (other->has_epoch && endpoint->has_epoch && other->epoch == endpoint->epoch)
			like = other;
		if (!first || other->number < first->number)
			first = other;
	}
	return like ? like : first;
}

bool registry_claims_enter(struct registry *registry, struct endpoint *endpoint)
{
	if (!key_joins(&endpoint->key))
		return false;
	const struct endpoint *like = find_like(registry, endpoint);
	endpoint->claim = like ? like->claim : 0;
	struct endpoint *suspect = find_suspect(registry, endpoint);
	if (!suspect)
		return false;
	endpoint->claim = new_claim(registry, endpoint);
	return registry_reconfirm(registry, STAILQ_FIRST(&suspect->presences), ANSWER_TIME);
}

static bool are_one(const struct endpoint *a, const struct endpoint *b)
{
	return a->protocol == b->protocol && a->has_epoch && b->has_epoch && a->epoch == b->epoch &&
	       !are_two(a, b);
}

static void unite(
    struct registry *registry, const struct endpoint *endpoint, uint8_t from, uint8_t to)
{
	struct endpoint *other = NULL;

	while ((other = registry_claims_next(registry, endpoint, other)))
		if (other->claim == from)
			other->claim = to;
}

bool registry_claims_check(struct registry *registry, struct endpoint *endpoint)
{
	struct endpoint *other = NULL;

	if (!key_joins(&endpoint->key))
		return false;
	while ((other = registry_claims_next(registry, endpoint, other))) {
		if (other->claim == endpoint->claim && are_two(endpoint, other)) {
			struct endpoint *later =
			    other->number > endpoint->number ? other : endpoint;
			later->claim = new_claim(registry, later);
			registry_counted(registry, COUNT_DUPLICATE_KEYS);
			return true;
		}
		if (other->claim != endpoint->claim && are_one(endpoint, other)) {
			uint8_t from = endpoint->claim;
			endpoint->claim = other->claim;
			unite(registry, endpoint, from, other->claim);
			return true;
		}
	}
	return false;
}

bool registry_claims_conflict(const struct registry *registry, const struct device *device)
{
	const struct endpoint *endpoint;

	TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	{
		const struct endpoint *other = NULL;
		if (!key_joins(&endpoint->key))
			continue;
		while ((other = registry_claims_next(registry, endpoint, other)))
			if (other->claim != endpoint->claim && other->device &&
			    other->device != device && other->device->reported)
				return true;
	}
	return false;
}
