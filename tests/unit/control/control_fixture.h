/* SPDX-License-Identifier: ISC
 * control_fixture: a host with a table, two links and a clock that tests move, and a client that
 * speaks to a session of it. */
#ifndef TESTS_UNIT_CONTROL_FIXTURE_H
#define TESTS_UNIT_CONTROL_FIXTURE_H

#include "control/announce_method.h"
#include "control/probe_plan.h"
#include "control/session.h"
#include "model/offers.h"
#include "model/protocol_id.h"
#include <json-c/json.h>

extern const struct protocol_id FIXTURE_SSDP, FIXTURE_BROADCAST, FIXTURE_NEIGHBOUR;

struct control_fixture {
	struct table *table;
	struct link_set links; /* eth0 (2) and wlan0 (3) */
	struct control_host host;
	struct instant now;
	struct session *session; /* of a client that may change things */
	char searched[128];      /* the last search that the host was asked for */
	char asked[128];         /* the last host name that it was asked to resolve */
	bool asks_nothing;       /* no protocol that resolves is switched on */
	int search_result, reload_result, probe_result, announce_result, withdraw_result;
	struct probe_plan plan;  /* the last one that the host was given, as number … */
	uint64_t probes;         /* … this, counted from 1 */
	uint64_t cancelled;      /* the last number that was cancelled */
	struct offer *announced; /* the last tree that came through Announce */
	const void *announced_owner;
	char withdrawn[64];       /* the last id */
	const void *abandoned[4]; /* the sessions that did, in order; the count may be greater */
	unsigned abandon_count;
	struct offers offers; /* as Status shows it */
	char *heard;          /* everything that was drained and not yet taken */
	size_t heard_len;
	bool watched; /* the session hears of the table's changes */
};

void control_fixture_init(struct control_fixture *fixture);
void control_fixture_fini(struct control_fixture *fixture);
/* Another client in place of the first. */
void control_fixture_client(struct control_fixture *fixture, bool may_change);
/* uuid:NUMBER, seen by ssdp on link 2 at 192.0.2.NUMBER+1 (and further), called "device NUMBER". */
const struct device *control_fixture_device(struct control_fixture *fixture, unsigned number);
void control_fixture_bye(struct control_fixture *fixture, unsigned number);
/* Heard by ssdp from 192.0.2.HOST on link 2, for 1800 s; `id` may be NULL. */
struct sighting control_sighting(const char *id, uint8_t host);
/* What the kernel says of 192.0.2.HOST on link 2. */
void control_fixture_neighbour(struct control_fixture *fixture, uint8_t host);
int control_fixture_observe(struct control_fixture *fixture, struct sighting sighting);
/* The endpoint that it went to. */
const struct endpoint *control_fixture_endpoint(
    struct control_fixture *fixture, struct sighting sighting);
/* The only device with this key or id; NULL where there is none. */
const struct device *control_fixture_find(const struct control_fixture *fixture, const char *key);
/* The device as a client reads it, for the caller to json_object_put(). */
struct json_object *control_shown(const struct control_fixture *fixture, const char *key);
/* Moves the clock by so many microseconds; what is held back is reported after 300 ms. */
void control_fixture_later(struct control_fixture *fixture, int64_t us);
/* Feeds one message, with ' for " and with the final NUL. What feed returns. */
int control_say(struct control_fixture *fixture, const char *message);
/* A turn of the session that takes nothing of what there is to send. */
void control_turn(struct control_fixture *fixture);
/* Drains through a buffer of so many bytes until nothing comes. */
void control_drain(struct control_fixture *fixture, size_t capacity);
/* The next whole reply, for the caller to json_object_put(); NULL when there is none. */
struct json_object *control_hear(struct control_fixture *fixture);
/* The next reply as text with ' for ", in a buffer of the caller's; "" when there is none. */
const char *control_hear_text(struct control_fixture *fixture, char *buffer, size_t capacity);
/* The value at a path such as "parameters.devices.0.name" as text ("null" for null, "missing" where
 * there is none). */
const char *control_at(struct json_object *reply, const char *path);

#define EXPECT_AT(reply, path, text) ck_assert_str_eq(control_at((reply), (path)), (text))

#endif
