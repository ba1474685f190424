/* SPDX-License-Identifier: ISC
 * mdns_host: hosts as endpoints of the table, with their instances as services. */
#include "engine/mdns_browser_internal.h"
#include "engine/txt_facts.h"
#include <stdlib.h>

/* In one sighting. */
enum { SERVICES_MAX = 32 };
/* More than the table has: see ENDPOINT_SERVICES_MAX. */
enum { NO_PLACE = UINT8_MAX };
/* Questions that verify a host: each may get lost. All that is heard is asked, so what a forger
 * makes up must not become a flood of them. */
enum { ASKS_MAX = 3, ASK_BURST = 128 };
#define ASK_COST      (SECONDS(1) / 32)
#define ASK_DELAY_MIN MILLISECONDS(20)
#define ASK_DELAY_MAX MILLISECONDS(250)
#define ASK_WAIT_MAX  SECONDS(5)

/* What is reported together. */
struct report {
	struct mdns_browser *browser;
	struct mdns_peer *peer;
	struct mdns_host *host;
	struct instant now;
	bool answers_us, verified;
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
	struct dns_name_ref ref = mdns_host_name(host);
	struct dns_name name;

	writer_init(w, text, DNS_NAME_TEXT_MAX);
	dns_name_expand(&ref, &name);
	dns_name_format(&name, w);
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
	    .txt = mdns_instance_txt(instance),
	    .port = instance->port,
	};
}

static void say_left_at(const struct mdns_browser *browser, const struct mdns_sender *sender,
    const struct mdns_host *host, const struct sighted_service *service, struct outbox *outbox)
{
	char text[DNS_NAME_TEXT_MAX];
	struct writer name;

	name_of(host, text, &name);
	outbox_sighting(outbox, &(struct sighting){
				    .event = SIGHTING_LEFT,
				    .scope = service ? SCOPE_SERVICE : SCOPE_ENDPOINT,
				    .protocol = &browser->mdns->engine.type->id,
				    .key = key_of_name(writer_result(&name)),
				    .from = sender->address,
				    .link = sender->peer->link,
				    .reflected = host->reflected,
				    .services = service,
				    .service_count = service != NULL,
				});
}

static void say_left(const struct mdns_browser *browser, const struct mdns_peer *peer,
    const struct mdns_host *host, const struct sighted_service *service, struct outbox *outbox)
{
	for (size_t i = 0; i < peer->sender_count; i++)
		say_left_at(browser, peer->senders[i], host, service, outbox);
}

/* The table has its text no more. */
static void report_anew(struct mdns_instance *instance)
{
	instance->shown = false;
	instance->changed = true;
	mdns_instance_forget_txt(instance);
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
		    mdns_instance_txt(instance));
}

static size_t take_services(
    const struct report *report, struct sighted_service services[SERVICES_MAX])
{
	struct mdns_instance *instance;
	size_t count = 0;

	SLIST_FOREACH(instance, &report->peer->instances, entry)
	{
		bool said = instance->changed || instance->heard;
		if (instance->host != report->host || !said || count == SERVICES_MAX)
			continue;
		services[count++] = service_of(instance);
		instance->changed = instance->heard = false;
		instance->shown = true; /* unless the table refuses it */
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

/* When another host may be asked; INSTANT_NEVER: too many wait for that. */
static struct instant next_ask(struct mdns_browser *browser, struct instant now)
{
	struct instant full = instant_add(instant_later(browser->asks_full, now), ASK_COST);
	struct instant due = instant_later(now, instant_add(full, -ASK_BURST * ASK_COST));

	if (instant_since(due, now) > ASK_WAIT_MAX) {
		mdns_counted(browser->mdns, MDNS_UNVERIFIED);
		return INSTANT_NEVER;
	}
	browser->asks_full = full;
	return instant_add(
	    due, rng_between(mdns_browser_context(browser)->rng, ASK_DELAY_MIN, ASK_DELAY_MAX));
}

/* Whether it is at its address is asked once. Then the table takes what it has refused. */
static void verify(const struct report *report)
{
	struct mdns_host *host = report->host;
	struct mdns_instance *instance;

	if (host->reflected)
		return;
	if (!report->verified) {
		if (host->asked == 0 && instant_is_never(host->ask))
			host->ask = next_ask(report->browser, report->now);
		return;
	}
	host->ask = INSTANT_NEVER;
	SLIST_FOREACH(instance, &report->peer->instances, entry)
	if (instance->host == host)
		instance->changed |= !instance->shown;
}

/* The services that were heard again. False where the table may have one of them in another way. */
static bool add_renewed(const struct report *report, struct renewal *renewal)
{
	const struct mdns_instance *instance;

	SLIST_FOREACH(instance, &report->peer->instances, entry)
	{
		if (instance->host != report->host)
			continue;
		if (instance->changed || (instance->heard && instance->place == NO_PLACE))
			return false;
		if (instance->heard)
			renewal_add_service(renewal, instance->place);
	}
	return true;
}

static void end_report(const struct report *report)
{
	struct mdns_instance *instance;

	SLIST_FOREACH(instance, &report->peer->instances, entry)
	if (instance->host == report->host)
		instance->heard = false;
	report->host->changed = report->host->heard = false;
}

/* Where nothing is new, the table need not compare all of it. */
static bool renew_host(const struct report *report, struct mdns_sender *sender)
{
	const struct mdns_host *host = report->host;
	struct renewal renewal = {
	    .endpoint = host->endpoint,
	    .changes = host->changes,
	    .link = report->peer->link,
	    .from = sender->address,
	};
	struct instant expires;

	if (!host->endpoint || !host->shown || host->changed || report->answers_us ||
	    report->verified || !add_renewed(report, &renewal))
		return false;
	expires = host_expires(report->peer, host);
	renewal.lifetime = instant_since(expires, report->now);
	sender->expires = expires;
	outbox_renewal(report->outbox, &renewal);
	end_report(report);
	return true;
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
	    .verified = report->verified && !report->host->reflected,
	};
	txt_facts_take(&facts, sighting.facts);
	sighting.facts[FACT_HOST_NAME] = writer_result(&name);
	sender->expires = expires;
	outbox_sighting(report->outbox, &sighting);
	report->host->shown = true;
	report->host->changed = report->host->heard = false;
}

static bool has_changes(const struct mdns_peer *peer, const struct mdns_host *host)
{
	const struct mdns_instance *instance;

	SLIST_FOREACH(instance, &peer->instances, entry)
	if (instance->host == host && (instance->changed || instance->heard))
		return true;
	return (host->changed || host->heard) && host->shown;
}

static void report_all(const struct report *report, struct mdns_sender *sender)
{
	if (renew_host(report, sender))
		return;
	while (has_changes(report->peer, report->host))
		report_host(report, sender);
}

/* The first one where the peer does not send from this address. */
static struct mdns_sender *sender_of(const struct mdns_peer *peer, const struct address *address)
{
	for (size_t i = 0; i < peer->sender_count; i++)
		if (address_equal(&peer->senders[i]->address, address))
			return peer->senders[i];
	return peer->senders[0];
}

void mdns_host_report(struct mdns_browser *browser, struct mdns_peer *peer,
    const struct mdns_heard *heard, struct instant now, struct outbox *outbox)
{
	struct mdns_sender *sender = sender_of(peer, &heard->from);
	struct mdns_host *host;

	SLIST_FOREACH(host, &peer->hosts, entry)
	{
		struct report report = {browser, peer, host, now, heard->answers_us,
		    heard->verified && (host->changed || host->heard), outbox};
		if (host->address_count == 0 || is_ours(browser, host))
			continue;
		place(browser, peer, host, outbox);
		if (!has_changes(peer, host))
			continue;
		verify(&report);
		report_all(&report, sender);
	}
}

/* What the table holds of it. */

/* The table does not have it. It is reported again when it is heard again. */
static void unlist_instance(struct mdns_instance *instance)
{
	instance->shown = false;
	mdns_instance_forget_txt(instance);
}

static void unlist(const struct mdns_peer *peer, struct mdns_host *host)
{
	struct mdns_instance *instance;

	host->shown = false;
	host->endpoint = 0;
	host->ask = INSTANT_NEVER;
	host->asked = 0;
	SLIST_FOREACH(instance, &peer->instances, entry)
	if (instance->host == host)
		unlist_instance(instance);
}

/* What the table has of it is where it is now. */
static void note_places(
    const struct mdns_peer *peer, struct mdns_host *host, const struct endpoint *endpoint)
{
	struct mdns_instance *instance;

	if (host->endpoint == endpoint_number(endpoint) && host->changes == endpoint->changes)
		return;
	host->endpoint = endpoint_number(endpoint);
	host->changes = endpoint->changes;
	SLIST_FOREACH(instance, &peer->instances, entry)
	{
		const struct service *service;
		if (instance->host != host)
			continue;
		service = endpoint_find_service(
		    endpoint, slice_of(instance->type->text), label_of(instance));
		instance->place =
		    service ? (uint8_t)(service - endpoint->services) : (uint8_t)NO_PLACE;
	}
}

static void instance_observed(struct mdns_browser *browser, struct mdns_peer *peer,
    const struct mdns_host *host, const struct sighted_service *service,
    const struct endpoint *endpoint)
{
	struct mdns_instance *instance;

	SLIST_FOREACH(instance, &peer->instances, entry)
	{
		if (instance->host != host || !slice_equal(label_of(instance), service->key) ||
		    !slice_equal(slice_of(instance->type->text), service->type))
			continue;
		if (!endpoint_find_service(endpoint, service->type, service->key))
			unlist_instance(instance);
		else if (!instance->changed && !txt_facts_knows(slice_of(instance->type->text)))
			mdns_instance_drop_txt(browser, instance);
		return;
	}
}

/* The host of a peer whose name is the key of an endpoint, or NULL. */
static struct mdns_host *host_of_key(const struct mdns_peer *peer, const struct key *key)
{
	struct dns_name_ref ref;
	struct dns_name name;

	if (dns_name_parse(key->text, &name) < 0)
		return NULL;
	ref = dns_name_ref_of(&name);
	return mdns_host_find(peer, &ref);
}

void mdns_host_observed(
    struct mdns_browser *browser, const struct sighting *sighting, const struct endpoint *endpoint)
{
	struct mdns_sender *sender = mdns_sender_find(browser, sighting->link, &sighting->from);
	struct mdns_host *host = sender ? host_of_key(sender->peer, &sighting->key) : NULL;

	if (!host || sighting->event != SIGHTING_ALIVE)
		return;
	for (size_t i = 0; endpoint && i < sighting->service_count; i++)
		instance_observed(browser, sender->peer, host, &sighting->services[i], endpoint);
	if (endpoint) {
		note_places(sender->peer, host, endpoint);
	} else {
		sender->expires = INSTANT_NEVER;
		unlist(sender->peer, host);
	}
	mdns_peer_settle(browser, sender->peer);
}

void mdns_host_unrenewed(struct mdns_browser *browser, struct instant now,
    const struct renewal *renewal, struct outbox *outbox)
{
	struct mdns_sender *sender = mdns_sender_find(browser, renewal->link, &renewal->from);
	const struct mdns_heard heard = {.from = renewal->from};
	struct mdns_instance *instance;

	if (!sender)
		return;
	SLIST_FOREACH(instance, &sender->peer->instances, entry)
	{
		struct mdns_host *host = instance->host;
		if (!host || host->endpoint != renewal->endpoint)
			continue;
		host->changed = true;
		instance->changed |= renewal_has_service(renewal, instance->place);
	}
	mdns_host_report(browser, sender->peer, &heard, now, outbox);
}

/* A host that is reported in another way than before has its former endpoint removed. */
void mdns_host_forgotten(struct mdns_browser *browser, const struct endpoint *endpoint)
{
	const struct presence *presence;

	STAILQ_FOREACH(presence, &endpoint->presences, next)
	{
		struct mdns_sender *sender =
		    mdns_sender_find(browser, endpoint->link, &presence->address);
		struct mdns_host *host = sender ? host_of_key(sender->peer, &endpoint->key) : NULL;
		if (!host || host->reflected != endpoint->reflected)
			continue;
		sender->expires = INSTANT_NEVER;
		unlist(sender->peer, host);
		mdns_peer_settle(browser, sender->peer);
	}
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
		enum record_care care = mdns_instance_care(browser, instance);
		next = SLIST_NEXT(instance, entry);
		if (record_life_is_over(&instance->txt_life, care, now))
			instance->txt_life = (struct record_life){.denied = true};
		if (record_life_is_over(&instance->ptr, mdns_pointer_care(instance), now) ||
		    record_life_is_over(&instance->srv, care, now))
			mdns_host_lose_instance(browser, peer, instance, outbox);
	}
}

/* A machine that has given up an address does not send from it any more. */
static void drop_sender(struct mdns_browser *browser, struct mdns_peer *peer,
    const struct address *address, struct outbox *outbox)
{
	const struct mdns_sender *sender = mdns_sender_find(browser, peer->link, address);
	struct mdns_host *host;
	size_t at = 0;

	SLIST_FOREACH(host, &peer->hosts, entry)
	if (mdns_host_find_address(host, address))
		return;
	if (!sender || sender->peer != peer || peer->sender_count == 1)
		return;
	SLIST_FOREACH(host, &peer->hosts, entry)
	if (host->shown)
		say_left_at(browser, sender, host, NULL, outbox);
	while (peer->senders[at] != sender)
		at++;
	mdns_peer_drop_sender(browser, peer, at);
}

static void expire_addresses(struct mdns_browser *browser, struct mdns_peer *peer,
    struct mdns_host *host, struct instant now, struct outbox *outbox)
{
	enum record_care care = mdns_host_care(browser, peer, host);

	for (size_t i = host->address_count; i-- > 0;) {
		if (!record_life_is_over(&host->addresses[i].life, care, now))
			continue;
		const struct address address = host->addresses[i].address;
		mdns_host_drop_address(browser, peer, host, i);
		drop_sender(browser, peer, &address, outbox);
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
		expire_addresses(browser, peer, host, now, outbox);
		if (host->address_count == 0 &&
		    (had || mdns_host_care(browser, peer, host) == RECORD_ENDS))
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
	const struct mdns_heard heard = {.from = peer->senders[0]->address};
	mdns_host_report(browser, peer, &heard, now, outbox);
	mdns_peer_settle(browser, peer);
}
