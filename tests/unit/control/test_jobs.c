/* SPDX-License-Identifier: ISC
 * Tests of control/monitor_job and control/search_job: calls that go on. */
#include "control/control_fixture.h"
#include "control/job.h"
#include "session_drain.h"
#include "suites.h"
#include <stdio.h>
#include <string.h>

static struct control_fixture f;

static void setup(void)
{
	control_fixture_init(&f);
}

static void teardown(void)
{
	control_fixture_fini(&f);
}

/* The next reply in short: "added uuid:1", "null" for the word that all has been told, "" for
 * nothing. */
static const char *next(char text[64])
{
	struct json_object *reply = control_hear(&f);
	text[0] = '\0';
	if (!reply)
		return text;
	ck_assert_str_eq(control_at(reply, "continues"), "true");
	snprintf(text, 64, "%s", control_at(reply, "parameters.event"));
	if (strcmp(control_at(reply, "parameters.device"), "null"))
		snprintf(text + strlen(text), 64 - strlen(text), " %s",
		    control_at(reply, "parameters.device.id"));
	json_object_put(reply);
	return text;
}

#define EXPECT_NEXT(event)                                                                         \
	do {                                                                                       \
		char text_[64];                                                                    \
		ck_assert_str_eq(next(text_), (event));                                            \
	} while (0)

static void monitor(const char *parameters)
{
	char call[256];
	snprintf(call, sizeof(call),
	    "{'method':'io.discoverd.Monitor','more':true,'parameters':%s}", parameters);
	ck_assert_int_eq(control_say(&f, call), 0);
}

/* Another name, which is reported 300 ms later. */
static void rename_device(unsigned number, const char *name)
{
	char id[32];
	snprintf(id, sizeof(id), "uuid:%u", number);
	struct sighting described = control_sighting(id, (uint8_t)(1 + number));
	described.event = SIGHTING_DESCRIBED;
	described.facts[FACT_NAME] = slice_of(name);
	control_fixture_observe(&f, described);
	control_fixture_later(&f, MILLISECONDS(300));
}

START_TEST(a_watcher_hears_what_comes_changes_and_goes)
{
	control_fixture_device(&f, 1);
	monitor("{}");
	EXPECT_NEXT("null");
	EXPECT_NEXT("");
	control_fixture_device(&f, 2);
	control_fixture_device(&f, 2); /* refreshed: not told */
	rename_device(2, "new");
	control_fixture_bye(&f, 2);
	EXPECT_NEXT("added uuid:2");
	EXPECT_NEXT("updated uuid:2");
	EXPECT_NEXT("removed uuid:2");
	EXPECT_NEXT("");
	/* It was there before. */
	rename_device(1, "new");
	EXPECT_NEXT("updated uuid:1");
}
END_TEST

START_TEST(an_update_names_the_keys_that_changed)
{
	control_fixture_device(&f, 1);
	monitor("{}");
	EXPECT_NEXT("null");
	rename_device(1, "new");
	struct json_object *reply = control_hear(&f);
	EXPECT_AT(reply, "parameters.event", "updated");
	EXPECT_AT(reply, "parameters.changed", "[ \"name\", \"reachable\", \"endpoints\" ]");
	EXPECT_AT(reply, "parameters.merged_into", "null");
	json_object_put(reply);
	control_fixture_device(&f, 2);
	reply = control_hear(&f);
	EXPECT_AT(reply, "parameters.event", "added");
	EXPECT_AT(reply, "parameters.changed", "null");
	json_object_put(reply);
}
END_TEST

START_TEST(a_device_that_is_another_one_is_removed_with_its_id)
{
	struct table_change change = {.event = TABLE_REMOVED,
	    .device = control_fixture_device(&f, 1),
	    .merged_into = "uuid:x"};
	monitor("{}");
	EXPECT_NEXT("null");
	struct change_texts texts = change_texts_of(&f.host, f.now, &change);
	control_session_changed(f.session, &texts);
	change_texts_fini(&texts);
	struct json_object *reply = control_hear(&f);
	EXPECT_AT(reply, "parameters.event", "removed");
	EXPECT_AT(reply, "parameters.merged_into", "uuid:x");
	json_object_put(reply);
}
END_TEST

START_TEST(a_watcher_hears_when_a_device_begins_and_ends_to_match)
{
	control_fixture_device(&f, 1);
	monitor("{'filter':{'name':'new*'}}");
	EXPECT_NEXT("null");
	rename_device(1, "new 1");
	rename_device(1, "new 2");
	rename_device(1, "old");
	rename_device(1, "older");
	EXPECT_NEXT("added uuid:1");
	EXPECT_NEXT("updated uuid:1");
	EXPECT_NEXT("removed uuid:1");
	EXPECT_NEXT("");
	control_fixture_bye(&f, 1);
	EXPECT_NEXT("");
}
END_TEST

START_TEST(a_device_that_is_only_a_neighbour_any_more_is_removed)
{
	control_fixture_neighbour(&f, 2);
	monitor("{'snapshot':true}");
	EXPECT_NEXT("null");
	control_fixture_neighbour(&f, 9);
	EXPECT_NEXT("");
	control_fixture_device(&f, 1); /* at the neighbour's address */
	control_fixture_later(&f, MILLISECONDS(300));
	EXPECT_NEXT("added uuid:1");
	control_fixture_bye(&f, 1);
	control_fixture_later(&f, MILLISECONDS(300));
	EXPECT_NEXT("removed uuid:1");
	control_fixture_device(&f, 1);
	control_fixture_later(&f, MILLISECONDS(300));
	EXPECT_NEXT("added uuid:1");
	EXPECT_NEXT("");
}
END_TEST

START_TEST(a_watcher_may_ask_for_neighbours)
{
	control_fixture_neighbour(&f, 2);
	monitor("{'snapshot':true,'filter':{'neighbours':true}}");
	EXPECT_NEXT("added mac:02:00:00:00:00:02");
	EXPECT_NEXT("null");
	control_fixture_device(&f, 1);
	control_fixture_later(&f, MILLISECONDS(300));
	EXPECT_NEXT("removed mac:02:00:00:00:00:02");
	EXPECT_NEXT("added uuid:1");
	control_fixture_bye(&f, 1);
	control_fixture_later(&f, MILLISECONDS(300));
	EXPECT_NEXT("updated uuid:1");
	EXPECT_NEXT("");
}
END_TEST

START_TEST(a_snapshot_comes_first_and_its_end_is_told)
{
	control_fixture_device(&f, 1);
	control_fixture_device(&f, 2);
	monitor("{'snapshot':true}");
	EXPECT_NEXT("added uuid:1");
	EXPECT_NEXT("added uuid:2");
	EXPECT_NEXT("null");
	control_fixture_bye(&f, 1);
	EXPECT_NEXT("removed uuid:1");
}
END_TEST

START_TEST(an_empty_snapshot_ends_at_once)
{
	monitor("{'snapshot':true}");
	EXPECT_NEXT("null");
	EXPECT_NEXT("");
}
END_TEST

/* More than a portion: the first turn does not reach the last of them. */
enum { MANY = 200 };

static void add_many(void)
{
	for (unsigned i = 0; i < MANY; i++)
		control_fixture_device(&f, i);
}

/* So many devices are added and no other event comes; how often one of them is. */
static unsigned expect_added(unsigned count, const char *wanted)
{
	char text[64];
	unsigned found = 0;

	for (unsigned i = 0; i < count; i++) {
		ck_assert(slice_starts_with(slice_of(next(text)), SLICE("added ")));
		found += strcmp(text, wanted) == 0;
	}
	EXPECT_NEXT("null");
	EXPECT_NEXT("");
	return found;
}

START_TEST(a_device_that_comes_during_a_snapshot_is_told_once)
{
	add_many();
	monitor("{'snapshot':true}");
	control_fixture_device(&f, MANY);
	ck_assert_uint_eq(expect_added(MANY + 1, "added uuid:200"), 1);
}
END_TEST

START_TEST(a_device_that_goes_during_a_snapshot_is_not_added)
{
	add_many();
	monitor("{'snapshot':true}");
	control_fixture_bye(&f, MANY - 1);
	ck_assert_uint_eq(expect_added(MANY - 1, "added uuid:199"), 0);
}
END_TEST

START_TEST(a_watcher_hears_only_of_devices_that_match)
{
	control_fixture_device(&f, 1);
	monitor("{'snapshot':true,'filter':{'name':'device 2'}}");
	EXPECT_NEXT("null");
	control_fixture_device(&f, 3);
	control_fixture_device(&f, 2);
	control_fixture_bye(&f, 3);
	control_fixture_bye(&f, 2);
	EXPECT_NEXT("added uuid:2");
	EXPECT_NEXT("removed uuid:2");
	EXPECT_NEXT("");
}
END_TEST

START_TEST(what_is_removed_still_tells_where_it_was)
{
	control_fixture_device(&f, 1);
	monitor("{'filter':{'interface':'eth0','via':'ssdp'}}");
	EXPECT_NEXT("null");
	control_fixture_bye(&f, 1);
	struct json_object *reply = control_hear(&f);
	EXPECT_AT(reply, "parameters.event", "removed");
	EXPECT_AT(reply, "parameters.device.addresses.0.address", "192.0.2.2");
	json_object_put(reply);
}
END_TEST

/* Changes until the queue cannot hold more; how many there were. */
static unsigned flood(unsigned from)
{
	unsigned count = 3 * CONTROL_QUEUE_MAX / 1000;
	for (unsigned i = 0; i < count; i++) {
		control_fixture_device(&f, from);
		control_fixture_bye(&f, from);
	}
	return count;
}

/* Takes what was queued before the resync. */
static unsigned events_before_resync(void)
{
	char text[64];
	unsigned count = 0;
	while (strcmp(next(text), "resync")) {
		ck_assert_str_ne(text, "");
		count++;
	}
	return count;
}

START_TEST(a_watcher_that_does_not_keep_up_is_told_to_resync)
{
	monitor("{}");
	EXPECT_NEXT("null");
	unsigned changes = 2 * flood(1);
	control_drain(&f, CONTROL_QUEUE_MAX * 2);
	ck_assert_uint_le(f.heard_len, CONTROL_QUEUE_MAX + 200);
	ck_assert_uint_lt(events_before_resync(), changes);
	EXPECT_NEXT("");
	control_fixture_device(&f, 2);
	EXPECT_NEXT("added uuid:2");
}
END_TEST

START_TEST(after_a_resync_comes_another_snapshot)
{
	control_fixture_device(&f, 7);
	monitor("{'snapshot':true}");
	EXPECT_NEXT("added uuid:7");
	EXPECT_NEXT("null");
	flood(1);
	control_fixture_device(&f, 8);
	events_before_resync();
	EXPECT_NEXT("added uuid:7");
	EXPECT_NEXT("added uuid:8");
	EXPECT_NEXT("null");
	EXPECT_NEXT("");
}
END_TEST

START_TEST(falling_behind_within_a_snapshot_begins_it_again)
{
	add_many();
	monitor("{'snapshot':true}");
	/* updates of one while the cursor stands behind it */
	for (unsigned i = 0; i < 3 * CONTROL_QUEUE_MAX / 1000; i++) {
		rename_device(7, i % 2 ? "a" : "b");
	}
	events_before_resync();
	ck_assert_uint_eq(expect_added(MANY, "added uuid:7"), 1);
}
END_TEST

static void answer(unsigned number)
{
	const struct device *device = control_fixture_device(&f, number);
	control_session_answered(f.session, f.now, TAILQ_FIRST(&device->endpoints));
}

START_TEST(a_device_larger_than_the_queue_is_shown)
{
	char name[250], id[16];
	memset(name, '"', sizeof(name)); /* two bytes each in JSON */
	for (unsigned i = 0; i < 300; i++) {
		snprintf(id, sizeof(id), "uuid:%u", i);
		struct sighting sighting = control_sighting(id, 9);
		sighting.facts[FACT_NAME] = (struct slice){name, sizeof(name)};
		sighting.facts[FACT_MODEL] = sighting.facts[FACT_NAME];
		ck_assert_int_eq(control_fixture_observe(&f, sighting), 0);
	}
	monitor("{'snapshot':true}");
	control_drain(&f, 65536);
	ck_assert_uint_gt(f.heard_len, CONTROL_QUEUE_MAX);
	EXPECT_NEXT("added uuid:0");
	EXPECT_NEXT("null");
	EXPECT_NEXT("");
}
END_TEST

START_TEST(a_search_tells_each_answer_once_and_ends)
{
	char text[256];
	ck_assert_int_eq(
	    control_say(
		&f, "{'method':'io.discoverd.Search','more':true,'parameters':{'seconds':2}}"),
	    0);
	ck_assert_str_eq(f.searched, " for 2");
	answer(2);
	answer(1);
	answer(2);
	answer(3);
	answer(1);
	for (unsigned i = 0; i < 3; i++) {
		static const char *const IDS[] = {"uuid:2", "uuid:1", "uuid:3"};
		struct json_object *reply = control_hear(&f);
		EXPECT_AT(reply, "parameters.device.id", IDS[i]);
		EXPECT_AT(reply, "parameters.endpoint.key", IDS[i]);
		EXPECT_AT(reply, "continues", "true");
		json_object_put(reply);
	}
	ck_assert_ptr_null(control_hear(&f));
	ck_assert_int_eq(instant_since(session_deadline(f.session), f.now), SECONDS(2));
	f.now = session_deadline(f.session);
	session_advance(f.session, f.now);
	ck_assert(session_wants_turn(f.session));
	ck_assert_str_eq(control_hear_text(&f, text, sizeof(text)),
	    "{ 'parameters': { 'device': null, 'endpoint': null } }");
	ck_assert(instant_is_never(session_deadline(f.session)));
	answer(4);
	ck_assert_ptr_null(control_hear(&f));
}
END_TEST

START_TEST(a_search_for_a_type_tells_only_of_that)
{
	control_say(&f, "{'method':'io.discoverd.Search','more':true,'parameters':"
			"{'target':'urn:schemas-upnp-org:device:MediaServer:2'}}");
	answer(1);
	ck_assert_ptr_null(control_hear(&f));
	f.now = session_deadline(f.session);
	session_advance(f.session, f.now);
	json_object_put(control_hear(&f));
	control_say(&f, "{'method':'io.discoverd.Search','more':true,'parameters':"
			"{'target':'urn:schemas-upnp-org:device:MediaServer:1'}}");
	answer(1);
	struct json_object *reply = control_hear(&f);
	EXPECT_AT(reply, "parameters.device.id", "uuid:1");
	json_object_put(reply);
}
END_TEST

START_TEST(a_call_behind_a_search_is_answered_after_it)
{
	control_say(&f, "{'method':'io.discoverd.Search','more':true}");
	control_say(&f, "{'method':'io.discoverd.List'}");
	ck_assert_ptr_null(control_hear(&f));
	session_end(f.session);
	ck_assert(!session_is_done(f.session));
	f.now = session_deadline(f.session);
	session_advance(f.session, f.now);
	struct json_object *reply = control_hear(&f);
	EXPECT_AT(reply, "parameters.device", "null");
	json_object_put(reply);
	reply = control_hear(&f);
	EXPECT_AT(reply, "parameters.devices", "[ ]");
	json_object_put(reply);
	ck_assert(session_is_done(f.session));
}
END_TEST

START_TEST(a_search_whose_answers_are_not_read_does_not_grow)
{
	control_say(&f, "{'method':'io.discoverd.Search','more':true}");
	for (unsigned i = 0; i < 2000; i++)
		answer(i);
	control_drain(&f, CONTROL_QUEUE_MAX * 4);
	ck_assert_uint_le(f.heard_len, CONTROL_QUEUE_MAX);
}
END_TEST

START_TEST(a_search_that_expires_unread_ends_once_it_is_read)
{
	struct json_object *reply, *last = NULL;
	unsigned replies = 0;

	control_say(&f, "{'method':'io.discoverd.Search','more':true}");
	for (unsigned i = 0; i < 2000; i++)
		answer(i);
	session_end(f.session);
	ck_assert(!session_is_done(f.session));
	f.now = session_deadline(f.session);
	session_advance(f.session, f.now);
	/* It waits for the client, not for a time that has passed. */
	ck_assert(instant_is_never(session_deadline(f.session)));
	ck_assert(session_wants_turn(f.session));
	ck_assert(!session_is_done(f.session));
	answer(2001);
	while ((reply = control_hear(&f))) {
		json_object_put(last);
		last = reply;
		replies++;
	}
	ck_assert_uint_ge(replies, 2);
	ck_assert_uint_lt(replies, 2000);
	EXPECT_AT(last, "parameters.device", "null");
	EXPECT_AT(last, "continues", "missing");
	json_object_put(last);
	ck_assert(session_is_done(f.session));
}
END_TEST

Suite *jobs_suite(void)
{
	Suite *suite = suite_create("control/jobs");
	TCase *tcase = tcase_create("jobs");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_watcher_hears_what_comes_changes_and_goes);
	tcase_add_test(tcase, an_update_names_the_keys_that_changed);
	tcase_add_test(tcase, a_device_that_is_another_one_is_removed_with_its_id);
	tcase_add_test(tcase, a_watcher_hears_when_a_device_begins_and_ends_to_match);
	tcase_add_test(tcase, a_device_that_is_only_a_neighbour_any_more_is_removed);
	tcase_add_test(tcase, a_watcher_may_ask_for_neighbours);
	tcase_add_test(tcase, a_device_larger_than_the_queue_is_shown);
	tcase_add_test(tcase, a_snapshot_comes_first_and_its_end_is_told);
	tcase_add_test(tcase, an_empty_snapshot_ends_at_once);
	tcase_add_test(tcase, a_device_that_comes_during_a_snapshot_is_told_once);
	tcase_add_test(tcase, a_device_that_goes_during_a_snapshot_is_not_added);
	tcase_add_test(tcase, a_watcher_hears_only_of_devices_that_match);
	tcase_add_test(tcase, what_is_removed_still_tells_where_it_was);
	tcase_add_test(tcase, a_watcher_that_does_not_keep_up_is_told_to_resync);
	tcase_add_test(tcase, after_a_resync_comes_another_snapshot);
	tcase_add_test(tcase, falling_behind_within_a_snapshot_begins_it_again);
	tcase_add_test(tcase, a_search_tells_each_answer_once_and_ends);
	tcase_add_test(tcase, a_search_for_a_type_tells_only_of_that);
	tcase_add_test(tcase, a_call_behind_a_search_is_answered_after_it);
	tcase_add_test(tcase, a_search_whose_answers_are_not_read_does_not_grow);
	tcase_add_test(tcase, a_search_that_expires_unread_ends_once_it_is_read);
	suite_add_tcase(suite, tcase);
	return suite;
}
