/* SPDX-License-Identifier: ISC
 * Tests of model/fair_set: the largest holder gives way. */
#include "base/rng.h"
#include "model/fair_set.h"
#include "suites.h"
#include <check.h>
#include <stdlib.h>

enum { MAX = 8 };
static const struct siphash_key KEY = {{1, 2}};

struct item {
	struct fair_node node;
	unsigned number;
};

static unsigned freed;

static void free_item(struct fair_node *node)
{
	freed++;
	free(CONTAINER_OF(node, struct item, node));
}

static unsigned number_of(const struct fair_node *node)
{
	return CONTAINER_OF(node, const struct item, node)->number;
}

static struct item *put(struct fair_set *set, unsigned number, uint32_t holder)
{
	struct fair_node *victim = fair_set_victim(set, holder);
	if (victim) {
		fair_set_remove(set, victim);
		free_item(victim);
	}
	struct item *item = calloc(1, sizeof(*item));
	item->number = number;
	ck_assert_int_eq(fair_set_insert(set, &item->node, number, holder), 0);
	return item;
}

static bool holds(const struct fair_set *set, unsigned number)
{
	return hashmap_first(&set->nodes, number) != NULL;
}

START_TEST(a_flood_of_one_takes_nothing_from_others)
{
	struct fair_set set;
	ck_assert_int_eq(fair_set_init(&set, &KEY, MAX), 0);
	for (unsigned i = 0; i < 3; i++)
		put(&set, i, i);
	for (unsigned i = 100; i < 1100; i++)
		put(&set, i, 77);
	ck_assert(holds(&set, 0) && holds(&set, 1) && holds(&set, 2));
	ck_assert(holds(&set, 1099) && holds(&set, 1095) && !holds(&set, 1094));
	ck_assert_uint_eq(set.nodes.count, MAX);
	/* Others still find room. */
	put(&set, 3, 3);
	ck_assert(holds(&set, 3) && !holds(&set, 1095));
	put(&set, 4, 0);
	ck_assert(holds(&set, 0) && holds(&set, 4) && !holds(&set, 1096));
	fair_set_fini(&set, free_item);
}
END_TEST

START_TEST(with_equal_shares_the_newcomer_replaces_one_of_its_holder)
{
	struct fair_set set;
	ck_assert_int_eq(fair_set_init(&set, &KEY, MAX), 0);
	for (unsigned i = 0; i < MAX; i++)
		put(&set, i, i % 2);
	ck_assert_uint_eq(number_of(fair_set_victim(&set, 0)), 0);
	ck_assert_uint_eq(number_of(fair_set_victim(&set, 1)), 1);
	fair_set_fini(&set, free_item);
}
END_TEST

START_TEST(a_holder_that_shrinks_is_no_longer_the_largest)
{
	struct fair_set set;
	struct item *items[5];
	ck_assert_int_eq(fair_set_init(&set, &KEY, MAX), 0);
	for (unsigned i = 0; i < 5; i++)
		items[i] = put(&set, i, 1);
	for (unsigned i = 5; i < 8; i++)
		put(&set, i, 2);
	ck_assert_uint_eq(number_of(fair_set_victim(&set, 9)), 0);
	for (unsigned i = 0; i < 3; i++) {
		fair_set_remove(&set, &items[i]->node);
		free_item(&items[i]->node);
		put(&set, 10 + i, 10 + i);
	}
	/* Holder 1 has two, holder 2 three, the others one each. */
	ck_assert_uint_eq(number_of(fair_set_victim(&set, 9)), 5);
	put(&set, 20, 20);
	ck_assert(!holds(&set, 5) && holds(&set, 3) && holds(&set, 4));
	fair_set_fini(&set, free_item);
}
END_TEST

START_TEST(what_was_told_again_is_young)
{
	struct fair_set set;
	ck_assert_int_eq(fair_set_init(&set, &KEY, MAX), 0);
	struct item *first = put(&set, 0, 5);
	for (unsigned i = 1; i < MAX; i++)
		put(&set, i, 5);
	fair_set_touch(&set, &first->node);
	ck_assert_uint_eq(number_of(fair_set_victim(&set, 5)), 1);
	fair_set_fini(&set, free_item);
}
END_TEST

START_TEST(a_sweep_takes_what_was_not_told)
{
	struct fair_set set;
	struct item *items[6];
	ck_assert_int_eq(fair_set_init(&set, &KEY, MAX), 0);
	for (unsigned i = 0; i < 6; i++)
		items[i] = put(&set, i, i / 2);
	fair_set_begin(&set);
	fair_set_touch(&set, &items[0]->node);
	fair_set_touch(&set, &items[3]->node);
	put(&set, 6, 9);
	ck_assert_uint_eq(fair_set_sweep(&set, free_item), 4);
	ck_assert(holds(&set, 0) && holds(&set, 3) && holds(&set, 6));
	ck_assert_uint_eq(set.nodes.count, 3);
	ck_assert_uint_eq(set.by_holder.count, 3);
	fair_set_begin(&set);
	ck_assert_uint_eq(fair_set_sweep(&set, free_item), 3);
	ck_assert_ptr_null(set.groups);
	fair_set_fini(&set, free_item);
}
END_TEST

/* What goes next is of a holder that has most. */
static void check_victim(const struct fair_set *set)
{
	const struct fair_node *victim = fair_set_victim(set, UINT32_MAX);
	uint32_t most = 0;
	for (const struct fair_group *group = set->groups; group; group = group->next)
		most = group->count > most ? group->count : most;
	if (victim && victim->group->count != most)
		ck_abort_msg("one of %u, not of %u", victim->group->count, most);
}

START_TEST(nothing_is_lost_in_a_long_life)
{
	struct fair_set set;
	struct rng rng;
	unsigned put_in = 0;
	freed = 0;
	rng_init(&rng, 5);
	ck_assert_int_eq(fair_set_init(&set, &KEY, MAX), 0);
	for (unsigned i = 0; i < 20000; i++) {
		struct hashmap_node *at = hashmap_first(&set.nodes, rng_below(&rng, 20));
		struct fair_node *node = at ? CONTAINER_OF(at, struct fair_node, by_key) : NULL;
		unsigned what = rng_below(&rng, 100);
		if (what == 0) {
			fair_set_begin(&set);
		} else if (what == 1) {
			fair_set_sweep(&set, free_item);
		} else if (what < 30 && node) {
			fair_set_remove(&set, node);
			free_item(node);
		} else if (node) {
			fair_set_touch(&set, node);
		} else {
			put(&set, rng_below(&rng, 20), (uint32_t)rng_below(&rng, 5));
			put_in++;
		}
		size_t counted = 0;
		for (struct fair_group *g = set.groups; g; g = g->next)
			for (struct fair_node *n = g->oldest; n; n = n->newer)
				counted += n->group == g;
		if (counted != set.nodes.count || counted > MAX)
			ck_abort_msg("%zu of %zu", counted, set.nodes.count);
		check_victim(&set);
	}
	fair_set_fini(&set, free_item);
	ck_assert_uint_eq(freed, put_in);
}
END_TEST

Suite *fair_set_suite(void)
{
	Suite *suite = suite_create("model/fair_set");
	TCase *tcase = tcase_create("fair_set");
	tcase_add_test(tcase, a_flood_of_one_takes_nothing_from_others);
	tcase_add_test(tcase, with_equal_shares_the_newcomer_replaces_one_of_its_holder);
	tcase_add_test(tcase, a_holder_that_shrinks_is_no_longer_the_largest);
	tcase_add_test(tcase, what_was_told_again_is_young);
	tcase_add_test(tcase, a_sweep_takes_what_was_not_told);
	tcase_add_test(tcase, nothing_is_lost_in_a_long_life);
	suite_add_tcase(suite, tcase);
	return suite;
}
