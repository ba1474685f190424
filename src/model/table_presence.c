/* SPDX-License-Identifier: ISC
 * table_presence: what expires in a row of the table: where it was seen, and the services it
 * offers. */
#include "base/text.h"
#include "model/table_internal.h"
#include <stdlib.h>
#include <string.h>

struct device_presence *table_presence_find(
    const struct device *device, const char *protocol, const struct address *address, uint32_t link)
{
	for (size_t i = 0; i < device->presence_count; i++) {
		struct device_presence *presence = &device->presences[i];
		if (presence->link == link && address_equal(&presence->address, address) &&
		    strcmp(presence->protocol, protocol) == 0)
			return presence;
	}
	return NULL;
}

bool table_presence_learn_mac(struct device_presence *presence, const struct mac *mac)
{
	if (!mac->known || mac_equal(&presence->mac, mac))
		return false;
	presence->mac = *mac;
	return true;
}

static void remove_presence(struct device *device, size_t at)
{
	struct device_presence *gone = &device->presences[at];

	device->presence_count--;
	memmove(gone, gone + 1, (device->presence_count - at) * sizeof(*gone));
}

static void remove_service(struct device *device, size_t at)
{
	struct device_service *gone = &device->services[at];

	free(gone->usn ? gone->usn : gone->type);
	device->service_count--;
	memmove(gone, gone + 1, (device->service_count - at) * sizeof(*gone));
}

/* Services that were told by a protocol which has no presence any more. */
static void remove_orphans(struct device *device)
{
	for (size_t i = device->service_count; i-- > 0;)
		if (!device_has_protocol(device, device->services[i].protocol))
			remove_service(device, i);
}

static size_t replaceable(const struct device *device, uint64_t kept)
{
	const struct device_presence *presences = device->presences;
	size_t best = 0;

	for (size_t i = 1; i < device->presence_count; i++) {
		bool best_vouches = kept && presences[best].location == kept;
		bool vouches = kept && presences[i].location == kept;
		if (vouches == best_vouches
			? instant_before(presences[i].expires, presences[best].expires)
			: best_vouches)
			best = i;
	}
	return best;
}

struct device_presence *table_presence_add(
    struct device *device, const struct device_presence *presence, uint64_t kept)
{
	bool replaces = device->presence_count == DEVICE_PRESENCES_MAX;
	if (replaces)
		remove_presence(device, replaceable(device, kept));
	struct device_presence *presences =
	    reallocarray(device->presences, device->presence_count + 1, sizeof(*presences));
	if (!presences)
		return NULL;
	device->presences = presences;
	presences[device->presence_count++] = *presence;
	if (replaces)
		remove_orphans(device);
	return &presences[device->presence_count - 1];
}

static size_t count_matching(
    const struct device *device, table_presence_test_fn *test, const struct device_presence *like)
{
	size_t count = 0;
	for (size_t i = 0; i < device->presence_count; i++)
		count += test(&device->presences[i], like);
	return count;
}

enum table_drop table_presence_drop(
    struct device *device, table_presence_test_fn *test, const struct device_presence *like)
{
	size_t going = count_matching(device, test, like);

	if (going == device->presence_count)
		return TABLE_DROP_ALL;
	if (going == 0)
		return TABLE_DROP_NONE;
	for (size_t i = device->presence_count; i-- > 0;)
		if (test(&device->presences[i], like))
			remove_presence(device, i);
	remove_orphans(device);
	return TABLE_DROP_SOME;
}

static struct device_service *find_service(const struct device *device, struct slice type)
{
	for (size_t i = 0; i < device->service_count; i++)
		if (slice_equal(slice_of(device->services[i].type), type))
			return &device->services[i];
	return NULL;
}

/* Most USNs end with their type, which then needs no bytes of its own. */
static bool set_text(struct device_service *service, struct slice type, struct slice usn)
{
	bool shares = slice_ends_with(usn, type);
	char *text = malloc(usn.len + 1 + (shares ? 0 : type.len + 1));

	if (!text)
		return false;
	char *tail = text;
	if (usn.len > 0) {
		memcpy(text, usn.bytes, usn.len);
		text[usn.len] = '\0';
		tail += shares ? usn.len - type.len : usn.len + 1;
	}
	if (!shares) {
		memcpy(tail, type.bytes, type.len);
		tail[type.len] = '\0';
	}
	free(service->usn ? service->usn : service->type);
	service->type = tail;
	service->usn = usn.len > 0 ? text : NULL;
	return true;
}

static struct device_service *add_service(
    struct device *device, struct slice type, struct slice usn)
{
	struct device_service service = {0};
	struct device_service *services =
	    reallocarray(device->services, device->service_count + 1, sizeof(*services));

	if (!services)
		return NULL;
	device->services = services;
	if (!set_text(&service, type, usn))
		return NULL;
	services[device->service_count] = service;
	return &services[device->service_count++];
}

static void refresh_service(
    struct device_service *service, const struct sighting *sighting, struct instant expires)
{
	service->protocol = sighting->protocol;
	service->expires = instant_later(service->expires, expires);
}

/* As it came: what is kept is clean, so this is how most are found. */
static bool refresh_known(
    struct device *device, const struct sighting *sighting, struct instant expires)
{
	struct device_service *service = find_service(device, sighting->service);

	if (!service)
		return false;
	if (sighting->usn.len > 0 && !slice_equal(slice_of(service->usn), sighting->usn))
		return false;
	refresh_service(service, sighting, expires);
	return true;
}

bool table_service_vouch(struct table *table, struct device *device,
    const struct sighting *sighting, struct instant expires)
{
	char type_text[DEVICE_USN_MAX], usn_text[DEVICE_USN_MAX];

	if (sighting->service.len == 0 || refresh_known(device, sighting, expires))
		return false;
	struct slice type = {
	    type_text, text_clean(sighting->service, type_text, sizeof(type_text))};
	struct slice usn = {usn_text, text_clean(sighting->usn, usn_text, sizeof(usn_text))};
	if (type.len == 0)
		return false;
	struct device_service *service = find_service(device, type);
	if (!service && device->service_count == DEVICE_SERVICES_MAX) {
		table_counted(table, COUNT_SERVICES_REFUSED);
		return false;
	}
	bool changes = !service || (usn.len > 0 && !slice_equal(slice_of(service->usn), usn));
	bool failed = false;
	if (!service)
		service = add_service(device, type, usn);
	else if (changes)
		failed = !set_text(service, type, usn);
	if (!service || failed)
		table_counted(table, COUNT_OUT_OF_MEMORY);
	if (service)
		refresh_service(service, sighting, expires);
	return service && changes && !failed;
}

bool table_service_expire(struct device *device, struct instant now)
{
	size_t before = device->service_count;

	for (size_t i = device->service_count; i-- > 0;)
		if (instant_due(device->services[i].expires, now))
			remove_service(device, i);
	return device->service_count != before;
}

void table_service_clear(struct device *device)
{
	while (device->service_count > 0)
		remove_service(device, device->service_count - 1);
}

struct instant table_presence_deadline(const struct device *device)
{
	struct instant deadline = INSTANT_NEVER;

	for (size_t i = 0; i < device->presence_count; i++)
		deadline = instant_earlier(deadline, device->presences[i].expires);
	for (size_t i = 0; i < device->service_count; i++)
		deadline = instant_earlier(deadline, device->services[i].expires);
	return deadline;
}
