/* SPDX-License-Identifier: ISC
 * Tests of engine/query_parts. */
#include "engine/query_parts.h"
#include "suites.h"

static struct query_parts parts;

static void set_up(void)
{
	parts = (struct query_parts){0};
}

static void tear_down(void)
{
	query_parts_fini(&parts);
}

static struct datagram from(unsigned host, uint32_t link, const char *bytes)
{
	return (struct datagram){
	    .link = link,
	    .from = {address_ipv4(192, 0, 2, (uint8_t)host), 5353},
	    .bytes = slice_of(bytes),
	};
}

static struct query_source *add(unsigned host, uint32_t link, const char *bytes, int64_t due)
{
	struct datagram datagram = from(host, link, bytes);

	return query_parts_add(&parts, &datagram, (struct instant){due});
}

START_TEST(parts_of_one_host_stay_together)
{
	struct datagram other = from(1, 3, "");

	ck_assert(instant_is_never(query_parts_deadline(&parts)));
	ck_assert_ptr_nonnull(add(1, 2, "a", 100));
	ck_assert_ptr_nonnull(add(2, 2, "x", 200));
	struct query_source *source = add(1, 2, "b", 900);
	ck_assert_uint_eq(source->part_count, 2);
	ck_assert(slice_equal(source->parts[0], SLICE("a")));
	ck_assert(slice_equal(source->parts[1], SLICE("b")));
	ck_assert_ptr_null(query_parts_find(&parts, &other));
	ck_assert_int_eq(query_parts_deadline(&parts).us, 100);
	ck_assert_ptr_null(query_parts_due(&parts, (struct instant){99}));
	ck_assert_ptr_eq(query_parts_due(&parts, (struct instant){100}), source);
	query_parts_drop(source);
	ck_assert_int_eq(query_parts_deadline(&parts).us, 200);
}
END_TEST

START_TEST(sources_and_parts_are_limited)
{
	for (unsigned i = 0; i < QUERY_SOURCES_MAX; i++)
		ck_assert_ptr_nonnull(add(i, 2, "a", 100));
	ck_assert_ptr_null(add(QUERY_SOURCES_MAX, 2, "a", 100));
	for (unsigned i = 1; i < QUERY_PARTS_MAX; i++)
		ck_assert_ptr_nonnull(add(3, 2, "b", 100));
	ck_assert_ptr_null(add(3, 2, "b", 100));
	struct datagram datagram = from(3, 2, "");
	query_parts_drop(query_parts_find(&parts, &datagram));
	ck_assert_ptr_nonnull(add(QUERY_SOURCES_MAX, 2, "a", 100));
}
END_TEST

Suite *query_parts_suite(void)
{
	Suite *suite = suite_create("engine/query_parts");
	TCase *tcase = tcase_create("query_parts");
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, parts_of_one_host_stay_together);
	tcase_add_test(tcase, sources_and_parts_are_limited);
	suite_add_tcase(suite, tcase);
	return suite;
}
