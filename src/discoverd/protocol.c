/* SPDX-License-Identifier: ISC
 * protocol: one engine with its sockets: carries datagrams in, and sends and sightings out. */
#include "discoverd/protocol.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"

/* Does what the engine put in the outbox. */
static void flush(struct protocol *protocol, struct instant now)
{
	struct outbox *outbox = protocol->host->outbox;

	for (size_t i = 0; i < outbox->send_count; i++) {
		const struct outbox_send *send = &outbox->sends[i];

		udp_send(protocol->sockets[send->channel], &(struct udp_send){.link = send->link,
							       .source = send->source,
							       .to = send->to,
							       .ttl = send->ttl,
							       .bytes = send->bytes});
	}
	for (size_t i = 0; i < outbox->sighting_count; i++)
		protocol->host->sighted(protocol->host->context, now, &outbox->sightings[i]);
	outbox_reset(outbox);
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
	struct datagram input = {
	    .channel = udp == protocol->sockets[CHANNEL_OWN] ? CHANNEL_OWN : CHANNEL_SHARED,
	    .link = link_of(protocol, datagram),
	    .from = datagram->from,
	    .to = datagram->to,
	    .own_port = udp_port(protocol->sockets[CHANNEL_OWN]),
	    .truncated = datagram->truncated,
	    .bytes = datagram->bytes,
	};

	if (!input.link) {
		protocol->elsewhere.value++;
		return;
	}
	protocol->type->input(protocol->engine, now, &input, protocol->host->outbox);
	flush(protocol, now);
}

static void join_groups(struct protocol *protocol, uint32_t link)
{
	for (size_t i = 0; i < protocol->port.group_count; i++) {
		int result =
		    udp_join(protocol->sockets[CHANNEL_SHARED], &protocol->port.groups[i], link);
		if (result)
			log_warning("%s: cannot join the multicast group on interface %u: %s",
			    protocol->type->name, link, strerror(-result));
	}
}

static void explain_busy(const struct protocol *protocol, int error)
{
	unsigned port = protocol->port.port;

	if (error == -EADDRINUSE)
		log_error("%s: UDP port %u is taken by a program that does not share it; find it "
			  "with `ss -ulpn sport = :%u` and stop "
			  "it, or switch this protocol off with `enabled = no`",
		    protocol->type->name, port, port);
	else if (error == -EACCES || error == -EPERM)
		log_error("%s: no permission to open UDP port %u: %s; a port below 1024 needs "
			  "CAP_NET_BIND_SERVICE",
		    protocol->type->name, port, strerror(-error));
	else
		log_error("%s: cannot open UDP port %u: %s", protocol->type->name, port,
		    strerror(-error));
}

static int open_socket(struct protocol *protocol, enum channel channel)
{
	bool shared = channel == CHANNEL_SHARED;
	char *name = protocol->socket_names[channel];
	struct udp_options options = {
	    .name = name,
	    .family = ADDRESS_IPV4,
	    .port = shared ? protocol->port.port : 0,
	    .shared = shared,
	    .broadcast = protocol->port.broadcast,
	};

	snprintf(name, sizeof(protocol->socket_names[channel]), "%s-%s", protocol->type->name,
	    shared ? "socket" : "own-socket");
	return udp_open(
	    protocol->host->loop, &options, receive, protocol, &protocol->sockets[channel]);
}

static void close_sockets(struct protocol *protocol)
{
	for (size_t i = 0; i < 2; i++) {
		if (protocol->sockets[i])
			udp_close(protocol->sockets[i]);
		protocol->sockets[i] = NULL;
	}
}

int protocol_open(
    struct protocol *protocol, const struct engine_type *type, const struct protocol_host *host)
{
	const struct link_set *links = host->engine->links;
	struct instant now = loop_now(host->loop);
	int result;

	*protocol = (struct protocol){.type = type,
	    .host = host,
	    .port = type->port(host->engine->config),
	    .elsewhere = {"unused-interface", 0}};
	result = open_socket(protocol, CHANNEL_SHARED);
	if (!result)
		result = open_socket(protocol, CHANNEL_OWN);
	if (!result && !(protocol->engine = type->create(host->engine)))
		result = -ENOMEM;
	if (result) {
		explain_busy(protocol, result);
		close_sockets(protocol);
		return result;
	}
	for (size_t i = 0; i < links->count; i++)
		join_groups(protocol, links->links[i].index);
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
}

void protocol_advance(struct protocol *protocol, struct instant now)
{
	if (!protocol->engine || !instant_due(protocol->type->deadline(protocol->engine), now))
		return;
	protocol->type->advance(protocol->engine, now, protocol->host->outbox);
	flush(protocol, now);
}

struct instant protocol_deadline(const struct protocol *protocol)
{
	return protocol->engine ? protocol->type->deadline(protocol->engine) : INSTANT_NEVER;
}

void protocol_link_changed(
    struct protocol *protocol, struct instant now, const struct link_change *change)
{
	if (!protocol->engine)
		return;
	if (change->event == LINK_CAME)
		join_groups(protocol, change->link->index);
	else if (change->event == LINK_GONE)
		for (size_t i = 0; i < protocol->port.group_count; i++)
			udp_leave(protocol->sockets[CHANNEL_SHARED], &protocol->port.groups[i],
			    change->link->index);
	protocol->type->link_changed(protocol->engine, now, change, protocol->host->outbox);
	flush(protocol, now);
}

void protocol_announcement_changed(struct protocol *protocol, struct instant now)
{
	if (!protocol->engine)
		return;
	protocol->type->announcement_changed(protocol->engine, now, protocol->host->outbox);
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

bool protocol_is_outdated(
    const struct protocol *protocol, const struct engine_type *type, const struct config *config)
{
	if (!type->enabled(config))
		return protocol->engine != NULL;
	return !protocol->engine || type->port(config).port != protocol->port.port;
}
