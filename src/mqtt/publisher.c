/* SPDX-License-Identifier: ISC
 * publisher: see publisher.h. */
#include "mqtt/publisher.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "client/field.h"
#include "mqtt/board.h"
#include "mqtt/broker_config.h"
#include "mqtt/document.h"
#include "mqtt/publication.h"
#include "mqtt/published_ids_file.h"
#include "net/random_bytes.h"
#include "net/wall_clock.h"

/* What an earlier run published gets so long to be seen again: discoverd may have started with it.
 */
#define SETTLE SECONDS(10)
/* A restart of discoverd takes less; after that the documents may be out of date, and the board
 * counts as offline. */
#define ABSENCE SECONDS(15)
/* The number of devices in `info` follows so fast. */
#define INFO_PACE SECONDS(10)
/* Events are limited to a burst, and then one a second. */
enum { EVENTS_MAX = 32 };
#define EVENT_PACE SECONDS(1)
/* A connection that is lost sooner is a short one; some in a row are logged. */
#define SHORT SECONDS(60)
enum { SHORT_ONES = 3 };

struct publisher {
	const struct companion *companion;
	const struct mqtt_config *config;
	struct board board;
	struct outgoing outgoing;
	struct rng rng;
	char *name; /* of the board in topics; NULL: not known yet, and then there is no broker */
	char *password, *former_prefix;
	struct broker_options options;
	struct broker *broker;
	struct publication publication;
	struct published_ids_file published_ids;
	uint64_t session; /* of this connection or the next one */
	unsigned short_ones;
	struct instant connected_at;
	bool following;           /* the snapshot of discoverd is complete */
	bool explained;           /* why there is no connection was logged */
	bool rejected;            /* that the broker takes something not was logged */
	bool swept;               /* what an earlier run has left was looked through */
	bool absent;              /* discoverd has not been there for a while */
	struct instant absent_at; /* when that will be so; never while it is there */
	struct instant state_at, info_at, info_published_at, sweep_at;
	struct instant events_full_at; /* the moment at which the whole burst is possible again */
};

static struct instant now_of(const struct publisher *publisher)
{
	return loop_now(publisher->companion->loop);
}

/* --- the board --- */

static void renew_session(struct publisher *publisher)
{
	struct json_writer payload = {0};
	uint64_t ms = (uint64_t)(wall_clock_us() / MILLISECONDS(1));

	/* It grows also where the clock was set back meanwhile. */
	publisher->session = ms > publisher->session ? ms : publisher->session + 1;
	document_write_state(&payload, false, publisher->session);
	if (publication_set_will(&publisher->publication, &payload))
		log_error("out of memory: the broker does not get a will");
	json_writer_fini(&payload);
}

static void plan_info(struct publisher *publisher)
{
	publisher->info_at =
	    instant_later(now_of(publisher), instant_add(publisher->info_published_at, INFO_PACE));
}

static void connected(void *context)
{
	struct publisher *publisher = context;
	struct instant now = now_of(publisher);

	log_notice("%s: connected with MQTT %s", publisher->config->broker,
	    broker_version(publisher->broker));
	publisher->explained = publisher->rejected = false;
	publisher->connected_at = now;
	publisher->state_at = publisher->info_at = now;
	/* A session that the broker has kept would show nothing of retained messages. */
	outgoing_publish_all(&publisher->outgoing, now);
}

/* mosquitto does not report that another client with the same id has come. */
static void count_short_ones(struct publisher *publisher)
{
	bool is_short = instant_since(now_of(publisher), publisher->connected_at) < SHORT;

	publisher->short_ones = is_short ? publisher->short_ones + 1 : 0;
	if (publisher->short_ones == SHORT_ONES)
		log_warning("%s: each connection is lost soon; has another board the name %s?",
		    publisher->config->broker, publisher->name);
}

static void failed(void *context, enum broker_failure failure, const char *reason)
{
	struct publisher *publisher = context;

	if (failure == BROKER_LOST)
		count_short_ones(publisher);
	if (!publisher->explained)
		log_warning("%s: %s; trying again", publisher->config->broker, reason);
	publisher->explained = true;
	renew_session(publisher);
}

static void rejected(void *context, const char *reason)
{
	struct publisher *publisher = context;

	if (!publisher->rejected)
		log_warning("%s: it does not take what is published below " TOPIC_ROOT
			    "/%s/%s/: %s; is it allowed there?",
		    publisher->config->broker, publisher->config->site, publisher->name, reason);
	publisher->rejected = true;
}

static const struct broker_handler BROKER_HANDLER = {
    .connected = connected, .failed = failed, .rejected = rejected};

static void misplace(void *context, struct outgoing_item *item)
{
	(void)context;
	item->misplaced = item->tracked;
	item->tracked = false;
}

/* What an earlier run has left. */
static void read_published_ids(struct publisher *publisher)
{
	struct publication *publication = &publisher->publication;
	const struct published_ids place = {
	    publisher->config->site, publisher->name, publication->board.prefix};
	char *prefix = NULL;
	struct instant now = now_of(publisher);

	published_ids_file_open(&publisher->published_ids, publisher->companion->state_directory,
	    &place, &publisher->outgoing, &prefix, now);
	if (prefix && (!place.prefix || strcmp(prefix, place.prefix) != 0)) {
		outgoing_each(&publisher->outgoing, misplace, NULL);
		published_ids_file_note(&publisher->published_ids, now);
	}
	publisher->former_prefix = prefix;
	publication->former_prefix = prefix;
}

static int connect_broker(struct publisher *publisher)
{
	const struct mqtt_config *config = publisher->config;
	struct publication *publication = &publisher->publication;

	publisher->options.client_id = publisher->name;
	int error = broker_open(publisher->companion->loop, &publisher->options, &BROKER_HANDLER,
	    publisher, &publisher->broker);
	if (error)
		return error;
	publication->broker = publisher->broker;
	publication->board = (struct tracker_board){
	    .prefix = config->homeassistant ? config->homeassistant_prefix : NULL,
	    .site = config->site,
	    .board = publisher->name,
	    .version = PACKAGE_VERSION};
	read_published_ids(publisher);
	renew_session(publisher);
	return 0;
}

/* Once the id of this board is known. */
static void board_changed(void *context)
{
	struct publisher *publisher = context;
	int error = 0;

	if (!publisher->name && publisher->board.uuid) {
		publisher->name = strdup(publisher->board.uuid);
		error = publisher->name ? connect_broker(publisher) : -ENOMEM;
	}
	if (error)
		log_error("%s: %s", publisher->config->broker, strerror(-error));
	plan_info(publisher);
}

int publisher_open(const struct companion *companion, void **state)
{
	struct {
		struct siphash_key outgoing, marks;
		uint64_t seed, outgoing_seed;
	} random;
	struct publisher *publisher = calloc(1, sizeof(*publisher));

	*state = publisher;
	if (!publisher || random_bytes(&random, sizeof(random)))
		return -ENOMEM;
	*publisher = (struct publisher){.companion = companion,
	    .config = companion->config,
	    .publication.key = random.marks,
	    .absent_at = instant_add(loop_now(companion->loop), ABSENCE),
	    .state_at = INSTANT_NEVER,
	    .info_at = INSTANT_NEVER,
	    .sweep_at = INSTANT_NEVER,
	    .info_published_at = {INT64_MIN}};
	rng_init(&publisher->rng, random.seed);
	board_init(
	    &publisher->board, companion->loop, companion->watcher, board_changed, publisher);
	if (outgoing_init(&publisher->outgoing, &random.outgoing, random.outgoing_seed))
		return -ENOMEM;
	int error =
	    broker_config_apply(publisher->config, &publisher->options, &publisher->password);
	if (error || !publisher->config->board)
		return error;
	publisher->name = strdup(publisher->config->board);
	return publisher->name ? connect_broker(publisher) : -ENOMEM;
}

/* --- what discoverd reports --- */

static void publish_event(struct publisher *publisher, const char *event,
    struct json_object *device, const char *former, const char *merged_into)
{
	struct instant now = now_of(publisher);
	struct instant full_at =
	    instant_add(instant_later(publisher->events_full_at, now), EVENT_PACE);
	struct json_writer text = {0};

	if (!publisher->following || !publisher->broker || !broker_has_room(publisher->broker) ||
	    instant_since(full_at, now) > EVENTS_MAX * EVENT_PACE)
		return;
	publisher->events_full_at = full_at;
	document_write_event(&text, event, device, former, merged_into);
	publication_send(&publisher->publication, TOPIC_EVENT, &text);
	json_writer_fini(&text);
}

/* The device as it was, for the caller to put; NULL: not known. */
static struct json_object *former_device(const struct publisher *publisher, const char *id)
{
	const struct outgoing_item *item = outgoing_find(&publisher->outgoing, id);

	return item && item->text && !item->gone ? json_tokener_parse(item->text) : NULL;
}

static void publish_move(struct publisher *publisher, const struct watcher_change *change)
{
	struct json_object *before = former_device(publisher, change->id);
	char *former = slice_dup(document_address(before));

	if (former && *former && !slice_equal(slice_of(former), document_address(change->device)))
		publish_event(publisher, "moved", change->device, former, NULL);
	free(former);
	json_object_put(before);
}

static void take(struct publisher *publisher, const struct watcher_change *change)
{
	size_t len = 0;

	if (change->event == WATCHER_ADDED)
		publish_event(publisher, "added", change->device, NULL, NULL);
	else if (field_has_text(change->changed, SLICE("addresses")))
		publish_move(publisher, change);
	char *text = document_of_device(change->device, &len);
	if (!text ||
	    outgoing_put(&publisher->outgoing, change->id, text, len, now_of(publisher)) < 0)
		log_error("out of memory: a device is passed over");
}

void publisher_changed(void *state, const struct watcher_change *change)
{
	struct publisher *publisher = state;
	size_t count = publisher->outgoing.count;

	if (change->event == WATCHER_REMOVED) {
		struct json_object *before = former_device(publisher, change->id);
		publish_event(publisher, "removed", before, NULL, change->merged_into);
		json_object_put(before);
		outgoing_remove(&publisher->outgoing, change->id, now_of(publisher));
	} else {
		take(publisher, change);
	}
	if (publisher->outgoing.count != count)
		plan_info(publisher);
}

void publisher_synced(void *state)
{
	struct publisher *publisher = state;

	if (!publisher->following)
		board_ask(&publisher->board);
	if (publisher->absent)
		publisher->state_at = now_of(publisher);
	publisher->following = true;
	publisher->absent = false;
	publisher->absent_at = INSTANT_NEVER;
	if (!publisher->swept)
		publisher->sweep_at = instant_add(now_of(publisher), SETTLE);
}

void publisher_lost(void *state)
{
	struct publisher *publisher = state;

	publisher->following = false;
	publisher->absent_at = instant_add(now_of(publisher), ABSENCE);
}

/* --- what is due --- */

static void publish_state(struct publisher *publisher, bool online)
{
	struct json_writer text = {0};

	document_write_state(&text, online, publisher->session);
	publication_send(&publisher->publication, TOPIC_STATE, &text);
	json_writer_fini(&text);
	publisher->state_at = instant_add(now_of(publisher),
	    rng_between(&publisher->rng, OUTGOING_REPEAT_MIN, OUTGOING_REPEAT_MAX));
}

static void publish_info(struct publisher *publisher)
{
	const struct board *board = &publisher->board;
	struct json_writer text = {0};

	document_write_info(&text, &(struct document_board){.version = board->version,
				       .name = board->name,
				       .links = board->links,
				       .session = publisher->session,
				       .devices = publisher->outgoing.count});
	publication_send(&publisher->publication, TOPIC_INFO, &text);
	json_writer_fini(&text);
	publisher->info_published_at = now_of(publisher);
	publisher->info_at = instant_add(publisher->info_published_at,
	    rng_between(&publisher->rng, OUTGOING_REPEAT_MIN, OUTGOING_REPEAT_MAX));
}

static void publish_devices(struct publisher *publisher, struct instant now)
{
	struct outgoing_item *item;
	int64_t keep = 0;

	while (broker_has_room(publisher->broker) &&
	       (item = outgoing_next(&publisher->outgoing, now))) {
		bool published = item->published, tracked = item->tracked;
		if (publication_continue(
			&publisher->publication, item, wall_clock_us() / SECONDS(1), &keep))
			return;
		if (!published || tracked != item->tracked || item->gone)
			published_ids_file_note(&publisher->published_ids, now);
		outgoing_done(&publisher->outgoing, item, now, keep);
	}
}

static void publish_due(struct publisher *publisher, struct instant now)
{
	if (instant_due(publisher->state_at, now) && broker_has_room(publisher->broker))
		publish_state(publisher, !publisher->absent);
	/* Before the first snapshot nothing is known. */
	if (instant_due(publisher->info_at, now) && broker_has_room(publisher->broker) &&
	    publisher->board.version)
		publish_info(publisher);
	publish_devices(publisher, now);
}

void publisher_advance(void *state, struct instant now)
{
	struct publisher *publisher = state;

	board_advance(&publisher->board, now);
	if (instant_due(publisher->absent_at, now)) {
		publisher->absent_at = INSTANT_NEVER;
		publisher->absent = true;
		publisher->state_at = now;
	}
	if (!publisher->broker)
		return;
	broker_advance(publisher->broker, now);
	if (publisher->following && instant_due(publisher->sweep_at, now)) {
		outgoing_remove_expected(&publisher->outgoing, now);
		publisher->sweep_at = INSTANT_NEVER;
		publisher->swept = true;
	}
	if (broker_is_connected(publisher->broker))
		publish_due(publisher, now);
	published_ids_file_advance(&publisher->published_ids, &publisher->outgoing, now);
}

struct instant publisher_deadline(const void *state)
{
	const struct publisher *publisher = state;
	struct instant deadline =
	    instant_earlier(board_deadline(&publisher->board), publisher->absent_at);

	if (!publisher->broker)
		return deadline;
	deadline = instant_earlier(deadline, broker_deadline(publisher->broker));
	deadline = instant_earlier(deadline, publisher->published_ids.write_at);
	if (publisher->following)
		deadline = instant_earlier(deadline, publisher->sweep_at);
	if (!broker_has_room(publisher->broker))
		return deadline;
	if (publisher->board.version)
		deadline = instant_earlier(deadline, publisher->info_at);
	deadline = instant_earlier(deadline, publisher->state_at);
	return instant_earlier(deadline, outgoing_deadline(&publisher->outgoing));
}

void publisher_close(void *state)
{
	struct publisher *publisher = state;

	if (publisher->broker) {
		if (broker_is_connected(publisher->broker))
			publish_state(publisher, false);
		broker_close(publisher->broker);
		published_ids_file_close(&publisher->published_ids, &publisher->outgoing);
	}
	board_fini(&publisher->board);
	outgoing_fini(&publisher->outgoing);
	free(publisher->former_prefix);
	free(publisher->name);
	if (publisher->password)
		explicit_bzero(publisher->password, strlen(publisher->password));
	free(publisher->password);
	free(publisher);
}
