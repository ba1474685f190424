/* SPDX-License-Identifier: ISC
 * table_reconfirm: what is said to be gone, or somewhere else, is asked before that is believed
 * (as RFC 6762, 10.4 reconfirms records). */
#include "model/table_internal.h"
#include <stdlib.h>
#include <string.h>

/* Two questions a second apart, each answered within a second (UDA 2.0, 1.3.3). */
#define ANSWER_TIME SECONDS(3)
/* After a goodbye that was followed by an answer, others are doubted for so long. */
#define DOUBT     SECONDS(600)
#define ASK_AGAIN SECONDS(1)
/* A program that ends may still answer; the engines ask after 2 s (reconfirm_queue.h). */
#define ENDING SECONDS(2)
/* After an answer: a forger causes no more questions than one in this time. */
#define REST          SECONDS(10)
#define QUESTION_COST MILLISECONDS(125)
enum { QUESTION_BURST = 32, DEPARTURE_BURST = 64, DEPARTURE_WAYS = 8 };

/* A bucket is kept as the moment at which it will be full again. */
static bool take_from(const struct table *table, struct instant *full, int64_t burst)
{
	int64_t missing = instant_since(*full, table->now);

	if (!table->listener.question || missing + QUESTION_COST > burst * QUESTION_COST)
		return false;
	*full = instant_add(instant_later(*full, table->now), QUESTION_COST);
	return true;
}

static bool may_ask(struct table *table)
{
	return take_from(table, &table->questions_full, QUESTION_BURST);
}

/* What answers by its page alone has that read, too. */
static void ask(struct table *table, struct presence *presence, int64_t answer_time)
{
	struct endpoint *endpoint = presence->endpoint;
	const struct table_listener *listener = &table->listener;

	table_counted(table, COUNT_QUESTIONS);
	presence->reconfirmable = INSTANT_NEVER;
	presence->promised = presence->expires;
	presence->expires =
	    instant_earlier(presence->expires, instant_add(table->now, answer_time));
	table_endpoint_settle(table, endpoint);
	listener->question(listener->context, endpoint, presence, endpoint->verified);
	if (endpoint->described && !endpoint->answers && listener->check_url)
		listener->check_url(listener->context, endpoint);
}

bool table_reconfirm(struct table *table, struct presence *presence, int64_t answer_time)
{
	struct endpoint *endpoint = presence->endpoint;

	if (instant_is_never(presence->reconfirmable)) {
		presence->expires =
		    instant_earlier(presence->expires, instant_add(table->now, answer_time));
		table_endpoint_settle(table, endpoint);
		return true;
	}
	if (!instant_due(presence->reconfirmable, table->now) || !may_ask(table)) {
		table_counted(table, COUNT_QUESTIONS_LIMITED);
		return false;
	}
	ask(table, presence, answer_time);
	return true;
}

void table_reconfirm_last(struct table *table, struct presence *presence)
{
	if (instant_due(table_presence_last_call(presence), table->now))
		table_reconfirm(table, presence, TABLE_LAST_ANSWER_TIME);
}

static uint64_t place_of(const struct table *table, const struct presence *presence)
{
	struct {
		uint64_t key;
		uint32_t link;
		uint8_t address[sizeof(presence->address.bytes)];
	} bytes;

	memset(&bytes, 0, sizeof(bytes));
	bytes.key = presence->endpoint->by_key.hash;
	bytes.link = presence->endpoint->link;
	memcpy(bytes.address, presence->address.bytes, sizeof(bytes.address));
	return hashmap_hash(&table->by_key, (struct slice){(const char *)&bytes, sizeof(bytes)});
}

/* What is remembered of this presence. Where that is nothing, NULL or, to `make` it, what was asked
 * longest ago gives way. NULL without memory, too. */
static struct table_departure *departure_of(
    struct table *table, const struct presence *presence, bool make)
{
	uint64_t place = place_of(table, presence);
	struct table_departure *oldest = NULL;

	if (!table->departures && make)
		table->departures = calloc(TABLE_DEPARTURES, sizeof(*table->departures));
	if (!table->departures)
		return NULL;
	for (uint64_t i = 0; i < DEPARTURE_WAYS; i++) {
		struct table_departure *at = &table->departures[(place + i) % TABLE_DEPARTURES];
		if (at->place == place)
			return at;
		if (!oldest || instant_before(at->asked, oldest->asked))
			oldest = at;
	}
	if (make)
		*oldest = (struct table_departure){.place = place};
	return make ? oldest : NULL;
}

/* Not before an answer to the former question would have come, so that one that goes and comes all
 * the time does not put off when that counts. What was never verified may be a third party that a
 * forger has announced. */
static bool may_ask_departed(struct table *table, const struct endpoint *endpoint,
    const struct table_departure *departure, bool doubted)
{
	bool waits = departure && !departure->answered && !doubted;
	int64_t pause = waits ? ENDING + ANSWER_TIME : ASK_AGAIN;

	if (departure && !instant_due(instant_add(departure->asked, pause), table->now))
		return false;
	return endpoint->verified || take_from(table, &table->departures_full, DEPARTURE_BURST);
}

bool table_reconfirm_departure(struct table *table, struct presence *presence)
{
	const struct endpoint *endpoint = presence->endpoint;
	const struct table_listener *listener = &table->listener;
	struct table_departure *departure = departure_of(table, presence, false);
	bool doubted =
	    endpoint->by_page || (departure && !instant_due(departure->doubted_until, table->now));

	if (!listener->question)
		return false;
	if (instant_is_never(presence->reconfirmable))
		return doubted || endpoint->verified;
	bool again = may_ask_departed(table, endpoint, departure, doubted);
	if (again)
		departure = departure_of(table, presence, true);
	/* what cannot be noted is not asked: a flood of goodbyes would be one of questions */
	again = again && departure;
	if (again) {
		departure->asked = table->now;
		departure->answered = false;
		departure->epoch = (struct sighting_number){endpoint->has_epoch, endpoint->epoch};
	}
	if (departure)
		departure->verified |= endpoint->verified;
	presence->departing = true;
	if (again && doubted)
		ask(table, presence, ENDING + ANSWER_TIME);
	else if (again)
		listener->question(listener->context, endpoint, presence, false);
	else if (doubted &&
		 may_ask(table)) /* heard since it was asked: it may have come and gone */
		ask(table, presence, ENDING + ANSWER_TIME);
	return doubted;
}

/* A program that was restarted has said the truth. None does so all the time: what made it seem so
 * is forged. */
static bool is_excused(
    const struct table *table, struct table_departure *departure, const struct sighting *sighting)
{
	if (!departure->epoch.known || !sighting->epoch.known ||
	    departure->epoch.value == sighting->epoch.value ||
	    !instant_due(departure->excused_until, table->now))
		return false;
	departure->excused_until = instant_add(table->now, DOUBT);
	return true;
}

void table_reconfirm_answered(
    struct table *table, struct presence *presence, const struct sighting *sighting)
{
	struct table_departure *departure = departure_of(table, presence, false);

	presence->endpoint->answers = true;
	presence->endpoint->by_page = false;
	if (!departure || !instant_due(instant_add(departure->asked, ENDING), table->now) ||
	    instant_due(instant_add(departure->asked, REST), table->now))
		return;
	departure->answered = true;
	if (!is_excused(table, departure, sighting))
		departure->doubted_until = instant_add(table->now, DOUBT);
	if (departure->verified)
		table_endpoint_verify(table, presence->endpoint);
}

static bool is_rival(
    const struct endpoint *endpoint, const struct presence *presence, const struct sighting *like)
{
	const struct address *a = &presence->address, *b = &like->from;

	if (endpoint->reflected || like->reflected || endpoint->link != like->link ||
	    a->family != b->family || address_equal(a, b))
		return false;
	if (a->family == ADDRESS_IPV6)
		return address_is_link_local(a) == address_is_link_local(b);
	return prefix_contains(&(struct prefix){*b, like->network}, a);
}

/* No two hosts of a link have it at the same time: a name neither (RFC 6762, 9). */
static bool is_of_one_host(const struct key *key)
{
	return key_joins(key) || key->kind == KEY_NAME;
}

bool table_reconfirm_rivals(struct table *table, const struct sighting *sighting, uint64_t hash)
{
	struct hashmap_node *node = hashmap_first(&table->by_key, hash);
	struct presence *presence;
	bool asked = false;

	for (; node && is_of_one_host(&sighting->key); node = hashmap_next(node)) {
		struct endpoint *endpoint = CONTAINER_OF(node, struct endpoint, by_key);
		if (endpoint->protocol != sighting->protocol ||
		    !key_equal(&endpoint->key, &sighting->key))
			continue;
		STAILQ_FOREACH(presence, &endpoint->presences, next)
		if (is_rival(endpoint, presence, sighting))
			asked |= table_reconfirm(table, presence, ANSWER_TIME);
	}
	return asked;
}

bool table_reconfirm_end(struct table *table, struct presence *presence)
{
	if (!instant_is_never(presence->reconfirmable))
		return false;
	table_counted(table, COUNT_QUESTIONS_CONFIRMED);
	presence->reconfirmable = instant_add(table->now, REST);
	presence->departing = false;
	return true;
}
