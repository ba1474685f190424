/* SPDX-License-Identifier: ISC
 * enrichment: decides which description to fetch and when, remembers failures and backs off. */
#ifndef ENGINE_ENRICHMENT_H
#define ENGINE_ENRICHMENT_H

#include "base/counter.h"
#include "base/rng.h"
#include "engine/fetch_queue.h"
#include "engine/page_form.h"
#include "engine/page_target.h"
#include "model/link.h"

enum {
	ENRICHMENT_ACTIVE_MAX = FETCH_QUEUE_ACTIVE_MAX,
	ENRICHMENT_URL_MAX = PAGE_TARGET_URL_MAX,
};

/* From the end of a fetch that failed to the next one of the same page, however often it is
 * announced. */
#define ENRICHMENT_RETRY_GAP SECONDS(3)

/* How it is used: enrichment_consider for every endpoint that has a URL, as often as it is heard;
 * enrichment_late and then enrichment_next whenever the deadline is due, after each consider and
 * after each done, until they say false; enrichment_done once for every fetch that next gave out,
 * also for one that could not begin.
 *
 * A root device and the devices embedded in it announce one URL: all subjects with the same URL
 * wait for one fetch. A description speaks only for endpoints that announced its URL from its
 * address: those for which enrichment_takes is true. */
struct enrichment;

/* One fetch: to be made or, with enrichment_running, being made. Valid until the next call that is
 * not const. `number` names it in enrichment_done. */
struct enrichment_fetch {
	uint64_t number;
	const char *url;        /* as announced */
	struct address_port to; /* numeric, equal to the address that announced it */
	uint32_t link;          /* scope of a link-local address, else 0 */
	const char *path;       /* path and query */
	const struct page_form *form;
	struct slice body; /* set by the core where there is a form, lent for the call */
};

/* What is known of a device that has a URL. Read again only when URL, epoch or revision
 * changes; a number that was not known before is learnt and no change. */
struct enrichment_subject {
	uint64_t number; /* names it: that of its endpoint */
	struct slice url;
	const struct page_form *form; /* NULL: a GET of a UPnP description */
	struct address from;          /* that announced it */
	uint32_t link;
	bool has_epoch, has_revision;
	uint32_t epoch, revision;
};

/* Owned by the caller; NULL when out of memory. At most `capacity` subjects (as many as the table
 * has devices). `rng` is lent. */
struct enrichment *enrichment_new(size_t capacity, const struct siphash_key *key, struct rng *rng);
void enrichment_free(struct enrichment *enrichment);
/* Where MACs are looked up; see fetch_queue. `context` is lent. */
void enrichment_set_mac_finder(
    struct enrichment *enrichment, fetch_queue_mac_fn *find_mac, void *context);
/* No device is dropped where it becomes less. */
void enrichment_set_capacity(struct enrichment *enrichment, size_t capacity);
/* Considers a device that was added, updated or refreshed. 0 (wanted, or read already), or why it
 * will not be fetched: -EINVAL (no http URL with a numeric host), -EPERM (another host than the
 * announcing one, loopback, multicast, ourselves), -ENOSPC (as many subjects or hosts as there may
 * be), -ENOMEM. What was known before stays then. Costs no allocation when nothing is new.
 *
 * A page that is not read yet moves to the front; one that failed is tried again 3 s after it
 * failed, or a tenth of its pause where that is more. A device that changes between two URLs
 * of one host has each of them read once.
 *
 * `own` are the links of this host, `own_port` is where our own description is served (0: nowhere).
 * Other programs on this host may be fetched from: only they can announce a URL from an IPv4
 * address of ours, because the kernel drops what comes in from outside with such a source. It does
 * not promise that for IPv6, so there an address of ours is always refused. */
int enrichment_consider(struct enrichment *enrichment, struct instant now,
    const struct enrichment_subject *subject, const struct link_set *own, uint16_t own_port);
/* The device is gone, and its failures are forgotten. A running fetch that no other device waits
 * for is ignored when done. */
void enrichment_forget(struct enrichment *enrichment, uint64_t number);
/* The next fetch that may begin now, of what was never tried the newest first, within the limits of
 * fetch_queue_next. */
bool enrichment_next(
    struct enrichment *enrichment, struct instant now, struct enrichment_fetch *fetch);
/* The number of a fetch that runs for 300 ms to a host whose MAC the kernel does not know yet.
 * Either of the next two is to be called for it. False where there is none. */
bool enrichment_late(struct enrichment *enrichment, struct instant now, uint64_t *number);
/* It has connected. */
void enrichment_connected(struct enrichment *enrichment, uint64_t number);
/* It was given up: that is no failure. It begins anew when the kernel knows the MAC, when the page
 * is announced again (3 s later at the earliest), or after 30 s. */
void enrichment_postponed(struct enrichment *enrichment, struct instant now, uint64_t number);
/* The kernel has learned the MAC of this address. */
void enrichment_learn_mac(struct enrichment *enrichment, struct instant now, uint32_t link,
    const struct address *address);
/* True once after pages had to be forgotten because more than 256 hosts wait for the kernel to know
 * their MAC: most of them are forged. They are considered anew when they are heard. */
bool enrichment_was_crowded(struct enrichment *enrichment);
bool enrichment_is_crowded(const struct enrichment *enrichment);
/* The running fetch `number`; false when there is none. */
bool enrichment_running(
    const struct enrichment *enrichment, uint64_t number, struct enrichment_fetch *fetch);
/* True when this subject announced the URL that the running fetch `number` reads, and gets what was
 * read: anything of a `whole` page; of one that was cut only as long as it has nothing of this
 * version. */
bool enrichment_takes(
    const struct enrichment *enrichment, uint64_t number, uint64_t subject, bool whole);
/* Calls for each subject that announces the URL of this fetch: `current`, or that announced it
 * before another one of the same host. `fn` calls nothing of enrichment. */
typedef void enrichment_subject_fn(void *context, uint64_t subject, bool current);
void enrichment_each(
    const struct enrichment *enrichment, uint64_t number, enrichment_subject_fn *fn, void *context);
/* The page that this subject announces now is read once more, not before it is due. */
void enrichment_read_again(
    struct enrichment *enrichment, struct instant now, struct instant due, uint64_t subject);
/* Its facts are those of the page that it announces now, from a former start: the page is read when
 * another version of it is announced. */
void enrichment_know(struct enrichment *enrichment, struct instant now, uint64_t subject);
/* What the description that the running fetch `number` reads says of itself. It stands for the
 * revision as long as no message has named one: a different one then means: read it again. */
void enrichment_revision(struct enrichment *enrichment, uint64_t number, uint32_t revision);

/* How a fetch ended. */
enum enrichment_outcome {
	ENRICHMENT_READ,   /* as much of it as there is to read */
	ENRICHMENT_CUT,    /* a part, and the rest may come another time */
	ENRICHMENT_FAILED, /* nothing */
};
/* `answered`: the host sent anything. What was not read is tried again after 1, 3, 10 and 30 s,
 * then twice that, up to an hour (±20 %). False when no device waits for it any more. */
bool enrichment_done(struct enrichment *enrichment, struct instant now, uint64_t number,
    enum enrichment_outcome outcome, bool answered);
/* When enrichment_next or enrichment_late is worth a call. */
struct instant enrichment_deadline(const struct enrichment *enrichment);
struct counter_group enrichment_counters(const struct enrichment *enrichment);

#endif
