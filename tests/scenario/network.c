/* SPDX-License-Identifier: ISC
 * network: where hosts are plugged in, what they are told apart by, and what is forged. */
#include "base/mac.h"
#include "host.h"
#include <check.h>
#include <stdio.h>
#include <string.h>

static struct address parse(const char *text)
{
	struct address address;

	ck_assert_int_eq(address_parse(slice_of(text), &address), 0);
	return address;
}

static struct link_address address_of(const char *text)
{
	struct link_address address = {.prefix.address = parse(text), .usable = true};

	address.prefix.len = address.prefix.address.family == ADDRESS_IPV6 ? 64 : 24;
	if (address.prefix.address.family == ADDRESS_IPV4)
		address.broadcast = prefix_broadcast(&address.prefix);
	return address;
}

static uint16_t mac_of(const struct host *host, uint32_t link)
{
	return (uint16_t)(host->number << 8 | link);
}

static void notice(struct host *host)
{
	if (host->core)
		ck_assert_int_eq(core_set_links(host->core, host->world->now, &host->links), 0);
}

static struct world_neighbour *find_neighbour(
    const struct world *world, unsigned network, const struct address *address)
{
	for (size_t i = 0; i < world->neighbour_count; i++)
		if (world->neighbours[i].network == network &&
		    address_equal(&world->neighbours[i].address, address))
			return (struct world_neighbour *)&world->neighbours[i];
	return NULL;
}

void host_renumber(struct host *host, uint32_t index, const char *text)
{
	const struct link_address address = address_of(text);
	const struct host_port *port = host_port_of(host, index);
	struct link *link = link_set_find(&host->links, index);

	for (size_t i = 0; i < link->address_count; i++) {
		struct world_neighbour *former =
		    find_neighbour(host->world, port->network, &link->addresses[i].prefix.address);
		former->stale = true;
		host->world->mac_changes++;
	}
	while (link->address_count > 0)
		link_remove_address(link, &link->addresses[0].prefix);
	ck_assert_int_eq(link_add_address(link, &address), 0);
	world_set_mac(host->world, port->network, text, mac_of(host, index), false);
	notice(host);
}

void host_plug(struct host *host, uint32_t index, unsigned network, const char *text)
{
	const struct link_address address = address_of(text);
	struct link *link = link_set_add(&host->links, index);

	ck_assert_ptr_nonnull(link);
	snprintf(link->name, sizeof(link->name), "eth%u", (unsigned)index);
	link->up = link->broadcast = link->multicast = true;
	ck_assert_int_eq(link_add_address(link, &address), 0);
	if (!host_port_of(host, index)) {
		ck_assert_uint_lt(host->port_count, WORLD_PORTS_MAX);
		host->ports[host->port_count++] = (struct host_port){index, network};
	}
	world_set_mac(host->world, network, text, mac_of(host, index), false);
	notice(host);
}

void host_unplug(struct host *host, uint32_t index)
{
	size_t kept = 0;

	link_set_remove(&host->links, index);
	for (size_t i = 0; i < host->port_count; i++)
		if (host->ports[i].link != index)
			host->ports[kept++] = host->ports[i];
	host->port_count = kept;
	notice(host);
}

void host_forge(struct host *host, const char *from, const char *text)
{
	bool ssdp = slice_starts_with(slice_of(text), SLICE("NOTIFY"));
	struct address_port source = {parse(from), 6666};
	struct outbox_send send = {.channel = CHANNEL_OWN, .link = 2, .bytes = slice_of(text)};

	if (!ssdp)
		send.to = (struct address_port){parse("255.255.255.255"), 5005};
	else if (source.address.family == ADDRESS_IPV6)
		send.to = (struct address_port){parse("ff02::c"), 1900};
	else
		send.to = (struct address_port){parse("239.255.255.250"), 1900};
	world_send(host->world, host, &send, &source);
}

static void forge_notify(struct host *host, const struct forged *forged, bool alive)
{
	bool bare = strcmp(forged->target, forged->udn) == 0;
	char text[1024], boot_id[48] = "", more[600] = "";

	if (forged->boot_id)
		snprintf(boot_id, sizeof(boot_id), "BOOTID.UPNP.ORG: %u\r\n", forged->boot_id);
	if (alive)
		snprintf(more, sizeof(more),
		    "CACHE-CONTROL: max-age=1800\r\nLOCATION: %s\r\nSERVER: forged\r\n",
		    forged->location);
	snprintf(text, sizeof(text),
	    "NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nNT: %s\r\nNTS: ssdp:%s\r\n"
	    "USN: %s%s%s\r\n%s%s\r\n",
	    forged->target, alive ? "alive" : "byebye", forged->udn,
	    bare ? "" : "::", bare ? "" : forged->target, more, boot_id);
	host_forge(host, forged->from, text);
}

void host_forge_alive(struct host *host, const struct forged *forged)
{
	forge_notify(host, forged, true);
}

void host_forge_byebye(struct host *host, const struct forged *forged)
{
	forge_notify(host, forged, false);
}

void world_set_mac(
    struct world *world, unsigned network, const char *text, uint16_t mac, bool stale)
{
	struct address address = parse(text);
	struct world_neighbour *neighbour = find_neighbour(world, network, &address);

	if (!neighbour) {
		ck_assert_uint_lt(world->neighbour_count, WORLD_NEIGHBOURS_MAX);
		neighbour = &world->neighbours[world->neighbour_count++];
	}
	world->mac_changes++;
	*neighbour = (struct world_neighbour){
	    .network = network,
	    .address = address,
	    .mac = {{2, 0, 0, 0, (uint8_t)(mac >> 8), (uint8_t)mac}, mac != 0},
	    .stale = stale,
	};
}

struct mac world_find_mac(
    const struct world *world, unsigned network, const struct address *address, bool *confirmed)
{
	const struct world_neighbour *neighbour = find_neighbour(world, network, address);

	if (!neighbour || world->conditions.no_macs)
		return (struct mac){0};
	*confirmed = neighbour->mac.known && !neighbour->stale;
	return neighbour->mac;
}

void host_learn_macs(struct host *host)
{
	const struct world *world = host->world;

	for (size_t i = 0; i < world->neighbour_count; i++)
		for (size_t k = 0; k < host->port_count; k++)
			if (host->ports[k].network == world->neighbours[i].network)
				core_learn_mac(host->core, world->now, host->ports[k].link,
				    &world->neighbours[i].address);
}

void world_learn_macs(struct world *world)
{
	for (size_t i = 0; i < world->host_count; i++)
		if (world->hosts[i]->core)
			host_learn_macs(world->hosts[i]);
}

void host_confirms(struct host *host, uint32_t link, const char *text)
{
	const struct address address = parse(text);
	bool confirmed;
	struct mac mac =
	    world_find_mac(host->world, host_port_of(host, link)->network, &address, &confirmed);

	core_neighbour(host->core, host->world->now, link, &address, &mac);
}

void world_serve(
    struct world *world, const char *address, uint16_t port, const char *path, const char *text)
{
	const struct world_page page = {{parse(address), port}, path, text};
	size_t i = 0;

	while (i < world->page_count && !(address_port_equal(&world->pages[i].at, &page.at) &&
					    strcmp(world->pages[i].path, path) == 0))
		i++;
	ck_assert_uint_lt(i, WORLD_PAGES_MAX);
	world->pages[i] = page;
	if (i == world->page_count)
		world->page_count++;
}
