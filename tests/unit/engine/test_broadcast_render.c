/* SPDX-License-Identifier: ISC
 * Tests of engine/broadcast_render. */
#include "base/array.h"
#include "engine/broadcast.h"
#include "engine/broadcast_render.h"
#include "model/offers.h"
#include "suites.h"
#include <errno.h>
#include <string.h>

#define UDN "uuid:00000000-0000-0000-0000-000000000001"

static char udn[] = UDN, type[301], name[65], server[401];
static struct config config;
static struct offered_device root;
static struct offer own, *trees[] = {&own};
static char location[40];
static struct offers offers;
static struct engine_context context;
static const struct engine_type *const ENGINES[] = {&BROADCAST_ENGINE, NULL};
static struct address source;
static char buffer[BROADCAST_MESSAGE_MAX];
static struct writer w;
static struct broadcast_message message;

static void set_up(void)
{
	memcpy(type, "type", sizeof("type"));
	memcpy(name, "n\xc3\xa4me", sizeof("n\xc3\xa4me"));
	memcpy(server, "server", sizeof("server"));
	ck_assert_int_eq(engine_config_init(&config, ENGINES), 0);
	root = (struct offered_device){.udn = udn, .type = type, .name = name};
	strcpy(location, "http://*:5006/description.xml");
	own = (struct offer){
	    .number = 1, .devices = &root, .device_count = 1, .url = location, .epoch = 12};
	offers = (struct offers){.list = trees,
	    .count = 1,
	    .server = server,
	    .instance = "0123456789abcdef",
	    .http_port = 5006};
	context = (struct engine_context){.config = &config, .offers = &offers};
	source = address_ipv4(192, 0, 2, 1);
	writer_init(&w, buffer, sizeof(buffer));
}

static void tear_down(void)
{
	config_fini(&config);
}

/* Renders and reads it again. */
static void render(enum broadcast_kind kind)
{
	writer_init(&w, buffer, sizeof(buffer));
	ck_assert_int_eq(broadcast_render(&context, broadcast_config(&config)->interval, kind,
			     SLICE_NONE, &source, &w),
	    0);
	ck_assert_int_eq(broadcast_parse(writer_result(&w), &message), 0);
}

static int answer(bool extended, size_t ask_len)
{
	struct broadcast_message ask = {.kind = BROADCAST_ASK, .extended = extended};
	writer_init(&w, buffer, sizeof(buffer));
	return broadcast_render_answer(
	    &context, broadcast_config(&config)->interval, &ask, ask_len, &source, &w);
}

static void assert_slice(struct slice have, const char *wanted)
{
	ck_assert_msg(slice_equal(have, slice_of(wanted)), "\"%.*s\" is not \"%s\"",
	    SLICE_ARGS(have), wanted);
}

static void fill(char *text, size_t len)
{
	memset(text, 'x', len);
	text[len] = '\0';
}

START_TEST(an_ask_describes_this_host)
{
	render(BROADCAST_ASK);
	ck_assert_int_eq(message.kind, BROADCAST_ASK);
	ck_assert(message.extended);
	assert_slice(message.name, "n\xc3\xa4me");
	assert_slice(message.usn, UDN);
	assert_slice(message.server, "server");
	assert_slice(message.type, "type");
	assert_slice(message.location, "http://192.0.2.1:5006/description.xml");
	assert_slice(message.instance, "0123456789abcdef");
	ck_assert_uint_eq(message.max_age, 90);
	ck_assert(message.has_boot_id);
	ck_assert_uint_eq(message.boot_id, 12);
}
END_TEST

START_TEST(an_ask_is_padded_to_one_size)
{
	for (size_t len = 1; len <= 64; len++) {
		fill(name, len);
		render(BROADCAST_ASK);
		ck_assert_uint_eq(w.len, BROADCAST_ASK_SIZE);
	}
}
END_TEST

START_TEST(a_bye_has_only_name_and_usn)
{
	render(BROADCAST_BYE);
	ck_assert_int_eq(message.kind, BROADCAST_BYE);
	assert_slice(message.usn, UDN);
	assert_slice(message.instance, "0123456789abcdef");
	ck_assert(!message.has_boot_id);
	ck_assert(!message.location.bytes && !message.server.bytes && !message.type.bytes);
	ck_assert_uint_eq(message.max_age + message.pad, 0);
}
END_TEST

START_TEST(without_a_description_there_is_no_location)
{
	own.url = NULL;
	render(BROADCAST_ASK);
	ck_assert_ptr_null(message.location.bytes);
}
END_TEST

START_TEST(max_age_follows_the_interval)
{
	static const uint32_t intervals[][2] = {
	    {1, 30}, {10, 30}, {60, 180}, {86400, 86400}, {UINT32_MAX, 86400}};
	for (size_t i = 0; i < COUNT_OF(intervals); i++) {
		broadcast_config(&config)->interval = intervals[i][0];
		render(BROADCAST_ASK);
		ck_assert_uint_eq(message.max_age, intervals[i][1]);
	}
}
END_TEST

START_TEST(no_message_is_longer_than_a_thousand_bytes)
{
	fill(name, 64);
	fill(type, 250);
	fill(server, 400);
	root.udn = type;
	render(BROADCAST_ASK);
	ck_assert_uint_eq(message.name.len, 64);
	ck_assert_uint_eq(message.location.len, 0);
	ck_assert_uint_le(w.len, BROADCAST_MESSAGE_MAX);
}
END_TEST

START_TEST(an_ask_has_as_many_marks_as_there_is_room_for)
{
	char marks[481];

	fill(marks, sizeof(marks) - 1);
	for (size_t len = 0; len <= 64; len++) {
		fill(name, len);
		writer_init(&w, buffer, sizeof(buffer));
		struct slice known = slice_of(marks);
		ck_assert_int_eq(
		    broadcast_render(&context, 30, BROADCAST_ASK, known, &source, &w), 0);
		ck_assert_int_eq(broadcast_parse(writer_result(&w), &message), 0);
		ck_assert_uint_eq(message.known.len % 4, 0);
		ck_assert_uint_gt(message.known.len, 400);
		ck_assert_uint_gt(message.location.len, 0);
		ck_assert_uint_le(w.len, BROADCAST_MESSAGE_MAX);
		ck_assert(message.known.len == known.len || w.len > BROADCAST_MESSAGE_MAX - 4);
	}
}
END_TEST

START_TEST(the_answer_to_a_plain_ask_is_the_plain_line_and_nothing_else)
{
	ck_assert_int_eq(answer(false, 8), 0);
	assert_slice(writer_result(&w), "Hello from n\xc3\xa4me!");
}
END_TEST

START_TEST(the_answer_to_one_of_our_asks_has_everything_in_it)
{
	fill(name, 64);
	fill(type, 64);
	fill(server, 64);
	own.epoch = INT32_MAX;
	strcpy(location, "http://*:65535/description.xml");
	source = address_ipv4(255, 255, 255, 254);
	broadcast_config(&config)->interval = 28800;
	ck_assert_int_eq(answer(true, BROADCAST_ASK_SIZE), 0);
	ck_assert_int_eq(broadcast_parse(writer_result(&w), &message), 0);
	ck_assert_int_eq(message.kind, BROADCAST_ANSWER);
	assert_slice(message.name, name);
	assert_slice(message.usn, UDN);
	assert_slice(message.server, server);
	assert_slice(message.type, type);
	assert_slice(message.location, "http://255.255.255.254:65535/description.xml");
	assert_slice(message.instance, "0123456789abcdef");
	ck_assert_uint_eq(message.max_age, 86400);
	ck_assert_uint_eq(message.boot_id, INT32_MAX);
	ck_assert_uint_eq(message.pad, 0);
}
END_TEST

/* As the ask gets shorter, LOCATION goes first, then SERVER, then NT, then the answer. */
START_TEST(an_answer_is_never_longer_than_an_extended_ask)
{
	unsigned last = 4, forms = 0;
	for (size_t len = BROADCAST_ASK_SIZE; len-- > 0;) {
		unsigned headers = 0;
		int error = answer(true, len);
		ck_assert(error == 0 || error == -ENOSPC);
		if (error == 0) {
			ck_assert_uint_le(w.len, len);
			ck_assert_int_eq(broadcast_parse(writer_result(&w), &message), 0);
			ck_assert(!message.location.len || message.server.len);
			ck_assert(!message.server.len || message.type.len);
			headers = 1u + (message.type.len > 0) + (message.server.len > 0) +
				  (message.location.len > 0);
		}
		ck_assert_uint_le(headers, last);
		forms += headers != last;
		last = headers;
	}
	ck_assert_uint_eq(last, 0);
	ck_assert_uint_eq(forms, 4);
}
END_TEST

Suite *broadcast_render_suite(void)
{
	Suite *suite = suite_create("engine/broadcast_render");
	TCase *tcase = tcase_create("broadcast_render");
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, an_ask_describes_this_host);
	tcase_add_test(tcase, an_ask_is_padded_to_one_size);
	tcase_add_test(tcase, a_bye_has_only_name_and_usn);
	tcase_add_test(tcase, without_a_description_there_is_no_location);
	tcase_add_test(tcase, max_age_follows_the_interval);
	tcase_add_test(tcase, no_message_is_longer_than_a_thousand_bytes);
	tcase_add_test(tcase, an_ask_has_as_many_marks_as_there_is_room_for);
	tcase_add_test(tcase, the_answer_to_a_plain_ask_is_the_plain_line_and_nothing_else);
	tcase_add_test(tcase, the_answer_to_one_of_our_asks_has_everything_in_it);
	tcase_add_test(tcase, an_answer_is_never_longer_than_an_extended_ask);
	suite_add_tcase(suite, tcase);
	return suite;
}
