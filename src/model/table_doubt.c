/* SPDX-License-Identifier: ISC
 * table_doubt: whoever is said to have left, but not by himself, is asked before that is believed.
 */
#include "model/table_internal.h"
#include <string.h>

/* Two questions a second apart, each answered within a second (UDA 2.0, 1.3.3). */
#define ANSWER_TIME SECONDS(3)
/* After an answer: a forger draws no more questions than this. */
#define REST          SECONDS(10)
#define QUESTION_COST MILLISECONDS(125)
enum { QUESTION_BURST = 32 };

/* The bucket is the moment at which it will be full again. */
static bool may_ask(struct table *table)
{
	int64_t missing = instant_since(table->questions_full, table->now);

	if (!table->questioner || missing + QUESTION_COST > QUESTION_BURST * QUESTION_COST)
		return false;
	table->questions_full =
	    instant_add(instant_later(table->questions_full, table->now), QUESTION_COST);
	return true;
}

void table_doubt_ask(
    struct table *table, const struct device *device, const struct device_presence *presence)
{
	if (!instant_is_never(presence->doubtable) && may_ask(table))
		table->questioner(table->questioner_context, device, presence, false);
}

bool table_doubt_is_rival(
    const struct device_presence *presence, const struct device_presence *like)
{
	const struct address *a = &presence->address, *b = &like->address;

	if (presence->link != like->link || a->family != b->family || address_equal(a, b) ||
	    strcmp(presence->protocol, like->protocol) != 0)
		return false;
	if (a->family == ADDRESS_IPV6)
		return address_is_link_local(a) == address_is_link_local(b);
	return prefix_contains(&(struct prefix){*b, like->network}, a);
}

/* What is fetched is the LOCATION in force, and from the address alone that said it. */
static bool was_read_there(
    const struct table *table, const struct device *device, const struct device_presence *presence)
{
	return device->reachable == DEVICE_REACHABLE_YES && presence->location &&
	       presence->location == table_merge_standing_location(table, device);
}

static bool doubt_one(
    struct table *table, const struct device *device, struct device_presence *presence)
{
	if (instant_is_never(presence->doubtable))
		return true;
	if (!instant_due(presence->doubtable, table->now) || !may_ask(table)) {
		table_counted(table, COUNT_DOUBTS_LIMITED);
		return false;
	}
	table_counted(table, COUNT_DOUBTS);
	presence->doubtable = INSTANT_NEVER;
	presence->expires =
	    instant_earlier(presence->expires, instant_add(table->now, ANSWER_TIME));
	table->questioner(
	    table->questioner_context, device, presence, was_read_there(table, device, presence));
	return true;
}

bool table_doubt(struct table *table, struct device *device, const struct device_presence *like,
    uint64_t location)
{
	bool doubted = false;

	for (size_t i = 0; i < device->presence_count; i++) {
		struct device_presence *presence = &device->presences[i];
		if (table_doubt_is_rival(presence, like) &&
		    (!location || presence->location == location))
			doubted |= doubt_one(table, device, presence);
	}
	return doubted;
}

bool table_doubt_is_contested(
    const struct table *table, const struct device *device, const struct device_presence *place)
{
	uint64_t standing = table_merge_standing_location(table, device);

	/* they stand in the order they came */
	for (const struct device_presence *other = device->presences; standing && other < place;
	     other++)
		if (other->location == standing && table_doubt_is_rival(other, place))
			return true;
	return false;
}

void table_doubt_settle(struct table *table, struct device_presence *presence)
{
	if (!instant_is_never(presence->doubtable))
		return;
	table_counted(table, COUNT_DOUBTS_CONFIRMED);
	presence->doubtable = instant_add(table->now, REST);
}
