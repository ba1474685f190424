/* SPDX-License-Identifier: ISC
 * core: makes the parts of the core, hands what comes in to them, and follows links and
 * configuration. */
#include "base/mac.h"
#include "core/core_internal.h"
#include "core/core_offers.h"
#include "model/link_change.h"
#include "model/link_filter.h"
#include "model/offers.h"
#include "model/protocol_id.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What only the kernel's neighbour table knows of. */
static const struct protocol_id NEIGHBOUR = {"neighbour", PROTOCOL_RANK_NEIGHBOUR};

#define CROWD_SEARCH_PAUSE SECONDS(4)

static struct table_limits limits_of(const struct config *config)
{
	struct table_limits limits = TABLE_LIMITS_DEFAULT;

	limits.endpoints = config->table.max_devices;
	limits.endpoints_per_source = config->table.max_devices_per_source;
	limits.memory = config->table.memory;
	limits.memory_per_source = config->table.memory_per_source;
	return limits;
}

static void table_changed(void *context, const struct table_change *change)
{
	struct core *core = context;

	if (core->host.changed)
		core->host.changed(core->host.context, core->now, change);
}

static void table_asks(
    void *context, const struct endpoint *endpoint, const struct presence *presence, bool insist)
{
	core_engines_question(context, endpoint, presence, insist);
}

static void table_checks_url(void *context, const struct endpoint *endpoint)
{
	struct core *core = context;

	core_pages_check(core, core->now, endpoint);
}

static void table_forgot(void *context, const struct endpoint *endpoint)
{
	struct core *core = context;

	enrichment_forget(core->enrichment, endpoint_number(endpoint));
	core_engines_forgotten(core, endpoint);
}

/* A link without a MAC has none to be found on. */
static bool find_mac(void *context, uint32_t index, const struct address *address, struct mac *mac)
{
	const struct core *core = context;
	const struct link *link = link_set_find(&core->all, index);
	bool confirmed;

	*mac = core->host.find_mac(core->host.context, index, address, &confirmed);
	return mac->known || (link && !link->mac.known);
}

static int make_parts(struct core *core)
{
	const struct table_listener listener = {
	    .context = core,
	    .changed = table_changed,
	    .question = table_asks,
	    .check_url = table_checks_url,
	    .forgotten = table_forgot,
	};
	struct table_limits limits = limits_of(&core->config);

	core->table = table_new(&limits, &core->context.key);
	core->enrichment =
	    enrichment_new(core->config.table.max_devices, &core->context.key, &core->rng);
	core->offers.server = strdup(core->identity.server);
	if (!core->table || !core->enrichment || !core->offers.server)
		return -ENOMEM;
	memcpy(core->offers.instance, core->identity.instance, INSTANCE_TEXT_MAX);
	table_listen(core->table, &listener);
	enrichment_set_mac_finder(core->enrichment, find_mac, core);
	return 0;
}

int core_new(const struct core_host *host, struct config *config,
    const struct core_identity *identity, const uint64_t random[3], struct instant now,
    struct core **out)
{
	struct core *core = calloc(1, sizeof(*core));

	if (!core) {
		config_fini(config);
		return -ENOMEM;
	}
	core->host = *host;
	core->config = *config;
	core->identity = *identity;
	core->now = now;
	rng_init(&core->rng, random[0]);
	outbox_init(&core->outbox);
	offers_init(&core->offers);
	link_set_init(&core->all);
	link_set_init(&core->usable);
	core_restored_init(core);
	core->shown_all = &core->all;
	core->shown_usable = &core->usable;
	core->context = (struct engine_context){
	    .config = &core->config,
	    .offers = &core->offers,
	    .links = &core->usable,
	    .rng = &core->rng,
	    .key = {{random[1], random[2]}},
	    .names = core->identity.names,
	};
	int result = make_parts(core);
	if (result) {
		core_free(core);
		return result;
	}
	*out = core;
	return 0;
}

void core_free(struct core *core)
{
	if (!core)
		return;
	for (size_t i = 0; i < CORE_ENGINES_MAX; i++)
		if (core->engines[i])
			core->engines[i]->type->destroy(core->engines[i]);
	table_free(core->table);
	core_pages_fini(core);
	enrichment_free(core->enrichment);
	free(core->sources);
	offers_fini(&core->offers);
	link_set_fini(&core->all);
	link_set_fini(&core->usable);
	outbox_fini(&core->outbox);
	config_fini(&core->config);
	free(core);
}

/* What the callback of link_set_compare needs. */
struct link_news {
	struct core *core;
	const struct link_set *all, *usable; /* of before */
};

static void tell_link(void *context, const struct link_change *change)
{
	struct link_news *news = context;
	struct core *core = news->core;

	if (core->host.link_changed)
		core->host.link_changed(core->host.context, change);
	core_engines_tell_link(core, core->now, change);
	if (change->event == LINK_CAME)
		core_restored_ask(core);
	if (change->event != LINK_GONE)
		return;
	/* What is removed is reported with the name that the link had. */
	core->shown_all = news->all;
	core->shown_usable = news->usable;
	table_drop_link(core->table, core->now, change->link->index);
	core->shown_all = &core->all;
	core->shown_usable = &core->usable;
}

/* Chooses the links that are used from `all`, which it takes over unless it fails; the engines see
 * the new set while they are told what is new in it. */
static int follow_links(struct core *core, struct link_set *all)
{
	struct link_filter filter = config_link_filter(&core->config);
	struct link_set before_all = core->all, before = core->usable, usable;
	struct link_news news = {core, &before_all, &before};
	int result = link_set_usable(all, &filter, &usable);

	if (result)
		return result;
	core->all = *all;
	core->usable = usable;
	core->generation++;
	link_set_compare(&before, &core->usable, tell_link, &news);
	link_set_fini(&before);
	link_set_fini(&before_all);
	return 0;
}

int core_set_links(struct core *core, struct instant now, const struct link_set *links)
{
	struct link_set all;
	int result = link_set_copy(links, &all);

	if (result)
		return result;
	core->now = now;
	result = follow_links(core, &all);
	if (result)
		link_set_fini(&all);
	return result;
}

int core_reconfigure(struct core *core, struct instant now, struct config *config)
{
	struct config former = core->config;
	struct table_limits limits = limits_of(config);
	struct link_set all;

	core->now = now;
	core->generation++;
	core->config = *config;
	table_set_limits(core->table, &limits);
	enrichment_set_capacity(core->enrichment, core->config.table.max_devices);
	core_engines_reconfigured(core, now, &former);
	core_pages_reconfigured(core, now, &former);
	config_fini(&former);
	int result = link_set_copy(&core->all, &all);
	if (result)
		return result;
	result = follow_links(core, &all);
	if (result)
		link_set_fini(&all);
	return result;
}

void core_learn_mac(
    struct core *core, struct instant now, uint32_t link, const struct address *address)
{
	bool confirmed = false;
	struct mac mac = core->host.find_mac(core->host.context, link, address, &confirmed);

	core->now = now;
	table_learn_mac(core->table, now, link, address, &mac, confirmed);
	core_pages_learn_mac(core, now, link, address);
}

void core_learn_names(struct core *core, struct instant now)
{
	core->now = now;
	if (core->host.find_name)
		table_learn_names(core->table, now, core->host.find_name, core->host.context);
}

void core_neighbour(struct core *core, struct instant now, uint32_t link,
    const struct address *address, const struct mac *mac)
{
	const char *name =
	    core->host.find_name ? core->host.find_name(core->host.context, mac) : NULL;

	core->now = now;
	if (link_set_find(&core->usable, link) && address_is_unicast(address) &&
	    !link_set_has_address(&core->all, address))
		table_neighbour(core->table, now, &NEIGHBOUR, link, address, mac, slice_of(name));
}

void core_set_reachable(struct core *core, struct instant now, struct slice id, bool reachable)
{
	core->now = now;
	table_set_device_reachable(core->table, now, id, reachable);
}

/* In a flood of forged sources a device that is there cannot be told from the others, but it
 * answers a search, and by that the kernel learns its MAC. */
static void search_in_crowd(struct core *core, struct instant now)
{
	if (!instant_due(core->crowd_search, now) || !enrichment_was_crowded(core->enrichment))
		return;
	core->crowd_search = instant_add(now, CROWD_SEARCH_PAUSE);
	core_search(core, now, SLICE(""), 1);
}

void core_advance(struct core *core, struct instant now, int64_t wall_offset)
{
	core->now = now;
	core->context.wall_offset = wall_offset;
	core_restored_advance(core, now);
	core_engines_advance(core, now);
	table_advance(core->table, now);
	core_pages_advance(core, now);
	search_in_crowd(core, now);
}

struct instant core_deadline(struct core *core)
{
	struct instant deadline =
	    instant_earlier(core_pages_deadline(core), core_restored_deadline(core));

	deadline = instant_earlier(deadline, table_deadline(core->table));
	if (enrichment_is_crowded(core->enrichment))
		deadline = instant_earlier(deadline, core->crowd_search);
	return instant_earlier(deadline, core_engines_deadline(core));
}

void core_set_watched(struct core *core, bool watched)
{
	core->context.watched = watched;
	for (size_t i = 0; i < CORE_ENGINES_MAX; i++)
		core_engine_called(core, i);
}

const struct config *core_config(const struct core *core)
{
	return &core->config;
}

int core_start_engine(
    struct core *core, struct instant now, size_t engine, const uint16_t ports[FAMILIES])
{
	int result = offers_own(&core->offers) ? 0 : core_renew_own(core, now);

	return result ? result : core_engines_start(core, now, engine, ports);
}

struct table *core_table(struct core *core)
{
	return core->table;
}

const struct link_set *core_links(const struct core *core)
{
	return core->shown_all;
}

const struct link_set *core_usable_links(const struct core *core)
{
	return core->shown_usable;
}

const struct offers *core_offers(const struct core *core)
{
	return &core->offers;
}

bool core_counters(const struct core *core, size_t index, struct counter_group *group)
{
	switch (index) {
	case 0:
		*group = table_counters(core->table);
		return true;
	case 1:
		*group = enrichment_counters(core->enrichment);
		return true;
	case 2:
		*group = core_restored_counters(core);
		return true;
	default:
		return false;
	}
}
