/* SPDX-License-Identifier: ISC
 * fuzz_session: a client of the control socket that sends anything, in pieces, while the table
 * changes and time goes on. */
#include "control/announce_method.h"
#include "control/change_texts.h"
#include "control/probe_plan.h"
#include "control/session.h"
#include "fuzz.h"
#include "model/host_address.h"
#include "model/protocol_id.h"
#include "session_drain.h"
#include "wire/varlink_message.h"
#include <string.h>

/* A change of the table takes longer than what the session does with most inputs: not every piece
 * has one. */
enum { PIECES_MAX = 16, CHANGE_EACH = 4 };

struct world {
	struct table *table;
	struct link_set links;
	struct control_host host;
	struct session *session;
	struct instant now;
	unsigned pieces, turn;
	uint64_t probes;
	char *heard;
	size_t heard_len, heard_capacity;
};

static void host_status(void *context, struct control_status *status)
{
	static const struct counter counters[] = {{"received", 1}};
	static const struct counter_group group = {"ssdp", counters, 1};
	(void)context;
	*status = (struct control_status){.version = "1", .groups = &group, .group_count = 1};
}

static void host_traffic(void *context, uint32_t link, struct control_link_traffic *traffic)
{
	(void)context;
	*traffic = (struct control_link_traffic){.received = link};
}

static int64_t host_wall_clock(void *context, struct instant instant)
{
	(void)context;
	return instant.us;
}

static int host_search(void *context, struct slice target, unsigned seconds)
{
	(void)context;
	(void)target;
	FUZZ_CHECK(seconds >= 1 && seconds <= 30);
	return 0;
}

static bool host_matches(void *context, const struct endpoint *endpoint, struct slice target)
{
	(void)context;
	(void)endpoint;
	FUZZ_CHECK(target.len > 0);
	return target.len % 2;
}

static bool host_host_name(void *context, struct slice name, struct writer *whole)
{
	(void)context;
	writer_slice(whole, name);
	return name.len % 2;
}

static bool host_resolve(void *context, struct slice name, unsigned seconds)
{
	(void)context;
	FUZZ_CHECK(name.len > 0 && seconds >= 1 && seconds <= 30);
	return name.len % 3;
}

static int host_probe(void *context, const struct probe_plan *plan, uint64_t *number)
{
	struct world *world = context;
	FUZZ_CHECK(plan->seconds >= 1 && plan->seconds <= PROBE_SECONDS_MAX);
	FUZZ_CHECK(plan->ping || plan->port_count);
	FUZZ_CHECK(plan->port_count <= PROBE_PORTS_MAX);
	*number = ++world->probes;
	return 0;
}

static void host_probe_cancel(void *context, uint64_t number)
{
	struct world *world = context;
	FUZZ_CHECK(number <= world->probes);
}

static int host_reload(void *context, struct writer *why)
{
	(void)context;
	writer_text(why, "a.conf:1: no");
	return -1;
}

static int host_announce(void *context, const struct control_peer *peer,
    const struct control_session *owner, struct offer *tree, struct control_announced *announced)
{
	(void)context;
	(void)peer;
	(void)owner;
	FUZZ_CHECK(tree->device_count > 0 && tree->devices[0].type);
	*announced = (struct control_announced){.id = "uuid:a", .limit = 1};
	offer_free(tree);
	return 0;
}

static int host_withdraw(void *context, const struct control_peer *peer, struct slice id)
{
	(void)context;
	(void)peer;
	return id.len % 2 ? -1 : 0;
}

static void host_abandon(void *context, const struct control_session *owner)
{
	(void)context;
	(void)owner;
}

static void table_changed(void *context, const struct table_change *change)
{
	struct world *world = context;
	struct change_texts texts = change_texts_of(&world->host, world->now, change);
	control_session_changed(world->session, &texts);
	change_texts_fini(&texts);
	if (change->event == TABLE_ADDED)
		control_session_answered(
		    world->session, world->now, TAILQ_FIRST(&change->device->endpoints));
}

static void world_init(struct world *world, bool may_change)
{
	struct siphash_key key = {{1, 2}};
	struct control_peer peer = {.uid = 1, .may_change = may_change};

	*world = (struct world){.now = {SECONDS(1)}};
	world->table = table_new(&TABLE_LIMITS_DEFAULT, &key);
	link_set_init(&world->links);
	struct link *link = link_set_add(&world->links, 2);
	FUZZ_CHECK(world->table && link);
	memcpy(link->name, "eth0", 5);
	world->host = (struct control_host){.context = world,
	    .table = world->table,
	    .links = &world->links,
	    .usable = &world->links,
	    .status = host_status,
	    .traffic = host_traffic,
	    .wall_clock = host_wall_clock,
	    .search = host_search,
	    .matches = host_matches,
	    .host_name = host_host_name,
	    .resolve = host_resolve,
	    .probe = host_probe,
	    .probe_cancel = host_probe_cancel,
	    .reload = host_reload,
	    .announce = host_announce,
	    .withdraw = host_withdraw,
	    .abandon = host_abandon};
	world->session = CONTROL_SESSION.create(&world->host, &peer);
	FUZZ_CHECK(world->session);
	table_listen(
	    world->table, &(struct table_listener){.context = world, .changed = table_changed});
}

static void world_fini(struct world *world)
{
	table_listen(world->table, &(struct table_listener){0});
	session_free(world->session);
	table_free(world->table);
	link_set_fini(&world->links);
	free(world->heard);
}

/* A device comes, changes or goes. */
static void change_table(struct world *world)
{
	static const struct protocol_id ssdp = {"ssdp", 1};
	static const struct slice ids[] = {{"uuid:a", 6}, {"uuid:b", 6}, {NULL, 0}};
	unsigned turn = world->turn++;
	struct host_address address = {
	    .name = SLICE("a.local"), .address = address_ipv4(192, 0, 2, (uint8_t)turn), .link = 2};
	struct probe_result result = {.port = (uint16_t)(turn % 3), .banner = SLICE("\xff\x1b[")};
	struct sighting sighting = {
	    .event = turn % 5 == 4 ? SIGHTING_LEFT : SIGHTING_ALIVE,
	    .protocol = &ssdp,
	    .key = key_of_id(ids[turn % 3]),
	    .from = address_ipv4(192, 0, 2, (uint8_t)(turn % 3)),
	    .link = 2,
	    .lifetime = SECONDS(60),
	    .facts[FACT_NAME] = turn % 2 ? SLICE("one") : SLICE("two"),
	};
	table_observe(world->table, world->now, &sighting, NULL);
	control_session_probed(world->session, world->probes, &result);
	control_session_resolved(world->session, world->now, &address);
}

static void hear(struct world *world, size_t capacity)
{
	struct writer w;
	char *buffer = malloc(capacity);
	FUZZ_CHECK(buffer);
	writer_init(&w, buffer, capacity);
	session_drain(world->session, world->now, &w);
	FUZZ_CHECK(w.error == 0 && w.len <= capacity);
	if (world->heard_len + w.len > world->heard_capacity) {
		world->heard_capacity = 2 * (world->heard_len + w.len);
		world->heard = realloc(world->heard, world->heard_capacity);
		FUZZ_CHECK(world->heard);
	}
	if (w.len)
		memcpy(world->heard + world->heard_len, buffer, w.len);
	world->heard_len += w.len;
	free(buffer);
}

static void hear_all(struct world *world)
{
	while (session_wants_turn(world->session))
		hear(world, 4096);
}

/* Everything that was said is whole replies. */
static void check_heard(const struct world *world)
{
	struct slice rest = {world->heard, world->heard_len};
	while (rest.len) {
		struct varlink_reply reply;
		size_t len = slice_find(rest, '\0');
		FUZZ_CHECK(len < rest.len);
		FUZZ_CHECK(varlink_reply_parse(slice_head(rest, len), &reply) == 0);
		FUZZ_CHECK(reply.parameters);
		varlink_reply_fini(&reply);
		rest = slice_skip(rest, len + 1);
	}
}

static void feed(struct world *world, const uint8_t *data, size_t size)
{
	struct slice piece = fuzz_copy(data, size);
	session_feed(world->session, world->now, piece);
	fuzz_free(piece);
	if (world->pieces++ % CHANGE_EACH == 0)
		change_table(world);
	world->now = instant_add(world->now, MILLISECONDS(700));
	table_advance(world->table, world->now);
	session_advance(world->session, world->now);
	FUZZ_CHECK(!instant_due(session_deadline(world->session), world->now));
}

/* The first byte says what the client may do and how the rest is cut. */
int fuzz_session(const uint8_t *data, size_t size)
{
	struct world world;
	size_t step = (size ? 1 + data[0] / 2 * 8U : 1) + size / PIECES_MAX;

	world_init(&world, size && data[0] % 2);
	for (size_t at = 1; at < size; at += step) {
		feed(&world, data + at, size - at < step ? size - at : step);
		hear(&world, 1 + at % 61);
	}
	session_end(world.session);
	hear_all(&world);
	/* searches and probes that wait for one another end one after the other */
	for (size_t i = 0; i < size && !session_is_done(world.session); i++) {
		FUZZ_CHECK(!instant_is_never(session_deadline(world.session)));
		world.now = session_deadline(world.session);
		session_advance(world.session, world.now);
		hear_all(&world);
	}
	check_heard(&world);
	FUZZ_CHECK(session_is_done(world.session));
	world_fini(&world);
	return 0;
}
