/* SPDX-License-Identifier: ISC
 * Tests of wire/json_writer. */
#include "base/rng.h"
#include "suites.h"
#include "wire/json_writer.h"
#include <json-c/json.h>
#include <stdint.h>
#include <string.h>

static void expect(struct json_writer *w, const char *text)
{
	ck_assert(!w->failed);
	ck_assert(slice_equal((struct slice){w->bytes, w->len}, slice_of(text)));
	json_writer_fini(w);
}

START_TEST(commas_come_between_values)
{
	struct json_writer w = {0};

	json_writer_open(&w, '[');
	json_writer_null(&w);
	json_writer_open(&w, '{');
	json_writer_name(&w, JSON_NAME("a"));
	json_writer_truth(&w, true);
	json_writer_name(&w, JSON_NAME("b"));
	json_writer_open(&w, '[');
	json_writer_close(&w, ']');
	json_writer_name_escaped(&w, SLICE("\"\n"));
	json_writer_string(&w, NULL);
	json_writer_close(&w, '}');
	json_writer_raw(&w, SLICE("1,2"));
	json_writer_slice(&w, SLICE("x"));
	json_writer_plain(&w, SLICE("y"));
	json_writer_slice(&w, SLICE_NONE);
	json_writer_close(&w, ']');
	expect(&w, "[null,{\"a\":true,\"b\":[],\"\\\"\\n\":null},1,2,\"x\",\"y\",null]");
}
END_TEST

START_TEST(numbers_are_written_to_their_limits)
{
	struct json_writer w = {0};

	json_writer_open(&w, '[');
	json_writer_number(&w, 0);
	json_writer_number(&w, -7);
	json_writer_number(&w, INT64_MAX);
	json_writer_number(&w, INT64_MIN);
	json_writer_close(&w, ']');
	expect(&w, "[0,-7,9223372036854775807,-9223372036854775808]");
}
END_TEST

/* Each byte, at each place of a word and in what is left of it. */
START_TEST(a_string_is_read_back_as_it_was)
{
	for (unsigned byte = 0; byte < 0x80; byte++)
		for (size_t len = 1; len < 20; len++) {
			struct json_writer w = {0};
			char text[20];

			memset(text, 'x', sizeof(text));
			text[(byte + len) % len] = (char)byte;
			text[len - 1] = (char)byte;
			json_writer_slice(&w, (struct slice){text, len});
			json_writer_bytes(&w, (struct slice){"", 1});
			struct json_object *read = json_tokener_parse(w.bytes);
			ck_assert_int_eq(json_object_get_string_len(read), (int)len);
			ck_assert_int_eq(memcmp(json_object_get_string(read), text, len), 0);
			ck_assert_ptr_null(strpbrk(w.bytes, "\n\t\r\x01\x1f"));
			json_object_put(read);
			json_writer_fini(&w);
		}
}
END_TEST

START_TEST(other_bytes_stay_as_they_are)
{
	struct json_writer w = {0};

	json_writer_string(&w, "Gr\xc3\xbc\xc3\x9f"
			       "e/\xf0\x9f\x96\xa8\x7f\xff");
	expect(&w, "\"Gr\xc3\xbc\xc3\x9f"
		   "e/\xf0\x9f\x96\xa8\x7f\xff\"");
}
END_TEST

START_TEST(what_is_not_whole_is_known)
{
	struct json_writer w = {0};

	json_writer_string(&w, "kept");
	json_writer_reserve(&w, SIZE_MAX / 2);
	ck_assert(w.failed);
	json_writer_string(&w, "not written");
	ck_assert_uint_eq(w.len, strlen("\"kept\""));
	json_writer_fini(&w);
}
END_TEST

Suite *json_writer_suite(void)
{
	Suite *suite = suite_create("wire/json_writer");
	TCase *tcase = tcase_create("json_writer");

	tcase_add_test(tcase, commas_come_between_values);
	tcase_add_test(tcase, numbers_are_written_to_their_limits);
	tcase_add_test(tcase, a_string_is_read_back_as_it_was);
	tcase_add_test(tcase, other_bytes_stay_as_they_are);
	tcase_add_test(tcase, what_is_not_whole_is_known);
	suite_add_tcase(suite, tcase);
	return suite;
}
