/* SPDX-License-Identifier: ISC
 * Tests of web/row: what the list shows of a device, finds and sorts. */
#include "page_fixture.h"
#include "row_fixture.h"
#include "suites.h"
#include "web/row.h"
#include "wire/expect.h"
#include "wire/json_writer.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PRINTER                                                                                    \
	"{\"id\":\"uuid:1\",\"name\":\"Büro\",\"kind\":\"device\",\"type\":\"_ipp._tcp\","        \
	"\"manufacturer\":\"Brother\",\"model\":\"Brother HL\",\"reachable\":false,"               \
	"\"presentation_url\":\"http://192.0.2.7/\",\"flags\":[\"duplicate-uuid\"],"               \
	"\"host_names\":[\"Büro\",\"brw1.local\"],\"protocols\":[\"mdns\",\"neighbour\"],"        \
	"\"addresses\":[{\"address\":\"fe80::1\",\"interface\":\"eth0\",\"mac\":null},"            \
	"{\"address\":\"192.0.2.7\",\"interface\":\"eth0\",\"mac\":\"02:00:00:00:00:01\","         \
	"\"random_mac\":true},{\"address\":\"2001:db8::7\",\"interface\":\"eth1\"}]}"

static const struct {
	enum row_text text;
	const char *value;
} TEXTS[] = {
    {ROW_ID, "uuid:1"},
    {ROW_KIND, "device"},
    {ROW_NAME, "Büro"},
    {ROW_URL, "http://192.0.2.7/"},
    {ROW_NOTES, "not reachable, duplicate-uuid"},
    {ROW_TYPE, "ipp"},
    {ROW_MAKER, "Brother HL"},
    {ROW_ADDRESS, "192.0.2.7"},
    {ROW_OTHERS, "2001:db8::7"},
    {ROW_HOSTS, "brw1.local"},
    {ROW_MAC, "02:00:00:00:00:01"},
    {ROW_VENDOR, "random"},
    {ROW_PLACE, "eth0, eth1"},
    {ROW_VIA, "mdns"},
};

START_TEST(a_row_has_the_texts_of_its_device)
{
	struct row *row = row_fixture_parse(PRINTER);
	ck_assert_slice(row->texts[TEXTS[_i].text], TEXTS[_i].value);
	row_free(row);
}
END_TEST

static const struct {
	const char *member;
	enum row_text text;
	const char *value;
} MEMBERS[] = {
    {"\"kind\":\"control-point\"", ROW_TYPE, "only searches"},
    {"\"kind\":\"neighbour\"", ROW_TYPE, "announces nothing"},
    {"\"type\":\"urn:schemas-upnp-org:device:MediaServer:1\"", ROW_TYPE, "MediaServer"},
    {"\"type\":\"wprt:PrintDevice\"", ROW_TYPE, "PrintDevice"},
    {"\"manufacturer\":\"A\",\"model\":\"B\"", ROW_MAKER, "A B"},
    {"\"attached_to\":\"br0/veth7 (app, if 2)\"", ROW_PLACE, "br0/veth7 (app, if 2)"},
    {"\"protocols\":[\"neighbour\"]", ROW_VIA, "neighbour"},
    {"\"presentation_url\":\"javascript:alert(1)\"", ROW_URL, ""},
    {"\"reachable\":true", ROW_NOTES, ""},
    {"\"manufacturer\":\" \\u202e a \\u0007 b \"", ROW_MAKER, "a b"},
    {"\"manufacturer\":{},\"flags\":7,\"addresses\":{}", ROW_NOTES, ""},
};

START_TEST(each_member_has_its_text)
{
	char device[512];
	snprintf(device, sizeof(device), "{\"id\":\"1\",%s}", MEMBERS[_i].member);
	struct row *row = row_fixture_parse(device);
	ck_assert_slice(row->texts[MEMBERS[_i].text], MEMBERS[_i].value);
	row_free(row);
}
END_TEST

START_TEST(a_long_text_is_cut_between_characters)
{
	char name[4000] = "";
	for (size_t i = 0; i + 2 < sizeof(name); i += 2)
		memcpy(name + i, "ä", 3);
	char device[5000];
	snprintf(device, sizeof(device), "{\"id\":\"1\",\"model\":\"%s\",\"manufacturer\":\"%s\"}",
	    name, "x");
	struct row *row = row_fixture_parse(device);
	struct slice maker = row->texts[ROW_MAKER];
	ck_assert_uint_gt(maker.len, 200);
	ck_assert_uint_lt(maker.len, 400);
	ck_assert(slice_equal(slice_skip(maker, maker.len - 2), SLICE("ä")));
	row_free(row);
}
END_TEST

static const struct {
	const char *words;
	bool matches;
} SEARCHES[] = {
    {"", true}, {"  ", true}, {"BÜRO", true}, {"hl büro", true}, {"büro laser", false},
    {"192.0.2.7", true}, {"2001:db8", true}, {"uuid:1", true}, {"brw1 eth1 mdns", true},
    {"device", false}, /* its kind is no text that is shown */
    {"ürohl", false},  /* a word is within one text */
};

START_TEST(each_word_of_a_search_must_be_there)
{
	struct row *row = row_fixture_parse(PRINTER);
	ck_assert(row_matches(row, slice_of(SEARCHES[_i].words)) == SEARCHES[_i].matches);
	row_free(row);
}
END_TEST

START_TEST(rows_are_sorted_as_people_do_and_empty_ones_last)
{
	struct row *nine = row_fixture_parse(
	    "{\"id\":\"a\",\"name\":\"b\",\"addresses\":[{\"address\":\"192.0.2.9\"}]}");
	struct row *ten = row_fixture_parse(
	    "{\"id\":\"b\",\"name\":\"a\",\"addresses\":[{\"address\":\"192.0.2.10\"}]}");
	struct row *none = row_fixture("c", "A");

	ck_assert_int_lt(row_compare(nine, ten, ROW_ADDRESS), 0);
	ck_assert_int_gt(row_compare(nine, ten, ROW_NAME), 0);
	ck_assert_int_gt(row_compare(none, ten, ROW_ADDRESS), 0);
	ck_assert_int_lt(row_compare(ten, none, ROW_NAME), 0); /* alike: by id */
	ck_assert_int_lt(row_compare(none, nine, ROW_MAC), 0); /* both empty: by name */
	row_free(nine);
	row_free(ten);
	row_free(none);
}
END_TEST

START_TEST(json_has_what_is_known)
{
	struct row *row = row_fixture("a\\\"b", "</script>");
	struct json_writer w = {0};

	row_json(row, &w);
	ck_assert_slice(
	    ((struct slice){w.bytes, w.len}), "{\"id\":\"a\\\"b\",\"name\":\"</script>\"}");
	json_writer_fini(&w);
	row_free(row);
}
END_TEST

START_TEST(rows_differ_by_their_texts)
{
	struct row *a = row_fixture("1", "x"), *b = row_fixture("1", "x"),
		   *c = row_fixture("1", "y");
	ck_assert(row_equal(a, b) && !row_equal(a, c));
	ck_assert_str_eq(row_id(a), "1");
	row_free(a);
	row_free(b);
	row_free(c);
}
END_TEST

static char *html_of(const struct row *row, bool hidden)
{
	struct html html = page_fixture_begin();
	row_html(row, hidden, &html);
	return page_fixture_end(&html);
}

/* The script copies the empty row and fills it. */
START_TEST(the_empty_row_has_all_elements_of_a_full_one)
{
	struct row *row = row_fixture_parse(PRINTER);
	char *full = html_of(row, false), *empty = html_of(NULL, false);

	for (size_t i = ROW_NAME; i < ROW_TEXTS; i++) {
		char class[32];
		snprintf(class, sizeof(class), " class=\"%s\"", row_text_name(i));
		ck_assert_msg(strstr(empty, class) && strstr(full, class), "%s", class);
	}
	ck_assert_ptr_nonnull(strstr(full, "href=\"http://192.0.2.7/\""));
	ck_assert_ptr_nonnull(strstr(full, "rel=\"noreferrer\""));
	free(full);
	full = html_of(row, true);
	ck_assert_int_eq(strncmp(full, "<tr hidden", 10), 0);
	free(full);
	free(empty);
	row_free(row);
}
END_TEST

Suite *row_suite(void)
{
	Suite *suite = suite_create("web/row");
	TCase *tcase = tcase_create("row");

	add_test_of_rows(tcase, a_row_has_the_texts_of_its_device, TEXTS);
	add_test_of_rows(tcase, each_member_has_its_text, MEMBERS);
	tcase_add_test(tcase, a_long_text_is_cut_between_characters);
	add_test_of_rows(tcase, each_word_of_a_search_must_be_there, SEARCHES);
	tcase_add_test(tcase, rows_are_sorted_as_people_do_and_empty_ones_last);
	tcase_add_test(tcase, json_has_what_is_known);
	tcase_add_test(tcase, rows_differ_by_their_texts);
	tcase_add_test(tcase, the_empty_row_has_all_elements_of_a_full_one);
	suite_add_tcase(suite, tcase);
	return suite;
}
