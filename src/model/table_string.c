/* SPDX-License-Identifier: ISC
 * table_string: the strings of endpoints, held by the pool, each of which counts for its source. */
#include "base/text.h"
#include "model/table_internal.h"
#include <string.h>

void table_drop_string(struct table *table, struct endpoint *endpoint, const char **place)
{
	if (!*place)
		return;
	table_source_charge(table, endpoint, -(int64_t)strlen(*place) - 1);
	string_pool_put(&table->strings, *place);
	*place = NULL;
	table_repeats_forget(table, endpoint);
}

bool table_set_string(struct table *table, struct endpoint *endpoint, const char **place,
    struct slice value, size_t capacity)
{
	char text[ENDPOINT_URL_MAX];
	struct slice old = slice_of(*place);

	if (value.len == 0 || slice_equal(old, value))
		return false;
	capacity = capacity < sizeof(text) ? capacity : sizeof(text);
	struct slice clean = {text, text_clean(value, text, capacity)};
	if (clean.len == 0 || slice_equal(old, clean))
		return false;
	if (clean.len > old.len && table_source_make_room(table, endpoint, clean.len - old.len) < 0)
		return false;
	const char *string = string_pool_get(&table->strings, clean);
	if (!string) {
		table_counted(table, COUNT_OUT_OF_MEMORY);
		return false;
	}
	table_drop_string(table, endpoint, place);
	*place = string;
	table_repeats_forget(table, endpoint);
	table_source_charge(table, endpoint, (int64_t)strlen(string) + 1);
	return true;
}
