/* SPDX-License-Identifier: ISC
 * fleet_device: see fleet_device.h. */
#include "mqtt/fleet_device.h"
#include "base/array.h"
#include "client/field.h"
#include "wire/json_read.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* So many boards are shown that see one device. */
enum { SOURCES_MAX = 256 };

/* A document of a row. */
struct source {
	const struct fleet_entry *entry;
	struct json_object *object; /* owned: as it was read */
};

/* A row being put together. Its sources are in an order that does not change with each document
 * that comes. */
struct merge {
	const struct fleet_row *row;
	struct source *sources;
	size_t count;
	struct json_object *device;
};

static size_t rank_of_kind(struct json_object *document)
{
	static const char *const KINDS[] = {"device", "control-point", "neighbour"};
	struct slice kind = field_text_of(document, "kind");
	size_t i = 0;

	while (i < COUNT_OF(KINDS) && !slice_equal(kind, slice_of(KINDS[i])))
		i++;
	return i;
}

/* The board that knows most comes first, and among those that know as much the first that has seen
 * the device. For qsort(). */
static int compare_sources(const void *left, const void *right)
{
	const struct source *a = left, *b = right;
	size_t kind_a = rank_of_kind(a->object), kind_b = rank_of_kind(b->object);
	size_t protocols_a = field_length(field_get(a->object, "protocols"));
	size_t protocols_b = field_length(field_get(b->object, "protocols"));
	/* ended by a NUL, and moments of one form */
	int order =
	    strcmp(a->entry->document.first_seen.bytes, b->entry->document.first_seen.bytes);

	if (kind_a != kind_b)
		return kind_a < kind_b ? -1 : 1;
	if (protocols_a != protocols_b)
		return protocols_a > protocols_b ? -1 : 1;
	return order ? order : strcmp(a->entry->topic, b->entry->topic);
}

static struct json_object *text_new(struct slice text)
{
	return json_object_new_string_len(text.bytes, (int)text.len);
}

/* Of the board that knows most; else of any. */
static struct json_object *chosen(const struct merge *merge, const char *key, enum json_type type)
{
	for (size_t i = 0; i < merge->count; i++) {
		struct json_object *value = field_get(merge->sources[i].object, key);
		if (json_object_is_type(value, type))
			return json_object_get(value);
	}
	return NULL;
}

/* What has been collected, by its texts: a document may have thousands of them. */
static bool is_new(
    struct json_object *known, size_t of, struct slice first, struct slice second, size_t *place)
{
	struct json_object *found;
	char *key;

	if (asprintf(&key, "%zu\n%.*s\n%.*s", of, SLICE_ARGS(first), SLICE_ARGS(second)) < 0)
		return false;
	bool added = !json_object_object_get_ex(known, key, &found);
	if (added)
		field_add(known, key, json_object_new_int64((int64_t)*place));
	else
		*place = (size_t)json_object_get_int64(found);
	free(key);
	return added;
}

static void add_text(struct json_object *texts, struct json_object *known, struct slice text)
{
	size_t place = 0;

	if (is_new(known, 0, text, SLICE_NONE, &place))
		field_append(texts, text_new(text));
}

/* Each text once that stands under this key in any document. */
static struct json_object *collect_texts(
    const struct merge *merge, const char *key, struct json_object *known)
{
	struct json_object *texts = json_object_new_array();

	for (size_t i = 0; i < merge->count; i++) {
		struct json_object *array = field_get(merge->sources[i].object, key);
		for (size_t k = 0; k < field_length(array); k++) {
			struct json_object *text = field_entry(array, k);
			if (json_object_is_type(text, json_type_string))
				add_text(texts, known, field_text(text));
		}
	}
	return texts;
}

static struct json_object *all_texts(const struct merge *merge, const char *key)
{
	struct json_object *known = json_object_new_object();
	struct json_object *texts = collect_texts(merge, key, known);

	json_object_put(known);
	return texts;
}

/* Its own ids at the boards are further keys of the device. */
static struct json_object *all_ids(const struct merge *merge)
{
	struct json_object *known = json_object_new_object();
	struct json_object *ids = collect_texts(merge, "ids", known);

	for (size_t i = 0; i < merge->count; i++) {
		struct slice id = merge->sources[i].entry->document.id;
		if (!slice_equal(id, slice_of(merge->row->id)))
			add_text(ids, known, id);
	}
	json_object_put(known);
	return ids;
}

/* Without "neighbour" where there is another one. */
static struct json_object *all_protocols(const struct merge *merge)
{
	struct json_object *protocols = all_texts(merge, "protocols");

	for (size_t i = 0; i < field_length(protocols) && field_length(protocols) > 1; i++)
		if (slice_equal(field_text(field_entry(protocols, i)), SLICE("neighbour")))
			json_object_array_del_idx(protocols, i--, 1);
	return protocols;
}

static struct json_object *all_host_names(const struct merge *merge)
{
	return all_texts(merge, "host_names");
}

static struct json_object *reachable(const struct merge *merge)
{
	return chosen(merge, "reachable", json_type_boolean);
}

static struct json_object *all_flags(const struct merge *merge)
{
	struct json_object *known = json_object_new_object();
	struct json_object *flags = collect_texts(merge, "flags", known);

	if (merge->row->stale)
		add_text(flags, known, SLICE("stale"));
	json_object_put(known);
	return flags;
}

/* An Address whose interface has the name of its network; NULL: it is none. */
static struct json_object *place_address(
    const struct fleet_entry *entry, struct json_object *address)
{
	static const char *const KEYS[] = {"address", "interface", "mac", "vendor", "random_mac"};
	struct slice interface = field_text_of(address, "interface");
	const struct fleet_link *link = fleet_networks_link(entry->board, interface);
	struct json_object *placed;

	if (!json_object_is_type(field_get(address, "address"), json_type_string))
		return NULL;
	placed = json_object_new_object();
	for (size_t i = 0; i < COUNT_OF(KEYS); i++)
		field_add(placed, KEYS[i], json_object_get(field_get(address, KEYS[i])));
	if (link)
		field_add(placed, "interface", json_object_new_string(link->network->name));
	return placed;
}

/* Where addresses are collected: those of the device, or of one of its endpoints. */
struct places {
	struct json_object *all;
	struct json_object *known; /* of all places */
	size_t of;                 /* distinguishes them */
};

/* Adds each address and network once; a MAC that only a later one knows is taken over. */
static void add_addresses(
    const struct places *places, const struct fleet_entry *entry, struct json_object *addresses)
{
	for (size_t i = 0; i < field_length(addresses); i++) {
		struct json_object *placed = place_address(entry, field_entry(addresses, i));
		size_t k = field_length(places->all);
		if (!placed)
			continue;
		if (is_new(places->known, places->of, field_text_of(placed, "address"),
			field_text_of(placed, "interface"), &k))
			field_append(places->all, placed);
		else if (!field_get(field_entry(places->all, k), "mac"))
			json_object_array_put_idx(places->all, k, placed);
		else
			json_object_put(placed);
	}
}

/* Those where it was seen last come first. */
static struct json_object *all_addresses(const struct merge *merge)
{
	const struct places places = {json_object_new_array(), json_object_new_object(), 0};

	for (size_t i = 0; i < 2 * merge->count; i++) {
		const struct source *source = &merge->sources[i % merge->count];
		if ((source->entry == merge->row->entries[0]) == (i < merge->count))
			add_addresses(
			    &places, source->entry, field_get(source->object, "addresses"));
	}
	json_object_put(places.known);
	return places.all;
}

/* The first board's wins; addresses of the others are added. Endpoints are distinguished by
 * `known`, and so are their places. */
static void add_endpoint(struct json_object *all, struct json_object *known, struct places *places,
    const struct fleet_entry *entry, struct json_object *endpoint)
{
	struct json_object *addresses = field_get(endpoint, "addresses");
	struct json_object *protocol = field_get(endpoint, "protocol");
	struct json_object *key = field_get(endpoint, "key");

	if (!json_object_is_type(protocol, json_type_string) ||
	    !json_object_is_type(key, json_type_string))
		return;
	places->of = field_length(all);
	if (!is_new(known, 0, field_text(protocol), field_text(key), &places->of)) {
		places->all = field_get(field_entry(all, places->of), "addresses");
		add_addresses(places, entry, addresses);
		return;
	}
	places->all = json_object_new_array();
	add_addresses(places, entry, addresses);
	field_add(endpoint, "addresses", places->all);
	if (!field_get(endpoint, "last_seen"))
		field_add(endpoint, "last_seen", NULL);
	if (!field_get(endpoint, "expires_in"))
		field_add(endpoint, "expires_in", NULL);
	field_append(all, json_object_get(endpoint));
}

static struct json_object *all_endpoints(const struct merge *merge)
{
	struct json_object *all = json_object_new_array(), *known = json_object_new_object();
	struct places places = {.known = json_object_new_object()};

	for (size_t i = 0; i < merge->count; i++) {
		struct json_object *endpoints = field_get(merge->sources[i].object, "endpoints");
		for (size_t k = 0; k < field_length(endpoints); k++)
			add_endpoint(all, known, &places, merge->sources[i].entry,
			    field_entry(endpoints, k));
	}
	json_object_put(places.known);
	json_object_put(known);
	return all;
}

static struct json_object *first_seen(const struct merge *merge)
{
	struct slice first = SLICE_NONE;

	for (size_t i = 0; i < merge->count; i++) {
		struct slice text = merge->sources[i].entry->document.first_seen;
		if (text.len && (!first.len || strcmp(text.bytes, first.bytes) < 0))
			first = text;
	}
	return first.len ? text_new(first) : NULL;
}

static int compare_boards(const void *left, const void *right)
{
	const struct fleet_board *a = *(const struct fleet_board *const *)left;
	const struct fleet_board *b = *(const struct fleet_board *const *)right;

	return strcmp(a->id, b->id);
}

static struct json_object *all_boards(const struct merge *merge)
{
	struct json_object *boards = json_object_new_array();
	const struct fleet_board **sorted = calloc(merge->count, sizeof(*sorted));

	for (size_t i = 0; i < merge->count && sorted; i++)
		sorted[i] = merge->sources[i].entry->board;
	if (sorted)
		qsort(sorted, merge->count, sizeof(*sorted), compare_boards);
	for (size_t i = 0; i < merge->count && sorted; i++) {
		const struct fleet_board *board = sorted[i];
		if (i && board == sorted[i - 1])
			continue;
		struct json_object *object = json_object_new_object();
		field_add_text(object, "id", board->id);
		field_add_text(object, "name", board->name ? board->name : board->id);
		field_append(boards, object);
	}
	free(sorted);
	return boards;
}

/* Which port of a board it is behind is known where one board sees it. */
static struct json_object *attached_to(const struct merge *merge)
{
	return merge->count == 1 ? chosen(merge, "attached_to", json_type_string) : NULL;
}

static struct json_object *never(const struct merge *merge)
{
	(void)merge; /* it changes without a message */
	return NULL;
}

static struct json_object *site(const struct merge *merge)
{
	return json_object_new_string(merge->row->entries[0]->board->site);
}

static struct json_object *id(const struct merge *merge)
{
	return json_object_new_string(merge->row->id);
}

/* The keys of a Device in their order; without a function, the value is a text. */
static const struct {
	const char *name;
	struct json_object *(*make)(const struct merge *merge);
} KEYS[] = {
    {"id", id},
    {"ids", all_ids},
    {"name", NULL},
    {"type", NULL},
    {"manufacturer", NULL},
    {"model", NULL},
    {"model_number", NULL},
    {"serial", NULL},
    {"presentation_url", NULL},
    {"icon_url", NULL},
    {"kind", NULL},
    {"protocols", all_protocols},
    {"addresses", all_addresses},
    {"host_names", all_host_names},
    {"attached_to", attached_to},
    {"reachable", reachable},
    {"first_seen", first_seen},
    {"last_seen", never},
    {"expires_in", never},
    {"flags", all_flags},
    {"endpoints", all_endpoints},
    {"site", site},
    {"boards", all_boards},
};

static int read_sources(struct merge *merge)
{
	size_t count = merge->row->count < SOURCES_MAX ? merge->row->count : SOURCES_MAX;

	merge->sources = calloc(count, sizeof(*merge->sources));
	for (size_t i = 0; i < count && merge->sources; i++) {
		const struct fleet_entry *entry = merge->row->entries[i];
		struct json_object *object =
		    json_read_object(fleet_document_text(&entry->document));
		if (object)
			merge->sources[merge->count++] = (struct source){entry, object};
	}
	if (!merge->count)
		return -ENOMEM;
	qsort(merge->sources, merge->count, sizeof(*merge->sources), compare_sources);
	return 0;
}

struct json_object *fleet_device_new(const struct fleet_row *row)
{
	struct merge merge = {.row = row};

	if (read_sources(&merge) == 0)
		merge.device = json_object_new_object();
	for (size_t i = 0; i < COUNT_OF(KEYS) && merge.device; i++) {
		struct json_object *value = KEYS[i].make
						? KEYS[i].make(&merge)
						: chosen(&merge, KEYS[i].name, json_type_string);
		field_add(merge.device, KEYS[i].name, value);
	}
	for (size_t i = 0; i < merge.count; i++)
		json_object_put(merge.sources[i].object);
	free(merge.sources);
	return merge.device;
}
