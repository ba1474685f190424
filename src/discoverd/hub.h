/* SPDX-License-Identifier: ISC
 * hub: connects the core with the parts of the daemon that have descriptors; decides nothing. */
#ifndef DISCOVERD_HUB_H
#define DISCOVERD_HUB_H

#include "base/mac.h"
#include "control/session.h"
#include "discoverd/identity.h"
#include "discoverd/options.h"
#include "discoverd/part.h"
#include "net/loop.h"
#include "net/netlink.h"

enum { HUB_PARTS_MAX = 24 };

struct hub;

/* What one part does for the core or for another part; NULL until it is open. */
struct hub_work {
	void (*send)(
	    struct hub *hub, size_t engine, const struct outbox_send sends[], size_t count);
	int (*fetch)(struct hub *hub, const struct enrichment_fetch *fetch);
	bool (*unfetch)(struct hub *hub, uint64_t number);
	struct mac (*find_mac)(
	    struct hub *hub, uint32_t link, const struct address *address, bool *confirmed);
	uint32_t (*count_macs)(struct hub *hub);
	const char *(*find_name)(struct hub *hub, const struct mac *mac);
	int (*publish)(
	    struct hub *hub, const char *path, const struct offer *offer, const char *text);
	void (*unpublish)(struct hub *hub, const char *path);
	int (*extend)(struct hub *hub, struct offer *own);
	/* From now on no more code is loaded; NULL: it cannot be forbidden. */
	void (*forbid_code)(struct hub *hub);
	/* A probe that control_host.probe began has its result. */
	void (*probed)(struct hub *hub, uint64_t number, const struct probe_result *result);
};

/* What the parts share. */
struct hub {
	const struct options *options;
	struct loop *loop;
	struct rng rng;
	struct siphash_key key; /* random, for tables that the network fills */
	struct netlink *netlink;
	struct identity identity;
	struct core_identity who; /* the identity as the core has it */
	struct core *core;
	/* Parts set the functions that they carry out, once they are open. */
	struct hub_work work;
	struct control_host control_host;
	unsigned watchers; /* programs that are notified of changes */
	bool running;      /* the start is over */
	bool warnings_due; /* to be looked at again at the end of this round */
	struct warnings warnings;
	const char *sandbox, *xml;       /* as in struct control_status */
	const struct part *const *parts; /* ended by NULL */
	void *states[HUB_PARTS_MAX];     /* of the parts, by index */
};

/* Opens everything and announces. `parts` are the rows, ended by NULL. Takes the configuration
 * over, also on failure. A failure is logged with what to do about it; 0 or a negative errno. */
int hub_open(const struct options *options, const struct part *const *parts, struct config *config,
    struct hub **hub);
/* Until SIGTERM or SIGINT. 0 or a negative errno. */
int hub_run(struct hub *hub);
/* Says goodbye and closes everything. */
void hub_close(struct hub *hub);

/* The state of a part; NULL while it is not open. */
void *hub_part(const struct hub *hub, const struct part *part);
/* Microseconds since 1970 minus the loop's clock, now. */
int64_t hub_wall_offset(void);

#endif
