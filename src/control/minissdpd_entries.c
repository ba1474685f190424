/* SPDX-License-Identifier: ISC
 * minissdpd_entries: a device of the table as the entries that minissdpd would list for it. */
#include "control/minissdpd_entries.h"
#include <string.h>

#define PROTOCOL "ssdp"

/* What stands before the services of an endpoint. */
enum { PLACE_ROOT, PLACE_UDN, PLACE_TYPE, PLACE_SERVICES };

static bool is_listed(const struct endpoint *endpoint)
{
	return endpoint->is_device && endpoint->url && key_joins(&endpoint->key) &&
	       strcmp(endpoint->protocol->name, PROTOCOL) == 0;
}

/* The same id at another address or link is listed once, as minissdpd knows a device by its USN. */
static bool is_listed_before(const struct device *device, const struct endpoint *endpoint)
{
	const struct endpoint *other;

	TAILQ_FOREACH(other, &device->endpoints, of_device)
	{
		if (other == endpoint)
			return false;
		if (is_listed(other) && key_equal(&other->key, &endpoint->key))
			return true;
	}
	return false;
}

/* This endpoint, or else the next one that is listed. */
static void settle(struct minissdpd_entries *entries)
{
	const struct endpoint *endpoint = entries->endpoint;

	while (endpoint && (!is_listed(endpoint) || is_listed_before(entries->device, endpoint)))
		endpoint = TAILQ_NEXT(endpoint, of_device);
	entries->endpoint = endpoint;
	entries->next = PLACE_ROOT;
}

void minissdpd_entries_begin(struct minissdpd_entries *entries, const struct device *device)
{
	entries->device = device;
	entries->endpoint = TAILQ_FIRST(&device->endpoints);
	settle(entries);
}

/* UDA 2.0, 1.2.2: "uuid:X::NT". */
static struct slice usn_of(struct minissdpd_entries *entries, struct slice udn, struct slice target)
{
	struct writer w;

	writer_init(&w, entries->usn, sizeof(entries->usn));
	writer_slice(&w, udn);
	if (!slice_equal(udn, target)) {
		writer_text(&w, "::");
		writer_slice(&w, target);
	}
	return writer_result(&w);
}

/* Its type is announced, and was not already by an earlier service of the endpoint. */
static bool is_announced(const struct endpoint *endpoint, size_t index)
{
	const struct service *service = &endpoint->services[index];

	for (size_t i = 0; i < index; i++)
		if (endpoint->services[i].type == service->type &&
		    !instant_is_never(endpoint->services[i].expires))
			return false;
	return !instant_is_never(service->expires);
}

/* What stands at this place, SLICE_NONE where nothing does. */
static struct slice target_at(const struct endpoint *endpoint, size_t place, struct slice udn)
{
	switch (place) {
	case PLACE_ROOT:
		return endpoint->primary ? SLICE("upnp:rootdevice") : SLICE_NONE;
	case PLACE_UDN:
		return udn;
	case PLACE_TYPE:
		return slice_of(endpoint_fact(endpoint, FACT_TYPE));
	default:
		place -= PLACE_SERVICES;
		return is_announced(endpoint, place) ? slice_of(endpoint->services[place].type)
						     : SLICE_NONE;
	}
}

bool minissdpd_entries_next(struct minissdpd_entries *entries, struct minissdpd_entry *entry)
{
	for (const struct endpoint *endpoint; (endpoint = entries->endpoint);) {
		if (entries->next == PLACE_SERVICES + (size_t)endpoint->service_count) {
			entries->endpoint = TAILQ_NEXT(endpoint, of_device);
			settle(entries);
			continue;
		}
		struct slice udn = slice_of(endpoint_key_text(endpoint, entries->udn));
		struct slice target = target_at(endpoint, entries->next++, udn);
		if (!target.len)
			continue;
		entry->location = slice_of(endpoint->url);
		entry->st = target;
		entry->usn = usn_of(entries, udn, target);
		return true;
	}
	return false;
}
