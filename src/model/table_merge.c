/* SPDX-License-Identifier: ISC
 * table_merge: what a sighting changes in what is known about a device. */
#include "base/array.h"
#include "base/text.h"
#include "model/table_internal.h"
#include <stdlib.h>
#include <string.h>

/* Answers wait for up to 5 s (UDA 2.0, 1.3.2). */
#define LATE_TIME SECONDS(5)

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

/* What another description does not say any more. The type stays: messages say it too. */
static bool forget_undescribed(struct device *device, const struct fact_source *row)
{
	if (row->fact == DEVICE_TYPE || !device->facts[row->fact])
		return false;
	free(device->facts[row->fact]);
	device->facts[row->fact] = NULL;
	return true;
}

/* Nothing of it is visible yet, so that another page is no change. */
static void set_page(struct table *table, struct device *device, const struct device_page *page)
{
	free(device->page);
	device->page = page ? device_page_copy(page) : NULL;
	if (page && !device->page)
		table_counted(table, COUNT_OUT_OF_MEMORY);
}

bool table_merge_facts(struct table *table, struct device *device, const struct sighting *sighting)
{
	bool described = sighting->event == SIGHTING_FACTS;
	const struct fact_source *rows = described ? FROM_DESCRIPTION : FROM_MESSAGES;
	size_t count = described ? COUNT_OF(FROM_DESCRIPTION) : COUNT_OF(FROM_MESSAGES);
	bool changed = sighting->root && !device->root;

	device->root |= sighting->root;
	if (described)
		set_page(table, device, sighting->page);
	for (size_t i = 0; i < count; i++) {
		enum device_fact fact = rows[i].fact;
		const struct slice *value = (const void *)((const char *)sighting + rows[i].offset);
		/* A question fills in what is not known: programs on one host ask by different
		 * names. */
		if (sighting->event == SIGHTING_SEARCHED && device->facts[fact])
			continue;
		/* The description knows best what the device is. Without it the first type after a
		 * boot stays: some stacks announce embedded devices under the UDN of the root. */
		if (fact == DEVICE_TYPE && !described && (device->described || device->typed))
			continue;
		if (fact == DEVICE_TYPE && value->len > 0)
			*(described ? &device->described : &device->typed) = true;
		if (described && value->len == 0)
			changed |= forget_undescribed(device, &rows[i]);
		else
			changed |= set_fact(table, device, fact, *value, rows[i].capacity);
	}
	return changed;
}

/* UDA 2.0, 1.2.2: a device that went and came back without our hearing it. It may also be one whose
 * ssdp:update was lost, so it keeps its name until its description is read again. */
static void reboot(struct table *table, struct device *device)
{
	table_counted(table, COUNT_REBOOTS);
	table_service_clear(device);
	device->described = device->typed = false;
}

static bool set_number(bool *known, uint32_t *value, const struct sighting_number *number)
{
	if (!number->known || (*known && *value == number->value))
		return false;
	*known = true;
	*value = number->value;
	return true;
}

/* Messages of two protocols are read from two sockets, in any order: a number that another protocol
 * says before its change is announced is no reboot. */
static bool has_other_numbers(const struct device *device, const struct sighting *sighting)
{
	return sighting->secondary_numbers && device->numbered_by &&
	       device_has_protocol(device, device->numbered_by);
}

/* Sent before the update and read after it: the two families, and answers, have sockets of their
 * own. */
static bool is_late(
    const struct table *table, const struct device *device, const struct sighting *sighting)
{
	return sighting->event == SIGHTING_ALIVE && sighting->boot_id.known &&
	       instant_before(table->now, device->former_until) &&
	       sighting->boot_id.value == device->former_boot_id;
}

bool table_merge_numbers(
    struct table *table, struct device *device, const struct sighting *sighting)
{
	if (has_other_numbers(device, sighting) || is_late(table, device, sighting))
		return false;
	if (sighting->boot_id.known)
		device->numbered_by = sighting->secondary_numbers ? NULL : sighting->protocol;
	const struct sighting_number *boot = &sighting->boot_id, *next = &sighting->next_boot_id;
	bool update = sighting->event == SIGHTING_UPDATE && next->known;
	bool taken_over = update && device->has_boot_id && device->boot_id == next->value;

	/* The same update comes once per link, so the second one names a number that is past. */
	if (boot->known && device->has_boot_id && device->boot_id != boot->value && !taken_over)
		reboot(table, device);
	if (update && device->has_boot_id && device->boot_id != next->value) {
		device->former_boot_id = device->boot_id;
		device->former_until = instant_add(table->now, LATE_TIME);
	}
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

static const struct device_presence *find_voucher(const struct device *device, uint64_t location)
{
	for (size_t i = 0; location && i < device->presence_count; i++)
		if (device->presences[i].location == location)
			return &device->presences[i];
	return NULL;
}

enum standing { STANDS_NOT, STANDS, STANDS_IN_CONFLICT };

/* Whether the LOCATION with this hash stands against what `presence` says. */
static enum standing standing_against(
    const struct device *device, uint64_t location, const struct device_presence *presence)
{
	enum standing standing = STANDS_NOT;

	for (size_t i = 0; location && i < device->presence_count; i++) {
		const struct device_presence *other = &device->presences[i];
		if (other->location != location || is_same_place(other, presence))
			continue;
		if (table_doubt_is_rival(other, presence))
			return STANDS_IN_CONFLICT;
		standing = STANDS;
	}
	return standing;
}

/* One LOCATION is kept besides the one in force: the latest that was in conflict with it, for that
 * may turn out to be true in a moment, or else the first that somebody vouches for. */
static void keep_for_later(struct table *table, struct device *device, struct slice location,
    uint64_t in_force, bool conflict)
{
	struct slice kept = slice_of(device->facts[DEVICE_NEXT_LOCATION]);

	if (slice_equal(kept, location))
		return;
	uint64_t hash = kept.len > 0 ? hash_location(table, kept) : 0;
	if (conflict || hash == in_force || !find_voucher(device, hash))
		set_fact(table, device, DEVICE_NEXT_LOCATION, location, DEVICE_URL_MAX);
}

bool table_merge_location(struct table *table, struct device *device,
    struct device_presence *presence, const struct sighting *sighting)
{
	struct slice in_force = slice_of(device->facts[DEVICE_LOCATION]);
	struct slice location = sighting->location;
	char text[DEVICE_URL_MAX];

	if (!slice_equal(location, in_force))
		location = (struct slice){text, text_clean(location, text, sizeof(text))};
	if (location.len == 0)
		return false;
	presence->location = hash_location(table, location);
	if (slice_equal(location, in_force))
		return false;
	uint64_t hash = table_merge_standing_location(table, device);
	enum standing standing = standing_against(device, hash, presence);
	if (standing == STANDS_NOT)
		return set_fact(table, device, DEVICE_LOCATION, location, sizeof(text));
	keep_for_later(table, device, location, hash, standing == STANDS_IN_CONFLICT);
	if (standing == STANDS_IN_CONFLICT) {
		table_counted(table, COUNT_LOCATION_CONFLICTS);
		table_doubt(table, device, presence, hash);
	}
	return false;
}

void table_merge_fall_back(struct table *table, struct device *device)
{
	char **in_force = &device->facts[DEVICE_LOCATION];
	char **next = &device->facts[DEVICE_NEXT_LOCATION];

	if (!*next || find_voucher(device, hash_location(table, slice_of(*in_force))))
		return;
	const struct device_presence *said =
	    find_voucher(device, hash_location(table, slice_of(*next)));
	if (!said)
		return;
	free(*in_force);
	*in_force = *next;
	*next = NULL;
	/* What the description said belongs to the old place; the answer has it read again. Each
	 * protocol is asked, since the numbers of one alone count. */
	for (size_t i = 0; i < device->presence_count; i++)
		if (device->presences[i].location == said->location)
			table_doubt_ask(table, device, &device->presences[i]);
}
