/* SPDX-License-Identifier: ISC
 * part_sockets: the sockets of every engine. */
#include "discoverd/parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/core_offers.h"
#include "discoverd/descriptors.h"
#include "discoverd/protocol.h"
#include "model/link_change.h"
#include "net/udp_inbox.h"

struct sockets_part {
	struct hub *hub;
	struct protocol_host host;
	struct starvation starvation;
	struct udp_memory memory;
	struct instant give_back; /* of it; INSTANT_NEVER: there is nothing to give back */
	struct protocol protocols[CORE_ENGINES_MAX]; /* by index in CORE_ENGINES */
};

static void warned(void *context)
{
	struct hub *hub = context;

	hub->warnings_due = true;
}

static void send_datagrams(
    struct hub *hub, size_t engine, const struct outbox_send sends[], size_t count)
{
	struct sockets_part *part = hub_part(hub, &SOCKETS_PART);

	protocol_send(&part->protocols[engine], loop_now(hub->loop), sends, count);
}

static int open_sockets(struct hub *hub, void **state)
{
	struct sockets_part *part = calloc(1, sizeof(*part));

	*state = part;
	if (!part)
		return -ENOMEM;
	part->hub = hub;
	part->give_back = INSTANT_NEVER;
	int result = udp_memory_init(&part->memory);
	part->host = (struct protocol_host){
	    .loop = hub->loop,
	    .core = hub->core,
	    .rng = &hub->rng,
	    .starvation = &part->starvation,
	    .memory = &part->memory,
	    .warned = warned,
	    .context = hub,
	    .descriptors_end = descriptors_for_links(core_config(hub->core)),
	};
	hub->work.send = send_datagrams;
	for (size_t i = 0; CORE_ENGINES[i] && !result; i++) {
		protocol_init(&part->protocols[i], i, &part->host);
		if (CORE_ENGINES[i]->enabled(core_config(hub->core)))
			result = protocol_open(&part->protocols[i]);
	}
	return result;
}

/* Offers one after the other: the goodbyes of all on all links at once would take more memory than
 * there may be. */
static void stop(void *state)
{
	struct sockets_part *part = state;

	core_withdraw_all(part->hub->core, loop_now(part->hub->loop));
	for (size_t i = 0; CORE_ENGINES[i]; i++)
		protocol_close(&part->protocols[i]);
}

static void close_sockets(void *state)
{
	struct sockets_part *part = state;

	part->hub->work.send = NULL;
	starvation_fini(&part->starvation);
	udp_memory_fini(&part->memory);
	free(part);
}

static int64_t multicast_timeout(const struct sockets_part *part)
{
	return SECONDS(core_config(part->hub->core)->network.multicast_timeout);
}

static void give_memory_back(struct sockets_part *part, struct instant now)
{
	if (instant_due(part->give_back, now))
		udp_memory_give_back(&part->memory);
	if (!part->memory.large)
		part->give_back = INSTANT_NEVER;
	else if (instant_is_never(part->give_back) || instant_due(part->give_back, now))
		part->give_back = instant_add(now, SECONDS(1));
}

static void advance(void *state, struct instant now)
{
	struct sockets_part *part = state;

	give_memory_back(part, now);
	for (size_t i = 0; CORE_ENGINES[i]; i++)
		protocol_advance(&part->protocols[i], now);
	if (starvation_advance(&part->starvation, now, multicast_timeout(part)))
		warned(part->hub);
}

static struct instant deadline(const void *state)
{
	const struct sockets_part *part = state;
	struct instant deadline = starvation_deadline(&part->starvation, multicast_timeout(part));

	deadline = instant_earlier(deadline, part->give_back);
	for (size_t i = 0; CORE_ENGINES[i]; i++)
		deadline = instant_earlier(deadline, protocol_deadline(&part->protocols[i]));
	return deadline;
}

static void link_changed(void *state, const struct link_change *change)
{
	struct sockets_part *part = state;

	if (change->event == LINK_GONE)
		starvation_forget(&part->starvation, change->link->index);
	for (size_t i = 0; CORE_ENGINES[i]; i++)
		protocol_link_changed(&part->protocols[i], change);
}

/* Sockets that the configuration wants otherwise are opened anew; the rest is undisturbed. */
static int reload(void *state, config_error_fn *error, void *context)
{
	struct sockets_part *part = state;
	(void)error;
	(void)context;
	const struct config *config = core_config(part->hub->core);
	int result = 0;

	part->host.descriptors_end = descriptors_for_links(config);

	for (size_t i = 0; CORE_ENGINES[i]; i++) {
		struct protocol *protocol = &part->protocols[i];

		if (!protocol_is_outdated(protocol, config))
			continue;
		protocol_close(protocol);
		if (CORE_ENGINES[i]->enabled(config) && protocol_open(protocol))
			result = -EIO;
	}
	return result;
}

static bool counters(const void *state, size_t index, struct counter_group *group)
{
	const struct sockets_part *part = state;

	for (size_t i = 0; CORE_ENGINES[i]; i++)
		if (protocol_counters(&part->protocols[i], &index, group))
			return true;
	return false;
}

static void warn_of_link(
    const struct protocol_port *port, const struct link *link, struct warnings *warnings)
{
	struct address group;
	char text[ADDRESS_TEXT_MAX];
	int error = protocol_port_group_error(port, link->index, &group);

	if (error == -EADDRINUSE)
		warnings_add(warnings,
		    "%s: UDP port %u is taken by a program that does not share it (%s); find it "
		    "with `ss -ulpn sport = :%u`",
		    link->name, port->needs.port, port->name, port->needs.port);
	else if (error)
		warnings_add(warnings, "%s: cannot join the multicast group %s (%s): %s",
		    link->name, address_text(&group, text), port->name, strerror(-error));
	if (echoes_is_silent(&port->echoes, link->index))
		warnings_add(warnings,
		    "%s: our own multicasts do not come back: does a firewall drop UDP port %u?",
		    link->name, port->needs.port);
}

static void warn_of_starvation(
    const struct sockets_part *part, const struct link *link, struct warnings *warnings)
{
	unsigned seconds = core_config(part->hub->core)->network.multicast_timeout;
	bool minutes = seconds >= 60;

	if (starvation_has(&part->starvation, link->index))
		warnings_add(warnings,
		    "no multicast received on %s for %u %s while broadcast is: does a switch "
		    "withhold it (IGMP snooping without a querier)?",
		    link->name, minutes ? seconds / 60 : seconds, minutes ? "min" : "s");
}

static void warn(const void *state, struct warnings *warnings)
{
	const struct sockets_part *part = state;
	const struct link_set *usable = core_usable_links(part->hub->core);

	for (size_t i = 0; CORE_ENGINES[i]; i++) {
		const char *lack = engine_lacks(CORE_ENGINES[i], core_config(part->hub->core));

		if (lack)
			warnings_add(warnings, "%s: %s", CORE_ENGINES[i]->id.name, lack);
	}
	for (size_t i = 0; i < usable->count; i++)
		warn_of_starvation(part, &usable->links[i], warnings);
	for (size_t i = 0; i < usable->count; i++)
		for (size_t k = 0; CORE_ENGINES[k]; k++)
			for (size_t p = 0; p < part->protocols[k].port_count; p++)
				warn_of_link(
				    &part->protocols[k].ports[p], &usable->links[i], warnings);
}

static void traffic(const void *state, uint32_t link, struct control_link_traffic *traffic)
{
	const struct sockets_part *part = state;

	for (size_t i = 0; CORE_ENGINES[i]; i++)
		protocol_traffic(&part->protocols[i], link, traffic);
}

const struct part SOCKETS_PART = {
    .name = "sockets",
    .open = open_sockets,
    .stop = stop,
    .close = close_sockets,
    .advance = advance,
    .deadline = deadline,
    .reload = reload,
    .link_changed = link_changed,
    .counters = counters,
    .warn = warn,
    .traffic = traffic,
};
