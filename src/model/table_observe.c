/* SPDX-License-Identifier: ISC
 * table_observe: what each kind of sighting does to the table; one function per kind. */
#include "base/mac.h"
#include "model/protocol_id.h"
#include "model/table_internal.h"
#include <errno.h>
#include <stdlib.h>

/* Between the first message and the report of what has a description to read, or is named by a MAC
 * that the kernel may learn meanwhile. */
#define NEWCOMER_TIME MILLISECONDS(300)
/* How long a host is listed after the kernel last confirmed that it answers. */
#define NEIGHBOUR_LIFETIME SECONDS(600)

struct instant table_promise(const struct table *table, int64_t lifetime, bool short_lived)
{
	const struct table_limits *limits = &table->limits;

	if (lifetime < limits->lifetime_min && !short_lived)
		lifetime = limits->lifetime_min;
	return instant_add(
	    table->now, lifetime < limits->lifetime_max ? lifetime : limits->lifetime_max);
}

static struct instant promise_of(const struct table *table, const struct sighting *sighting)
{
	return table_promise(table, sighting->lifetime, sighting->short_lived);
}

static size_t newcomer_charge(const struct sighting *sighting)
{
	size_t charge =
	    TABLE_ENDPOINT_BYTES + sizeof(struct presence) + table_key_bytes(&sighting->key);

	for (size_t i = 0; i < FACTS; i++)
		charge +=
		    sighting->facts[i].len > 0 ? sighting->facts[i].len + 1 + sizeof(char *) : 0;
	return charge + sighting->url.len;
}

/* It was restarted: what it announced is unknown again, and its description is to be read. What
 * that said stays until then: a lost description would otherwise leave it without a name. */
static void restart(struct table *table, struct endpoint *endpoint)
{
	table_counted(table, COUNT_RESTARTS);
	table_repeats_forget(table, endpoint);
	for (size_t i = 0; i < endpoint->service_count; i++)
		endpoint->services[i].expires =
		    endpoint->services[i].described ? INSTANT_NEVER : table->now;
	table_services_expire(table, endpoint, table->now);
	endpoint->described = false;
	endpoint->type_settled = false;
	endpoint->url_expires = table->now;
}

static void take_epoch(struct table *table, struct endpoint *endpoint, uint32_t epoch)
{
	if (endpoint->has_epoch && endpoint->epoch == epoch)
		return;
	table_repeats_forget(table, endpoint);
	endpoint->has_epoch = true;
	endpoint->renumbered = false;
	endpoint->epoch = epoch;
	endpoint->epoch_since = table->now;
}

/* It was announced to another endpoint with this key: by another protocol, or on another link. */
static bool is_announced(const struct table *table, const struct endpoint *endpoint, uint32_t epoch)
{
	const struct endpoint *other = NULL;

	while (key_joins(&endpoint->key) &&
	       (other = table_endpoint_next_of_key(table, endpoint, other)))
		if (other->renumbered && other->epoch == epoch && other->claim == endpoint->claim)
			return true;
	return false;
}

/* True when it was sent before the announced change of the epoch took effect: an answer to a search
 * has the former number until the device is announced with the new one (UDA 2.0, 1.2.4). */
static bool has_former_epoch(const struct endpoint *endpoint, const struct sighting *sighting)
{
	return endpoint->renumbered && sighting->epoch.known &&
	       endpoint->former_epoch == (uint16_t)sighting->epoch.value;
}

/* An announced change of the epoch is no restart; the same announcement comes once per link, so the
 * second one names a number that is past (UDA 2.0, 1.2.4). True when the epoch is another one. */
static bool take_numbers(
    struct table *table, struct endpoint *endpoint, const struct sighting *sighting)
{
	uint32_t former = endpoint->epoch;
	const struct sighting_number *epoch = &sighting->epoch, *next = &sighting->next_epoch;
	bool renumbers = sighting->event == SIGHTING_RENUMBERS && next->known;
	bool taken_over = renumbers && endpoint->has_epoch && endpoint->epoch == next->value;
	bool is_late = !renumbers && has_former_epoch(endpoint, sighting);

	if (epoch->known && endpoint->has_epoch && endpoint->epoch != epoch->value && !taken_over &&
	    !is_late && !is_announced(table, endpoint, epoch->value))
		restart(table, endpoint);
	if (renumbers)
		take_epoch(table, endpoint, next->value);
	else if (epoch->known && !is_late)
		take_epoch(table, endpoint, epoch->value);
	if (renumbers && !endpoint->renumbered)
		endpoint->former_epoch = (uint16_t)(epoch->known ? epoch->value : former);
	endpoint->renumbered |= renumbers;
	if (sighting->revision.known &&
	    (!endpoint->has_revision || endpoint->revision != sighting->revision.value)) {
		table_repeats_forget(table, endpoint);
		endpoint->has_revision = true;
		endpoint->revision = sighting->revision.value;
	}
	if (endpoint->dialect != sighting->dialect)
		table_repeats_forget(table, endpoint);
	endpoint->dialect = sighting->dialect;
	return endpoint->epoch != former;
}

static int admit(
    struct table *table, const struct sighting *sighting, uint64_t hash, struct endpoint **endpoint)
{
	size_t charge = newcomer_charge(sighting);
	struct endpoint *victim;
	int error;

	while (
	    (error = table_source_admit(table, sighting, hash, charge, &victim)) == 0 && victim) {
		table_counted(table, COUNT_EVICTED);
		table_remove(table, victim);
	}
	if (error < 0)
		return error;
	struct instant promised = promise_of(table, sighting);
	*endpoint = table_endpoint_add(table, sighting, hash, promised);
	if (!*endpoint) {
		table_counted(table, COUNT_OUT_OF_MEMORY);
		return -ENOMEM;
	}
	table_presence_renew(
	    table, STAILQ_FIRST(&(*endpoint)->presences), SIGHTING_ALIVE, promised);
	table_counted(table, COUNT_ENDPOINTS_ADDED);
	return 0;
}

/* Returns the presence like the sighting, added (*is_new) or refreshed; NULL when there is no room.
 */
static struct presence *refresh_presence(
    struct table *table, struct endpoint *endpoint, const struct sighting *sighting, bool *is_new)
{
	struct presence *presence = endpoint_find_presence(endpoint, &sighting->from);
	struct instant promised = promise_of(table, sighting);

	*is_new = !presence;
	if (!presence) {
		if (table_source_make_room(table, endpoint, sizeof(*presence)) < 0)
			return NULL;
		presence = table_presence_add(table, endpoint, sighting);
		if (!presence) {
			table_counted(table, COUNT_OUT_OF_MEMORY);
			return NULL;
		}
		table_presence_renew(table, presence, SIGHTING_ALIVE, promised);
		return presence;
	}
	if (table_reconfirm_end(table, presence))
		table_address_answered(table, presence);
	if (sighting->event != SIGHTING_ASKED && presence->port != sighting->port) {
		table_repeats_forget(table, endpoint);
		presence->port = sighting->port;
	}
	table_presence_renew(table, presence, sighting->event, promised);
	return presence;
}

/* What the message says of the endpoint. True when something changed. */
static bool take_content(struct table *table, struct endpoint *endpoint, struct presence *presence,
    const struct sighting *sighting)
{
	bool changed = sighting->event == SIGHTING_ALIVE && !endpoint->is_device;
	const char *url = endpoint->url;

	changed |= endpoint->restored;
	table_report_confirmed(table, endpoint);
	if (sighting->answers_us || sighting->verified)
		table_reconfirm_answered(table, presence, sighting);
	endpoint->is_device |= sighting->event == SIGHTING_ALIVE;
	endpoint->last_seen = table->now;
	if (endpoint->device)
		endpoint->device->last_seen = table->now;
	changed |= take_numbers(table, endpoint, sighting);
	table_presence_says(table, presence, sighting);
	table_url_take(table, endpoint, presence, sighting);
	changed |= endpoint->url != url;
	changed |= table_facts_take(table, endpoint, sighting);
	changed |= table_services_take(table, endpoint, sighting, presence->expires);
	return changed;
}

static int take_newcomer(
    struct table *table, const struct sighting *sighting, uint64_t hash, struct endpoint **endpoint)
{
	int error = admit(table, sighting, hash, endpoint);

	if (error < 0)
		return error;
	if (sighting->verified)
		table_endpoint_verify(table, *endpoint);
	take_content(table, *endpoint, STAILQ_FIRST(&(*endpoint)->presences), sighting);
	table_endpoint_settle(table, *endpoint);
	table_evict(table);
	bool waits =
	    (*endpoint)->url || ((*endpoint)->key.kind == KEY_ADDRESS && sighting->mac_awaited);
	error = table_ties_place(table, *endpoint, waits ? NEWCOMER_TIME : 0);
	if (error < 0) {
		table_counted(table, COUNT_OUT_OF_MEMORY);
		table_endpoint_free(table, *endpoint);
		*endpoint = NULL;
		return error;
	}
	if ((*endpoint)->is_device)
		table_reconfirm_rivals(table, sighting, hash);
	return 0;
}

/* Another machine speaks from an address of an endpoint that has others: that address is not its
 * own any more. */
static struct endpoint *without_taken_address(
    struct table *table, const struct sighting *sighting, struct endpoint *endpoint)
{
	struct presence *presence =
	    endpoint ? endpoint_find_presence(endpoint, &sighting->from) : NULL;
	uint64_t hash;

	if (!presence || endpoint->presence_count == 1 || !sighting->mac.known ||
	    sighting->mac_unsure || mac_equal(&presence->mac, &sighting->mac))
		return endpoint;
	table_leave(table, endpoint, presence);
	return table_endpoint_identify(table, sighting, &hash);
}

/* SIGHTING_ALIVE and SIGHTING_ASKED. A question claims no key, so others that have it are asked
 * when its endpoint announces itself. */
static int take_presence(
    struct table *table, const struct sighting *sighting, uint64_t hash, struct endpoint **found)
{
	struct endpoint *endpoint = *found = without_taken_address(table, sighting, *found);
	bool new_place;

	if (!endpoint)
		return take_newcomer(table, sighting, hash, found);
	struct presence *presence = refresh_presence(table, endpoint, sighting, &new_place);
	if (!presence)
		return -ENOSPC;
	bool announced = endpoint->is_device, had_epoch = endpoint->has_epoch;
	if (sighting->verified)
		table_endpoint_verify(table, endpoint);
	bool changed = take_content(table, endpoint, presence, sighting) || new_place;
	table_endpoint_settle(table, endpoint);
	table_evict(table);
	if (!new_place && sighting->mac.known &&
	    table_address_learn_mac(table, presence, &sighting->mac, !sighting->mac_unsure))
		*found = NULL;
	if (*found && new_place) {
		table_ties_update(table, endpoint);
		table_moves_address_came(table, presence);
	}
	if (*found && sighting->verified)
		table_ties_verified(table, endpoint);
	if (*found && endpoint->has_epoch && !had_epoch)
		table_ties_epoch_came(table, endpoint);
	if (*found && endpoint->is_device && !announced)
		table_reconfirm_rivals(table, sighting, hash);
	if (*found && table_claims_check(table, endpoint))
		table_ties_update(table, endpoint);
	if (!changed)
		table_counted(table, COUNT_REFRESHED);
	else if (*found)
		table_report_change(table, endpoint->device);
	return 0;
}

static int take_renumbering(
    struct table *table, const struct sighting *sighting, uint64_t hash, struct endpoint **found)
{
	struct endpoint *endpoint = *found;
	(void)hash;

	if (!endpoint)
		return -ENOENT;
	if (!endpoint_find_presence(endpoint, &sighting->from))
		return -EPERM;
	endpoint->last_seen = endpoint->device->last_seen = table->now;
	table_report_confirmed(table, endpoint);
	take_numbers(table, endpoint, sighting);
	table_endpoint_settle(table, endpoint);
	table_report_change(table, endpoint->device);
	return 0;
}

static int take_description(
    struct table *table, const struct sighting *sighting, uint64_t hash, struct endpoint **found)
{
	struct endpoint *endpoint = *found;
	(void)hash;

	if (!endpoint)
		return -ENOENT;
	endpoint->last_seen = endpoint->device->last_seen = table->now;
	table_report_confirmed(table, endpoint);
	table_endpoint_verify(table, endpoint);
	table_page_take(
	    table, endpoint, sighting); /* first: facts_take says that it is described */
	table_facts_take(table, endpoint, sighting);
	table_services_take(table, endpoint, sighting, INSTANT_NEVER);
	table_evict(table);
	if (sighting->revision.known && !endpoint->has_revision) {
		endpoint->has_revision = true;
		endpoint->revision = sighting->revision.value;
	}
	endpoint->device->reachable = DEVICE_REACHABLE_YES;
	struct presence *presence = endpoint_find_presence(endpoint, &sighting->from);
	if (presence && table_reconfirm_end(table, presence)) {
		presence->expires = presence->promised;
		endpoint->by_page = !endpoint->answers;
		table_address_confirmed(table, presence);
	}
	table_endpoint_settle(table, endpoint);
	table_ties_verified(table, endpoint);
	if (table_claims_check(table, endpoint))
		table_ties_update(table, endpoint);
	if (!endpoint->device->held)
		table_report_now(table, endpoint->device);
	table_report_change(table, endpoint->device);
	return 0;
}

/* The first other one of the same protocol at this place that announces the same description. */
static struct presence *find_like(const struct table *table, const struct presence *like)
{
	struct hashmap_node *node = hashmap_first(&table->by_address, like->by_address.hash);

	for (; node; node = hashmap_next(node)) {
		struct presence *other = CONTAINER_OF(node, struct presence, by_address);
		if (other != like && other->url == like->url &&
		    other->endpoint->protocol == like->endpoint->protocol &&
		    other->endpoint->link == like->endpoint->link &&
		    address_equal(&other->address, &like->address))
			return other;
	}
	return NULL;
}

/* One goodbye takes the whole group away (UDA 2.0, 1.2.3). */
static void leave_with_group(struct table *table, const struct presence *presence)
{
	struct presence *other;

	while (presence->url && (other = find_like(table, presence))) {
		table_reconfirm_departure(table, other);
		table_leave(table, other->endpoint, other);
	}
}

static int take_leaving(
    struct table *table, const struct sighting *sighting, uint64_t hash, struct endpoint **found)
{
	struct endpoint *endpoint = *found;
	struct presence *presence =
	    endpoint ? endpoint_find_presence(endpoint, &sighting->from) : NULL;

	/* The other addresses of the network are asked: it may have left all of them. */
	bool asked =
	    sighting->scope != SCOPE_SERVICE && table_reconfirm_rivals(table, sighting, hash);
	if (!presence) {
		table_counted(table, COUNT_BYES_REFUSED);
		return asked ? 0 : endpoint ? -EPERM : -ENOENT;
	}
	table_counted(table, COUNT_BYES);
	if (sighting->scope == SCOPE_SERVICE) {
		if (table_services_leave(table, endpoint, sighting))
			table_report_change(table, endpoint->device);
		table_endpoint_settle(table, endpoint);
		return 0;
	}
	if (table_reconfirm_departure(table, presence))
		return 0;
	if (sighting->scope == SCOPE_GROUP)
		leave_with_group(table, presence);
	if (table_leave(table, endpoint, presence))
		*found = NULL;
	return 0;
}

/* Takes one kind of sighting in: 0 or a negative errno. *found is the endpoint that it is about,
 * NULL while there is none. */
typedef int take_fn(
    struct table *table, const struct sighting *sighting, uint64_t hash, struct endpoint **found);

static take_fn *const TAKE[] = {
    [SIGHTING_ALIVE] = take_presence,
    [SIGHTING_RENUMBERS] = take_renumbering,
    [SIGHTING_LEFT] = take_leaving,
    [SIGHTING_ASKED] = take_presence,
    [SIGHTING_DESCRIBED] = take_description,
};

static int observe(
    struct table *table, const struct sighting *sighting, const struct endpoint **endpoint)
{
	uint64_t hash;

	if (sighting->is_ourselves_elsewhere)
		table_counted(table, COUNT_OURS_ELSEWHERE);
	struct endpoint *found = table_endpoint_identify(table, sighting, &hash);
	int error = TAKE[sighting->event](table, sighting, hash, &found);
	table_settle(table);
	if (endpoint)
		*endpoint = error < 0 ? NULL : found;
	return error;
}

int table_observe(struct table *table, struct instant now, const struct sighting *sighting,
    const struct endpoint **endpoint)
{
	char text[KEY_TEXT_MAX];
	struct key key = key_clean(&sighting->key, text);

	table->now = now;
	if (key.text.bytes == sighting->key.text.bytes)
		return observe(table, sighting, endpoint);
	struct sighting clean = *sighting;
	clean.key = key;
	return observe(table, &clean, endpoint);
}

static bool is_named(const struct endpoint *endpoint, const struct key *named, size_t count)
{
	char text[KEY_TEXT_MAX];

	for (size_t i = 0; i < count; i++) {
		struct key key = key_clean(&named[i], text);
		if (key_equal(&endpoint->key, &key))
			return true;
	}
	return false;
}

/* True when one of its presences announces this description. */
static struct presence *announcer(const struct endpoint *endpoint, const char *url)
{
	struct presence *presence;

	STAILQ_FOREACH(presence, &endpoint->presences, next)
	if (presence->url && presence->url == url)
		return presence;
	return NULL;
}

void table_described(
    struct table *table, struct instant now, uint64_t number, const struct key *named, size_t count)
{
	const struct endpoint *about = table_find_endpoint(table, number);
	struct endpoint *endpoint;
	bool known = false;

	table->now = now;
	if (!about || !about->url)
		return;
	TAILQ_FOREACH(endpoint, &about->device->endpoints, of_device)
	known |= endpoint->protocol == about->protocol && announcer(endpoint, about->url) &&
		 is_named(endpoint, named, count);
	if (!known)
		return;
	TAILQ_FOREACH(endpoint, &about->device->endpoints, of_device)
	{
		struct presence *presence = announcer(endpoint, about->url);
		if (endpoint->protocol == about->protocol && presence &&
		    !is_named(endpoint, named, count))
			table_reconfirm(table, presence, SECONDS(3));
	}
}

int table_neighbour(struct table *table, struct instant now, const struct protocol_id *protocol,
    uint32_t link, const struct address *address, const struct mac *mac, struct slice name)
{
	return table_observe(table, now,
	    &(struct sighting){.event = SIGHTING_ALIVE,
		.protocol = protocol,
		.from = *address,
		.link = link,
		.mac = *mac,
		.lifetime = NEIGHBOUR_LIFETIME,
		.facts[FACT_HOST_NAME] = name},
	    NULL);
}

/* Its MAC is that of any of its addresses that has one. */
static void learn_name_of(
    struct table *table, struct endpoint *endpoint, table_name_fn *find_name, void *context)
{
	const char *before = endpoint_fact(endpoint, FACT_HOST_NAME);
	const struct presence *presence;
	const char *name = NULL;

	STAILQ_FOREACH(presence, &endpoint->presences, next)
	if (!name && presence->mac.known)
		name = find_name(context, &presence->mac);
	if (!name)
		table_drop_fact(table, endpoint, FACT_HOST_NAME);
	else
		table_set_fact(table, endpoint, FACT_HOST_NAME, slice_of(name));
	if (endpoint_fact(endpoint, FACT_HOST_NAME) != before)
		table_report_change(table, endpoint->device);
}

void table_learn_names(
    struct table *table, struct instant now, table_name_fn *find_name, void *context)
{
	size_t count;
	uint64_t *numbers = table_numbers(table, &count);

	table->now = now;
	for (size_t i = 0; i < count; i++) {
		struct hashmap_node *node = hashmap_first(&table->by_number, numbers[i]);
		struct endpoint *endpoint =
		    node ? CONTAINER_OF(node, struct endpoint, by_number) : NULL;
		if (endpoint && endpoint->protocol->rank == PROTOCOL_RANK_NEIGHBOUR)
			learn_name_of(table, endpoint, find_name, context);
	}
	free(numbers);
	table_settle(table);
}
