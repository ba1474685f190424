/* SPDX-License-Identifier: ISC
 * table_url: which of the descriptions that an endpoint announces counts.
 *
 * A host on two networks announces one URL on each, and some announce two by turns. The one that
 * was taken first stands as long as it is announced and answers; another one that is said at the
 * same address has it checked. */
#include "model/table_internal.h"

static const struct presence *find_supporter(
    const struct endpoint *endpoint, const char *url, const struct presence *except)
{
	const struct presence *presence;

	STAILQ_FOREACH(presence, &endpoint->presences, next)
	if (presence != except && presence->url && presence->url == url)
		return presence;
	return NULL;
}

/* It takes the place of the one that counts. */
static void change(
    struct table *table, struct endpoint *endpoint, const char *url, struct instant expires)
{
	table_share_string(table, endpoint, &endpoint->url, url);
	endpoint->url_expires = expires;
}

void table_url_take(struct table *table, struct endpoint *endpoint, struct presence *presence,
    const struct sighting *sighting)
{
	const char *said = presence->url;

	if (sighting->url.len == 0 || !said)
		return;
	if (!endpoint->url || endpoint->url == said) {
		change(table, endpoint, said, presence->expires);
		return;
	}
	if (find_supporter(endpoint, endpoint->url, presence))
		return;
	if (!endpoint->described || instant_due(endpoint->url_expires, table->now)) {
		change(table, endpoint, said, presence->expires);
		return;
	}
	if (endpoint->next_url == said)
		return;
	table_share_string(table, endpoint, &endpoint->next_url, said);
	if (table->listener.check_url)
		table->listener.check_url(table->listener.context, endpoint);
}

bool table_url_failed(struct table *table, struct endpoint *endpoint)
{
	if (!endpoint->next_url || endpoint->next_url == endpoint->url)
		return false;
	change(table, endpoint, endpoint->next_url, endpoint_expires(endpoint));
	return true;
}

void table_url_fall_back(struct table *table, struct endpoint *endpoint)
{
	const struct presence *presence;

	if (!endpoint->url || find_supporter(endpoint, endpoint->url, NULL))
		return;
	STAILQ_FOREACH(presence, &endpoint->presences, next)
	{
		if (!presence->url)
			continue;
		change(table, endpoint, presence->url, presence->expires);
		if (table->listener.check_url)
			table->listener.check_url(table->listener.context, endpoint);
		return;
	}
}
