/* SPDX-License-Identifier: ISC
 * Tests of control/change_texts: each reply is written once for all watchers. */
#include "control/change_texts.h"
#include "control/control_fixture.h"
#include "control/job.h"
#include "suites.h"
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

static void expect(struct change_texts *texts, enum change_kind kind, const char *event)
{
	struct shared_text *text = change_texts_get(texts, kind);
	struct json_object *reply = json_tokener_parse(text->bytes);

	ck_assert_uint_eq(strlen(text->bytes), text->len - 1);
	EXPECT_AT(reply, "continues", "true");
	EXPECT_AT(reply, "parameters.event", event);
	EXPECT_AT(reply, "parameters.device.id", "uuid:1");
	json_object_put(reply);
}

START_TEST(a_change_is_to_each_watcher_what_it_is)
{
	struct table_change change = {.event = TABLE_UPDATED,
	    .device = control_fixture_device(&f, 1),
	    .changed = 1 << FIELD_TYPE};
	struct change_texts texts = change_texts_of(&f.host, f.now, &change);

	expect(&texts, CHANGE_AS_IT_IS, "updated");
	expect(&texts, CHANGE_COMES, "added");
	expect(&texts, CHANGE_GOES, "removed");
	change_texts_fini(&texts);
}
END_TEST

static struct session *new_watcher(const char *call)
{
	struct control_peer peer = {.uid = 1000};
	struct session *session = CONTROL_SESSION.create(&f.host, &peer);
	struct slice part;

	session_feed(session, f.now, (struct slice){call, strlen(call) + 1});
	session_turn(session, f.now);
	ck_assert_uint_eq(session_peek(session, &part, 1), 1);
	session_sent(session, part.len);
	return session;
}

static struct slice waiting(const struct session *session)
{
	struct slice parts[2] = {SLICE_NONE};

	ck_assert_uint_eq(session_peek(session, parts, 2), 1);
	return parts[0];
}

START_TEST(watchers_share_what_is_the_same_to_them)
{
	static const char ALL[] = "{\"method\":\"io.discoverd.Monitor\",\"more\":true}",
			  SOME[] = "{\"method\":\"io.discoverd.Monitor\",\"more\":true,"
				   "\"parameters\":{\"filter\":{\"name\":\"device*\"}}}",
			  OTHERS[] = "{\"method\":\"io.discoverd.Monitor\",\"more\":true,"
				     "\"parameters\":{\"filter\":{\"name\":\"other*\"}}}";
	struct session *all = new_watcher(ALL), *some = new_watcher(SOME),
		       *others = new_watcher(OTHERS);
	struct table_change change = {
	    .event = TABLE_ADDED, .device = control_fixture_device(&f, 1)};
	struct change_texts texts = change_texts_of(&f.host, f.now, &change);
	struct slice part;

	ck_assert_ptr_null(texts.texts[CHANGE_COMES]); /* before one wants it */
	control_session_changed(others, &texts);
	ck_assert_ptr_null(texts.texts[CHANGE_COMES]);
	control_session_changed(all, &texts);
	control_session_changed(some, &texts);
	change_texts_fini(&texts);
	ck_assert_uint_eq(session_peek(others, &part, 1), 0);
	ck_assert_ptr_eq(waiting(all).bytes, waiting(some).bytes);
	session_free(all);
	ck_assert_ptr_nonnull(strstr(waiting(some).bytes, "device 1"));
	session_free(some);
	session_free(others);
}
END_TEST

Suite *change_texts_suite(void)
{
	Suite *suite = suite_create("control/change_texts");
	TCase *tcase = tcase_create("change_texts");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_change_is_to_each_watcher_what_it_is);
	tcase_add_test(tcase, watchers_share_what_is_the_same_to_them);
	suite_add_tcase(suite, tcase);
	return suite;
}
