/* SPDX-License-Identifier: ISC
 * control_host: what the daemon offers to its Varlink sessions. */
#ifndef CONTROL_CONTROL_HOST_H
#define CONTROL_CONTROL_HOST_H

#include "base/counter.h"
#include "base/mac.h"
#include "base/writer.h"
#include "model/announced_name.h"
#include "model/forwarding.h"
#include "model/link.h"
#include "model/offer.h"
#include "model/offers.h"
#include "model/table.h"
#include "model/table_cursor.h"

struct control_announced; /* control/announce_method.h */
struct control_peer;      /* control/session_type.h */
struct control_session;   /* control/session.h */
struct probe_plan;        /* control/probe_plan.h */

struct control_status {
	const char *version;
	struct instant since;
	const char *uuid, *name; /* of this host's own device */
	size_t devices;
	size_t restored, unconfirmed; /* known from a former start; of those, not heard since */
	const char *const *warnings;  /* sentences, the most important first */
	size_t warning_count;
	const char *sandbox;         /* "full", "files", "system-calls" or "none" */
	const char *xml;             /* libxml2: "unloaded", "loaded" or "missing" */
	const struct offers *offers; /* this host's own and all others, or NULL */
	const struct counter_group *groups;
	size_t group_count;
};

enum { CONTROL_GROUPS_MAX = 16 };

/* Traffic of one link, for Interfaces. */
struct control_link_traffic {
	uint64_t received, sent, dropped;
	struct address groups[CONTROL_GROUPS_MAX]; /* joined there */
	size_t group_count;
	const char *unused_because; /* in a few words; NULL: it is used */
};

/* All functions return at once. */
struct control_host {
	void *context;
	struct table *table;          /* read, and walked with cursors */
	const struct link_set *links; /* every link, not only the usable ones */
	const struct link_set *usable;
	void (*status)(void *context, struct control_status *status);
	void (*traffic)(void *context, uint32_t link, struct control_link_traffic *traffic);
	/* Microseconds since 1970, UTC, of an instant. */
	int64_t (*wall_clock)(void *context, struct instant instant);
	/* Asks the network now; an empty target means everything, over every protocol. 0, or
	 * -EINVAL for a target that no protocol knows. */
	int (*search)(void *context, struct slice target, unsigned seconds);
	/* True when an answer of this endpoint is one to this target. NULL: always. */
	bool (*matches)(void *context, const struct endpoint *endpoint, struct slice target);
	/* Writes the whole name of a host that a protocol may ask for: "printer.local" for
	 * "printer"; false for any other. */
	bool (*host_name)(void *context, struct slice name, struct writer *whole);
	/* Asks the network now for the addresses of a host; they come by
	 * control_session_resolved(). False when no protocol that is switched on asks for such a
	 * name. */
	bool (*resolve)(void *context, struct slice name, unsigned seconds);
	/* Begins the probes of a plan; what they find comes by control_session_probed with this
	 * number, and never before this has returned. 0 or -ENOMEM. */
	int (*probe)(void *context, const struct probe_plan *plan, uint64_t *number);
	/* Nothing of them is reported any more. An unknown number does nothing. */
	void (*probe_cancel)(void *context, uint64_t number);
	/* 0, or a negative errno with the reason ("FILE:LINE: what") in `why`. */
	int (*reload)(void *context, struct writer *why);
	/* Announces an offer and takes it over in any case. What it lacks is made up: UDNs, names,
	 * manufacturers and models; without a location its description is served here. `owner`
	 * NULL: until it is withdrawn. 0; -EEXIST, -ENOSPC, -EDQUOT (this user has as many as one
	 * may have), -ENOTSUP (it has no location, and nothing is served here) or -ENOMEM. */
	int (*announce)(void *context, const struct control_peer *peer,
	    const struct control_session *owner, struct offer *offer,
	    struct control_announced *announced);
	/* Takes back what any session of this user announced, or for root of any user, by the UDN
	 * of its root with or without "uuid:". 0, -ENOENT, or -EACCES: another user's. */
	int (*withdraw)(void *context, const struct control_peer *peer, struct slice id);
	/* Takes back all that this owner announced. */
	void (*abandon)(void *context, const struct control_session *owner);
	/* List and Monitor show neighbours to those that do not say. */
	bool neighbours_listed;
	/* The rest may be NULL. What the bridges of this host have learned. */
	const struct forwarding *forwarding;
	/* One more Monitor, or one less. */
	void (*watched)(void *context, int change);
	/* The names that protocols announce, one after the other; false at the end. */
	bool (*announced)(void *context, size_t index, struct announced_name *announced);
	/* The manufacturer of a MAC; the name of a veth peer's namespace. NULL where unknown; valid
	 * until the next call. */
	const char *(*vendor)(void *context, const struct mac *mac);
	const char *(*netns_name)(void *context, int32_t netns);
};

#endif
