/* SPDX-License-Identifier: ISC
 * Tests of engine/broadcast_peers. */
#include "engine/broadcast_peers.h"
#include "suites.h"
#include <stdio.h>
#include <string.h>

#define UDN "uuid:00000000-0000-0000-0000-000000000001"
enum { LINK = 2 };
static const struct siphash_key KEY = {{1, 2}};
static const struct instant NOW = {SECONDS(1000)};

START_TEST(a_mark_is_the_same_everywhere)
{
	struct broadcast_mark mark = broadcast_mark(SLICE(UDN), 1700000000);

	/* other hosts, of whatever byte order and version, have to come to it, too */
	ck_assert_mem_eq(mark.text, "lwZn", BROADCAST_MARK_LEN);
}
END_TEST

START_TEST(marks_are_compared_whole_and_in_their_places)
{
	const struct broadcast_mark mark = {"BBCC"};

	ck_assert(broadcast_marks_have(SLICE("BBCC"), &mark));
	ck_assert(broadcast_marks_have(SLICE("AAAABBCC"), &mark));
	ck_assert(!broadcast_marks_have(SLICE("AABBCCDD"), &mark));
	ck_assert(!broadcast_marks_have(SLICE("AAAABBC"), &mark));
	ck_assert(!broadcast_marks_have(SLICE(""), &mark));
}
END_TEST

static struct slice write(
    const struct broadcast_peers *peers, struct instant now, uint32_t link, struct writer *w)
{
	broadcast_peers_write(peers, now, link, w);
	ck_assert_int_eq(writer_error(w), 0);
	return writer_result(w);
}

START_TEST(the_latest_are_named_as_far_as_there_is_room)
{
	struct broadcast_peers peers;
	char buffer[4 * BROADCAST_MARK_LEN + 3];
	struct writer w;

	ck_assert_int_eq(broadcast_peers_init(&peers, &KEY), 0);
	for (unsigned i = 0; i < 600; i++) {
		struct address from = address_ipv4(10, 0, (uint8_t)(i / 256), (uint8_t)i);
		struct broadcast_mark mark;
		char text[8];
		snprintf(text, sizeof(text), "%04u", i);
		memcpy(mark.text, text, sizeof(mark.text));
		broadcast_peers_know(&peers, NOW, &from, LINK + (i & 1), &mark, SECONDS(90));
	}
	writer_init(&w, buffer, sizeof(buffer));
	ck_assert(slice_equal(write(&peers, NOW, LINK, &w), SLICE("0598059605940592")));
	writer_init(&w, buffer, sizeof(buffer));
	ck_assert(slice_equal(write(&peers, NOW, LINK + 1, &w), SLICE("0599059705950593")));
	writer_init(&w, buffer, sizeof(buffer));
	struct instant later = instant_add(NOW, SECONDS(45));
	ck_assert_uint_eq(write(&peers, later, LINK, &w).len, 0);
	broadcast_peers_fini(&peers);
}
END_TEST

Suite *broadcast_peers_suite(void)
{
	Suite *suite = suite_create("engine/broadcast_peers");
	TCase *tcase = tcase_create("engine/broadcast_peers");

	tcase_add_test(tcase, a_mark_is_the_same_everywhere);
	tcase_add_test(tcase, marks_are_compared_whole_and_in_their_places);
	tcase_add_test(tcase, the_latest_are_named_as_far_as_there_is_room);
	suite_add_tcase(suite, tcase);
	return suite;
}
