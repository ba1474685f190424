/* SPDX-License-Identifier: ISC
 * hub: connects the core with the parts of the daemon that have descriptors; decides nothing. */
#include "discoverd/hub.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/array.h"
#include "base/log.h"
#include "base/mac.h"
#include "base/memory.h"
#include "config.h"
#include "discoverd/config_files.h"
#include "discoverd/descriptors.h"
#include "discoverd/service_manager.h"
#include "model/link_change.h"
#include "model/offers.h"

_Static_assert(sizeof(time_t) >= 8, "64-bit time, also on 32-bit boards");

int64_t hub_wall_offset(void)
{
	struct timespec wall, boot;

	clock_gettime(CLOCK_REALTIME, &wall);
	clock_gettime(CLOCK_BOOTTIME, &boot);
	return SECONDS(wall.tv_sec - boot.tv_sec) + (wall.tv_nsec - boot.tv_nsec) / 1000;
}

void *hub_part(const struct hub *hub, const struct part *part)
{
	for (size_t i = 0; hub->parts[i]; i++)
		if (hub->parts[i] == part)
			return hub->states[i];
	return NULL;
}

/* What the core has done. */

/* Walks the parts that are open and have this member. */
#define EACH_PART_WITH(hub, i, member)                                                             \
	for (size_t i = 0; hub->parts[i]; i++)                                                     \
		if (hub->states[i] && hub->parts[i]->member)

static void changed(void *context, struct instant now, const struct table_change *change)
{
	struct hub *hub = context;

	EACH_PART_WITH(hub, i, changed)
	hub->parts[i]->changed(hub->states[i], now, change);
}

static void answered(void *context, struct instant now, const struct endpoint *endpoint)
{
	struct hub *hub = context;

	EACH_PART_WITH(hub, i, answered)
	hub->parts[i]->answered(hub->states[i], now, endpoint);
}

static void resolved(void *context, struct instant now, const struct host_address *address)
{
	struct hub *hub = context;

	EACH_PART_WITH(hub, i, resolved)
	hub->parts[i]->resolved(hub->states[i], now, address);
}

static void sighted(void *context, struct instant now, const struct sighting *sighting, int result)
{
	struct hub *hub = context;

	EACH_PART_WITH(hub, i, sighted)
	hub->parts[i]->sighted(hub->states[i], now, sighting, result);
}

static void link_changed(void *context, const struct link_change *change)
{
	struct hub *hub = context;

	hub->warnings_due = true;
	EACH_PART_WITH(hub, i, link_changed)
	hub->parts[i]->link_changed(hub->states[i], change);
}

static void send_datagrams(
    void *context, size_t engine, const struct outbox_send sends[], size_t count)
{
	struct hub *hub = context;

	if (hub->work.send)
		hub->work.send(hub, engine, sends, count);
}

static int start_fetch(void *context, const struct enrichment_fetch *fetch)
{
	struct hub *hub = context;

	return hub->work.fetch ? hub->work.fetch(hub, fetch) : -EAGAIN;
}

static bool give_fetch_up(void *context, uint64_t number)
{
	struct hub *hub = context;

	return hub->work.unfetch && hub->work.unfetch(hub, number);
}

static struct mac find_mac(
    void *context, uint32_t link, const struct address *address, bool *confirmed)
{
	struct hub *hub = context;

	*confirmed = false;
	return hub->work.find_mac ? hub->work.find_mac(hub, link, address, confirmed)
				  : (struct mac){0};
}

static uint32_t count_macs(void *context)
{
	struct hub *hub = context;

	return hub->work.count_macs ? hub->work.count_macs(hub) : 0;
}

static const char *find_name(void *context, const struct mac *mac)
{
	struct hub *hub = context;

	return hub->work.find_name ? hub->work.find_name(hub, mac) : NULL;
}

static uint32_t next_epoch(void *context)
{
	struct hub *hub = context;

	return identity_next_boot_id(&hub->identity);
}

static int publish(void *context, const char *path, const struct offer *offer, const char *text)
{
	struct hub *hub = context;

	return hub->work.publish ? hub->work.publish(hub, path, offer, text) : 0;
}

static void unpublish(void *context, const char *path)
{
	struct hub *hub = context;

	if (hub->work.unpublish)
		hub->work.unpublish(hub, path);
}

static int extend(void *context, struct offer *own)
{
	struct hub *hub = context;

	return hub->work.extend ? hub->work.extend(hub, own) : 0;
}

static void links_changed(void *context)
{
	struct hub *hub = context;

	if (!hub->core)
		return;
	if (core_set_links(hub->core, loop_now(hub->loop), netlink_links(hub->netlink))) {
		log_error("out of memory: a change of the interfaces is followed later");
		netlink_retry(hub->netlink);
	}
	hub->warnings_due = true;
}

/* After each round of events: does what is due and says when to wake next. */
static void round_done(void *context)
{
	struct hub *hub = context;
	struct instant now = loop_now(hub->loop), deadline;

	core_advance(hub->core, now, hub_wall_offset());
	hub->control_host.links = core_links(hub->core);
	EACH_PART_WITH(hub, i, advance)
	hub->parts[i]->advance(hub->states[i], now);
	if (hub->warnings_due) {
		struct warnings before = hub->warnings;

		hub->warnings_due = false;
		hub->warnings = (struct warnings){0};
		EACH_PART_WITH(hub, i, warn)
		hub->parts[i]->warn(hub->states[i], &hub->warnings);
		warnings_log_news(&before, &hub->warnings);
	}
	deadline = core_deadline(hub->core);
	EACH_PART_WITH(hub, i, deadline)
	deadline = instant_earlier(deadline, hub->parts[i]->deadline(hub->states[i]));
	loop_set_deadline(hub->loop, deadline);
}

/* Logs every mistake; the first one is also for the caller (`context` is its writer). */
static void complain(void *context, const char *file, unsigned line, const char *what)
{
	struct writer *why = context;

	config_files_log_mistake(NULL, file, line, what);
	if (why->len)
		return;
	if (line)
		writer_format(why, "%s:%u: %s", file, line, what);
	else
		writer_format(why, "%s: %s", file, what);
}

static void warn_of_restart(const struct config *former, const struct config *fresh)
{
	const struct {
		const char *before, *after, *what;
	} rows[] = {
	    {former->device.uuid, fresh->device.uuid, "uuid"},
	    {former->control.minissdpd_socket, fresh->control.minissdpd_socket, "minissdpd-socket"},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if ((rows[i].before || rows[i].after) &&
		    !slice_equal(slice_of(rows[i].before), slice_of(rows[i].after)))
			log_warning("another %s takes effect at the next start", rows[i].what);
}

/* The first failure; what it does not concern is in force all the same. */
static int reload_parts(struct hub *hub, struct writer *why)
{
	int result = 0;

	for (size_t i = 0; hub->parts[i]; i++) {
		int error = hub->states[i] && hub->parts[i]->reload
				? hub->parts[i]->reload(hub->states[i], complain, why)
				: 0;
		result = result ? result : error;
	}
	return result;
}

/* Reads the configuration and what parts read themselves. 0, or a negative errno with the reason in
 * `why`, and what became of the rest: after a mistake in the configuration everything stays, one in
 * a file of services.d concerns that file alone. */
static int reload(struct hub *hub, struct writer *why)
{
	struct config fresh;
	int result = config_files_load(&fresh, hub->options, complain, why);

	if (result) {
		log_error("the configuration stays as it was");
		if (!why->len)
			writer_text(why, strerror(-result));
		writer_text(why, "; the old configuration stays");
		return result;
	}
	warn_of_restart(core_config(hub->core), &fresh);
	descriptors_provide(&fresh);
	result = core_reconfigure(hub->core, loop_now(hub->loop), &fresh);
	int parts = reload_parts(hub, why);
	hub->warnings_due = true;
	result = result ? result : parts;
	if (result) {
		writer_format(why,
		    "%sthe new configuration is read, but a socket could not be opened; see the "
		    "log",
		    why->len ? "; " : "");
		return result;
	}
	log_notice("configuration read again");
	if (!why->len)
		return 0;
	writer_text(why, "; everything else is in force");
	return -EINVAL;
}

static void on_signal(void *context, int signal)
{
	struct hub *hub = context;
	char reason[256];
	struct writer why;

	if (signal != SIGHUP) {
		service_manager_stopping();
		loop_stop(hub->loop);
		return;
	}
	writer_init(&why, reason, sizeof(reason));
	reload(hub, &why);
}

static int open_loop(struct hub *hub)
{
	static const int SIGNALS[] = {SIGTERM, SIGINT, SIGHUP};
	int result = 0;

	hub->loop = loop_new();
	if (!hub->loop)
		return -ENOMEM;
	for (size_t i = 0; i < COUNT_OF(SIGNALS) && !result; i++)
		result = loop_on_signal(hub->loop, SIGNALS[i], on_signal, hub);
	return result;
}

/* Before there is a core: the identity needs the MAC of an interface. */
static int open_netlink(struct hub *hub)
{
	int result = netlink_open(hub->loop, links_changed, hub, &hub->netlink);

	if (result)
		log_error("cannot follow the network interfaces (netlink): %s", strerror(-result));
	return result;
}

static int reload_for_session(void *context, struct writer *why)
{
	return reload(context, why);
}

static int open_core(struct hub *hub, struct config *config, const uint64_t random[3])
{
	struct core_host host = {
	    .context = hub,
	    .send = send_datagrams,
	    .fetch = start_fetch,
	    .unfetch = give_fetch_up,
	    .find_mac = find_mac,
	    .count_macs = count_macs,
	    .find_name = find_name,
	    .next_epoch = next_epoch,
	    .publish = publish,
	    .unpublish = unpublish,
	    .extend = extend,
	    .changed = changed,
	    .answered = answered,
	    .resolved = resolved,
	    .sighted = sighted,
	    .link_changed = link_changed,
	};

	hub->who = (struct core_identity){
	    .udn = hub->identity.udn,
	    .server = hub->identity.server,
	    .host_name = hub->identity.host_name,
	    .model = hub->identity.model,
	    .epoch = hub->identity.boot_id,
	    .names = &hub->identity.names,
	    .derive_udn = identity_derive_udn,
	};

	memcpy(hub->who.instance, hub->identity.instance, INSTANCE_TEXT_MAX);
	return core_new(&host, config, &hub->who, random, loop_now(hub->loop), &hub->core);
}

static int open_parts(struct hub *hub)
{
	int result = 0;

	for (size_t i = 0; hub->parts[i] && !result; i++)
		result = hub->parts[i]->open(hub, &hub->states[i]);
	return result;
}

/* The configuration is the core's, or has gone, when this returns. */
static int open_all(struct hub *hub, struct config *config)
{
	uint64_t random[3];
	int result = identity_random(random, sizeof(random));

	hub->key = (struct siphash_key){{random[1], random[2]}};
	rng_init(&hub->rng, random[0]);
	if (!result)
		result = open_loop(hub);
	if (!result)
		result = open_netlink(hub);
	if (!result)
		result = identity_establish(&hub->identity, config->device.uuid,
		    hub->options->state_directory, netlink_links(hub->netlink));
	if (result) {
		config_fini(config);
		return result;
	}
	descriptors_provide(config);
	/* What was freed so far, before the large structures are cleared in it and so keep it. */
	memory_give_back();
	result = open_core(hub, config, random);
	if (!result)
		result = open_parts(hub);
	loop_on_round(hub->loop, round_done, hub);
	return result;
}

int hub_open(const struct options *options, const struct part *const *parts, struct config *config,
    struct hub **out)
{
	struct hub *hub = calloc(1, sizeof(*hub));
	int result;

	if (!hub) {
		log_error("out of memory");
		config_fini(config);
		return -ENOMEM;
	}
	hub->options = options;
	hub->parts = parts;
	hub->control_host.context = hub;
	hub->control_host.reload = reload_for_session;
	hub->warnings_due = true;
	result = open_all(hub, config);
	if (result) {
		if (result == -ENOMEM)
			log_error("out of memory");
		hub_close(hub);
		return result;
	}
	*out = hub;
	return 0;
}

int hub_run(struct hub *hub)
{
	size_t links = core_usable_links(hub->core)->count;

	log_notice(PACKAGE_STRING " started as \"%s\", %s, on %zu interface%s",
	    offers_own(core_offers(hub->core))->devices[0].name, hub->identity.udn, links,
	    links == 1 ? "" : "s");
	hub->running = true;
	EACH_PART_WITH(hub, i, started)
	hub->parts[i]->started(hub->states[i]);
	return loop_run(hub->loop);
}

static void close_parts(struct hub *hub)
{
	size_t count = 0;

	EACH_PART_WITH(hub, i, stop)
	hub->parts[i]->stop(hub->states[i]);
	while (hub->parts[count])
		count++;
	for (size_t i = count; i-- > 0;) {
		if (hub->states[i] && hub->parts[i]->close)
			hub->parts[i]->close(hub->states[i]);
		hub->states[i] = NULL;
	}
}

void hub_close(struct hub *hub)
{
	close_parts(hub);
	if (hub->running)
		identity_keep(&hub->identity);
	core_free(hub->core);
	netlink_close(hub->netlink);
	loop_free(hub->loop);
	free(hub);
}
