/* SPDX-License-Identifier: ISC
 * mdns_question: what is asked on each link, and when (RFC 6762, 5 and 7). */
#include "engine/mdns_browser_internal.h"
#include "model/link_change.h"
#include <stdlib.h>
#include <string.h>

/* RFC 6762, 5.2. */
#define FIRST_MIN    MILLISECONDS(20)
#define FIRST_MAX    MILLISECONDS(120)
#define INTERVAL     SECONDS(1)
#define INTERVAL_MAX SECONDS(3600)
/* Of one packet. */
enum { QUESTIONS_MAX = 128 };
/* Bytes of a packet from the ephemeral port: avahi repeats the questions with its answers in 512
 * bytes (RFC 6762, 6.7), and leaves out what does not fit. */
enum { UNICAST_QUESTIONS_LEN = 128 };
/* Missing records are asked for so often. */
enum { TRIES_MAX = 3 };

/* Questions of one link that go together, with the answers that are known. */
struct asking {
	struct mdns_browser *browser;
	struct mdns_browsed *link;
	const struct link *net;
	struct instant now;
	struct outbox *outbox;
	const struct mdns_type *types[QUESTIONS_MAX]; /* that this packet asks for */
	size_t type_count, count;
	struct dns_writer w;
	uint8_t bytes[MDNS_PACKET_MAX];
};

static struct instant soon(const struct mdns_browser *browser, struct instant now)
{
	return instant_add(
	    now, rng_between(mdns_browser_context(browser)->rng, FIRST_MIN, FIRST_MAX));
}

/* Links. */

struct mdns_browsed *mdns_browsed_find(const struct mdns_browser *browser, uint32_t index)
{
	struct mdns_browsed *link;

	TAILQ_FOREACH(link, &browser->links, entry)
	if (link->index == index)
		return link;
	return NULL;
}

struct mdns_browsed *mdns_browsed_add(
    struct mdns_browser *browser, uint32_t index, struct instant now)
{
	struct mdns_browsed *link = calloc(1, sizeof(*link));
	struct mdns_type *type;

	if (!link)
		return NULL;
	link->index = index;
	link->hurried = true;
	TAILQ_INSERT_TAIL(&browser->links, link, entry);
	TAILQ_FOREACH(type, &browser->types, entry)
	if (type->builtin)
		mdns_question_add(browser, link, type, now);
	mdns_question_restart(browser, link, NULL, now);
	return link;
}

void mdns_browsed_free(struct mdns_browser *browser, struct mdns_browsed *link)
{
	for (size_t i = 0; i < link->question_count; i++)
		mdns_type_release(browser, link->questions[i].type);
	free(link->questions);
	TAILQ_REMOVE(&browser->links, link, entry);
	free(link);
}

struct mdns_question *mdns_question_find(
    const struct mdns_browsed *link, const struct mdns_type *type)
{
	for (size_t i = 0; i < link->question_count; i++)
		if (link->questions[i].type == type)
			return &link->questions[i];
	return NULL;
}

struct mdns_question *mdns_question_add(struct mdns_browser *browser, struct mdns_browsed *link,
    struct mdns_type *type, struct instant now)
{
	struct mdns_question *question = mdns_question_find(link, type);

	if (question)
		return question;
	if (link->question_count == link->question_capacity) {
		size_t capacity = link->question_capacity ? 2 * link->question_capacity : 64;
		struct mdns_question *questions =
		    reallocarray(link->questions, capacity, sizeof(*questions));
		if (!questions)
			return NULL;
		link->questions = questions;
		link->question_capacity = capacity;
	}
	question = &link->questions[link->question_count++];
	*question = (struct mdns_question){
	    .type = type,
	    .due = soon(browser, now),
	    .interval = INTERVAL,
	    .overheard = MDNS_LONG_AGO,
	};
	type->users++;
	return question;
}

void mdns_question_restart(struct mdns_browser *browser, struct mdns_browsed *link,
    const struct mdns_type *type, struct instant now)
{
	struct instant due = soon(browser, now);

	for (size_t i = 0; i < link->question_count; i++) {
		struct mdns_question *question = &link->questions[i];
		if (type && question->type != type)
			continue;
		question->due = due;
		question->interval = INTERVAL;
	}
}

static bool has_instances(const struct mdns_browser *browser, const struct mdns_browsed *link,
    const struct mdns_type *type)
{
	const struct mdns_instance *instance;
	const struct mdns_peer *peer;

	TAILQ_FOREACH(peer, &browser->peers, entry)
	SLIST_FOREACH(instance, &peer->instances, entry)
	if (instance->type == type && peer->link == link->index)
		return true;
	return false;
}

/* Of a type that no host on the link names or has any more. */
static void drop_unused(struct mdns_browser *browser, struct mdns_browsed *link, struct instant now)
{
	for (size_t i = link->question_count; i-- > 0;) {
		struct mdns_question *question = &link->questions[i];
		if (question->type->builtin || !instant_due(question->listed_until, now) ||
		    has_instances(browser, link, question->type))
			continue;
		mdns_type_release(browser, question->type);
		*question = link->questions[--link->question_count];
	}
}

struct instant mdns_question_deadline(const struct mdns_browsed *link)
{
	struct instant due = INSTANT_NEVER;

	for (size_t i = 0; i < link->question_count; i++)
		due = instant_earlier(due, link->questions[i].due);
	return due;
}

bool mdns_browsed_suits(const struct link *link)
{
	return link->multicast && !link->loopback;
}

static void drop_link(struct mdns_browser *browser, uint32_t index)
{
	struct mdns_browsed *link = mdns_browsed_find(browser, index);
	struct mdns_peer *peer, *next;

	for (peer = TAILQ_FIRST(&browser->peers); peer; peer = next) {
		next = TAILQ_NEXT(peer, entry);
		if (peer->link == index)
			mdns_peer_free(browser, peer);
	}
	if (link)
		mdns_browsed_free(browser, link);
}

void mdns_browsed_follow(
    struct mdns_browser *browser, struct instant now, const struct link_change *change)
{
	struct mdns_browsed *link = mdns_browsed_find(browser, change->link->index);

	if (change->event == LINK_GONE) {
		drop_link(browser, change->link->index);
	} else if (!link && change->event != LINK_ADDRESS_GONE &&
		   mdns_browsed_suits(change->link)) {
		mdns_browsed_add(browser, change->link->index, now);
	} else if (link && change->event == LINK_ADDRESS_CAME) {
		link->hurried = true;
		mdns_question_restart(browser, link, NULL, now);
	}
}

/* Packets. */

static void begin_packet(struct asking *asking, size_t capacity)
{
	dns_writer_init(&asking->w, asking->bytes, capacity, 0, 0);
	asking->count = asking->type_count = 0;
}

static void send_packet(struct asking *asking, bool more)
{
	struct mdns *mdns = asking->browser->mdns;

	if (more)
		dns_writer_flags(&asking->w, DNS_TRUNCATED);
	mdns_send(mdns, asking->net, dns_writer_result(&asking->w), asking->outbox);
	mdns_counted(mdns, MDNS_QUERIES);
}

/* Where it does not fit, another packet goes on (RFC 6762, 7.2). */
static void write_known(struct asking *asking, const struct dns_record *record)
{
	if (dns_writer_record(&asking->w, record))
		return;
	send_packet(asking, true);
	begin_packet(asking, mdns_packet_size(asking->net));
	dns_writer_record(&asking->w, record);
}

bool mdns_is_known(struct instant expires, uint32_t ttl, struct instant now)
{
	return ttl && 2 * instant_since(expires, now) >= SECONDS(ttl);
}

bool mdns_instance_is_known(const struct mdns_instance *instance, struct instant now)
{
	const struct record_life *life = &instance->ptr;

	return !life->leaving && !life->checking && mdns_is_known(life->expires, life->ttl, now);
}

static void write_pointer(struct asking *asking, const struct mdns_type *type,
    const struct dns_name *target, struct instant expires)
{
	write_known(asking, &(struct dns_record){
				.section = DNS_ANSWER,
				.name = type->name,
				.type = DNS_PTR,
				.class = DNS_IN,
				.ttl = (uint32_t)(instant_since(expires, asking->now) / SECONDS(1)),
				.target = *target,
			    });
}

static void write_known_instances(struct asking *asking, const struct mdns_type *type)
{
	const struct mdns_instance *instance;
	const struct mdns_peer *peer;
	struct dns_name name;

	TAILQ_FOREACH(peer, &asking->browser->peers, entry)
	{
		if (peer->link != asking->link->index)
			continue;
		SLIST_FOREACH(instance, &peer->instances, entry)
		{
			if (instance->type != type ||
			    !mdns_instance_is_known(instance, asking->now))
				continue;
			mdns_instance_name(instance, &name);
			write_pointer(asking, type, &name, instance->ptr.expires);
		}
	}
}

static void write_known_types(struct asking *asking, const struct mdns_type *enumeration)
{
	const struct mdns_browsed *link = asking->link;

	for (size_t i = 1; i < link->question_count; i++) {
		const struct mdns_question *question = &link->questions[i];
		if (mdns_is_known(question->listed_until, question->listed_ttl, asking->now))
			write_pointer(
			    asking, enumeration, &question->type->name, question->listed_until);
	}
}

static void end_packet(struct asking *asking)
{
	const struct mdns_type *types[QUESTIONS_MAX];
	size_t count = asking->type_count;

	if (asking->count == 0)
		return;
	memcpy(types, asking->types, count * sizeof(types[0]));
	for (size_t i = 0; i < count; i++) {
		if (types[i] == TAILQ_FIRST(&asking->browser->types))
			write_known_types(asking, types[i]);
		else
			write_known_instances(asking, types[i]);
	}
	send_packet(asking, false);
	begin_packet(asking, mdns_packet_size(asking->net));
}

static void ask(struct asking *asking, const struct dns_name *name, uint16_t type)
{
	if (asking->count == QUESTIONS_MAX ||
	    !dns_writer_question(&asking->w, name, type, DNS_IN, false)) {
		end_packet(asking);
		if (!dns_writer_question(&asking->w, name, type, DNS_IN, false))
			return;
	}
	asking->count++;
}

static void ask_type(struct asking *asking, const struct mdns_type *type)
{
	ask(asking, &type->name, DNS_PTR);
	if (asking->type_count < QUESTIONS_MAX)
		asking->types[asking->type_count++] = type;
}

/* The same from the ephemeral port. What is known is not said: an answer is a sign of life. */
static void ask_by_unicast(struct asking *asking, const struct mdns_question *due[], size_t count)
{
	struct mdns_browser *browser = asking->browser;
	size_t at = 0;

	while (at < count) {
		dns_writer_init(&asking->w, asking->bytes, UNICAST_QUESTIONS_LEN, browser->id, 0);
		size_t first = at;
		while (at < count && dns_writer_question(
					 &asking->w, &due[at]->type->name, DNS_PTR, DNS_IN, false))
			at++;
		if (at == first)
			return;
		mdns_send_ephemeral(
		    browser->mdns, asking->net, dns_writer_result(&asking->w), asking->outbox);
		mdns_counted(browser->mdns, MDNS_QUERIES_UNICAST);
	}
}

/* Those that are due within a tenth of their interval are asked together with others. */
static size_t take_due(
    const struct asking *asking, const struct mdns_question *due[MDNS_TYPES_MAX + 1])
{
	struct mdns_browsed *link = asking->link;
	size_t count = 0;

	for (size_t i = 0; i < link->question_count && count <= MDNS_TYPES_MAX; i++) {
		struct mdns_question *question = &link->questions[i];
		if (!instant_due(instant_add(question->due, -question->interval / 10), asking->now))
			continue;
		due[count++] = question;
		question->due = instant_add(asking->now, question->interval);
		question->interval *= 2;
		if (question->interval > INTERVAL_MAX)
			question->interval = INTERVAL_MAX;
	}
	return count;
}

static void ask_types(struct asking *asking)
{
	const struct mdns_question *due[MDNS_TYPES_MAX + 1];
	size_t count;

	if (!instant_due(mdns_question_deadline(asking->link), asking->now))
		return;
	drop_unused(asking->browser, asking->link, asking->now);
	count = take_due(asking, due);
	if (asking->link->hurried && count) {
		asking->link->hurried = false;
		ask_by_unicast(asking, due, count);
		begin_packet(asking, mdns_packet_size(asking->net));
	}
	for (size_t i = 0; i < count; i++)
		ask_type(asking, due[i]->type);
}

/* Records of peers. */

static void ask_missing(struct asking *asking, struct mdns_peer *peer)
{
	const struct mdns_instance *instance;
	const struct mdns_host *host;
	struct dns_name_ref ref;
	struct dns_name name;

	SLIST_FOREACH(instance, &peer->instances, entry)
	{
		bool srv = instance->srv.ttl == 0 && !instance->srv.denied;
		bool txt = instance->txt_life.ttl == 0 && !instance->txt_life.denied;
		mdns_instance_name(instance, &name);
		if (srv)
			ask(asking, &name, DNS_SRV);
		if (txt)
			ask(asking, &name, DNS_TXT);
	}
	SLIST_FOREACH(host, &peer->hosts, entry)
	{
		if (host->address_count > 0)
			continue;
		ref = mdns_host_name(host);
		dns_name_expand(&ref, &name);
		ask(asking, &name, DNS_A);
		ask(asking, &name, DNS_AAAA);
	}
}

static void ask_instances(struct asking *asking, struct mdns_peer *peer)
{
	struct mdns_instance *instance;
	struct dns_name name;

	SLIST_FOREACH(instance, &peer->instances, entry)
	{
		enum record_care care = mdns_instance_care(asking->browser, instance);
		bool srv = record_life_ask(&instance->srv, care, asking->now);
		bool txt = record_life_ask(&instance->txt_life, care, asking->now);
		if (!srv && !txt)
			continue;
		mdns_instance_name(instance, &name);
		if (srv)
			ask(asking, &name, DNS_SRV);
		if (txt)
			ask(asking, &name, DNS_TXT);
	}
}

static void ask_hosts(struct asking *asking, struct mdns_peer *peer)
{
	struct mdns_host *host;
	struct dns_name_ref ref;
	struct dns_name name;

	SLIST_FOREACH(host, &peer->hosts, entry)
	{
		enum record_care care = mdns_host_care(asking->browser, peer, host);
		bool ipv4 = false, ipv6 = false;
		for (size_t i = 0; i < host->address_count; i++) {
			if (!record_life_ask(&host->addresses[i].life, care, asking->now))
				continue;
			ipv4 |= host->addresses[i].address.family == ADDRESS_IPV4;
			ipv6 |= host->addresses[i].address.family == ADDRESS_IPV6;
		}
		ref = mdns_host_name(host);
		dns_name_expand(&ref, &name);
		if (ipv4)
			ask(asking, &name, DNS_A);
		if (ipv6)
			ask(asking, &name, DNS_AAAA);
	}
}

/* A question for the type, before the types are asked. */
static void hurry_types(struct asking *asking, struct mdns_peer *peer)
{
	struct mdns_instance *instance;

	SLIST_FOREACH(instance, &peer->instances, entry)
	{
		struct mdns_question *question = mdns_question_find(asking->link, instance->type);
		enum record_care care = mdns_pointer_care(instance);
		if (record_life_ask(&instance->ptr, care, asking->now) && question)
			question->due = asking->now;
	}
}

static void ask_peer(struct asking *asking, struct mdns_peer *peer)
{
	ask_instances(asking, peer);
	ask_hosts(asking, peer);
	if (!instant_due(peer->retry, asking->now))
		return;
	ask_missing(asking, peer);
	peer->retry = ++peer->tries < TRIES_MAX
			  ? instant_add(asking->now, SECONDS(1 << (peer->tries - 1)))
			  : INSTANT_NEVER;
}

static bool peer_is_due(
    const struct mdns_browsed *link, const struct mdns_peer *peer, struct instant now)
{
	return peer->link == link->index && peer->by_due.key <= now.us;
}

void mdns_question_advance(struct mdns_browser *browser, struct mdns_browsed *link,
    struct instant now, struct outbox *outbox)
{
	const struct link *net = link_set_find(mdns_browser_context(browser)->links, link->index);
	const struct heap_node *first = heap_top(&browser->by_due);
	bool peers_due = first && first->key <= now.us;
	struct asking asking;
	struct mdns_peer *peer;

	if (!net || (!peers_due && !instant_due(mdns_question_deadline(link), now)))
		return;
	asking.browser = browser;
	asking.link = link;
	asking.net = net;
	asking.now = now;
	asking.outbox = outbox;
	begin_packet(&asking, mdns_packet_size(net));
	TAILQ_FOREACH(peer, &browser->peers, entry)
	if (peers_due && peer_is_due(link, peer, now))
		hurry_types(&asking, peer);
	ask_types(&asking);
	TAILQ_FOREACH(peer, &browser->peers, entry)
	if (peers_due && peer_is_due(link, peer, now)) {
		ask_peer(&asking, peer);
		mdns_send_verify(browser, peer, now, outbox);
		mdns_peer_settle(browser, peer);
	}
	end_packet(&asking);
}
