/* SPDX-License-Identifier: ISC
 * ssdp_internal: what the files of the SSDP engine share. */
#ifndef ENGINE_SSDP_INTERNAL_H
#define ENGINE_SSDP_INTERNAL_H

#include "base/hashmap.h"
#include "base/heap.h"
#include "engine/answer_bucket.h"
#include "engine/reconfirm_queue.h"
#include "engine/ssdp.h"
#include "wire/ssdp_message.h"

enum {
	SSDP_PORT = 1900,
	SSDP_MX_MAX = 5, /* UDA 2.0, 1.3.2: more counts as this */
	SSDP_BURST = 4,  /* datagrams at a time, so that small receivers keep up */
};
#define SSDP_BURST_PAUSE MILLISECONDS(10)

enum ssdp_counter {
	SSDP_RECEIVED,
	SSDP_OVERSIZED,
	SSDP_MALFORMED,
	SSDP_SURPLUS,  /* headers that a limit left out or cut */
	SSDP_OWN,      /* our own messages, received again */
	SSDP_OFF_LINK, /* a source that is no host of the link that it came in by */
	SSDP_IGNORED,  /* well-formed, but not meant for the socket that it came to */
	SSDP_NOTIFIES,
	SSDP_RESPONSES,
	SSDP_LATE_RESPONSES, /* from a host that has sent byebye since it was asked */
	SSDP_SEARCHES,
	SSDP_SEARCHES_WITHOUT_MX,
	SSDP_SEARCHES_UNMATCHED,
	SSDP_SEARCHES_REPEATED,
	SSDP_SEARCHES_LIMITED, /* by the answer buckets */
	SSDP_SEARCHES_REFUSED, /* an answer would go to a socket of ours */
	SSDP_ANSWERS,
	SSDP_ANSWERS_DROPPED, /* too many are waiting, or the link is gone */
	SSDP_RECONFIRMS,      /* searches for one known endpoint; repeats included */
	SSDP_COUNTERS
};

struct ssdp;

/* ssdp_target.c: the set of 3+2d+k targets that an offer stands for (UDA 2.0, 1.2.2). */

enum ssdp_form { SSDP_FORM_ROOT, SSDP_FORM_UUID, SSDP_FORM_TYPE };

/* One (NT, USN) pair; borrows from its offer. */
struct ssdp_target {
	enum ssdp_form form;
	struct slice udn;
	struct slice type; /* of SSDP_FORM_TYPE */
	uint32_t version;  /* written in the place of the type's own; 0: that of the type */
};

/* A position in the set, all zero for its beginning. */
struct ssdp_cursor {
	uint32_t device, step;
};

/* The target at the cursor or, where there is none, the next one; the cursor moves behind it. False
 * at the end. */
bool ssdp_target_next(
    const struct offer *offer, struct ssdp_cursor *cursor, struct ssdp_target *target);
/* How many there are from the cursor on. */
unsigned ssdp_target_count(const struct offer *offer, struct ssdp_cursor cursor);
/* True when a search for `wanted` finds this target, whose version then is the one asked for. */
bool ssdp_target_matches(struct ssdp_target *target, struct slice wanted);
void ssdp_target_write_nt(const struct ssdp_target *target, struct writer *w);
void ssdp_target_write_usn(const struct ssdp_target *target, struct writer *w);

/* ssdp_schedule.c: what has been announced of each offer by each sender address. */

/* The announcement schedule of one offer at one sender address. Each has its own, so that a link or
 * a program that comes late is announced in the same way as one that was there at the start. */
struct ssdp_schedule {
	uint64_t offer; /* its number */
	bool announced; /* hosts may know of it: a goodbye has to be sent */
	/* As last announced here. While the offer has another one, ssdp:update is being sent. */
	uint32_t boot_id;
	unsigned round;        /* 0: byebye or update; from 1 on: alive */
	bool updating;         /* round 0 is ssdp:update … */
	uint32_t next_boot_id; /* … to this number … */
	unsigned repeats;      /* … so many times more */
	bool update_pending;   /* from an update until alive has been sent once after it */
	struct ssdp_cursor cursor;
	struct instant due;
};

/* A sender address: an address of ours that multicasts from one link to the group of its family and
 * scope. */
struct ssdp_sender {
	uint32_t link, generation;
	struct address source;
	/* announcements */
	struct ssdp_schedule *schedules; /* one per offer, owned */
	size_t schedule_count;
	struct instant next_burst; /* nothing is announced before */
	/* searches */
	bool searched;    /* the first round is over */
	size_t target;    /* the next one of the present round */
	unsigned repeats; /* of that target, so far */
	uint32_t mx;      /* of the present round */
	struct instant search_due;
	struct instant round; /* when the last round began, and what was counted then */
	uint64_t answers, notifies;
};

/* NULL where the sender has none for this offer. */
struct ssdp_schedule *ssdp_schedule_find(const struct ssdp_sender *sender, uint64_t offer);
/* True while a change of BOOTIDs is being announced by any sender: ssdp:update, or the first alive
 * after it. */
bool ssdp_schedule_has_pending_update(const struct ssdp *ssdp);
/* When the byebyes of a start have left by this link at the latest, long past where they have
 * already: an answer before them would make us appear, leave and appear again. */
struct instant ssdp_schedule_byebye_is_out(const struct ssdp *ssdp, uint32_t link);
/* Hosts on this link know of the offer from now on: a goodbye has to be sent there. Returns the
 * BOOTID under which it is known there. */
uint32_t ssdp_schedule_mark_known(struct ssdp *ssdp, uint32_t link, const struct offer *offer);

/* ssdp_compose.c: messages of ours, as bytes in the outbox. */

/* UDA 2.0, 1.2.2 wants each message in one datagram; up to this size every host and every tunnel
 * takes it whole. */
enum { SSDP_DATAGRAM_GOOD = 512 };

/* A NOTIFY or a response for one target of an offer, under the BOOTID given; in ssdp:update that of
 * the offer is NEXTBOOTID. LOCATION contains send->source, HOST contains send->to. */
struct ssdp_advertisement {
	enum ssdp_kind kind;
	const struct offer *offer;
	const struct ssdp_target *target;
	uint32_t boot_id;
};

/* The multicast groups, for engine_sockets. */
extern const struct address SSDP_GROUPS[];
extern const size_t SSDP_GROUP_COUNT;
/* A datagram from this sender address to its group. */
struct outbox_send ssdp_compose_multicast(
    const struct ssdp *ssdp, const struct ssdp_sender *sender, enum channel channel);
/* Renders a message with the instance number of this start, and puts `send` in the outbox. Where it
 * would be longer than SSDP_DATAGRAM_GOOD, headers for old control points and then the instance
 * number are left out. */
void ssdp_compose(const struct ssdp *ssdp, struct ssdp_message *message, struct outbox_send *send,
    struct outbox *outbox);
/* Writes such a message of a target. False where it does not fit. */
bool ssdp_compose_text(const struct ssdp *ssdp, struct instant now,
    const struct ssdp_advertisement *advertisement, const struct outbox_send *send,
    struct writer *w);
void ssdp_compose_target(const struct ssdp *ssdp, struct instant now,
    const struct ssdp_advertisement *advertisement, struct outbox_send *send,
    struct outbox *outbox);
/* IMF-fixdate (RFC 7231, 7.1.1.1): English whatever the locale; so long until the year 10000. */
enum { SSDP_DATE_LEN = 29 };
void ssdp_compose_date(const struct ssdp *ssdp, struct instant now, struct writer *w);

/* ssdp_index.c: the targets of all offers by what a search names, and their answers. */

struct ssdp_kept_answer;

struct ssdp_index_row {
	struct hashmap_node node;
	const struct offer *offer;
	struct ssdp_cursor cursor; /* of the target */
	struct ssdp_target target;
	bool reaches_all; /* see engine_url_reaches_all */
	struct ssdp_kept_answer *answers;
};

/* Built by the first search after a change. All zero: there is none. */
struct ssdp_index {
	struct hashmap by_target;
	struct ssdp_index_row *rows; /* in the order of the offers and their sets */
	size_t count;
	struct ssdp_index_row **found; /* room for all */
	size_t kept;                   /* bytes of the answers of all rows */
	char date[2 * SSDP_DATE_LEN];  /* of the last answer */
	size_t date_len;
	int64_t date_second; /* since 1970 */
};

/* To be called where offers or the configuration have changed, before the next search. */
void ssdp_index_clear(struct ssdp_index *index);
/* What a search asks for. */
struct ssdp_wanted {
	struct slice target;
	uint64_t hash;    /* keyed, of the target without its version */
	uint32_t version; /* 0: none */
	struct ssdp_number mx;
};
struct ssdp_wanted ssdp_wanted_of(const struct ssdp *ssdp, const struct ssdp_message *search);
/* Puts the rows that a search finds into index.found; how many they are. None without memory. */
size_t ssdp_index_find(struct ssdp *ssdp, const struct ssdp_wanted *wanted);
/* The row of this target of an offer, or NULL; `place` is where it was in index.rows. */
struct ssdp_index_row *ssdp_index_row_at(
    struct ssdp *ssdp, size_t place, uint64_t offer, struct ssdp_cursor cursor);
/* The answer of a row, as ssdp_compose_text writes it; kept, or written into `room`. Valid until
 * the next call. SLICE_NONE where it does not fit. */
struct slice ssdp_index_answer(struct ssdp *ssdp, struct instant now, struct ssdp_index_row *row,
    const struct ssdp_advertisement *advertisement, const struct outbox_send *send,
    struct writer *room);

/* ssdp_search.c: our searches. */

/* A search on request; the latest one only. */
struct ssdp_request {
	char target[SSDP_TARGET_MAX];
	size_t target_len;
	uint32_t mx;
	struct instant repeat_due; /* INSTANT_NEVER: done */
};

/* The first search follows the byebye: hosts take its sender for present, and would see us appear,
 * leave and appear again. */
void ssdp_search_start(const struct ssdp *ssdp, struct ssdp_sender *sender, struct instant now);
/* Begins a round, unless the first one is still to come. */
void ssdp_search_again(const struct ssdp *ssdp, struct ssdp_sender *sender, struct instant now);
/* A round searches for ssdp:all, upnp:rootdevice and the configured targets, one after the other.
 */
void ssdp_search_advance(
    struct ssdp *ssdp, struct ssdp_sender *sender, struct instant now, struct outbox *outbox);
/* A request for ssdp:all begins a round. */
void ssdp_search_request(struct ssdp *ssdp, struct instant now, struct slice target,
    unsigned seconds, struct outbox *outbox);
void ssdp_search_repeat_request(struct ssdp *ssdp, struct instant now, struct outbox *outbox);
/* Sends the reconfirmations that are due: unicast searches (UDA 2.0, 1.3.2). */
void ssdp_search_reconfirm(struct ssdp *ssdp, struct instant now, struct outbox *outbox);

/* ssdp_announce.c: alive, update and byebye on schedule. */

/* Makes the schedules of a sender address those of the present offers, and starts the new ones:
 * byebye, then alive. Without memory one is missing until the next call. */
void ssdp_announce_follow_offers(
    const struct ssdp *ssdp, struct ssdp_sender *sender, struct instant now);
/* Announces everything again soon, as at a start but without a byebye. */
void ssdp_announce_again(const struct ssdp *ssdp, struct ssdp_sender *sender, struct instant now);
/* The offers have other BOOTIDs: what was announced here is updated, at once for the root devices
 * and before anything is announced under the new number by any sender (UDA 2.0, 1.2.4). */
void ssdp_announce_update(const struct ssdp *ssdp, struct ssdp_sender *sender, struct instant now);
void ssdp_announce_advance(
    const struct ssdp *ssdp, struct ssdp_sender *sender, struct instant now, struct outbox *outbox);
/* Sends the byebyes of a start that still wait on this link, without their random delay but in
 * bursts as ever: a host there is waiting for an answer. */
void ssdp_announce_byebye_early(
    struct ssdp *ssdp, uint32_t link, struct instant now, struct outbox *outbox);
struct instant ssdp_announce_deadline(const struct ssdp_sender *sender);
/* Sends byebye at once for what was announced of one offer. */
void ssdp_announce_goodbye(const struct ssdp *ssdp, struct ssdp_sender *sender,
    const struct offer *offer, struct instant now, struct outbox *outbox);
/* Likewise of all offers. */
void ssdp_announce_goodbyes(
    const struct ssdp *ssdp, struct ssdp_sender *sender, struct instant now, struct outbox *outbox);

/* ssdp_sender.c: which of our addresses send. */

/* How the sender addresses follow the links. */
struct ssdp_link_changes {
	bool lost;           /* a sender address is gone, which has not been announced */
	struct instant due;  /* a change waits until then, when it may have to wait again */
	struct instant last; /* when a change was followed, or an update was announced */
	int64_t pause;       /* from one to the next, microseconds */
};

/* Makes the sender addresses those of the present links. Without memory one is missing until the
 * next call. True when hosts that may know of us will receive from other addresses than before
 * (UDA 2.0, 1.2.4).
 *
 * A host that makes addresses of ours come and go, by router advertisements for example, could have
 * us send updates without end. So what is gone is dropped at once, but everything else waits until
 * the update before has been announced and a pause has passed, which grows each time that a change
 * had to wait; then the present state counts. To be called again at link_changes.due. */
bool ssdp_sender_follow_links(struct ssdp *ssdp, struct instant now);
void ssdp_sender_fini(struct ssdp_sender *sender);

/* ssdp_answer.c: answers to the searches of others. */

enum { SSDP_PENDING_MAX = 1024, SSDP_QUERY_ROWS = 64, SSDP_QUERY_SLOTS = 8 };

/* A search that was answered, by its keyed hash. */
struct ssdp_recent_query {
	uint64_t query;
	struct instant until;
};

struct ssdp_answers {
	struct heap due;                        /* of struct ssdp_answer */
	struct ssdp_answer *spare;              /* for the next answers */
	struct answer_buckets *buckets, *broad; /* broad: of searches that find much */
	/* In a full row a later query takes the slot of an earlier one, a repeat of which is then
	 * answered once more. */
	struct ssdp_recent_query recent_queries[SSDP_QUERY_ROWS][SSDP_QUERY_SLOTS];
};

/* 0 or -ENOMEM. */
int ssdp_answer_init(struct ssdp *ssdp);
void ssdp_answer_fini(struct ssdp *ssdp);
/* Takes in a search by a host on the link: a unicast search is answered now, one of the group
 * later.
 */
void ssdp_answer_search(struct ssdp *ssdp, struct instant now, const struct datagram *datagram,
    const struct ssdp_wanted *wanted, struct outbox *outbox);
void ssdp_answer_advance(struct ssdp *ssdp, struct instant now, struct outbox *outbox);
struct instant ssdp_answer_deadline(const struct ssdp *ssdp);

/* ssdp_listen.c: sightings. */

/* When the answers of a device that has said goodbye, to searches before that, have all come. */
struct instant ssdp_byebye_settled(struct ssdp *ssdp, const struct address *from, struct slice id);

enum { SSDP_RECENT_BYEBYES_MAX = 64, SSDP_READ_SEARCHES_MAX = 64 };

/* What was read in a search, by the hash of the datagram. */
struct ssdp_read_search {
	uint64_t message;
	uint16_t target, target_len; /* its place in the datagram; empty: it finds nothing */
	struct ssdp_wanted wanted;   /* its target is in the datagram */
};

/* A device that sent byebye, by the keyed hash of its address and UDN. */
struct ssdp_recent_byebye {
	uint64_t sender;
	struct instant until; /* an answer received before was sent before the byebye */
};

void ssdp_listen(
    struct ssdp *ssdp, struct instant now, const struct datagram *datagram, struct outbox *outbox);
/* See engine_type.repeated. */
bool ssdp_listen_repeated(struct ssdp *ssdp, struct instant now, const struct datagram *datagram,
    uint8_t kind, struct outbox *outbox);

/* ssdp.c */

struct ssdp {
	struct engine engine;
	const struct engine_context *context;
	struct ssdp_sender *senders; /* sorted by link */
	size_t sender_count;
	struct instant senders_due; /* the earliest of their announcements and searches */
	struct ssdp_link_changes link_changes;
	struct ssdp_request request;
	struct instant answers_until;   /* answers to searches of ours may come until then */
	struct instant multicast_until; /* likewise to those by multicast */
	struct ssdp_index index;
	struct ssdp_answers answers;
	struct reconfirm_queue reconfirms;
	/* By hash: a later byebye may take the slot of an earlier one. */
	struct ssdp_recent_byebye recent_byebyes[SSDP_RECENT_BYEBYES_MAX];
	struct instant byebyes_until; /* the latest of those */
	/* Likewise by hash, which is another one after each change of offers, links and
	 * configuration. */
	struct ssdp_read_search read_searches[SSDP_READ_SEARCHES_MAX];
	struct counter counters[SSDP_COUNTERS];
};

static inline const struct ssdp_config *ssdp_values(const struct ssdp *ssdp)
{
	return config_values(ssdp->context->config, ssdp->engine.type->section);
}

static inline void ssdp_counted(struct ssdp *ssdp, enum ssdp_counter counter)
{
	ssdp->counters[counter].value++;
}

#endif
