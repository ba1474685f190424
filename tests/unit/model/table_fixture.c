/* SPDX-License-Identifier: ISC
 * table_fixture: a table with a clock that tests move and a line that notes what the watcher was
 * told. */
#include "model/table_fixture.h"
#include <check.h>
#include <stdio.h>
#include <string.h>

static void note(void *context, enum table_event event, const struct device *device)
{
	struct fixture *fixture = context;
	size_t len = strlen(fixture->told);

	snprintf(
	    fixture->told + len, sizeof(fixture->told) - len, "%c%s ", "+~.-"[event], device -> id);
}

static void note_question(
    void *context, const struct device *device, const struct device_presence *presence, bool insist)
{
	struct fixture *fixture = context;
	size_t len = strlen(fixture->asked);
	char address[ADDRESS_TEXT_MAX];

	snprintf(fixture->asked + len, sizeof(fixture->asked) - len, "%s@%s/%s%s ", device->id,
	    address_text(&presence->address, address), presence->protocol, insist ? "!" : "");
}

void fixture_init(struct fixture *fixture, const struct table_limits *limits)
{
	static const struct siphash_key key = {{1, 2}};

	*fixture = (struct fixture){.now = {SECONDS(1000)}};
	fixture->table = table_new(limits ? limits : &TABLE_LIMITS_DEFAULT, &key);
	ck_assert_ptr_nonnull(fixture->table);
	table_set_watcher(fixture->table, note, fixture);
	table_set_questioner(fixture->table, note_question, fixture);
}

void fixture_fini(struct fixture *fixture)
{
	table_free(fixture->table);
}

const char *fixture_told(struct fixture *fixture, char told[1024])
{
	memcpy(told, fixture->told, sizeof(fixture->told));
	fixture->told[0] = '\0';
	return told;
}

const char *fixture_asked(struct fixture *fixture, char asked[1024])
{
	memcpy(asked, fixture->asked, sizeof(fixture->asked));
	fixture->asked[0] = '\0';
	return asked;
}

uint64_t fixture_counter(const struct fixture *fixture, const char *name)
{
	struct counter_group group = table_counters(fixture->table);

	for (size_t i = 0; i < group.count; i++)
		if (strcmp(group.counters[i].name, name) == 0)
			return group.counters[i].value;
	ck_abort_msg("there is no counter %s", name);
}

const struct device *fixture_device(const struct fixture *fixture, const char *id)
{
	const struct device *device = table_find(fixture->table, slice_of(id));
	ck_assert_msg(device, "%s is not in the table", id);
	return device;
}

int fixture_observe(struct fixture *fixture, struct sighting sighting)
{
	return table_observe(fixture->table, fixture->now, &sighting, NULL);
}

void fixture_advance(struct fixture *fixture, int64_t us)
{
	fixture->now = instant_add(fixture->now, us);
	table_expire(fixture->table, fixture->now);
}

struct sighting fixture_event(enum sighting_event event, const char *id, unsigned host)
{
	return (struct sighting){
	    .event = event,
	    .protocol = "ssdp",
	    .id = slice_of(id),
	    .from = address_ipv4(192, 0, 2, (uint8_t)host),
	    .link = 2,
	    .lifetime = SECONDS(1800),
	};
}

struct sighting fixture_alive(const char *id, unsigned host)
{
	return fixture_event(SIGHTING_ALIVE, id, host);
}

struct sighting fixture_at(const char *id, unsigned host, const char *location)
{
	struct sighting sighting = fixture_alive(id, host);
	sighting.location = slice_of(location);
	return sighting;
}

struct sighting fixture_serves(const char *id, unsigned host, const char *type)
{
	struct sighting sighting = fixture_alive(id, host);
	sighting.service = slice_of(type);
	return sighting;
}
