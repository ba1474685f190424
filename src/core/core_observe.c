/* SPDX-License-Identifier: ISC
 * core_observe: puts sightings into the table, with the MAC of their senders. */
#include "core/core_internal.h"

/* A newcomer is answered, asked or fetched from: then the kernel asks for its MAC. */
static bool may_learn_mac(const struct core *core, const struct sighting *sighting)
{
	const struct link *link = link_set_find(&core->all, sighting->link);

	return link && link->mac.known && !link_set_has_address(&core->all, &sighting->from);
}

const struct endpoint *core_observe(
    struct core *core, struct instant now, const struct sighting *said)
{
	const struct core_host *host = &core->host;
	const struct endpoint *endpoint;
	struct sighting sighting = *said;
	bool confirmed = false;

	if (!sighting.mac.known && !address_is_none(&sighting.from)) {
		sighting.mac =
		    host->find_mac(host->context, sighting.link, &sighting.from, &confirmed);
		sighting.mac_unsure = sighting.mac.known && !confirmed;
		sighting.mac_awaited = !sighting.mac.known && may_learn_mac(core, &sighting);
	}
	int result = table_observe(core->table, now, &sighting, &endpoint);
	if (host->sighted)
		host->sighted(host->context, now, &sighting, result);
	if (result || !endpoint)
		return NULL;
	if (sighting.answers_us && host->answered)
		host->answered(host->context, now, endpoint);
	return endpoint;
}
