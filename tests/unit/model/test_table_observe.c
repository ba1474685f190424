/* SPDX-License-Identifier: ISC
 * Tests of model/table_observe: goodbyes, true, of whole trees, and forged. */
#include "model/table_fixture.h"
#include "suites.h"
#include <errno.h>

static struct sighting bye(const char *id, unsigned host)
{
	struct sighting sighting = fixture_event(SIGHTING_BYE, id, host);
	sighting.lifetime = 0;
	return sighting;
}

static struct sighting on_link(struct sighting sighting, uint32_t link)
{
	sighting.link = link;
	return sighting;
}

static struct sighting by(struct sighting sighting, const char *protocol)
{
	sighting.protocol = protocol;
	return sighting;
}

START_TEST(a_bye_removes_the_device)
{
	struct fixture f;
	fixture_init(&f, NULL);
	EXPECT(&f, fixture_alive("uuid:a", 1), 0, "+uuid:a ");
	EXPECT(&f, bye("uuid:a", 1), 0, "-uuid:a ");
	EXPECT(&f, bye("uuid:a", 1), -ENOENT, "");
	ck_assert_uint_eq(fixture_counter(&f, "byes"), 1);
	ck_assert_uint_eq(fixture_counter(&f, "removed"), 1);
	ck_assert_uint_eq(fixture_counter(&f, "expired"), 0);
	fixture_fini(&f);
}
END_TEST

START_TEST(a_bye_by_a_voice_that_the_device_does_not_have_is_refused)
{
	struct fixture f;
	fixture_init(&f, NULL);
	EXPECT(&f, fixture_alive("uuid:a", 1), 0, "+uuid:a ");
	EXPECT(&f, on_link(bye("uuid:a", 1), 3), -EPERM, "");
	EXPECT(&f, by(bye("uuid:a", 66), "broadcast"), -EPERM, "");
	EXPECT_ASKED(&f, "");
	ck_assert_uint_eq(table_count(f.table), 1);
	ck_assert_uint_eq(fixture_counter(&f, "byes-refused"), 2);
	ck_assert_uint_eq(fixture_counter(&f, "byes"), 0);
	fixture_fini(&f);
}
END_TEST

START_TEST(a_bye_leaves_other_links_and_protocols_alone)
{
	struct fixture f;
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_alive("uuid:a", 1));
	fixture_observe(&f, on_link(fixture_alive("uuid:a", 1), 3));
	fixture_observe(&f, by(fixture_alive("uuid:a", 1), "broadcast"));
	EXPECT(&f, bye("uuid:a", 1), 0, "+uuid:a ~uuid:a ~uuid:a ~uuid:a ");
	const struct device *device = fixture_device(&f, "uuid:a");
	ck_assert_uint_eq(device->presence_count, 2);
	/* The rest of its goodbyes is no forgery, there is only nothing left to do. */
	EXPECT(&f, bye("uuid:a", 1), -ENOENT, "");
	ck_assert_uint_eq(fixture_counter(&f, "byes-refused"), 0);
	EXPECT(&f, on_link(bye("uuid:a", 1), 3), 0, "~uuid:a ");
	EXPECT(&f, by(bye("uuid:a", 1), "broadcast"), 0, "-uuid:a ");
	fixture_fini(&f);
}
END_TEST

START_TEST(a_bye_takes_the_whole_tree_along)
{
	struct fixture f;
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_at("uuid:root", 1, "http://192.0.2.1/a"));
	fixture_observe(&f, fixture_at("uuid:embedded", 1, "http://192.0.2.1/a"));
	fixture_observe(&f, fixture_at("uuid:both", 1, "http://192.0.2.1/a"));
	fixture_observe(&f, by(fixture_alive("uuid:both", 1), "broadcast"));
	fixture_observe(&f, fixture_at("uuid:neighbour", 1, "http://192.0.2.1/b"));
	fixture_observe(&f, fixture_alive("uuid:without", 1));
	fixture_observe(&f, fixture_at("uuid:elsewhere", 2, "http://192.0.2.1/a"));
	EXPECT_TOLD(&f, "+uuid:root +uuid:embedded +uuid:both ~uuid:both +uuid:neighbour "
			"+uuid:without +uuid:elsewhere ");
	EXPECT(&f, bye("uuid:embedded", 1), 0, "~uuid:both -uuid:root -uuid:embedded ");
	ck_assert_uint_eq(table_count(f.table), 4);
	ck_assert_uint_eq(fixture_counter(&f, "byes"), 1);
	fixture_fini(&f);
}
END_TEST

START_TEST(devices_without_a_location_are_no_tree)
{
	struct fixture f;
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_alive("uuid:a", 1));
	fixture_observe(&f, fixture_alive("uuid:b", 1));
	EXPECT(&f, bye("uuid:a", 1), 0, "+uuid:a +uuid:b -uuid:a ");
	fixture_fini(&f);
}
END_TEST

START_TEST(a_tree_over_two_links_leaves_the_one_link)
{
	struct fixture f;
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_at("uuid:root", 1, "http://192.0.2.1/"));
	fixture_observe(&f, fixture_at("uuid:embedded", 1, "http://192.0.2.1/"));
	/* Over the other link it says another LOCATION, which ties the tree together there. */
	fixture_observe(&f, on_link(fixture_at("uuid:root", 1, "http://198.51.100.1/"), 3));
	fixture_observe(&f, on_link(fixture_at("uuid:embedded", 1, "http://198.51.100.1/"), 3));
	EXPECT_TOLD(&f, "+uuid:root +uuid:embedded ~uuid:root ~uuid:embedded ");
	EXPECT(&f, on_link(bye("uuid:root", 1), 3), 0, "~uuid:embedded ~uuid:root ");
	EXPECT(&f, bye("uuid:root", 1), 0, "-uuid:embedded -uuid:root ");
	fixture_fini(&f);
}
END_TEST

START_TEST(a_forger_cannot_take_a_tree_along_by_its_location)
{
	struct fixture f;
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_at("uuid:victim", 1, "http://192.0.2.1/"));
	fixture_observe(&f, fixture_at("uuid:forger", 66, "http://192.0.2.1/"));
	EXPECT(&f, bye("uuid:forger", 66), 0, "+uuid:victim +uuid:forger -uuid:forger ");
	EXPECT_ASKED(&f, "");
	/* Nor by saying first that a device of the tree is where he is. */
	fixture_observe(&f, fixture_at("uuid:embedded", 1, "http://192.0.2.1/"));
	fixture_observe(&f, fixture_at("uuid:victim", 66, "http://192.0.2.1/"));
	EXPECT(&f, bye("uuid:victim", 66), 0, "+uuid:embedded ~uuid:victim ~uuid:victim ");
	EXPECT_ASKED(&f, "uuid:victim@192.0.2.1/ssdp ");
	ck_assert_uint_eq(table_count(f.table), 2);
	fixture_fini(&f);
}
END_TEST

Suite *table_observe_suite(void)
{
	Suite *suite = suite_create("model/table_observe");
	TCase *tcase = tcase_create("table_observe");
	tcase_add_test(tcase, a_bye_removes_the_device);
	tcase_add_test(tcase, a_bye_by_a_voice_that_the_device_does_not_have_is_refused);
	tcase_add_test(tcase, a_bye_leaves_other_links_and_protocols_alone);
	tcase_add_test(tcase, a_bye_takes_the_whole_tree_along);
	tcase_add_test(tcase, devices_without_a_location_are_no_tree);
	tcase_add_test(tcase, a_tree_over_two_links_leaves_the_one_link);
	tcase_add_test(tcase, a_forger_cannot_take_a_tree_along_by_its_location);
	suite_add_tcase(suite, tcase);
	return suite;
}
