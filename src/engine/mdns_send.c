/* SPDX-License-Identifier: ISC
 * mdns_send: multicasts messages, and knows them again; asks single hosts by unicast. */
#include "base/siphash.h"
#include "engine/mdns_browser_internal.h"

/* Headers of IPv6, the longer ones, and UDP. */
enum { HEADERS = 40 + 8, MTU_MIN = 1280 };
/* Questions that verify a host: each may get lost. */
enum { ASKS_MAX = 3 };
#define ASK_PAUSE SECONDS(1)

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

/* Hosts that are asked whether they are there. */

/* A question for the addresses of a host. */
struct address_question {
	struct dns_writer w;
	uint8_t bytes[DNS_HEADER_LEN + 2 * (DNS_NAME_MAX + 5)];
};

static struct slice write_question(
    struct address_question *question, const struct dns_name *name, uint16_t id)
{
	dns_writer_init(&question->w, question->bytes, sizeof(question->bytes), id, 0);
	dns_writer_question(&question->w, name, DNS_A, DNS_IN, false);
	dns_writer_question(&question->w, name, DNS_AAAA, DNS_IN, false);
	return dns_writer_result(&question->w);
}

/* Sends it to one host on the link. */
static void ask_host(struct mdns_browser *browser, const struct link *net, const struct address *to,
    struct slice bytes, struct outbox *outbox)
{
	const struct link_address *source = link_source(net, to->family, to);

	if (!source || !link_has_neighbour(net, to))
		return;
	outbox_send(outbox, &(struct outbox_send){
				.channel = CHANNEL_OWN,
				.link = net->index,
				.source = source->prefix.address,
				.to = {*to, MDNS_PORT},
				.bytes = bytes,
			    });
	mdns_counted(browser->mdns, MDNS_RECONFIRMS);
}

static void ask_again(struct mdns_browser *browser, const struct engine_reconfirm *reconfirm,
    bool again, struct outbox *outbox)
{
	const struct link *net =
	    link_set_find(mdns_browser_context(browser)->links, reconfirm->link);
	struct address_question question;
	struct dns_name name;

	if (!net || dns_name_parse(reconfirm->key, &name) < 0)
		return;
	ask_host(browser, net, &reconfirm->address, write_question(&question, &name, browser->id),
	    outbox);
	if (again && reconfirm->multicast_retry)
		mdns_send(browser->mdns, net, write_question(&question, &name, 0), outbox);
}

void mdns_send_verify(
    struct mdns_browser *browser, struct mdns_peer *peer, struct instant now, struct outbox *outbox)
{
	const struct link *net = link_set_find(mdns_browser_context(browser)->links, peer->link);
	struct address_question question;
	struct mdns_host *host;

	SLIST_FOREACH(host, &peer->hosts, entry)
	{
		const struct mdns_sender *to = peer->senders[host->asked % peer->sender_count];
		if (!net || !instant_due(host->ask, now))
			continue;
		ask_host(browser, net, &to->address, write_question(&question, &host->name, to->id),
		    outbox);
		host->asked++;
		host->ask = host->asked < ASKS_MAX ? instant_add(now, ASK_PAUSE) : INSTANT_NEVER;
	}
}

struct sending {
	struct mdns_browser *browser;
	struct outbox *outbox;
};

static void send_reconfirm(void *context, const struct engine_reconfirm *reconfirm, bool again)
{
	const struct sending *sending = context;

	ask_again(sending->browser, reconfirm, again, sending->outbox);
}

void mdns_send_reconfirm(struct mdns_browser *browser, struct instant now, struct outbox *outbox)
{
	reconfirm_queue_advance(
	    &browser->reconfirms, now, send_reconfirm, &(struct sending){browser, outbox});
}
