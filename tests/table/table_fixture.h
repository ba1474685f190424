/* SPDX-License-Identifier: ISC
 * table_fixture: a table with a clock that tests move, and lines that note what it reported. */
#ifndef TESTS_TABLE_FIXTURE_H
#define TESTS_TABLE_FIXTURE_H

#include "model/protocol_id.h"
#include "model/table.h"
#include "model/table_cursor.h"

struct fixture {
	struct table *table;
	struct instant now;
	/* "+uuid:a ~uuid:a(name,addresses) <uuid:a -uuid:a -uuid:b>uuid:a ": added, updated,
	 * leaving, removed, merged */
	char told[2048];
	char asked[1024];   /* "a@192.0.2.1/ssdp! ": endpoints to be asked, with insist */
	char checked[512];  /* "http://… ": URLs to be checked */
	unsigned forgotten; /* endpoints */
};

extern const struct protocol_id FIXTURE_SSDP, FIXTURE_BROADCAST, FIXTURE_NEIGHBOUR;

void fixture_init(struct fixture *fixture, const struct table_limits *limits);
void fixture_fini(struct fixture *fixture);
/* What was reported since the last call; good until the next one. */
const char *fixture_told(struct fixture *fixture, char told[2048]);
const char *fixture_asked(struct fixture *fixture, char asked[1024]);
uint64_t fixture_counter(const struct fixture *fixture, const char *name);
/* The only device with this key, name or id; NULL where there is none or more than one. */
const struct device *fixture_device(const struct fixture *fixture, const char *id);
/* The first endpoint with this key. */
const struct endpoint *fixture_endpoint(const struct fixture *fixture, const char *key);
int fixture_observe(struct fixture *fixture, struct sighting sighting);
/* Moves the clock and does what is due. */
void fixture_advance(struct fixture *fixture, int64_t us);
/* The kernel says that 192.0.2.HOST on link 2 has this MAC (its last byte). */
void fixture_learn(struct fixture *fixture, unsigned host, uint8_t mac);

/* Heard from 192.0.2.HOST on link 2, by "ssdp", for 1800 s; `id` may be NULL. */
struct sighting fixture_alive(const char *id, unsigned host);
struct sighting fixture_event(enum sighting_event event, const char *id, unsigned host);
/* By "broadcast", known by address alone. */
struct sighting fixture_shout(unsigned host, const char *name);
/* An alive that announces this description. */
struct sighting fixture_at(const char *id, unsigned host, const char *url);
/* A description that was read. */
struct sighting fixture_described(const char *id, unsigned host, const char *name);
/* An alive with this service; the service is kept in a place of the fixture's file. */
struct sighting fixture_serves(const char *id, unsigned host, const char *type);
struct sighting fixture_with_epoch(struct sighting sighting, uint32_t epoch);
struct sighting fixture_with_mac(struct sighting sighting, uint8_t mac);
/* At fe80::HOST instead. */
struct sighting fixture_by_ipv6(struct sighting sighting, unsigned host);

/* Observes, and checks result and what was reported at once. */
#define EXPECT(fixture, sighting, result, line)                                                    \
	do {                                                                                       \
		char told_[2048];                                                                  \
		ck_assert_int_eq(fixture_observe((fixture), (sighting)), (result));                \
		ck_assert_str_eq(fixture_told((fixture), told_), (line));                          \
	} while (0)

#define EXPECT_TOLD(fixture, line)                                                                 \
	do {                                                                                       \
		char told_[2048];                                                                  \
		ck_assert_str_eq(fixture_told((fixture), told_), (line));                          \
	} while (0)

#define EXPECT_ASKED(fixture, line)                                                                \
	do {                                                                                       \
		char asked_[1024];                                                                 \
		ck_assert_str_eq(fixture_asked((fixture), asked_), (line));                        \
	} while (0)

/* So many seconds later, this was reported. */
#define EXPECT_LATER(fixture, seconds, line)                                                       \
	do {                                                                                       \
		fixture_advance((fixture), (int64_t)((seconds)*1000000.0));                        \
		EXPECT_TOLD(fixture, line);                                                        \
	} while (0)

#endif
