/* SPDX-License-Identifier: ISC
 * endpoint: see endpoint.h. */
#include "model/endpoint.h"
#include "base/mac.h"
#include <stdio.h>

const char *endpoint_fact(const struct endpoint *endpoint, enum endpoint_fact fact)
{
	unsigned bit = 1u << fact;

	if (!(endpoint->fact_set & bit))
		return NULL;
	return endpoint->fact_texts[__builtin_popcount(endpoint->fact_set & (bit - 1))];
}

struct instant endpoint_expires(const struct endpoint *endpoint)
{
	struct instant latest = {0};
	const struct presence *presence;

	STAILQ_FOREACH(presence, &endpoint->presences, next)
	latest = instant_later(latest, presence->expires);
	return latest;
}

struct presence *endpoint_find_presence(
    const struct endpoint *endpoint, const struct address *address)
{
	struct presence *presence;

	STAILQ_FOREACH(presence, &endpoint->presences, next)
	if (address_equal(&presence->address, address))
		return presence;
	return NULL;
}

bool endpoint_has_mac(const struct endpoint *endpoint, const struct mac *mac)
{
	const struct presence *presence;

	STAILQ_FOREACH(presence, &endpoint->presences, next)
	if (presence->mac.known && mac_equal(&presence->mac, mac))
		return true;
	return false;
}

struct service *endpoint_find_service(
    const struct endpoint *endpoint, struct slice type, struct slice key)
{
	for (size_t i = 0; i < endpoint->service_count; i++) {
		struct service *service = &endpoint->services[i];
		if (slice_equal(slice_of(service->type), type) &&
		    (key.len == 0 || !service->key || slice_equal(slice_of(service->key), key)))
			return service;
	}
	return NULL;
}

const char *endpoint_key_text(const struct endpoint *endpoint, char buffer[KEY_TEXT_MAX])
{
	if (endpoint->key.kind == KEY_ADDRESS)
		return address_text(&STAILQ_FIRST(&endpoint->presences)->address, buffer);
	if (endpoint->key.text.len == 0) {
		key_format(&endpoint->key, buffer);
		return buffer;
	}
	snprintf(buffer, KEY_TEXT_MAX, "%.*s", SLICE_ARGS(endpoint->key.text));
	return buffer;
}
