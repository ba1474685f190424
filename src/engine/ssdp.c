/* SPDX-License-Identifier: ISC
 * ssdp: the UPnP way of discovery (UPnP Device Architecture 2.0, part 1) as an engine. */
#include "engine/ssdp.h"
#include "base/array.h"
#include "engine/ssdp_internal.h"
#include "model/link_change.h"
#include "model/offers.h"
#include "wire/usn.h"
#include <stddef.h>
#include <stdlib.h>

/* A longer one is not parsed. */
enum { DATAGRAM_MAX = 8192, RANK = 10 };

static const char *const COUNTER_NAMES[SSDP_COUNTERS] = {
    [SSDP_RECEIVED] = "received",
    [SSDP_OVERSIZED] = "oversized",
    [SSDP_MALFORMED] = "malformed",
    [SSDP_SURPLUS] = "surplus",
    [SSDP_OWN] = "own",
    [SSDP_OFF_LINK] = "off-link",
    [SSDP_IGNORED] = "ignored",
    [SSDP_NOTIFIES] = "notifies",
    [SSDP_RESPONSES] = "responses",
    [SSDP_LATE_RESPONSES] = "late-responses",
    [SSDP_SEARCHES] = "searches",
    [SSDP_SEARCHES_WITHOUT_MX] = "searches-without-mx",
    [SSDP_SEARCHES_UNMATCHED] = "searches-unmatched",
    [SSDP_SEARCHES_REPEATED] = "searches-repeated",
    [SSDP_SEARCHES_LIMITED] = "searches-limited",
    [SSDP_SEARCHES_REFUSED] = "searches-refused",
    [SSDP_ANSWERS] = "answers",
    [SSDP_ANSWERS_DROPPED] = "answers-dropped",
    [SSDP_RECONFIRMS] = "reconfirms",
};

#define AT(member) offsetof(struct ssdp_config, member)
static const struct config_option OPTIONS[] = {
    {"SSDP", "enabled", CONFIG_BOOL, AT(enabled), 0, 1, "yes",
	"Discover by SSDP, the discovery of UPnP"},
    {"SSDP", "max-age", CONFIG_NUMBER, AT(max_age), 30, 86400, "1800",
	"Lifetime of an announcement in seconds"},
    {"SSDP", "ttl", CONFIG_NUMBER, AT(ttl), 1, 255, "2", "Time to live of multicasts"},
    {"SSDP", "search-interval", CONFIG_NUMBER, AT(search_interval), 10, 86400, "900",
	"Seconds from one search to the next"},
    {"SSDP", "search-targets", CONFIG_TARGETS, AT(search_targets), 0, 1024, NULL,
	"Search targets besides ssdp:all and upnp:rootdevice"},
    {"SSDP", "answer-limit", CONFIG_BOOL, AT(answer_limit), 0, 1, "yes",
	"Limit the answers per source and overall; \"no\" is for measuring only"},
};
static const struct config_section SECTION = {
    {OPTIONS, COUNT_OF(OPTIONS)}, sizeof(struct ssdp_config)};

static bool ssdp_enabled(const struct config *config)
{
	return ssdp_config(config)->enabled;
}

static size_t ssdp_sockets(
    const struct config *config, struct engine_sockets sockets[ENGINE_SOCKETS_MAX])
{
	sockets[0] = (struct engine_sockets){
	    .port = SSDP_PORT,
	    .datagram_max = DATAGRAM_MAX,
	    .ipv6 = config->network.ipv6,
	    .may_move = true,
	    .ephemeral = true,
	    .groups = SSDP_GROUPS,
	    .group_count = SSDP_GROUP_COUNT,
	};
	return 1;
}

static struct ssdp *ssdp_of(struct engine *engine)
{
	return CONTAINER_OF(engine, struct ssdp, engine);
}

static const struct ssdp *ssdp_of_const(const struct engine *engine)
{
	return CONTAINER_OF(engine, const struct ssdp, engine);
}

static void ssdp_destroy(struct engine *engine)
{
	struct ssdp *ssdp = ssdp_of(engine);
	ssdp_answer_fini(ssdp);
	ssdp_index_clear(&ssdp->index);
	for (size_t i = 0; i < ssdp->sender_count; i++)
		ssdp_sender_fini(&ssdp->senders[i]);
	reconfirm_queue_fini(&ssdp->reconfirms);
	free(ssdp->senders);
	free(ssdp);
}

static struct engine *ssdp_create(const struct engine_context *context)
{
	struct ssdp *ssdp = calloc(1, sizeof(*ssdp));
	if (!ssdp)
		return NULL;
	ssdp->engine.type = &SSDP_ENGINE;
	ssdp->context = context;
	ssdp->request.repeat_due = ssdp->senders_due = INSTANT_NEVER;
	ssdp->link_changes.due = INSTANT_NEVER;
	counters_init(ssdp->counters, COUNTER_NAMES, SSDP_COUNTERS);
	if (ssdp_answer_init(ssdp) < 0) {
		ssdp_destroy(&ssdp->engine);
		return NULL;
	}
	return &ssdp->engine;
}

/* To be called after anything that may change when sender addresses announce or search: a datagram
 * does not, so its price does not depend on how many there are. */
static void note_senders_due(struct ssdp *ssdp)
{
	struct instant due = INSTANT_NEVER;

	for (size_t i = 0; i < ssdp->sender_count; i++) {
		due = instant_earlier(due, ssdp_announce_deadline(&ssdp->senders[i]));
		due = instant_earlier(due, ssdp->senders[i].search_due);
	}
	ssdp->senders_due = due;
}

static void ssdp_start(struct engine *engine, struct instant now, struct outbox *outbox)
{
	(void)outbox;
	ssdp_sender_follow_links(ssdp_of(engine), now);
	note_senders_due(ssdp_of(engine));
}

static void ssdp_input(struct engine *engine, struct instant now, const struct datagram *datagram,
    struct outbox *outbox)
{
	ssdp_listen(ssdp_of(engine), now, datagram, outbox);
}

static bool ssdp_repeated(struct engine *engine, struct instant now,
    const struct datagram *datagram, uint8_t kind, struct outbox *outbox)
{
	return ssdp_listen_repeated(ssdp_of(engine), now, datagram, kind, outbox);
}

static void advance_senders(struct ssdp *ssdp, struct instant now, struct outbox *outbox)
{
	for (size_t i = 0; i < ssdp->sender_count; i++) {
		ssdp_announce_advance(ssdp, &ssdp->senders[i], now, outbox);
		ssdp_search_advance(ssdp, &ssdp->senders[i], now, outbox);
	}
	note_senders_due(ssdp);
}

static void ssdp_advance(struct engine *engine, struct instant now, struct outbox *outbox)
{
	struct ssdp *ssdp = ssdp_of(engine);
	if (instant_due(ssdp->link_changes.due, now)) {
		bool changed = ssdp_sender_follow_links(ssdp, now);

		note_senders_due(ssdp);
		/* nothing is sent before the update */
		outbox->renumber |= changed;
		if (changed)
			return;
	}
	if (instant_due(ssdp->senders_due, now))
		advance_senders(ssdp, now, outbox);
	if (instant_due(ssdp->request.repeat_due, now)) {
		ssdp_search_repeat_request(ssdp, now, outbox);
		note_senders_due(ssdp);
	}
	ssdp_search_reconfirm(ssdp, now, outbox);
	ssdp_answer_advance(ssdp, now, outbox);
}

static struct instant ssdp_deadline(const struct engine *engine)
{
	const struct ssdp *ssdp = ssdp_of_const(engine);
	struct instant deadline =
	    instant_earlier(ssdp_answer_deadline(ssdp), ssdp->request.repeat_due);
	deadline = instant_earlier(deadline, reconfirm_queue_deadline(&ssdp->reconfirms));
	deadline = instant_earlier(deadline, ssdp->link_changes.due);
	return instant_earlier(deadline, ssdp->senders_due);
}

/* A link that is not used any more may still carry a goodbye, for example one that was denied. From
 * an address that is gone nothing can be sent: what was announced with it expires. */
static void ssdp_link_changed(struct engine *engine, struct instant now,
    const struct link_change *change, struct outbox *outbox)
{
	struct ssdp *ssdp = ssdp_of(engine);
	for (size_t i = 0; change->event == LINK_GONE && i < ssdp->sender_count; i++)
		if (ssdp->senders[i].link == change->link->index &&
		    ssdp->senders[i].generation == change->link->generation)
			ssdp_announce_goodbyes(ssdp, &ssdp->senders[i], now, outbox);
	outbox->renumber |= ssdp_sender_follow_links(ssdp, now);
	note_senders_due(ssdp);
}

static void sender_offer_changed(struct ssdp *ssdp, struct ssdp_sender *sender, struct instant now,
    const struct offer_change *change, struct outbox *outbox)
{
	switch (change->event) {
	case OFFER_GONE:
		ssdp_announce_goodbye(ssdp, sender, change->offer, now, outbox);
		ssdp_announce_follow_offers(ssdp, sender, now);
		break;
	case OFFER_CAME:
		ssdp_announce_follow_offers(ssdp, sender, now);
		break;
	case OFFER_RENUMBERED:
		ssdp_announce_update(ssdp, sender, now);
		break;
	}
}

/* An update is sent at once: other messages of ours may contain the new number from now on. */
static void ssdp_offer_changed(struct engine *engine, struct instant now,
    const struct offer_change *change, struct outbox *outbox)
{
	struct ssdp *ssdp = ssdp_of(engine);

	ssdp_index_clear(&ssdp->index);
	for (size_t i = 0; i < ssdp->sender_count; i++)
		sender_offer_changed(ssdp, &ssdp->senders[i], now, change, outbox);
	for (size_t i = 0; change->event == OFFER_RENUMBERED && i < ssdp->sender_count; i++)
		ssdp_announce_advance(ssdp, &ssdp->senders[i], now, outbox);
	note_senders_due(ssdp);
}

static void ssdp_search(struct engine *engine, struct instant now, struct slice target,
    unsigned seconds, struct outbox *outbox)
{
	/* UDA 2.0, 1.3.2: what stands for everything. */
	if (target.len == 0)
		target = SLICE("ssdp:all");
	ssdp_search_request(ssdp_of(engine), now, target, seconds, outbox);
	note_senders_due(ssdp_of(engine));
}

static bool has_type(const struct endpoint *endpoint, struct slice target)
{
	if (endpoint_fact(endpoint, FACT_TYPE) &&
	    urn_satisfies(slice_of(endpoint_fact(endpoint, FACT_TYPE)), target))
		return true;
	for (size_t i = 0; i < endpoint->service_count; i++)
		if (urn_satisfies(slice_of(endpoint->services[i].type), target))
			return true;
	return false;
}

/* UDA 2.0, 1.3.2: the search targets that a control point may name. What answers a search for a
 * vendor's own target need not say by which name it was asked. */
static bool ssdp_matches(const struct endpoint *endpoint, struct slice target)
{
	struct key key = key_of_id(target);

	if (slice_equal(target, SLICE("ssdp:all")))
		return true;
	if (slice_equal(target, SLICE("upnp:rootdevice")))
		return endpoint->primary || endpoint->url;
	if (key_equal(&key, &endpoint->key) || has_type(endpoint, target))
		return true;
	return target.len > 0 && key.kind != KEY_UUID &&
	       !slice_starts_with_nocase(target, SLICE("uuid:")) &&
	       !slice_starts_with_nocase(target, SLICE("urn:"));
}

static bool intervals_differ(const struct ssdp_config *a, const struct ssdp_config *b)
{
	return a->max_age != b->max_age || a->search_interval != b->search_interval ||
	       !text_list_equal(&a->search_targets, &b->search_targets);
}

static void ssdp_reconfigured(
    struct engine *engine, struct instant now, const struct config *before, struct outbox *outbox)
{
	struct ssdp *ssdp = ssdp_of(engine);
	(void)outbox;
	ssdp_index_clear(&ssdp->index);
	if (!intervals_differ(ssdp_config(before), ssdp_config(ssdp->context->config)))
		return;
	for (size_t i = 0; i < ssdp->sender_count; i++) {
		ssdp_announce_again(ssdp, &ssdp->senders[i], now);
		ssdp_search_again(ssdp, &ssdp->senders[i], now);
	}
	note_senders_due(ssdp);
}

static void ssdp_reconfirm(
    struct engine *engine, struct instant now, const struct engine_reconfirm *reconfirm)
{
	struct ssdp *ssdp = ssdp_of(engine);
	struct instant due = now;

	if (reconfirm->departed && !reconfirm->multicast_retry)
		due = instant_later(
		    now, ssdp_byebye_settled(ssdp, &reconfirm->address, reconfirm->key));
	reconfirm_queue_add(&ssdp->reconfirms, due, reconfirm);
}

static void ssdp_stop(struct engine *engine, struct instant now, struct outbox *outbox)
{
	struct ssdp *ssdp = ssdp_of(engine);
	/* The first address is the one in use elsewhere: it says goodbye last. */
	for (size_t i = ssdp->sender_count; i-- > 0;)
		ssdp_announce_goodbyes(ssdp, &ssdp->senders[i], now, outbox);
}

static struct counter_group ssdp_counters(const struct engine *engine)
{
	const struct ssdp *ssdp = ssdp_of_const(engine);
	return (struct counter_group){SSDP_ENGINE.id.name, ssdp->counters, SSDP_COUNTERS};
}

const struct engine_type SSDP_ENGINE = {
    .id = {"ssdp", RANK},
    .section = &SECTION,
    .enabled = ssdp_enabled,
    .sockets = ssdp_sockets,
    .create = ssdp_create,
    .destroy = ssdp_destroy,
    .start = ssdp_start,
    .input = ssdp_input,
    .repeated = ssdp_repeated,
    .advance = ssdp_advance,
    .deadline = ssdp_deadline,
    .link_changed = ssdp_link_changed,
    .offer_changed = ssdp_offer_changed,
    .search = ssdp_search,
    .matches = ssdp_matches,
    .reconfigured = ssdp_reconfigured,
    .reconfirm = ssdp_reconfirm,
    .stop = ssdp_stop,
    .counters = ssdp_counters,
};
