/* SPDX-License-Identifier: ISC
 * attachment: where a device is plugged in, as io.discoverd shows it. */
#include "control/attachment.h"
#include "base/mac.h"
#include "base/writer.h"
#include "control/endpoint_json.h"
#include <string.h>

/* Index of the port that this presence is behind, 0 where that is not known. */
static uint32_t find_port(
    const struct control_host *host, const struct device *device, const struct presence *presence)
{
	const struct link *link = link_set_find(host->links, presence->endpoint->link);
	uint16_t vlan = 0;
	struct mac mac;

	if (link && link->lower) {
		vlan = link->vlan;
		link = link_set_find(host->links, link->lower);
	}
	if (!link || !host->forwarding || strcmp(link->kind, "bridge") != 0)
		return 0;
	mac = device_mac(device, &presence->address, presence->endpoint->link);
	if (!mac.known)
		return 0;
	return forwarding_port(host->forwarding, link->index, &mac, vlan);
}

/* Where the other end of a veth is. */
static void write_peer(const struct control_host *host, const struct link *port, struct writer *w)
{
	bool ours = port->peer_netns < 0;
	const struct link *peer = ours ? link_set_find(host->links, port->peer) : NULL;
	const char *name = peer ? peer->name : NULL;

	if (!ours && host->netns_name)
		name = host->netns_name(host->context, port->peer_netns);
	writer_text(w, " (");
	if (name)
		writer_format(w, "%s, ", name);
	else if (!ours)
		writer_format(w, "netns %d, ", (int)port->peer_netns);
	writer_format(w, "if %u)", (unsigned)port->peer);
}

struct slice attachment_text(
    const struct control_host *host, const struct device *device, char buffer[ATTACHMENT_TEXT_MAX])
{
	char name[LINK_TEXT_MAX];
	uint32_t link = TAILQ_FIRST(&device->endpoints)->link, port = 0;
	const struct presence *presence = NULL;
	struct writer w;

	while ((presence = device_next_place(device, presence))) {
		uint32_t here = find_port(host, device, presence);
		if (presence->endpoint->link != link || (here && port && here != port))
			return SLICE_NONE;
		port = here ? here : port;
	}
	writer_init(&w, buffer, ATTACHMENT_TEXT_MAX);
	writer_text(&w, link_text(host->links, link, name));
	if (port) {
		const struct link *found = link_set_find(host->links, port);
		writer_format(&w, "/%s", link_text(host->links, port, name));
		if (found && found->peer)
			write_peer(host, found, &w);
	}
	return writer_result(&w);
}
