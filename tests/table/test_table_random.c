/* SPDX-License-Identifier: ISC
 * Random tests of the table against the naive model: few keys, addresses, MACs and links, so that
 * they meet. A failing sequence is shortened and printed with its seed. DISCOVERD_TEST_SEEDS is how
 * many seeds are tried of each mix, DISCOVERD_TEST_SEED the first. */
#include "base/array.h"
#include "base/mac.h"
#include "base/rng.h"
#include "id_of.h"
#include "model/protocol_id.h"
#include "model/table_refresh.h"
#include "naive_model.h"
#include "suites.h"
#include "table_fixture.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = 60, IDS_MAX = 512 };

enum step_kind { STEP_OBSERVE, STEP_NEIGHBOUR, STEP_LEARN, STEP_ADVANCE, STEP_DROP_LINK };

/* Stands by itself, so that any part of a sequence is a sequence. Indices into the tables below, 0
 * for none. */
struct step {
	enum step_kind kind;
	enum sighting_event event;
	enum sighting_scope scope;
	unsigned protocol, key, address, link, mac, name, type, server, service, url, epoch;
	bool unsure, partial;
	int64_t us; /* lifetime, or time that passes */
};

/* What a run may contain. */
struct mix {
	const char *name;
	bool asks;   /* the table's questions are heard; else none is asked */
	bool stale;  /* MACs that are not confirmed */
	bool moves;  /* one MAC at several IPv4 addresses */
	bool ipv6;   /* addresses of both families */
	bool clones; /* epochs and types that tell machines apart */
	bool caps;   /* a small table; the model knows no caps, so it is not compared */
	bool learns; /* MACs become known, or others, without a message */
};

static const struct mix MIXES[] = {
    {.name = "addresses alone"},
    {.name = "macs", .learns = true},
    {.name = "ipv6", .learns = true, .ipv6 = true},
    {.name = "moves", .learns = true, .ipv6 = true, .moves = true},
    {.name = "stale", .learns = true, .ipv6 = true, .stale = true},
    {.name = "asked", .learns = true, .ipv6 = true, .moves = true, .asks = true},
    {.name = "clones", .learns = true, .clones = true, .asks = true},
    {.name = "full",
	.learns = true,
	.ipv6 = true,
	.stale = true,
	.moves = true,
	.clones = true,
	.asks = true,
	.caps = true},
    {.name = "everything",
	.learns = true,
	.ipv6 = true,
	.stale = true,
	.moves = true,
	.clones = true,
	.asks = true},
};

static const char *const KEYS[] = {"", "uuid:37ed2baa-dd46-548d-87c6-e5282b01bd6c",
    "uuid:00000000-0000-0000-0000-000000000000", "uuid:Socket-1_0-22", "tv.local"};
static const char *const NAMES[] = {"", "tv", "lamp", "nas"};
static const char *const TYPES[] = {"", "urn:x:device:A:1", "urn:x:device:B:1"};
static const char *const SERVERS[] = {"", "Linux UPnP/1.0 one/1", "Linux UPnP/1.0 two/2"};
static const char *const SERVICES[] = {"", "urn:x:service:A:1", "urn:x:service:B:1", "_ipp._tcp"};
static const char *const URLS[] = {"", "http://192.0.2.1/one", "http://192.0.2.1/two"};
static const int64_t TIMES[] = {
    0, 10000, 400000, 1100000, 5000000, 31000000, 400000000, 2000000000};
static const int64_t LIFETIMES[] = {1000000, 40000000, 300000000, 1800000000};
static const struct protocol_id *const PROTOCOLS[] = {&FIXTURE_SSDP, &FIXTURE_BROADCAST};

/* What watchers have been told, by device id. */
struct watcher {
	char ids[IDS_MAX][DEVICE_ID_MAX];
	size_t count;
	struct naive *naive;
	const struct table *table;
	struct report *report;
};

static size_t known(const struct watcher *watcher, const char *id)
{
	size_t i = 0;

	while (i < watcher->count && strcmp(watcher->ids[i], id) != 0)
		i++;
	return i;
}

static void changed(void *context, const struct table_change *change)
{
	struct watcher *watcher = context;
	const char *id = ID_OF(change->device);
	size_t at = known(watcher, id);
	bool is_known = at < watcher->count;

	if (change->event == TABLE_ADDED) {
		if (is_known)
			report_fail(watcher->report, "%s was added twice", id);
		else if (watcher->count < IDS_MAX)
			strcpy(watcher->ids[watcher->count++], id);
		return;
	}
	if (!is_known)
		report_fail(watcher->report, "%s was never added", id);
	if (change->event == TABLE_UPDATED && !change->changed)
		report_fail(watcher->report, "%s was updated by nothing", id);
	if (change->event != TABLE_REMOVED)
		return;
	if (is_known)
		memmove(watcher->ids[at], watcher->ids[--watcher->count], DEVICE_ID_MAX);
	if (change->merged_into && !table_find(watcher->table, slice_of(change->merged_into)))
		report_fail(watcher->report, "%s was merged into %s, which is not", id,
		    change->merged_into);
}

static void asked(
    void *context, const struct endpoint *endpoint, const struct presence *presence, bool insist)
{
	struct watcher *watcher = context;
	(void)insist;

	naive_asked(watcher->naive, endpoint, presence);
}

static struct key key_of(unsigned key)
{
	return key == 4 ? key_of_name(slice_of(KEYS[key])) : key_of_id(slice_of(KEYS[key]));
}

/* 192.0.2.1 to .3, then two link-local ones. */
static struct address address_of(unsigned address)
{
	if (address < 3)
		return address_ipv4(192, 0, 2, (uint8_t)(address + 1));
	return (struct address){ADDRESS_IPV6, {0xfe, 0x80, [15] = (uint8_t)(address - 2)}};
}

static struct mac mac_of(unsigned mac)
{
	return (struct mac){{2, 0, 0, 0, 0, (uint8_t)mac}, mac > 0};
}

static struct sighting sighting_of(const struct step *step, struct sighted_service *service)
{
	struct sighting sighting = {
	    .event = step->event,
	    .scope = step->scope,
	    .protocol = PROTOCOLS[step->protocol],
	    .key = key_of(step->key),
	    .from = address_of(step->address),
	    .link = step->link,
	    .network = step->address < 3 ? 24 : 64,
	    .mac = mac_of(step->mac),
	    .mac_unsure = step->unsure,
	    .lifetime = step->us,
	    .url = slice_of(URLS[step->url]),
	    .services = service,
	    .service_count = step->service > 0,
	    .partial = step->partial,
	    .epoch = {step->epoch > 0, step->epoch},
	};
	service->type = slice_of(SERVICES[step->service]);
	sighting.facts[FACT_NAME] = slice_of(NAMES[step->name]);
	sighting.facts[FACT_TYPE] = slice_of(TYPES[step->type]);
	sighting.facts[FACT_SERVER] = slice_of(SERVERS[step->server]);
	if (step->event == SIGHTING_RENUMBERS)
		sighting.next_epoch = (struct sighting_number){true, step->epoch % 3 + 1};
	return sighting;
}

static enum sighting_event random_event(struct rng *rng)
{
	static const enum sighting_event EVENTS[] = {SIGHTING_ALIVE, SIGHTING_ALIVE, SIGHTING_ALIVE,
	    SIGHTING_ALIVE, SIGHTING_ALIVE, SIGHTING_LEFT, SIGHTING_ASKED, SIGHTING_DESCRIBED};
	return EVENTS[rng_below(rng, COUNT_OF(EVENTS))];
}

static void random_sighting(const struct mix *mix, struct rng *rng, struct step *step)
{
	step->event = random_event(rng);
	step->scope = (enum sighting_scope)rng_below(rng, 3);
	step->protocol = (unsigned)rng_below(rng, COUNT_OF(PROTOCOLS));
	step->key = (unsigned)rng_below(rng, COUNT_OF(KEYS));
	step->name = (unsigned)rng_below(rng, COUNT_OF(NAMES));
	step->server = (unsigned)rng_below(rng, COUNT_OF(SERVERS));
	step->url = (unsigned)rng_below(rng, COUNT_OF(URLS));
	step->partial = rng_below(rng, 4) == 0;
	step->us = LIFETIMES[rng_below(rng, COUNT_OF(LIFETIMES))];
	step->type = mix->clones ? (unsigned)rng_below(rng, COUNT_OF(TYPES)) : step->key % 3;
	if (mix->clones) {
		step->epoch = (unsigned)rng_below(rng, 4);
		if (step->epoch > 0 && rng_below(rng, 8) == 0)
			step->event = SIGHTING_RENUMBERS;
	}
	if (step->event != SIGHTING_ASKED)
		step->service = (unsigned)rng_below(rng, COUNT_OF(SERVICES));
}

/* One MAC per address unless it moves; an address has another one now and then. */
static unsigned random_mac(const struct mix *mix, struct rng *rng, const struct step *step)
{
	unsigned own = step->address < 3 ? step->address + 1 : 1 + step->address % 2;

	if (!mix->learns || rng_below(rng, 3) == 0)
		return 0;
	if (mix->moves || rng_below(rng, 10) == 0)
		return 1 + (unsigned)rng_below(rng, 3);
	return own;
}

static struct step random_step(const struct mix *mix, struct rng *rng)
{
	struct step step = {.link = 2 + (unsigned)rng_below(rng, 2)};
	uint64_t choice = rng_below(rng, 100);

	step.address = (unsigned)rng_below(rng, mix->ipv6 ? 5 : 3);
	step.mac = random_mac(mix, rng, &step);
	step.unsure = mix->stale && rng_below(rng, 3) == 0;
	if (choice < 64) {
		step.kind = STEP_OBSERVE;
		random_sighting(mix, rng, &step);
	} else if (choice < 70) {
		step.kind = STEP_NEIGHBOUR;
		step.unsure = false;
	} else if (choice < 80) {
		step.kind = STEP_LEARN;
	} else if (choice < 99) {
		step.kind = STEP_ADVANCE;
		step.us = TIMES[rng_below(rng, COUNT_OF(TIMES))];
	} else {
		step.kind = STEP_DROP_LINK;
	}
	return step;
}

struct run {
	struct fixture fixture;
	struct naive naive;
	struct watcher watcher;
	struct report report;
};

struct kernel {
	struct address address;
	struct mac mac;
	bool confirmed;
};

/* The message of this sighting, as a hash: what it says, without what the kernel knows. */
static uint64_t message_of(const struct step *step)
{
	const struct siphash_key key = {{1, 2}};
	char text[256];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	writer_format(&w, "%d %d %u %u %u %u %u %u %u %u %d %lld", step->event, step->scope,
	    step->protocol, step->key, step->name, step->type, step->server, step->service,
	    step->url, step->epoch, step->partial, (long long)step->us);
	return siphash(&key, writer_result(&w));
}

/* A message that the table knows is not read. */
static void hear(struct run *run, const struct step *step, const struct sighting *sighting)
{
	struct fixture *f = &run->fixture;
	const struct endpoint *endpoint;
	struct table_refresh refresh;
	uint64_t message = message_of(step);
	bool confirmed = sighting->mac.known && !sighting->mac_unsure;

	if (table_refresh_find(f->table, message, step->link, &sighting->from, &refresh) &&
	    table_refresh_holds(&refresh, &sighting->mac, confirmed, 0)) {
		table_refresh_take(f->table, f->now, &refresh);
		return;
	}
	table_observe(f->table, f->now, sighting, &endpoint);
	if (endpoint)
		table_refresh_note(f->table, endpoint, sighting, message, 1);
}

/* The model goes first: what the table asks is then asked of what is there after the step. */
static void take_step(struct run *run, const struct step *step)
{
	struct fixture *f = &run->fixture;
	struct sighted_service service = {0};
	struct sighting sighting;
	struct kernel kernel = {address_of(step->address), mac_of(step->mac), !step->unsure};

	switch (step->kind) {
	case STEP_OBSERVE:
		sighting = sighting_of(step, &service);
		naive_observe(&run->naive, f->now, &sighting);
		hear(run, step, &sighting);
		break;
	case STEP_NEIGHBOUR:
		naive_neighbour(&run->naive, f->now, &FIXTURE_NEIGHBOUR, step->link,
		    &kernel.address, &kernel.mac);
		table_neighbour(f->table, f->now, &FIXTURE_NEIGHBOUR, step->link, &kernel.address,
		    &kernel.mac, SLICE_NONE);
		break;
	case STEP_LEARN:
		/* whether the table asks first is not modelled */
		table_learn_mac(
		    f->table, f->now, step->link, &kernel.address, &kernel.mac, kernel.confirmed);
		naive_learn(&run->naive, f->now, step->link, &kernel.address, &kernel.mac,
		    kernel.confirmed);
		break;
	case STEP_ADVANCE:
		naive_advance(&run->naive, instant_add(f->now, step->us));
		fixture_advance(f, step->us);
		break;
	case STEP_DROP_LINK:
		naive_drop_link(&run->naive, f->now, step->link);
		table_drop_link(f->table, f->now, step->link);
		break;
	}
}

/* All of its devices, and none else. */
static bool check_key(struct run *run, const struct key *key)
{
	const struct device *found[NAIVE_ENDPOINTS];
	size_t count = table_find_key(run->fixture.table, key, found, COUNT_OF(found)),
	       with_key = 0;
	struct table_cursor cursor;
	const struct device *device;

	table_cursor_open(&cursor, run->fixture.table);
	while ((device = table_cursor_next(&cursor)))
		with_key += device_has_key(device, key);
	table_cursor_close(&cursor);
	for (size_t i = 0; i < count; i++)
		if (!device_has_key(found[i], key))
			return report_fail(&run->report, "a key finds a device without it");
	return count == with_key ||
	       report_fail(&run->report, "a key finds %zu devices of %zu", count, with_key);
}

static bool check_keys(struct run *run)
{
	for (unsigned i = 1; i < COUNT_OF(KEYS); i++) {
		struct key key = key_of(i);
		if (!check_key(run, &key))
			return false;
	}
	return true;
}

/* Another device has a key of it that joins. */
static bool has_duplicate(const struct table *table, const struct device *device)
{
	const struct device *found[2];
	const struct endpoint *endpoint;

	TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	if (key_joins(&endpoint->key) && table_find_key(table, &endpoint->key, found, 2) > 1)
		return true;
	return false;
}

/* When nothing is due any more, watchers know what there is. */
static bool check_reported(struct run *run)
{
	struct table_cursor cursor;
	const struct device *device;
	bool ok = true;

	table_cursor_open(&cursor, run->fixture.table);
	while (ok && (device = table_cursor_next(&cursor))) {
		uint32_t hashes[DEVICE_FIELDS];
		device_hash_fields(device, &(struct siphash_key){{1, 2}}, hashes);
		bool flagged = device->flags & DEVICE_DUPLICATE_UUID;
		if (flagged != has_duplicate(run->fixture.table, device))
			ok = report_fail(&run->report, "%s is flagged wrongly", ID_OF(device));
		if (known(&run->watcher, ID_OF(device)) == run->watcher.count)
			ok = report_fail(&run->report, "%s was not reported", ID_OF(device));
		for (size_t i = 0; ok && i < DEVICE_FIELDS; i++)
			if (hashes[i] != device->shown[i])
				ok = report_fail(&run->report, "%s: %s was not reported",
				    ID_OF(device), DEVICE_FIELD_NAMES[i]);
	}
	table_cursor_close(&cursor);
	if (ok && run->watcher.count != table_device_count(run->fixture.table))
		ok = report_fail(&run->report, "watchers know %zu devices of %zu",
		    run->watcher.count, table_device_count(run->fixture.table));
	return ok;
}

static bool check(const struct mix *mix, struct run *run)
{
	if (mix->caps)
		return !run->report.text[0] && table_check(run->fixture.table, &run->report) &&
		       check_keys(run) &&
		       (table_memory(run->fixture.table) <= 6000 ||
			   report_fail(&run->report, "over its budget"));
	return !run->report.text[0] && table_check(run->fixture.table, &run->report) &&
	       naive_compare(&run->naive, run->fixture.table, &run->report) && check_keys(run);
}

/* True when all went well; else `report` says what did not. */
static bool play(
    const struct mix *mix, const struct step *steps, size_t count, struct report *report)
{
	static const struct step LAST = {.kind = STEP_ADVANCE, .us = 400000};
	struct table_limits limits = TABLE_LIMITS_DEFAULT;
	struct run *run = calloc(1, sizeof(*run));
	bool ok = true;

	limits.endpoints_per_source = mix->caps ? 3 : 1000;
	if (mix->caps) {
		limits.endpoints = 8;
		limits.memory = 6000;
		limits.memory_per_source = 2500;
	}
	fixture_init(&run->fixture, &limits);
	naive_init(&run->naive, &limits);
	run->watcher.naive = &run->naive;
	run->watcher.table = run->fixture.table;
	run->watcher.report = &run->report;
	table_listen(run->fixture.table, &(struct table_listener){.context = &run->watcher,
					     .changed = changed,
					     .question = mix->asks ? asked : NULL});
	for (size_t i = 0; ok && i < count; i++) {
		take_step(run, &steps[i]);
		ok = check(mix, run);
	}
	while (ok && !table_is_quiet(run->fixture.table)) {
		take_step(run, &LAST);
		ok = check(mix, run);
	}
	if (ok)
		check_reported(run);
	ok = !run->report.text[0];
	*report = run->report;
	fixture_fini(&run->fixture);
	naive_fini(&run->naive);
	free(run);
	return ok;
}

/* Takes out what is not needed for it to fail. */
static size_t shorten(const struct mix *mix, struct step *steps, size_t count)
{
	struct step *fewer = calloc(count, sizeof(*fewer));
	struct report report;

	for (size_t part = count; part > 0; part /= 2)
		for (size_t at = 0; at + part <= count;) {
			memcpy(fewer, steps, at * sizeof(*steps));
			memcpy(fewer + at, steps + at + part, (count - at - part) * sizeof(*steps));
			if (play(mix, fewer, count - part, &report)) {
				at += part;
				continue;
			}
			count -= part;
			memcpy(steps, fewer, count * sizeof(*steps));
		}
	free(fewer);
	return count;
}

static void print(const struct step *step)
{
	static const char *const KINDS[] = {
	    "observe", "neighbour", "learn", "advance", "drop-link"};
	static const char *const EVENTS[] = {"alive", "renumbers", "left", "asked", "described"};
	static const char *const SCOPES[] = {"endpoint", "group", "service"};
	char address[ADDRESS_TEXT_MAX];
	struct address at = address_of(step->address);

	if (step->kind == STEP_ADVANCE) {
		printf("  advance %lld ms\n", (long long)step->us / 1000);
		return;
	}
	printf("  %s %s%%%u mac %u%s", KINDS[step->kind], address_text(&at, address), step->link,
	    step->mac, step->unsure ? "?" : "");
	if (step->kind == STEP_OBSERVE)
		printf(" %s %s '%s' scope %s name '%s' type '%s' server %u service '%s' url %u "
		       "epoch %u %s%lld s",
		    PROTOCOLS[step->protocol]->name, EVENTS[step->event], KEYS[step->key],
		    SCOPES[step->scope], NAMES[step->name], TYPES[step->type], step->server,
		    SERVICES[step->service], step->url, step->epoch,
		    step->partial ? "partial " : "", (long long)step->us / 1000000);
	printf("\n");
}

static void try_seed(const struct mix *mix, uint64_t seed)
{
	struct step steps[STEPS];
	struct report report;
	struct rng rng;
	size_t count = STEPS;

	rng_init(&rng, seed);
	for (size_t i = 0; i < STEPS; i++) {
		bool repeats = i > 0 && rng_below(&rng, 3) == 0;
		steps[i] = repeats ? steps[rng_below(&rng, i)] : random_step(mix, &rng);
	}
	if (play(mix, steps, STEPS, &report))
		return;
	count = shorten(mix, steps, count);
	play(mix, steps, count, &report);
	printf("%s, seed %llu: %s\n", mix->name, (unsigned long long)seed, report.text);
	for (size_t i = 0; i < count; i++)
		print(&steps[i]);
	fflush(stdout);
	ck_abort_msg("%s, seed %llu: %s", mix->name, (unsigned long long)seed, report.text);
}

START_TEST(the_table_does_what_the_naive_model_does)
{
	const char *seeds = getenv("DISCOVERD_TEST_SEEDS"), *first = getenv("DISCOVERD_TEST_SEED");
	uint64_t begin = first ? strtoull(first, NULL, 10) : 0;
	uint64_t count = seeds ? strtoull(seeds, NULL, 10) : 60;

	for (uint64_t seed = begin; seed < begin + count; seed++)
		try_seed(&MIXES[_i], seed);
}
END_TEST

Suite *table_random_suite(void)
{
	Suite *suite = suite_create("model/table_random");
	TCase *tc = tcase_create("random");
	tcase_add_loop_test(tc, the_table_does_what_the_naive_model_does, 0, (int)COUNT_OF(MIXES));
	suite_add_tcase(suite, tc);
	return suite;
}
