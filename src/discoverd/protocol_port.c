/* SPDX-License-Identifier: ISC
 * protocol_port: see protocol_port.h. */
#include "discoverd/protocol_port.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"

#define JOIN_RETRY SECONDS(10)

enum { DYNAMIC_PORT_FIRST = 49152, MOVES_MAX = 16 };

const struct udp *protocol_port_socket(const struct protocol_port *port, size_t index)
{
	return port->sockets[index / CHANNELS][index % CHANNELS];
}

static bool has_family(const struct link *link, uint8_t family)
{
	for (size_t i = 0; i < link->address_count; i++)
		if (link->addresses[i].prefix.address.family == family)
			return true;
	return false;
}

static void add_group(struct control_link_traffic *traffic, const struct address *group)
{
	for (size_t i = 0; i < traffic->group_count; i++)
		if (address_equal(&traffic->groups[i], group))
			return;
	if (traffic->group_count < CONTROL_GROUPS_MAX)
		traffic->groups[traffic->group_count++] = *group;
}

void protocol_port_groups(
    const struct protocol_port *port, uint32_t link, struct control_link_traffic *traffic)
{
	for (size_t i = 0; i < port->needs.group_count; i++) {
		const struct address *group = &port->needs.groups[i];
		const struct udp *socket = port->sockets[family_of(group)][CHANNEL_SHARED];

		if (socket && address_is_multicast(group) &&
		    udp_membership(socket, group, link) == 0)
			add_group(traffic, group);
	}
}

int protocol_port_group_error(
    const struct protocol_port *port, uint32_t link, struct address *group)
{
	for (size_t i = 0; i < port->needs.group_count; i++) {
		const struct udp *socket =
		    port->sockets[family_of(&port->needs.groups[i])][CHANNEL_SHARED];
		int error = socket ? udp_membership(socket, &port->needs.groups[i], link) : -ENOENT;

		*group = port->needs.groups[i];
		if (error && error != -ENOENT)
			return error;
	}
	return 0;
}

/* Is joined on a link where its family has an address. What fails is tried again later. */
static void follow_group(
    struct protocol_port *port, const struct address *group, uint32_t index, bool wanted)
{
	struct udp *socket = port->sockets[family_of(group)][CHANNEL_SHARED];

	if (!socket)
		return;
	if (!wanted)
		udp_leave(socket, group, index);
	else if (udp_join(socket, group, index) < 0)
		port->retry = instant_earlier(
		    port->retry, instant_add(loop_now(port->host->loop), JOIN_RETRY));
}

/* `link` NULL: it is not used any more. */
static void follow_groups(struct protocol_port *port, uint32_t index, const struct link *link)
{
	for (size_t i = 0; i < port->needs.group_count; i++) {
		const struct address *group = &port->needs.groups[i];

		follow_group(port, group, index, link && has_family(link, group->family));
	}
}

void protocol_port_join(struct protocol_port *port)
{
	const struct link_set *links = core_usable_links(port->host->core);

	port->retry = INSTANT_NEVER;
	for (size_t i = 0; i < links->count; i++)
		follow_groups(port, links->links[i].index, &links->links[i]);
}

void protocol_port_link_changed(struct protocol_port *port, const struct link_change *change)
{
	const struct link_set *links = core_usable_links(port->host->core);
	uint32_t index = change->link->index;

	if (change->event == LINK_GONE)
		echoes_forget(&port->echoes, index);
	/* of an address that went, `link` is as it was before */
	follow_groups(port, index, change->event == LINK_GONE ? NULL : link_set_find(links, index));
}

static void explain_busy(const struct protocol_port *port, int error)
{
	unsigned number = port->needs.port;

	if (error == -EADDRINUSE)
		log_error("%s: UDP port %u is taken by a program that does not share it; find it "
			  "with `ss -ulpn sport = :%u` and stop "
			  "it, or switch this protocol off with `enabled = no` in its section",
		    port->name, number, number);
	else if (error == -EACCES || error == -EPERM)
		log_error("%s: no permission to open UDP port %u: %s; a port below 1024 needs "
			  "CAP_NET_BIND_SERVICE",
		    port->name, number, strerror(-error));
	else
		log_error("%s: cannot open UDP port %u: %s", port->name, number, strerror(-error));
}

/* Where there are several rows, the number of the port tells their sockets apart. */
static void name_sockets(struct protocol_port *port, bool only)
{
	static const char *const SUFFIXES[FAMILIES] = {"", "6"};
	char number[8] = "";

	if (!only)
		snprintf(number, sizeof(number), "%u-", port->needs.port);
	for (size_t i = 0; i < FAMILIES * CHANNELS; i++) {
		char *name = port->socket_names[i / CHANNELS][i % CHANNELS];

		snprintf(name, sizeof(port->socket_names[0][0]), "%s-%s%ssocket%s", port->name,
		    number, i % CHANNELS == CHANNEL_OWN ? "own-" : "", SUFFIXES[i / CHANNELS]);
	}
}

static int open_socket(struct protocol_port *port, enum family family, enum channel channel,
    uint16_t number, udp_receive_fn *fn)
{
	bool shared = channel == CHANNEL_SHARED;
	struct udp_options options = {
	    .name = port->socket_names[family][channel],
	    .family = family == FAMILY_IPV6 ? ADDRESS_IPV6 : ADDRESS_IPV4,
	    .port = number,
	    .datagram_max = port->needs.datagram_max,
	    .ttl = port->needs.ttl,
	    .shared = shared,
	    .broadcast = port->needs.broadcast,
	    .by_group = shared && port->needs.by_group,
	    .descriptors_end = port->host->descriptors_end,
	    .memory = port->host->memory,
	};

	return udp_open(port->host->loop, &options, fn, port, &port->sockets[family][channel]);
}

/* Of the dynamic ports (RFC 6335), from where UDA 2.0, 1.2.2 wants SEARCHPORT to be. */
static int open_elsewhere(struct protocol_port *port, enum family family, udp_receive_fn *fn)
{
	struct rng *rng = port->host->rng;
	int result = -EADDRINUSE;

	for (unsigned i = 0; i < MOVES_MAX && result == -EADDRINUSE; i++)
		result = open_socket(port, family, CHANNEL_SHARED,
		    (uint16_t)rng_between(rng, DYNAMIC_PORT_FIRST, UINT16_MAX), fn);
	if (!result)
		log_warning("%s: UDP port %u is taken by a program that does not share it; find "
			    "it with `ss -ulpn sport = :%u`. Until the next start what others "
			    "announce is not heard, and searches reach us on port %u only",
		    port->name, port->needs.port, port->needs.port,
		    udp_port(port->sockets[family][CHANNEL_SHARED]));
	return result;
}

static int open_family(struct protocol_port *port, enum family family, udp_receive_fn *fn)
{
	int result = open_socket(port, family, CHANNEL_SHARED, port->needs.port, fn);

	if (result == -EADDRINUSE && port->needs.may_move)
		result = open_elsewhere(port, family, fn);
	if (!result && port->needs.ephemeral)
		result = open_socket(port, family, CHANNEL_OWN, 0, fn);
	return result;
}

static void close_family(struct protocol_port *port, enum family family)
{
	for (size_t i = 0; i < CHANNELS; i++) {
		udp_close(port->sockets[family][i]);
		port->sockets[family][i] = NULL;
	}
}

/* A kernel without IPv6 is no reason not to start. */
static void open_ipv6(struct protocol_port *port, udp_receive_fn *fn)
{
	int result = open_family(port, FAMILY_IPV6, fn);

	if (!result)
		return;
	log_line(result == -EAFNOSUPPORT || result == -EADDRNOTAVAIL ? LOG_LEVEL_INFO
								     : LOG_LEVEL_WARNING,
	    "%s: goes without IPv6: %s", port->name, strerror(-result));
	close_family(port, FAMILY_IPV6);
}

int protocol_port_open(struct protocol_port *port, bool only, udp_receive_fn *fn)
{
	port->retry = INSTANT_NEVER;
	name_sockets(port, only);
	int result = open_family(port, FAMILY_IPV4, fn);
	if (result) {
		explain_busy(port, result);
		protocol_port_close(port);
		return result;
	}
	if (port->needs.ipv6)
		open_ipv6(port, fn);
	return 0;
}

void protocol_port_close(struct protocol_port *port)
{
	for (size_t i = 0; i < FAMILIES; i++)
		close_family(port, (enum family)i);
	echoes_fini(&port->echoes);
}

/* True: a link has become silent. */
static bool look_at_echoes(struct protocol_port *port, struct instant now)
{
	if (!instant_due(echoes_deadline(&port->echoes), now))
		return false;
	for (size_t i = 0; i < FAMILIES; i++) {
		const struct udp *shared = port->sockets[i][CHANNEL_SHARED];
		uint64_t drops = shared ? udp_drops(shared) : 0;

		if (drops != port->drops[i])
			echoes_excuse(
			    &port->echoes, i == FAMILY_IPV6 ? ADDRESS_IPV6 : ADDRESS_IPV4);
		port->drops[i] = drops;
	}
	return echoes_advance(&port->echoes, now);
}

bool protocol_port_advance(struct protocol_port *port, struct instant now)
{
	bool warned = look_at_echoes(port, now);

	if (!instant_due(port->retry, now))
		return warned;
	protocol_port_join(port);
	return true;
}

struct instant protocol_port_deadline(const struct protocol_port *port)
{
	return instant_earlier(port->retry, echoes_deadline(&port->echoes));
}
