/* SPDX-License-Identifier: ISC
 * ssdp_answer: answers the searches of others (UDA 2.0, 1.3.3) within limits: unicast searches at
 * once, others after a random delay. */
#include "engine/ssdp_internal.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Of a search with "MX: 0", which UDA does not define. */
#define SHORTEST_WINDOW MILLISECONDS(200)
/* A unicast search is answered at once, and a repeat of it in this time is not. */
#define UNICAST_WINDOW MILLISECONDS(500)
/* The part of a window that is left for the way back and a busy searcher. */
#define MARGIN(window) ((window) / 4)
#define RASTER         MILLISECONDS(4)

static const struct answer_limits LIMITS = {
    .source_burst = 64,
    .source_rate = 8,
    .total_burst = 512,
    .total_rate = 256,
    .random_leak = 4,
};

/* A search for everything, and one that finds more than this, draws many times its size. It is
 * answered whole, but once per source in this time. A burst, and what a minute adds to it, are 124
 * answers of less than 512 bytes: 64 kB per source and minute. */
enum { BROAD_ANSWERS = 8 };
#define BROAD_INTERVAL SECONDS(10)
static const struct answer_limits BROAD_LIMITS = {
    .source_burst = 64,
    .source_rate = 1,
    .total_burst = 512,
    .total_rate = 256,
    .random_leak = 0,
};

/* What is needed to write the answer when it is due. */
struct ssdp_answer {
	struct heap_node node;
	struct ssdp_answer *next_spare;
	struct address_port to;
	uint32_t link;
	uint64_t offer; /* its number */
	struct ssdp_cursor cursor;
	size_t place;     /* of its row, when it was queued */
	uint32_t version; /* asked for */
};

int ssdp_answer_init(struct ssdp *ssdp)
{
	const struct engine_context *context = ssdp->context;

	heap_init(&ssdp->answers.due);
	ssdp->answers.buckets = answer_buckets_new(&LIMITS, &context->key, context->rng);
	ssdp->answers.broad = answer_buckets_new(&BROAD_LIMITS, &context->key, context->rng);
	return ssdp->answers.buckets && ssdp->answers.broad ? 0 : -ENOMEM;
}

static void put_back(struct ssdp_answers *answers, struct ssdp_answer *answer)
{
	heap_remove(&answers->due, &answer->node);
	answer->next_spare = answers->spare;
	answers->spare = answer;
}

void ssdp_answer_fini(struct ssdp *ssdp)
{
	struct ssdp_answers *answers = &ssdp->answers;
	struct heap_node *node;

	while ((node = heap_top(&answers->due)))
		put_back(answers, CONTAINER_OF(node, struct ssdp_answer, node));
	while (answers->spare) {
		struct ssdp_answer *answer = answers->spare;
		answers->spare = answer->next_spare;
		free(answer);
	}
	heap_fini(&answers->due);
	answer_buckets_free(answers->buckets);
	answer_buckets_free(answers->broad);
}

static struct ssdp_answer *take_spare(struct ssdp_answers *answers)
{
	struct ssdp_answer *answer = answers->spare;
	if (answer) {
		answers->spare = answer->next_spare;
		return answer;
	}
	answer = malloc(sizeof(*answer));
	if (answer)
		heap_node_init(&answer->node);
	return answer;
}

/* The keyed hash of a search: a repeat comes from the same socket with the same target, or where it
 * is broad, from any port of the host. A link-local source on another link is another host. */
static uint64_t query_hash(const struct ssdp *ssdp, const struct datagram *datagram,
    const struct ssdp_wanted *wanted, bool broad)
{
	const struct address *from = &datagram->from.address;
	struct {
		uint8_t address[sizeof(from->bytes)];
		uint64_t target;
	} key;

	memcpy(key.address, from->bytes, sizeof(key.address));
	key.target = wanted->hash + wanted->version;
	uint64_t port = broad ? 0 : datagram->from.port;
	uint64_t link = address_is_link_local(from) ? datagram->link : 0;
	struct slice bytes = {(char *)&key, sizeof(key)};
	return siphash_quick(&ssdp->context->key, link << 16 | port, bytes);
}

/* The slot of this query or, where it has none, the one to take for it. */
static struct ssdp_recent_query *slot_for(struct ssdp *ssdp, uint64_t query)
{
	struct ssdp_recent_query *row = ssdp->answers.recent_queries[query % SSDP_QUERY_ROWS];
	struct ssdp_recent_query *slot = row;

	for (size_t i = 0; i < SSDP_QUERY_SLOTS; i++) {
		if (row[i].query == query)
			return &row[i];
		if (instant_before(row[i].until, slot->until))
			slot = &row[i];
	}
	return slot;
}

/* The address of ours that answers a host on a link; NULL where none can. */
static const struct address *answering_source(
    const struct link *link, const struct address *searcher)
{
	const struct link_address *ours = link && link_is_on_link(link, searcher)
					      ? link_source(link, searcher->family, searcher)
					      : NULL;
	return ours ? &ours->prefix.address : NULL;
}

/* What all answers to one search have in common. */
struct query {
	const struct address *ours; /* that answers */
	struct address_port from;
	uint32_t link;
	uint32_t version; /* asked for */
	struct instant now;
	int64_t window;
};

/* Puts the rows that a search finds into index.found; their number. Without those whose description
 * the searcher cannot fetch; *ours is the address that answers it. */
static unsigned find_reachable(struct ssdp *ssdp, const struct datagram *datagram,
    const struct ssdp_wanted *wanted, const struct address **ours)
{
	size_t found = ssdp_index_find(ssdp, wanted);
	if (found == 0)
		return 0;
	const struct link *link = link_set_find(ssdp->context->links, datagram->link);
	*ours = answering_source(link, &datagram->from.address);
	struct ssdp_index_row **rows = ssdp->index.found;
	unsigned count = 0;

	for (size_t i = 0; *ours && i < found; i++)
		if (rows[i]->reaches_all || engine_url_reaches(rows[i]->offer, link, *ours))
			rows[count++] = rows[i];
	return count;
}

/* UDA 2.0, 1.3.3: out of the link that the query came in by, with an address in LOCATION that the
 * searcher can reach. */
static void send_answer(struct ssdp *ssdp, struct instant now, struct ssdp_index_row *row,
    const struct ssdp_answer *answer, const struct address *ours, struct outbox *outbox)
{
	char bytes[SSDP_DATAGRAM_MAX];
	struct writer room;

	if (!row || !ours) {
		ssdp_counted(ssdp, SSDP_ANSWERS_DROPPED);
		return;
	}
	struct ssdp_target target = row->target;
	target.version = answer->version;
	struct outbox_send send = {
	    .channel = CHANNEL_SHARED,
	    .link = answer->link,
	    .source = *ours,
	    .to = answer->to,
	};
	struct ssdp_advertisement advertisement = {
	    .kind = SSDP_RESPONSE,
	    .offer = row->offer,
	    .target = &target,
	    .boot_id = ssdp_schedule_mark_known(ssdp, answer->link, row->offer),
	};
	writer_init(&room, bytes, sizeof(bytes));
	send.bytes = ssdp_index_answer(ssdp, now, row, &advertisement, &send, &room);
	if (send.bytes.len > 0)
		outbox_send(outbox, &send);
	ssdp_counted(ssdp, SSDP_ANSWERS);
}

/* What is due at about the same time leaves at one wake-up. */
static struct instant on_raster(struct instant due)
{
	return (struct instant){(due.us + RASTER - 1) / RASTER * RASTER};
}

static void enqueue(struct ssdp *ssdp, const struct ssdp_answer *like, struct instant due)
{
	struct ssdp_answers *answers = &ssdp->answers;
	struct ssdp_answer *answer =
	    answers->due.count < SSDP_PENDING_MAX ? take_spare(answers) : NULL;

	if (!answer) {
		ssdp_counted(ssdp, SSDP_ANSWERS_DROPPED);
		return;
	}
	answer->to = like->to;
	answer->link = like->link;
	answer->offer = like->offer;
	answer->cursor = like->cursor;
	answer->place = like->place;
	answer->version = like->version;
	if (heap_insert(&answers->due, &answer->node, on_raster(due).us) < 0) {
		ssdp_counted(ssdp, SSDP_ANSWERS_DROPPED);
		put_back(answers, answer);
	}
}

/* Answers all that was found: a unicast search at once, one of the group at random moments, so that
 * all hosts together do not answer at one. Neither before our byebyes are out, which a unicast
 * search hastens: it reaches no other host, so nothing collides. */
static void answer_found(
    struct ssdp *ssdp, const struct query *query, unsigned count, struct outbox *outbox)
{
	struct instant earliest = ssdp_schedule_byebye_is_out(ssdp, query->link);
	int64_t spread =
	    query->window == UNICAST_WINDOW ? 0 : query->window - MARGIN(query->window);
	struct ssdp_answer answer = {
	    .to = query->from, .link = query->link, .version = query->version};

	if (spread == 0 && !instant_due(earliest, query->now)) {
		ssdp_announce_byebye_early(ssdp, query->link, query->now, outbox);
		earliest = ssdp_schedule_byebye_is_out(ssdp, query->link);
	}
	for (unsigned i = 0; i < count; i++) {
		struct ssdp_index_row *row = ssdp->index.found[i];
		if (spread == 0 && instant_due(earliest, query->now)) {
			send_answer(ssdp, query->now, row, &answer, query->ours, outbox);
			continue;
		}
		int64_t delay = spread ? rng_between(ssdp->context->rng, 0, spread) : 0;
		answer.offer = row->offer->number;
		answer.cursor = row->cursor;
		answer.place = (size_t)(row - ssdp->index.rows);
		enqueue(ssdp, &answer, instant_later(earliest, instant_add(query->now, delay)));
	}
}

/* How long the searcher waits for answers; negative: it does not say, so it gets none. */
static int64_t window_of(
    const struct ssdp *ssdp, const struct datagram *datagram, const struct ssdp_wanted *wanted)
{
	if (!address_is_multicast(&datagram->to) &&
	    link_set_has_address(ssdp->context->links, &datagram->to))
		return UNICAST_WINDOW;
	if (!wanted->mx.present)
		return -1;
	if (wanted->mx.value == 0)
		return SHORTEST_WINDOW;
	return SECONDS(wanted->mx.value < SSDP_MX_MAX ? wanted->mx.value : SSDP_MX_MAX);
}

/* An answer to our own port 1900 would go to the program here that bound it last. Other programs of
 * this host, with sockets of their own, are answered like other hosts. */
static bool would_reach_us(const struct ssdp *ssdp, const struct address_port *to)
{
	return to->port == SSDP_PORT && link_set_has_address(ssdp->context->links, &to->address);
}

/* True where the limits let a search that finds so much be answered; they are charged with it. */
static bool is_within_limits(struct ssdp *ssdp, struct instant now, const struct datagram *datagram,
    unsigned count, bool broad)
{
	const struct address *source = &datagram->from.address;

	if (!ssdp_values(ssdp)->answer_limit)
		return true;
	if (broad && !answer_buckets_take(ssdp->answers.broad, now, source, count))
		return false;
	return answer_buckets_take(ssdp->answers.buckets, now, source, count);
}

/* What is not answered is counted. */
static void answer_matches(struct ssdp *ssdp, struct instant now, const struct datagram *datagram,
    const struct ssdp_wanted *wanted, int64_t window, struct outbox *outbox)
{
	const struct address *ours;
	unsigned count = find_reachable(ssdp, datagram, wanted, &ours);
	if (count == 0) {
		ssdp_counted(ssdp, SSDP_SEARCHES_UNMATCHED);
		return;
	}
	bool broad = ssdp_values(ssdp)->answer_limit &&
		     (count > BROAD_ANSWERS || slice_equal(wanted->target, SLICE("ssdp:all")));
	uint64_t query = query_hash(ssdp, datagram, wanted, broad);
	struct ssdp_recent_query *recent = slot_for(ssdp, query);
	if (recent->query == query && !instant_due(recent->until, now)) {
		ssdp_counted(ssdp, SSDP_SEARCHES_REPEATED);
		return;
	}
	if (!is_within_limits(ssdp, now, datagram, count, broad)) {
		ssdp_counted(ssdp, SSDP_SEARCHES_LIMITED);
		return;
	}
	*recent =
	    (struct ssdp_recent_query){query, instant_add(now, broad ? BROAD_INTERVAL : window)};
	struct query context = {
	    .ours = ours,
	    .from = datagram->from,
	    .link = datagram->link,
	    .version = wanted->version,
	    .now = now,
	    .window = window,
	};
	answer_found(ssdp, &context, count, outbox);
}

void ssdp_answer_search(struct ssdp *ssdp, struct instant now, const struct datagram *datagram,
    const struct ssdp_wanted *wanted, struct outbox *outbox)
{
	int64_t window = window_of(ssdp, datagram, wanted);

	if (window < 0)
		ssdp_counted(ssdp, SSDP_SEARCHES_WITHOUT_MX);
	else if (would_reach_us(ssdp, &datagram->from))
		ssdp_counted(ssdp, SSDP_SEARCHES_REFUSED);
	else
		answer_matches(ssdp, now, datagram, wanted, window, outbox);
}

void ssdp_answer_advance(struct ssdp *ssdp, struct instant now, struct outbox *outbox)
{
	while (instant_due(ssdp_answer_deadline(ssdp), now)) {
		struct ssdp_answer *answer =
		    CONTAINER_OF(heap_top(&ssdp->answers.due), struct ssdp_answer, node);
		struct ssdp_index_row *row =
		    ssdp_index_row_at(ssdp, answer->place, answer->offer, answer->cursor);
		const struct link *link = link_set_find(ssdp->context->links, answer->link);
		send_answer(
		    ssdp, now, row, answer, answering_source(link, &answer->to.address), outbox);
		put_back(&ssdp->answers, answer);
	}
}

struct instant ssdp_answer_deadline(const struct ssdp *ssdp)
{
	const struct heap_node *node = heap_top(&ssdp->answers.due);
	return node ? (struct instant){node->key} : INSTANT_NEVER;
}
