/* SPDX-License-Identifier: ISC
 * control_fixture: see control_fixture.h. */
#include "control/control_fixture.h"
#include "base/array.h"
#include "base/mac.h"
#include "control/change_texts.h"
#include "control/device_json.h"
#include "model/offers.h"
#include "model/protocol_id.h"
#include "session_drain.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 2026-01-02T03:04:05Z at instant zero. */
static const int64_t EPOCH_US = SECONDS(1767323045);

const struct protocol_id FIXTURE_SSDP = {"ssdp", 1}, FIXTURE_BROADCAST = {"broadcast", 4},
			 FIXTURE_NEIGHBOUR = {"neighbour", PROTOCOL_RANK_NEIGHBOUR};

static const struct counter COUNTERS[] = {{"received", 7}, {"malformed", 0}};
static const struct counter_group GROUPS[] = {{"ssdp", COUNTERS, 2}};
static const char *const WARNINGS[] = {"first", "second"};

static void host_status(void *context, struct control_status *status)
{
	struct control_fixture *fixture = context;
	*status = (struct control_status){
	    .version = "1.2.3",
	    .uuid = "11111111-2222-5333-8444-555555555555",
	    .name = "board",
	    .devices = table_device_count(fixture->table),
	    .restored = 3,
	    .unconfirmed = 1,
	    .offers = &fixture->offers,
	    .warnings = WARNINGS,
	    .warning_count = COUNT_OF(WARNINGS),
	    .sandbox = "full",
	    .xml = "loaded",
	    .groups = GROUPS,
	    .group_count = 1,
	};
}

static void host_traffic(void *context, uint32_t link, struct control_link_traffic *traffic)
{
	(void)context;
	if (link == 2)
		*traffic = (struct control_link_traffic){
		    10, 20, 1, {address_ipv4(239, 255, 255, 250)}, 1, NULL};
	if (link == 4)
		traffic->unused_because = "down";
}

static int64_t host_wall_clock(void *context, struct instant instant)
{
	(void)context;
	return EPOCH_US + instant.us;
}

static int host_search(void *context, struct slice target, unsigned seconds)
{
	struct control_fixture *fixture = context;
	snprintf(fixture->searched, sizeof(fixture->searched), "%.*s for %u", SLICE_ARGS(target),
	    seconds);
	return fixture->search_result;
}

/* By the type alone. */
static bool host_matches(void *context, const struct endpoint *endpoint, struct slice target)
{
	(void)context;
	return slice_equal(slice_of(endpoint_fact(endpoint, FACT_TYPE)), target);
}

static bool host_host_name(void *context, struct slice name, struct writer *whole)
{
	bool bare = slice_find(name, '.') == name.len;
	(void)context;
	if (!bare && !slice_ends_with(name, SLICE(".local")))
		return false;
	writer_slice(whole, name);
	writer_text(whole, bare ? ".local" : "");
	return true;
}

static bool host_resolve(void *context, struct slice name, unsigned seconds)
{
	struct control_fixture *fixture = context;
	if (fixture->asks_nothing)
		return false;
	snprintf(fixture->asked, sizeof(fixture->asked), "%.*s for %u", SLICE_ARGS(name), seconds);
	return true;
}

static int host_probe(void *context, const struct probe_plan *plan, uint64_t *number)
{
	struct control_fixture *fixture = context;
	if (fixture->probe_result < 0)
		return fixture->probe_result;
	fixture->plan = *plan;
	*number = ++fixture->probes;
	return 0;
}

static void host_probe_cancel(void *context, uint64_t number)
{
	struct control_fixture *fixture = context;
	fixture->cancelled = number;
}

static int host_reload(void *context, struct writer *why)
{
	struct control_fixture *fixture = context;
	if (fixture->reload_result < 0)
		writer_text(why, "discoverd.conf:3: unknown key \"prot\"");
	return fixture->reload_result;
}

static int host_announce(void *context, const struct control_peer *peer,
    const struct control_session *owner, struct offer *tree, struct control_announced *announced)
{
	struct control_fixture *fixture = context;
	(void)peer;
	const char *udn = tree->devices[0].udn;
	offer_free(fixture->announced);
	fixture->announced = tree;
	fixture->announced_owner = owner;
	announced->limit = 7;
	snprintf(announced->id, sizeof(announced->id), "%s", udn ? udn : "uuid:made-up");
	return fixture->announce_result;
}

static int host_withdraw(void *context, const struct control_peer *peer, struct slice id)
{
	struct control_fixture *fixture = context;
	(void)peer;
	snprintf(fixture->withdrawn, sizeof(fixture->withdrawn), "%.*s", SLICE_ARGS(id));
	return fixture->withdraw_result;
}

static void host_abandon(void *context, const struct control_session *owner)
{
	struct control_fixture *fixture = context;
	if (fixture->abandon_count < COUNT_OF(fixture->abandoned))
		fixture->abandoned[fixture->abandon_count] = owner;
	fixture->abandon_count++;
}

static void table_changed(void *context, const struct table_change *change)
{
	struct control_fixture *fixture = context;
	struct change_texts texts = change_texts_of(&fixture->host, fixture->now, change);
	if (fixture->watched)
		control_session_changed(fixture->session, &texts);
	change_texts_fini(&texts);
}

static void add_link(struct control_fixture *fixture, uint32_t index, const char *name, uint8_t net)
{
	struct link *link = link_set_add(&fixture->links, index);
	struct link_address address = {
	    .prefix = {address_ipv4(192, 0, net, 1), 24},
	    .broadcast = address_ipv4(192, 0, net, 255),
	    .usable = true,
	};
	snprintf(link->name, sizeof(link->name), "%s", name);
	snprintf(link->kind, sizeof(link->kind), "ethernet");
	link->up = true;
	link->peer_netns = -1;
	link_add_address(link, &address);
}

void control_fixture_init(struct control_fixture *fixture)
{
	struct table_limits limits = TABLE_LIMITS_DEFAULT;
	struct siphash_key key = {{1, 2}};

	*fixture = (struct control_fixture){.now = {SECONDS(1000)}, .watched = true};
	limits.endpoints_per_source = 8192;
	limits.endpoints = 8192;
	fixture->table = table_new(&limits, &key);
	table_listen(
	    fixture->table, &(struct table_listener){.context = fixture, .changed = table_changed});
	link_set_init(&fixture->links);
	add_link(fixture, 2, "eth0", 2);
	add_link(fixture, 3, "wlan0", 3);
	fixture->host = (struct control_host){
	    .context = fixture,
	    .table = fixture->table,
	    .links = &fixture->links,
	    .usable = &fixture->links,
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
	    .abandon = host_abandon,
	};
	control_fixture_client(fixture, true);
}

void control_fixture_fini(struct control_fixture *fixture)
{
	session_free(fixture->session);
	table_listen(fixture->table, &(struct table_listener){0});
	table_free(fixture->table);
	link_set_fini(&fixture->links);
	offer_free(fixture->announced);
	offers_fini(&fixture->offers);
	free(fixture->heard);
}

void control_fixture_client(struct control_fixture *fixture, bool may_change)
{
	struct control_peer peer = {.uid = 1000, .may_change = may_change};
	session_free(fixture->session);
	fixture->session = CONTROL_SESSION.create(&fixture->host, &peer);
	fixture->heard_len = 0;
}

int control_fixture_observe(struct control_fixture *fixture, struct sighting sighting)
{
	return table_observe(fixture->table, fixture->now, &sighting, NULL);
}

const struct endpoint *control_fixture_endpoint(
    struct control_fixture *fixture, struct sighting sighting)
{
	const struct endpoint *endpoint = NULL;
	table_observe(fixture->table, fixture->now, &sighting, &endpoint);
	return endpoint;
}

struct sighting control_sighting(const char *id, uint8_t host)
{
	return (struct sighting){
	    .event = SIGHTING_ALIVE,
	    .protocol = &FIXTURE_SSDP,
	    .key = key_of_id(slice_of(id)),
	    .from = address_ipv4(192, 0, 2, host),
	    .link = 2,
	    .network = 24,
	    .lifetime = SECONDS(1800),
	};
}

static struct sighting sighting_of(unsigned number, enum sighting_event event, char id[32])
{
	snprintf(id, 32, "uuid:%u", number);
	struct sighting sighting = control_sighting(id, (uint8_t)(1 + number % 250));
	sighting.event = event;
	sighting.from.bytes[2] = (uint8_t)(2 + number / 250);
	return sighting;
}

const struct device *control_fixture_device(struct control_fixture *fixture, unsigned number)
{
	char id[32], name[32];
	struct sighting sighting = sighting_of(number, SIGHTING_ALIVE, id);

	snprintf(name, sizeof(name), "device %u", number);
	sighting.facts[FACT_NAME] = slice_of(name);
	sighting.facts[FACT_TYPE] = SLICE("urn:schemas-upnp-org:device:MediaServer:1");
	const struct endpoint *endpoint = control_fixture_endpoint(fixture, sighting);
	table_advance(fixture->table, fixture->now);
	return endpoint ? endpoint->device : NULL;
}

void control_fixture_bye(struct control_fixture *fixture, unsigned number)
{
	char id[32];
	control_fixture_observe(fixture, sighting_of(number, SIGHTING_LEFT, id));
}

void control_fixture_neighbour(struct control_fixture *fixture, uint8_t host)
{
	struct address address = address_ipv4(192, 0, 2, host);
	struct mac mac = {{2, 0, 0, 0, 0, host}, true};
	table_neighbour(
	    fixture->table, fixture->now, &FIXTURE_NEIGHBOUR, 2, &address, &mac, SLICE_NONE);
	control_fixture_later(fixture, MILLISECONDS(300));
}

const struct device *control_fixture_find(const struct control_fixture *fixture, const char *text)
{
	const struct device *device = table_find(fixture->table, slice_of(text));
	struct key key = key_of_id(slice_of(text));

	if (!device && table_find_key(fixture->table, &key, &device, 1) != 1)
		return NULL;
	return device;
}

struct json_object *control_shown(const struct control_fixture *fixture, const char *key)
{
	struct json_view view = json_view_at(&fixture->host, fixture->now);
	struct json_writer w = {0};

	device_json_write(&w, &view, control_fixture_find(fixture, key));
	json_writer_bytes(&w, (struct slice){"", 1});
	struct json_object *device = json_tokener_parse(w.bytes);
	json_writer_fini(&w);
	return device;
}

void control_fixture_later(struct control_fixture *fixture, int64_t us)
{
	struct instant end = instant_add(fixture->now, us), due;

	while ((due = table_deadline(fixture->table)).us <= end.us) {
		fixture->now = instant_later(fixture->now, due);
		table_advance(fixture->table, fixture->now);
	}
	fixture->now = end;
	table_advance(fixture->table, end);
}

int control_say(struct control_fixture *fixture, const char *message)
{
	char *copy = strdup(message);
	for (char *at = copy; *at; at++)
		if (*at == '\'')
			*at = '"';
	struct slice bytes = {copy, strlen(copy) + 1};
	int error = session_feed(fixture->session, fixture->now, bytes);
	free(copy);
	control_turn(fixture);
	return error;
}

void control_turn(struct control_fixture *fixture)
{
	struct writer nothing;

	writer_init(&nothing, NULL, 0);
	session_drain(fixture->session, fixture->now, &nothing);
}

void control_drain(struct control_fixture *fixture, size_t capacity)
{
	for (;;) {
		struct writer w;
		fixture->heard = realloc(fixture->heard, fixture->heard_len + capacity);
		writer_init(&w, fixture->heard + fixture->heard_len, capacity);
		session_drain(fixture->session, fixture->now, &w);
		if (!w.len && !session_wants_turn(fixture->session))
			return;
		fixture->heard_len += w.len;
	}
}

struct json_object *control_hear(struct control_fixture *fixture)
{
	control_drain(fixture, 4096);
	struct slice heard = {fixture->heard, fixture->heard_len};
	size_t len = slice_find(heard, '\0');
	if (len == heard.len)
		return NULL;
	struct json_object *reply = json_tokener_parse(fixture->heard);
	fixture->heard_len -= len + 1;
	memmove(fixture->heard, fixture->heard + len + 1, fixture->heard_len);
	return reply;
}

const char *control_hear_text(struct control_fixture *fixture, char *buffer, size_t capacity)
{
	struct json_object *reply = control_hear(fixture);
	const char *text = reply ? json_object_to_json_string_ext(reply,
				       JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE)
				 : "";
	snprintf(buffer, capacity, "%s", text);
	for (char *at = buffer; *at; at++)
		if (*at == '"')
			*at = '\'';
	json_object_put(reply);
	return buffer;
}

const char *control_at(struct json_object *reply, const char *path)
{
	struct slice rest = slice_of(path), step;
	char key[64];
	uint64_t index;

	while (slice_cut(&rest, '.', &step)) {
		snprintf(key, sizeof(key), "%.*s", SLICE_ARGS(step));
		if (json_object_is_type(reply, json_type_array)) {
			if (slice_to_u64(step, 1000000, &index) < 0 ||
			    index >= json_object_array_length(reply))
				return "missing";
			reply = json_object_array_get_idx(reply, index);
		} else if (!json_object_is_type(reply, json_type_object) ||
			   !json_object_object_get_ex(reply, key, &reply)) {
			return "missing";
		}
	}
	return reply ? json_object_get_string(reply) : "null";
}
