/* SPDX-License-Identifier: ISC
 * hub_parts: the struct hub, shared by the files hub*.c alone. */
#ifndef DISCOVERD_HUB_PARTS_H
#define DISCOVERD_HUB_PARTS_H

#include "base/log.h"
#include "discoverd/control_socket.h"
#include "discoverd/descriptions.h"
#include "discoverd/drop_ins.h"
#include "discoverd/event_log.h"
#include "discoverd/hub.h"
#include "discoverd/minissdpd_socket.h"
#include "discoverd/ourselves.h"
#include "discoverd/probe_round.h"
#include "discoverd/programs.h"
#include "discoverd/protocol.h"
#include "discoverd/submissions.h"
#include "discoverd/vendors.h"
#include "net/file_watch.h"
#include "net/http_server.h"
#include "net/neighbour_feed.h"
#include "net/netlink.h"
#include "net/netns_names.h"

enum { HUB_PROTOCOLS_MAX = 8, HUB_GROUPS_MAX = 8, HUB_WARNING_MAX = 160, HUB_WARNINGS_MAX = 16 };
/* Groups of counters: of each protocol, and of the other parts. */
enum { HUB_COUNTERS_PER_PROTOCOL = 2 + FAMILIES * CHANNELS, HUB_COUNTERS_OF_PARTS = 10 };

/* Why devices may be missing. */
struct hub_warnings {
	char texts[HUB_WARNINGS_MAX][HUB_WARNING_MAX];
	size_t count, more; /* beyond those */
};

struct hub {
	const struct options *options;
	struct config config;
	struct identity identity;
	struct announcement announcement;
	struct loop *loop;
	struct netlink *netlink;
	struct link_set usable; /* what engine_context.links points to */
	struct neighbour_feed *neighbour_feed;
	struct netns_names *netns_names;
	struct vendors *vendors; /* NULL: no hardware database here */
	struct rng rng;
	struct engine_context engine_context;
	struct outbox outbox;
	struct protocol_host protocol_host;
	struct protocol protocols[HUB_PROTOCOLS_MAX];
	struct table *table;
	struct http_server *http_server; /* NULL: none is wanted */
	struct programs programs;        /* what they have announced on the control socket */
	struct descriptions *descriptions;
	struct drop_ins *drop_ins;
	struct file_watch *file_watch; /* of the drop-ins; NULL: they are read at a reload only */
	struct control_host control_host;
	struct control_socket *control_socket;
	struct probes *probes;
	struct probe_round *probe_round;
	struct submissions *submissions;
	struct minissdpd_socket *minissdpd_socket; /* NULL: none is wanted */
	struct event_log event_log;
	bool running; /* the start is over: changes of the interfaces are news */
	struct instant since;
	struct instant watchdog; /* when the service manager wants the next sign of life */
	int64_t watchdog_interval;
	char status_line[96];
	struct instant status_due; /* the line is out of date since; INSTANT_NEVER: it is not */
	char warning[HUB_WARNING_MAX];
	struct instant warning_due; /* not before, again */
	struct hub_warnings warnings;
	const char *warning_list[HUB_WARNINGS_MAX + 1]; /* as `status` hands them out */
	/* as `status` and `traffic` hand them out */
	struct counter_group
	    counters[HUB_COUNTERS_PER_PROTOCOL * HUB_PROTOCOLS_MAX + HUB_COUNTERS_OF_PARTS];
	size_t counter_count;
	struct address groups[HUB_GROUPS_MAX];
};

/* One row per way of discovery; NULL ends the list. */
extern const struct engine_type *const ENGINES[];

/* What sessions may ask (hub_control.c). */
void hub_control_init(struct hub *hub);
/* Chooses the usable links anew and tells the engines and the table what changed (hub_links.c). 0
 * or -ENOMEM. */
int hub_links_refresh(struct hub *hub);
void hub_links_changed(void *context);
/* -ENODEV, and the reason is logged, when an interface of the command line is missing; those of the
 * configuration may come later. */
int hub_links_check(const struct hub *hub);
/* What the configuration lets be used (hub_links.c). Borrowed from it. */
struct link_filter hub_links_filter(const struct config *config);
/* Finds out anew what there is to warn of, and logs what is new or over (hub_warnings.c). */
void hub_warnings_refresh(struct hub *hub);
void hub_warnings_changed(void *context);
/* Fills warning_list and returns how many there are. */
size_t hub_warnings_list(struct hub *hub);
/* Begins to follow the neighbours (hub_neighbours.c). 0 or a negative errno. */
int hub_neighbours_open(struct hub *hub);
void hub_neighbours_close(struct hub *hub);
/* Who sent this, as far as the kernel knows by now. */
struct mac hub_neighbour(struct hub *hub, uint32_t link, const struct address *address);
/* Likewise, as far as the kernel's notifications were read; `context` is the hub. */
struct mac hub_find_mac(void *context, uint32_t link, const struct address *address);
/* Microseconds since 1970 minus the loop's clock, now. */
int64_t hub_wall_offset(void);
/* Reads the configuration and the drop-ins again (hub_reload.c); 0, or a negative errno with the
 * reason in `why`, and what became of the rest: after a mistake in the configuration everything
 * stays, one in a drop-in concerns that alone. */
int hub_reload(struct hub *hub, struct writer *why);
/* Opens minissdpd's socket where one is wanted (hub_minissdpd.c). 0 or a negative errno. */
int hub_minissdpd_open(struct hub *hub);
/* The [Table] section as the table wants it. */
struct table_limits hub_table_limits(const struct config *config);
/* (Re)opens or closes the description's server as configured, builds our own tree, and where it has
 * changed announces it anew (hub_announce.c). */
int hub_introduce(struct hub *hub);
/* Likewise, and after it the trees of drop-ins that have changed (hub_drop_ins.c). */
int hub_offer(struct hub *hub);
/* Reads the drop-ins and follows them from then on; without inotify that is a warning. 0 or
 * -ENOMEM. */
int hub_drop_ins_open(struct hub *hub);
/* Reads all of them again, telling every mistake; hub_offer is to follow. */
void hub_drop_ins_reload(struct hub *hub, config_error_fn *error, void *context);
/* Announces a tree of a program and takes it over; where its BOOTID and CONFIGID are 0 it gets such
 * of its own. 0 or -ENOMEM, and the tree stays the caller's. */
int hub_announce(struct hub *hub, struct announced_tree *tree);
/* Takes it back and frees it; a number that is not there does nothing. */
void hub_withdraw(struct hub *hub, uint64_t number);
/* Takes back all trees but our own, one after the other: the goodbyes of all on all links at once
 * would take more memory than we may have. */
void hub_withdraw_programs(struct hub *hub);
/* Gives a tree that is announced another LOCATION (copied, NULL: none) under a new number, as
 * somebody who went and came. The number, or 0 when out of memory or it was not there: then it is
 * withdrawn. */
uint64_t hub_relocate(struct hub *hub, uint64_t number, const char *location);
/* Serves a tree's description at this path, and the pages of its services, where one is served at
 * all. 0 or -ENOMEM. */
int hub_publish(
    struct hub *hub, const struct announced_tree *tree, const char *path, const char *description);
void hub_unpublish(struct hub *hub, const char *path);
/* What programs may do to the announcement, for the sessions (hub_programs.c). */
void hub_programs_init(struct hub *hub);
/* After the description's server came, went or has another port: serves the programs' descriptions
 * there, and announces those anew whose LOCATION is another one now. */
void hub_programs_serve(struct hub *hub);
/* Another BOOTID for every tree, for an engine that asked for it. */
void hub_renumber(void *context);
void hub_tell_announcement(struct hub *hub, const struct announcement_change *change);

#endif
