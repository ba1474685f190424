/* SPDX-License-Identifier: ISC
 * Tests of engine/outbox. */
#include "engine/outbox.h"
#include "suites.h"
#include <stdlib.h>
#include <string.h>

static void send_text(struct outbox *outbox, struct slice bytes)
{
	outbox_send(outbox, &(struct outbox_send){.link = 3, .bytes = bytes});
}

START_TEST(bytes_are_copies_and_never_move)
{
	struct outbox outbox;
	outbox_init(&outbox);
	char first[] = "first";
	send_text(&outbox, slice_of(first));
	const char *where = outbox.sends[0].bytes.bytes;
	first[0] = 'x';
	char big[1500];
	memset(big, 'b', sizeof(big));
	for (int i = 0; i < 100; i++)
		send_text(&outbox, (struct slice){big, sizeof(big)});
	ck_assert_uint_eq(outbox.send_count, 101);
	ck_assert_ptr_eq(outbox.sends[0].bytes.bytes, where);
	ck_assert(slice_equal(outbox.sends[0].bytes, SLICE("first")));
	ck_assert(slice_equal(outbox.sends[100].bytes, (struct slice){big, sizeof(big)}));
	ck_assert_uint_eq(outbox.sends[100].link, 3);
	outbox_fini(&outbox);
}
END_TEST

START_TEST(reset_keeps_the_memory)
{
	struct outbox outbox;
	outbox_init(&outbox);
	char big[1500] = {0};
	for (int i = 0; i < 20; i++)
		send_text(&outbox, (struct slice){big, sizeof(big)});
	const struct outbox_send *sends = outbox.sends;
	const char *first = outbox.sends[0].bytes.bytes, *last = outbox.sends[19].bytes.bytes;
	outbox_reset(&outbox);
	ck_assert_uint_eq(outbox.send_count, 0);
	for (int i = 0; i < 20; i++)
		send_text(&outbox, (struct slice){big, sizeof(big)});
	ck_assert_ptr_eq(outbox.sends, sends);
	ck_assert_ptr_eq(outbox.sends[0].bytes.bytes, first);
	ck_assert_ptr_eq(outbox.sends[19].bytes.bytes, last);
	outbox_fini(&outbox);
}
END_TEST

START_TEST(more_than_a_chunk_is_taken_too)
{
	struct outbox outbox;
	outbox_init(&outbox);
	size_t len = 100 * 1000;
	char *huge = malloc(len);
	ck_assert_ptr_nonnull(huge);
	memset(huge, 'h', len);
	send_text(&outbox, (struct slice){huge, len});
	send_text(&outbox, SLICE("small"));
	ck_assert(slice_equal(outbox.sends[0].bytes, (struct slice){huge, len}));
	ck_assert(slice_equal(outbox.sends[1].bytes, SLICE("small")));
	free(huge);
	outbox_fini(&outbox);
}
END_TEST

START_TEST(a_sighting_brings_all_its_text)
{
	struct outbox outbox;
	outbox_init(&outbox);
	char text[] = "0123456789a";
	struct sighting sighting = {
	    .protocol = "ssdp",
	    .link = 7,
	    .lifetime = 5,
	    .id = {text, 1},
	    .name = {text + 1, 1},
	    .type = {text + 2, 1},
	    .service = {text + 3, 1},
	    .usn = {text + 4, 1},
	    .location = {text + 5, 1},
	    .server = {text + 6, 1},
	    .manufacturer = {text + 7, 1},
	    .model = {text + 8, 1},
	    .serial = {text + 9, 1},
	    .presentation_url = {text + 10, 1},
	};
	outbox_sighting(&outbox, &sighting);
	memset(text, 'x', sizeof(text) - 1);
	const struct sighting *kept = &outbox.sightings[0];
	ck_assert_uint_eq(outbox.sighting_count, 1);
	ck_assert_uint_eq(kept->link, 7);
	ck_assert_str_eq(kept->protocol, "ssdp");
	const struct slice slices[] = {kept->id, kept->name, kept->type, kept->service, kept->usn,
	    kept->location, kept->server, kept->manufacturer, kept->model, kept->serial,
	    kept->presentation_url};
	for (size_t i = 0; i < 11; i++)
		ck_assert(slice_equal(slices[i], (struct slice){&"0123456789a"[i], 1}));
	outbox_fini(&outbox);
}
END_TEST

START_TEST(absent_and_empty_stay_what_they_are)
{
	struct outbox outbox;
	outbox_init(&outbox);
	outbox_sighting(&outbox, &(struct sighting){.name = SLICE("")});
	ck_assert_ptr_null(outbox.sightings[0].id.bytes);
	ck_assert_ptr_nonnull(outbox.sightings[0].name.bytes);
	ck_assert_uint_eq(outbox.sightings[0].name.len, 0);
	outbox_fini(&outbox);
}
END_TEST

Suite *outbox_suite(void)
{
	Suite *suite = suite_create("engine/outbox");
	TCase *tcase = tcase_create("outbox");
	tcase_add_test(tcase, bytes_are_copies_and_never_move);
	tcase_add_test(tcase, reset_keeps_the_memory);
	tcase_add_test(tcase, more_than_a_chunk_is_taken_too);
	tcase_add_test(tcase, a_sighting_brings_all_its_text);
	tcase_add_test(tcase, absent_and_empty_stay_what_they_are);
	suite_add_tcase(suite, tcase);
	return suite;
}
