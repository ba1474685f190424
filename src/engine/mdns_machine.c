/* SPDX-License-Identifier: ISC
 * mdns_machine: which machine sends a message: one may send from several addresses. */
#include "engine/mdns_browser_internal.h"

static bool names_sender(const struct mdns_reading *reading, const struct dns_name_ref *host)
{
	const struct mdns_response *response = reading->response;

	for (const struct dns_entry *record = response->records;
	     record < response->records + response->count; record++) {
		if (!mdns_is_address(record) || record->ttl == 0)
			continue;
		struct address address = dns_entry_address(record);
		if (address_equal(&address, reading->from) &&
		    dns_name_refs_equal(&record->name, host))
			return true;
	}
	return false;
}

static bool sends_by(const struct mdns_peer *peer, uint8_t family)
{
	for (size_t i = 0; i < peer->sender_count; i++)
		if (peer->senders[i]->address.family == family)
			return true;
	return false;
}

/* The sender names the address of another one as its own, of the other family: that one has a host
 * of this name as well, so they are one. Any host can say so; a second one of the same family is
 * believed only where it is named by the first. */
static struct mdns_peer *peer_named(const struct mdns_reading *reading,
    const struct dns_name_ref *name, const struct address *address)
{
	const struct mdns_sender *sender =
	    mdns_sender_find(reading->browser, reading->link->index, address);

	if (!sender || sender->peer == reading->peer || !mdns_host_find(sender->peer, name) ||
	    sends_by(sender->peer, reading->from->family) || !names_sender(reading, name))
		return NULL;
	return sender->peer;
}

/* Another one has named the sender as an address of its host. */
static struct mdns_peer *peer_naming(const struct mdns_reading *reading,
    const struct dns_name_ref *name, const struct address *address)
{
	struct hashmap_node *node;

	if (!address_equal(address, reading->from))
		return NULL;
	node = hashmap_first(&reading->browser->hosts, mdns_name_hash(reading->browser, name));
	for (; node; node = hashmap_next(node)) {
		struct mdns_host *host = CONTAINER_OF(node, struct mdns_host, by_name);
		struct dns_name_ref own = mdns_host_name(host);
		if (host->peer->link == reading->link->index && host->peer != reading->peer &&
		    mdns_host_find_address(host, address) && dns_name_refs_equal(&own, name))
			return host->peer;
	}
	return NULL;
}

static void forget_peer(struct mdns_reading *reading)
{
	struct mdns_peer *peer = reading->peer;

	while (!SLIST_EMPTY(&peer->hosts))
		mdns_host_leave(reading->browser, peer, SLIST_FIRST(&peer->hosts), reading->outbox);
	mdns_peer_free(reading->browser, peer);
	reading->peer = NULL;
}

/* It is looked for when there is news: what its records say was looked at before. */
static bool is_placed(
    const struct mdns_peer *peer, const struct dns_name_ref *name, const struct address *address)
{
	struct mdns_host *host = peer->named ? NULL : mdns_host_find(peer, name);

	return host && mdns_host_find_address(host, address);
}

static void find_machine(struct mdns_reading *reading, const struct dns_entry *record)
{
	struct mdns_peer *other;

	if (!mdns_is_address(record) || record->ttl == 0 ||
	    (reading->peer && reading->peer->sender_count > 1))
		return;
	struct address address = dns_entry_address(record);
	if (reading->peer && is_placed(reading->peer, &record->name, &address))
		return;
	other = peer_named(reading, &record->name, &address);
	if (!other)
		other = peer_naming(reading, &record->name, &address);
	if (!other || other->sender_count == MDNS_SENDERS_MAX)
		return;
	if (reading->peer)
		forget_peer(reading);
	if (mdns_peer_add_sender(reading->browser, other, reading->from))
		reading->peer = other;
}

void mdns_machine_find(struct mdns_reading *reading)
{
	const struct mdns_response *response = reading->response;
	const struct mdns_sender *sender =
	    mdns_sender_find(reading->browser, reading->link->index, reading->from);

	reading->peer = sender ? sender->peer : NULL;
	for (size_t i = 0; i < response->count; i++)
		find_machine(reading, &response->records[i]);
	if (reading->peer)
		reading->peer->named = false;
}

void mdns_machine_note_address(struct mdns_reading *reading, const struct address *address)
{
	const struct mdns_sender *sender =
	    mdns_sender_find(reading->browser, reading->link->index, address);

	reading->located = true;
	if (sender && sender->peer != reading->peer)
		sender->peer->named = true;
}

/* An address of this host that sends as another machine, with a host of the same name: it is the
 * same one, of which no message has named both addresses. NULL: there is none. */
static struct mdns_sender *find_other(
    const struct mdns_reading *reading, const struct mdns_host *host)
{
	struct dns_name_ref name = mdns_host_name(host);

	for (size_t i = 0; i < host->address_count; i++) {
		const struct address *address = &host->addresses[i].address;
		struct mdns_sender *sender =
		    mdns_sender_find(reading->browser, reading->link->index, address);
		if (sender && sender->peer != reading->peer &&
		    mdns_host_find(sender->peer, &name) &&
		    !sends_by(reading->peer, address->family) &&
		    mdns_host_is_sender(reading->peer, host))
			return sender;
	}
	return NULL;
}

void mdns_machine_unite(struct mdns_reading *reading)
{
	struct mdns_peer *peer = reading->peer;
	struct mdns_sender *other = NULL;
	struct mdns_host *host;

	if (!reading->located)
		return;
	SLIST_FOREACH(host, &peer->hosts, entry)
	if ((other = find_other(reading, host)))
		break;
	if (!other || other->peer->sender_count > 1)
		return;
	const struct address address = other->address;
	reading->peer = other->peer;
	forget_peer(reading);
	reading->peer = peer;
	if (!mdns_peer_add_sender(reading->browser, peer, &address))
		return;
	struct mdns_heard heard = {.from = *reading->from};
	mdns_host_report(reading->browser, peer, &heard, reading->now, reading->outbox);
	host->changed = true;
	heard.from = address;
	mdns_host_report(reading->browser, peer, &heard, reading->now, reading->outbox);
}
