/* SPDX-License-Identifier: ISC
 * protocol: one engine with its sockets: carries datagrams in, and sends and sightings out. */
#include "discoverd/protocol.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "discoverd/event_log.h"

#define JOIN_RETRY SECONDS(10)

enum { DYNAMIC_PORT_FIRST = 49152, MOVES_MAX = 16 };

/* Only what goes to a group that is joined there, on the port that we have. */
static bool comes_back(const struct protocol *protocol, const struct outbox_send *send)
{
	const struct udp *shared = protocol->sockets[family_of(&send->to.address)][CHANNEL_SHARED];

	return shared && udp_port(shared) == send->to.port &&
	       udp_membership(shared, &send->to.address, send->link) == 0;
}

/* Does what the engine put in the outbox. */
static void flush(struct protocol *protocol, struct instant now)
{
	struct outbox *outbox = protocol->host->outbox;
	bool renumber = outbox->renumber;

	for (size_t i = 0; i < outbox->send_count; i++) {
		const struct outbox_send *send = &outbox->sends[i];
		struct udp *socket = protocol->sockets[family_of(&send->to.address)][send->channel];

		const struct udp_send datagram = {.link = send->link,
		    .source = send->source,
		    .to = send->to,
		    .ttl = send->ttl,
		    .bytes = send->bytes};

		if (!socket)
			continue;
		int result = udp_send(socket, &datagram);
		event_log_sent(protocol->host->engine->links, protocol->type->name, &datagram, result);
		if (result == 0 && comes_back(protocol, send))
			echoes_sent(&protocol->echoes, now, send->link, send->to.address.family);
	}
	for (size_t i = 0; i < outbox->sighting_count; i++)
		protocol->host->sighted(protocol->host->context, now, &outbox->sightings[i]);
	outbox_reset(outbox);
	if (renumber)
		protocol->host->renumber(protocol->host->context);
}

/* The link that a datagram belongs to, 0 for one that we may not use. What a program on this host
 * sends us unicast comes by loopback; it belongs to the link whose address it was sent to. */
static uint32_t link_of(const struct protocol *protocol, const struct udp_datagram *datagram)
{
	const struct link_set *links = protocol->host->engine->links;

	if (link_set_find(links, datagram->link))
		return datagram->link;
	if (!link_set_has_address(links, &datagram->from.address))
		return 0;
	const struct link *link = link_set_find_address(links, &datagram->to);
	return link ? link->index : 0;
}

static void receive(void *context, struct udp *udp, const struct udp_datagram *datagram)
{
	struct protocol *protocol = context;
	struct instant now = loop_now(protocol->host->loop);
	struct udp *own = protocol->sockets[family_of(&datagram->from.address)][CHANNEL_OWN];
	struct event_log_counts before;
	struct counter_group counters;
	struct datagram input = {
	    .channel = udp == own ? CHANNEL_OWN : CHANNEL_SHARED,
	    .link = link_of(protocol, datagram),
	    .from = datagram->from,
	    .to = datagram->to,
	    .own_port = udp_port(own),
	    .truncated = datagram->truncated,
	    .bytes = datagram->bytes,
	};

	if (!input.link) {
		struct counter_group elsewhere = {protocol->type->name, &protocol->elsewhere, 1};
		event_log_note_counts(&before, &elsewhere);
		protocol->elsewhere.value++;
		event_log_received(protocol->host->engine->links, datagram, &elsewhere, &before);
		udp_note_drop(udp, datagram->link);
		return;
	}
	if (address_is_multicast(&input.to) &&
	    link_set_has_address(protocol->host->engine->links, &input.from.address) &&
	    echoes_heard(&protocol->echoes, datagram->link, input.to.family))
		protocol->host->warned(protocol->host->context);
	counters = protocol->type->counters(protocol->engine);
	event_log_note_counts(&before, &counters);
	protocol->type->input(protocol->engine, now, &input, protocol->host->outbox);
	event_log_received(protocol->host->engine->links, datagram, &counters, &before);
	if (protocol->host->outbox->refused)
		udp_note_drop(udp, datagram->link);
	flush(protocol, now);
}

static bool has_family(const struct link *link, uint8_t family)
{
	for (size_t i = 0; i < link->address_count; i++)
		if (link->addresses[i].prefix.address.family == family)
			return true;
	return false;
}

size_t protocol_groups(
    const struct protocol *protocol, uint32_t link, struct address *groups, size_t max)
{
	size_t count = 0;

	for (size_t i = 0; i < protocol->port.group_count && count < max; i++) {
		const struct address *group = &protocol->port.groups[i];
		const struct udp *socket = protocol->sockets[family_of(group)][CHANNEL_SHARED];

		if (socket && udp_membership(socket, group, link) == 0)
			groups[count++] = *group;
	}
	return count;
}

int protocol_group_error(const struct protocol *protocol, uint32_t link, struct address *group)
{
	for (size_t i = 0; i < protocol->port.group_count; i++) {
		const struct udp *socket =
		    protocol->sockets[family_of(&protocol->port.groups[i])][CHANNEL_SHARED];
		int error =
		    socket ? udp_membership(socket, &protocol->port.groups[i], link) : -ENOENT;

		*group = protocol->port.groups[i];
		if (error && error != -ENOENT)
			return error;
	}
	return 0;
}

/* Is joined on a link where its family has an address. What fails is tried again later. */
static void follow_group(
    struct protocol *protocol, const struct address *group, uint32_t index, bool wanted)
{
	struct udp *socket = protocol->sockets[family_of(group)][CHANNEL_SHARED];

	if (!socket)
		return;
	if (!wanted)
		udp_leave(socket, group, index);
	else if (udp_join(socket, group, index) < 0)
		protocol->retry = instant_earlier(
		    protocol->retry, instant_add(loop_now(protocol->host->loop), JOIN_RETRY));
}

/* `link` NULL: it is not used any more. */
static void follow_groups(struct protocol *protocol, uint32_t index, const struct link *link)
{
	for (size_t i = 0; i < protocol->port.group_count; i++) {
		const struct address *group = &protocol->port.groups[i];

		follow_group(protocol, group, index, link && has_family(link, group->family));
	}
}

static void follow_all_groups(struct protocol *protocol)
{
	const struct link_set *links = protocol->host->engine->links;

	protocol->retry = INSTANT_NEVER;
	for (size_t i = 0; i < links->count; i++)
		follow_groups(protocol, links->links[i].index, &links->links[i]);
}

static void explain_busy(const struct protocol *protocol, int error)
{
	unsigned port = protocol->port.port;

	if (error == -EADDRINUSE)
		log_error("%s: UDP port %u is taken by a program that does not share it; find it "
			  "with `ss -ulpn sport = :%u` and stop "
			  "it, or switch this protocol off with `enabled = no` in its section",
		    protocol->type->name, port, port);
	else if (error == -EACCES || error == -EPERM)
		log_error("%s: no permission to open UDP port %u: %s; a port below 1024 needs "
			  "CAP_NET_BIND_SERVICE",
		    protocol->type->name, port, strerror(-error));
	else
		log_error("%s: cannot open UDP port %u: %s", protocol->type->name, port,
		    strerror(-error));
}

static int open_socket(
    struct protocol *protocol, enum family family, enum channel channel, uint16_t port)
{
	static const char *const SUFFIXES[FAMILIES] = {"", "6"};
	char *name = protocol->socket_names[family][channel];
	bool shared = channel == CHANNEL_SHARED;
	struct udp_options options = {
	    .name = name,
	    .family = family == FAMILY_IPV6 ? ADDRESS_IPV6 : ADDRESS_IPV4,
	    .port = port,
	    .shared = shared,
	    .broadcast = protocol->port.broadcast,
	};

	snprintf(name, sizeof(protocol->socket_names[family][channel]), "%s-%s%s",
	    protocol->type->name, shared ? "socket" : "own-socket", SUFFIXES[family]);
	return udp_open(
	    protocol->host->loop, &options, receive, protocol, &protocol->sockets[family][channel]);
}

/* Of the dynamic ports (RFC 6335), from where UDA 2.0, 1.2.2 wants SEARCHPORT to be. */
static int open_elsewhere(struct protocol *protocol, enum family family)
{
	struct rng *rng = protocol->host->engine->rng;
	int result = -EADDRINUSE;

	for (unsigned i = 0; i < MOVES_MAX && result == -EADDRINUSE; i++)
		result = open_socket(protocol, family, CHANNEL_SHARED,
		    (uint16_t)rng_between(rng, DYNAMIC_PORT_FIRST, UINT16_MAX));
	if (!result)
		log_warning("%s: UDP port %u is taken by a program that does not share it; find "
			    "it with `ss -ulpn sport = :%u`. Until the next start what others "
			    "announce is not heard, and searches reach us on port %u only",
		    protocol->type->name, protocol->port.port, protocol->port.port,
		    udp_port(protocol->sockets[family][CHANNEL_SHARED]));
	return result;
}

static int open_family(struct protocol *protocol, enum family family)
{
	int result = open_socket(protocol, family, CHANNEL_SHARED, protocol->port.port);

	if (result == -EADDRINUSE && protocol->port.may_move)
		result = open_elsewhere(protocol, family);
	return result ? result : open_socket(protocol, family, CHANNEL_OWN, 0);
}

static void close_family(struct protocol *protocol, enum family family)
{
	for (size_t i = 0; i < CHANNELS; i++) {
		udp_close(protocol->sockets[family][i]);
		protocol->sockets[family][i] = NULL;
	}
}

static void close_sockets(struct protocol *protocol)
{
	for (size_t i = 0; i < FAMILIES; i++)
		close_family(protocol, (enum family)i);
}

/* A kernel without IPv6 is no reason not to start. */
static int open_sockets(struct protocol *protocol)
{
	int result = open_family(protocol, FAMILY_IPV4), ipv6;

	if (result || !protocol->port.ipv6)
		return result;
	ipv6 = open_family(protocol, FAMILY_IPV6);
	if (!ipv6)
		return 0;
	log_line(
	    ipv6 == -EAFNOSUPPORT || ipv6 == -EADDRNOTAVAIL ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING,
	    "%s: goes without IPv6: %s", protocol->type->name, strerror(-ipv6));
	close_family(protocol, FAMILY_IPV6);
	return 0;
}

int protocol_open(
    struct protocol *protocol, const struct engine_type *type, const struct protocol_host *host)
{
	struct instant now = loop_now(host->loop);
	int result;

	*protocol = (struct protocol){.type = type,
	    .host = host,
	    .port = type->port(host->engine->config),
	    .elsewhere = {"unused-interface", 0}};
	result = open_sockets(protocol);
	if (!result && !(protocol->engine = type->create(host->engine)))
		result = -ENOMEM;
	if (result) {
		explain_busy(protocol, result);
		close_sockets(protocol);
		return result;
	}
	for (size_t i = 0; i < FAMILIES; i++)
		if (protocol->sockets[i][CHANNEL_SHARED])
			protocol->engine->ports[i] = udp_port(protocol->sockets[i][CHANNEL_SHARED]);
	follow_all_groups(protocol);
	type->start(protocol->engine, now, host->outbox);
	flush(protocol, now);
	return 0;
}

void protocol_close(struct protocol *protocol)
{
	struct instant now;

	if (!protocol->engine)
		return;
	now = loop_now(protocol->host->loop);
	protocol->type->stop(protocol->engine, now, protocol->host->outbox);
	flush(protocol, now);
	protocol->type->destroy(protocol->engine);
	protocol->engine = NULL;
	close_sockets(protocol);
	echoes_fini(&protocol->echoes);
}

/* True: a link has become silent. */
static bool look_at_echoes(struct protocol *protocol, struct instant now)
{
	if (!instant_due(echoes_deadline(&protocol->echoes), now))
		return false;
	for (size_t i = 0; i < FAMILIES; i++) {
		const struct udp *shared = protocol->sockets[i][CHANNEL_SHARED];
		uint64_t drops = shared ? udp_drops(shared) : 0;

		if (drops != protocol->drops[i])
			echoes_excuse(
			    &protocol->echoes, i == FAMILY_IPV6 ? ADDRESS_IPV6 : ADDRESS_IPV4);
		protocol->drops[i] = drops;
	}
	return echoes_advance(&protocol->echoes, now);
}

void protocol_advance(struct protocol *protocol, struct instant now)
{
	if (!protocol->engine)
		return;
	bool warned = look_at_echoes(protocol, now);
	if (instant_due(protocol->retry, now)) {
		follow_all_groups(protocol);
		warned = true;
	}
	if (warned)
		protocol->host->warned(protocol->host->context);
	if (!instant_due(protocol->type->deadline(protocol->engine), now))
		return;
	protocol->type->advance(protocol->engine, now, protocol->host->outbox);
	flush(protocol, now);
}

struct instant protocol_deadline(const struct protocol *protocol)
{
	if (!protocol->engine)
		return INSTANT_NEVER;
	return instant_earlier(instant_earlier(protocol->retry, echoes_deadline(&protocol->echoes)),
	    protocol->type->deadline(protocol->engine));
}

void protocol_link_changed(
    struct protocol *protocol, struct instant now, const struct link_change *change)
{
	if (!protocol->engine)
		return;
	if (change->event == LINK_GONE)
		echoes_forget(&protocol->echoes, change->link->index);
	/* of an address that went, `link` is as it was before */
	follow_groups(protocol, change->link->index,
	    change->event == LINK_GONE
		? NULL
		: link_set_find(protocol->host->engine->links, change->link->index));
	protocol->type->link_changed(protocol->engine, now, change, protocol->host->outbox);
	flush(protocol, now);
}

void protocol_announcement_changed(
    struct protocol *protocol, struct instant now, const struct announcement_change *change)
{
	if (!protocol->engine)
		return;
	protocol->type->announcement_changed(protocol->engine, now, change, protocol->host->outbox);
	flush(protocol, now);
}

void protocol_search(
    struct protocol *protocol, struct instant now, struct slice target, unsigned seconds)
{
	if (!protocol->engine)
		return;
	protocol->type->search(protocol->engine, now, target, seconds, protocol->host->outbox);
	flush(protocol, now);
}

void protocol_question(
    struct protocol *protocol, struct instant now, const struct engine_question *question)
{
	if (protocol->engine)
		protocol->type->question(protocol->engine, now, question);
}

bool protocol_is_outdated(
    const struct protocol *protocol, const struct engine_type *type, const struct config *config)
{
	if (!type->enabled(config))
		return protocol->engine != NULL;
	struct engine_port wanted = type->port(config);
	return !protocol->engine || wanted.port != protocol->port.port ||
	       wanted.ipv6 != protocol->port.ipv6;
}
