/* SPDX-License-Identifier: ISC
 * Tests of model/table, of what comes in portions: many devices that are due at one moment. */
#include "id_of.h"
#include "model/table_internal.h"
#include "suites.h"
#include "table_fixture.h"
#include <stdio.h>

enum { DEVICES = 1000 };

/* What was reported: of each kind, and whether it came in order. */
struct heard {
	unsigned counts[TABLE_REMOVED + 1];
	unsigned last;
	bool in_order;
};

static unsigned number_of(const struct device *device)
{
	unsigned number;
	ck_assert_int_eq(sscanf(ID_OF(device), "uuid:portion-%u", &number), 1);
	return number;
}

static void changed(void *context, const struct table_change *change)
{
	struct heard *heard = context;
	unsigned number = number_of(change->device);
	heard->in_order &= number >= heard->last;
	heard->last = number;
	heard->counts[change->event]++;
}

static void begin(struct fixture *f, struct heard *heard)
{
	struct table_limits limits = TABLE_LIMITS_DEFAULT;
	limits.lifetime_min = SECONDS(1);
	fixture_init(f, &limits);
	*heard = (struct heard){.in_order = true};
	table_listen(f->table, &(struct table_listener){.context = heard, .changed = changed});
}

/* Each is a host of its own, with a page, so that it is reported after 300 ms. */
static void hear(struct fixture *f, unsigned number, int64_t lifetime)
{
	char id[32];
	snprintf(id, sizeof(id), "uuid:portion-%u", number);
	struct sighting sighting = fixture_at(id, 0, "http://192.0.2.1/");
	sighting.from = address_ipv4(10, 0, (uint8_t)(number >> 8), (uint8_t)number);
	sighting.lifetime = lifetime;
	ck_assert_int_eq(fixture_observe(f, sighting), 0);
}

static bool has_more(const struct fixture *f)
{
	return instant_due(table_deadline(f->table), f->now);
}

START_TEST(what_expires_at_once_goes_in_portions_and_in_order)
{
	struct fixture f;
	struct heard heard;
	unsigned calls = 0;
	begin(&f, &heard);
	for (unsigned i = 0; i < DEVICES; i++)
		hear(&f, i, SECONDS(100) + i);
	fixture_advance(&f, SECONDS(50));
	ck_assert_uint_eq(heard.counts[TABLE_ADDED], DEVICES);
	heard = (struct heard){.in_order = true};
	f.now = instant_add(f.now, SECONDS(200));
	for (; has_more(&f); calls++) {
		table_advance(f.table, f.now);
		ck_assert_uint_le(heard.counts[TABLE_REMOVED], (calls + 1) * TABLE_PORTION);
	}
	ck_assert_uint_eq(heard.counts[TABLE_REMOVED], DEVICES);
	ck_assert(heard.in_order);
	ck_assert_uint_eq(calls, DEVICES / TABLE_PORTION + 1);
	ck_assert_uint_eq(table_device_count(f.table), 0);
	fixture_fini(&f);
}
END_TEST

/* One of those that have not gone. */
static unsigned left_over(const struct fixture *f)
{
	struct table_cursor cursor;
	table_cursor_open(&cursor, f->table);
	const struct device *device = table_cursor_next(&cursor);
	table_cursor_close(&cursor);
	ck_assert_ptr_nonnull(device);
	return number_of(device);
}

START_TEST(what_is_heard_between_two_portions_stays)
{
	struct fixture f;
	struct heard heard;
	begin(&f, &heard);
	for (unsigned i = 0; i < DEVICES; i++)
		hear(&f, i, SECONDS(100));
	fixture_advance(&f, SECONDS(50));
	f.now = instant_add(f.now, SECONDS(200));
	table_advance(f.table, f.now);
	ck_assert_uint_eq(table_device_count(f.table), DEVICES - TABLE_PORTION);
	unsigned number = left_over(&f);
	hear(&f, number, SECONDS(100));
	while (has_more(&f))
		table_advance(f.table, f.now);
	ck_assert_uint_eq(table_device_count(f.table), 1);
	ck_assert_uint_eq(heard.counts[TABLE_ADDED], DEVICES);
	ck_assert_uint_eq(heard.counts[TABLE_REMOVED], DEVICES - 1);
	ck_assert_uint_eq(left_over(&f), number);
	fixture_fini(&f);
}
END_TEST

START_TEST(what_is_to_be_reported_at_once_is_so_in_portions_and_in_order)
{
	struct fixture f;
	struct heard heard;
	unsigned calls = 0;
	begin(&f, &heard);
	for (unsigned i = 0; i < DEVICES; i++) {
		hear(&f, i, SECONDS(100));
		f.now.us++;
	}
	f.now = instant_add(f.now, SECONDS(1));
	for (; has_more(&f); calls++) {
		table_advance(f.table, f.now);
		/* messages that come meanwhile do not have more reported */
		hear(&f, DEVICES - 1, SECONDS(100));
		ck_assert_uint_le(heard.counts[TABLE_ADDED], (calls + 1) * TABLE_PORTION);
	}
	ck_assert_uint_eq(heard.counts[TABLE_ADDED], DEVICES);
	ck_assert(heard.in_order);
	ck_assert_uint_eq(calls, DEVICES / TABLE_PORTION + 1);
	fixture_fini(&f);
}
END_TEST

START_TEST(what_is_heard_again_expires_with_its_last_lifetime)
{
	struct fixture f;
	struct heard heard;
	begin(&f, &heard);
	hear(&f, 1, SECONDS(100));
	fixture_advance(&f, SECONDS(90));
	hear(&f, 1, SECONDS(100));
	fixture_advance(&f, SECONDS(99));
	ck_assert_uint_eq(heard.counts[TABLE_REMOVED], 0);
	hear(&f, 1, SECONDS(2));
	fixture_advance(&f, SECONDS(1));
	ck_assert_uint_eq(heard.counts[TABLE_REMOVED], 0);
	fixture_advance(&f, SECONDS(1));
	ck_assert_uint_eq(heard.counts[TABLE_REMOVED], 1);
	ck_assert(instant_is_never(table_deadline(f.table)));
	fixture_fini(&f);
}
END_TEST

Suite *table_portions_suite(void)
{
	Suite *suite = suite_create("model/table_portions");
	TCase *tc = tcase_create("portions");
	tcase_add_test(tc, what_expires_at_once_goes_in_portions_and_in_order);
	tcase_add_test(tc, what_is_heard_between_two_portions_stays);
	tcase_add_test(tc, what_is_to_be_reported_at_once_is_so_in_portions_and_in_order);
	tcase_add_test(tc, what_is_heard_again_expires_with_its_last_lifetime);
	suite_add_tcase(suite, tc);
	return suite;
}
