/* SPDX-License-Identifier: ISC
 * Tests of wire/varlink_message. */
#include "base/array.h"
#include "suites.h"
#include "wire/varlink_message.h"
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

static int call_error(struct slice message)
{
	struct varlink_call call;
	int error = varlink_call_parse(message, &call);

	if (error == 0)
		varlink_call_fini(&call);
	else
		ck_assert_ptr_null(call.object);
	return error;
}

START_TEST(a_call_is_read)
{
	struct varlink_call call;

	ck_assert_int_eq(
	    varlink_call_parse(
		SLICE(" {\"method\": \"io.discoverd.List\", \"parameters\": {\"a\": 1},"
		      " \"more\": true, \"oneway\": false, \"other\": []} \n"),
		&call),
	    0);
	ck_assert_str_eq(call.method, "io.discoverd.List");
	ck_assert_int_eq(json_object_get_int(json_object_object_get(call.parameters, "a")), 1);
	ck_assert(call.more);
	ck_assert(!call.oneway);
	ck_assert(!call.upgrade);
	varlink_call_fini(&call);
}
END_TEST

START_TEST(absent_and_null_members_are_the_same)
{
	struct varlink_call call;

	ck_assert_int_eq(
	    varlink_call_parse(
		SLICE("{\"method\":\"a.B\",\"parameters\":null,\"oneway\":null}"), &call),
	    0);
	ck_assert_ptr_null(call.parameters);
	ck_assert(!call.oneway);
	varlink_call_fini(&call);
}
END_TEST

START_TEST(what_is_no_call_is_refused)
{
	static const struct slice messages[] = {
	    {"", 0},
	    {"{", 1},
	    {"{}", 2},
	    {"null", 4},
	    {"[]", 2},
	    {"\"x\"", 3},
	    {"{\"method\":1}", 12},
	    {"{\"method\":null}", 15},
	    {"{\"method\":[\"a.B\"]}", 18},
	    {"{\"method\":\"a.B\"", 15},
	    {"{\"method\":\"a.B\",}", 17},
	    {"{\"method\":\"a.B\"}x", 17},
	    {"{\"method\":\"a.B\"}{}", 18},
	    {"{\"method\":\"a.B\"}\0", 17},
	    {"\0{\"method\":\"a.B\"}", 17},
	    {"{'method':'a.B'}", 16},
	    {"/**/{\"method\":\"a.B\"}", 20},
	    {"{\"method\":\"a.B\",\"more\":1}", 25},
	    {"{\"method\":\"a.B\",\"more\":\"true\"}", 30},
	    {"{\"method\":\"a.B\",\"parameters\":[]}", 32},
	    {"{\"method\":\"a.B\",\"parameters\":\"\"}", 32},
	    {"{\"method\":\"a.B\",\"x\":\"\xff\"}", 25},
	    {"{\"method\":\"a.B\",\"x\":\"\xed\xa0\x80\"}", 27},
	    {"{\"method\":\"a.B\\u0000c\"}", 24},
	    {"GET / HTTP/1.1\r\n\r\n", 18},
	};

	for (size_t i = 0; i < COUNT_OF(messages); i++)
		ck_assert_msg(call_error(messages[i]) == -EBADMSG, "message %zu: %.*s", i,
		    SLICE_ARGS(messages[i]));
}
END_TEST

START_TEST(sixteen_levels_and_no_more)
{
	for (size_t levels = 16; levels <= 17; levels++) {
		char text[128] = "{\"method\":\"a.B\",\"x\":";
		for (size_t i = 1; i < levels; i++)
			strcat(text, "[");
		for (size_t i = 1; i < levels; i++)
			strcat(text, "]");
		strcat(text, "}");
		ck_assert_int_eq(call_error(slice_of(text)), levels == 16 ? 0 : -EBADMSG);
	}
}
END_TEST

START_TEST(every_truncated_call_is_refused)
{
	struct slice message =
	    SLICE("{\"method\":\"a.B\",\"parameters\":{\"x\":[1,null,\"\\u00e9\"]},\"more\":true}");

	ck_assert_int_eq(call_error(message), 0);
	for (size_t len = 0; len < message.len; len++)
		ck_assert_int_eq(call_error(slice_head(message, len)), -EBADMSG);
}
END_TEST

START_TEST(a_reply_is_read)
{
	struct varlink_reply reply;

	ck_assert_int_eq(varlink_reply_parse(SLICE("{}"), &reply), 0);
	ck_assert_ptr_null(reply.error);
	ck_assert_ptr_null(reply.parameters);
	ck_assert(!reply.continues);
	varlink_reply_fini(&reply);
	ck_assert_int_eq(
	    varlink_reply_parse(
		SLICE("{\"error\":\"a.B\",\"parameters\":{\"id\":\"x\"},\"continues\":true}"),
		&reply),
	    0);
	ck_assert_str_eq(reply.error, "a.B");
	ck_assert_ptr_nonnull(reply.parameters);
	ck_assert(reply.continues);
	varlink_reply_fini(&reply);
	ck_assert_int_eq(varlink_reply_parse(SLICE("{\"error\":5}"), &reply), -EBADMSG);
	ck_assert_int_eq(varlink_reply_parse(SLICE("{\"continues\":5}"), &reply), -EBADMSG);
	ck_assert_int_eq(varlink_reply_parse(SLICE("[]"), &reply), -EBADMSG);
}
END_TEST

/* Frees the text. */
static void assert_text(char *text, const size_t *len, const char *expected)
{
	ck_assert_ptr_nonnull(text);
	ck_assert_uint_eq(*len, strlen(expected) + 1);
	ck_assert_str_eq(text, expected);
	free(text);
}

static char *reply(const char *error, struct json_object *parameters, bool continues, size_t *len)
{
	struct json_writer text = {0};

	varlink_reply_write(&text, error, parameters, continues);
	*len = text.len;
	return text.bytes;
}

START_TEST(calls_and_replies_are_written)
{
	struct json_object *parameters = json_object_new_object();
	size_t len = 0;

	json_object_object_add(parameters, "url", json_object_new_string("http://x/"));
	assert_text(varlink_call_format("a.B", NULL, false, &len), &len, "{\"method\":\"a.B\"}");
	assert_text(varlink_call_format("a.B", parameters, true, &len), &len,
	    "{\"method\":\"a.B\",\"parameters\":{\"url\":\"http://x/\"},\"more\":true}");
	assert_text(reply(NULL, NULL, false, &len), &len, "{\"parameters\":{}}");
	assert_text(reply(NULL, parameters, true, &len), &len,
	    "{\"parameters\":{\"url\":\"http://x/\"},\"continues\":true}");
	assert_text(reply("a.Wrong", parameters, false, &len), &len,
	    "{\"error\":\"a.Wrong\",\"parameters\":{\"url\":\"http://x/\"}}");
	/* It was only borrowed: this frees it. */
	ck_assert_int_eq(json_object_put(parameters), 1);
}
END_TEST

Suite *varlink_message_suite(void)
{
	Suite *suite = suite_create("wire/varlink_message");
	TCase *tcase = tcase_create("varlink_message");

	tcase_add_test(tcase, a_call_is_read);
	tcase_add_test(tcase, absent_and_null_members_are_the_same);
	tcase_add_test(tcase, what_is_no_call_is_refused);
	tcase_add_test(tcase, sixteen_levels_and_no_more);
	tcase_add_test(tcase, every_truncated_call_is_refused);
	tcase_add_test(tcase, a_reply_is_read);
	tcase_add_test(tcase, calls_and_replies_are_written);
	suite_add_tcase(suite, tcase);
	return suite;
}
