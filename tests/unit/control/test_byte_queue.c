/* SPDX-License-Identifier: ISC
 * Tests of control/byte_queue: what goes in comes out, whatever the buffer does meanwhile. */
#include "base/rng.h"
#include "control/byte_queue.h"
#include "suites.h"
#include <errno.h>
#include <string.h>

/* Byte number N of a stream that repeats itself after no power of two. */
static char byte_at(size_t n)
{
	return (char)(n % 251);
}

static void put(struct byte_queue *queue, size_t *in, size_t len)
{
	char bytes[2000];
	ck_assert_uint_le(len, sizeof(bytes));
	for (size_t i = 0; i < len; i++)
		bytes[i] = byte_at((*in)++);
	ck_assert_int_eq(byte_queue_append(queue, (struct slice){bytes, len}), 0);
}

static void check_waiting(const struct byte_queue *queue, size_t out, size_t in)
{
	struct slice waiting = byte_queue_peek(queue);
	ck_assert_uint_eq(waiting.len, in - out);
	for (size_t i = 0; i < waiting.len; i++)
		if (waiting.bytes[i] != byte_at(out + i))
			ck_abort_msg("byte %zu is wrong", out + i);
}

START_TEST(what_waits_is_moved_to_the_front_when_room_is_needed)
{
	struct byte_queue queue = {0};
	size_t in = 0, out = 300;
	put(&queue, &in, 500);
	byte_queue_skip(&queue, 300);
	size_t capacity = queue.capacity;
	put(&queue, &in, 200);
	check_waiting(&queue, out, in);
	ck_assert_uint_eq(queue.capacity, capacity);
	byte_queue_fini(&queue);
}
END_TEST

START_TEST(bytes_come_out_as_they_went_in)
{
	struct byte_queue queue = {0};
	struct rng rng;
	size_t in = 0, out = 0;
	rng_init(&rng, 1);
	for (unsigned i = 0; i < 5000; i++) {
		put(&queue, &in, rng_below(&rng, i % 7 ? 300 : 2000));
		check_waiting(&queue, out, in);
		size_t len = rng_below(&rng, in - out + 1);
		byte_queue_skip(&queue, i % 50 ? len : in - out);
		out += i % 50 ? len : in - out;
		check_waiting(&queue, out, in);
	}
	byte_queue_fini(&queue);
}
END_TEST

START_TEST(a_large_buffer_goes_when_it_is_empty_and_a_small_one_stays)
{
	struct byte_queue queue = {0};
	size_t in = 0;
	put(&queue, &in, 100);
	byte_queue_skip(&queue, 100);
	ck_assert_uint_gt(queue.capacity, 0);
	for (unsigned i = 0; i < 4; i++)
		put(&queue, &in, 2000);
	byte_queue_skip(&queue, 8000);
	ck_assert_uint_eq(queue.capacity, 0);
	ck_assert_ptr_null(queue.bytes);
}
END_TEST

START_TEST(more_than_there_is_memory_is_refused_and_nothing_lost)
{
	struct byte_queue queue = {0};
	ck_assert_int_eq(byte_queue_append(&queue, SLICE("kept")), 0);
	struct slice endless = {"", SIZE_MAX / 2};
	ck_assert_int_eq(byte_queue_append(&queue, endless), -ENOMEM);
	ck_assert(slice_equal(byte_queue_peek(&queue), SLICE("kept")));
	byte_queue_fini(&queue);
}
END_TEST

Suite *byte_queue_suite(void)
{
	Suite *suite = suite_create("control/byte_queue");
	TCase *tcase = tcase_create("byte_queue");
	tcase_add_test(tcase, what_waits_is_moved_to_the_front_when_room_is_needed);
	tcase_add_test(tcase, bytes_come_out_as_they_went_in);
	tcase_add_test(tcase, a_large_buffer_goes_when_it_is_empty_and_a_small_one_stays);
	tcase_add_test(tcase, more_than_there_is_memory_is_refused_and_nothing_lost);
	suite_add_tcase(suite, tcase);
	return suite;
}
