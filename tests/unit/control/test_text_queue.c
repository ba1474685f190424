/* SPDX-License-Identifier: ISC
 * Tests of control/text_queue: what goes in comes out, also in parts, and is freed with its last
 * holder. */
#include "base/rng.h"
#include "control/text_queue.h"
#include "suites.h"
#include <errno.h>
#include <string.h>

static struct json_writer written(const char *text)
{
	struct json_writer w = {0};

	json_writer_bytes(&w, slice_of(text));
	return w;
}

static struct shared_text *shared(const char *text)
{
	struct json_writer w = written(text);

	return shared_text_new(&w);
}

/* Takes so many bytes, or what there is, from the front. */
static size_t take(struct text_queue *queue, char *out, size_t len, size_t parts_max)
{
	struct slice parts[8];
	size_t count = text_queue_peek(queue, parts, parts_max), taken = 0;

	for (size_t i = 0; i < count && taken < len; i++) {
		struct slice part = slice_head(parts[i], len - taken);
		if (part.len > 0)
			memcpy(out + taken, part.bytes, part.len);
		taken += part.len;
	}
	text_queue_skip(queue, taken);
	return taken;
}

START_TEST(texts_come_out_as_they_went_in)
{
	struct text_queue queue = {0};
	char in[40000], out[40000];
	size_t in_len = 0, out_len = 0;
	struct rng rng;

	rng_init(&rng, 1);
	for (unsigned i = 0; i < 2000; i++) {
		char text[16];
		size_t len = rng_below(&rng, sizeof(text));
		memset(text, (char)('a' + i % 26), len);
		text[len] = '\0';
		struct json_writer w = written(text);
		ck_assert_int_eq(text_queue_put(&queue, &w), 0);
		memcpy(in + in_len, text, len);
		in_len += len;
		out_len += take(&queue, out + out_len, rng_below(&rng, i % 100 ? 16 : 400),
		    1 + rng_below(&rng, 8));
		ck_assert_uint_eq(queue.len, in_len - out_len);
	}
	while (queue.len)
		out_len += take(&queue, out + out_len, SIZE_MAX, 8);
	ck_assert_uint_eq(out_len, in_len);
	ck_assert_int_eq(memcmp(in, out, in_len), 0);
	text_queue_fini(&queue);
}
END_TEST

START_TEST(a_text_waits_for_several_and_goes_with_the_last)
{
	struct text_queue queues[3] = {{0}};
	struct shared_text *text = shared("shared");
	struct slice part;

	for (unsigned i = 0; i < 3; i++)
		ck_assert_int_eq(text_queue_add(&queues[i], text), 0);
	ck_assert_uint_eq(text->holders, 4);
	shared_text_release(text);
	text_queue_skip(&queues[0], 6);
	text_queue_skip(&queues[1], 2);
	ck_assert_uint_eq(text->holders, 2);
	ck_assert_uint_eq(text_queue_peek(&queues[1], &part, 1), 1);
	ck_assert(slice_equal(part, SLICE("ared")));
	ck_assert_uint_eq(text_queue_peek(&queues[2], &part, 1), 1);
	ck_assert(slice_equal(part, SLICE("shared")));
	ck_assert_ptr_eq(part.bytes, text->bytes);
	for (unsigned i = 0; i < 3; i++)
		text_queue_fini(&queues[i]);
}
END_TEST

START_TEST(what_is_not_whole_is_refused)
{
	struct text_queue queue = {0};
	struct json_writer w = written("half");

	w.failed = true;
	ck_assert_int_eq(text_queue_put(&queue, &w), -ENOMEM);
	ck_assert_uint_eq(queue.len, 0);
	ck_assert_ptr_null(w.bytes);
	text_queue_fini(&queue);
}
END_TEST

Suite *text_queue_suite(void)
{
	Suite *suite = suite_create("control/text_queue");
	TCase *tcase = tcase_create("text_queue");

	tcase_add_test(tcase, texts_come_out_as_they_went_in);
	tcase_add_test(tcase, a_text_waits_for_several_and_goes_with_the_last);
	tcase_add_test(tcase, what_is_not_whole_is_refused);
	suite_add_tcase(suite, tcase);
	return suite;
}
