/* SPDX-License-Identifier: ISC
 * mdns_host: hosts as endpoints of the table, with their instances as services. */
#include "engine/mdns_browser_internal.h"
#include "engine/txt_facts.h"
#include <stdlib.h>

/* In one sighting. */
enum { SERVICES_MAX = 32 };

/* What is reported together. */
struct report {
	struct mdns_browser *browser;
	struct mdns_peer *peer;
	struct mdns_host *host;
	struct instant now;
	bool answers_us;
	struct outbox *outbox;
};

bool mdns_host_is_sender(const struct mdns_peer *peer, const struct mdns_host *host)
{
	for (size_t i = 0; i < peer->sender_count; i++)
		for (size_t k = 0; k < host->address_count; k++)
			if (address_equal(&peer->senders[i]->address, &host->addresses[k].address))
				return true;
	return false;
}

/* A record of this host that another one repeats. */
static bool is_ours(const struct mdns_browser *browser, const struct mdns_host *host)
{
	for (size_t i = 0; i < host->address_count; i++)
		if (link_set_has_address(
			mdns_browser_context(browser)->links, &host->addresses[i].address))
			return true;
	return false;
}

/* It stays as long as one of its services, or an address of it. */
static struct instant host_expires(const struct mdns_peer *peer, const struct mdns_host *host)
{
	const struct mdns_instance *instance;
	struct instant expires = {0};

	SLIST_FOREACH(instance, &peer->instances, entry)
	if (instance->host == host)
		expires = instant_later(expires, instance->ptr.expires);
	for (size_t i = 0; i < host->address_count; i++)
		expires = instant_later(expires, host->addresses[i].life.expires);
	return expires;
}

static void name_of(const struct mdns_host *host, char text[DNS_NAME_TEXT_MAX], struct writer *w)
{
	writer_init(w, text, DNS_NAME_TEXT_MAX);
	dns_name_format(&host->name, w);
}

static struct slice label_of(const struct mdns_instance *instance)
{
	return (struct slice){instance->label, instance->label_len};
}

static struct sighted_service service_of(const struct mdns_instance *instance)
{
	return (struct sighted_service){
	    .key = label_of(instance),
	    .type = slice_of(instance->type->text),
	    .name = label_of(instance),
	    .txt = {instance->txt, instance->txt_len},
	    .port = instance->port,
	};
}

static void say_left(const struct mdns_browser *browser, const struct mdns_peer *peer,
    const struct mdns_host *host, const struct sighted_service *service, struct outbox *outbox)
{
	char text[DNS_NAME_TEXT_MAX];
	struct writer name;

	name_of(host, text, &name);
	for (size_t i = 0; i < peer->sender_count; i++)
		outbox_sighting(outbox, &(struct sighting){
					    .event = SIGHTING_LEFT,
					    .scope = service ? SCOPE_SERVICE : SCOPE_ENDPOINT,
					    .protocol = &browser->mdns->engine.type->id,
					    .key = key_of_name(writer_result(&name)),
					    .from = peer->senders[i]->address,
					    .link = peer->link,
					    .reflected = host->reflected,
					    .services = service,
					    .service_count = service != NULL,
					});
}

/* The table has its text no more. */
static void report_anew(struct mdns_instance *instance)
{
	instance->shown = false;
	instance->changed = true;
	if (!instance->txt)
		instance->txt_life = (struct mdns_life){0};
}

/* Whether it is the sender is known when its addresses are. */
static void place(const struct mdns_browser *browser, struct mdns_peer *peer,
    struct mdns_host *host, struct outbox *outbox)
{
	bool reflected = !mdns_host_is_sender(peer, host);
	struct mdns_instance *instance;

	if (host->shown && reflected != host->reflected) {
		say_left(browser, peer, host, NULL, outbox);
		for (size_t i = 0; i < peer->sender_count; i++)
			peer->senders[i]->expires = INSTANT_NEVER;
		SLIST_FOREACH(instance, &peer->instances, entry)
		if (instance->host == host)
			report_anew(instance);
	}
	host->reflected = reflected;
}

/* The best of what all services of the host say. */
static void collect_facts(const struct report *report, struct txt_facts *facts)
{
	const struct mdns_instance *instance;

	txt_facts_init(facts);
	SLIST_FOREACH(instance, &report->peer->instances, entry)
	if (instance->host == report->host)
		txt_facts_add(facts, slice_of(instance->type->text), label_of(instance),
		    (struct slice){instance->txt, instance->txt_len});
}

/* Data that no fact is taken from is in the table. */
static void forget_txt(struct mdns_instance *instance)
{
	if (txt_facts_knows(slice_of(instance->type->text)))
		return;
	free(instance->txt);
	instance->txt = NULL;
	instance->txt_len = 0;
}

static size_t take_services(
    const struct report *report, struct sighted_service services[SERVICES_MAX])
{
	struct mdns_instance *instance;
	size_t count = 0;

	SLIST_FOREACH(instance, &report->peer->instances, entry)
	{
		if (instance->host != report->host || !instance->changed || count == SERVICES_MAX)
			continue;
		services[count++] = service_of(instance);
		instance->changed = false;
		instance->shown = true;
	}
	return count;
}

/* Another address at which the table knows the machine; ADDRESS_NONE where there is none. */
static struct address reported_at(const struct mdns_peer *peer, const struct mdns_sender *except)
{
	for (size_t i = 0; i < peer->sender_count; i++)
		if (peer->senders[i] != except && !instant_is_never(peer->senders[i]->expires))
			return peer->senders[i]->address;
	return (struct address){0};
}

static void report_host(const struct report *report, struct mdns_sender *sender)
{
	const struct mdns_peer *peer = report->peer;
	const struct link_set *links = mdns_browser_context(report->browser)->links;
	struct sighted_service services[SERVICES_MAX];
	char text[DNS_NAME_TEXT_MAX];
	struct txt_facts facts;
	struct writer name;
	struct instant expires = host_expires(peer, report->host);

	name_of(report->host, text, &name);
	collect_facts(report, &facts);
	struct sighting sighting = {
	    .event = SIGHTING_ALIVE,
	    .protocol = &report->browser->mdns->engine.type->id,
	    .key = key_of_name(writer_result(&name)),
	    .from = sender->address,
	    .also = reported_at(peer, sender),
	    .link = peer->link,
	    .network = link_network_len(link_set_find(links, peer->link), &sender->address),
	    .lifetime = instant_since(expires, report->now),
	    .short_lived = true,
	    .services = services,
	    .service_count = take_services(report, services),
	    .answers_us = report->answers_us,
	    .reflected = report->host->reflected,
	    .whole = true,
	};
	txt_facts_take(&facts, sighting.facts);
	sighting.facts[FACT_HOST_NAME] = writer_result(&name);
	sender->expires = expires;
	outbox_sighting(report->outbox, &sighting);
	report->host->shown = true;
	report->host->changed = false;
}

static bool has_changes(const struct mdns_peer *peer, const struct mdns_host *host)
{
	const struct mdns_instance *instance;

	SLIST_FOREACH(instance, &peer->instances, entry)
	if (instance->host == host && instance->changed)
		return true;
	return host->changed && host->shown;
}

void mdns_host_report(struct mdns_browser *browser, struct mdns_peer *peer,
    const struct address *from, bool answers_us, struct instant now, struct outbox *outbox)
{
	struct mdns_sender *sender = mdns_sender_find(browser, peer->link, from);
	struct mdns_instance *instance;
	struct mdns_host *host;

	if (!sender || sender->peer != peer)
		sender = peer->senders[0];
	SLIST_FOREACH(host, &peer->hosts, entry)
	{
		struct report report = {browser, peer, host, now, answers_us, outbox};
		if (host->address_count == 0 || is_ours(browser, host))
			continue;
		place(browser, peer, host, outbox);
		while (has_changes(peer, host))
			report_host(&report, sender);
	}
	SLIST_FOREACH(instance, &peer->instances, entry)
	if (instance->shown && !instance->changed)
		forget_txt(instance);
}

void mdns_host_move_instance(const struct mdns_browser *browser, const struct mdns_peer *peer,
    struct mdns_instance *instance, struct outbox *outbox)
{
	struct mdns_host *host = instance->host;

	if (host && instance->shown) {
		struct sighted_service service = service_of(instance);
		say_left(browser, peer, host, &service, outbox);
		host->changed = true;
	}
	report_anew(instance);
	instance->host = NULL;
}

void mdns_host_lose_instance(struct mdns_browser *browser, struct mdns_peer *peer,
    struct mdns_instance *instance, struct outbox *outbox)
{
	mdns_host_move_instance(browser, peer, instance, outbox);
	mdns_instance_free(browser, peer, instance);
}

void mdns_host_leave(struct mdns_browser *browser, struct mdns_peer *peer, struct mdns_host *host,
    struct outbox *outbox)
{
	struct mdns_instance *instance, *next;

	if (host->shown)
		say_left(browser, peer, host, NULL, outbox);
	for (instance = SLIST_FIRST(&peer->instances); instance; instance = next) {
		next = SLIST_NEXT(instance, entry);
		if (instance->host == host)
			mdns_instance_free(browser, peer, instance);
	}
	mdns_host_free(browser, peer, host);
}

/* What has run out. */

static void expire_instances(
    struct mdns_browser *browser, struct mdns_peer *peer, struct instant now, struct outbox *outbox)
{
	struct mdns_instance *instance, *next;

	for (instance = SLIST_FIRST(&peer->instances); instance; instance = next) {
		bool refreshed = mdns_instance_is_refreshed(instance);
		next = SLIST_NEXT(instance, entry);
		if (mdns_life_is_over(&instance->txt_life, refreshed, now))
			instance->txt_life = (struct mdns_life){.denied = true};
		if (mdns_life_is_over(&instance->ptr, true, now) ||
		    mdns_life_is_over(&instance->srv, refreshed, now))
			mdns_host_lose_instance(browser, peer, instance, outbox);
	}
}

static void expire_addresses(struct mdns_browser *browser, struct mdns_peer *peer,
    struct mdns_host *host, struct instant now)
{
	bool used = mdns_host_is_used(peer, host);
	bool refreshed = mdns_host_is_refreshed(browser, peer, host);

	for (size_t i = host->address_count; i-- > 0;) {
		const struct mdns_life *life = &host->addresses[i].life;
		if (used ? !mdns_life_is_over(life, refreshed, now)
			 : !instant_due(life->expires, now))
			continue;
		mdns_host_drop_address(browser, peer, host, i);
		host->changed = true;
	}
}

static void expire_hosts(
    struct mdns_browser *browser, struct mdns_peer *peer, struct instant now, struct outbox *outbox)
{
	struct mdns_host *host, *next;

	for (host = SLIST_FIRST(&peer->hosts); host; host = next) {
		next = SLIST_NEXT(host, entry);
		bool had = host->address_count > 0;
		expire_addresses(browser, peer, host, now);
		if (host->address_count == 0 && (had || !mdns_host_is_used(peer, host)))
			mdns_host_leave(browser, peer, host, outbox);
	}
}

void mdns_host_expire(
    struct mdns_browser *browser, struct mdns_peer *peer, struct instant now, struct outbox *outbox)
{
	expire_instances(browser, peer, now, outbox);
	expire_hosts(browser, peer, now, outbox);
	if (SLIST_EMPTY(&peer->instances) && SLIST_EMPTY(&peer->hosts)) {
		mdns_peer_free(browser, peer);
		return;
	}
	mdns_host_report(browser, peer, &peer->senders[0]->address, false, now, outbox);
	mdns_peer_settle(browser, peer, now);
}

/* Hosts that are asked whether they are there. */

static void ask_address(struct mdns_browser *browser, const struct engine_reconfirm *reconfirm,
    bool again, struct outbox *outbox)
{
	const struct link *net =
	    link_set_find(mdns_browser_context(browser)->links, reconfirm->link);
	uint8_t bytes[DNS_HEADER_LEN + 2 * (DNS_NAME_MAX + 5)];
	struct dns_name name;
	struct dns_writer w;

	if (!net || !link_has_neighbour(net, &reconfirm->address) ||
	    dns_name_parse(reconfirm->key, &name) < 0)
		return;
	const struct link_address *source =
	    link_source(net, reconfirm->address.family, &reconfirm->address);
	if (!source)
		return;
	dns_writer_init(&w, bytes, sizeof(bytes), browser->id, 0);
	dns_writer_question(&w, &name, DNS_A, DNS_IN, false);
	dns_writer_question(&w, &name, DNS_AAAA, DNS_IN, false);
	outbox_send(outbox, &(struct outbox_send){
				.channel = CHANNEL_OWN,
				.link = net->index,
				.source = source->prefix.address,
				.to = {reconfirm->address, MDNS_PORT},
				.bytes = dns_writer_result(&w),
			    });
	mdns_counted(browser->mdns, MDNS_RECONFIRMS);
	if (!again || !reconfirm->multicast_retry)
		return;
	dns_writer_init(&w, bytes, sizeof(bytes), 0, 0);
	dns_writer_question(&w, &name, DNS_A, DNS_IN, false);
	dns_writer_question(&w, &name, DNS_AAAA, DNS_IN, false);
	mdns_send(browser->mdns, net, dns_writer_result(&w), outbox);
}

struct sending {
	struct mdns_browser *browser;
	struct outbox *outbox;
};

static void send_reconfirm(void *context, const struct engine_reconfirm *reconfirm, bool again)
{
	const struct sending *sending = context;

	ask_address(sending->browser, reconfirm, again, sending->outbox);
}

void mdns_host_reconfirm(struct mdns_browser *browser, struct instant now, struct outbox *outbox)
{
	reconfirm_queue_advance(
	    &browser->reconfirms, now, send_reconfirm, &(struct sending){browser, outbox});
}
