/* SPDX-License-Identifier: ISC
 * Tests of model/table against a naive model of it: 200,000 random operations from one seed. */
#include "base/rng.h"
#include "model/table.h"
#include "suites.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* As many places as a device may have presences, so that none is ever replaced. */
enum { IDS = 40, PROTOCOLS = 2, ADDRESSES = 4, LINKS = 2, PLACES = PROTOCOLS * ADDRESSES * LINKS };
enum { OPERATIONS = 200000, SOURCES = ADDRESSES * LINKS + ADDRESSES };

static const char *const PROTOCOL_NAMES[PROTOCOLS] = {"ssdp", "broadcast"};
static const struct table_limits LIMITS = {
    .devices = 20,
    .devices_per_source = 6,
    .lifetime_min = SECONDS(30),
    .lifetime_max = SECONDS(200),
};

/* Check notes every assertion in a pipe, which is too slow for millions of them. */
#define REQUIRE(condition)                                                                         \
	do {                                                                                       \
		if (!(condition))                                                                  \
			ck_abort_msg("%s", #condition);                                            \
	} while (0)

struct place {
	int64_t expires; /* 0: not seen there */
	int64_t rested;  /* may be doubted from then on; INT64_MAX: is in doubt */
	unsigned location;
};

struct naive_device {
	bool present, yes, has_mac, is_device;
	unsigned source;
	uint64_t order;
	struct place places[PLACES];
};

struct model {
	struct table *table;
	struct rng rng;
	struct instant now;
	struct naive_device devices[IDS];
	uint64_t came;
	unsigned answering; /* of eight probes; goes up and down in the long run */
	struct table_cursor cursor;
	uint64_t walked;     /* order of what the cursor gave last */
	bool evicts;         /* a removal that is told now must be an eviction */
	unsigned evicts_for; /* the newcomer's source */
	uint64_t told_added, told_removed, doubts;
	unsigned saying, saying_place; /* who is being heard, and where */
};

/* What one operation is about. */
struct draw {
	unsigned id, protocol, address, link, location;
	bool mac;
	char id_text[16], location_text[8];
	struct sighting sighting;
};

static unsigned pick(struct model *m, unsigned limit)
{
	return (unsigned)rng_below(&m->rng, limit);
}

static unsigned place_of(unsigned protocol, unsigned address, unsigned link)
{
	return (protocol * ADDRESSES + address) * LINKS + link;
}

static unsigned source_of(unsigned address, unsigned link, bool mac)
{
	return mac ? ADDRESSES * LINKS + address : address * LINKS + link;
}

static bool is_empty(const struct naive_device *device)
{
	for (unsigned i = 0; i < PLACES; i++)
		if (device->places[i].expires)
			return false;
	return true;
}

static int64_t latest(const struct naive_device *device)
{
	int64_t expires = 0;
	for (unsigned i = 0; i < PLACES; i++)
		if (device->places[i].expires > expires)
			expires = device->places[i].expires;
	return expires;
}

static void forget_if_empty(struct naive_device *device)
{
	if (device->present && is_empty(device))
		memset(device, 0, sizeof(*device));
}

static unsigned id_of(const struct device *device)
{
	unsigned id = IDS;
	REQUIRE(sscanf(device->id + strlen("uuid:"), "%u", &id) == 1);
	REQUIRE(id < IDS);
	return id;
}

static unsigned unverified(const struct model *m, unsigned source)
{
	unsigned count = 0;
	for (unsigned i = 0; i < IDS; i++)
		count +=
		    m->devices[i].present && !m->devices[i].yes && m->devices[i].source == source;
	return count;
}

/* The rule of the table's header, spelled out: nobody else may go but who goes. */
static void check_eviction(const struct model *m, const struct naive_device *victim)
{
	unsigned most = 0;
	for (unsigned s = 0; s < SOURCES; s++)
		most = unverified(m, s) > most ? unverified(m, s) : most;
	bool own = unverified(m, m->evicts_for) == most;
	REQUIRE(!victim->yes);
	REQUIRE(unverified(m, victim->source) == most);
	REQUIRE(!own || victim->source == m->evicts_for);
	for (unsigned i = 0; i < IDS; i++) {
		const struct naive_device *other = &m->devices[i];
		bool competes =
		    other->present && !other->yes &&
		    (own ? other->source == m->evicts_for : unverified(m, other->source) == most);
		REQUIRE(!competes || latest(victim) < latest(other) + MILLISECONDS(1));
	}
}

static void watch(void *context, enum table_event event, const struct device *device)
{
	struct model *m = context;
	m->told_added += event == TABLE_ADDED;
	m->told_removed += event == TABLE_REMOVED;
	if (event != TABLE_REMOVED || !m->evicts)
		return;
	struct naive_device *victim = &m->devices[id_of(device)];
	check_eviction(m, victim);
	memset(victim, 0, sizeof(*victim));
}

/* Which presences the table doubts is its own affair; what may be doubted and what comes of it is
 * not. A presence that is asked only because its LOCATION takes over is in no doubt. */
static void note_question(
    void *context, const struct device *device, const struct device_presence *presence, bool insist)
{
	struct model *m = context;
	unsigned protocol = strcmp(presence->protocol, PROTOCOL_NAMES[0]) != 0;
	unsigned place = place_of(protocol, presence->address.bytes[3], presence->link);
	struct place *naive = &m->devices[id_of(device)].places[place];
	if (!instant_is_never(presence->doubtable))
		return;
	REQUIRE(!insist || device->reachable == DEVICE_REACHABLE_YES);
	REQUIRE(m->saying == id_of(device) && m->saying_place != place);
	REQUIRE(m->saying_place / (ADDRESSES * LINKS) == protocol);
	REQUIRE(m->saying_place % LINKS == presence->link);
	REQUIRE(naive->expires && naive->rested <= m->now.us);
	if (naive->expires > m->now.us + SECONDS(3))
		naive->expires = m->now.us + SECONDS(3);
	naive->rested = INT64_MAX;
	m->doubts++;
}

static int observe(struct model *m, const struct draw *d)
{
	m->saying = d->id;
	m->saying_place = place_of(d->protocol, d->address, d->link);
	int result = table_observe(m->table, m->now, &d->sighting, NULL);
	m->saying = IDS;
	return result;
}

static void draw(struct model *m, struct draw *d)
{
	d->id = pick(m, IDS);
	d->protocol = pick(m, PROTOCOLS);
	d->address = pick(m, ADDRESSES);
	d->link = pick(m, LINKS);
	d->location = pick(m, 3);
	d->mac = d->address == 0 && pick(m, 2);
	snprintf(d->id_text, sizeof(d->id_text), pick(m, 2) ? "uuid:%u" : "UUID:%u", d->id);
	snprintf(d->location_text, sizeof(d->location_text), "%u", d->location);
	d->sighting = (struct sighting){
	    .protocol = PROTOCOL_NAMES[d->protocol],
	    .id = slice_of(d->id_text),
	    .from = address_ipv4(192, 0, 2, (uint8_t)d->address),
	    .link = d->link,
	    .mac = {{2, (uint8_t)d->address}, d->mac},
	    .lifetime = SECONDS(pick(m, 300)),
	    .location = d->location ? slice_of(d->location_text) : SLICE_NONE,
	};
}

/* Whether the model lets a newcomer in; -ENOSPC where it does not. */
static int admit(struct model *m, unsigned source, unsigned place)
{
	unsigned held = 0, all = 0, may_go = 0;
	for (unsigned i = 0; i < IDS; i++) {
		held += m->devices[i].present &&
			(m->devices[i].source == source || m->devices[i].source == place);
		all += m->devices[i].present;
		may_go += m->devices[i].present && !m->devices[i].yes;
	}
	if (held >= LIMITS.devices_per_source)
		return -ENOSPC;
	return all < LIMITS.devices || may_go > 0 ? 0 : -ENOSPC;
}

static void see(struct model *m, bool alive)
{
	struct draw d;
	draw(m, &d);
	d.sighting.event = alive ? SIGHTING_ALIVE : SIGHTING_SEARCHED;
	struct naive_device *device = &m->devices[d.id];
	unsigned source = source_of(d.address, d.link, d.mac);
	bool is_new = !device->present;
	int expected = is_new ? admit(m, source, source_of(d.address, d.link, false)) : 0;

	m->evicts = is_new;
	m->evicts_for = source;
	REQUIRE(observe(m, &d) == expected);
	m->evicts = false;
	if (expected < 0)
		return;
	if (is_new)
		*device = (struct naive_device){
		    .present = true, .source = source, .has_mac = d.mac, .order = ++m->came};
	if (d.mac && !device->has_mac && device->source == source_of(d.address, d.link, false)) {
		device->has_mac = true;
		device->source = source;
	}
	int64_t lifetime = d.sighting.lifetime;
	lifetime = lifetime < LIMITS.lifetime_min ? LIMITS.lifetime_min : lifetime;
	lifetime = lifetime > LIMITS.lifetime_max ? LIMITS.lifetime_max : lifetime;
	struct place *place = &device->places[place_of(d.protocol, d.address, d.link)];
	if (alive || place->expires < m->now.us + lifetime)
		place->expires = m->now.us + lifetime;
	if (place->rested == INT64_MAX)
		place->rested = m->now.us + SECONDS(10);
	place->location = d.location ? d.location : place->location;
	device->is_device |= alive;
}

static void leave_link(struct naive_device *device, unsigned protocol, unsigned link)
{
	for (unsigned a = 0; a < ADDRESSES; a++)
		device->places[place_of(protocol, a, link)] = (struct place){0};
}

/* What a goodbye takes along. */
static void leave_as_tree(struct model *m, const struct draw *d)
{
	struct naive_device *device = &m->devices[d->id];
	unsigned at = place_of(d->protocol, d->address, d->link);
	unsigned location = device->places[at].location;

	for (unsigned i = 0; location && i < IDS; i++) {
		struct naive_device *other = &m->devices[i];
		if (i == d->id || !other->present || other->source != device->source ||
		    !other->places[at].expires || other->places[at].location != location)
			continue;
		other->places[at] = (struct place){0};
		forget_if_empty(other);
	}
	device->places[at] = (struct place){0};
	forget_if_empty(device);
}

/* After the table was told: which places are in doubt is known. */
static int naive_bye(struct model *m, const struct draw *d)
{
	struct naive_device *device = &m->devices[d->id];
	bool here = false, doubted = false;

	if (!device->present)
		return -ENOENT;
	if (device->places[place_of(d->protocol, d->address, d->link)].expires) {
		leave_as_tree(m, d);
		return 0;
	}
	for (unsigned p = 0; p < PROTOCOLS; p++)
		here |= device->places[place_of(p, d->address, d->link)].expires != 0;
	for (unsigned a = 0; a < ADDRESSES; a++)
		doubted |= device->places[place_of(d->protocol, a, d->link)].rested == INT64_MAX;
	if (doubted)
		return 0;
	return here ? -ENOENT : -EPERM;
}

static void bye(struct model *m)
{
	struct draw d;
	draw(m, &d);
	d.sighting.event = SIGHTING_BYE;
	int result = observe(m, &d);
	REQUIRE(result == naive_bye(m, &d));
}

static void reach(struct model *m)
{
	struct draw d;
	draw(m, &d);
	struct naive_device *device = &m->devices[d.id];
	bool yes = pick(m, 8) < m->answering;
	REQUIRE(table_set_reachable(m->table, m->now, d.sighting.id, yes) ==
		(device->present ? 0 : -ENOENT));
	device->yes = device->present && yes;
}

static void pass_time(struct model *m)
{
	m->now.us += (int64_t)pick(m, 4000000);
	for (unsigned i = 0; i < IDS; i++) {
		for (unsigned p = 0; p < PLACES; p++)
			if (m->devices[i].places[p].expires <= m->now.us)
				m->devices[i].places[p] = (struct place){0};
		forget_if_empty(&m->devices[i]);
	}
	table_expire(m->table, m->now);
}

static void drop_link(struct model *m)
{
	unsigned link = pick(m, LINKS);
	for (unsigned i = 0; i < IDS; i++) {
		for (unsigned p = 0; p < PROTOCOLS; p++)
			leave_link(&m->devices[i], p, link);
		forget_if_empty(&m->devices[i]);
	}
	table_drop_link(m->table, link);
}

/* The device that came first after `order`, or NULL. */
static const struct naive_device *after(const struct model *m, uint64_t order)
{
	const struct naive_device *next = NULL;
	for (unsigned i = 0; i < IDS; i++) {
		const struct naive_device *device = &m->devices[i];
		if (device->present && device->order > order &&
		    (!next || device->order < next->order))
			next = device;
	}
	return next;
}

static void step_cursor(struct model *m)
{
	const struct naive_device *expected = after(m, m->walked);
	const struct device *device = table_cursor_next(&m->cursor);
	if (expected) {
		REQUIRE(device);
		REQUIRE(&m->devices[id_of(device)] == expected);
		m->walked = expected->order;
		return;
	}
	REQUIRE(!device);
	table_cursor_close(&m->cursor);
	table_cursor_open(&m->cursor, m->table);
	m->walked = 0;
}

static void check_device(const struct device *device, const struct naive_device *naive)
{
	unsigned places = 0;
	for (unsigned i = 0; i < PLACES; i++)
		places += naive->places[i].expires != 0;
	REQUIRE(naive->present);
	REQUIRE(device->presence_count == places);
	REQUIRE(device_expires(device).us == latest(naive));
	REQUIRE((device->kind == DEVICE_KIND_DEVICE) == naive->is_device);
	REQUIRE((device->reachable == DEVICE_REACHABLE_YES) == naive->yes);
	REQUIRE(device->counted_by_mac == naive->has_mac);
}

static void check_all(struct model *m)
{
	const struct naive_device *naive = NULL;
	const struct device *device;
	struct table_cursor cursor;
	int64_t deadline = INT64_MAX;
	uint64_t order = 0;

	table_cursor_open(&cursor, m->table);
	for (; (naive = after(m, order)); order = naive->order) {
		device = table_cursor_next(&cursor);
		REQUIRE(device);
		check_device(device, naive);
		for (unsigned i = 0; i < PLACES; i++)
			if (naive->places[i].expires && naive->places[i].expires < deadline)
				deadline = naive->places[i].expires;
	}
	REQUIRE(!table_cursor_next(&cursor));
	table_cursor_close(&cursor);
	REQUIRE(table_deadline(m->table).us == deadline);
}

static void operate(struct model *m)
{
	unsigned dice = pick(m, 1000);
	if (dice < 550)
		see(m, dice < 450);
	else if (dice < 650)
		bye(m);
	else if (dice < 750)
		reach(m);
	else if (dice < 850)
		pass_time(m);
	else if (dice < 853)
		drop_link(m);
	else
		step_cursor(m);
}

START_TEST(the_table_does_what_a_naive_one_does)
{
	struct model m = {.now = {SECONDS(1)}};
	rng_init(&m.rng, 20240607);
	m.table = table_new(&LIMITS, &(struct siphash_key){{3, 4}});
	table_set_watcher(m.table, watch, &m);
	table_set_questioner(m.table, note_question, &m);
	table_cursor_open(&m.cursor, m.table);
	for (unsigned i = 0; i < OPERATIONS; i++) {
		m.answering = i / 5000 % 2 ? 8 : 2;
		operate(&m);
		REQUIRE(table_count(m.table) <= LIMITS.devices);
		REQUIRE(table_count(m.table) == m.told_added - m.told_removed);
		if (i % 16 == 0)
			check_all(&m);
	}
	ck_assert_uint_gt(m.doubts, 0);
	struct counter_group group = table_counters(m.table);
	for (size_t i = 0; i < group.count; i++)
		if (strcmp(group.counters[i].name, "evicted") == 0 ||
		    strcmp(group.counters[i].name, "expired") == 0 ||
		    strcmp(group.counters[i].name, "refused-full") == 0 ||
		    strcmp(group.counters[i].name, "doubts-confirmed") == 0 ||
		    strcmp(group.counters[i].name, "doubts-limited") == 0 ||
		    strcmp(group.counters[i].name, "refused-source") == 0)
			ck_assert_msg(
			    group.counters[i].value > 0, "no %s ever", group.counters[i].name);
	table_cursor_close(&m.cursor);
	table_free(m.table);
}
END_TEST

Suite *table_random_suite(void)
{
	Suite *suite = suite_create("model/table, at random");
	TCase *tcase = tcase_create("table_random");
	tcase_add_test(tcase, the_table_does_what_a_naive_one_does);
	suite_add_tcase(suite, tcase);
	return suite;
}
