/* SPDX-License-Identifier: ISC
 * table_fixture: a table with a clock that tests move and a line that notes what the watcher was
 * told. */
#ifndef TESTS_UNIT_MODEL_TABLE_FIXTURE_H
#define TESTS_UNIT_MODEL_TABLE_FIXTURE_H

#include "model/table.h"

struct fixture {
	struct table *table;
	struct instant now;
	char
	    told[1024]; /* "+uuid:a ~uuid:a .uuid:a -uuid:a ": added, updated, refreshed, removed */
	char asked[1024]; /* "uuid:a@192.0.2.1/ssdp! ": whom the table wants asked, insisting */
};

void fixture_init(struct fixture *fixture, const struct table_limits *limits);
void fixture_fini(struct fixture *fixture);
/* What was told since the last call; good until the next one. */
const char *fixture_told(struct fixture *fixture, char told[1024]);
/* Likewise, who was to be asked. */
const char *fixture_asked(struct fixture *fixture, char asked[1024]);
uint64_t fixture_counter(const struct fixture *fixture, const char *name);
const struct device *fixture_device(const struct fixture *fixture, const char *id);
int fixture_observe(struct fixture *fixture, struct sighting sighting);
/* Moves the clock and lets expire what is due. */
void fixture_advance(struct fixture *fixture, int64_t us);

/* Of somebody at 192.0.2.HOST on link 2, by "ssdp", for 1800 s; `id` may be NULL. */
struct sighting fixture_alive(const char *id, unsigned host);
struct sighting fixture_event(enum sighting_event event, const char *id, unsigned host);
/* An alive that says this LOCATION. */
struct sighting fixture_at(const char *id, unsigned host, const char *location);
/* An alive that vouches for this service. */
struct sighting fixture_serves(const char *id, unsigned host, const char *type);

/* Observes, and checks result and what was told. */
#define EXPECT(fixture, sighting, result, line)                                                    \
	do {                                                                                       \
		char told_[1024];                                                                  \
		ck_assert_int_eq(fixture_observe((fixture), (sighting)), (result));                \
		ck_assert_str_eq(fixture_told((fixture), told_), (line));                          \
	} while (0)

/* Checks what was told since the last look. */
#define EXPECT_TOLD(fixture, line)                                                                 \
	do {                                                                                       \
		char told_[1024];                                                                  \
		ck_assert_str_eq(fixture_told((fixture), told_), (line));                          \
	} while (0)

/* Checks who was to be asked since the last look. */
#define EXPECT_ASKED(fixture, line)                                                                \
	do {                                                                                       \
		char asked_[1024];                                                                 \
		ck_assert_str_eq(fixture_asked((fixture), asked_), (line));                        \
	} while (0)

#endif
