/* SPDX-License-Identifier: ISC
 * Tests of engine/outbox. */
#include "engine/outbox.h"
#include "model/protocol_id.h"
#include "suites.h"
#include <stdalign.h>
#include <stdint.h>
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

/* Takes the next byte of a text that is overwritten later. */
static struct slice letter(const char **text)
{
	return (struct slice){(*text)++, 1};
}

START_TEST(a_sighting_is_a_copy_with_its_services)
{
	static const struct protocol_id PROTOCOL = {"p", 1};
	char text[] = "0123456789abcdefghijklmnopqrstuvwxyz", expected[sizeof(text)];
	const char *next = text;
	struct outbox outbox;
	struct sighting sighting = {.protocol = &PROTOCOL, .link = 7, .lifetime = 5};
	struct sighted_service services[2] = {{.port = 1}, {.port = 2}};
	sighting.key = (struct key){.kind = KEY_OPAQUE, .text = letter(&next)};
	sighting.url = letter(&next);
	for (size_t i = 0; i < FACTS; i++)
		sighting.facts[i] = letter(&next);
	for (size_t i = 0; i < 2; i++) {
		services[i].key = letter(&next);
		services[i].type = letter(&next);
		services[i].name = letter(&next);
		services[i].url = letter(&next);
		services[i].txt = letter(&next);
	}
	sighting.services = services;
	sighting.service_count = 2;
	outbox_init(&outbox);
	outbox_sighting(&outbox, &sighting);
	memcpy(expected, text, sizeof(text));
	memset(text, '-', sizeof(text) - 1);
	memset(services, 0, sizeof(services));

	const struct sighting *kept = &outbox.sightings[0];
	next = expected;
	ck_assert_uint_eq(outbox.sighting_count, 1);
	ck_assert_uint_eq(kept->link, 7);
	ck_assert_ptr_eq(kept->protocol, &PROTOCOL);
	ck_assert(slice_equal(kept->key.text, letter(&next)));
	ck_assert(slice_equal(kept->url, letter(&next)));
	for (size_t i = 0; i < FACTS; i++)
		ck_assert(slice_equal(kept->facts[i], letter(&next)));
	for (size_t i = 0; i < 2; i++) {
		ck_assert(slice_equal(kept->services[i].key, letter(&next)));
		ck_assert(slice_equal(kept->services[i].type, letter(&next)));
		ck_assert(slice_equal(kept->services[i].name, letter(&next)));
		ck_assert(slice_equal(kept->services[i].url, letter(&next)));
		ck_assert(slice_equal(kept->services[i].txt, letter(&next)));
		ck_assert_uint_eq(kept->services[i].port, i + 1);
	}
	outbox_fini(&outbox);
}
END_TEST

START_TEST(services_stand_aligned_behind_any_text)
{
	struct outbox outbox;
	struct sighted_service service = {.type = SLICE("t")};
	struct sighting sighting = {.services = &service, .service_count = 1};
	outbox_init(&outbox);
	send_text(&outbox, SLICE("odd"));
	outbox_sighting(&outbox, &sighting);
	ck_assert_uint_eq(
	    (uintptr_t)outbox.sightings[0].services % alignof(struct sighted_service), 0);
	ck_assert(slice_equal(outbox.sightings[0].services[0].type, SLICE("t")));
	sighting.service_count = 0;
	outbox_sighting(&outbox, &sighting);
	ck_assert_ptr_null(outbox.sightings[1].services);
	outbox_fini(&outbox);
}
END_TEST

START_TEST(absent_and_empty_stay_what_they_are)
{
	struct outbox outbox;
	outbox_init(&outbox);
	outbox_sighting(&outbox, &(struct sighting){.facts[FACT_NAME] = SLICE("")});
	ck_assert_ptr_null(outbox.sightings[0].key.text.bytes);
	ck_assert_ptr_nonnull(outbox.sightings[0].facts[FACT_NAME].bytes);
	ck_assert_uint_eq(outbox.sightings[0].facts[FACT_NAME].len, 0);
	outbox_fini(&outbox);
}
END_TEST

START_TEST(an_address_is_a_copy_with_its_name)
{
	struct outbox outbox;
	char name[] = "tv.local";
	outbox_init(&outbox);
	outbox_address(
	    &outbox, &(struct host_address){slice_of(name), address_ipv4(10, 0, 0, 5), 2});
	name[0] = 'x';
	ck_assert_uint_eq(outbox.address_count, 1);
	ck_assert(slice_equal(outbox.addresses[0].name, SLICE("tv.local")));
	ck_assert_uint_eq(outbox.addresses[0].link, 2);
	outbox_reset(&outbox);
	ck_assert_uint_eq(outbox.address_count, 0);
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
	tcase_add_test(tcase, a_sighting_is_a_copy_with_its_services);
	tcase_add_test(tcase, services_stand_aligned_behind_any_text);
	tcase_add_test(tcase, an_address_is_a_copy_with_its_name);
	tcase_add_test(tcase, absent_and_empty_stay_what_they_are);
	suite_add_tcase(suite, tcase);
	return suite;
}
