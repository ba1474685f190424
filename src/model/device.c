/* SPDX-License-Identifier: ISC
 * device: answers about one row of the table. */
#include "model/device.h"
#include "base/array.h"
#include <string.h>

const char *device_name(const struct device *device)
{
	static const enum device_fact FACTS[] = {
	    DEVICE_FRIENDLY_NAME, DEVICE_BROADCAST_NAME, DEVICE_MODEL, DEVICE_MANUFACTURER};

	for (size_t i = 0; i < COUNT_OF(FACTS); i++)
		if (device->facts[FACTS[i]])
			return device->facts[FACTS[i]];
	return NULL;
}

/* The greater, the better to be shown by. */
static int rank(const struct device *device, const struct device_presence *presence)
{
	return 2 * (presence->address.family == ADDRESS_IPV4) +
	       address_equal(&presence->address, &device->shown_as);
}

const struct device_presence *device_main_presence(const struct device *device)
{
	const struct device_presence *best = NULL;

	for (size_t i = 0; i < device->presence_count; i++)
		if (!best || rank(device, &device->presences[i]) > rank(device, best))
			best = &device->presences[i];
	return best;
}

struct instant device_expires(const struct device *device)
{
	struct instant latest = {0};

	for (size_t i = 0; i < device->presence_count; i++)
		latest = instant_later(latest, device->presences[i].expires);
	return latest;
}

bool device_has_protocol(const struct device *device, const char *protocol)
{
	for (size_t i = 0; i < device->presence_count; i++)
		if (strcmp(device->presences[i].protocol, protocol) == 0)
			return true;
	return false;
}

bool device_has_address(const struct device *device, const struct address *address, uint32_t link)
{
	for (size_t i = 0; i < device->presence_count; i++)
		if (device->presences[i].link == link &&
		    address_equal(&device->presences[i].address, address))
			return true;
	return false;
}

struct mac device_mac(const struct device *device, const struct address *address, uint32_t link)
{
	for (size_t i = 0; i < device->presence_count; i++) {
		const struct device_presence *presence = &device->presences[i];
		if (presence->mac.known && presence->link == link &&
		    address_equal(&presence->address, address))
			return presence->mac;
	}
	return (struct mac){0};
}
