/* SPDX-License-Identifier: ISC
 * session: one Varlink client of the control socket: bytes in, bytes out; knows no descriptor. */
#ifndef CONTROL_SESSION_H
#define CONTROL_SESSION_H

#include "base/counter.h"
#include "base/log.h"
#include "base/writer.h"
#include "model/announcement.h"
#include "model/forwarding.h"
#include "model/link.h"
#include "model/table.h"

enum { CONTROL_REQUEST_MAX = 8 * 1024, CONTROL_QUEUE_MAX = 256 * 1024 };

struct probe_plan;   /* control/probe_plan.h */
struct probe_result; /* likewise */

struct control_status {
	const char *version;
	struct instant since;
	const char *uuid, *name; /* who we are */
	size_t devices;
	const char *const *warnings; /* sentences, the most important first */
	size_t warning_count;
	const struct announcement *announcement; /* ours and what was announced besides, or NULL */
	const struct counter_group *groups;
	size_t group_count;
};

/* Traffic of one link, for Interfaces. */
struct control_link_traffic {
	uint64_t received, sent, dropped;
	const struct address *groups; /* joined there */
	size_t group_count;
	const char *unused_because; /* in a few words; NULL: it is used */
};

enum { CONTROL_ID_MAX = 48 };

/* What became of a tree that was to be announced. */
struct control_announced {
	char id[CONTROL_ID_MAX]; /* the root's UDN; with -EEXIST the one that is there already */
	unsigned limit;          /* with -ENOSPC: so many are announced, and no more may be */
};

struct control_session;

/* What the daemon offers to its sessions. All functions return at once. */
struct control_host {
	void *context;
	struct table *table;          /* read, and walked with cursors */
	const struct link_set *links; /* every link, not only the usable ones */
	const struct link_set *usable;
	void (*status)(void *context, struct control_status *status);
	void (*traffic)(void *context, uint32_t link, struct control_link_traffic *traffic);
	/* Microseconds since 1970, UTC, of an instant. */
	int64_t (*wall_clock)(void *context, struct instant instant);
	/* Asks the network now. 0, or -EINVAL for a target that is none. */
	int (*search)(void *context, struct slice target, unsigned seconds);
	/* Begins the probes of a plan; what they find comes by control_session_probed with this
	 * number, and never before this has returned. 0 or -ENOMEM. */
	int (*probe)(void *context, const struct probe_plan *plan, uint64_t *number);
	/* Nothing of them is told any more. A number that is not there does nothing. */
	void (*probe_cancel)(void *context, uint64_t number);
	/* 0, or a negative errno with the reason ("FILE:LINE: what") in `why`. */
	int (*reload)(void *context, struct writer *why);
	/* Announces a tree and takes it over in any case. What it lacks is made up: the UDNs,
	 * names, manufacturers and models; without LOCATION its description is served here. `owner`
	 * NULL: until it is withdrawn. 0; -EEXIST, -ENOSPC, -ENOTSUP (it has no LOCATION, and
	 * nothing is served here) or -ENOMEM. */
	int (*announce)(void *context, const struct control_session *owner,
	    struct announced_tree *tree, struct control_announced *announced);
	/* Takes back what was announced, whoever did it, by the UDN of its root with or without
	 * "uuid:". 0 or -ENOENT. */
	int (*withdraw)(void *context, struct slice id);
	/* Takes back all that this owner announced. */
	void (*abandon)(void *context, const struct control_session *owner);
	/* The rest may be NULL where nobody knows. */
	const struct forwarding *forwarding;
	/* Who made what has this MAC; what people call this namespace of a veth's peer. NULL where
	 * unknown; valid until the next call. */
	const char *(*vendor)(void *context, const struct mac *mac);
	const char *(*netns_name)(void *context, int32_t netns);
};

/* Who is at the other end, as the kernel says (SO_PEERCRED, SO_PEERGROUPS). */
struct control_peer {
	uint32_t uid;
	bool may_change; /* root, the daemon's own user or a member of its group */
};

/* NULL when out of memory. The host outlives the session. */
struct control_session *control_session_new(
    const struct control_host *host, const struct control_peer *peer);
void control_session_free(struct control_session *session);
/* Takes what arrived. 0; -ENOMEM, -EMSGSIZE (a request over CONTROL_REQUEST_MAX) or -EBADMSG (no
 * Varlink call): close the connection once what is queued has been drained. */
int control_session_feed(struct control_session *session, struct instant now, struct slice bytes);
/* The other side sends no more: what is queued is still delivered, what it announced is taken back.
 */
void control_session_end(struct control_session *session);
/* Up to w's capacity of what is to be sent, produced as it goes: a List of any size passes in
 * constant memory. Nothing written means nothing to send now. */
void control_session_drain(struct control_session *session, struct instant now, struct writer *w);
bool control_session_wants_drain(const struct control_session *session);
/* True when the connection can be closed: ended or broken, and nothing left to send. */
bool control_session_is_done(const struct control_session *session);
/* The table changed: for watchers. Never called for TABLE_REFRESHED. */
void control_session_changed(struct control_session *session, struct instant now,
    enum table_event event, const struct device *device);
/* A device answered a question of ours: for searches. */
void control_session_answered(
    struct control_session *session, struct instant now, const struct device *device);
/* One of the probes with this number has its result. */
void control_session_probed(
    struct control_session *session, uint64_t number, const struct probe_result *result);
/* Ends searches and probes whose time is over, and half requests older than 5 s. */
void control_session_advance(struct control_session *session, struct instant now);
struct instant control_session_deadline(const struct control_session *session);

#endif
