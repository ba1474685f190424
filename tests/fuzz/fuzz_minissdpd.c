/* SPDX-License-Identifier: ISC
 * fuzz_minissdpd: a client of minissdpd's socket that sends anything, in pieces, while the table
 * changes and time goes on. */
#include "control/minissdpd_news.h"
#include "control/minissdpd_session.h"
#include "fuzz.h"
#include "model/protocol_id.h"
#include "session_drain.h"
#include <string.h>

/* One request in three bytes may be answered by a list of the whole table: what is served of one
 * input is limited, so that it does not take long. */
enum { OWN_MAX = 3, PIECES_MAX = 16, CHANGE_EACH = 4, TURNS_MAX = 16 };

struct world {
	struct table *table;
	struct minissdpd_news *news;
	struct minissdpd_host host;
	struct counter counters[MINISSDPD_COUNTERS];
	struct session *session;
	struct instant now;
	unsigned pieces, turn;
	char *own[OWN_MAX]; /* a copy of what was submitted, as one text */
	struct submission submitted;
};

static const struct submission *host_submission(void *context, size_t number)
{
	struct world *world = context;
	if (number >= OWN_MAX || !world->own[number])
		return NULL;
	struct slice text = slice_of(world->own[number]);
	world->submitted = (struct submission){text, text, text, text};
	return &world->submitted;
}

/* Reads every byte of it. */
static int host_submit(void *context, struct instant now, const struct control_peer *peer,
    const struct submission *submission)
{
	(void)peer;
	struct world *world = context;
	char **own = &world->own[world->turn % OWN_MAX];
	struct slice parts[] = {
	    submission->st, submission->usn, submission->server, submission->location};
	(void)now;
	for (size_t i = 0; i < 4; i++) {
		FUZZ_CHECK(parts[i].len <= MINISSDPD_STRING_MAX);
		free(*own);
		*own = slice_dup(parts[i]);
		FUZZ_CHECK(*own);
	}
	struct minissdpd_entry entry = {parts[3], parts[0], parts[1]};
	minissdpd_session_changed(world->session, MINISSDPD_NEW, &entry);
	return world->turn % 4 ? 0 : -1;
}

static void tell(void *context, enum minissdpd_kind kind, const struct minissdpd_entry *entry)
{
	struct world *world = context;
	minissdpd_session_changed(world->session, kind, entry);
}

static void table_changed(void *context, const struct table_change *change)
{
	struct world *world = context;
	minissdpd_news_changed(world->news, change, tell, world);
}

static void world_init(struct world *world, bool may_change)
{
	struct siphash_key key = {{1, 2}};
	struct control_peer peer = {.uid = 1, .may_change = may_change};

	*world = (struct world){.now = {SECONDS(1)}};
	world->table = table_new(&TABLE_LIMITS_DEFAULT, &key);
	world->news = minissdpd_news_new(&key);
	counters_init(world->counters, MINISSDPD_COUNTER_NAMES, MINISSDPD_COUNTERS);
	world->host = (struct minissdpd_host){
	    world, world->table, "1", host_submission, host_submit, world->counters};
	world->session = MINISSDPD_SESSION.create(&world->host, &peer);
	FUZZ_CHECK(world->table && world->news && world->session);
	table_listen(
	    world->table, &(struct table_listener){.context = world, .changed = table_changed});
}

static void world_fini(struct world *world)
{
	table_listen(world->table, &(struct table_listener){0});
	session_free(world->session);
	minissdpd_news_free(world->news);
	table_free(world->table);
	for (size_t i = 0; i < OWN_MAX; i++)
		free(world->own[i]);
}

/* A device comes, changes or goes. */
static void change_table(struct world *world)
{
	static const struct protocol_id ssdp = {"ssdp", 1};
	static const struct slice ids[] = {{"uuid:a", 6}, {"uuid:b", 6}};
	unsigned turn = world->turn++;
	struct sighted_service service = {
	    .type = turn % 3 ? SLICE("urn:a:service:S:1") : SLICE("urn:a:service:T:1")};
	struct sighting sighting = {
	    .event = turn % 5 == 4 ? SIGHTING_LEFT : SIGHTING_ALIVE,
	    .scope = turn % 2 ? SCOPE_SERVICE : SCOPE_ENDPOINT,
	    .protocol = &ssdp,
	    .key = key_of_id(ids[turn % 2]),
	    .from = address_ipv4(192, 0, 2, 1),
	    .link = 2,
	    .lifetime = SECONDS(60),
	    .services = &service,
	    .service_count = 1,
	    .url = turn % 7 ? SLICE("http://192.0.2.1/a") : SLICE("http://192.0.2.1/b"),
	    .primary = turn % 2,
	};
	table_observe(world->table, world->now, &sighting, NULL);
}

static void hear(struct world *world, size_t capacity)
{
	struct writer w;
	char *buffer = malloc(capacity);
	FUZZ_CHECK(buffer);
	writer_init(&w, buffer, capacity);
	session_drain(world->session, world->now, &w);
	FUZZ_CHECK(w.error == 0 && w.len <= capacity);
	free(buffer);
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
int fuzz_minissdpd(const uint8_t *data, size_t size)
{
	struct world world;
	unsigned turns;
	size_t step = (size ? 1 + data[0] / 2 * 8U : 1) + size / PIECES_MAX;

	world_init(&world, size && data[0] % 2);
	for (size_t at = 1; at < size; at += step) {
		feed(&world, data + at, size - at < step ? size - at : step);
		hear(&world, 1 + at % 61);
	}
	session_end(world.session);
	for (turns = 0; turns < TURNS_MAX && session_wants_turn(world.session); turns++)
		hear(&world, 4096);
	FUZZ_CHECK(session_is_done(world.session) || turns == TURNS_MAX);
	FUZZ_CHECK(instant_is_never(session_deadline(world.session)));
	world_fini(&world);
	return 0;
}
