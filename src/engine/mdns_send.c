/* SPDX-License-Identifier: ISC
 * mdns_send: multicasts messages, and knows them again; asks single hosts by unicast, and for
 * hosts by name. */
#include "base/siphash.h"
#include "engine/mdns_browser_internal.h"

/* Headers of IPv6, the longer ones, and UDP. */
enum { HEADERS = 40 + 8, MTU_MIN = 1280 };
/* Questions that verify a host: each may get lost. */
enum { ASKS_MAX = 3 };
#define ASK_PAUSE SECONDS(1)
/* A host that does not answer to its name is asked again then (RFC 6762, 5.2). */
#define NAME_INTERVAL SECONDS(1)

static struct address_port group_of(enum family family)
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

static void multicast(struct mdns *mdns, const struct link *link, enum channel channel,
    struct slice bytes, struct outbox *outbox)
{
	for (enum family family = 0; family < FAMILIES; family++) {
		struct address_port group = group_of(family);
		const struct link_address *source = link_source(link, group.address.family, NULL);
		if (!source || !mdns->engine.ports[family])
			continue;
		if (channel == CHANNEL_SHARED)
			mdns->sent[mdns->sent_next++ % MDNS_SENT_MAX] =
			    siphash(&mdns->context->key, bytes);
		outbox_send(outbox, &(struct outbox_send){
					.channel = channel,
					.link = link->index,
					.source = source->prefix.address,
					.to = group,
					.bytes = bytes,
				    });
	}
}

void mdns_send(
    struct mdns *mdns, const struct link *link, struct slice bytes, struct outbox *outbox)
{
	multicast(mdns, link, CHANNEL_SHARED, bytes, outbox);
}

void mdns_send_ephemeral(
    struct mdns *mdns, const struct link *link, struct slice bytes, struct outbox *outbox)
{
	multicast(mdns, link, CHANNEL_OWN, bytes, outbox);
}

bool mdns_take_own(struct mdns *mdns, const struct datagram *datagram)
{
	uint64_t hash;

	if (!link_set_has_address(mdns->context->links, &datagram->from.address))
		return false;
	hash = siphash(&mdns->context->key, datagram->bytes);
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
	/* some hosts answer by multicast alone */
	if (again)
		mdns_send(browser->mdns, net, write_question(&question, &name, 0), outbox);
}

void mdns_send_verify(
    struct mdns_browser *browser, struct mdns_peer *peer, struct instant now, struct outbox *outbox)
{
	const struct link *net = link_set_find(mdns_browser_context(browser)->links, peer->link);
	struct address_question question;
	struct mdns_host *host;
	struct dns_name_ref ref;
	struct dns_name name;

	SLIST_FOREACH(host, &peer->hosts, entry)
	{
		const struct mdns_sender *to = peer->senders[host->asked % peer->sender_count];
		if (!net || !instant_due(host->ask, now))
			continue;
		ref = mdns_host_name(host);
		dns_name_expand(&ref, &name);
		ask_host(
		    browser, net, &to->address, write_question(&question, &name, to->id), outbox);
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

/* Hosts that are asked for by name. */

/* On each link, and from both ports: a firewall may let in answers to one of them only. */
static void ask_by_name(struct mdns_browser *browser, struct instant now,
    struct mdns_wanted *wanted, struct outbox *outbox)
{
	struct address_question question;
	const struct mdns_browsed *link;

	TAILQ_FOREACH(link, &browser->links, entry)
	{
		const struct link *net =
		    link_set_find(mdns_browser_context(browser)->links, link->index);
		if (!net)
			continue;
		mdns_send_ephemeral(browser->mdns, net,
		    write_question(&question, &wanted->name, browser->id), outbox);
		mdns_counted(browser->mdns, MDNS_QUERIES_UNICAST);
		mdns_send(browser->mdns, net, write_question(&question, &wanted->name, 0), outbox);
		mdns_counted(browser->mdns, MDNS_QUERIES);
	}
	wanted->due = instant_add(now, wanted->interval);
	wanted->interval = instant_before(wanted->due, wanted->until) ? 2 * wanted->interval : 0;
}

/* The one of this name, else the one that ends first. */
static struct mdns_wanted *wanted_place(struct mdns_browser *browser, const struct dns_name *name)
{
	struct mdns_wanted *place = &browser->wanted[0];

	for (size_t i = 0; i < MDNS_WANTED_MAX; i++) {
		struct mdns_wanted *wanted = &browser->wanted[i];
		if (dns_name_equal(&wanted->name, name))
			return wanted;
		if (instant_before(wanted->until, place->until))
			place = wanted;
	}
	*place = (struct mdns_wanted){.name = *name};
	return place;
}

void mdns_send_resolve(struct mdns_browser *browser, struct instant now,
    const struct dns_name *name, unsigned seconds, struct outbox *outbox)
{
	struct mdns_wanted *wanted = wanted_place(browser, name);

	wanted->until = instant_later(wanted->until, instant_add(now, SECONDS(seconds)));
	browser->wanted_until = instant_later(browser->wanted_until, wanted->until);
	if (wanted->interval)
		return;
	wanted->interval = NAME_INTERVAL;
	ask_by_name(browser, now, wanted, outbox);
}

void mdns_send_resolve_again(
    struct mdns_browser *browser, struct instant now, struct outbox *outbox)
{
	for (size_t i = 0; i < MDNS_WANTED_MAX; i++) {
		struct mdns_wanted *wanted = &browser->wanted[i];
		if (wanted->interval && instant_due(wanted->due, now))
			ask_by_name(browser, now, wanted, outbox);
	}
}

struct instant mdns_send_resolve_deadline(const struct mdns_browser *browser)
{
	struct instant due = INSTANT_NEVER;

	for (size_t i = 0; i < MDNS_WANTED_MAX; i++)
		if (browser->wanted[i].interval)
			due = instant_earlier(due, browser->wanted[i].due);
	return due;
}

static struct mdns_wanted *find_wanted(
    struct mdns_browser *browser, const struct dns_name_ref *name, struct instant now)
{
	for (size_t i = 0; i < MDNS_WANTED_MAX; i++)
		if (!instant_due(browser->wanted[i].until, now) &&
		    dns_name_ref_is(name, &browser->wanted[i].name))
			return &browser->wanted[i];
	return NULL;
}

static void take_wanted(struct mdns_browser *browser, struct instant now, uint32_t link,
    const struct dns_entry *record, struct outbox *outbox)
{
	struct mdns_wanted *wanted;
	struct dns_name name;
	char text[DNS_NAME_TEXT_MAX];
	struct writer w;

	if ((record->type != DNS_A && record->type != DNS_AAAA) || record->ttl == 0 ||
	    !(wanted = find_wanted(browser, &record->name, now)))
		return;
	struct address address = dns_entry_address(record);
	if (!address_is_unicast(&address) || address_is_loopback(&address))
		return;
	wanted->interval = 0;
	writer_init(&w, text, sizeof(text));
	dns_name_expand(&record->name, &name);
	dns_name_format(&name, &w);
	outbox_address(outbox, &(struct host_address){writer_result(&w), address, link});
}

void mdns_send_resolved(struct mdns_browser *browser, struct instant now,
    const struct mdns_response *response, struct outbox *outbox)
{
	const struct datagram *datagram = response->datagram;

	if (instant_due(browser->wanted_until, now) ||
	    (datagram->channel == CHANNEL_OWN && response->message->id != browser->id))
		return;
	for (size_t i = 0; i < response->count; i++)
		take_wanted(browser, now, datagram->link, &response->records[i], outbox);
}
