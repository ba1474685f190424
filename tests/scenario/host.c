/* SPDX-License-Identifier: ISC
 * host: engines, links and a table, joined as the daemon joins them. */
#include "host.h"
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct engine_type *const ENGINES[WORLD_ENGINES] = {&SSDP_ENGINE, &BROADCAST_ENGINE};
static const char UDN_SHAPE[] = "uuid:00000000-0000-5000-8000-%012x";

static struct engine_port port_of(const struct host *host, size_t engine)
{
	return ENGINES[engine]->port(&host->config);
}

/* Its ephemeral port: another one for each engine and host. */
static uint16_t own_port_of(const struct host *host, size_t engine)
{
	return (uint16_t)(40000 + WORLD_ENGINES * host->number + engine);
}

static void announce(struct host *host)
{
	struct announcement *announcement = &host->announcement;
	char text[64];

	announcement_init(announcement);
	struct announced_tree *tree = announced_tree_new();
	struct announced_device *root = announced_tree_add_device(tree, 0);
	ck_assert_ptr_nonnull(root);
	snprintf(text, sizeof(text), UDN_SHAPE, host->number);
	root->udn = strdup(text);
	snprintf(text, sizeof(text), "Host %u", host->number);
	root->name = strdup(text);
	root->type = strdup("urn:schemas-upnp-org:device:Basic:1");
	announcement->server = strdup("Linux/6.1 UPnP/2.0 discoverd/0.1");
	announcement->http_port = 5006;
	tree->location = strdup("http://*:5006/description.xml");
	tree->boot_id = 1700000000;
	tree->config_id = 1;
	ck_assert_int_eq(announcement_add(announcement, tree), 0);
}

struct host *world_add_host(struct world *world)
{
	struct host *host = calloc(1, sizeof(*host));
	ck_assert_ptr_nonnull(host);
	ck_assert_uint_lt(world->host_count, WORLD_HOSTS_MAX);
	world->hosts[world->host_count++] = host;
	host->world = world;
	host->number = (unsigned)world->host_count;
	host->deadline = INSTANT_NEVER;
	ck_assert_int_eq(config_init(&host->config), 0);
	host->config.ssdp.enabled = world->engines & WITH_SSDP;
	host->config.broadcast.enabled = world->engines & WITH_BROADCAST;
	announce(host);
	link_set_init(&host->links);
	host->context = (struct engine_context){
	    .config = &host->config,
	    .announcement = &host->announcement,
	    .links = &host->links,
	    .rng = &world->rng,
	    .key = {{rng_u64(&world->rng), rng_u64(&world->rng)}},
	};
	return host;
}

struct host *world_add_running_host(struct world *world)
{
	char address[ADDRESS_TEXT_MAX];
	struct host *host = world_add_host(world);
	snprintf(address, sizeof(address), "10.1.0.%u", host->number);
	host_plug(host, 2, 1, address);
	host_start(host);
	return host;
}

const struct host_port *host_port_of(const struct host *host, uint32_t link)
{
	for (size_t i = 0; i < host->port_count; i++)
		if (host->ports[i].link == link)
			return &host->ports[i];
	return NULL;
}

static void note_event(void *context, enum table_event event, const struct device *device)
{
	struct host *host = context;
	(void)device;
	host->events[event]++;
	if (event != TABLE_REFRESHED)
		host->last_event = host->world->now;
}

static void carry_out(struct host *host, size_t engine);

/* As the daemon does it when an engine asks for it. */
static void renumber_trees(struct host *host)
{
	struct announcement_change change = {.event = ANNOUNCEMENT_RENUMBERED};

	host->announcement.trees[0]->boot_id++;
	for (size_t i = 0; i < WORLD_ENGINES; i++) {
		if (!host->engines[i])
			continue;
		ENGINES[i]->announcement_changed(
		    host->engines[i], host->world->now, &change, &host->world->outbox);
		carry_out(host, i);
	}
}

static void ask(
    void *context, const struct device *device, const struct device_presence *presence, bool insist)
{
	struct host *host = context;
	struct engine_question question = {
	    slice_of(device->id), presence->address, presence->link, presence->search_port, insist};
	host->questions++;
	for (size_t i = 0; i < WORLD_ENGINES; i++)
		if (host->engines[i] && strcmp(ENGINES[i]->name, presence->protocol) == 0)
			ENGINES[i]->question(host->engines[i], host->world->now, &question);
}

/* Takes out of the outbox what an engine has put in. */
static void carry_out(struct host *host, size_t engine)
{
	struct outbox *outbox = &host->world->outbox;

	for (size_t i = 0; i < outbox->sighting_count; i++)
		table_observe(host->table, host->world->now, &outbox->sightings[i], NULL);
	if (outbox->send_count > host->world->largest_burst)
		host->world->largest_burst = outbox->send_count;
	for (size_t i = 0; i < outbox->send_count; i++) {
		const struct outbox_send *send = &outbox->sends[i];
		const struct link *link = link_set_find(&host->links, send->link);
		struct address_port from = {send->source, own_port_of(host, engine)};
		if (send->channel == CHANNEL_SHARED)
			from.port = port_of(host, engine).port;
		if (link && address_is_none(&from.address))
			from.address = link->addresses[0].prefix.address;
		world_send(host->world, host, send, &from);
	}
	bool renumber = outbox->renumber;
	outbox_reset(outbox);
	if (renumber)
		renumber_trees(host);
}

static void note_deadline(struct host *host)
{
	host->deadline = host->table ? table_deadline(host->table) : INSTANT_NEVER;
	for (size_t i = 0; i < WORLD_ENGINES; i++)
		if (host->engines[i])
			host->deadline =
			    instant_earlier(host->deadline, ENGINES[i]->deadline(host->engines[i]));
}

void host_start(struct host *host)
{
	struct world *world = host->world;

	host->announcement.trees[0]->boot_id++;
	snprintf(host->announcement.instance, INSTANCE_TEXT_MAX, "%016llx",
	    (unsigned long long)rng_u64(&world->rng));
	host->table = table_new(&TABLE_LIMITS_DEFAULT, &host->context.key);
	ck_assert_ptr_nonnull(host->table);
	table_set_watcher(host->table, note_event, host);
	table_set_questioner(host->table, ask, host);
	for (size_t i = 0; i < WORLD_ENGINES; i++) {
		if (!ENGINES[i]->enabled(&host->config))
			continue;
		host->engines[i] = ENGINES[i]->create(&host->context);
		ck_assert_ptr_nonnull(host->engines[i]);
		host->engines[i]->ports[FAMILY_IPV4] = host->engines[i]->ports[FAMILY_IPV6] =
		    port_of(host, i).port;
		ENGINES[i]->start(host->engines[i], world->now, &world->outbox);
		carry_out(host, i);
	}
	note_deadline(host);
}

void host_stop(struct host *host)
{
	for (size_t i = 0; i < WORLD_ENGINES; i++) {
		if (!host->engines[i])
			continue;
		ENGINES[i]->stop(host->engines[i], host->world->now, &host->world->outbox);
		carry_out(host, i);
	}
	host_die(host);
}

void host_die(struct host *host)
{
	for (size_t i = 0; i < WORLD_ENGINES; i++) {
		if (host->engines[i])
			ENGINES[i]->destroy(host->engines[i]);
		host->engines[i] = NULL;
	}
	table_free(host->table);
	host->table = NULL;
	memset(host->events, 0, sizeof(host->events));
	note_deadline(host);
}

void host_free(struct host *host)
{
	host_die(host);
	link_set_fini(&host->links);
	announcement_fini(&host->announcement);
	config_fini(&host->config);
	free(host);
}

static bool receives(const struct engine_port *port, const struct address *to)
{
	if (address_is_multicast(to)) {
		for (size_t i = 0; i < port->group_count; i++)
			if (address_equal(&port->groups[i], to))
				return true;
		return false;
	}
	return port->broadcast || !address_is_limited_broadcast(to);
}

void host_receive(struct host *host, struct datagram *datagram, uint16_t number)
{
	for (size_t i = 0; i < WORLD_ENGINES; i++) {
		struct engine_port port = port_of(host, i);
		datagram->own_port = own_port_of(host, i);
		datagram->channel = number == datagram->own_port ? CHANNEL_OWN : CHANNEL_SHARED;
		if (!host->engines[i] || (number != port.port && number != datagram->own_port) ||
		    !receives(&port, &datagram->to))
			continue;
		ENGINES[i]->input(
		    host->engines[i], host->world->now, datagram, &host->world->outbox);
		carry_out(host, i);
	}
	note_deadline(host);
}

void host_advance(struct host *host)
{
	struct instant now = host->world->now;
	for (size_t i = 0; i < WORLD_ENGINES; i++) {
		if (!host->engines[i])
			continue;
		ENGINES[i]->advance(host->engines[i], now, &host->world->outbox);
		carry_out(host, i);
	}
	if (host->table)
		table_expire(host->table, now);
	note_deadline(host);
}

static void tell_change(void *context, const struct link_change *change)
{
	struct host *host = context;
	if (change->event == LINK_GONE)
		table_drop_link(host->table, change->link->index);
	for (size_t i = 0; i < WORLD_ENGINES; i++) {
		if (!host->engines[i])
			continue;
		ENGINES[i]->link_changed(
		    host->engines[i], host->world->now, change, &host->world->outbox);
		carry_out(host, i);
	}
}

static void tell_changes(struct host *host, struct link_set *before)
{
	if (host->table)
		link_set_compare(before, &host->links, tell_change, host);
	link_set_fini(before);
	note_deadline(host);
}

static struct link_address address_of(const char *text)
{
	struct link_address address = {.prefix.len = 24, .usable = true};
	ck_assert_int_eq(address_parse(slice_of(text), &address.prefix.address), 0);
	address.broadcast = prefix_broadcast(&address.prefix);
	return address;
}

void host_renumber(struct host *host, uint32_t index, const char *text)
{
	struct link_set before;
	const struct link_address address = address_of(text);
	struct link *link = link_set_find(&host->links, index);

	ck_assert_int_eq(link_set_copy(&host->links, &before), 0);
	while (link->address_count > 0)
		link_remove_address(link, &link->addresses[0].prefix);
	ck_assert_int_eq(link_add_address(link, &address), 0);
	tell_changes(host, &before);
}

void host_plug(struct host *host, uint32_t index, unsigned network, const char *text)
{
	struct link_set before;
	const struct link_address address = address_of(text);

	ck_assert_int_eq(link_set_copy(&host->links, &before), 0);
	struct link *link = link_set_add(&host->links, index);
	ck_assert_ptr_nonnull(link);
	link->up = link->broadcast = link->multicast = true;
	ck_assert_int_eq(link_add_address(link, &address), 0);
	if (!host_port_of(host, index)) {
		ck_assert_uint_lt(host->port_count, WORLD_PORTS_MAX);
		host->ports[host->port_count++] = (struct host_port){index, network};
	}
	tell_changes(host, &before);
}

void host_forge(struct host *host, const char *from, const char *text)
{
	bool ssdp = slice_starts_with(slice_of(text), SLICE("NOTIFY"));
	struct outbox_send send = {
	    .channel = CHANNEL_OWN,
	    .link = 2,
	    .to = ssdp ? (struct address_port){address_ipv4(239, 255, 255, 250), 1900}
		       : (struct address_port){address_ipv4(255, 255, 255, 255), 5005},
	    .bytes = slice_of(text),
	};
	struct address_port source = {.port = 6666};
	ck_assert_int_eq(address_parse(slice_of(from), &source.address), 0);
	world_send(host->world, host, &send, &source);
}

void host_unplug(struct host *host, uint32_t index)
{
	struct link_set before;
	size_t kept = 0;

	ck_assert_int_eq(link_set_copy(&host->links, &before), 0);
	link_set_remove(&host->links, index);
	for (size_t i = 0; i < host->port_count; i++)
		if (host->ports[i].link != index)
			host->ports[kept++] = host->ports[i];
	host->port_count = kept;
	tell_changes(host, &before);
}

const struct device *host_row_of(const struct host *host, const struct host *other)
{
	char udn[64];
	if (!host->table)
		return NULL;
	snprintf(udn, sizeof(udn), UDN_SHAPE, other->number);
	return table_find(host->table, slice_of(udn));
}

bool host_sees(const struct host *host, const struct host *other)
{
	const struct device *device = host_row_of(host, other);
	return device && device->kind == DEVICE_KIND_DEVICE;
}

static bool is_known_by_own_address(const struct host *host, const struct device *device)
{
	if (!slice_starts_with(slice_of(device->id), SLICE("host:")))
		return false;
	for (size_t i = 0; i < device->presence_count; i++)
		if (link_set_has_address(&host->links, &device->presences[i].address))
			return true;
	return false;
}

bool host_lists_itself(const struct host *host)
{
	bool listed = host_row_of(host, host) != NULL;
	struct table_cursor cursor;
	const struct device *device;

	if (!host->table)
		return false;
	table_cursor_open(&cursor, host->table);
	while ((device = table_cursor_next(&cursor)))
		listed |= is_known_by_own_address(host, device);
	table_cursor_close(&cursor);
	return listed;
}

uint64_t host_table_counter(const struct host *host, const char *name)
{
	struct counter_group group = table_counters(host->table);
	for (size_t i = 0; i < group.count; i++)
		if (strcmp(group.counters[i].name, name) == 0)
			return group.counters[i].value;
	ck_abort_msg("no counter %s", name);
}
