/* SPDX-License-Identifier: ISC
 * fleet: see fleet.h. */
#include "mqtt/fleet.h"
#include "base/text.h"
#include "client/field.h"
#include "mqtt/topic.h"
#include "wire/json_read.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Of a level that is not escaped any more, and of what a board may publish of itself. */
enum { LEVEL_MAX = 1024, INFO_MAX = 64 * 1024 };

int fleet_init(struct fleet *fleet, const struct siphash_key *key)
{
	*fleet = (struct fleet){.round = 1};
	TAILQ_INIT(&fleet->all);
	int error = hashmap_init(&fleet->boards, key);
	if (!error)
		error = hashmap_init(&fleet->entries, key);
	return error;
}

/* What a board and an entry need beside their documents. */
static size_t board_bytes(const struct fleet_board *board)
{
	return sizeof(*board) + strlen(board->site) + strlen(board->id) + board->info_len;
}

static size_t entry_bytes(const struct fleet_entry *entry)
{
	return sizeof(*entry) + strlen(entry->topic);
}

static size_t document_bytes(const struct fleet_document *document)
{
	return document->len + document->claims_len + document->id.len + document->first_seen.len;
}

static bool has_room(const struct fleet *fleet, size_t bytes)
{
	return bytes <= FLEET_BYTES_MAX && fleet->bytes <= FLEET_BYTES_MAX - bytes;
}

static void remove_entry(struct fleet *fleet, struct fleet_entry *entry)
{
	struct fleet_board *board = entry->board;

	hashmap_remove(&fleet->entries, &entry->node);
	TAILQ_REMOVE(&board->entries, entry, of_board);
	board->count--;
	fleet->bytes -= entry_bytes(entry) + document_bytes(&entry->document);
	fleet->broken -= !entry->document.len;
	fleet_document_fini(&entry->document);
	free(entry);
}

static void remove_board(struct fleet *fleet, struct fleet_board *board)
{
	struct fleet_entry *entry;

	while ((entry = TAILQ_FIRST(&board->entries)))
		remove_entry(fleet, entry);
	if (fleet->unasked == board)
		fleet->unasked = TAILQ_NEXT(board, next);
	hashmap_remove(&fleet->boards, &board->node);
	TAILQ_REMOVE(&fleet->all, board, next);
	fleet->bytes -= board_bytes(board);
	json_object_put(board->links);
	free(board->site);
	free(board->id);
	free(board->name);
	free(board);
}

void fleet_fini(struct fleet *fleet)
{
	struct fleet_board *board;

	while ((board = TAILQ_FIRST(&fleet->all)))
		remove_board(fleet, board);
	hashmap_fini(&fleet->boards);
	hashmap_fini(&fleet->entries);
}

/* As it was before it was escaped, in the buffer. False: empty, too long, or no clean UTF-8. */
static bool read_level(struct slice level, char buffer[LEVEL_MAX])
{
	struct writer w;

	writer_init(&w, buffer, LEVEL_MAX);
	topic_read_level(&w, level);
	if (!w.len || !text_is_clean(writer_result(&w)))
		return false;
	writer_char(&w, '\0');
	return !writer_error(&w);
}

static uint64_t board_hash(const struct fleet *fleet, const char *site, const char *id)
{
	return hashmap_hash_behind(
	    &fleet->boards, hashmap_hash(&fleet->boards, slice_of(site)), slice_of(id));
}

static struct fleet_board *find_board(const struct fleet *fleet, const char *site, const char *id)
{
	struct hashmap_node *node = hashmap_first(&fleet->boards, board_hash(fleet, site, id));

	for (; node; node = hashmap_next(node)) {
		struct fleet_board *board = CONTAINER_OF(node, struct fleet_board, node);
		if (!strcmp(board->site, site) && !strcmp(board->id, id))
			return board;
	}
	return NULL;
}

static struct fleet_board *add_board(struct fleet *fleet, const char *site, const char *id)
{
	bool fits = has_room(fleet, sizeof(struct fleet_board) + strlen(site) + strlen(id));
	struct fleet_board *board = fits ? calloc(1, sizeof(*board)) : NULL;

	if (!board)
		return NULL;
	TAILQ_INIT(&board->entries);
	board->site = strdup(site);
	board->id = strdup(id);
	if (!board->site || !board->id) {
		free(board->site);
		free(board->id);
		free(board);
		return NULL;
	}
	fleet->bytes += board_bytes(board);
	TAILQ_INSERT_TAIL(&fleet->all, board, next);
	if (!fleet->unasked)
		fleet->unasked = board;
	hashmap_insert(&fleet->boards, &board->node, board_hash(fleet, site, id));
	return board;
}

/* The board of a topic, added where there is none and `payload` is not empty. */
static struct fleet_board *board_of(
    struct fleet *fleet, const struct topic *topic, struct slice payload)
{
	char site[LEVEL_MAX], id[LEVEL_MAX];

	if (!read_level(topic->site, site) || !read_level(topic->board, id)) {
		fleet->dropped++;
		return NULL;
	}
	struct fleet_board *board = find_board(fleet, site, id);
	if (!board && payload.len) {
		board = add_board(fleet, site, id);
		fleet->dropped += !board;
	}
	if (board) {
		board->revision = ++fleet->revision;
		board->round = fleet->round;
	}
	return board;
}

static struct fleet_entry *find_entry(const struct fleet *fleet, struct slice topic)
{
	struct hashmap_node *node =
	    hashmap_first(&fleet->entries, hashmap_hash(&fleet->entries, topic));

	for (; node; node = hashmap_next(node)) {
		struct fleet_entry *entry = CONTAINER_OF(node, struct fleet_entry, node);
		if (slice_equal(slice_of(entry->topic), topic))
			return entry;
	}
	return NULL;
}

static struct fleet_entry *add_entry(
    struct fleet *fleet, struct fleet_board *board, struct slice topic)
{
	bool fits = has_room(fleet, sizeof(struct fleet_entry) + topic.len);
	struct fleet_entry *entry = fits ? calloc(1, sizeof(*entry) + topic.len + 1) : NULL;

	if (!entry)
		return NULL;
	memcpy(entry->topic, topic.bytes, topic.len);
	entry->board = board;
	TAILQ_INSERT_TAIL(&board->entries, entry, of_board);
	board->count++;
	fleet->bytes += entry_bytes(entry);
	fleet->broken++; /* until it has a document */
	hashmap_insert(&fleet->entries, &entry->node, hashmap_hash(&fleet->entries, topic));
	return entry;
}

static void set_document(
    struct fleet *fleet, struct fleet_entry *entry, const struct fleet_document *document)
{
	fleet->bytes += document_bytes(document) - document_bytes(&entry->document);
	fleet->broken += !document->len;
	fleet->broken -= !entry->document.len;
	fleet_document_fini(&entry->document);
	entry->document = *document;
}

/* Reads a document of the device `id`: another one would make two devices with one id. */
static int read_document(struct fleet_document *document, const char *id, const struct fleet *fleet,
    struct slice payload)
{
	if (!has_room(fleet, payload.len))
		return -ENOMEM;
	int error = fleet_document_read(document, payload);
	if (!error && !slice_equal(document->id, slice_of(id))) {
		fleet_document_fini(document);
		error = -EBADMSG;
	}
	return error;
}

static void take_device(struct fleet *fleet, struct fleet_board *board, struct slice topic,
    struct slice level, struct slice payload, int64_t published)
{
	struct fleet_entry *entry = find_entry(fleet, topic);
	struct fleet_document document = {0};
	char id[LEVEL_MAX];

	if (!payload.len) {
		if (entry)
			remove_entry(fleet, entry);
		return;
	}
	bool clean = read_level(level, id);
	if (clean && !entry)
		entry = add_entry(fleet, board, topic);
	if (!clean || !entry) {
		fleet->dropped++;
		return;
	}
	if (read_document(&document, id, fleet, payload) == -ENOMEM)
		fleet->dropped++;
	set_document(fleet, entry, &document);
	entry->published = published;
	entry->revision = fleet->revision;
	entry->round = fleet->round;
}

static void take_state(struct fleet *fleet, struct fleet_board *board, struct slice payload)
{
	struct json_object *state = json_read_object(payload);
	struct json_object *online = field_get(state, "online");

	if (!json_object_is_type(online, json_type_boolean)) {
		fleet->dropped += payload.len > 0;
		online = NULL;
	}
	board->online = json_object_get_boolean(online);
	json_object_put(state);
}

static void take_info(struct fleet *fleet, struct fleet_board *board, struct slice payload)
{
	bool fits = payload.len <= INFO_MAX && has_room(fleet, payload.len);
	struct json_object *info = fits ? json_read_object(payload) : NULL;
	struct slice name = field_text_of(info, "name");
	struct json_object *devices = field_get(info, "devices");

	fleet->dropped += payload.len && !info;
	json_object_put(board->links);
	free(board->name);
	board->links = json_object_get(field_get(info, "links"));
	board->name = name.len && !memchr(name.bytes, '\0', name.len) ? slice_dup(name) : NULL;
	fleet->bytes -= board->info_len;
	board->info_len = info ? payload.len : 0;
	fleet->bytes += board->info_len;
	board->informed = info;
	int64_t count = json_object_get_int64(devices);
	board->announced = count > 0 ? (uint64_t)count : 0;
	json_object_put(info);
}

void fleet_take(struct fleet *fleet, struct slice text, struct slice payload, int64_t published)
{
	struct topic topic;
	struct fleet_board *board;

	if (!topic_read(text, &topic)) {
		fleet->dropped++;
		return;
	}
	if (topic.kind == TOPIC_EVENT)
		return;
	board = board_of(fleet, &topic, payload);
	if (!board)
		return;
	if (topic.kind == TOPIC_DEVICE)
		take_device(fleet, board, text, topic.id, payload, published);
	else if (topic.kind == TOPIC_STATE)
		take_state(fleet, board, payload);
	else
		take_info(fleet, board, payload);
}

const struct fleet_board *fleet_next_board(struct fleet *fleet)
{
	struct fleet_board *board = fleet->unasked;

	if (board)
		fleet->unasked = TAILQ_NEXT(board, next);
	return board;
}

void fleet_begin(struct fleet *fleet)
{
	fleet->round++;
	fleet->unasked = TAILQ_FIRST(&fleet->all);
}

void fleet_sweep(struct fleet *fleet)
{
	struct fleet_board *board, *next_board;
	struct fleet_entry *entry, *next_entry;

	for (board = TAILQ_FIRST(&fleet->all); board; board = next_board) {
		next_board = TAILQ_NEXT(board, next);
		for (entry = TAILQ_FIRST(&board->entries); entry; entry = next_entry) {
			next_entry = TAILQ_NEXT(entry, of_board);
			if (entry->round != fleet->round)
				remove_entry(fleet, entry);
		}
		if (board->round != fleet->round)
			remove_board(fleet, board);
	}
	fleet->revision++;
}

struct fleet_progress fleet_progress(const struct fleet *fleet)
{
	struct fleet_progress progress = {0};
	const struct fleet_board *board;
	const struct fleet_entry *entry;

	TAILQ_FOREACH(board, &fleet->all, next)
	{
		uint64_t here = 0;
		if (board->round != fleet->round)
			continue;
		TAILQ_FOREACH(entry, &board->entries, of_board)
		here += entry->round == fleet->round;
		progress.boards++;
		progress.uninformed += board->online && !board->informed;
		progress.devices += here;
		if (board->online && board->informed && board->announced > here)
			progress.missing += board->announced - here;
	}
	return progress;
}
