/* SPDX-License-Identifier: ISC
 * table_merge: what a sighting changes in what is known about a device. */
#include "base/array.h"
#include "base/text.h"
#include "model/table_internal.h"
#include <stdlib.h>
#include <string.h>

struct fact_source {
	enum device_fact fact;
	size_t offset; /* of the slice in struct sighting */
	size_t capacity;
};

static const struct fact_source FROM_MESSAGES[] = {
    {DEVICE_BROADCAST_NAME, offsetof(struct sighting, name), DEVICE_TEXT_MAX},
    {DEVICE_TYPE, offsetof(struct sighting, type), DEVICE_USN_MAX},
    {DEVICE_SERVER, offsetof(struct sighting, server), DEVICE_TEXT_MAX},
};

static const struct fact_source FROM_DESCRIPTION[] = {
    {DEVICE_FRIENDLY_NAME, offsetof(struct sighting, name), DEVICE_TEXT_MAX},
    {DEVICE_TYPE, offsetof(struct sighting, type), DEVICE_USN_MAX},
    {DEVICE_MANUFACTURER, offsetof(struct sighting, manufacturer), DEVICE_TEXT_MAX},
    {DEVICE_MODEL, offsetof(struct sighting, model), DEVICE_TEXT_MAX},
    {DEVICE_SERIAL, offsetof(struct sighting, serial), DEVICE_TEXT_MAX},
    {DEVICE_PRESENTATION_URL, offsetof(struct sighting, presentation_url), DEVICE_URL_MAX},
};

/* Keeps a cleaned copy of `value`, without touching memory where it is the same as before. */
static bool set_fact(struct table *table, struct device *device, enum device_fact fact,
    struct slice value, size_t capacity)
{
	char text[DEVICE_URL_MAX];
	struct slice old = slice_of(device->facts[fact]);

	if (value.len == 0 || slice_equal(old, value))
		return false;
	struct slice clean = {text, text_clean(value, text, capacity)};
	if (clean.len == 0 || slice_equal(old, clean))
		return false;
	char *copy = slice_dup(clean);
	if (!copy) {
		table_counted(table, COUNT_OUT_OF_MEMORY);
		return false;
	}
	free(device->facts[fact]);
	device->facts[fact] = copy;
	return true;
}

bool table_merge_facts(struct table *table, struct device *device, const struct sighting *sighting)
{
	bool described = sighting->event == SIGHTING_FACTS;
	const struct fact_source *rows = described ? FROM_DESCRIPTION : FROM_MESSAGES;
	size_t count = described ? COUNT_OF(FROM_DESCRIPTION) : COUNT_OF(FROM_MESSAGES);
	bool changed = false;

	for (size_t i = 0; i < count; i++) {
		enum device_fact fact = rows[i].fact;
		const struct slice *value = (const void *)((const char *)sighting + rows[i].offset);
		/* A question fills in what is not known: programs on one host ask by different
		 * names. */
		if (sighting->event == SIGHTING_SEARCHED && device->facts[fact])
			continue;
		/* The description knows best what the device is. */
		if (fact == DEVICE_TYPE && device->described && !described)
			continue;
		if (fact == DEVICE_TYPE && described && value->len > 0)
			device->described = true;
		changed |= set_fact(table, device, fact, *value, rows[i].capacity);
	}
	return changed;
}

/* UDA 2.0, 1.2.2: a device that went and came back without our hearing it. */
static void reboot(struct table *table, struct device *device)
{
	table_counted(table, COUNT_REBOOTS);
	table_service_clear(device);
	for (size_t i = 0; i < COUNT_OF(FROM_DESCRIPTION); i++) {
		enum device_fact fact = FROM_DESCRIPTION[i].fact;
		if (fact == DEVICE_TYPE && !device->described)
			continue;
		free(device->facts[fact]);
		device->facts[fact] = NULL;
	}
	device->described = false;
}

static bool set_number(bool *known, uint32_t *value, const struct sighting_number *number)
{
	if (!number->known || (*known && *value == number->value))
		return false;
	*known = true;
	*value = number->value;
	return true;
}

bool table_merge_numbers(
    struct table *table, struct device *device, const struct sighting *sighting)
{
	const struct sighting_number *boot = &sighting->boot_id, *next = &sighting->next_boot_id;
	bool update = sighting->event == SIGHTING_UPDATE && next->known;
	bool taken_over = update && device->has_boot_id && device->boot_id == next->value;

	/* The same update comes once per link, so the second one names a number that is past. */
	if (boot->known && device->has_boot_id && device->boot_id != boot->value && !taken_over)
		reboot(table, device);
	bool changed = set_number(&device->has_boot_id, &device->boot_id, update ? next : boot);
	return set_number(&device->has_config_id, &device->config_id, &sighting->config_id) ||
	       changed;
}

static uint64_t hash_location(const struct table *table, struct slice location)
{
	return hashmap_hash(&table->by_id, location);
}

uint64_t table_merge_standing_location(const struct table *table, const struct device *device)
{
	const char *location = device->facts[DEVICE_LOCATION];
	return location ? hash_location(table, slice_of(location)) : 0;
}

static bool is_same_place(const struct device_presence *a, const struct device_presence *b)
{
	return a->link == b->link && address_equal(&a->address, &b->address);
}

/* Whether the LOCATION in force stands against what `presence` says. */
static bool stands(
    struct table *table, const struct device *device, const struct device_presence *presence)
{
	uint64_t standing = table_merge_standing_location(table, device);
	bool kept = false, conflict = false;

	for (size_t i = 0; standing && i < device->presence_count; i++) {
		const struct device_presence *other = &device->presences[i];
		if (other->location != standing || is_same_place(other, presence))
			continue;
		kept = true;
		if (other->link == presence->link &&
		    other->address.family == presence->address.family)
			conflict = true;
	}
	if (conflict)
		table_counted(table, COUNT_LOCATION_CONFLICTS);
	return kept;
}

bool table_merge_location(struct table *table, struct device *device,
    struct device_presence *presence, const struct sighting *sighting)
{
	struct slice standing = slice_of(device->facts[DEVICE_LOCATION]);
	struct slice location = sighting->location;
	char text[DEVICE_URL_MAX];

	if (!slice_equal(location, standing))
		location = (struct slice){text, text_clean(location, text, sizeof(text))};
	if (location.len == 0)
		return false;
	presence->location = hash_location(table, location);
	if (slice_equal(location, standing) || stands(table, device, presence))
		return false;
	return set_fact(table, device, DEVICE_LOCATION, location, sizeof(text));
}
