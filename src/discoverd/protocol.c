/* SPDX-License-Identifier: ISC
 * protocol: one engine with its sockets: carries datagrams in, and sends and sightings out. */
#include "discoverd/protocol.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "discoverd/event_log.h"
#include "model/link_change.h"

#define JOIN_RETRY SECONDS(10)

enum { DYNAMIC_PORT_FIRST = 49152, MOVES_MAX = 16 };

static const struct link_set *links_of(const struct protocol *protocol)
{
	return core_usable_links(protocol->host->core);
}

/* Only what goes to a group that is joined there, on the port that we have. */
static bool comes_back(const struct protocol *protocol, const struct outbox_send *send)
{
	const struct udp *shared = protocol->sockets[family_of(&send->to.address)][CHANNEL_SHARED];

	return shared && udp_port(shared) == send->to.port &&
	       udp_membership(shared, &send->to.address, send->link) == 0;
}

void protocol_send(struct protocol *protocol, struct instant now, const struct outbox_send *send)
{
	struct udp *socket = protocol->sockets[family_of(&send->to.address)][send->channel];
	const struct udp_send datagram = {.link = send->link,
	    .source = send->source,
	    .to = send->to,
	    .ttl = send->ttl,
	    .bytes = send->bytes};

	if (!socket)
		return;
	int result = udp_send(socket, &datagram);
	event_log_sent(links_of(protocol), protocol->type->id.name, &datagram, result);
	if (result == 0 && comes_back(protocol, send))
		echoes_sent(&protocol->echoes, now, send->link, send->to.address.family);
}

/* The link that a datagram belongs to, 0 for one that we may not use. What a program on this host
 * sends us unicast comes by loopback; it belongs to the link whose address it was sent to. */
static uint32_t link_of(const struct protocol *protocol, const struct udp_datagram *datagram)
{
	const struct link_set *links = links_of(protocol);

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
	    .own_port = own ? udp_port(own) : 0,
	    .truncated = datagram->truncated,
	    .bytes = datagram->bytes,
	};

	if (!input.link) {
		struct counter_group elsewhere = {protocol->type->id.name, &protocol->elsewhere, 1};
		event_log_note_counts(&before, &elsewhere);
		protocol->elsewhere.value++;
		event_log_received(links_of(protocol), datagram, &elsewhere, &before);
		udp_note_drop(udp, datagram->link);
		return;
	}
	if (address_is_multicast(&input.to) &&
	    link_set_has_address(links_of(protocol), &input.from.address) &&
	    echoes_heard(&protocol->echoes, datagram->link, input.to.family))
		protocol->host->warned(protocol->host->context);
	counters = core_engine_counters(protocol->host->core, protocol->engine);
	event_log_note_counts(&before, &counters);
	bool taken = core_input(protocol->host->core, now, protocol->engine, &input);
	event_log_received(links_of(protocol), datagram, &counters, &before);
	if (!taken)
		udp_note_drop(udp, datagram->link);
}

static bool has_family(const struct link *link, uint8_t family)
{
	for (size_t i = 0; i < link->address_count; i++)
		if (link->addresses[i].prefix.address.family == family)
			return true;
	return false;
}

static const struct udp *socket_at(const struct protocol *protocol, size_t index)
{
	return protocol->sockets[index / CHANNELS][index % CHANNELS];
}

bool protocol_counters(const struct protocol *protocol, size_t *index, struct counter_group *group)
{
	if (!protocol->open)
		return false;
	if (*index == 0)
		*group = core_engine_counters(protocol->host->core, protocol->engine);
	if (*index == 1)
		*group = (struct counter_group){protocol->type->id.name, &protocol->elsewhere, 1};
	if (*index < 2)
		return true;
	*index -= 2;
	for (size_t i = 0; i < FAMILIES * CHANNELS; i++) {
		if (!socket_at(protocol, i) || (*index)-- > 0)
			continue;
		*group = udp_counters(socket_at(protocol, i));
		return true;
	}
	return false;
}

void protocol_traffic(
    const struct protocol *protocol, uint32_t link, struct control_link_traffic *traffic)
{
	struct udp_traffic sum = {0};
	size_t room = CONTROL_GROUPS_MAX - traffic->group_count;

	if (!protocol->open)
		return;
	for (size_t i = 0; i < FAMILIES * CHANNELS; i++)
		if (socket_at(protocol, i))
			udp_link_traffic(socket_at(protocol, i), link, &sum);
	traffic->received += sum.received;
	traffic->sent += sum.sent;
	traffic->dropped += sum.dropped;
	traffic->group_count +=
	    protocol_groups(protocol, link, traffic->groups + traffic->group_count, room);
}

size_t protocol_groups(
    const struct protocol *protocol, uint32_t link, struct address *groups, size_t max)
{
	size_t count = 0;

	for (size_t i = 0; i < protocol->needs.group_count && count < max; i++) {
		const struct address *group = &protocol->needs.groups[i];
		const struct udp *socket = protocol->sockets[family_of(group)][CHANNEL_SHARED];

		if (socket && udp_membership(socket, group, link) == 0)
			groups[count++] = *group;
	}
	return count;
}

int protocol_group_error(const struct protocol *protocol, uint32_t link, struct address *group)
{
	for (size_t i = 0; i < protocol->needs.group_count; i++) {
		const struct udp *socket =
		    protocol->sockets[family_of(&protocol->needs.groups[i])][CHANNEL_SHARED];
		int error =
		    socket ? udp_membership(socket, &protocol->needs.groups[i], link) : -ENOENT;

		*group = protocol->needs.groups[i];
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
	for (size_t i = 0; i < protocol->needs.group_count; i++) {
		const struct address *group = &protocol->needs.groups[i];

		follow_group(protocol, group, index, link && has_family(link, group->family));
	}
}

static void follow_all_groups(struct protocol *protocol)
{
	const struct link_set *links = links_of(protocol);

	protocol->retry = INSTANT_NEVER;
	for (size_t i = 0; i < links->count; i++)
		follow_groups(protocol, links->links[i].index, &links->links[i]);
}

static void explain_busy(const struct protocol *protocol, int error)
{
	unsigned port = protocol->needs.port;

	if (error == -EADDRINUSE)
		log_error("%s: UDP port %u is taken by a program that does not share it; find it "
			  "with `ss -ulpn sport = :%u` and stop "
			  "it, or switch this protocol off with `enabled = no` in its section",
		    protocol->type->id.name, port, port);
	else if (error == -EACCES || error == -EPERM)
		log_error("%s: no permission to open UDP port %u: %s; a port below 1024 needs "
			  "CAP_NET_BIND_SERVICE",
		    protocol->type->id.name, port, strerror(-error));
	else
		log_error("%s: cannot open UDP port %u: %s", protocol->type->id.name, port,
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
	    .datagram_max = protocol->needs.datagram_max,
	    .ttl = protocol->needs.ttl,
	    .shared = shared,
	    .broadcast = protocol->needs.broadcast,
	    .by_group = shared && protocol->needs.by_group,
	};

	snprintf(name, sizeof(protocol->socket_names[family][channel]), "%s-%s%s",
	    protocol->type->id.name, shared ? "socket" : "own-socket", SUFFIXES[family]);
	return udp_open(
	    protocol->host->loop, &options, receive, protocol, &protocol->sockets[family][channel]);
}

/* Of the dynamic ports (RFC 6335), from where UDA 2.0, 1.2.2 wants SEARCHPORT to be. */
static int open_elsewhere(struct protocol *protocol, enum family family)
{
	struct rng *rng = protocol->host->rng;
	int result = -EADDRINUSE;

	for (unsigned i = 0; i < MOVES_MAX && result == -EADDRINUSE; i++)
		result = open_socket(protocol, family, CHANNEL_SHARED,
		    (uint16_t)rng_between(rng, DYNAMIC_PORT_FIRST, UINT16_MAX));
	if (!result)
		log_warning("%s: UDP port %u is taken by a program that does not share it; find "
			    "it with `ss -ulpn sport = :%u`. Until the next start what others "
			    "announce is not heard, and searches reach us on port %u only",
		    protocol->type->id.name, protocol->needs.port, protocol->needs.port,
		    udp_port(protocol->sockets[family][CHANNEL_SHARED]));
	return result;
}

static int open_family(struct protocol *protocol, enum family family)
{
	int result = open_socket(protocol, family, CHANNEL_SHARED, protocol->needs.port);

	if (result == -EADDRINUSE && protocol->needs.may_move)
		result = open_elsewhere(protocol, family);
	if (!result && protocol->needs.ephemeral)
		result = open_socket(protocol, family, CHANNEL_OWN, 0);
	return result;
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

	if (result || !protocol->needs.ipv6)
		return result;
	ipv6 = open_family(protocol, FAMILY_IPV6);
	if (!ipv6)
		return 0;
	log_line(
	    ipv6 == -EAFNOSUPPORT || ipv6 == -EADDRNOTAVAIL ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING,
	    "%s: goes without IPv6: %s", protocol->type->id.name, strerror(-ipv6));
	close_family(protocol, FAMILY_IPV6);
	return 0;
}

void protocol_init(struct protocol *protocol, size_t engine, const struct protocol_host *host)
{
	*protocol = (struct protocol){.engine = engine,
	    .type = CORE_ENGINES[engine],
	    .host = host,
	    .elsewhere = {"unused-interface", 0},
	    .retry = INSTANT_NEVER};
}

int protocol_open(struct protocol *protocol)
{
	struct core *core = protocol->host->core;
	uint16_t ports[FAMILIES] = {0};
	int result;

	protocol->needs = protocol->type->sockets(core_config(core));
	result = open_sockets(protocol);
	if (result) {
		explain_busy(protocol, result);
		close_sockets(protocol);
		return result;
	}
	for (size_t i = 0; i < FAMILIES; i++)
		if (protocol->sockets[i][CHANNEL_SHARED])
			ports[i] = udp_port(protocol->sockets[i][CHANNEL_SHARED]);
	protocol->open = true;
	follow_all_groups(protocol);
	result = core_start_engine(core, loop_now(protocol->host->loop), protocol->engine, ports);
	if (result)
		protocol_close(protocol);
	return result;
}

void protocol_close(struct protocol *protocol)
{
	if (!protocol->open)
		return;
	core_stop_engine(protocol->host->core, loop_now(protocol->host->loop), protocol->engine);
	protocol->open = false;
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
	if (!protocol->open)
		return;
	bool warned = look_at_echoes(protocol, now);
	if (instant_due(protocol->retry, now)) {
		follow_all_groups(protocol);
		warned = true;
	}
	if (warned)
		protocol->host->warned(protocol->host->context);
}

struct instant protocol_deadline(const struct protocol *protocol)
{
	return protocol->open ? instant_earlier(protocol->retry, echoes_deadline(&protocol->echoes))
			      : INSTANT_NEVER;
}

void protocol_link_changed(struct protocol *protocol, const struct link_change *change)
{
	if (!protocol->open)
		return;
	if (change->event == LINK_GONE)
		echoes_forget(&protocol->echoes, change->link->index);
	/* of an address that went, `link` is as it was before */
	follow_groups(protocol, change->link->index,
	    change->event == LINK_GONE ? NULL
				       : link_set_find(links_of(protocol), change->link->index));
}

bool protocol_is_outdated(const struct protocol *protocol, const struct config *config)
{
	if (!protocol->type->enabled(config))
		return protocol->open;
	struct engine_sockets wanted = protocol->type->sockets(config);
	return !protocol->open || !engine_sockets_equal(&wanted, &protocol->needs);
}
