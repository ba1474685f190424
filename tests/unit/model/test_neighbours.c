/* SPDX-License-Identifier: ISC
 * Tests of model/neighbours: which MAC is behind an address. */
#include "base/mac.h"
#include "model/neighbours.h"
#include "suites.h"
#include <check.h>

static const struct siphash_key KEY = {{1, 2}};

static struct mac mac_of(uint8_t last)
{
	return (struct mac){{2, 0, 0, 0, 0, last}, true};
}

static bool put_as(
    struct neighbours *set, uint32_t link, unsigned host, uint8_t mac, enum neighbour_state state)
{
	struct address address = address_ipv4(10, 0, (uint8_t)(host / 250), (uint8_t)(host % 250));
	struct mac is = mac_of(mac);
	return neighbours_put(set, link, &address, &is, state);
}

static bool put(struct neighbours *set, uint32_t link, unsigned host, uint8_t mac)
{
	return put_as(set, link, host, mac, NEIGHBOUR_UNCONFIRMED);
}

/* The last byte of the MAC, 0 where none is known. */
static unsigned find(const struct neighbours *set, uint32_t link, unsigned host)
{
	struct address address = address_ipv4(10, 0, (uint8_t)(host / 250), (uint8_t)(host % 250));
	struct mac mac = neighbours_find(set, link, &address, NULL);
	return mac.known ? mac.bytes[5] : 0;
}

static bool is_confirmed(const struct neighbours *set, uint32_t link, unsigned host)
{
	struct address address = address_ipv4(10, 0, (uint8_t)(host / 250), (uint8_t)(host % 250));
	bool confirmed = true;
	neighbours_find(set, link, &address, &confirmed);
	return confirmed;
}

/* The reachable host that is handed out next; 0 where there is none. */
static unsigned next_reachable(struct neighbours *set)
{
	struct neighbour_news news;
	while (neighbours_next_news(set, &news))
		if (news.reachable)
			return news.address.bytes[2] * 250u + news.address.bytes[3];
	return 0;
}

/* True when the count of changes is another one than before. */
static bool has_changed(const struct neighbours *set, uint32_t *before)
{
	bool changed = set->changes != *before;
	*before = set->changes;
	return changed;
}

START_TEST(what_may_be_found_otherwise_is_counted)
{
	struct neighbours set;
	struct address address = address_ipv4(10, 0, 0, 1);
	uint32_t count = 0;
	ck_assert_int_eq(neighbours_init(&set, &KEY, 2), 0);
	ck_assert(has_changed(&set, &count));
	put(&set, 2, 1, 11);
	ck_assert(has_changed(&set, &count));
	put(&set, 2, 1, 11);
	ck_assert(!has_changed(&set, &count));
	put(&set, 2, 1, 12);
	ck_assert(has_changed(&set, &count));
	put_as(&set, 2, 1, 12, NEIGHBOUR_REACHABLE);
	ck_assert(has_changed(&set, &count));
	put_as(&set, 2, 1, 12, NEIGHBOUR_CONFIGURED);
	ck_assert(!has_changed(&set, &count));
	put(&set, 2, 1, 12);
	ck_assert(has_changed(&set, &count));
	neighbours_remove(&set, 2, &address);
	ck_assert(has_changed(&set, &count));
	neighbours_remove(&set, 2, &address);
	ck_assert(!has_changed(&set, &count));
	put(&set, 2, 1, 11);
	has_changed(&set, &count);
	neighbours_begin(&set);
	put(&set, 2, 1, 11);
	neighbours_sweep(&set);
	ck_assert(!has_changed(&set, &count));
	neighbours_begin(&set);
	neighbours_sweep(&set);
	ck_assert(has_changed(&set, &count));
	neighbours_fini(&set);
}
END_TEST

START_TEST(an_address_is_one_only_with_its_link)
{
	struct neighbours set;
	ck_assert_int_eq(neighbours_init(&set, &KEY, 8), 0);
	ck_assert(put(&set, 2, 1, 11));
	ck_assert(put(&set, 3, 1, 12));
	ck_assert_uint_eq(find(&set, 2, 1), 11);
	ck_assert_uint_eq(find(&set, 3, 1), 12);
	ck_assert_uint_eq(find(&set, 4, 1), 0);
	struct address address = address_ipv4(10, 0, 0, 1);
	neighbours_remove(&set, 2, &address);
	neighbours_remove(&set, 2, &address);
	ck_assert_uint_eq(find(&set, 2, 1), 0);
	ck_assert_uint_eq(neighbours_count(&set), 1);
	neighbours_fini(&set);
}
END_TEST

START_TEST(only_another_mac_is_news)
{
	struct neighbours set;
	ck_assert_int_eq(neighbours_init(&set, &KEY, 8), 0);
	ck_assert(put(&set, 2, 1, 11));
	ck_assert(!put(&set, 2, 1, 11));
	ck_assert(put(&set, 2, 1, 12));
	ck_assert_uint_eq(find(&set, 2, 1), 12);
	neighbours_fini(&set);
}
END_TEST

START_TEST(what_is_stale_is_not_confirmed)
{
	struct neighbours set;
	ck_assert_int_eq(neighbours_init(&set, &KEY, 8), 0);
	ck_assert(!is_confirmed(&set, 2, 1));
	ck_assert(put_as(&set, 2, 1, 11, NEIGHBOUR_UNCONFIRMED));
	ck_assert(!is_confirmed(&set, 2, 1));
	ck_assert(put_as(&set, 2, 1, 11, NEIGHBOUR_REACHABLE));
	ck_assert(is_confirmed(&set, 2, 1));
	ck_assert(!put_as(&set, 2, 1, 11, NEIGHBOUR_REACHABLE));
	ck_assert(!put_as(&set, 2, 1, 11, NEIGHBOUR_UNCONFIRMED));
	ck_assert(!is_confirmed(&set, 2, 1));
	ck_assert(put_as(&set, 2, 1, 11, NEIGHBOUR_CONFIGURED));
	ck_assert(is_confirmed(&set, 2, 1));
	neighbours_fini(&set);
}
END_TEST

START_TEST(what_is_reachable_is_handed_out_each_time_that_was_verified)
{
	struct neighbours set;
	ck_assert_int_eq(neighbours_init(&set, &KEY, 2), 0);
	put_as(&set, 2, 1, 11, NEIGHBOUR_REACHABLE);
	put_as(&set, 2, 1, 11, NEIGHBOUR_REACHABLE);
	put_as(&set, 2, 2, 12, NEIGHBOUR_CONFIGURED);
	ck_assert_uint_eq(next_reachable(&set), 1);
	ck_assert_uint_eq(next_reachable(&set), 0);
	put_as(&set, 2, 1, 11, NEIGHBOUR_REACHABLE);
	ck_assert_uint_eq(next_reachable(&set), 1);
	put_as(&set, 2, 1, 11, NEIGHBOUR_REACHABLE);
	put_as(&set, 2, 1, 11, NEIGHBOUR_UNCONFIRMED);
	ck_assert_uint_eq(next_reachable(&set), 0);
	/* One that was displaced, one that was removed. */
	put_as(&set, 2, 1, 11, NEIGHBOUR_REACHABLE);
	put_as(&set, 2, 2, 12, NEIGHBOUR_REACHABLE);
	put_as(&set, 2, 3, 13, NEIGHBOUR_REACHABLE);
	struct address address = address_ipv4(10, 0, 0, 3);
	neighbours_remove(&set, 2, &address);
	ck_assert_uint_eq(next_reachable(&set), 2);
	ck_assert_uint_eq(next_reachable(&set), 0);
	put_as(&set, 2, 2, 12, NEIGHBOUR_REACHABLE);
	neighbours_fini(&set);
}
END_TEST

/* Of the only one that is new: its MAC, negative where that is known already. */
static int next_mac(struct neighbours *set)
{
	struct neighbour_news news;
	ck_assert(neighbours_next_news(set, &news));
	return news.learned ? news.mac.bytes[5] : -news.mac.bytes[5];
}

START_TEST(what_is_new_is_handed_out_once)
{
	struct neighbours set;
	struct neighbour_news news;
	ck_assert_int_eq(neighbours_init(&set, &KEY, 2), 0);
	put(&set, 2, 1, 11);
	put(&set, 2, 1, 12);
	put(&set, 2, 1, 12);
	ck_assert_int_eq(next_mac(&set), 12);
	ck_assert(!neighbours_next_news(&set, &news));
	put(&set, 2, 1, 12);
	ck_assert(!neighbours_next_news(&set, &news));
	put_as(&set, 2, 1, 12, NEIGHBOUR_REACHABLE);
	put_as(&set, 2, 1, 12, NEIGHBOUR_UNCONFIRMED);
	ck_assert_int_eq(next_mac(&set), 12); /* it was confirmed meanwhile */
	put_as(&set, 2, 1, 12, NEIGHBOUR_CONFIGURED);
	put_as(&set, 2, 1, 12, NEIGHBOUR_REACHABLE);
	ck_assert_int_eq(next_mac(&set), 12);
	put_as(&set, 2, 1, 12, NEIGHBOUR_REACHABLE);
	ck_assert_int_eq(next_mac(&set), -12);
	put(&set, 2, 2, 13);
	put(&set, 2, 3, 14); /* displaces the first */
	neighbours_begin(&set);
	neighbours_sweep(&set);
	ck_assert(!neighbours_next_news(&set, &news));
	neighbours_fini(&set);
}
END_TEST

START_TEST(a_flood_on_one_link_leaves_the_others_alone)
{
	struct neighbours set;
	ck_assert_int_eq(neighbours_init(&set, &KEY, 64), 0);
	put(&set, 2, 1, 11);
	for (unsigned i = 0; i < 1000; i++)
		put(&set, 3, i, 12);
	ck_assert_uint_eq(find(&set, 2, 1), 11);
	ck_assert_uint_eq(find(&set, 3, 999), 12);
	ck_assert_uint_eq(neighbours_count(&set), 64);
	neighbours_fini(&set);
}
END_TEST

START_TEST(what_a_reading_does_not_tell_is_gone)
{
	struct neighbours set;
	ck_assert_int_eq(neighbours_init(&set, &KEY, 8), 0);
	put(&set, 2, 1, 11);
	put(&set, 2, 2, 12);
	neighbours_begin(&set);
	put(&set, 2, 2, 12);
	put(&set, 2, 3, 13);
	neighbours_sweep(&set);
	ck_assert_uint_eq(find(&set, 2, 1), 0);
	ck_assert_uint_eq(find(&set, 2, 2), 12);
	ck_assert_uint_eq(find(&set, 2, 3), 13);
	neighbours_fini(&set);
}
END_TEST

Suite *neighbours_suite(void)
{
	Suite *suite = suite_create("model/neighbours");
	TCase *tcase = tcase_create("neighbours");
	tcase_add_test(tcase, what_may_be_found_otherwise_is_counted);
	tcase_add_test(tcase, an_address_is_one_only_with_its_link);
	tcase_add_test(tcase, only_another_mac_is_news);
	tcase_add_test(tcase, what_is_stale_is_not_confirmed);
	tcase_add_test(tcase, what_is_reachable_is_handed_out_each_time_that_was_verified);
	tcase_add_test(tcase, what_is_new_is_handed_out_once);
	tcase_add_test(tcase, a_flood_on_one_link_leaves_the_others_alone);
	tcase_add_test(tcase, what_a_reading_does_not_tell_is_gone);
	suite_add_tcase(suite, tcase);
	return suite;
}
