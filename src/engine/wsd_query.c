/* SPDX-License-Identifier: ISC
 * wsd_query: the questions of the WS-Discovery engine: Probe and Resolve by multicast, each
 * repeated once (SOAP-over-UDP 1.1, appendix I), and Probe by unicast. */
#include "base/array.h"
#include "engine/wsd_internal.h"
#include <stdlib.h>
#include <string.h>

enum { TIMES = 2, ID_BYTES = 16, QUESTION_MAX = 1536 };
/* From one transmission to the next. */
#define REPEAT_MIN    MILLISECONDS(50)
#define REPEAT_MAX    MILLISECONDS(250)
#define RESOLVE_PAUSE SECONDS(60)
/* Anything may announce endpoints without end, and each one is asked for by multicast: 32 at once,
 * then 8 a second. */
#define RESOLVE_COST MILLISECONDS(125)
enum { RESOLVE_BURST = 32 };

static const struct address GROUPS[FAMILIES] = {
    [FAMILY_IPV4] = {ADDRESS_IPV4, {239, 255, 255, 250}},
    [FAMILY_IPV6] = {ADDRESS_IPV6, {0xff, 0x02, [15] = 0x0c}},
};

struct wsd_query {
	TAILQ_ENTRY(wsd_query) next;
	uint32_t link;
	struct instant due;
	unsigned left;
	enum wsd_dialect dialect; /* of a Resolve; a Probe is sent in all */
	uint8_t ids[WSD_DIALECTS][ID_BYTES];
	size_t address_len; /* 0: a Probe */
	char address[];     /* to be resolved */
};

void wsd_query_init(struct wsd *wsd)
{
	TAILQ_INIT(&wsd->queries);
}

static void end_query(struct wsd *wsd, struct wsd_query *query)
{
	TAILQ_REMOVE(&wsd->queries, query, next);
	free(query);
}

void wsd_query_fini(struct wsd *wsd)
{
	while (!TAILQ_EMPTY(&wsd->queries))
		/* NOLINTNEXTLINE(*unix.Malloc): unlinked before free */
		end_query(wsd, TAILQ_FIRST(&wsd->queries));
}

/* A random UUID (RFC 4122, 4.4). */
static void make_id(struct rng *rng, uint8_t id[ID_BYTES])
{
	uint64_t random[2] = {rng_u64(rng), rng_u64(rng)};

	memcpy(id, random, ID_BYTES);
	id[6] = (uint8_t)((id[6] & 0x0f) | 0x40);
	id[8] = (uint8_t)((id[8] & 0x3f) | 0x80);
}

static void write_id(const uint8_t id[ID_BYTES], struct writer *w)
{
	writer_text(w, "urn:uuid:");
	for (size_t i = 0; i < ID_BYTES; i++)
		writer_format(w, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", id[i]);
}

void wsd_query_write_id(struct rng *rng, struct writer *w)
{
	uint8_t id[ID_BYTES];

	make_id(rng, id);
	write_id(id, w);
}

/* Without memory it waits for the next round. */
static struct wsd_query *add_query(
    struct wsd *wsd, struct instant due, uint32_t link, struct slice address)
{
	struct wsd_query *query = calloc(1, sizeof(*query) + address.len);

	if (!query)
		return NULL;
	query->link = link;
	query->due = due;
	query->left = TIMES;
	query->address_len = address.len;
	if (address.len)
		memcpy(query->address, address.bytes, address.len);
	for (size_t i = 0; i < WSD_DIALECTS; i++)
		make_id(wsd->context->rng, query->ids[i]);
	TAILQ_INSERT_TAIL(&wsd->queries, query, next);
	return query;
}

void wsd_query_probe(struct wsd *wsd, struct instant due, uint32_t link)
{
	struct wsd_query *query;

	TAILQ_FOREACH(query, &wsd->queries, next)
	if (query->link == link && query->address_len == 0)
		break;
	if (query)
		end_query(wsd, query);
	add_query(wsd, due, link, SLICE_NONE);
}

/* True when it was asked for within the last minute. */
static bool was_resolved(const struct wsd *wsd, struct instant now, uint64_t endpoint)
{
	for (size_t i = 0; i < WSD_RESOLVED_MAX; i++)
		if (wsd->resolved[i].endpoint == endpoint &&
		    !instant_due(wsd->resolved[i].until, now))
			return true;
	return false;
}

/* The bucket is kept as the moment at which it will be full again. */
static bool may_resolve(struct wsd *wsd, struct instant now)
{
	struct instant full = instant_add(instant_later(wsd->resolves_full, now), RESOLVE_COST);

	if (instant_since(full, now) > RESOLVE_BURST * RESOLVE_COST)
		return false;
	wsd->resolves_full = full;
	return true;
}

void wsd_query_resolve(struct wsd *wsd, struct instant now, uint32_t link, enum wsd_dialect dialect,
    struct slice address)
{
	uint64_t endpoint = siphash(&wsd->context->key, address);

	if (was_resolved(wsd, now, endpoint))
		return;
	struct wsd_query *query = address.len < KEY_TEXT_MAX && may_resolve(wsd, now)
				      ? add_query(wsd, now, link, address)
				      : NULL;
	if (!query) {
		wsd_counted(wsd, WSD_RESOLVES_DROPPED);
		return;
	}
	query->dialect = dialect;
	wsd->resolved[wsd->resolved_next++ % WSD_RESOLVED_MAX] =
	    (struct wsd_resolved){endpoint, instant_add(now, RESOLVE_PAUSE)};
}

/* To the address in `send`. */
static void send_question(const struct wsd *wsd, struct outbox_send *send,
    const uint8_t id[ID_BYTES], enum wsd_dialect dialect, struct slice address,
    struct outbox *outbox)
{
	const struct offer *own = offers_own(wsd->context->offers);
	char text[WSD_ID_MAX], bytes[QUESTION_MAX];
	struct writer id_writer, w;

	writer_init(&id_writer, text, sizeof(text));
	write_id(id, &id_writer);
	writer_init(&w, bytes, sizeof(bytes));
	wsd_format(
	    &(struct wsd_question){
		.dialect = dialect,
		.id = writer_result(&id_writer),
		.sender = own ? slice_of(own->devices[0].udn) : SLICE_NONE,
		.address = address,
	    },
	    &w);
	if (writer_error(&w))
		return;
	send->bytes = writer_result(&w);
	outbox_send(outbox, send);
}

/* From an ephemeral port: answers to port 3702 reach whichever program on this host bound it. False
 * where there is no address to send from. */
static bool multicast(
    const struct wsd *wsd, uint32_t index, enum family family, struct outbox_send *send)
{
	const struct link *link = link_set_find(wsd->context->links, index);
	const struct link_address *source =
	    link ? link_source(link, GROUPS[family].family, NULL) : NULL;

	if (!source)
		return false;
	*send = (struct outbox_send){
	    .channel = CHANNEL_OWN,
	    .link = index,
	    .source = source->prefix.address,
	    .to = {GROUPS[family], WSD_PORT},
	};
	return true;
}

static void send_query(struct wsd *wsd, const struct wsd_query *query, struct outbox *outbox)
{
	struct slice address = {query->address, query->address_len};
	struct outbox_send send;

	for (enum family family = 0; family < FAMILIES; family++) {
		if (!multicast(wsd, query->link, family, &send))
			continue;
		for (enum wsd_dialect dialect = 0; dialect < WSD_DIALECTS; dialect++) {
			if (address.len && dialect != query->dialect)
				continue;
			wsd_counted(wsd, address.len ? WSD_RESOLVES_SENT : WSD_PROBES_SENT);
			send_question(wsd, &send, query->ids[dialect], dialect, address, outbox);
		}
	}
}

struct sending {
	struct wsd *wsd;
	struct outbox *outbox;
};

/* Addresses may have changed since it was queued: it stays inside the networks of the link. Many
 * programs hear the group alone, where several share the port. */
static void send_reconfirm(void *context, const struct engine_reconfirm *reconfirm, bool again)
{
	const struct sending *sending = context;
	struct wsd *wsd = sending->wsd;
	const struct link *link = link_set_find(wsd->context->links, reconfirm->link);
	const struct link_address *source =
	    link ? link_source(link, reconfirm->address.family, &reconfirm->address) : NULL;
	struct outbox_send send;

	if (!source || !link_has_neighbour(link, &reconfirm->address))
		return;
	wsd_counted(wsd, WSD_RECONFIRMS);
	if (!again || !reconfirm->multicast_retry)
		send = (struct outbox_send){
		    .channel = CHANNEL_OWN,
		    .link = reconfirm->link,
		    .source = source->prefix.address,
		    .to = {reconfirm->address, WSD_PORT},
		};
	else if (!multicast(wsd, reconfirm->link, family_of(&reconfirm->address), &send))
		return;
	for (enum wsd_dialect dialect = 0; dialect < WSD_DIALECTS; dialect++) {
		uint8_t id[ID_BYTES];
		make_id(wsd->context->rng, id);
		send_question(wsd, &send, id, dialect, SLICE_NONE, sending->outbox);
	}
}

void wsd_query_advance(struct wsd *wsd, struct instant now, struct outbox *outbox)
{
	struct wsd_query *query = TAILQ_FIRST(&wsd->queries);

	while (query) {
		struct wsd_query *next = TAILQ_NEXT(query, next);
		if (instant_due(query->due, now)) {
			send_query(wsd, query, outbox);
			query->due = instant_add(
			    now, rng_between(wsd->context->rng, REPEAT_MIN, REPEAT_MAX));
			if (--query->left == 0)
				end_query(wsd, query);
		}
		query = next;
	}
	reconfirm_queue_advance(
	    &wsd->reconfirms, now, send_reconfirm, &(struct sending){wsd, outbox});
}

struct instant wsd_query_deadline(const struct wsd *wsd)
{
	struct instant earliest = reconfirm_queue_deadline(&wsd->reconfirms);
	const struct wsd_query *query;

	TAILQ_FOREACH(query, &wsd->queries, next)
	earliest = instant_earlier(earliest, query->due);
	return earliest;
}

void wsd_query_drop(struct wsd *wsd, uint32_t link)
{
	struct wsd_query *query = TAILQ_FIRST(&wsd->queries);

	while (query) {
		struct wsd_query *next = TAILQ_NEXT(query, next);
		if (query->link == link)
			end_query(wsd, query);
		query = next;
	}
}
