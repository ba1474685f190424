/* SPDX-License-Identifier: ISC
 * Tests of core/saved_table, with core/saved_endpoint and core/saved_page. */
#include "base/array.h"
#include "core/saved_table.h"
#include "engine/broadcast.h"
#include "engine/mdns.h"
#include "engine/ssdp.h"
#include "runner.h"
#include "suites.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOST "uuid:6b1f3ad5-3ba6-5a16-9c0e-1f6e0d9f2a10"
#define TV   "uuid:0b6a7d8e-1111-4222-8333-444455556666"
#define URL  "http://192.0.2.7:80/d.xml"

static const struct siphash_key KEY = {{1, 2}};
static const struct mac MAC = {{2, 0, 0, 0, 0, 1}, true}, ITS_MAC = {{2, 0, 0, 0, 0, 7}, true};

/* A table, and what is the same at each of its starts. */
static struct table *table;
static struct link_set links;
static struct instant now;
static struct saved_stamp stamp;

static void set_up(void)
{
	table = table_new(&TABLE_LIMITS_DEFAULT, &KEY);
	link_set_init(&links);
	struct link *link = link_set_add(&links, 2);
	strcpy(link->name, "eth0");
	link->mac = MAC;
	strcpy(link_set_add(&links, 3)->name, "tun0");
	now = (struct instant){SECONDS(1000)};
	stamp = (struct saved_stamp){
	    .host = HOST, .boot = "one", .at = now, .wall_offset = SECONDS(1700000000)};
}

static void tear_down(void)
{
	table_free(table);
	link_set_fini(&links);
}

/* The text of the table as it is now, for the caller to free. */
static char *save_in_steps(size_t step)
{
	struct saved_writer *writer = saved_writer_new(table, &links, &stamp);
	char *text;
	size_t len;

	ck_assert_ptr_nonnull(writer);
	while (!saved_writer_step(writer, step))
		;
	ck_assert_int_eq(saved_writer_take(writer, &text, &len), 0);
	saved_writer_free(writer);
	text = realloc(text, len + 1);
	text[len] = '\0';
	return text;
}

static char *save(void)
{
	return save_in_steps(SAVED_TABLE_MAX);
}

static unsigned restored_count;

static void restore(void *context, const struct device *device, const struct endpoint *endpoint)
{
	const struct endpoint *restored;
	(void)context;

	restored_count++;
	table_restore(table, stamp.at, device, endpoint, &restored);
}

static int read_back(const char *text)
{
	restored_count = 0;
	return saved_table_read(slice_of(text), &stamp, &links, restore, NULL, NULL);
}

/* Another start, which reads it. */
static int start_again(const char *text)
{
	table_free(table);
	table = table_new(&TABLE_LIMITS_DEFAULT, &KEY);
	int result = read_back(text);
	table_restored(table);
	return result;
}

static const struct device *find(const char *id)
{
	return table_find(table, slice_of(id));
}

static const struct endpoint *first_of(const char *id)
{
	ck_assert_ptr_nonnull(find(id));
	return TAILQ_FIRST(&find(id)->endpoints);
}

static struct sighting alive(const struct protocol_id *protocol, struct key key, const char *from)
{
	struct sighting sighting = {.event = SIGHTING_ALIVE,
	    .protocol = protocol,
	    .key = key,
	    .link = 2,
	    .network = 24,
	    .mac = ITS_MAC,
	    .lifetime = SECONDS(1800)};

	ck_assert_int_eq(address_parse(slice_of(from), &sighting.from), 0);
	return sighting;
}

static void observe(struct sighting sighting)
{
	ck_assert_int_eq(table_observe(table, now, &sighting, NULL), 0);
}

static void advance(int64_t us)
{
	now = stamp.at = instant_add(now, us);
	table_advance(table, now);
}

/* A television that says all that can be said, by SSDP and mDNS. */
static void see_tv(void)
{
	struct page_device devices[] = {{.udn = TV,
					    .type = "urn:x:device:TV:1",
					    .name = "Telly",
					    .manufacturer = "Maker",
					    .model = "M",
					    .serial = "1",
					    .presentation_url = "http://192.0.2.7/",
					    .model_number = "2",
					    .model_description = "Fine"},
	    {.udn = "uuid:0b6a7d8e-1111-4222-8333-444455556667", .name = "Tuner", .parent = 0}};
	struct page_service services[] = {{.type = "urn:x:service:A:1",
	    .id = "a",
	    .scpd_url = "http://192.0.2.7/a",
	    .control_url = "http://192.0.2.7/b",
	    .event_url = "http://192.0.2.7/c",
	    .device = 1}};
	struct page_icon icons[] = {{.url = "http://192.0.2.7/i",
	    .mimetype = "image/png",
	    .width = 48,
	    .height = 32,
	    .depth = 24,
	    .device = 1}};
	struct device_page page = {devices, services, icons, 2, 1, 1, 3, 0};
	struct sighted_service service = {SLICE("a"), SLICE("urn:x:service:A:1"), SLICE(""),
	    SLICE("http://192.0.2.7/b"), SLICE(""), 0};
	struct sighted_service printer = {SLICE("Laser \"1\"\\"), SLICE("_ipp._tcp"),
	    SLICE("Laser"), SLICE("/ipp"), SLICE("\4a=\0\xff\n\1b"), 631};
	struct sighting said = alive(&SSDP_ENGINE.id, key_of_id(SLICE(TV)), "192.0.2.7");

	said.url = SLICE(URL);
	said.port = 1901;
	said.epoch = (struct sighting_number){true, 5};
	said.revision = (struct sighting_number){true, 0};
	said.primary = true;
	for (size_t i = 0; i < FACTS; i++)
		said.facts[i] = SLICE("Fernseher \xc3\xa4");
	observe(said);
	struct sighting described = said;
	described.event = SIGHTING_DESCRIBED;
	described.services = &service;
	described.service_count = 1;
	described.page = &page;
	observe(described);
	observe(alive(&SSDP_ENGINE.id, key_of_id(SLICE(TV)), "fe80::7"));
	struct sighting renumbers = said;
	renumbers.event = SIGHTING_RENUMBERS;
	renumbers.next_epoch = (struct sighting_number){true, 6};
	observe(renumbers);
	struct sighting host = alive(&MDNS_ENGINE.id, key_of_name(SLICE("tv.local")), "192.0.2.7");
	host.mac_unsure = true;
	host.services = &printer;
	host.service_count = 1;
	observe(host);
	struct sighting another = said;
	another.url = SLICE("http://192.0.2.7:80/e.xml");
	observe(another);
	advance(SECONDS(1));
}

/* Long texts: shows where they begin to differ. */
static void assert_same(const char *a, const char *b)
{
	size_t i = 0;

	while (a[i] && a[i] == b[i])
		i++;
	ck_assert_msg(a[i] == b[i], "%.80s\nis not\n%.80s", a + (i < 20 ? 0 : i - 20),
	    b + (i < 20 ? 0 : i - 20));
}

START_TEST(everything_that_is_known_comes_back_as_it_was)
{
	static const char *const WRITTEN[] = {"\"id\":", "\"host\":", "\"first_seen\":",
	    "\"last_seen\":", "\"reachable\":true", "\"verified\":", "\"described\":",
	    "\"primary\":", "\"type_settled\":", "\"renumbered\":", "\"epoch\":6",
	    "\"epoch_since\":", "\"former_epoch\":5", "\"revision\":0",
	    "\"next_url\":", "\"url_expires\":", "\"url\":", "\"port\":1901", "\"network\":24",
	    "\"mac\":\"02:00:00:00:00:07\"", "\"txt\":\"04613d00ff0a0162\"", "\"ignored\":3",
	    "\"unsure\":true", "fe80::7", "\"depth\":24", "\"presentation_url\":", "\"icon_url\":"};
	see_tv();
	char *text = save();
	for (size_t i = 0; i < COUNT_OF(WRITTEN); i++)
		ck_assert_msg(strstr(text, WRITTEN[i]), "%s", WRITTEN[i]);
	ck_assert_int_eq(start_again(text), 0);
	char *again = save();
	assert_same(again, text);
	ck_assert(find(TV)->flags & DEVICE_RESTORED);
	ck_assert(find(TV)->reported);
	ck_assert_uint_eq(table_unconfirmed_count(table), 2); /* not sure to be one machine */
	free(text);
	free(again);
}
END_TEST

START_TEST(a_text_that_is_made_in_steps_is_the_same)
{
	see_tv();
	char *text = save(), *in_steps = save_in_steps(1);
	assert_same(text, in_steps);
	free(text);
	free(in_steps);
}
END_TEST

START_TEST(an_empty_table_comes_back_empty)
{
	char *text = save();
	ck_assert_int_eq(start_again(text), 0);
	ck_assert_uint_eq(table_device_count(table), 0);
	free(text);
}
END_TEST

START_TEST(a_text_that_is_torn_anywhere_is_recognised)
{
	see_tv();
	char *text = save();
	size_t len = strlen(text);
	while (len-- > 0) {
		text[len] = '\0';
		ck_assert_int_eq(read_back(text), -EBADMSG);
		ck_assert_uint_eq(restored_count, 0);
	}
	free(text);
}
END_TEST

START_TEST(a_text_that_is_damaged_anywhere_is_recognised)
{
	see_tv();
	char *text = save();
	for (size_t i = 0; text[i]; i++) {
		text[i] ^= 4;
		ck_assert_int_ne(read_back(text), 0);
		ck_assert_uint_eq(restored_count, 0);
		text[i] ^= 4;
	}
	ck_assert_int_eq(read_back(text), 0);
	free(text);
}
END_TEST

START_TEST(what_is_of_another_host_or_another_version_is_told_apart)
{
	see_tv();
	char *text = save();
	stamp.host = "uuid:6b1f3ad5-3ba6-5a16-9c0e-1f6e0d9f2a11";
	ck_assert_int_eq(read_back(text), -EXDEV);
	stamp.host = HOST;
	/* a text of the past boot time, or of one that is still to come */
	stamp.at = (struct instant){SECONDS(1)};
	ck_assert_int_eq(read_back(text), -EBADMSG);
	free(text);
}
END_TEST

/* Seconds until the device of this id ends. */
static int64_t seconds_left(const char *id)
{
	ck_assert_ptr_nonnull(find(id));
	return instant_since(device_expires(find(id)), stamp.at) / SECONDS(1);
}

START_TEST(lifetimes_go_on_in_the_same_boot)
{
	observe(alive(&SSDP_ENGINE.id, key_of_id(SLICE(TV)), "192.0.2.7"));
	advance(0);
	char *text = save();
	stamp.wall_offset += SECONDS(100000000); /* wall time is no matter */
	advance(SECONDS(1700));
	ck_assert_int_eq(start_again(text), 0);
	ck_assert_int_eq(seconds_left(TV), 100);
	ck_assert_int_eq(find(TV)->first_seen.us, SECONDS(1000));
	ck_assert_int_eq(find(TV)->first_seen_wall, 0);
	advance(SECONDS(99));
	ck_assert_ptr_nonnull(find(TV));
	advance(SECONDS(1));
	ck_assert_ptr_null(find(TV));
	ck_assert_int_eq(start_again(text), 0);
	ck_assert_ptr_null(find(TV));
	free(text);
}
END_TEST

START_TEST(after_another_boot_a_lifetime_is_five_minutes_at_most)
{
	observe(alive(&SSDP_ENGINE.id, key_of_id(SLICE(TV)), "192.0.2.7"));
	struct sighting brief = alive(&SSDP_ENGINE.id, key_of_id(SLICE("uuid:brief")), "192.0.2.8");
	brief.mac = (struct mac){0};
	brief.lifetime = SECONDS(60);
	observe(brief);
	advance(0);
	char *text = save();
	stamp.boot = "two";
	stamp.wall_offset = SECONDS(1800000000);
	now = stamp.at = (struct instant){SECONDS(20)};
	ck_assert_int_eq(start_again(text), 0);
	ck_assert_int_eq(seconds_left(TV), 300);
	ck_assert_int_eq(seconds_left("uuid:brief"), 60);
	/* by wall clock, as it was then */
	ck_assert_int_eq(find(TV)->first_seen_wall, SECONDS(1700001000));
	/* and that survives a further start, in this boot and in another one */
	free(text);
	text = save();
	ck_assert_int_eq(start_again(text), 0);
	ck_assert_int_eq(find(TV)->first_seen_wall, SECONDS(1700001000));
	ck_assert_int_eq(first_of(TV)->first_seen_wall, SECONDS(1700001000));
	free(text);
}
END_TEST

START_TEST(without_a_boot_id_each_start_is_another_boot)
{
	observe(alive(&SSDP_ENGINE.id, key_of_id(SLICE(TV)), "192.0.2.7"));
	advance(0);
	stamp.boot = "";
	char *text = save();
	ck_assert_int_eq(start_again(text), 0);
	ck_assert_int_eq(seconds_left(TV), 300);
	free(text);
}
END_TEST

START_TEST(what_was_written_while_running_lasts_five_minutes_at_least)
{
	observe(alive(&SSDP_ENGINE.id, key_of_id(SLICE(TV)), "192.0.2.7"));
	advance(0);
	stamp.running = true;
	char *text = save();
	/* it was refreshed until the daemon was killed, which was not written */
	advance(SECONDS(100000));
	ck_assert_int_eq(start_again(text), 0);
	ck_assert_int_eq(seconds_left(TV), 300);
	free(text);
}
END_TEST

START_TEST(a_device_whose_interface_is_gone_is_known_by_its_key_for_five_minutes)
{
	for (int late = 0; late < 2; late++) {
		observe(alive(&BROADCAST_ENGINE.id, key_of_id(SLICE("uuid:first")), "192.0.2.7"));
		observe(alive(&SSDP_ENGINE.id, key_of_id(SLICE(TV)), "192.0.2.7"));
		advance(SECONDS(1));
		ck_assert_ptr_nonnull(find("uuid:first"));
		char *text = save();
		link_set_find(&links, 2)->mac.bytes[5] = 99;
		ck_assert_int_eq(start_again(text), 0);
		ck_assert_uint_eq(table_device_count(table), 0);
		struct instant first_seen = {SECONDS(1000)};
		if (late)
			advance(SECONDS(300));
		struct sighting there =
		    alive(&SSDP_ENGINE.id, key_of_id(SLICE(TV)), "198.51.100.7");
		there.link = 3;
		observe(there);
		advance(SECONDS(1));
		ck_assert_ptr_nonnull(find(late ? TV : "uuid:first"));
		if (!late)
			ck_assert_int_eq(find("uuid:first")->first_seen.us, first_seen.us);
		free(text);
		tear_down();
		set_up();
	}
}
END_TEST

START_TEST(an_interface_with_another_index_is_the_same_one)
{
	observe(alive(&SSDP_ENGINE.id, key_of_id(SLICE(TV)), "192.0.2.7"));
	struct sighting nameless = alive(&BROADCAST_ENGINE.id, key_of_id(SLICE("")), "192.0.2.8");
	nameless.mac = (struct mac){0};
	observe(nameless);
	advance(SECONDS(1));
	ck_assert_ptr_nonnull(find("address:192.0.2.8%2"));
	char *text = save();
	link_set_remove(&links, 2);
	struct link *link = link_set_add(&links, 7);
	strcpy(link->name, "eth0");
	link->mac = MAC;
	ck_assert_int_eq(start_again(text), 0);
	ck_assert_uint_eq(first_of(TV)->link, 7);
	ck_assert_ptr_nonnull(find("address:192.0.2.8%7"));
	free(text);
}
END_TEST

START_TEST(control_points_are_not_saved)
{
	struct sighting asked = alive(&SSDP_ENGINE.id, key_of_id(SLICE("")), "192.0.2.7");
	asked.event = SIGHTING_ASKED;
	observe(asked);
	advance(SECONDS(1));
	ck_assert_uint_eq(table_device_count(table), 1);
	char *text = save();
	ck_assert_int_eq(start_again(text), 0);
	ck_assert_uint_eq(table_device_count(table), 0);
	free(text);
}
END_TEST

START_TEST(sixty_devices_behind_one_mac_are_sixty_after_a_restart)
{
	for (unsigned i = 0; i < 60; i++) {
		char id[64];
		snprintf(id, sizeof(id), "uuid:device-%u", i);
		struct sighting one = alive(&SSDP_ENGINE.id, key_of_id(slice_of(id)), "192.0.2.7");
		one.from.bytes[3] = (uint8_t)(10 + i);
		const struct endpoint *endpoint;
		ck_assert_int_eq(table_observe(table, now, &one, &endpoint), 0);
		ck_assert_int_eq(
		    table_set_reachable(table, now, endpoint_number(endpoint), true), 0);
		advance(SECONDS(2));
	}
	ck_assert_uint_eq(table_device_count(table), 60);
	char *text = save();
	ck_assert_int_eq(start_again(text), 0);
	ck_assert_uint_eq(table_device_count(table), 60);
	ck_assert(first_of("uuid:device-59")->verified);
	free(text);
}
END_TEST

START_TEST(what_is_no_saved_table_is_recognised)
{
	static const char *const LINES[] = {"", "\n", "{}\n", "[]\n",
	    "{\"end\":{\"lines\":0,\"sum\":\"0000000000000000\"}}\n",
	    "\x7f"
	    "ELF\n",
	    "{\"discoverd-devices\":1}\n", "{\"end\":7}\n{\"end\":{}}\n"};
	for (size_t i = 0; i < COUNT_OF(LINES); i++)
		ck_assert_int_eq(read_back(LINES[i]), -EBADMSG);
}
END_TEST

Suite *saved_table_suite(void)
{
	Suite *suite = suite_create("core/saved_table");
	TCase *tcase = tcase_create("saved_table");
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, everything_that_is_known_comes_back_as_it_was);
	tcase_add_test(tcase, a_text_that_is_made_in_steps_is_the_same);
	tcase_add_test(tcase, an_empty_table_comes_back_empty);
	tcase_add_test(tcase, a_text_that_is_torn_anywhere_is_recognised);
	tcase_add_test(tcase, a_text_that_is_damaged_anywhere_is_recognised);
	tcase_add_test(tcase, what_is_of_another_host_or_another_version_is_told_apart);
	tcase_add_test(tcase, lifetimes_go_on_in_the_same_boot);
	tcase_add_test(tcase, after_another_boot_a_lifetime_is_five_minutes_at_most);
	tcase_add_test(tcase, without_a_boot_id_each_start_is_another_boot);
	tcase_add_test(tcase, what_was_written_while_running_lasts_five_minutes_at_least);
	tcase_add_test(
	    tcase, a_device_whose_interface_is_gone_is_known_by_its_key_for_five_minutes);
	tcase_add_test(tcase, an_interface_with_another_index_is_the_same_one);
	tcase_add_test(tcase, control_points_are_not_saved);
	tcase_add_test(tcase, sixty_devices_behind_one_mac_are_sixty_after_a_restart);
	tcase_add_test(tcase, what_is_no_saved_table_is_recognised);
	suite_add_tcase(suite, tcase);
	return suite;
}
