/* SPDX-License-Identifier: ISC
 * fleet_rows: see fleet_rows.h. */
#include "mqtt/fleet_rows.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a row is called by; the first of these that one of its documents has. */
enum rank { BY_OWN_UUID, BY_UUID, BY_MAC, BY_MAC_AND_ADDRESS, BY_BOARD };

struct name {
	enum rank rank;
	struct slice first, second, third;
};

struct claim {
	struct fleet_claim claim;
	struct slice segment;
	size_t entry; /* its place in the work */
};

/* Documents are put into sets: `parent` of each leads to the one that stands for its set. */
struct work {
	struct fleet_entry **entries;
	size_t *parent;
	struct name *names;
	size_t count;
	struct claim *claims;
	size_t claim_count;
};

static int compare_numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int compare_names(const struct name *a, const struct name *b)
{
	int order = (int)a->rank - (int)b->rank;

	if (!order)
		order = fleet_compare(a->first, b->first);
	if (!order)
		order = fleet_compare(a->second, b->second);
	return order ? order : fleet_compare(a->third, b->third);
}

/* --- the work --- */

static size_t count_claims(const struct fleet_document *document)
{
	struct fleet_claim claim;
	size_t at = 0, count = 0;

	while (fleet_document_next_claim(document, &at, &claim))
		count++;
	return count;
}

static void add_claims(struct work *work, size_t place)
{
	const struct fleet_entry *entry = work->entries[place];
	struct claim added = {.entry = place};
	size_t at = 0;

	while (fleet_document_next_claim(&entry->document, &at, &added.claim)) {
		const struct fleet_link *link = NULL;
		added.segment = SLICE_NONE;
		if (added.claim.kind == FLEET_CLAIM_MAC) {
			link = fleet_networks_link(entry->board, added.claim.interface);
			if (!link || !link->segment.len)
				continue;
			added.segment = link->segment;
		}
		work->claims[work->claim_count++] = added;
	}
}

static int begin(struct work *work, const struct fleet *fleet)
{
	const struct fleet_board *board;
	struct fleet_entry *entry;
	size_t claims = 0;

	*work = (struct work){.entries = calloc(fleet->entries.count + 1, sizeof(*work->entries)),
	    .parent = calloc(fleet->entries.count + 1, sizeof(*work->parent)),
	    .names = calloc(fleet->entries.count + 1, sizeof(*work->names))};
	if (!work->entries || !work->parent || !work->names)
		return -ENOMEM;
	TAILQ_FOREACH(board, &fleet->all, next)
	TAILQ_FOREACH(entry, &board->entries, of_board)
	{
		if (!entry->document.len)
			continue;
		claims += count_claims(&entry->document);
		work->parent[work->count] = work->count;
		work->names[work->count] = (struct name){
		    BY_BOARD, slice_of(board->site), slice_of(board->id), entry->document.id};
		work->entries[work->count++] = entry;
	}
	work->claims = calloc(claims + 1, sizeof(*work->claims));
	for (size_t i = 0; i < work->count && work->claims; i++)
		add_claims(work, i);
	return work->claims ? 0 : -ENOMEM;
}

static void end(struct work *work)
{
	free(work->entries);
	free(work->parent);
	free(work->names);
	free(work->claims);
}

/* The one that stands for the set. */
static size_t find(struct work *work, size_t place)
{
	while (work->parent[place] != place) {
		work->parent[place] = work->parent[work->parent[place]];
		place = work->parent[place];
	}
	return place;
}

static void unite(struct work *work, size_t a, size_t b)
{
	size_t x = find(work, a), y = find(work, b);

	if (x < y)
		work->parent[y] = x;
	else
		work->parent[x] = y;
}

static void offer_name(struct work *work, size_t place, struct name name)
{
	if (compare_names(&name, &work->names[place]) < 0)
		work->names[place] = name;
}

/* --- what unites --- */

static const struct fleet_board *board_of(const struct work *work, const struct claim *claim)
{
	return work->entries[claim->entry]->board;
}

/* By what is claimed; claims of one site, and then of one board and document, follow each other. */
static int compare_claims(const void *left, const void *right, void *context)
{
	const struct claim *a = left, *b = right;
	const struct work *work = context;
	const struct fleet_board *of_a = board_of(work, a), *of_b = board_of(work, b);
	int order = (int)a->claim.kind - (int)b->claim.kind;

	if (!order)
		order = fleet_compare(a->claim.value, b->claim.value);
	if (!order)
		order = strcmp(of_a->site, of_b->site);
	if (!order)
		order = fleet_compare(a->segment, b->segment);
	if (!order)
		order = strcmp(of_a->id, of_b->id);
	return order ? order : compare_numbers(a->entry, b->entry);
}

static int compare_addresses(const void *left, const void *right)
{
	const struct claim *a = left, *b = right;

	return fleet_compare(a->claim.address, b->claim.address);
}

static bool same_site(const struct work *work, const struct claim *a, const struct claim *b)
{
	return !strcmp(board_of(work, a)->site, board_of(work, b)->site);
}

/* Claims of one UUID. */
static void unite_by_uuid(struct work *work, const struct claim *claims, size_t count)
{
	const struct claim *first = NULL;

	for (size_t i = 0, next; i < count; i = next) {
		bool duplicate = false;
		for (next = i; next < count && same_site(work, &claims[i], &claims[next]); next++)
			duplicate |= work->entries[claims[next].entry]->document.duplicate;
		for (size_t k = i; k < next && !duplicate; k++) {
			const struct fleet_document *document =
			    &work->entries[claims[k].entry]->document;
			bool own = slice_equal_nocase(document->id, claims[k].claim.value);
			struct name name = {
			    own ? BY_OWN_UUID : BY_UUID, .first = claims[k].claim.value};
			first = first ? first : &claims[k];
			unite(work, first->entry, claims[k].entry);
			offer_name(work, claims[k].entry, name);
		}
	}
}

/* Claims of one MAC in one network. One MAC may stand for several devices behind a repeater. */
static void unite_by_mac(struct work *work, struct claim *claims, size_t count)
{
	bool ambiguous = false;

	for (size_t i = 1; i < count; i++)
		ambiguous |= claims[i].entry != claims[i - 1].entry &&
			     board_of(work, &claims[i]) == board_of(work, &claims[i - 1]);
	if (ambiguous)
		qsort(claims, count, sizeof(*claims), compare_addresses);
	for (size_t i = 0; i < count; i++) {
		struct name name = {ambiguous ? BY_MAC_AND_ADDRESS : BY_MAC, claims[i].segment,
		    claims[i].claim.value, ambiguous ? claims[i].claim.address : SLICE_NONE};
		offer_name(work, claims[i].entry, name);
		if (i && (!ambiguous || compare_addresses(&claims[i - 1], &claims[i]) == 0))
			unite(work, claims[i - 1].entry, claims[i].entry);
	}
}

static bool alike(const struct work *work, const struct claim *a, const struct claim *b)
{
	if (a->claim.kind != b->claim.kind || !slice_equal(a->claim.value, b->claim.value))
		return false;
	return a->claim.kind == FLEET_CLAIM_UUID ||
	       (same_site(work, a, b) && slice_equal(a->segment, b->segment));
}

static void unite_all(struct work *work)
{
	qsort_r(work->claims, work->claim_count, sizeof(*work->claims), compare_claims, work);
	for (size_t i = 0, next; i < work->claim_count; i = next) {
		struct claim *claims = work->claims + i;
		for (next = i + 1; next < work->claim_count; next++)
			if (!alike(work, claims, &work->claims[next]))
				break;
		if (claims->claim.kind == FLEET_CLAIM_UUID)
			unite_by_uuid(work, claims, next - i);
		else
			unite_by_mac(work, claims, next - i);
	}
}

/* --- rows --- */

/* Documents of a set follow each other, the one to show first. */
static int compare_places(const void *left, const void *right, void *context)
{
	const size_t a = *(const size_t *)left, b = *(const size_t *)right;
	const struct work *work = context;
	const struct fleet_entry *x = work->entries[a], *y = work->entries[b];
	int order = compare_numbers(work->parent[a], work->parent[b]);

	if (!order)
		order = (int)y->board->online - (int)x->board->online;
	if (!order)
		order = (y->published > x->published) - (y->published < x->published);
	if (!order)
		order = fleet_compare(y->document.first_seen, x->document.first_seen);
	if (!order)
		order = strcmp(x->board->site, y->board->site);
	if (!order)
		order = strcmp(x->board->id, y->board->id);
	return order ? order : fleet_compare(x->document.id, y->document.id);
}

static char *name_text(const struct name *name, const struct fleet_board *board)
{
	char *text = NULL;
	int len;

	switch (name->rank) {
	case BY_OWN_UUID:
	case BY_UUID:
		return slice_dup(name->first);
	case BY_MAC:
		len = asprintf(&text, "%s/%.*s/%.*s", board->site, SLICE_ARGS(name->first),
		    SLICE_ARGS(name->second));
		break;
	case BY_MAC_AND_ADDRESS:
		len = asprintf(&text, "%s/%.*s/%.*s/%.*s", board->site, SLICE_ARGS(name->first),
		    SLICE_ARGS(name->second), SLICE_ARGS(name->third));
		break;
	default:
		len = asprintf(&text, "%.*s/%.*s/%.*s", SLICE_ARGS(name->first),
		    SLICE_ARGS(name->second), SLICE_ARGS(name->third));
	}
	return len < 0 ? NULL : text;
}

static uint64_t signature(const struct fleet *fleet, const struct fleet_row *row)
{
	uint64_t hash = row->stale;

	for (size_t i = 0; i < row->count; i++) {
		const struct fleet_entry *entry = row->entries[i];
		const uint64_t numbers[] = {entry->revision, entry->board->described};
		struct slice bytes = {(const char *)numbers, sizeof(numbers)};
		hash = hashmap_hash_behind(&fleet->entries, hash, bytes);
	}
	return hash;
}

/* Of one set of documents, which are in order. */
static int add_row(struct fleet_rows *rows, const struct fleet *fleet, struct work *work,
    const size_t *places, size_t count)
{
	struct fleet_row *row = &rows->rows[rows->count];
	const struct fleet_board *board = work->entries[places[0]]->board;
	struct fleet_entry **entries =
	    rows->count ? (struct fleet_entry **)row[-1].entries + row[-1].count : rows->entries;
	const struct name *name = &work->names[places[0]];

	*row = (struct fleet_row){.entries = entries, .stale = !board->online};
	for (size_t i = 0; i < count; i++) {
		struct fleet_entry *entry = work->entries[places[i]];
		if (compare_names(&work->names[places[i]], name) < 0)
			name = &work->names[places[i]];
		if (!strcmp(entry->board->site, board->site) &&
		    (row->stale || entry->board->online))
			entries[row->count++] = entry;
	}
	row->signature = signature(fleet, row);
	row->id = name_text(name, board);
	rows->count += row->id != NULL;
	return row->id ? 0 : -ENOMEM;
}

static int add_rows(struct fleet_rows *rows, const struct fleet *fleet, struct work *work)
{
	size_t *places = calloc(work->count + 1, sizeof(*places));
	int error = places ? 0 : -ENOMEM;

	for (size_t i = 0; i < work->count && places; i++) {
		work->parent[i] = find(work, i);
		places[i] = i;
	}
	if (places)
		qsort_r(places, work->count, sizeof(*places), compare_places, work);
	for (size_t i = 0, next; i < work->count && !error; i = next) {
		for (next = i + 1; next < work->count; next++)
			if (work->parent[places[next]] != work->parent[places[i]])
				break;
		error = add_row(rows, fleet, work, places + i, next - i);
	}
	free(places);
	return error;
}

int fleet_rows_make(struct fleet_rows *rows, struct fleet *fleet)
{
	struct work work = {0};

	*rows = (struct fleet_rows){.rows = calloc(fleet->entries.count + 1, sizeof(*rows->rows)),
	    .entries = calloc(fleet->entries.count + 1, sizeof(struct fleet_entry *))};
	int error =
	    rows->rows && rows->entries ? fleet_networks_make(&rows->networks, fleet) : -ENOMEM;
	if (!error)
		error = begin(&work, fleet);
	if (!error) {
		unite_all(&work);
		error = add_rows(rows, fleet, &work);
	}
	end(&work);
	if (error)
		fleet_rows_fini(rows, fleet);
	return error;
}

void fleet_rows_fini(struct fleet_rows *rows, struct fleet *fleet)
{
	for (size_t i = 0; i < rows->count; i++)
		free(rows->rows[i].id);
	free(rows->rows);
	free(rows->entries);
	fleet_networks_fini(&rows->networks, fleet);
	*rows = (struct fleet_rows){0};
}
