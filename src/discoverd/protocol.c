/* SPDX-License-Identifier: ISC
 * protocol: one engine with its sockets: carries datagrams in, and sends and sightings out. */
#include "discoverd/protocol.h"
#include "discoverd/event_log.h"
#include <errno.h>
#include <stdlib.h>

static const struct link_set *links_of(const struct protocol *protocol)
{
	return core_usable_links(protocol->host->core);
}

/* Only what goes to a group that is joined there, on the port that we have. */
static bool comes_back(const struct protocol_port *port, const struct outbox_send *send)
{
	const struct udp *shared = port->sockets[family_of(&send->to.address)][CHANNEL_SHARED];

	return shared && udp_port(shared) == send->to.port &&
	       address_is_multicast(&send->to.address) &&
	       udp_membership(shared, &send->to.address, send->link) == 0;
}

/* Its socket; NULL: it is not open. */
static struct udp *socket_of(struct protocol *protocol, const struct outbox_send *send)
{
	if (send->row >= protocol->port_count)
		return NULL;
	return protocol->ports[send->row].sockets[family_of(&send->to.address)][send->channel];
}

/* How many of them leave by the socket of the first one, and fit into a batch. */
static size_t batch_len(struct protocol *protocol, const struct outbox_send sends[], size_t count)
{
	const struct udp *socket = socket_of(protocol, sends);
	size_t len = 1;

	while (len < count && len < UDP_BATCH_MAX && socket_of(protocol, &sends[len]) == socket)
		len++;
	return len;
}

static void send_batch(
    struct protocol *protocol, struct instant now, const struct outbox_send sends[], size_t count)
{
	struct udp *socket = socket_of(protocol, sends);
	struct udp_send batch[UDP_BATCH_MAX];

	if (!socket)
		return;
	struct protocol_port *port = &protocol->ports[sends->row];
	for (size_t i = 0; i < count; i++)
		batch[i] = (struct udp_send){.link = sends[i].link,
		    .source = sends[i].source,
		    .to = sends[i].to,
		    .ttl = sends[i].ttl,
		    .bytes = sends[i].bytes};
	udp_send(socket, batch, count);
	for (size_t i = 0; i < count; i++) {
		event_log_sent(links_of(protocol), protocol->type->id.name, &batch[i]);
		if (batch[i].error == 0 && comes_back(port, &sends[i]))
			echoes_sent(&port->echoes, now, sends[i].link, sends[i].to.address.family);
	}
}

void protocol_send(
    struct protocol *protocol, struct instant now, const struct outbox_send sends[], size_t count)
{
	for (size_t done = 0, len; done < count; done += len) {
		len = batch_len(protocol, &sends[done], count - done);
		send_batch(protocol, now, &sends[done], len);
	}
}

/* The link that a datagram belongs to, NULL for one that we may not use. What a program on this
 * host sends us unicast comes by loopback; it belongs to the link whose address it was sent to. */
static const struct link *link_of(
    const struct link_set *links, const struct udp_datagram *datagram, bool from_this_host)
{
	const struct link *link = link_set_find(links, datagram->link);

	return link || !from_this_host ? link : link_set_find_address(links, &datagram->to);
}

/* True when a switch may withhold a group of this port. */
static bool has_groups(const struct protocol_port *port)
{
	for (size_t i = 0; i < port->needs.group_count; i++)
		if (starvation_concerns(&port->needs.groups[i]))
			return true;
	return false;
}

static bool is_broadcast(const struct link *link, const struct address *to)
{
	for (size_t i = 0; i < link->address_count; i++)
		if (address_equal(&link->addresses[i].broadcast, to))
			return true;
	return address_is_limited_broadcast(to);
}

/* Of a datagram of another host. */
static enum arrival arrival_of(
    const struct protocol_port *port, const struct link *link, const struct address *to)
{
	if (to->family != ADDRESS_IPV4)
		return ARRIVAL_OTHER;
	if (address_is_multicast(to))
		return starvation_concerns(to) ? ARRIVAL_GROUP : ARRIVAL_OTHER;
	if (is_broadcast(link, to))
		return ARRIVAL_BROADCAST;
	return has_groups(port) ? ARRIVAL_UNICAST : ARRIVAL_OTHER;
}

static void note_arrival(const struct protocol_port *port, struct instant now,
    const struct link *link, enum arrival arrival)
{
	const struct protocol_host *host = port->protocol->host;
	int64_t limit = SECONDS(core_config(host->core)->network.multicast_timeout);

	if (limit > 0 && starvation_note(host->starvation, now, link->index, arrival, limit))
		host->warned(host->context);
}

/* A datagram of a link that we may not use. */
static void drop(struct protocol *protocol, struct udp *udp, const struct udp_datagram *datagram)
{
	struct counter_group elsewhere = {protocol->type->id.name, &protocol->elsewhere, 1};
	struct event_log_counts before;

	event_log_note_counts(&before, &elsewhere);
	protocol->elsewhere.value++;
	event_log_received(links_of(protocol), datagram, &elsewhere, &before);
	udp_note_drop(udp, datagram->link);
}

static bool input(struct protocol *protocol, struct instant now, const struct datagram *datagram)
{
	return core_input(protocol->host->core, now, protocol->engine, datagram);
}

/* With a line that says what it was counted as. */
static bool input_logged(struct protocol *protocol, struct instant now,
    const struct udp_datagram *received, const struct datagram *datagram)
{
	struct counter_group counters =
	    core_engine_counters(protocol->host->core, protocol->engine);
	struct event_log_counts before;

	event_log_note_counts(&before, &counters);
	bool taken = input(protocol, now, datagram);
	event_log_received(links_of(protocol), received, &counters, &before);
	return taken;
}

static void receive(void *context, struct udp *udp, const struct udp_datagram *datagram)
{
	struct protocol_port *port = context;
	struct protocol *protocol = port->protocol;
	struct instant now = loop_now(protocol->host->loop);
	const struct link_set *links = links_of(protocol);
	bool from_this_host = link_set_has_address(links, &datagram->from.address);
	const struct link *link = link_of(links, datagram, from_this_host);
	struct udp *own = port->sockets[family_of(&datagram->from.address)][CHANNEL_OWN];
	struct datagram to_engine = {
	    .row = port->row,
	    .channel = udp == own ? CHANNEL_OWN : CHANNEL_SHARED,
	    .link = link ? link->index : 0,
	    .from = datagram->from,
	    .to = datagram->to,
	    .own_port = own ? udp_port(own) : 0,
	    .truncated = datagram->truncated,
	    .bytes = datagram->bytes,
	};

	if (!link) {
		drop(protocol, udp, datagram);
		return;
	}
	if (!from_this_host)
		note_arrival(port, now, link, arrival_of(port, link, &datagram->to));
	else if (address_is_multicast(&datagram->to) &&
		 echoes_heard(&port->echoes, datagram->link, datagram->to.family))
		protocol->host->warned(protocol->host->context);
	bool taken = log_get_level() >= LOG_LEVEL_DEBUG
			 ? input_logged(protocol, now, datagram, &to_engine)
			 : input(protocol, now, &to_engine);
	if (!taken)
		udp_note_drop(udp, datagram->link);
}

/* The socket at this index of all that the ports have, or NULL; *index is less by as many as there
 * are where it is beyond them. */
static const struct udp *socket_at(const struct protocol *protocol, size_t *index)
{
	for (size_t i = 0; i < protocol->port_count * FAMILIES * CHANNELS; i++) {
		const struct protocol_port *port = &protocol->ports[i / (FAMILIES * CHANNELS)];
		const struct udp *socket = protocol_port_socket(port, i % (FAMILIES * CHANNELS));

		if (socket && (*index)-- == 0)
			return socket;
	}
	return NULL;
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
	const struct udp *socket = socket_at(protocol, index);
	if (socket)
		*group = udp_counters(socket);
	return socket;
}

void protocol_traffic(
    const struct protocol *protocol, uint32_t link, struct control_link_traffic *traffic)
{
	struct udp_traffic sum = {0};
	const struct udp *socket;

	if (!protocol->open)
		return;
	for (size_t i = 0, at = 0; (socket = socket_at(protocol, &at)); at = ++i)
		udp_link_traffic(socket, link, &sum);
	traffic->received += sum.received;
	traffic->sent += sum.sent;
	traffic->dropped += sum.dropped;
	for (size_t i = 0; i < protocol->port_count; i++)
		protocol_port_groups(&protocol->ports[i], link, traffic);
}

void protocol_init(struct protocol *protocol, size_t engine, const struct protocol_host *host)
{
	*protocol = (struct protocol){.engine = engine,
	    .type = CORE_ENGINES[engine],
	    .host = host,
	    .elsewhere = {"unused-interface", 0}};
}

static void close_ports(struct protocol *protocol)
{
	while (protocol->port_count > 0)
		protocol_port_close(&protocol->ports[--protocol->port_count]);
	free(protocol->ports);
	protocol->ports = NULL;
}

static int open_ports(struct protocol *protocol)
{
	struct engine_sockets needs[ENGINE_SOCKETS_MAX];
	size_t count = protocol->type->sockets(core_config(protocol->host->core), needs);

	protocol->ports = calloc(count, sizeof(*protocol->ports));
	if (!protocol->ports && count > 0)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		protocol->ports[i] = (struct protocol_port){.protocol = protocol,
		    .host = protocol->host,
		    .name = protocol->type->id.name,
		    .row = (uint8_t)i,
		    .needs = needs[i]};
		int result = protocol_port_open(&protocol->ports[i], count == 1, receive);
		if (result)
			return result;
		protocol->port_count++;
	}
	return 0;
}

int protocol_open(struct protocol *protocol)
{
	struct core *core = protocol->host->core;
	uint16_t numbers[FAMILIES] = {0};
	int result = open_ports(protocol);

	if (result) {
		close_ports(protocol);
		return result;
	}
	for (size_t i = 0; i < FAMILIES && protocol->port_count > 0; i++)
		if (protocol->ports[0].sockets[i][CHANNEL_SHARED])
			numbers[i] = udp_port(protocol->ports[0].sockets[i][CHANNEL_SHARED]);
	protocol->open = true;
	for (size_t i = 0; i < protocol->port_count; i++)
		protocol_port_join(&protocol->ports[i]);
	result = core_start_engine(core, loop_now(protocol->host->loop), protocol->engine, numbers);
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
	close_ports(protocol);
}

void protocol_advance(struct protocol *protocol, struct instant now)
{
	bool warned = false;

	for (size_t i = 0; i < protocol->port_count; i++)
		warned = protocol_port_advance(&protocol->ports[i], now) || warned;
	if (warned)
		protocol->host->warned(protocol->host->context);
}

struct instant protocol_deadline(const struct protocol *protocol)
{
	struct instant deadline = INSTANT_NEVER;

	for (size_t i = 0; i < protocol->port_count; i++)
		deadline = instant_earlier(deadline, protocol_port_deadline(&protocol->ports[i]));
	return deadline;
}

void protocol_link_changed(struct protocol *protocol, const struct link_change *change)
{
	for (size_t i = 0; i < protocol->port_count; i++)
		protocol_port_link_changed(&protocol->ports[i], change);
}

bool protocol_is_outdated(const struct protocol *protocol, const struct config *config)
{
	struct engine_sockets wanted[ENGINE_SOCKETS_MAX];

	if (!protocol->type->enabled(config))
		return protocol->open;
	if (!protocol->open || protocol->type->sockets(config, wanted) != protocol->port_count)
		return true;
	for (size_t i = 0; i < protocol->port_count; i++)
		if (!engine_sockets_equal(&wanted[i], &protocol->ports[i].needs))
			return true;
	return false;
}
