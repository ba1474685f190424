/* SPDX-License-Identifier: ISC
 * view: what tests look up in the tables of hosts. */
#include "model/offers.h"
#include "world.h"
#include <check.h>
#include <string.h>

size_t host_devices_of(const struct host *host, const char *text)
{
	const struct key key = key_of_id(slice_of(text));

	return host->core ? table_find_key(core_table(host->core), &key, NULL, 0) : 0;
}

const struct device *host_device(const struct host *host, const char *text)
{
	const struct key key = key_of_id(slice_of(text));
	const struct device *devices[2];

	if (!host->core)
		return NULL;
	size_t count = table_find_key(core_table(host->core), &key, devices, 2);
	if (count > 0)
		return count == 1 ? devices[0] : NULL;
	return table_find(core_table(host->core), slice_of(text));
}

bool device_heard_by(const struct device *device, const char *protocol)
{
	const struct endpoint *endpoint;

	TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	if (strcmp(endpoint->protocol->name, protocol) == 0)
		return true;
	return false;
}

const struct device *host_row_of(const struct host *host, const struct host *other)
{
	return host_device(host, other->udn);
}

static const struct device *find(const struct host *host,
    bool (*test)(const struct device *device, const void *argument), const void *argument)
{
	struct table_cursor cursor;
	const struct device *device;

	if (!host->core)
		return NULL;
	table_cursor_open(&cursor, core_table(host->core));
	while ((device = table_cursor_next(&cursor)) && !test(device, argument))
		;
	table_cursor_close(&cursor);
	return device;
}

static bool is_at(const struct device *device, const void *address)
{
	const struct presence *place = NULL;

	while ((place = device_next_place(device, place)))
		if (address_equal(&place->address, address))
			return true;
	return false;
}

const struct device *host_device_at(const struct host *host, const char *text)
{
	struct address address;

	ck_assert_int_eq(address_parse(slice_of(text), &address), 0);
	return find(host, is_at, &address);
}

const struct endpoint *device_endpoint(
    const struct device *device, const char *protocol, const char *text)
{
	const struct key key = key_of_id(slice_of(text));
	const struct endpoint *endpoint;

	TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	if (strcmp(endpoint->protocol->name, protocol) == 0 && key_equal(&endpoint->key, &key))
		return endpoint;
	return NULL;
}

const struct endpoint *host_endpoint_of(const struct host *host, const struct host *other)
{
	const struct device *device = host_row_of(host, other);
	const struct endpoint *endpoint = NULL;

	for (size_t i = 0; device && CORE_ENGINES[i]; i++) {
		const struct endpoint *found =
		    device_endpoint(device, CORE_ENGINES[i]->id.name, other->udn);
		if (found && (!endpoint || found->protocol->rank < endpoint->protocol->rank))
			endpoint = found;
	}
	return endpoint;
}

size_t host_count(const struct host *host)
{
	return table_device_count(core_table(host->core));
}

bool host_sees(const struct host *host, const struct host *other)
{
	const struct device *device = host_row_of(host, other);

	return device && device_kind(device) == DEVICE_KIND_DEVICE;
}

static bool is_ours(const struct device *device, const void *links)
{
	const struct presence *place = NULL;

	while ((place = device_next_place(device, place)))
		if (link_set_has_address(links, &place->address))
			return true;
	return false;
}

bool host_lists_itself(const struct host *host)
{
	return host_devices_of(host, host->udn) > 0 || find(host, is_ours, &host->links);
}

static uint64_t counter_of(const struct counter_group *group, const char *name)
{
	for (size_t i = 0; i < group->count; i++)
		if (strcmp(group->counters[i].name, name) == 0)
			return group->counters[i].value;
	ck_abort_msg("no counter %s", name);
}

uint64_t host_table_counter(const struct host *host, const char *name)
{
	struct counter_group group = table_counters(core_table(host->core));

	return counter_of(&group, name);
}

uint64_t host_core_counter(const struct host *host, const char *wanted, const char *name)
{
	struct counter_group group;

	for (size_t i = 0; core_counters(host->core, i, &group); i++)
		if (strcmp(group.group, wanted) == 0)
			return counter_of(&group, name);
	ck_abort_msg("no group %s", wanted);
}

uint32_t host_epoch(const struct host *host)
{
	return offers_own(core_offers(host->core))->epoch;
}

bool world_is_complete(const struct world *world)
{
	for (size_t i = 0; i < world->host_count; i++)
		for (size_t j = 0; j < world->host_count; j++)
			if (i != j && world->hosts[i]->core && world->hosts[j]->core &&
			    !host_sees(world->hosts[i], world->hosts[j]))
				return false;
	return true;
}

bool world_no_host_lists_itself(const struct world *world)
{
	for (size_t i = 0; i < world->host_count; i++)
		if (host_lists_itself(world->hosts[i]))
			return false;
	return true;
}
