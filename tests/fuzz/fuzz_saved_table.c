/* SPDX-License-Identifier: ISC
 * fuzz_saved_table: any text in the place of a saved table, as it is, and as the lines before an
 * end that fits: what is read goes into a table, which is saved again. */
#include "core/core.h"
#include "core/saved_table.h"
#include "fuzz.h"
#include <string.h>

static const struct siphash_key KEY = {{1, 2}};

struct reading {
	struct table *table;
	struct instant now;
	size_t count;
};

static void restore(void *context, const struct device *device, const struct endpoint *endpoint)
{
	struct reading *reading = context;
	const struct endpoint *restored;

	reading->count++;
	FUZZ_CHECK(endpoint->presence_count <= ENDPOINT_PRESENCES_MAX);
	FUZZ_CHECK(endpoint->service_count <= ENDPOINT_SERVICES_MAX);
	table_restore(reading->table, reading->now, device, endpoint, &restored);
}

static struct slice save(
    struct table *table, const struct link_set *links, const struct saved_stamp *stamp)
{
	struct saved_writer *writer = saved_writer_new(table, links, stamp);
	struct slice saved;

	FUZZ_CHECK(writer);
	while (!saved_writer_step(writer, 1000))
		;
	char *text;
	FUZZ_CHECK(saved_writer_take(writer, &text, &saved.len) == 0);
	saved_writer_free(writer);
	saved.bytes = text;
	return saved;
}

/* What came into a table can be saved, and is read as the same. */
static void read_and_save(
    struct slice text, const struct link_set *links, const struct saved_stamp *stamp)
{
	struct table *table = table_new(&TABLE_LIMITS_DEFAULT, &KEY);
	struct reading reading = {table, stamp->at, 0};

	FUZZ_CHECK(table);
	int result = saved_table_read(text, stamp, links, restore, &reading, NULL);
	FUZZ_CHECK(result == 0 || reading.count == 0);
	table_restored(table);
	FUZZ_CHECK(table_endpoint_count(table) <= reading.count);
	FUZZ_CHECK(table_memory(table) <= TABLE_LIMITS_DEFAULT.memory);
	struct slice saved = save(table, links, stamp);
	reading = (struct reading){table_new(&TABLE_LIMITS_DEFAULT, &KEY), stamp->at, 0};
	FUZZ_CHECK(saved_table_read(saved, stamp, links, restore, &reading, NULL) == 0);
	FUZZ_CHECK(table_endpoint_count(reading.table) == table_endpoint_count(table));
	fuzz_free(saved);
	table_free(reading.table);
	table_advance(table, instant_add(stamp->at, SECONDS(200000)));
	FUZZ_CHECK(table_device_count(table) == 0);
	table_free(table);
}

int fuzz_saved_table(const uint8_t *data, size_t size)
{
	struct slice text = fuzz_copy(data, size);
	struct saved_stamp stamp = {.host = "h", .boot = "b", .at = {SECONDS(100)}};
	struct link_set links;

	link_set_init(&links);
	struct link *link = link_set_add(&links, 2);
	FUZZ_CHECK(link);
	strcpy(link->name, "e");
	read_and_save(text, &links, &stamp);
	char *ended = malloc(size + SAVED_END_MAX);
	struct writer w;
	FUZZ_CHECK(ended);
	writer_init(&w, ended, size + SAVED_END_MAX);
	writer_slice(&w, text);
	FUZZ_CHECK(saved_table_write_end(text, &w) == 0);
	struct slice whole = fuzz_copy((const uint8_t *)ended, w.len);
	free(ended);
	read_and_save(whole, &links, &stamp);
	fuzz_free(whole);
	link_set_fini(&links);
	fuzz_free(text);
	return 0;
}
