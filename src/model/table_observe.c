/* SPDX-License-Identifier: ISC
 * table_observe: what each kind of sighting does to the table; one function per kind. */
#include "model/table_internal.h"
#include <errno.h>
#include <string.h>

static int64_t clamp_lifetime(const struct table_limits *limits, int64_t lifetime)
{
	if (lifetime < limits->lifetime_min)
		return limits->lifetime_min;
	return lifetime < limits->lifetime_max ? lifetime : limits->lifetime_max;
}

/* Refuses a newcomer or makes room for it, without allocating anything. */
static int make_room(struct table *table, const struct sighting *sighting, uint64_t source)
{
	if (table_source_held_by(table, sighting) >= table->limits.devices_per_source) {
		table_counted(table, COUNT_REFUSED_SOURCE);
		return -ENOSPC;
	}
	while (table_count(table) >= table->limits.devices) {
		struct device *victim = table_source_victim(table, source);
		if (!victim) {
			table_counted(table, COUNT_REFUSED_FULL);
			return -ENOSPC;
		}
		table_counted(table, COUNT_EVICTED);
		table_remove_row(table, victim);
	}
	return 0;
}

/* What a sighting says about where somebody is, and until when. */
static struct device_presence presence_of(
    const struct table *table, struct instant now, const struct sighting *sighting)
{
	int64_t lifetime = clamp_lifetime(&table->limits, sighting->lifetime);

	return (struct device_presence){
	    .protocol = sighting->protocol,
	    .address = sighting->from,
	    .network = sighting->network,
	    .search_port = sighting->search_port,
	    .link = sighting->link,
	    .expires = instant_add(now, lifetime),
	    .mac = sighting->mac,
	};
}

static int add_newcomer(struct table *table, struct instant now, const struct sighting *sighting,
    const struct table_identity *identity, struct device **row)
{
	uint64_t source = table_source_key(table, sighting);
	struct device_presence presence = presence_of(table, now, sighting);
	int error = make_room(table, sighting, source);

	if (error < 0)
		return error;
	*row = table_add_row(table, identity, source, &presence);
	if (!*row) {
		table_counted(table, COUNT_OUT_OF_MEMORY);
		return -ENOMEM;
	}
	(*row)->kind = DEVICE_KIND_CONTROL_POINT;
	(*row)->counted_by_mac = sighting->mac.known;
	(*row)->first_seen = now;
	return 0;
}

/* Returns the presence in the row that is like `seen`, added (*changed) or refreshed. NULL when out
 * of memory. */
static struct device_presence *refresh_presence(struct table *table, struct device *device,
    const struct device_presence *seen, bool asked, bool *changed)
{
	struct device_presence *presence =
	    table_presence_find(device, seen->protocol, &seen->address, seen->link);

	if (!presence) {
		*changed = true;
		return table_presence_add(
		    device, seen, table_merge_standing_location(table, device));
	}
	/* Who asks promises nothing, so it shortens no promise. */
	presence->expires = asked ? instant_later(presence->expires, seen->expires) : seen->expires;
	if (!asked)
		presence->search_port = seen->search_port;
	*changed |= table_presence_learn_mac(presence, &seen->mac);
	table_doubt_settle(table, presence);
	return presence;
}

/* The address that a nameless device is shown by: of IPv4 where it has one. It changes only while
 * the device says that it is there, so one that leaves address by address keeps its name. */
static bool choose_shown_address(struct device *device)
{
	const struct address *chosen = &device_main_presence(device)->address;

	if (address_equal(chosen, &device->shown_as))
		return false;
	device->shown_as = *chosen;
	return true;
}

static bool become_device(struct device *device, const struct sighting *sighting)
{
	if (sighting->event != SIGHTING_ALIVE || device->kind == DEVICE_KIND_DEVICE)
		return false;
	device->kind = DEVICE_KIND_DEVICE;
	return true;
}

/* SIGHTING_ALIVE and SIGHTING_SEARCHED. */
static int take_presence(struct table *table, struct instant now, const struct sighting *sighting,
    const struct table_identity *identity, struct device **row)
{
	bool is_new = !*row, changed = false;
	int error = is_new ? add_newcomer(table, now, sighting, identity, row) : 0;

	if (error < 0)
		return error;
	struct device *device = *row;
	struct device_presence seen = presence_of(table, now, sighting);
	struct device_presence *presence =
	    refresh_presence(table, device, &seen, sighting->event == SIGHTING_SEARCHED, &changed);
	if (!presence) {
		table_counted(table, COUNT_OUT_OF_MEMORY);
		table_settle(table, device);
		return -ENOMEM;
	}
	device->last_seen = now;
	changed |= become_device(device, sighting);
	changed |= choose_shown_address(device) && !device_name(device);
	table_source_learn_mac(table, device, presence);
	bool contested = table_doubt_is_contested(table, device, presence);
	changed |= !contested && table_merge_numbers(table, device, sighting);
	changed |= table_merge_location(table, device, presence, sighting);
	changed |= !contested && table_merge_facts(table, device, sighting);
	changed |= !contested && table_service_vouch(table, device, sighting, seen.expires);
	table_settle(table, device);
	table_tell(table, is_new ? TABLE_ADDED : changed ? TABLE_UPDATED : TABLE_REFRESHED, device);
	return 0;
}

static int take_update(struct table *table, struct instant now, const struct sighting *sighting,
    const struct table_identity *identity, struct device **row)
{
	(void)identity;
	if (!*row)
		return -ENOENT;
	const struct device_presence *place =
	    table_presence_find(*row, sighting->protocol, &sighting->from, sighting->link);
	if (!place || table_doubt_is_contested(table, *row, place))
		return -EPERM;
	(*row)->last_seen = now;
	bool changed = table_merge_numbers(table, *row, sighting);
	table_settle(table, *row);
	table_tell(table, changed ? TABLE_UPDATED : TABLE_REFRESHED, *row);
	return 0;
}

static int take_facts(struct table *table, struct instant now, const struct sighting *sighting,
    const struct table_identity *identity, struct device **row)
{
	(void)identity;
	if (!*row)
		return -ENOENT;
	(*row)->last_seen = now;
	bool changed = table_merge_facts(table, *row, sighting);
	changed |= table_source_set_reachable(table, *row, DEVICE_REACHABLE_YES);
	table_tell(table, changed ? TABLE_UPDATED : TABLE_REFRESHED, *row);
	return 0;
}

static bool is_presence(const struct device_presence *presence, const struct device_presence *like)
{
	return presence->link == like->link && address_equal(&presence->address, &like->address) &&
	       strcmp(presence->protocol, like->protocol) == 0;
}

/* UDA 2.0, 1.2.3: one goodbye takes the whole tree away. Embedded devices have a uuid of their own,
 * but one description speaks for all, so they are those of the same source that said the same
 * LOCATION at the same place. */
static void drop_tree(
    struct table *table, const struct device *root, const struct device_presence *like)
{
	struct device *next;

	for (struct device *device = root->source->devices; device; device = next) {
		next = device->source_next;
		const struct device_presence *presence =
		    table_presence_find(device, like->protocol, &like->address, like->link);
		if (device == root || !presence || presence->location != like->location)
			continue;
		table_settle_or_remove(
		    table, device, table_presence_drop(device, is_presence, like));
	}
}

/* A goodbye that was said where the device was not seen by this protocol. */
static int take_bye_from_elsewhere(
    struct table *table, struct device *device, const struct sighting *sighting, bool doubted)
{
	if (doubted) {
		table_settle(table, device);
		return 0;
	}
	if (device_has_address(device, &sighting->from, sighting->link))
		return -ENOENT;
	table_counted(table, COUNT_BYES_REFUSED);
	return -EPERM;
}

static int take_bye(struct table *table, struct instant now, const struct sighting *sighting,
    const struct table_identity *identity, struct device **row)
{
	struct device *device = *row;

	(void)identity;
	if (!device)
		return -ENOENT;
	struct device_presence like = presence_of(table, now, sighting);
	/* Anybody can say first that the device is where he is, and then goodbye from there: that
	 * must not take away what was seen at other addresses. */
	bool doubted = table_doubt(table, device, &like, 0);
	const struct device_presence *leaving =
	    table_presence_find(device, like.protocol, &like.address, like.link);
	if (!leaving)
		return take_bye_from_elsewhere(table, device, sighting, doubted);
	like.location = leaving->location;
	if (like.location)
		drop_tree(table, device, &like);
	enum table_drop dropped = table_presence_drop(device, is_presence, &like);
	table_counted(table, COUNT_BYES);
	if (!table_settle_or_remove(table, device, dropped))
		*row = NULL;
	return 0;
}

/* Takes one kind of sighting in: 0 or a negative errno. *row is the row of its id, NULL while there
 * is none. */
typedef int take_fn(struct table *table, struct instant now, const struct sighting *sighting,
    const struct table_identity *identity, struct device **row);

static take_fn *const TAKE[] = {
    [SIGHTING_ALIVE] = take_presence,
    [SIGHTING_UPDATE] = take_update,
    [SIGHTING_BYE] = take_bye,
    [SIGHTING_SEARCHED] = take_presence,
    [SIGHTING_FACTS] = take_facts,
};

int table_observe(struct table *table, struct instant now, const struct sighting *sighting,
    const struct device **device)
{
	struct table_identity identity;

	table->now = now;
	if (sighting->is_ourselves_elsewhere)
		table_counted(table, COUNT_OURS_ELSEWHERE);
	struct device *row = table_identify(table, sighting, &identity);
	int error = TAKE[sighting->event](table, now, sighting, &identity, &row);
	if (device)
		*device = error < 0 ? NULL : row;
	return error;
}
