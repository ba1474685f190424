/* SPDX-License-Identifier: ISC
 * Tests of control/minissdpd_news: each entry is reported once. */
#include "control/minissdpd_news.h"
#include "model/protocol_id.h"
#include "suites.h"
#include <check.h>
#include <stdio.h>
#include <string.h>

static struct {
	struct table *table;
	struct minissdpd_news *news;
	struct instant now;
	char heard[4096]; /* "1 ST;3 ST;…" with the last letter of LOCATION */
	size_t heard_len;
	bool watched;
} f;

static void hear(void *context, enum minissdpd_kind kind, const struct minissdpd_entry *entry)
{
	(void)context;
	f.heard_len +=
	    (size_t)snprintf(f.heard + f.heard_len, sizeof(f.heard) - f.heard_len, "%d %.*s %c;",
		(int)kind, SLICE_ARGS(entry->st), entry->location.bytes[entry->location.len - 1]);
}

static void changed(void *context, const struct table_change *change)
{
	(void)context;
	if (f.watched)
		minissdpd_news_changed(f.news, change, hear, NULL);
}

static void setup(void)
{
	struct siphash_key key = {{1, 2}};
	memset(&f, 0, sizeof(f));
	f.table = table_new(&TABLE_LIMITS_DEFAULT, &key);
	f.news = minissdpd_news_new(&key);
	f.now.us = SECONDS(100);
	f.watched = true;
	table_listen(f.table, &(struct table_listener){.changed = changed});
}

static void teardown(void)
{
	minissdpd_news_free(f.news);
	table_listen(f.table, &(struct table_listener){0});
	table_free(f.table);
}

static const struct protocol_id SSDP = {"ssdp", 1}, BROADCAST = {"broadcast", 4};

static struct sighting alive(const char *service, const char *location)
{
	static struct sighted_service seen;
	seen.type = slice_of(service);
	return (struct sighting){.event = SIGHTING_ALIVE,
	    .protocol = &SSDP,
	    .key = key_of_id(SLICE("uuid:1")),
	    .from = address_ipv4(192, 0, 2, 1),
	    .link = 2,
	    .lifetime = SECONDS(1800),
	    .services = service ? &seen : NULL,
	    .service_count = service ? 1 : 0,
	    .url = slice_of(location)};
}

static struct sighting leaves(enum sighting_scope scope, const char *service)
{
	struct sighting sighting = alive(service, NULL);
	sighting.event = SIGHTING_LEFT;
	sighting.scope = scope;
	return sighting;
}

/* What was held back is reported, too. */
static void expect(struct sighting sighting, const char *text)
{
	f.heard[f.heard_len = 0] = '\0';
	table_observe(f.table, f.now, &sighting, NULL);
	f.now = instant_add(f.now, SECONDS(1));
	table_advance(f.table, f.now);
	ck_assert_str_eq(f.heard, text);
}

START_TEST(each_entry_is_new_once)
{
	struct sighting root;
	expect(alive("urn:s:1", "http://192.0.2.1/a"), "1 uuid:1 a;1 urn:s:1 a;");
	expect(alive("urn:s:1", "http://192.0.2.1/a"), "");
	expect(alive("urn:t:1", "http://192.0.2.1/a"), "1 urn:t:1 a;");
	root = alive("urn:u:1", "http://192.0.2.1/a");
	root.primary = true;
	expect(root, "1 upnp:rootdevice a;1 urn:u:1 a;");
	expect(root, "");
}
END_TEST

START_TEST(another_location_is_an_update_of_all)
{
	expect(alive("urn:s:1", "http://192.0.2.1/a"), "1 uuid:1 a;1 urn:s:1 a;");
	expect(alive("urn:s:1", "http://192.0.2.1/b"), "2 uuid:1 b;2 urn:s:1 b;");
}
END_TEST

START_TEST(a_device_that_leaves_is_removed_as_a_whole)
{
	expect(alive("urn:s:1", "http://192.0.2.1/a"), "1 uuid:1 a;1 urn:s:1 a;");
	expect(leaves(SCOPE_ENDPOINT, NULL), "3 uuid:1 a;3 urn:s:1 a;");
	expect(alive("urn:s:1", "http://192.0.2.1/a"), "1 uuid:1 a;1 urn:s:1 a;");
}
END_TEST

START_TEST(a_service_that_leaves_is_removed_alone)
{
	expect(alive("urn:s:1", "http://192.0.2.1/a"), "1 uuid:1 a;1 urn:s:1 a;");
	expect(alive("urn:t:1", "http://192.0.2.1/a"), "1 urn:t:1 a;");
	expect(leaves(SCOPE_SERVICE, "urn:s:1"), "3 urn:s:1 a;");
	expect(leaves(SCOPE_ENDPOINT, NULL), "3 uuid:1 a;3 urn:t:1 a;");
}
END_TEST

START_TEST(a_device_that_ssdp_does_not_find_any_more_is_removed)
{
	struct sighting other = alive(NULL, NULL);
	other.protocol = &BROADCAST;
	expect(other, "");
	expect(alive(NULL, "http://192.0.2.1/a"), "1 uuid:1 a;");
	expect(leaves(SCOPE_ENDPOINT, NULL), "3 uuid:1 a;");
	ck_assert_uint_eq(table_device_count(f.table), 1);
	expect(alive(NULL, "http://192.0.2.1/a"), "1 uuid:1 a;");
}
END_TEST

START_TEST(a_device_that_was_there_before_is_updated_once)
{
	f.watched = false;
	expect(alive("urn:s:1", "http://192.0.2.1/a"), "");
	f.watched = true;
	expect(alive("urn:t:1", "http://192.0.2.1/a"), "2 uuid:1 a;2 urn:s:1 a;2 urn:t:1 a;");
	expect(alive("urn:u:1", "http://192.0.2.1/a"), "1 urn:u:1 a;");
}
END_TEST

START_TEST(a_device_that_gets_a_location_later_is_new)
{
	expect(alive("urn:s:1", NULL), "");
	expect(alive("urn:s:1", "http://192.0.2.1/a"), "1 uuid:1 a;1 urn:s:1 a;");
}
END_TEST

Suite *minissdpd_news_suite(void)
{
	Suite *suite = suite_create("control/minissdpd_news");
	TCase *tcase = tcase_create("minissdpd_news");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, each_entry_is_new_once);
	tcase_add_test(tcase, another_location_is_an_update_of_all);
	tcase_add_test(tcase, a_device_that_leaves_is_removed_as_a_whole);
	tcase_add_test(tcase, a_service_that_leaves_is_removed_alone);
	tcase_add_test(tcase, a_device_that_ssdp_does_not_find_any_more_is_removed);
	tcase_add_test(tcase, a_device_that_was_there_before_is_updated_once);
	tcase_add_test(tcase, a_device_that_gets_a_location_later_is_new);
	suite_add_tcase(suite, tcase);
	return suite;
}
