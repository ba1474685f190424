/* SPDX-License-Identifier: ISC
 * Tests of base/heap, most of them against a plain array that is searched. */
#include "base/heap.h"
#include "base/rng.h"
#include "suites.h"

enum { NODES = 200 };

static struct heap heap;
static struct heap_node nodes[NODES];

static void setup(void)
{
	heap_init(&heap);
	for (size_t i = 0; i < NODES; i++)
		heap_node_init(&nodes[i]);
}

static void teardown(void)
{
	heap_fini(&heap);
}

/* The smallest key of all nodes inside, and how many there are. */
static int64_t smallest(size_t *count)
{
	int64_t least = INT64_MAX;

	*count = 0;
	for (size_t i = 0; i < NODES; i++)
		if (heap_contains(&nodes[i])) {
			least = nodes[i].key < least ? nodes[i].key : least;
			++*count;
		}
	return least;
}

START_TEST(an_empty_heap_has_no_top)
{
	ck_assert_ptr_null(heap_top(&heap));
	heap_remove(&heap, &nodes[0]);
	ck_assert_int_eq(heap_insert(&heap, &nodes[0], 1), 0);
	heap_remove(&heap, &nodes[0]);
	ck_assert(!heap_contains(&nodes[0]));
	ck_assert_ptr_null(heap_top(&heap));
}
END_TEST

START_TEST(the_top_is_the_smallest_after_every_step)
{
	struct rng rng;

	rng_init(&rng, (uint64_t)_i);
	for (int step = 0; step < 5000; step++) {
		struct heap_node *node = &nodes[rng_below(&rng, NODES)];
		int64_t key = rng_between(&rng, -20, 20); /* many equal ones */
		size_t count;

		if (!heap_contains(node))
			ck_assert_int_eq(heap_insert(&heap, node, key), 0);
		else if (rng_below(&rng, 2))
			heap_update(&heap, node, key);
		else
			heap_remove(&heap, node);
		int64_t least = smallest(&count);
		ck_assert_uint_eq(heap.count, count);
		ck_assert_int_eq(heap_top(&heap) ? heap_top(&heap)->key : INT64_MAX, least);
	}
}
END_TEST

START_TEST(taking_from_the_top_sorts)
{
	struct rng rng;
	int64_t before = INT64_MIN;

	rng_init(&rng, 99);
	for (size_t i = 0; i < NODES; i++)
		ck_assert_int_eq(heap_insert(&heap, &nodes[i], (int64_t)rng_u64(&rng)), 0);
	for (size_t i = 0; i < NODES; i++) {
		struct heap_node *top = heap_top(&heap);
		ck_assert_int_le(before, top->key);
		before = top->key;
		heap_remove(&heap, top);
		ck_assert(!heap_contains(top));
		ck_assert(heap.capacity < 8 || heap.capacity <= 4 * heap.count + 4);
	}
	ck_assert_ptr_null(heap_top(&heap));
}
END_TEST

START_TEST(keys_at_the_ends_of_the_range_compare)
{
	heap_insert(&heap, &nodes[0], INT64_MAX);
	heap_insert(&heap, &nodes[1], INT64_MIN);
	heap_insert(&heap, &nodes[2], 0);
	ck_assert_ptr_eq(heap_top(&heap), &nodes[1]);
	heap_update(&heap, &nodes[1], INT64_MAX);
	ck_assert_ptr_eq(heap_top(&heap), &nodes[2]);
}
END_TEST

Suite *heap_suite(void)
{
	Suite *suite = suite_create("base/heap");
	TCase *tcase = tcase_create("heap");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, an_empty_heap_has_no_top);
	tcase_add_loop_test(tcase, the_top_is_the_smallest_after_every_step, 0, 5);
	tcase_add_test(tcase, taking_from_the_top_sorts);
	tcase_add_test(tcase, keys_at_the_ends_of_the_range_compare);
	suite_add_tcase(suite, tcase);
	return suite;
}
