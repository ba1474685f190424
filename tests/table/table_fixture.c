/* SPDX-License-Identifier: ISC
 * table_fixture: a table with a clock that tests move, and lines that note what it reported. */
#include "table_fixture.h"
#include "base/mac.h"
#include "id_of.h"
#include "model/protocol_id.h"
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct protocol_id FIXTURE_SSDP = {"ssdp", 1}, FIXTURE_BROADCAST = {"broadcast", 4},
			 FIXTURE_NEIGHBOUR = {"neighbour", PROTOCOL_RANK_NEIGHBOUR};

static const struct siphash_key KEY = {{1, 2}};

/* What does not fit is left out: tests that look at it report little. */
static void __attribute__((format(printf, 3, 4)))
append(char *line, size_t size, const char *format, ...)
{
	size_t len = strlen(line);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line + len, size - len, format, arguments);
	va_end(arguments);
}

static void note(void *context, const struct table_change *change)
{
	struct fixture *fixture = context;
	char *told = fixture->told;
	size_t size = sizeof(fixture->told);
	const char *before = "(", *id = ID_OF(change->device);

	if (change->leaving) {
		append(told, size, "<%s ", id);
		return;
	}
	append(told, size, "%c%s", "+~-"[change->event], id);
	if (change->merged_into)
		append(told, size, ">%s", change->merged_into);
	for (unsigned i = 0; change->event == TABLE_UPDATED && i < DEVICE_FIELDS; i++)
		if (change->changed & 1u << i) {
			append(told, size, "%s%s", before, DEVICE_FIELD_NAMES[i]);
			before = ",";
		}
	append(told, size, "%s", change->event == TABLE_UPDATED ? ") " : " ");
}

static void note_question(
    void *context, const struct endpoint *endpoint, const struct presence *presence, bool insist)
{
	struct fixture *fixture = context;
	char address[ADDRESS_TEXT_MAX], key[KEY_TEXT_MAX];

	append(fixture->asked, sizeof(fixture->asked), "%s@%s/%s%s ",
	    endpoint_key_text(endpoint, key), address_text(&presence->address, address),
	    endpoint->protocol->name, insist ? "!" : "");
}

static void note_check(void *context, const struct endpoint *endpoint)
{
	struct fixture *fixture = context;

	append(fixture->checked, sizeof(fixture->checked), "%s ", endpoint->url);
}

static void note_forgotten(void *context, const struct endpoint *endpoint)
{
	struct fixture *fixture = context;
	(void)endpoint;

	fixture->forgotten++;
}

void fixture_init(struct fixture *fixture, const struct table_limits *limits)
{
	*fixture = (struct fixture){.now = {SECONDS(1000)}};
	fixture->table = table_new(limits ? limits : &TABLE_LIMITS_DEFAULT, &KEY);
	ck_assert_ptr_nonnull(fixture->table);
	table_listen(fixture->table,
	    &(struct table_listener){fixture, note, note_question, note_check, note_forgotten});
}

void fixture_fini(struct fixture *fixture)
{
	table_free(fixture->table);
}

const char *fixture_told(struct fixture *fixture, char told[2048])
{
	strcpy(told, fixture->told);
	fixture->told[0] = '\0';
	return told;
}

const char *fixture_asked(struct fixture *fixture, char asked[1024])
{
	strcpy(asked, fixture->asked);
	fixture->asked[0] = '\0';
	return asked;
}

uint64_t fixture_counter(const struct fixture *fixture, const char *name)
{
	struct counter_group group = table_counters(fixture->table);

	for (size_t i = 0; i < group.count; i++)
		if (strcmp(group.counters[i].name, name) == 0)
			return group.counters[i].value;
	ck_abort_msg("no counter %s", name);
	return 0;
}

const struct device *fixture_device(const struct fixture *fixture, const char *id)
{
	const struct device *found[2], *device = table_find(fixture->table, slice_of(id));
	struct key key = key_of_id(slice_of(id));

	if (device)
		return device;
	return table_find_key(fixture->table, &key, found, 2) == 1 ? found[0] : NULL;
}

const struct endpoint *fixture_endpoint(const struct fixture *fixture, const char *text)
{
	const struct device *devices[8];
	struct key key = key_of_id(slice_of(text));
	const struct endpoint *endpoint;

	if (table_find_key(fixture->table, &key, devices, 8) == 0)
		return NULL;
	TAILQ_FOREACH(endpoint, &devices[0]->endpoints, of_device)
	if (key_equal(&endpoint->key, &key))
		return endpoint;
	return NULL;
}

int fixture_observe(struct fixture *fixture, struct sighting sighting)
{
	return table_observe(fixture->table, fixture->now, &sighting, NULL);
}

void fixture_advance(struct fixture *fixture, int64_t us)
{
	struct instant end = instant_add(fixture->now, us), due;

	while ((due = table_deadline(fixture->table)).us <= end.us) {
		fixture->now = instant_later(fixture->now, due);
		table_advance(fixture->table, fixture->now);
	}
	fixture->now = end;
	table_advance(fixture->table, end);
}

void fixture_learn(struct fixture *fixture, unsigned host, uint8_t mac)
{
	struct address address = address_ipv4(192, 0, 2, (uint8_t)host);

	table_learn_mac(fixture->table, fixture->now, 2, &address,
	    &(struct mac){{2, 0, 0, 0, 0, mac}, true}, true);
}

struct sighting fixture_event(enum sighting_event event, const char *id, unsigned host)
{
	return (struct sighting){
	    .event = event,
	    .protocol = &FIXTURE_SSDP,
	    .key = key_of_id(slice_of(id)),
	    .from = address_ipv4(192, 0, 2, (uint8_t)host),
	    .link = 2,
	    .network = 24,
	    .lifetime = SECONDS(1800),
	};
}

struct sighting fixture_alive(const char *id, unsigned host)
{
	return fixture_event(SIGHTING_ALIVE, id, host);
}

struct sighting fixture_shout(unsigned host, const char *name)
{
	struct sighting sighting = fixture_alive(NULL, host);

	sighting.protocol = &FIXTURE_BROADCAST;
	sighting.lifetime = SECONDS(90);
	sighting.facts[FACT_NAME] = slice_of(name);
	return sighting;
}

struct sighting fixture_at(const char *id, unsigned host, const char *url)
{
	struct sighting sighting = fixture_alive(id, host);

	sighting.url = slice_of(url);
	return sighting;
}

struct sighting fixture_described(const char *id, unsigned host, const char *name)
{
	struct sighting sighting = fixture_event(SIGHTING_DESCRIBED, id, host);

	sighting.facts[FACT_NAME] = slice_of(name);
	return sighting;
}

struct sighting fixture_serves(const char *id, unsigned host, const char *type)
{
	static struct sighted_service service;
	struct sighting sighting = fixture_alive(id, host);

	service = (struct sighted_service){.type = slice_of(type)};
	sighting.services = &service;
	sighting.service_count = 1;
	return sighting;
}

struct sighting fixture_with_epoch(struct sighting sighting, uint32_t epoch)
{
	sighting.epoch = (struct sighting_number){true, epoch};
	return sighting;
}

struct sighting fixture_with_mac(struct sighting sighting, uint8_t mac)
{
	sighting.mac = (struct mac){{2, 0, 0, 0, 0, mac}, true};
	return sighting;
}

struct sighting fixture_by_ipv6(struct sighting sighting, unsigned host)
{
	sighting.from = (struct address){ADDRESS_IPV6, {0xfe, 0x80, [15] = (uint8_t)host}};
	sighting.network = 64;
	return sighting;
}
