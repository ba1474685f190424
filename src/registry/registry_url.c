/* SPDX-License-Identifier: ISC
 * registry_url: which of the descriptions that an endpoint announces counts.
 *
 * A host on two networks announces one URL on each, and some announce two by turns. The one that
 * was taken first stands as long as it is announced and answers; another one that is said at the
 * same address has it checked. */
#include "registry/registry_internal.h"
#include <string.h>

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
    struct registry *registry, struct endpoint *endpoint, const char *url, struct instant expires)
{
	registry_set_string(registry, endpoint, &endpoint->url, slice_of(url), ENDPOINT_URL_MAX);
	endpoint->url_expires = expires;
}

void registry_url_take(struct registry *registry, struct endpoint *endpoint,
    struct presence *presence, const struct sighting *sighting)
{
	const char *said = presence->url;

	if (sighting->url.len == 0 || !said)
		return;
	if (!endpoint->url || endpoint->url == said) {
		change(registry, endpoint, said, presence->expires);
		return;
	}
	if (find_supporter(endpoint, endpoint->url, presence))
		return;
	if (!endpoint->described || instant_due(endpoint->url_expires, registry->now)) {
		change(registry, endpoint, said, presence->expires);
		return;
	}
	if (endpoint->next_url == said)
		return;
	registry_set_string(
	    registry, endpoint, &endpoint->next_url, slice_of(said), ENDPOINT_URL_MAX);
	if (registry->listener.check_url)
		registry->listener.check_url(registry->listener.context, endpoint);
}

bool registry_url_failed(struct registry *registry, struct endpoint *endpoint)
{
	char url[ENDPOINT_URL_MAX];

	if (!endpoint->next_url || endpoint->next_url == endpoint->url)
		return false;
	strcpy(url, endpoint->next_url);
	change(registry, endpoint, url, endpoint_expires(endpoint));
	return true;
}

void registry_url_fall_back(struct registry *registry, struct endpoint *endpoint)
{
	const struct presence *presence;

	if (!endpoint->url || find_supporter(endpoint, endpoint->url, NULL))
		return;
	STAILQ_FOREACH(presence, &endpoint->presences, next)
	{
		if (!presence->url)
			continue;
		change(registry, endpoint, presence->url, presence->expires);
		return;
	}
}
