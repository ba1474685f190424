/* SPDX-License-Identifier: ISC
 * fuzz_filter: any filter of List and Monitor, over devices of several kinds: a device matches all
 * members of it when it matches each one. */
#include "control/filter.h"
#include "fuzz.h"
#include "model/protocol_id.h"
#include "model/table.h"
#include "model/table_cursor.h"
#include "wire/varlink_message.h"
#include <errno.h>
#include <json-c/json.h>
#include <string.h>

static const struct protocol_id SSDP = {"ssdp", 1}, MDNS = {"mdns", 2}, KERNEL = {"neighbour", 9};

struct world {
	struct table *table;
	struct link_set links;
	struct instant now;
};

static void observe(struct world *world, const struct protocol_id *protocol, struct slice id,
    uint8_t host, struct slice type, struct slice name)
{
	struct sighted_service service = {.type = type};
	struct sighting sighting = {
	    .event = SIGHTING_ALIVE,
	    .protocol = protocol,
	    .key = key_of_id(id),
	    .from = address_ipv4(192, 0, 2, host),
	    .link = host % 2 ? 2 : 3,
	    .lifetime = SECONDS(1800),
	    .facts = {[FACT_NAME] = name, [FACT_TYPE] = type},
	    .services = &service,
	    .service_count = type.len > 0,
	};

	FUZZ_CHECK(table_observe(world->table, world->now, &sighting, NULL) == 0);
}

static void add_neighbour(struct world *world, uint8_t host)
{
	struct address address = address_ipv4(192, 0, 2, host);
	struct mac mac = {{2, 0, 0, 0, 0, host}, true};

	FUZZ_CHECK(table_neighbour(
		       world->table, world->now, &KERNEL, 2, &address, &mac, SLICE("laptop")) == 0);
}

static void world_init(struct world *world)
{
	*world = (struct world){.now = {SECONDS(1)}};
	world->table = table_new(&TABLE_LIMITS_DEFAULT, &(struct siphash_key){{1, 2}});
	link_set_init(&world->links);
	struct link *link = link_set_add(&world->links, 2);
	FUZZ_CHECK(world->table && link);
	memcpy(link->name, "eth0", sizeof("eth0"));
	observe(world, &SSDP, SLICE("uuid:a"), 1,
	    SLICE("urn:schemas-upnp-org:device:MediaServer:1"), SLICE("K\xc3\xbc\x63he [1]"));
	observe(
	    world, &MDNS, SLICE("Laser._ipp._tcp.local"), 2, SLICE("_ipp._tcp"), SLICE("Laser"));
	observe(world, &SSDP, SLICE_NONE, 3, SLICE_NONE, SLICE_NONE);
	add_neighbour(world, 4);
	world->now = instant_add(world->now, SECONDS(1));
	table_advance(world->table, world->now);
	FUZZ_CHECK(table_device_count(world->table) == 4);
}

static void world_fini(struct world *world)
{
	table_free(world->table);
	link_set_fini(&world->links);
}

/* As for a member that stands alone, where the whole filter says whether neighbours are meant. */
static bool matches_each(const struct world *world, struct json_object *object, bool neighbours,
    const struct device *device)
{
	bool all = true;

	json_object_object_foreach(object, key, value)
	{
		struct json_object *alone = json_object_new_object();
		const char *offending;
		struct filter filter;
		FUZZ_CHECK(alone);
		json_object_object_add(alone, key, json_object_get(value));
		FUZZ_CHECK(filter_parse(&filter, alone, neighbours, &offending) == 0);
		all = all && filter_matches(&filter, &world->links, device);
		filter_fini(&filter);
		json_object_put(alone);
	}
	return all;
}

static void check_device(const struct world *world, const struct filter *filter,
    struct json_object *object, const struct device *device)
{
	bool match = filter_matches(filter, &world->links, device);

	FUZZ_CHECK(!match || filter->neighbours || device_kind(device) != DEVICE_KIND_NEIGHBOUR);
	if (json_object_object_length(object) > 0)
		FUZZ_CHECK(match == matches_each(world, object, filter->neighbours, device));
}

static void check_filter(const struct world *world, struct json_object *object)
{
	const char *offending = NULL;
	const struct device *device;
	struct table_cursor cursor;
	struct filter filter;
	int result = filter_parse(&filter, object, false, &offending);

	FUZZ_CHECK(result == 0 || result == -EINVAL);
	FUZZ_CHECK(result == 0 || json_object_object_get_ex(object, offending, NULL));
	table_cursor_open(&cursor, world->table);
	while (result == 0 && (device = table_cursor_next(&cursor)))
		check_device(world, &filter, object, device);
	table_cursor_close(&cursor);
	filter_fini(&filter);
}

/* A call carries the filter, so what is no such text never becomes one. */
int fuzz_filter(const uint8_t *data, size_t size)
{
	static const char HEAD[] = "{\"method\":\"a.b\",\"parameters\":";
	size_t len = sizeof(HEAD) - 1 + size + 1;
	char *text = malloc(len);
	struct varlink_call call;
	struct world world;

	FUZZ_CHECK(text);
	memcpy(text, HEAD, sizeof(HEAD) - 1);
	if (size > 0)
		memcpy(text + sizeof(HEAD) - 1, data, size);
	text[len - 1] = '}';
	int error = varlink_call_parse((struct slice){text, len}, &call);
	free(text);
	if (!error && call.parameters) {
		world_init(&world);
		check_filter(&world, call.parameters);
		world_fini(&world);
	}
	varlink_call_fini(&call);
	return 0;
}
