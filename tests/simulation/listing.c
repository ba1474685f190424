/* SPDX-License-Identifier: ISC
 * listing: what the table of a discoverd has of the machines, by their MACs. */
#include "id_of.h"
#include "simulation.h"
#include <stdio.h>
#include <string.h>

struct table *listing_table(const struct simulation *s, size_t discoverd)
{
	return core_table(s->machines[discoverd].host->core);
}

/* Of a machine, or NULL. */
static const struct machine *machine_of_mac(const struct simulation *s, const struct mac *mac)
{
	unsigned number = mac->bytes[4];

	if (!mac->known || mac->bytes[0] != 2 || mac->bytes[3] != 0 || number == 0 ||
	    number > MACHINES)
		return NULL;
	return &s->machines[number - 1];
}

static enum protocol protocol_of(const struct endpoint *endpoint)
{
	enum protocol by = 0;

	while (strcmp(PROTOCOL_NAMES[by], endpoint->protocol->name) != 0)
		by++;
	return by;
}

/* Where the machine is now. */
static bool is_current(const struct simulation *s, size_t discoverd,
    const struct presence *presence, const struct machine *machine)
{
	unsigned network = s->machines[discoverd].network[presence->endpoint->link - LINK];

	for (size_t i = 0; i < NETWORKS; i++)
		if (machine->network[i] == network) {
			struct address own = machine_is_at(machine, i);
			return address_equal(&own, &presence->address);
		}
	return false;
}

static void take(const struct simulation *s, size_t discoverd, const struct presence *presence,
    struct finding findings[MACHINES])
{
	const struct endpoint *endpoint = presence->endpoint;
	const struct machine *machine = machine_of_mac(s, &presence->mac);
	enum protocol by = protocol_of(endpoint);

	if (link_set_has_address(&s->machines[discoverd].host->links, &presence->address))
		findings[discoverd].current |= 1u << by;
	if (!machine)
		return;
	struct finding *finding = &findings[machine - s->machines];
	unsigned network = s->machines[discoverd].network[endpoint->link - LINK];
	bool current = is_current(s, discoverd, presence, machine);
	/* The browser asks for records that run out, and has the table list them meanwhile. */
	bool runs_out = by == BY_MDNS && !current &&
			instant_since(presence->expires, s->world->now) < SECONDS(15);
	finding->by[by] |= runs_out ? 0 : 1u << network;
	finding->disputed |= endpoint->guest || endpoint->claim > 0;
	if (!current)
		return;
	finding->current |= endpoint->is_device ? 1u << by : 0;
	finding->asked |= instant_is_never(presence->reconfirmable) ? 1u << by : 0;
	finding->several |= finding->device && finding->device != endpoint->device;
	if (!finding->device)
		finding->device = endpoint->device;
}

/* What else is in its device. What it was on another network stays as long as it was announced
 * there. */
static void look_around(
    const struct simulation *s, size_t discoverd, size_t machine, struct finding *finding)
{
	const struct machine *of = &s->machines[machine];
	const struct endpoint *endpoint;
	const struct presence *presence;

	TAILQ_FOREACH(endpoint, &finding->device->endpoints, of_device)
	STAILQ_FOREACH(presence, &endpoint->presences, next)
	{
		unsigned network = s->machines[discoverd].network[endpoint->link - LINK];
		if (machine_of_mac(s, &presence->mac) != of)
			finding->foreign = true;
		else if (network != of->network[0] && network != of->network[1])
			finding->elsewhere = true;
		else
			finding->former |= !is_current(s, discoverd, presence, of);
	}
}

void listing_find(const struct simulation *s, size_t discoverd, struct finding findings[MACHINES])
{
	const struct device *device;
	const struct endpoint *endpoint;
	const struct presence *presence;

	memset(findings, 0, MACHINES * sizeof(*findings));
	struct table_cursor cursor;
	table_cursor_open(&cursor, listing_table(s, discoverd));
	while ((device = table_cursor_next(&cursor)))
		TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	STAILQ_FOREACH(presence, &endpoint->presences, next)
	take(s, discoverd, presence, findings);
	table_cursor_close(&cursor);
	for (size_t i = 0; i < MACHINES; i++)
		if (findings[i].device)
			look_around(s, discoverd, i, &findings[i]);
}

static void print_endpoint(const struct endpoint *endpoint, struct instant now)
{
	const struct presence *presence;
	char key[KEY_TEXT_MAX], address[ADDRESS_TEXT_MAX], mac[18];

	printf("   %u %s %s link %u claim %u epoch %u%s%s%s%s\n",
	    (unsigned)endpoint_number(endpoint), endpoint->protocol->name,
	    endpoint_key_text(endpoint, key), endpoint->link, endpoint->claim, endpoint->epoch,
	    endpoint->verified ? " verified" : "", endpoint->guest ? " guest" : "",
	    endpoint->described ? " described" : "", endpoint->is_device ? "" : " searcher");
	STAILQ_FOREACH(presence, &endpoint->presences, next)
	{
		strcpy(mac, "no MAC");
		if (presence->mac.known)
			snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x",
			    presence->mac.bytes[0], presence->mac.bytes[1], presence->mac.bytes[2],
			    presence->mac.bytes[3], presence->mac.bytes[4], presence->mac.bytes[5]);
		printf("      %s %s%s for %.1f s%s\n", address_text(&presence->address, address),
		    mac, presence->unsure ? " unsure" : "",
		    (double)instant_since(presence->expires, now) / 1e6,
		    instant_is_never(presence->reconfirmable) ? ", asked" : "");
	}
}

static bool has_part_of(
    const struct simulation *s, const struct device *device, const struct machine *machine)
{
	const struct endpoint *endpoint;
	const struct presence *presence;

	TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	STAILQ_FOREACH(presence, &endpoint->presences, next)
	if (machine_of_mac(s, &presence->mac) == machine)
		return true;
	return strcmp(ID_OF(device), machine->host->udn) == 0;
}

void listing_print(const struct simulation *s, size_t discoverd, size_t machine)
{
	const struct machine *of = &s->machines[machine];
	const struct endpoint *endpoint;
	const struct device *device;
	struct table_cursor cursor;
	char buffer[ADDRESS_TEXT_MAX];

	printf("%s at 10.%u.0.%u and 10.%u.0.%u, protocols %x, \"%s\", BOOTID %u\n", of->host->udn,
	    of->network[0], of->address[0], of->network[1], of->address[1], of->protocols, of->name,
	    of->boot_id);
	table_cursor_open(&cursor, listing_table(s, discoverd));
	while ((device = table_cursor_next(&cursor))) {
		if (!has_part_of(s, device, of))
			continue;
		printf(" %s \"%s\"%s%s\n", ID_OF(device), device_name(device, buffer),
		    device->reported ? "" : " not reported", device->held ? " held" : "");
		TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
		print_endpoint(endpoint, s->world->now);
	}
	table_cursor_close(&cursor);
}
