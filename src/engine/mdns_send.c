/* SPDX-License-Identifier: ISC
 * mdns_send: multicasts messages, and knows them again. */
#include "base/siphash.h"
#include "engine/mdns_internal.h"

/* Headers of IPv6, the longer ones, and UDP. */
enum { HEADERS = 40 + 8, MTU_MIN = 1280 };

struct address_port mdns_group(enum family family)
{
	if (family == FAMILY_IPV4)
		return (struct address_port){address_ipv4(224, 0, 0, 251), MDNS_PORT};
	return (struct address_port){
	    {ADDRESS_IPV6, {0xff, 0x02, [15] = 0xfb}},
	    MDNS_PORT,
	};
}

size_t mdns_packet_size(const struct link *link)
{
	uint32_t mtu = link->mtu;

	if (mtu < MTU_MIN)
		mtu = MTU_MIN;
	return (mtu > MDNS_PACKET_MAX ? MDNS_PACKET_MAX : mtu) - HEADERS;
}

void mdns_send(
    struct mdns *mdns, const struct link *link, struct slice bytes, struct outbox *outbox)
{
	for (enum family family = 0; family < FAMILIES; family++) {
		struct address_port group = mdns_group(family);
		const struct link_address *source = link_source(link, group.address.family, NULL);
		if (!source || !mdns->engine.ports[family])
			continue;
		mdns->sent[mdns->sent_next++ % MDNS_SENT_MAX] = siphash(&mdns->context->key, bytes);
		outbox_send(outbox, &(struct outbox_send){
					.channel = CHANNEL_SHARED,
					.link = link->index,
					.source = source->prefix.address,
					.to = group,
					.bytes = bytes,
				    });
	}
}

bool mdns_take_own(struct mdns *mdns, const struct datagram *datagram)
{
	uint64_t hash = siphash(&mdns->context->key, datagram->bytes);

	if (!link_set_has_address(mdns->context->links, &datagram->from.address))
		return false;
	for (size_t i = 0; i < MDNS_SENT_MAX; i++)
		if (mdns->sent[i] == hash) {
			mdns->sent[i] = 0;
			return true;
		}
	return false;
}
