/* SPDX-License-Identifier: ISC
 * submissions: what local programs submitted on minissdpd's socket, kept while a program
 * answers at its LOCATION. */
#ifndef DISCOVERD_SUBMISSIONS_H
#define DISCOVERD_SUBMISSIONS_H

#include "base/counter.h"
#include "net/loop.h"
#include "wire/minissdpd_message.h"

enum {
	SUBMISSIONS_MAX = 256,
	SUBMISSIONS_PER_USER_MAX = 64, /* of a user other than root */
	SUBMISSION_TARGET_MAX = 256,   /* bytes of ST and of USN; of LOCATION: URL_MAX */
	SUBMISSIONS_PROBES_MAX = 4,    /* connections at a time */
};

/* The socket protocol has no withdrawal and a program says nothing more after its submission, so
 * the host and port of its LOCATION are connected to: all submissions of one host and port live and
 * go together, after so many failures in a row. The first failure makes the next checks come soon.
 * That there is no way there (an interface is down) says nothing. */
#define SUBMISSIONS_INTERVAL SECONDS(30)
#define SUBMISSIONS_HASTE    SECONDS(2)
#define SUBMISSIONS_TIMEOUT  SECONDS(5)
enum { SUBMISSIONS_FAILURES = 3 };

struct submissions;

/* Called while it happens: the submission is valid during the call, cleaned, its USN "uuid:X" or
 * "uuid:X::ST". What changed its LOCATION or SERVER goes first and then comes. The list must not be
 * changed from within. */
struct submissions_listener {
	void *context;
	void (*came)(void *context, const struct submission *submission);
	void (*gone)(void *context, const struct submission *submission);
};

/* NULL when out of memory. */
struct submissions *submissions_new(struct loop *loop, const struct submissions_listener *listener);
/* The listener is not called. */
void submissions_free(struct submissions *submissions);
/* Takes one in from this user; the same ST and USN replace what the same user submitted before, or
 * for root what any user did. 0; -EINVAL: an ST, USN or LOCATION that cannot be announced; -EACCES:
 * it would replace another user's; -EDQUOT; -ENOSPC; -ENOMEM. Forms that are in use are put right:
 * "uuid:X" twice in a USN, and "upnp:rootdevice" with a version. */
int submissions_take(struct submissions *submissions, struct instant now, uint32_t uid,
    const struct submission *submission);
size_t submissions_count(const struct submissions *submissions);
/* By number from 0, in the order they came; NULL after the last. Valid until the list changes. */
const struct submission *submissions_at(const struct submissions *submissions, size_t number);
/* Begins the checks that are due. */
void submissions_advance(struct submissions *submissions, struct instant now);
/* INSTANT_NEVER while nothing is submitted, or while only answers are waited for. */
struct instant submissions_deadline(const struct submissions *submissions);
struct counter_group submissions_counters(const struct submissions *submissions);

#endif
