/* SPDX-License-Identifier: ISC
 * ssdp_internal: what the files of the SSDP engine share among themselves and with nobody else. */
#ifndef ENGINE_SSDP_INTERNAL_H
#define ENGINE_SSDP_INTERNAL_H

#include "base/hashmap.h"
#include "base/heap.h"
#include "engine/answer_bucket.h"
#include "engine/question_queue.h"
#include "wire/ssdp_message.h"

enum {
	SSDP_PORT = 1900,
	SSDP_MX_MAX = 5, /* UDA 2.0, 1.3.2: more counts as this */
};

enum ssdp_counter {
	SSDP_RECEIVED,
	SSDP_OVERSIZED,
	SSDP_MALFORMED,
	SSDP_SURPLUS,  /* headers that a limit left out or cut */
	SSDP_OWN,      /* what we said ourselves and heard again */
	SSDP_OFF_LINK, /* a source that is no host of the link it came in by */
	SSDP_IGNORED,  /* fine, but nothing for the socket that it came to */
	SSDP_NOTIFIES,
	SSDP_RESPONSES,
	SSDP_LATE_RESPONSES, /* of somebody who has said goodbye since he was asked */
	SSDP_SEARCHES,
	SSDP_SEARCHES_WITHOUT_MX,
	SSDP_SEARCHES_UNMATCHED,
	SSDP_SEARCHES_REPEATED,
	SSDP_SEARCHES_LIMITED, /* by the answer buckets */
	SSDP_SEARCHES_REFUSED, /* an answer would go to a socket of ours */
	SSDP_ANSWERS,
	SSDP_ANSWERS_DROPPED, /* too many are waiting, or the link is gone */
	SSDP_QUESTIONS,       /* whether somebody is still there; repeats included */
	SSDP_COUNTERS
};

/* ssdp_target.c: the set of 3+2d+k targets that a tree stands for (UDA 2.0, 1.2.2). */

enum ssdp_form { SSDP_FORM_ROOT, SSDP_FORM_UUID, SSDP_FORM_TYPE };

/* One (NT, USN) pair; borrows from its tree. */
struct ssdp_target {
	enum ssdp_form form;
	struct slice udn;
	struct slice type; /* of SSDP_FORM_TYPE */
	uint32_t version;  /* to be said instead of the type's own; 0: as it is */
};

/* A place in the set, all zero for its beginning. */
struct ssdp_place {
	uint32_t device, step;
};

/* The target at *place or, where none stands there, the next one; *place moves behind it. False at
 * the end. */
bool ssdp_target_next(
    const struct announced_tree *tree, struct ssdp_place *place, struct ssdp_target *target);
unsigned ssdp_target_count(const struct announced_tree *tree);
/* True when a search for `wanted` finds this target, whose version then is the one asked for. */
bool ssdp_target_matches(struct ssdp_target *target, struct slice wanted);
void ssdp_target_write_nt(const struct ssdp_target *target, struct writer *w);
void ssdp_target_write_usn(const struct ssdp_target *target, struct writer *w);

/* ssdp_voice.c: where we speak. */

/* What a voice says of one tree. Each has a schedule of its own, so that a link or a program that
 * comes late gets the same start as one that was there. */
struct ssdp_speech {
	uint64_t tree;  /* its number */
	bool announced; /* somebody may know of it: a goodbye has to take that back */
	/* As last said here. While the tree has another one, ssdp:update is being said. */
	uint32_t boot_id;
	unsigned round;        /* 0: byebye, or update; from 1 on: alive */
	bool updating;         /* round 0 is ssdp:update … */
	uint32_t next_boot_id; /* … to this number … */
	unsigned repeats;      /* … so many times more */
	bool settling;         /* from an update until alive has been said once after it */
	struct ssdp_place place;
	struct instant due;
};

/* An address of ours on a link, in the multicast group that belongs to it. */
struct ssdp_voice {
	uint32_t link, generation;
	struct address source;
	/* announce */
	struct ssdp_speech *speeches; /* one per tree, owned */
	size_t speech_count;
	struct instant breath; /* between bursts; nothing is announced before */
	/* search */
	bool searched;    /* the round of the start was asked */
	size_t target;    /* that is asked for next in the present round */
	unsigned repeats; /* of that target, so far */
	uint32_t mx;      /* of the present round */
	struct instant search_due;
};

/* How our voices follow the links. */
struct ssdp_moves {
	bool lost;           /* a voice is gone that nobody has been told of */
	struct instant due;  /* a change waits until then, when it may have to wait again */
	struct instant last; /* when one was followed, or an update was told */
	int64_t patience;    /* from one to the next */
};

struct ssdp;

/* Makes the voices those of the present links: keeps what is still there, drops what is not, starts
 * what is new. Without memory a voice is missing until the next call. True when somebody who may
 * know of us hears us from other places than before (UDA 2.0, 1.2.4).
 *
 * Whoever can make addresses come and go (a router advertisement does) would have us speak without
 * end, and of nothing but updates. So what is gone is dropped at once, but all else waits until the
 * update before has been told and some time has passed, longer each time that it had to wait; then
 * the present state counts. To be called again when ssdp->moves say so. */
bool ssdp_voice_follow_links(struct ssdp *ssdp, struct instant now);
void ssdp_voice_fini(struct ssdp_voice *voice);
/* A datagram from this voice to its group. */
struct outbox_send ssdp_voice_multicast(
    const struct ssdp *ssdp, const struct ssdp_voice *voice, enum channel channel);
/* The multicast groups, for engine_port; and as UDA writes them, with the port (1.1 and A.2). */
extern const struct address SSDP_GROUPS[];
extern const char *const SSDP_GROUP_HOSTS[];
extern const size_t SSDP_GROUP_COUNT;

/* ssdp_compose.c: what we say, as bytes in the outbox. */

/* UDA 2.0, 1.2.2 wants each message in one datagram; up to this size every host and every tunnel
 * takes it whole. */
enum { SSDP_DATAGRAM_GOOD = 512 };

/* Renders a message of ours, with the number of this start, and puts `send` in the outbox. Where it
 * would be longer than SSDP_DATAGRAM_GOOD, what only old control points need and then the number of
 * this start are left out. */
void ssdp_compose(const struct ssdp *ssdp, struct ssdp_message *message, struct outbox_send *send,
    struct outbox *outbox);
/* A NOTIFY or a response for one target of a tree, under the BOOTID given; with ssdp:update the
 * tree's own one is NEXTBOOTID. LOCATION carries send->source, HOST send->to. */
struct ssdp_saying {
	enum ssdp_kind kind;
	const struct announced_tree *tree;
	const struct ssdp_target *target;
	uint32_t boot_id;
};
void ssdp_compose_target(const struct ssdp *ssdp, struct instant now,
    const struct ssdp_saying *saying, struct outbox_send *send, struct outbox *outbox);

/* ssdp_announce.c: alive, update and byebye on schedule. */

/* Makes the speeches of a voice those of the present trees, and starts the new ones: byebye, then
 * alive. Without memory one is missing until the next call. */
void ssdp_announce_follow_trees(
    const struct ssdp *ssdp, struct ssdp_voice *voice, struct instant now);
/* Everything is said again soon, as at a start but without a byebye. */
void ssdp_announce_again(const struct ssdp *ssdp, struct ssdp_voice *voice, struct instant now);
/* The trees have other BOOTIDs: what was announced here is updated, at once for the root devices
 * and before anything is announced under the new number anywhere (UDA 2.0, 1.2.4). */
void ssdp_announce_update(const struct ssdp *ssdp, struct ssdp_voice *voice, struct instant now);
/* Whether what changed last is still being told somewhere: ssdp:update, or alive after it. */
bool ssdp_announce_is_settling(const struct ssdp *ssdp);
/* True when this voice speaks of this tree: who hears it can get its description. */
bool ssdp_announce_is_possible(
    const struct ssdp *ssdp, const struct ssdp_voice *voice, const struct announced_tree *tree);
/* When the byebyes of a start have left by this link, at the latest: an answer that came before
 * would show us coming, going and coming again. Long past where they have left already. */
struct instant ssdp_announce_byebye_is_out(const struct ssdp *ssdp, uint32_t link);
/* Somebody on this link has heard of this tree, so a goodbye is owed there. Returns the BOOTID
 * under which it is known there. */
uint32_t ssdp_announce_is_known(
    struct ssdp *ssdp, uint32_t link, const struct announced_tree *tree);
void ssdp_announce_advance(
    const struct ssdp *ssdp, struct ssdp_voice *voice, struct instant now, struct outbox *outbox);
struct instant ssdp_announce_deadline(const struct ssdp_voice *voice);
/* Takes back what was announced of one tree, at once. */
void ssdp_announce_goodbye(const struct ssdp *ssdp, struct ssdp_voice *voice,
    const struct announced_tree *tree, struct instant now, struct outbox *outbox);
/* Likewise of all trees. */
void ssdp_announce_goodbyes(
    const struct ssdp *ssdp, struct ssdp_voice *voice, struct instant now, struct outbox *outbox);

/* ssdp_search.c: our questions. */

/* A question that was asked for; the latest one only. */
struct ssdp_request {
	char target[SSDP_TARGET_MAX];
	size_t target_len;
	uint32_t mx;
	struct instant repeat_due; /* INSTANT_NEVER: done */
};

/* Puts a search in the outbox, to wherever `send` goes: each host that hears it knows of us. */
void ssdp_search_ask(struct ssdp *ssdp, struct instant now, struct outbox_send *send,
    struct slice target, uint32_t mx, struct outbox *outbox);
/* The first question follows the byebye: others take who asks for somebody who is there, and would
 * see us come, go and come. */
void ssdp_search_start(const struct ssdp *ssdp, struct ssdp_voice *voice, struct instant now);
/* The interval or the targets are others: a round of searches begins, unless the first one is still
 * to come. */
void ssdp_search_again(const struct ssdp *ssdp, struct ssdp_voice *voice, struct instant now);
/* A round asks for ssdp:all, upnp:rootdevice and the configured targets, one after the other. */
void ssdp_search_advance(
    struct ssdp *ssdp, struct ssdp_voice *voice, struct instant now, struct outbox *outbox);
/* A request for ssdp:all begins a round. */
void ssdp_search_request(struct ssdp *ssdp, struct instant now, struct slice target,
    unsigned seconds, struct outbox *outbox);
void ssdp_search_repeat_request(struct ssdp *ssdp, struct instant now, struct outbox *outbox);

/* ssdp_answer.c: answers to the questions of others. */

enum { SSDP_PENDING_MAX = 1024, SSDP_ASKED_ROWS = 64, SSDP_ASKED_SLOTS = 8 };

/* A question that was answered, by its keyed hash. */
struct ssdp_asked {
	uint64_t question;
	struct instant until;
};

struct ssdp_answers {
	struct heap due;           /* of struct ssdp_answer */
	struct ssdp_answer *spare; /* for the next answers */
	struct answer_buckets *buckets;
	/* When a row is full a later question takes an earlier one's slot, whose repeat then is
	 * answered once more. */
	struct ssdp_asked asked[SSDP_ASKED_ROWS][SSDP_ASKED_SLOTS];
};

/* 0 or -ENOMEM. */
int ssdp_answer_init(struct ssdp *ssdp);
void ssdp_answer_fini(struct ssdp *ssdp);
/* Takes in a search by somebody on the link. */
void ssdp_answer_search(struct ssdp *ssdp, struct instant now, const struct datagram *datagram,
    const struct ssdp_message *message);
void ssdp_answer_advance(struct ssdp *ssdp, struct instant now, struct outbox *outbox);
struct instant ssdp_answer_deadline(const struct ssdp *ssdp);

/* ssdp_question.c: questions to one device each. */

void ssdp_question_advance(struct ssdp *ssdp, struct instant now, struct outbox *outbox);

/* ssdp_listen.c: sightings. */

enum { SSDP_DEPARTED_MAX = 64 };

/* Somebody who said goodbye, by the keyed hash of his address and UDN. */
struct ssdp_departed {
	uint64_t who;
	struct instant until; /* an answer that comes before was sent before */
};

void ssdp_listen(
    struct ssdp *ssdp, struct instant now, const struct datagram *datagram, struct outbox *outbox);

/* ssdp.c */

struct ssdp {
	struct engine engine;
	const struct engine_context *context;
	struct ssdp_voice *voices;
	size_t voice_count;
	struct ssdp_moves moves;
	struct ssdp_request request;
	struct instant asked_until; /* answers to searches of ours may come until then */
	struct ssdp_answers answers;
	struct question_queue questions;
	/* a later one takes an earlier one's place now and then */
	struct ssdp_departed departed[SSDP_DEPARTED_MAX];
	struct counter counters[SSDP_COUNTERS];
};

static inline void ssdp_counted(struct ssdp *ssdp, enum ssdp_counter counter)
{
	ssdp->counters[counter].value++;
}

#endif
