/* SPDX-License-Identifier: ISC
 * Tests of control/device_set beside an array of what should be in it. */
#include "base/rng.h"
#include "control/device_set.h"
#include "suites.h"

enum { DEVICES = 300 };

/* Never looked into. */
static const struct device *device(unsigned number, unsigned distance)
{
	static char memory[DEVICES * 4096];
	return (const struct device *)(memory + (size_t)number * distance);
}

static void check(const struct device_set *set, const bool *in, unsigned distance)
{
	size_t count = 0;

	for (unsigned i = 0; i < DEVICES; i++) {
		ck_assert(device_set_has(set, device(i, distance)) == in[i]);
		count += in[i];
	}
	ck_assert_uint_eq(set->count, count);
}

START_TEST(it_has_what_was_added_and_not_removed)
{
	static const unsigned DISTANCES[] = {1, 64, 4096};

	for (unsigned k = 0; k < 3; k++) {
		struct device_set set = {0};
		bool in[DEVICES] = {false};
		struct rng rng;

		rng_init(&rng, k);
		check(&set, in, DISTANCES[k]);
		for (unsigned i = 0; i < 3000; i++) {
			unsigned number = (unsigned)rng_below(&rng, DEVICES);
			const struct device *it = device(number, DISTANCES[k]);
			bool goes = rng_below(&rng, i / 500 % 2 ? 3 : 8) < 2;
			if (goes)
				ck_assert(device_set_remove(&set, it) == in[number]);
			else
				ck_assert_int_eq(device_set_add(&set, it), 0);
			in[number] = !goes;
			if (i % 20 == 0)
				check(&set, in, DISTANCES[k]);
		}
		device_set_fini(&set);
		ck_assert(!device_set_has(&set, device(0, 1)));
	}
}
END_TEST

Suite *device_set_suite(void)
{
	Suite *suite = suite_create("control/device_set");
	TCase *tcase = tcase_create("device_set");

	tcase_add_test(tcase, it_has_what_was_added_and_not_removed);
	suite_add_tcase(suite, tcase);
	return suite;
}
