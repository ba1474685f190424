/* SPDX-License-Identifier: ISC
 * Tests of mqtt/outgoing and mqtt/published_ids: what is to be published when, and what the next
 * run knows of it. */
#include "mqtt/published_ids.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "suites.h"

static struct outgoing outgoing;
static struct instant now;

static void setup(void)
{
	now = (struct instant){SECONDS(1000)};
	ck_assert_int_eq(outgoing_init(&outgoing, &(struct siphash_key){{1, 2}}, 7), 0);
}

static void teardown(void)
{
	outgoing_fini(&outgoing);
}

static int put(const char *id, const char *text)
{
	return outgoing_put(&outgoing, id, strdup(text), strlen(text), now);
}

static void pass(int64_t us)
{
	now = instant_add(now, us);
}

/* Publishes what is due; its text, "-" for one that is emptied, or "" when there is none. */
static const char *publish_one(int64_t keep)
{
	static char text[64];
	struct outgoing_item *item = outgoing_next(&outgoing, now);

	if (!item)
		return "";
	snprintf(text, sizeof(text), "%.*s", item->gone ? 1 : (int)item->len,
	    item->gone ? "-" : item->text);
	item->published = true;
	outgoing_done(&outgoing, item, now, keep);
	return text;
}

START_TEST(a_change_is_due_at_once_and_then_after_30_s)
{
	ck_assert_int_eq(put("a", "1"), 1);
	ck_assert_str_eq(publish_one(0), "1");
	ck_assert_str_eq(publish_one(0), "");
	ck_assert_int_eq(put("a", "1"), 0);
	pass(SECONDS(1));
	ck_assert_int_eq(put("a", "2"), 1);
	ck_assert_int_eq(put("a", "3"), 1);
	ck_assert_int_eq(outgoing_deadline(&outgoing).us, SECONDS(1030));
	pass(SECONDS(28));
	ck_assert_str_eq(publish_one(0), "");
	pass(SECONDS(1));
	ck_assert_str_eq(publish_one(0), "3");
	ck_assert_str_eq(publish_one(0), "");
	pass(SECONDS(100));
	put("a", "4");
	ck_assert_str_eq(publish_one(0), "4");
}
END_TEST

START_TEST(the_newest_of_each_is_kept_while_nothing_can_be_published)
{
	for (int i = 0; i < 1000; i++) {
		char id[8], text[8];
		snprintf(id, sizeof(id), "%d", i % 100);
		snprintf(text, sizeof(text), "%d", i);
		ck_assert_int_eq(put(id, text), 1);
		pass(SECONDS(1));
	}
	ck_assert_uint_eq(outgoing.count, 100);
	for (int i = 0; i < 100; i++)
		ck_assert_int_ge(atoi(publish_one(0)), 900);
	ck_assert_str_eq(publish_one(0), "");
}
END_TEST

START_TEST(what_does_not_change_is_repeated_about_once_a_day)
{
	int64_t sum = 0;

	put("a", "1");
	publish_one(0);
	for (int i = 0; i < 100; i++) {
		struct instant next = outgoing_deadline(&outgoing);
		ck_assert_int_ge(instant_since(next, now), SECONDS(12 * 3600));
		ck_assert_int_le(instant_since(next, now), SECONDS(36 * 3600));
		sum += instant_since(next, now);
		now = next;
		ck_assert_str_eq(publish_one(0), "1");
	}
	ck_assert_int_ge(sum / 100, SECONDS(20 * 3600));
	ck_assert_int_le(sum / 100, SECONDS(28 * 3600));
}
END_TEST

START_TEST(one_that_goes_is_emptied_and_forgotten)
{
	put("a", "1");
	publish_one(0);
	outgoing_remove(&outgoing, "a", now);
	ck_assert_uint_eq(outgoing.count, 0);
	ck_assert_str_eq(publish_one(0), "");
	pass(SECONDS(30));
	ck_assert_str_eq(publish_one(0), "-");
	ck_assert_ptr_null(outgoing_find(&outgoing, "a"));
	ck_assert(instant_is_never(outgoing_deadline(&outgoing)));
	/* One that nothing was published of leaves nothing. */
	put("b", "1");
	outgoing_remove(&outgoing, "b", now);
	ck_assert_ptr_null(outgoing_find(&outgoing, "b"));
	outgoing_remove(&outgoing, "c", now);
}
END_TEST

START_TEST(one_that_comes_back_in_time_is_not_emptied)
{
	put("a", "1");
	publish_one(0);
	outgoing_remove(&outgoing, "a", now);
	put("a", "1");
	ck_assert_uint_eq(outgoing.count, 1);
	pass(SECONDS(30));
	ck_assert_str_eq(publish_one(0), "1");
}
END_TEST

START_TEST(one_that_goes_may_be_kept)
{
	put("a", "1");
	publish_one(0);
	outgoing_remove(&outgoing, "a", now);
	pass(SECONDS(30));
	ck_assert_str_eq(publish_one(SECONDS(500)), "-");
	ck_assert_ptr_nonnull(outgoing_find(&outgoing, "a"));
	ck_assert_str_eq(publish_one(0), "");
	pass(SECONDS(500));
	ck_assert_str_eq(publish_one(0), "-");
	ck_assert_ptr_null(outgoing_find(&outgoing, "a"));
}
END_TEST

START_TEST(all_is_published_again_but_not_faster)
{
	put("a", "1");
	publish_one(0);
	pass(SECONDS(10));
	put("b", "2");
	publish_one(0);
	outgoing_publish_all(&outgoing, now);
	ck_assert_str_eq(publish_one(0), "");
	pass(SECONDS(20));
	ck_assert_str_eq(publish_one(0), "1");
	ck_assert_str_eq(publish_one(0), "");
	pass(SECONDS(10));
	ck_assert_str_eq(publish_one(0), "2");
}
END_TEST

START_TEST(what_is_expected_is_emptied_unless_it_is_seen)
{
	ck_assert_int_eq(outgoing_expect(&outgoing, "a", false, 0), 0);
	ck_assert_int_eq(outgoing_expect(&outgoing, "b", false, 0), 0);
	ck_assert(instant_is_never(outgoing_deadline(&outgoing)));
	put("a", "1");
	outgoing_publish_all(&outgoing, now);
	ck_assert_str_eq(publish_one(0), "1");
	ck_assert_str_eq(publish_one(0), "");
	outgoing_remove_expected(&outgoing, now);
	ck_assert_str_eq(publish_one(0), "-");
	ck_assert_str_eq(publish_one(0), "");
	ck_assert_uint_eq(outgoing.items.count, 1);
}
END_TEST

/* --- published_ids --- */

static const struct published_ids HOME = {"home", "board 1", "homeassistant"};

static int read_published_ids(
    const char *text, const struct published_ids *published_ids, const char *prefix)
{
	char *read = NULL;
	int error = published_ids_read(slice_of(text), published_ids, &outgoing, &read);

	if (prefix)
		ck_assert_str_eq(read, prefix);
	else
		ck_assert_ptr_null(read);
	free(read);
	return error;
}

START_TEST(the_next_run_expects_what_was_published)
{
	struct json_writer w = {0};
	struct outgoing_item *item;

	put("fe80::1%eth0", "1");
	publish_one(0);
	put("a\nb c", "2");
	outgoing_find(&outgoing, "a\nb c")->tracked = true;
	publish_one(0);
	put("gone", "3");
	publish_one(0);
	item = outgoing_find(&outgoing, "gone");
	item->tracked = true;
	item->gone_since = 1790000000;
	put("not published", "4");
	published_ids_write(&w, &HOME, &outgoing);
	json_writer_bytes(&w, (struct slice){"", 1});
	ck_assert(!w.failed);
	teardown();
	setup();
	ck_assert_int_eq(read_published_ids(w.bytes, &HOME, "homeassistant"), 0);
	json_writer_fini(&w);
	ck_assert_uint_eq(outgoing.items.count, 3);
	ck_assert(!outgoing_find(&outgoing, "fe80::1%eth0")->tracked);
	ck_assert(outgoing_find(&outgoing, "a\nb c")->tracked);
	ck_assert_int_eq(outgoing_find(&outgoing, "gone")->gone_since, 1790000000);
}
END_TEST

static const struct {
	const char *text;
	int error;
	unsigned items;
	const char *prefix;
} FILES[] = {
    {"discoverd-mqtt 1\nhome board%201\n", 0, 0, NULL},
    {"discoverd-mqtt 1\nhome board%201\na\nb t\nc t 5\n", 0, 3, NULL},
    {"discoverd-mqtt 1\nhome board%201 ha\na\nb", -EBADMSG, 1, "ha"},
    {"discoverd-mqtt 1\nhome board%201\na\n\nb\n", -EBADMSG, 1, NULL},
    {"discoverd-mqtt 1\nhome board%201\na x\n", -EBADMSG, 0, NULL},
    {"discoverd-mqtt 1\nhome board%201\na\nb%00c\n", -EBADMSG, 1, NULL},
    {"discoverd-mqtt 1\nhome board%201\na t x\n", -EBADMSG, 0, NULL},
    {"discoverd-mqtt 1\nhome board%202\na\n", -EXDEV, 0, NULL},
    {"discoverd-mqtt 1\nwork board%201\na\n", -EXDEV, 0, NULL},
    {"discoverd-mqtt 1\nhome", -EBADMSG, 0, NULL},
    {"discoverd-mqtt 2\nhome board%201\na\n", -EBADMSG, 0, NULL},
    {"", -EBADMSG, 0, NULL},
};

START_TEST(a_file_is_read_as_far_as_it_is_whole)
{
	ck_assert_int_eq(
	    read_published_ids(FILES[_i].text, &HOME, FILES[_i].prefix), FILES[_i].error);
	ck_assert_uint_eq(outgoing.items.count, FILES[_i].items);
}
END_TEST

Suite *outgoing_suite(void)
{
	Suite *suite = suite_create("mqtt/outgoing");
	TCase *tcase = tcase_create("outgoing"), *published_ids = tcase_create("published_ids");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_change_is_due_at_once_and_then_after_30_s);
	tcase_add_test(tcase, the_newest_of_each_is_kept_while_nothing_can_be_published);
	tcase_add_test(tcase, what_does_not_change_is_repeated_about_once_a_day);
	tcase_add_test(tcase, one_that_goes_is_emptied_and_forgotten);
	tcase_add_test(tcase, one_that_comes_back_in_time_is_not_emptied);
	tcase_add_test(tcase, one_that_goes_may_be_kept);
	tcase_add_test(tcase, all_is_published_again_but_not_faster);
	tcase_add_test(tcase, what_is_expected_is_emptied_unless_it_is_seen);
	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(published_ids, setup, teardown);
	tcase_add_test(published_ids, the_next_run_expects_what_was_published);
	tcase_add_loop_test(
	    published_ids, a_file_is_read_as_far_as_it_is_whole, 0, COUNT_OF(FILES));
	suite_add_tcase(suite, published_ids);
	return suite;
}
