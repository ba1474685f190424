/* SPDX-License-Identifier: ISC
 * Tests of engine/reconfirm_queue. */
#include "engine/reconfirm_queue.h"
#include "suites.h"

struct sent {
	unsigned count, again;
	uint32_t links[2 * RECONFIRMS_MAX + 2];
};

static void note(void *context, const struct engine_reconfirm *reconfirm, bool again)
{
	struct sent *sent = context;
	sent->again += again;
	ck_assert(slice_starts_with(reconfirm->key, SLICE("uuid:")));
	sent->links[sent->count++] = reconfirm->link;
}

static void add(struct reconfirm_queue *queue, int64_t now, struct slice id, uint32_t link)
{
	const struct engine_reconfirm question = {.key = id, .link = link};
	reconfirm_queue_add(queue, (struct instant){now}, &question);
}

START_TEST(a_query_is_sent_at_once_and_a_second_later)
{
	struct reconfirm_queue queue = {0};
	struct sent sent = {0};
	char id[] = "uuid:a";
	ck_assert(instant_is_never(reconfirm_queue_deadline(&queue)));
	add(&queue, SECONDS(9), slice_of(id), 2);
	id[0] = 'x'; /* a copy was taken */
	ck_assert_int_eq(reconfirm_queue_deadline(&queue).us, SECONDS(9));
	reconfirm_queue_advance(&queue, (struct instant){SECONDS(9)}, note, &sent);
	ck_assert_uint_eq(sent.count, 1);
	ck_assert_int_eq(reconfirm_queue_deadline(&queue).us, SECONDS(10));
	reconfirm_queue_advance(&queue, (struct instant){SECONDS(10) - 1}, note, &sent);
	ck_assert_uint_eq(sent.count, 1);
	add(&queue, SECONDS(10), SLICE("uuid:b"), 3);
	reconfirm_queue_advance(&queue, (struct instant){SECONDS(10)}, note, &sent);
	ck_assert_uint_eq(sent.count, 3);
	ck_assert_int_eq(reconfirm_queue_deadline(&queue).us, SECONDS(11));
	reconfirm_queue_advance(&queue, (struct instant){SECONDS(11)}, note, &sent);
	ck_assert_uint_eq(sent.count, 4);
	ck_assert_uint_eq(sent.links[3], 3);
	ck_assert_uint_eq(sent.again, 2);
	/* and is waited for as long again */
	const struct address nowhere = {0};
	ck_assert(reconfirm_queue_is_asking(&queue, &nowhere, SLICE("uuid:b")));
	reconfirm_queue_advance(&queue, (struct instant){SECONDS(12)}, note, &sent);
	ck_assert(!reconfirm_queue_is_asking(&queue, &nowhere, SLICE("uuid:b")));
	ck_assert_uint_eq(sent.count, 4);
	ck_assert(instant_is_never(reconfirm_queue_deadline(&queue)));
	ck_assert_uint_eq(queue.count, 0);
}
END_TEST

START_TEST(what_has_departed_is_asked_when_it_has_ended)
{
	struct reconfirm_queue queue = {0};
	struct sent sent = {0};
	const struct engine_reconfirm departed = {.key = SLICE("uuid:a"), .departed = true};
	reconfirm_queue_add(&queue, (struct instant){0}, &departed);
	reconfirm_queue_advance(&queue, (struct instant){SECONDS(2) - 1}, note, &sent);
	ck_assert_uint_eq(sent.count, 0);
	ck_assert(!reconfirm_queue_is_asking(&queue, &departed.address, departed.key));
	/* An answer to an earlier question, or what a forger says, is none to this one. */
	reconfirm_queue_answered(&queue, &departed.address, departed.key);
	reconfirm_queue_advance(&queue, (struct instant){SECONDS(2)}, note, &sent);
	ck_assert_uint_eq(sent.count, 1);
	ck_assert(reconfirm_queue_is_asking(&queue, &departed.address, departed.key));
	reconfirm_queue_fini(&queue);
}
END_TEST

START_TEST(an_answered_query_is_not_repeated)
{
	struct reconfirm_queue queue = {0};
	struct sent sent = {0};
	const struct address address = {0}, other = address_ipv4(192, 0, 2, 1);
	add(&queue, 0, SLICE("uuid:a"), 1);
	add(&queue, 0, SLICE("uuid:b"), 2);
	reconfirm_queue_advance(&queue, (struct instant){0}, note, &sent);
	reconfirm_queue_answered(&queue, &other, SLICE("uuid:b"));
	reconfirm_queue_answered(&queue, &address, SLICE("UUID:a"));
	reconfirm_queue_advance(&queue, (struct instant){SECONDS(1)}, note, &sent);
	ck_assert_uint_eq(sent.count, 3);
	ck_assert_uint_eq(sent.links[2], 2);
	reconfirm_queue_fini(&queue);
}
END_TEST

START_TEST(too_many_and_too_long_ones_are_dropped)
{
	struct reconfirm_queue queue = {0};
	struct sent sent = {0};
	char longer[RECONFIRM_KEY_MAX + 1] = "uuid:";
	add(&queue, 0, (struct slice){longer, sizeof(longer)}, 1);
	ck_assert_uint_eq(queue.count, 0);
	for (uint32_t i = 0; i < RECONFIRMS_MAX + 1; i++)
		add(&queue, 0, SLICE("uuid:a"), i);
	reconfirm_queue_advance(&queue, (struct instant){0}, note, &sent);
	ck_assert_uint_eq(sent.count, RECONFIRMS_MAX);
	reconfirm_queue_fini(&queue);
	ck_assert_uint_eq(queue.count, 0);
}
END_TEST

Suite *reconfirm_queue_suite(void)
{
	Suite *suite = suite_create("engine/reconfirm_queue");
	TCase *tcase = tcase_create("reconfirm_queue");
	tcase_add_test(tcase, a_query_is_sent_at_once_and_a_second_later);
	tcase_add_test(tcase, what_has_departed_is_asked_when_it_has_ended);
	tcase_add_test(tcase, an_answered_query_is_not_repeated);
	tcase_add_test(tcase, too_many_and_too_long_ones_are_dropped);
	suite_add_tcase(suite, tcase);
	return suite;
}
