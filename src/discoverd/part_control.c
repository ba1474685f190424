/* SPDX-License-Identifier: ISC
 * part_control: the control socket, and what its sessions may read and have done. */
#include "discoverd/parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/array.h"
#include "base/log.h"
#include "config.h"
#include "control/announce_method.h"
#include "control/change_texts.h"
#include "control/session.h"
#include "core/core_offers.h"
#include "core/core_restored.h"
#include "discoverd/local_socket.h"
#include "discoverd/service_manager.h"
#include "model/offers.h"

enum { COUNTER_GROUPS_MAX = 128 };

enum { ROOT = 0 }; /* its uid */

/* What a session has announced. */
struct announced {
	LIST_ENTRY(announced) link;
	const struct control_session *owner; /* NULL: until it is withdrawn */
	uint32_t uid;
	uint64_t number; /* of core_offer() */
};

struct control_part {
	struct hub *hub;
	struct local_socket *socket; /* NULL: closed for good */
	LIST_HEAD(, announced) announced;
	struct instant since;
	/* as `status` and `traffic` hand them out */
	struct counter_group groups[COUNTER_GROUPS_MAX];
	const char *warnings[WARNINGS_MAX];
	struct control_link_traffic traffic;
};

static struct control_part *part_of(void *context)
{
	return hub_part(context, &CONTROL_PART);
}

/* One too many is missing rather than written behind the array. */
static size_t collect_counters(struct control_part *part)
{
	const struct hub *hub = part->hub;
	struct counter_group group;
	size_t count = 0;

	for (size_t i = 0; core_counters(hub->core, i, &group); i++)
		if (count < COUNTER_GROUPS_MAX)
			part->groups[count++] = group;
	for (size_t i = 0; hub->parts[i]; i++)
		for (size_t k = 0; hub->states[i] && hub->parts[i]->counters &&
				   hub->parts[i]->counters(hub->states[i], k, &group);
		     k++)
			if (count < COUNTER_GROUPS_MAX)
				part->groups[count++] = group;
	return count;
}

/* The session reads it before anything else happens, so one array of each is enough. */
static void status(void *context, struct control_status *status)
{
	struct control_part *part = part_of(context);
	const struct hub *hub = part->hub;
	size_t restored = core_restored_count(hub->core);

	for (size_t i = 0; i < hub->warnings.count; i++)
		part->warnings[i] = hub->warnings.texts[i];
	*status = (struct control_status){
	    .version = PACKAGE_VERSION,
	    .since = part->since,
	    .uuid = hub->identity.udn,
	    .name = offers_own(core_offers(hub->core))->devices[0].name,
	    .devices = table_shown_count(core_table(hub->core)),
	    .restored = restored,
	    /* a walk over the table */
	    .unconfirmed = restored ? table_unconfirmed_count(core_table(hub->core)) : 0,
	    .warnings = part->warnings,
	    .warning_count = hub->warnings.count,
	    .sandbox = hub->sandbox,
	    .xml = hub->xml,
	    .offers = core_offers(hub->core),
	    .group_count = collect_counters(part),
	    .groups = part->groups,
	};
}

static void traffic(void *context, uint32_t link, struct control_link_traffic *traffic)
{
	const struct hub *hub = context;

	*traffic = (struct control_link_traffic){0};
	for (size_t i = 0; hub->parts[i]; i++)
		if (hub->states[i] && hub->parts[i]->traffic)
			hub->parts[i]->traffic(hub->states[i], link, traffic);
}

static int64_t wall_clock(void *context, struct instant instant)
{
	(void)context;
	return instant.us + hub_wall_offset();
}

static int search(void *context, struct slice target, unsigned seconds)
{
	struct hub *hub = context;

	log_debug("search for %.*s during %u s", SLICE_ARGS(target), seconds);
	core_search(hub->core, loop_now(hub->loop), target, seconds);
	return 0;
}

static bool host_name(void *context, struct slice name, struct writer *whole)
{
	(void)context;
	return core_host_name(name, whole);
}

static bool resolve(void *context, struct slice name, unsigned seconds)
{
	struct hub *hub = context;

	log_debug("ask for the addresses of %.*s during %u s", SLICE_ARGS(name), seconds);
	return core_resolve(hub->core, loop_now(hub->loop), name, seconds);
}

static void watched(void *context, int change)
{
	struct hub *hub = context;

	hub->watchers = (unsigned)((int)hub->watchers + change);
	core_set_watched(hub->core, hub->watchers > 0);
}

static bool matches(void *context, const struct endpoint *endpoint, struct slice target)
{
	struct hub *hub = context;

	return core_matches(hub->core, endpoint, target);
}

static unsigned count_announced(const struct control_part *part, uint32_t uid)
{
	const struct announced *announced;
	unsigned count = 0;

	LIST_FOREACH(announced, &part->announced, link)
	count += announced->uid == uid;
	return count;
}

static int announce(void *context, const struct control_peer *peer,
    const struct control_session *owner, struct offer *offer, struct control_announced *result)
{
	struct hub *hub = context;
	unsigned quota = core_config(hub->core)->control.max_announcements_per_user;
	struct announced *announced = calloc(1, sizeof(*announced));
	struct core_offered offered = {.number = 0};
	int error = announced ? 0 : -ENOMEM;

	if (peer->uid != ROOT && count_announced(part_of(hub), peer->uid) >= quota)
		error = -EDQUOT;
	if (error) {
		result->limit = quota;
		offer_free(offer);
		free(announced);
		return error;
	}
	offer->source = OFFER_SOURCE_CONTROL;
	error = core_offer(hub->core, loop_now(hub->loop), offer, &offered);
	result->limit = offered.limit;
	snprintf(result->id, sizeof(result->id), "%.*s", (int)sizeof(result->id) - 1, offered.udn);
	if (error) {
		free(announced);
		return error;
	}
	*announced = (struct announced){.owner = owner, .uid = peer->uid, .number = offered.number};
	LIST_INSERT_HEAD(&part_of(hub)->announced, announced, link);
	log_info("a program announces \"%s\", %s",
	    core_find_offer(hub->core, offered.number)->devices[0].name, offered.udn);
	return 0;
}

static void take_back(struct hub *hub, struct announced *announced)
{
	const struct offer *offer = core_find_offer(hub->core, announced->number);

	if (offer)
		log_info("\"%s\", %s is no longer announced", offer->devices[0].name,
		    offer->devices[0].udn);
	core_withdraw(hub->core, loop_now(hub->loop), announced->number);
	LIST_REMOVE(announced, link);
	free(announced);
}

static int withdraw(void *context, const struct control_peer *peer, struct slice id)
{
	struct hub *hub = context;
	struct key key = key_of_id(id);
	struct announced *announced;

	LIST_FOREACH(announced, &part_of(hub)->announced, link)
	{
		const struct offer *offer = core_find_offer(hub->core, announced->number);
		struct key root = key_of_id(slice_of(offer ? offer->devices[0].udn : NULL));

		if (!offer || !key_equal(&root, &key))
			continue;
		if (peer->uid != ROOT && peer->uid != announced->uid)
			return -EACCES;
		take_back(hub, announced);
		return 0;
	}
	return -ENOENT;
}

static void abandon(void *context, const struct control_session *owner)
{
	struct hub *hub = context;
	struct announced *announced = LIST_FIRST(&part_of(hub)->announced), *next;

	for (; announced; announced = next) {
		next = LIST_NEXT(announced, link);
		if (announced->owner == owner)
			take_back(hub, announced);
	}
}

static bool next_announced(void *context, size_t index, struct announced_name *announced)
{
	const struct hub *hub = context;

	return core_announced(hub->core, index, announced);
}

static void tell_change(void *context, struct session *session)
{
	control_session_changed(session, context);
}

static void changed(void *state, struct instant now, const struct table_change *change)
{
	struct control_part *part = state;
	struct change_texts texts = change_texts_of(&part->hub->control_host, now, change);

	if (!part->socket || !part->hub->watchers)
		return;
	local_socket_each(part->socket, tell_change, &texts);
	change_texts_fini(&texts);
}

struct answer {
	struct instant now;
	const struct endpoint *endpoint;
};

static void tell_answer(void *context, struct session *session)
{
	const struct answer *answer = context;

	control_session_answered(session, answer->now, answer->endpoint);
}

static void answered(void *state, struct instant now, const struct endpoint *endpoint)
{
	struct control_part *part = state;

	if (part->socket)
		local_socket_each(part->socket, tell_answer, &(struct answer){now, endpoint});
}

struct resolved {
	struct instant now;
	const struct host_address *address;
};

static void tell_resolved(void *context, struct session *session)
{
	const struct resolved *resolved = context;

	control_session_resolved(session, resolved->now, resolved->address);
}

static void resolved(void *state, struct instant now, const struct host_address *address)
{
	struct control_part *part = state;

	if (part->socket)
		local_socket_each(part->socket, tell_resolved, &(struct resolved){now, address});
}

struct found {
	uint64_t number;
	const struct probe_result *result;
};

static void tell_found(void *context, struct session *session)
{
	const struct found *found = context;

	control_session_probed(session, found->number, found->result);
}

static void probed(struct hub *hub, uint64_t number, const struct probe_result *result)
{
	struct control_part *part = part_of(hub);

	if (part->socket)
		local_socket_each(part->socket, tell_found, &(struct found){number, result});
}

static int open_control(struct hub *hub, void **state)
{
	struct control_part *part = calloc(1, sizeof(*part));
	const struct config *config = core_config(hub->core);
	struct stream_server_options options = {
	    .path = hub->options->socket_path,
	    .max_clients = config->control.max_clients,
	    .max_clients_per_user = config->control.max_clients_per_user,
	};
	struct control_host *host = &hub->control_host;
	int result;

	*state = part;
	if (!part)
		return -ENOMEM;
	part->hub = hub;
	part->since = loop_now(hub->loop);
	LIST_INIT(&part->announced);
	result = service_manager_socket(&options.inherited_fd);
	if (result) {
		log_error("what the service manager handed over is no single listening Unix "
			  "socket: %s",
		    strerror(-result));
		return result;
	}
	host->table = core_table(hub->core);
	host->status = status;
	host->traffic = traffic;
	host->wall_clock = wall_clock;
	host->search = search;
	host->matches = matches;
	host->host_name = host_name;
	host->resolve = resolve;
	host->watched = watched;
	host->announce = announce;
	host->withdraw = withdraw;
	host->abandon = abandon;
	host->announced = next_announced;
	host->neighbours_listed = config->table.neighbours_listed;
	hub->work.probed = probed;
	return local_socket_open(hub->loop, &options, &CONTROL_SESSION, host, &part->socket);
}

/* A program could ask for something still, a reload say. */
static void stop(void *state)
{
	struct control_part *part = state;

	local_socket_close(part->socket);
	part->socket = NULL;
}

static void close_control(void *state)
{
	struct control_part *part = state;
	struct announced *announced;

	part->hub->work.probed = NULL;
	stop(part);
	while ((announced = LIST_FIRST(&part->announced))) {
		LIST_REMOVE(announced, link);
		free(announced);
	}
	free(part);
}

static void advance(void *state, struct instant now)
{
	struct control_part *part = state;

	if (part->socket)
		local_socket_advance(part->socket, now);
}

static struct instant deadline(const void *state)
{
	const struct control_part *part = state;

	return part->socket ? local_socket_deadline(part->socket) : INSTANT_NEVER;
}

static int reload(void *state, config_error_fn *error, void *context)
{
	struct control_part *part = state;
	(void)error;
	(void)context;
	const struct config *config = core_config(part->hub->core);

	part->hub->control_host.neighbours_listed = config->table.neighbours_listed;
	local_socket_set_caps(
	    part->socket, config->control.max_clients, config->control.max_clients_per_user);
	return 0;
}

static void files(const void *state, struct file_rules *rules)
{
	const struct control_part *part = state;

	file_rules_allow_beside(rules, part->hub->options->socket_path, FILE_USE_REMOVE);
}

static bool counters(const void *state, size_t index, struct counter_group *group)
{
	const struct control_part *part = state;

	if (!part->socket || index > 0)
		return false;
	*group = local_socket_counters(part->socket);
	return true;
}

const struct part CONTROL_PART = {
    .name = "control",
    .open = open_control,
    .stop = stop,
    .close = close_control,
    .changed = changed,
    .answered = answered,
    .resolved = resolved,
    .advance = advance,
    .deadline = deadline,
    .reload = reload,
    .files = files,
    .counters = counters,
};
