/* SPDX-License-Identifier: ISC
 * ssdp_index: the targets of all offers by what a search names, and the answers that they were
 * found with. */
#include "base/ascii.h"
#include "engine/ssdp_internal.h"
#include "model/offers.h"
#include "wire/usn.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of answers that are kept. What would need more begins anew: a searcher that asks for many
 * versions of a type cannot have us keep them all. */
enum { KEPT_MAX = 128 * 1024 };

/* An answer as it was sent last; the next one differs in its date. */
struct ssdp_kept_answer {
	struct ssdp_kept_answer *next;
	struct address source; /* in LOCATION */
	uint32_t version, boot_id;
	uint16_t len, date; /* where its date begins */
	char bytes[];
};

static void drop_answers(struct ssdp_index *index)
{
	for (size_t i = 0; i < index->count; i++) {
		struct ssdp_index_row *row = &index->rows[i];
		while (row->answers) {
			struct ssdp_kept_answer *answer = row->answers;
			row->answers = answer->next;
			free(answer);
		}
	}
	index->kept = 0;
}

void ssdp_index_clear(struct ssdp_index *index)
{
	drop_answers(index);
	hashmap_fini(&index->by_target);
	free(index->rows);
	free(index->found);
	*index = (struct ssdp_index){0};
}

/* Of a type without its version, as a search may be for a lower one. Regardless of the case of
 * letters, as a uuid is compared. */
static uint64_t hash_of(const struct ssdp *ssdp, struct slice base)
{
	char lower[SSDP_TARGET_MAX];

	base = slice_head(base, sizeof(lower));
	for (size_t i = 0; i < base.len; i++)
		lower[i] = ascii_lower(base.bytes[i]);
	return siphash_quick(&ssdp->context->key, 0, (struct slice){lower, base.len});
}

struct ssdp_wanted ssdp_wanted_of(const struct ssdp *ssdp, const struct ssdp_message *search)
{
	struct typed_urn urn = urn_split_version(search->target);

	return (struct ssdp_wanted){
	    search->target, hash_of(ssdp, urn.base), urn.version, search->mx};
}

static struct slice name_of(const struct ssdp_target *target)
{
	switch (target->form) {
	case SSDP_FORM_ROOT:
		return SLICE("upnp:rootdevice");
	case SSDP_FORM_UUID:
		return target->udn;
	case SSDP_FORM_TYPE:
		break;
	}
	return target->type;
}

/* 0 or -ENOMEM. */
static int build(struct ssdp *ssdp)
{
	const struct offers *offers = ssdp->context->offers;
	struct ssdp_index *index = &ssdp->index;
	size_t count = 0;

	for (size_t i = 0; i < offers->count; i++)
		count += ssdp_target_count(offers->list[i], (struct ssdp_cursor){0});
	index->rows = calloc(count + 1, sizeof(*index->rows));
	index->found = calloc(count + 1, sizeof(struct ssdp_index_row *));
	int error = hashmap_init(&index->by_target, &ssdp->context->key);
	if (error || !index->rows || !index->found) {
		ssdp_index_clear(index);
		return -ENOMEM;
	}
	for (size_t i = 0; i < offers->count; i++) {
		struct ssdp_index_row row = {.offer = offers->list[i],
		    .reaches_all = engine_url_reaches_all(offers->list[i])};
		struct ssdp_cursor next = {0};
		for (; ssdp_target_next(row.offer, &next, &row.target); row.cursor = next)
			index->rows[index->count++] = row;
	}
	/* The map returns what came last first. */
	for (size_t i = index->count; i-- > 0;) {
		struct slice name = name_of(&index->rows[i].target);
		hashmap_insert(&index->by_target, &index->rows[i].node,
		    hash_of(ssdp, urn_split_version(name).base));
	}
	return 0;
}

static bool is_ready(struct ssdp *ssdp)
{
	return ssdp->index.rows || build(ssdp) == 0;
}

size_t ssdp_index_find(struct ssdp *ssdp, const struct ssdp_wanted *wanted)
{
	struct ssdp_index *index = &ssdp->index;
	size_t count = 0;

	if (wanted->target.len == 0 || !is_ready(ssdp))
		return 0;
	if (slice_equal(wanted->target, SLICE("ssdp:all"))) {
		for (; count < index->count; count++)
			index->found[count] = &index->rows[count];
		return count;
	}
	struct hashmap_node *node = hashmap_first(&index->by_target, wanted->hash);
	for (; node; node = hashmap_next(node)) {
		struct ssdp_index_row *row = CONTAINER_OF(node, struct ssdp_index_row, node);
		struct ssdp_target target = row->target;
		if (ssdp_target_matches(&target, wanted->target))
			index->found[count++] = row;
	}
	return count;
}

static bool is_at(const struct ssdp_index_row *row, uint64_t offer, struct ssdp_cursor cursor)
{
	return row->offer->number == offer && row->cursor.device == cursor.device &&
	       row->cursor.step == cursor.step;
}

struct ssdp_index_row *ssdp_index_row_at(
    struct ssdp *ssdp, size_t place, uint64_t offer, struct ssdp_cursor cursor)
{
	struct ssdp_index *index = &ssdp->index;

	if (!is_ready(ssdp))
		return NULL;
	if (place < index->count && is_at(&index->rows[place], offer, cursor))
		return &index->rows[place];
	for (size_t i = 0; i < index->count; i++)
		if (is_at(&index->rows[i], offer, cursor))
			return &index->rows[i];
	return NULL;
}

/* The present date; it is written once a second. */
static struct slice date_at(struct ssdp *ssdp, struct instant now)
{
	struct ssdp_index *index = &ssdp->index;
	int64_t second = (now.us + ssdp->context->wall_offset) / SECONDS(1);

	if (index->date_len == 0 || second != index->date_second) {
		struct writer w;
		writer_init(&w, index->date, sizeof(index->date));
		ssdp_compose_date(ssdp, now, &w);
		index->date_len = writer_result(&w).len;
		index->date_second = second;
	}
	return (struct slice){index->date, index->date_len};
}

static struct ssdp_kept_answer *find_answer(const struct ssdp_index_row *row,
    const struct ssdp_advertisement *advertisement, const struct address *source)
{
	struct ssdp_kept_answer *answer = row->answers;

	while (answer && !(answer->boot_id == advertisement->boot_id &&
			     answer->version == advertisement->target->version &&
			     address_equal(&answer->source, source)))
		answer = answer->next;
	return answer;
}

/* Without memory it is composed again the next time. */
static void keep(struct ssdp_index *index, struct ssdp_index_row *row,
    const struct ssdp_advertisement *advertisement, const struct address *source, struct slice text)
{
	const char *date = memmem(text.bytes, text.len, index->date, index->date_len);
	size_t size = sizeof(struct ssdp_kept_answer) + text.len;

	if (!date || index->date_len != SSDP_DATE_LEN)
		return;
	if (index->kept + size > KEPT_MAX)
		drop_answers(index);
	struct ssdp_kept_answer *answer = malloc(size);
	if (!answer)
		return;
	*answer = (struct ssdp_kept_answer){
	    .next = row->answers,
	    .source = *source,
	    .version = advertisement->target->version,
	    .boot_id = advertisement->boot_id,
	    .len = (uint16_t)text.len,
	    .date = (uint16_t)(date - text.bytes),
	};
	memcpy(answer->bytes, text.bytes, text.len);
	row->answers = answer;
	index->kept += size;
}

struct slice ssdp_index_answer(struct ssdp *ssdp, struct instant now, struct ssdp_index_row *row,
    const struct ssdp_advertisement *advertisement, const struct outbox_send *send,
    struct writer *room)
{
	struct slice date = date_at(ssdp, now);
	struct ssdp_kept_answer *answer = find_answer(row, advertisement, &send->source);

	if (answer && date.len == SSDP_DATE_LEN) {
		memcpy(answer->bytes + answer->date, date.bytes, date.len);
		return (struct slice){answer->bytes, answer->len};
	}
	if (!ssdp_compose_text(ssdp, now, advertisement, send, room))
		return SLICE_NONE;
	if (!answer)
		keep(&ssdp->index, row, advertisement, &send->source, writer_result(room));
	return writer_result(room);
}
