/* SPDX-License-Identifier: ISC
 * Tests of mqtt/topic: what of a name may stand in a topic, and topics that are read. */
#include "mqtt/topic.h"

#include "base/array.h"
#include "suites.h"

static const struct {
	const char *text, *level;
} LEVELS[] = {
    {"uuid:2fac1234-31f8-41b4-a222-08002b34c003", "uuid:2fac1234-31f8-41b4-a222-08002b34c003"},
    {"fe80::1%eth0", "fe80::1%25eth0"},
    {"Laser #2/+", "Laser%20%232%2F%2B"},
    {"Gr\xc3\xb6\xc3\x9f"
     "e.local",
	"Gr%C3%B6%C3%9F"
	"e.local"},
    {"\x01\x7f\xff\n", "%01%7F%FF%0A"},
    {"$SYS", "$SYS"},
    {"", ""},
};

static char buffer[256];
static struct writer w;

static void begin(void)
{
	writer_init(&w, buffer, sizeof(buffer));
}

static void expect(const char *expected)
{
	ck_assert_int_eq(writer_error(&w), 0);
	ck_assert_msg(slice_equal(writer_result(&w), slice_of(expected)), "%.*s, not %s",
	    SLICE_ARGS(writer_result(&w)), expected);
}

START_TEST(a_level_stands_for_one_text)
{
	begin();
	topic_write_level(&w, slice_of(LEVELS[_i].text));
	expect(LEVELS[_i].level);
	begin();
	topic_read_level(&w, slice_of(LEVELS[_i].level));
	expect(LEVELS[_i].text);
}
END_TEST

START_TEST(a_percent_sign_that_escapes_nothing_stays)
{
	begin();
	topic_read_level(&w, slice_of("100%/%4/%zz/%41%4"));
	expect("100%/%4/%zz/A%4");
}
END_TEST

START_TEST(topics_are_written)
{
	begin();
	topic_write(&w, slice_of("home"), slice_of("b"), TOPIC_STATE, SLICE_NONE);
	expect("discoverd/v1/home/b/state");
	begin();
	topic_write(&w, slice_of("a/b"), slice_of("b+"), TOPIC_DEVICE, slice_of("fe80::1%eth0"));
	expect("discoverd/v1/a%2Fb/b%2B/device/fe80::1%25eth0");
}
END_TEST

START_TEST(a_topic_is_read)
{
	struct topic topic;

	ck_assert(topic_read(slice_of("discoverd/v1/a%2Fb/b/device/x%25"), &topic));
	ck_assert_int_eq(topic.kind, TOPIC_DEVICE);
	ck_assert(slice_equal(topic.site, slice_of("a%2Fb")));
	ck_assert(slice_equal(topic.board, slice_of("b")));
	ck_assert(slice_equal(topic.id, slice_of("x%25")));
	ck_assert(topic_read(slice_of("discoverd/v1/s/b/info"), &topic));
	ck_assert_int_eq(topic.kind, TOPIC_INFO);
	ck_assert_ptr_null(topic.id.bytes);
}
END_TEST

static const char *const FOREIGN[] = {
    "",
    "discoverd",
    "discoverd/v1/",
    "discoverd/v1/s/b",
    "discoverd/v2/s/b/state",
    "discoverd/v1//b/state",
    "discoverd/v1/s//state",
    "discoverd/v1/s/b/state/",
    "discoverd/v1/s/b/state/x",
    "discoverd/v1/s/b/device",
    "discoverd/v1/s/b/device/",
    "discoverd/v1/s/b/device/x/y",
    "discoverd/v1/s/b/other",
    "discoverd/v1x/s/b/state",
};

START_TEST(a_foreign_topic_is_none)
{
	struct topic topic;

	ck_assert_msg(!topic_read(slice_of(FOREIGN[_i]), &topic), "%s", FOREIGN[_i]);
}
END_TEST

Suite *topic_suite(void)
{
	Suite *suite = suite_create("mqtt/topic");
	TCase *tcase = tcase_create("topic");

	tcase_add_loop_test(tcase, a_level_stands_for_one_text, 0, COUNT_OF(LEVELS));
	tcase_add_test(tcase, a_percent_sign_that_escapes_nothing_stays);
	tcase_add_test(tcase, topics_are_written);
	tcase_add_test(tcase, a_topic_is_read);
	tcase_add_loop_test(tcase, a_foreign_topic_is_none, 0, COUNT_OF(FOREIGN));
	suite_add_tcase(suite, tcase);
	return suite;
}
