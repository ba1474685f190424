/* SPDX-License-Identifier: ISC
 * Tests of model/starvation: when a link starves, and when it does not. */
#include "base/array.h"
#include "model/starvation.h"
#include "suites.h"
#include <string.h>

#define LIMIT SECONDS(100)

static struct starvation starvation;

static void teardown(void)
{
	starvation_fini(&starvation);
}

/* Each step is 30 s after the one before: "b" a broadcast, "m" a multicast, "u" a unicast answer,
 * "-" nothing. */
static const struct {
	const char *arrivals;
	const char *starving; /* 's' at the steps after which the link starves */
} CASES[] = {
    {"ubbbbb", "     s"},
    {"mbbbbbbmbbbb", "     ss     "},
    /* no host there speaks a protocol that has groups */
    {"bbbbbbbb", "        "},
    {"bbbbbubb", "      ss"},
    /* quiet links */
    {"u-------", "        "},
    {"ub------b------b", "                "},
    {"ub---b---b---b---b", "                  "},
    /* slow broadcasts */
    {"ub--b--b--b", "       ssss"},
    {"ubbbbb---bbbbb", "     ssss    s"},
    /* a multicast in between */
    {"ubbbmbbbmbbbm", "             "},
};

START_TEST(a_link_starves_when_broadcasts_come_for_long_and_no_multicast)
{
	static const enum arrival ARRIVALS[] = {
	    ['b'] = ARRIVAL_BROADCAST, ['m'] = ARRIVAL_GROUP, ['u'] = ARRIVAL_UNICAST, ['-'] = 0};
	const char *arrivals = CASES[_i].arrivals, *expected = CASES[_i].starving;
	struct instant now = {SECONDS(1000)};
	bool before = false;

	ck_assert_uint_eq(strlen(arrivals), strlen(expected));
	for (size_t i = 0; arrivals[i]; i++) {
		bool changed = starvation_advance(&starvation, now, LIMIT);
		changed ^= starvation_note(
		    &starvation, now, 2, ARRIVALS[(unsigned char)arrivals[i]], LIMIT);
		bool starving = starvation_has(&starvation, 2);
		ck_assert_msg(starving == (expected[i] == 's'), "\"%s\" at step %zu", arrivals, i);
		ck_assert_int_eq(changed, starving != before);
		before = starving;
		now = instant_add(now, SECONDS(30));
	}
}
END_TEST

START_TEST(it_ends_when_the_broadcasts_do)
{
	struct instant now = {SECONDS(1000)};

	starvation_note(&starvation, now, 2, ARRIVAL_UNICAST, LIMIT);
	ck_assert(instant_is_never(starvation_deadline(&starvation, LIMIT)));
	for (unsigned i = 0; i < 4; i++, now = instant_add(now, SECONDS(50)))
		starvation_note(&starvation, now, 2, ARRIVAL_BROADCAST, LIMIT);
	ck_assert(starvation_has(&starvation, 2));
	struct instant end = starvation_deadline(&starvation, LIMIT);
	ck_assert_int_eq(instant_since(end, now), SECONDS(50));
	ck_assert(!starvation_advance(&starvation, now, LIMIT));
	ck_assert(starvation_advance(&starvation, end, LIMIT));
	ck_assert(!starvation_has(&starvation, 2));
	ck_assert(instant_is_never(starvation_deadline(&starvation, LIMIT)));
}
END_TEST

START_TEST(each_link_counts_for_itself)
{
	struct instant now = {SECONDS(1000)};

	for (unsigned i = 0; i < 4; i++, now = instant_add(now, SECONDS(50))) {
		starvation_note(&starvation, now, 2, ARRIVAL_UNICAST, LIMIT);
		starvation_note(&starvation, now, 2, ARRIVAL_BROADCAST, LIMIT);
		starvation_note(&starvation, now, 3, ARRIVAL_GROUP, LIMIT);
		starvation_note(&starvation, now, 3, ARRIVAL_BROADCAST, LIMIT);
	}
	ck_assert(starvation_has(&starvation, 2));
	ck_assert(!starvation_has(&starvation, 3));
	starvation_forget(&starvation, 2);
	starvation_forget(&starvation, 7);
	ck_assert(!starvation_has(&starvation, 2));
	ck_assert_uint_eq(starvation.count, 1);
}
END_TEST

/* RFC 4541, 2.1.2 */
START_TEST(a_switch_withholds_groups_beyond_224_0_0_0)
{
	static const struct {
		const char *address;
		bool concerned;
	} ADDRESSES[] = {{"224.0.0.251", false}, {"224.0.1.1", true}, {"239.255.255.250", true},
	    {"192.0.2.1", false}, {"255.255.255.255", false}, {"ff02::c", false}};

	for (size_t i = 0; i < COUNT_OF(ADDRESSES); i++) {
		struct address address;
		ck_assert_int_eq(address_parse(slice_of(ADDRESSES[i].address), &address), 0);
		ck_assert_int_eq(starvation_concerns(&address), ADDRESSES[i].concerned);
	}
}
END_TEST

Suite *starvation_suite(void)
{
	Suite *suite = suite_create("model/starvation");
	TCase *tcase = tcase_create("starvation");

	tcase_add_checked_fixture(tcase, NULL, teardown);
	tcase_add_loop_test(tcase, a_link_starves_when_broadcasts_come_for_long_and_no_multicast, 0,
	    COUNT_OF(CASES));
	tcase_add_test(tcase, it_ends_when_the_broadcasts_do);
	tcase_add_test(tcase, each_link_counts_for_itself);
	tcase_add_test(tcase, a_switch_withholds_groups_beyond_224_0_0_0);
	suite_add_tcase(suite, tcase);
	return suite;
}
