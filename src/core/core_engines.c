/* SPDX-License-Identifier: ISC
 * core_engines: runs the engines and carries out what they put in the outbox: datagrams and
 * addresses go to the host, sightings into the table. */
#include "base/log.h"
#include "core/core_internal.h"
#include "model/link_change.h"
#include "model/offers.h"
#include "model/protocol_id.h"
#include "model/table_refresh.h"

#include <errno.h>

/* Datagrams that wait to be sent together. */
enum { SENDS_MAX = 64 };

static struct outbox *outbox_of(struct core *core, size_t engine);
static void carry_out(struct core *core, struct instant now, size_t engine);

static void tell_offer(
    struct core *core, struct instant now, size_t index, const struct offer_change *change)
{
	struct engine *engine = core->engines[index];

	if (!engine)
		return;
	engine->type->offer_changed(engine, now, change, outbox_of(core, index));
	carry_out(core, now, index);
}

void core_engines_tell_offer(
    struct core *core, struct instant now, const struct offer_change *change)
{
	core->generation++;
	for (size_t i = 0; CORE_ENGINES[i]; i++)
		tell_offer(core, now, i, change);
}

/* This host is to be found elsewhere now: all offers get another epoch (UDA 2.0, 1.2.4). */
static void renumber(struct core *core, struct instant now)
{
	const struct offer_change change = {.event = OFFER_RENUMBERED};
	uint32_t epoch = core->host.next_epoch(core->host.context);

	for (size_t i = 0; i < core->offers.count; i++)
		core->offers.list[i]->epoch = epoch;
	core_engines_tell_offer(core, now, &change);
}

static void send_all(struct core *core)
{
	struct outbox *outbox = &core->outbox;

	if (outbox->send_count)
		core->host.send(
		    core->host.context, core->sender, outbox->sends, outbox->send_count);
	outbox_reset_sends(outbox);
}

/* For what this engine wants done; what another one wanted to send has left. */
static struct outbox *outbox_of(struct core *core, size_t engine)
{
	if (core->sender != engine)
		send_all(core);
	core->sender = engine;
	return &core->outbox;
}

/* What is not taken as a renewal becomes a sighting. On level debug each is logged as such. */
static void take_renewals(struct core *core, struct instant now, size_t engine)
{
	const struct core_host *host = &core->host;
	struct outbox *outbox = &core->outbox;

	for (size_t i = 0; i < outbox->renewal_count; i++) {
		const struct renewal *renewal = &outbox->renewals[i];
		bool confirmed = false;
		struct mac mac =
		    host->find_mac(host->context, renewal->link, &renewal->from, &confirmed);
		if (log_get_level() >= LOG_LEVEL_DEBUG ||
		    !table_refresh_renew(core->table, now, renewal, &mac, confirmed))
			CORE_ENGINES[engine]->unrenewed(
			    core->engines[engine], now, renewal, outbox);
	}
}

/* Does what an engine put in the outbox beside datagrams. */
static void take_sightings(struct core *core, struct instant now, size_t engine)
{
	const struct engine_type *type = CORE_ENGINES[engine];
	struct outbox *outbox = &core->outbox;
	bool renumbers = outbox->renumber;

	take_renewals(core, now, engine);
	core_engine_called(core, engine);
	for (size_t i = 0; i < outbox->sighting_count; i++) {
		const struct sighting *sighting = &outbox->sightings[i];
		const struct endpoint *endpoint = core_observe(core, now, sighting);
		if (type->observed)
			type->observed(core->engines[engine], sighting, endpoint);
		if (!endpoint)
			continue;
		core_repeats_note(core, endpoint);
		core_pages_consider(core, now, endpoint, sighting);
	}
	for (size_t i = 0; i < outbox->address_count && core->host.resolved; i++)
		core->host.resolved(core->host.context, now, &outbox->addresses[i]);
	outbox_reset_rest(outbox);
	if (renumbers)
		renumber(core, now);
}

/* Does what an engine put in the outbox, and empties it. */
static void carry_out(struct core *core, struct instant now, size_t engine)
{
	send_all(core);
	take_sightings(core, now, engine);
}

size_t core_engine_wants(
    const struct core *core, size_t engine, struct engine_sockets sockets[ENGINE_SOCKETS_MAX])
{
	if (!CORE_ENGINES[engine]->enabled(&core->config))
		return 0;
	return CORE_ENGINES[engine]->sockets(&core->config, sockets);
}

int core_engines_start(
    struct core *core, struct instant now, size_t index, const uint16_t ports[FAMILIES])
{
	const struct engine_type *type = CORE_ENGINES[index];

	if (core->engines[index])
		return -EALREADY;
	struct engine *engine = type->create(&core->context);
	if (!engine)
		return -ENOMEM;
	core->now = now;
	core->generation++;
	core->engines[index] = engine;
	for (size_t i = 0; i < FAMILIES; i++)
		engine->ports[i] = ports[i];
	type->start(engine, now, outbox_of(core, index));
	carry_out(core, now, index);
	return 0;
}

void core_stop_engine(struct core *core, struct instant now, size_t index)
{
	struct engine *engine = core->engines[index];

	if (!engine)
		return;
	core->now = now;
	engine->type->stop(engine, now, outbox_of(core, index));
	carry_out(core, now, index);
	core->engines[index] = NULL;
	engine->type->destroy(engine);
}

bool core_engine_runs(const struct core *core, size_t engine)
{
	return core->engines[engine] != NULL;
}

struct counter_group core_engine_counters(const struct core *core, size_t index)
{
	const struct engine *engine = core->engines[index];

	return engine ? engine->type->counters(engine)
		      : (struct counter_group){CORE_ENGINES[index]->id.name, NULL, 0};
}

bool core_announced(const struct core *core, size_t index, struct announced_name *announced)
{
	for (size_t i = 0; CORE_ENGINES[i]; i++) {
		const struct engine *engine = core->engines[i];
		size_t own = 0;

		if (!engine || !engine->type->announced)
			continue;
		for (; engine->type->announced(engine, own, announced); own++)
			if (own == index)
				return true;
		index -= own;
	}
	return false;
}

bool core_input(
    struct core *core, struct instant now, size_t index, const struct datagram *datagram)
{
	struct engine *engine = core->engines[index];

	if (!engine)
		return false;
	struct datagram hashed = *datagram;
	struct outbox *outbox = outbox_of(core, index);
	bool refused = false;

	hashed.hash = core_repeats_hash(core, index, datagram);
	core->now = now;
	if (!hashed.hash || !core_repeats_take(core, now, index, &hashed)) {
		engine->type->input(engine, now, &hashed, outbox);
		refused = outbox->refused;
		core->hash = hashed.hash;
	}
	take_sightings(core, now, index);
	core->hash = 0;
	if (outbox->send_count >= SENDS_MAX)
		send_all(core);
	return !refused;
}

static struct instant deadline_of(struct core *core, size_t index)
{
	struct core_engine_deadline *deadline = &core->deadlines[index];
	const struct engine *engine = core->engines[index];

	if (!engine)
		return INSTANT_NEVER;
	if (!deadline->known)
		*deadline = (struct core_engine_deadline){engine->type->deadline(engine), true};
	return deadline->at;
}

void core_engines_advance(struct core *core, struct instant now)
{
	for (size_t i = 0; CORE_ENGINES[i]; i++) {
		struct engine *engine = core->engines[i];

		if (!instant_due(deadline_of(core, i), now))
			continue;
		engine->type->advance(engine, now, outbox_of(core, i));
		carry_out(core, now, i);
	}
	send_all(core);
}

struct instant core_engines_deadline(struct core *core)
{
	struct instant deadline = core->outbox.send_count ? core->now : INSTANT_NEVER;

	for (size_t i = 0; CORE_ENGINES[i]; i++)
		deadline = instant_earlier(deadline, deadline_of(core, i));
	return deadline;
}

void core_engines_tell_link(struct core *core, struct instant now, const struct link_change *change)
{
	for (size_t i = 0; CORE_ENGINES[i]; i++) {
		struct engine *engine = core->engines[i];

		if (!engine)
			continue;
		engine->type->link_changed(engine, now, change, outbox_of(core, i));
		carry_out(core, now, i);
	}
}

void core_engines_reconfigured(struct core *core, struct instant now, const struct config *before)
{
	for (size_t i = 0; CORE_ENGINES[i]; i++) {
		struct engine *engine = core->engines[i];

		if (!engine)
			continue;
		engine->type->reconfigured(engine, now, before, outbox_of(core, i));
		carry_out(core, now, i);
	}
}

/* The index of the engine that speaks this protocol; that of the end of the list for a neighbour.
 */
static size_t engine_of(const struct protocol_id *protocol)
{
	size_t i = 0;

	while (CORE_ENGINES[i] && &CORE_ENGINES[i]->id != protocol)
		i++;
	return i;
}

void core_engines_question(struct core *core, const struct endpoint *endpoint,
    const struct presence *presence, bool insist)
{
	size_t index = engine_of(endpoint->protocol);
	struct engine *engine = CORE_ENGINES[index] ? core->engines[index] : NULL;
	char key[KEY_TEXT_MAX] = "";
	struct engine_reconfirm reconfirm = {
	    .key = SLICE(""),
	    .address = presence->address,
	    .link = endpoint->link,
	    .port = presence->port,
	    .multicast_retry = insist,
	    .departed = presence->departing,
	};

	if (!engine)
		return;
	if (endpoint->key.kind != KEY_ADDRESS)
		reconfirm.key = slice_of(endpoint_key_text(endpoint, key));
	engine->type->reconfirm(engine, core->now, &reconfirm);
	core_engine_called(core, index);
}

void core_engines_forgotten(struct core *core, const struct endpoint *endpoint)
{
	size_t index = engine_of(endpoint->protocol);
	struct engine *engine = CORE_ENGINES[index] ? core->engines[index] : NULL;

	if (!engine || !engine->type->forgotten)
		return;
	engine->type->forgotten(engine, endpoint);
	core_engine_called(core, index);
}

/* True when this engine has nothing to do with the target: it is one of another. */
static bool is_foreign(size_t index, struct slice target)
{
	bool owned = false;

	for (size_t i = 0; CORE_ENGINES[i]; i++) {
		if (!CORE_ENGINES[i]->owns_target || !CORE_ENGINES[i]->owns_target(target))
			continue;
		if (i == index)
			return false;
		owned = true;
	}
	return owned;
}

void core_search(struct core *core, struct instant now, struct slice target, unsigned seconds)
{
	core->now = now;
	for (size_t i = 0; CORE_ENGINES[i]; i++) {
		struct engine *engine = core->engines[i];

		if (!engine || is_foreign(i, target))
			continue;
		engine->type->search(engine, now, target, seconds, outbox_of(core, i));
		carry_out(core, now, i);
	}
}

bool core_matches(const struct core *core, const struct endpoint *endpoint, struct slice target)
{
	size_t index = engine_of(endpoint->protocol);
	const struct engine_type *type = CORE_ENGINES[index];

	(void)core;
	return type && !is_foreign(index, target) && type->matches(endpoint, target);
}

bool core_host_name(struct slice name, struct writer *whole)
{
	for (size_t i = 0; CORE_ENGINES[i]; i++)
		if (CORE_ENGINES[i]->host_name && CORE_ENGINES[i]->host_name(name, whole))
			return true;
	return false;
}

bool core_resolve(struct core *core, struct instant now, struct slice name, unsigned seconds)
{
	bool asked = false;

	core->now = now;
	for (size_t i = 0; CORE_ENGINES[i]; i++) {
		struct engine *engine = core->engines[i];

		if (!engine || !engine->type->resolve)
			continue;
		asked |= engine->type->resolve(engine, now, name, seconds, outbox_of(core, i));
		carry_out(core, now, i);
	}
	return asked;
}
