/* SPDX-License-Identifier: ISC
 * table_string: the strings of endpoints, held by the pool, each of which counts for its source. */
#include "base/text.h"
#include "model/table_internal.h"
#include <stdlib.h>
#include <string.h>

static const size_t FACT_CAPACITY[FACTS] = {
    [FACT_NAME] = 256,
    [FACT_TYPE] = ENDPOINT_TEXT_MAX,
    [FACT_MANUFACTURER] = 256,
    [FACT_MODEL] = 256,
    [FACT_MODEL_NUMBER] = 256,
    [FACT_MODEL_DESCRIPTION] = 256,
    [FACT_SERIAL] = 256,
    [FACT_PRESENTATION_URL] = ENDPOINT_URL_MAX,
    [FACT_ICON_URL] = ENDPOINT_URL_MAX,
    [FACT_HOST_NAME] = 256,
    [FACT_SERVER] = 256,
};

void table_drop_string(struct table *table, struct endpoint *endpoint, const char **place)
{
	if (!*place)
		return;
	table_source_charge(table, endpoint, -(int64_t)strlen(*place) - 1);
	string_pool_put(&table->strings, *place);
	*place = NULL;
	table_repeats_forget(table, endpoint);
}

/* Takes over a string that is held. */
static void put(
    struct table *table, struct endpoint *endpoint, const char **place, const char *string)
{
	table_drop_string(table, endpoint, place);
	*place = string;
	table_source_charge(table, endpoint, (int64_t)strlen(string) + 1);
}

bool table_share_string(
    struct table *table, struct endpoint *endpoint, const char **place, const char *string)
{
	size_t held = *place ? strlen(*place) + 1 : 0, needed = strlen(string) + 1;

	if (*place == string ||
	    (needed > held && table_source_make_room(table, endpoint, needed - held) < 0))
		return false;
	put(table, endpoint, place, string_pool_hold(string));
	return true;
}

bool table_set_string(struct table *table, struct endpoint *endpoint, const char **place,
    struct slice value, size_t capacity)
{
	char text[ENDPOINT_URL_MAX];
	struct slice old = slice_of(*place);

	if (value.len == 0 || slice_equal(old, value))
		return false;
	capacity = capacity < sizeof(text) ? capacity : sizeof(text);
	struct slice clean = text_cleaned(value, text, capacity);
	if (clean.len == 0 || slice_equal(old, clean))
		return false;
	size_t held = *place ? old.len + 1 : 0;
	if (clean.len + 1 > held &&
	    table_source_make_room(table, endpoint, clean.len + 1 - held) < 0)
		return false;
	const char *string = string_pool_get(&table->strings, clean);
	if (!string) {
		table_counted(table, COUNT_OUT_OF_MEMORY);
		return false;
	}
	put(table, endpoint, place, string);
	return true;
}

static size_t place_of(const struct endpoint *endpoint, enum endpoint_fact fact)
{
	return (size_t)__builtin_popcount(endpoint->fact_set & ((1u << fact) - 1));
}

/* A place for one more, with this string. False where there is no room. */
static bool insert_fact(
    struct table *table, struct endpoint *endpoint, enum endpoint_fact fact, const char *string)
{
	size_t at = place_of(endpoint, fact), count = place_of(endpoint, FACTS);

	if (table_source_make_room(table, endpoint, sizeof(string)) < 0)
		return false;
	const char **facts = reallocarray(endpoint->fact_texts, count + 1, sizeof(*facts));
	if (!facts) {
		table_counted(table, COUNT_OUT_OF_MEMORY);
		return false;
	}
	memmove(&facts[at + 1], &facts[at], (count - at) * sizeof(*facts));
	facts[at] = string;
	endpoint->fact_texts = facts;
	endpoint->fact_set |= (uint16_t)(1u << fact);
	table_source_charge(table, endpoint, sizeof(*facts));
	return true;
}

bool table_set_fact(
    struct table *table, struct endpoint *endpoint, enum endpoint_fact fact, struct slice value)
{
	const char *string = NULL;

	if (endpoint_fact(endpoint, fact))
		return table_set_string(table, endpoint,
		    &endpoint->fact_texts[place_of(endpoint, fact)], value, FACT_CAPACITY[fact]);
	if (!table_set_string(table, endpoint, &string, value, FACT_CAPACITY[fact]))
		return false;
	if (insert_fact(table, endpoint, fact, string))
		return true;
	table_drop_string(table, endpoint, &string);
	return false;
}

void table_drop_fact(struct table *table, struct endpoint *endpoint, enum endpoint_fact fact)
{
	size_t at = place_of(endpoint, fact), count = place_of(endpoint, FACTS);

	if (!endpoint_fact(endpoint, fact))
		return;
	table_drop_string(table, endpoint, &endpoint->fact_texts[at]);
	memmove(&endpoint->fact_texts[at], &endpoint->fact_texts[at + 1],
	    (count - at - 1) * sizeof(*endpoint->fact_texts));
	endpoint->fact_set &= (uint16_t) ~(1u << fact);
	table_source_charge(table, endpoint, -(int64_t)sizeof(*endpoint->fact_texts));
	if (!endpoint->fact_set) {
		free(endpoint->fact_texts);
		endpoint->fact_texts = NULL;
	}
}
