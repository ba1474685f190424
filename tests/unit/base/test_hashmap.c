/* SPDX-License-Identifier: ISC
 * Tests of base/hashmap. */
#include "base/hashmap.h"
#include "base/rng.h"
#include "suites.h"
#include <limits.h>

enum { ITEMS = 1000 };

struct item {
	unsigned number;
	struct hashmap_node node;
	bool inside;
};

static struct hashmap map;
static struct item items[ITEMS];

static void setup(void)
{
	const struct siphash_key key = {{7, 9}};

	ck_assert_int_eq(hashmap_init(&map, &key), 0);
	for (unsigned i = 0; i < ITEMS; i++)
		items[i] = (struct item){.number = i};
}

static void teardown(void)
{
	hashmap_fini(&map);
}

static uint64_t hash_of(unsigned number)
{
	return hashmap_hash(&map, (struct slice){(const char *)&number, sizeof(number)});
}

static struct item *find(unsigned number)
{
	struct hashmap_node *node = hashmap_first(&map, hash_of(number));

	for (; node; node = hashmap_next(node)) {
		struct item *item = CONTAINER_OF(node, struct item, node);
		if (item->number == number)
			return item;
	}
	return NULL;
}

START_TEST(an_empty_map_is_small_and_finds_nothing)
{
	ck_assert_ptr_null(find(1));
	ck_assert_uint_eq(map.count, 0);
	ck_assert_uint_lt(map.capacity, 32);
}
END_TEST

START_TEST(all_are_found_while_it_grows_and_shrinks)
{
	struct rng rng;

	rng_init(&rng, 1);
	for (unsigned round = 0; round < 20000; round++) {
		struct item *item = &items[rng_below(&rng, ITEMS)];
		if (item->inside)
			hashmap_remove(&map, &item->node);
		else
			hashmap_insert(&map, &item->node, hash_of(item->number));
		item->inside = !item->inside;
	}
	size_t inside = 0;
	for (unsigned i = 0; i < ITEMS; i++) {
		ck_assert_ptr_eq(find(i), items[i].inside ? &items[i] : NULL);
		inside += items[i].inside;
	}
	ck_assert_uint_eq(map.count, inside);
}
END_TEST

START_TEST(chains_stay_short)
{
	for (unsigned i = 0; i < ITEMS; i++) {
		hashmap_insert(&map, &items[i].node, hash_of(i));
		ck_assert_uint_le(map.count, map.size);
	}
	ck_assert_uint_eq(map.size, ITEMS);
}
END_TEST

START_TEST(nodes_of_one_hash_are_all_met)
{
	unsigned met = 0;

	for (unsigned i = 0; i < 100; i++)
		hashmap_insert(&map, &items[i].node, i % 2 ? 42 : 42 + 1024);
	for (struct hashmap_node *node = hashmap_first(&map, 42); node; node = hashmap_next(node)) {
		ck_assert_uint_eq(CONTAINER_OF(node, struct item, node)->number % 2, 1);
		met++;
	}
	ck_assert_uint_eq(met, 50);
}
END_TEST

START_TEST(a_walk_that_removes_meets_each_while_buckets_are_given_back)
{
	struct hashmap_node *next;
	unsigned met = 0;

	for (unsigned i = 0; i < ITEMS; i++)
		hashmap_insert(&map, &items[i].node, i % 4 ? 42 : i);
	for (struct hashmap_node *node = hashmap_first(&map, 42); node; node = next) {
		next = hashmap_next(node);
		hashmap_remove(&map, node);
		met++;
	}
	ck_assert_uint_eq(met, ITEMS - ITEMS / 4);
	for (unsigned i = 0; i < ITEMS; i += 4)
		hashmap_remove(&map, &items[i].node);
	ck_assert_uint_eq(map.count, 0);
	ck_assert_uint_lt(map.capacity, 32);
}
END_TEST

START_TEST(removing_what_is_not_inside_changes_nothing)
{
	hashmap_insert(&map, &items[0].node, 5);
	items[1].node.hash = 5;
	hashmap_remove(&map, &items[1].node);
	ck_assert_uint_eq(map.count, 1);
	hashmap_remove(&map, &items[0].node);
	hashmap_remove(&map, &items[0].node);
	ck_assert_uint_eq(map.count, 0);
	ck_assert_ptr_null(hashmap_first(&map, 5));
}
END_TEST

static void note_removed(struct hashmap_node *node)
{
	CONTAINER_OF(node, struct item, node)->number = UINT_MAX;
}

START_TEST(an_emptied_map_has_handed_out_each_node)
{
	for (unsigned i = 0; i < 100; i++)
		hashmap_insert(&map, &items[i].node, i % 2 ? 42 : i);
	hashmap_empty(&map, note_removed);
	ck_assert_uint_eq(map.count, 0);
	ck_assert_ptr_null(hashmap_first(&map, 42));
	for (unsigned i = 0; i < 100; i++)
		ck_assert_uint_eq(items[i].number, UINT_MAX);
}
END_TEST

START_TEST(one_that_found_no_memory_can_be_emptied)
{
	struct hashmap zeros = {0};

	hashmap_empty(&zeros, note_removed);
	hashmap_fini(&zeros);
	ck_assert_uint_eq(zeros.count, 0);
}
END_TEST

Suite *hashmap_suite(void)
{
	Suite *suite = suite_create("base/hashmap");
	TCase *tcase = tcase_create("hashmap");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, an_empty_map_is_small_and_finds_nothing);
	tcase_add_test(tcase, all_are_found_while_it_grows_and_shrinks);
	tcase_add_test(tcase, chains_stay_short);
	tcase_add_test(tcase, nodes_of_one_hash_are_all_met);
	tcase_add_test(tcase, a_walk_that_removes_meets_each_while_buckets_are_given_back);
	tcase_add_test(tcase, removing_what_is_not_inside_changes_nothing);
	tcase_add_test(tcase, an_emptied_map_has_handed_out_each_node);
	tcase_add_test(tcase, one_that_found_no_memory_can_be_emptied);
	suite_add_tcase(suite, tcase);
	return suite;
}
