/* SPDX-License-Identifier: ISC
 * table_refresh: which messages need not be read when they are heard again, and what they do.
 *
 * What a message says is known to be in the table, because any change of that has the message
 * forgotten. What else decides what table_observe does is looked at each time. */
#include "model/table_refresh.h"
#include "base/mac.h"
#include "model/table_internal.h"
#include <string.h>

static bool is_equal_or_absent(struct slice said, const char *known)
{
	return said.len == 0 || slice_equal(said, slice_of(known));
}

static bool is_number_known(const struct sighting_number *said, bool has, uint32_t known)
{
	return !said->known || (has && said->value == known);
}

/* The place of the only service that the sighting names; REPEAT_NO_SERVICE where it names none.
 * False where the endpoint has it otherwise, or not at all. */
static bool find_service(
    const struct endpoint *endpoint, const struct sighting *sighting, uint8_t *place)
{
	const struct sighted_service *said = sighting->services;

	*place = REPEAT_NO_SERVICE;
	if (sighting->service_count != 1)
		return sighting->service_count == 0;
	const struct service *service = endpoint_find_service(endpoint, said->type, said->key);
	if (!service || !is_equal_or_absent(said->key, service->key) ||
	    !is_equal_or_absent(said->name, service->name) ||
	    !is_equal_or_absent(said->url, service->url) ||
	    (said->port && said->port != service->port) ||
	    (said->txt.len &&
		!slice_equal(said->txt, (struct slice){service->txt, service->txt_len})))
		return false;
	*place = (uint8_t)(service - endpoint->services);
	return true;
}

/* No more than that something is there, and nothing that depends on more than the table has. */
static bool is_plain(const struct sighting *sighting)
{
	return (sighting->event == SIGHTING_ALIVE || sighting->event == SIGHTING_ASKED) &&
	       address_is_none(&sighting->also) && !sighting->short_lived && !sighting->page &&
	       !sighting->answers_us && !sighting->verified && !sighting->reflected &&
	       !sighting->is_ourselves_elsewhere && sighting->lifetime >= 0 &&
	       sighting->lifetime % SECONDS(1) == 0 &&
	       sighting->lifetime / SECONDS(1) <= UINT32_MAX;
}

static bool is_known(const struct endpoint *endpoint, const struct presence *presence,
    const struct sighting *sighting)
{
	return is_equal_or_absent(sighting->url, presence->url) &&
	       (sighting->event == SIGHTING_ASKED || presence->port == sighting->port) &&
	       is_number_known(&sighting->epoch, endpoint->has_epoch, endpoint->epoch) &&
	       is_number_known(&sighting->revision, endpoint->has_revision, endpoint->revision) &&
	       sighting->dialect == endpoint->dialect && table_facts_known(endpoint, sighting);
}

void table_refresh_note(struct table *table, const struct endpoint *endpoint,
    const struct sighting *sighting, uint64_t message, uint8_t kind)
{
	struct presence *presence = endpoint_find_presence(endpoint, &sighting->from);
	struct repeat repeat = {
	    .message = message,
	    .kind = kind,
	    .asked = sighting->event == SIGHTING_ASKED,
	    .has_url = sighting->url.len > 0,
	};

	/* most of a flood is not heard again */
	if (endpoint->first_seen.us == table->now.us)
		return;
	if (!presence || !is_plain(sighting) || !is_known(endpoint, presence, sighting) ||
	    !find_service(endpoint, sighting, &repeat.service) ||
	    /* where another one is in force, it depends on how that fares */
	    (repeat.has_url && presence->url != endpoint->url))
		return;
	repeat.lifetime = (uint32_t)(sighting->lifetime / SECONDS(1));
	table_repeats_put(table, presence, &repeat);
}

bool table_refresh_find(const struct table *table, uint64_t message, uint32_t link,
    const struct address *from, struct table_refresh *found)
{
	struct presence *presence = table_presence_first(table, from);

	for (; presence; presence = table_presence_next(presence)) {
		const struct repeat *repeat = table_repeats_find(presence, message);
		if (!repeat || presence->endpoint->link != link ||
		    !address_equal(&presence->address, from))
			continue;
		*found = (struct table_refresh){presence, repeat, repeat->kind, repeat->has_url};
		return true;
	}
	return false;
}

/* See without_taken_address() of table_observe.c, and table_address_learn_mac(). */
static bool is_mac_known(const struct presence *presence, const struct mac *mac, bool confirmed)
{
	if (!mac->known)
		return true;
	return presence->mac.known &&
	       (!confirmed || (mac_equal(&presence->mac, mac) && !presence->unsure));
}

/* Nothing of it is being asked, and the kernel says no other MAC than before. */
static bool is_settled(const struct presence *presence, const struct mac *mac, bool confirmed)
{
	return !instant_is_never(presence->reconfirmable) && is_mac_known(presence, mac, confirmed);
}

bool table_refresh_holds(
    const struct table_refresh *found, const struct mac *mac, bool confirmed, uint32_t macs)
{
	bool holds = is_settled(found->presence, mac, confirmed);

	found->presence->macs = holds && mac->known ? macs : 0;
	return holds;
}

bool table_refresh_holds_still(const struct table_refresh *found, uint32_t macs)
{
	const struct presence *presence = found->presence;

	return macs && presence->macs == macs && !instant_is_never(presence->reconfirmable);
}

/* It was heard there. */
static void renew(struct table *table, struct presence *presence, enum sighting_event event,
    int64_t lifetime, bool short_lived)
{
	struct endpoint *endpoint = presence->endpoint;

	table_presence_renew(table, presence, event, table_promise(table, lifetime, short_lived));
	endpoint->last_seen = endpoint->device->last_seen = table->now;
}

static void end_renewal(struct table *table, struct endpoint *endpoint)
{
	table_endpoint_settle(table, endpoint);
	if (table_claims_check(table, endpoint))
		table_ties_update(table, endpoint);
	table_counted(table, COUNT_REFRESHED);
	table_settle(table);
}

const struct endpoint *table_refresh_take(
    struct table *table, struct instant now, const struct table_refresh *found)
{
	const struct repeat *repeat = found->repeat;
	struct presence *presence = found->presence;
	struct endpoint *endpoint = presence->endpoint;

	table->now = now;
	renew(table, presence, repeat->asked ? SIGHTING_ASKED : SIGHTING_ALIVE,
	    SECONDS(repeat->lifetime), false);
	if (repeat->has_url)
		endpoint->url_expires = presence->expires;
	if (repeat->service != REPEAT_NO_SERVICE)
		table_service_renew(&endpoint->services[repeat->service], presence->expires);
	end_renewal(table, endpoint);
	return endpoint;
}

bool table_refresh_renew(struct table *table, struct instant now, const struct renewal *renewal,
    const struct mac *mac, bool confirmed)
{
	struct endpoint *endpoint = table_endpoint_find(table, renewal->endpoint);
	struct presence *presence;

	if (!endpoint || endpoint->changes != renewal->changes || endpoint->link != renewal->link)
		return false;
	presence = endpoint_find_presence(endpoint, &renewal->from);
	if (!presence || !is_settled(presence, mac, confirmed))
		return false;
	table->now = now;
	renew(table, presence, SIGHTING_ALIVE, renewal->lifetime, true);
	for (size_t i = 0; i < endpoint->service_count; i++)
		if (renewal_has_service(renewal, i))
			table_service_renew(&endpoint->services[i], presence->expires);
	end_renewal(table, endpoint);
	return true;
}
