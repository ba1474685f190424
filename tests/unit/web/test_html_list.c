/* SPDX-License-Identifier: ISC
 * Tests of web/html_list: which rows the list has, in which order, and what it says of the others.
 */
#include "page_fixture.h"
#include "row_fixture.h"
#include "suites.h"
#include "web/html_list.h"
#include "wire/expect.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *text, *search;
	bool all;
	enum row_text by;
} QUERIES[] = {
    {"", "", false, ROW_NAME},
    {"q=a+b%2fc&all=1&sort=address", "a b/c", true, ROW_ADDRESS},
    {"sort=unknown&all=2&q=", "", false, ROW_NAME},
    {"sort=id", "", false, ROW_NAME}, /* no column */
    {"&&q&=&all&sort", "", false, ROW_NAME},
    {"q=%zz&all=1", "", true, ROW_NAME},
    {"q=%C3%A4", "ä", false, ROW_NAME},
};

START_TEST(a_query_is_read_and_mistakes_are_passed_over)
{
	struct html_list_query query;
	html_list_query_parse(&query, slice_of(QUERIES[_i].text));
	ck_assert_str_eq(query.search, QUERIES[_i].search);
	ck_assert(query.all == QUERIES[_i].all && query.by == QUERIES[_i].by);
}
END_TEST

START_TEST(a_search_that_is_too_long_counts_as_missing)
{
	char text[600] = "q=";
	struct html_list_query query;
	memset(text + 2, 'x', sizeof(text) - 3);
	html_list_query_parse(&query, slice_of(text));
	ck_assert_str_eq(query.search, "");
}
END_TEST

static const char *const DEVICES[] = {
    "{\"id\":\"1\",\"kind\":\"device\",\"name\":\"lamp 10\"}",
    "{\"id\":\"2\",\"kind\":\"device\",\"name\":\"lamp 9\"}",
    "{\"id\":\"3\",\"kind\":\"neighbour\",\"name\":\"quiet\"}",
    "{\"id\":\"4\",\"kind\":\"device\",\"name\":\"<printer>\"}",
};

static char *list(const char *text)
{
	struct row *owned[COUNT_OF(DEVICES)];
	const struct row *rows[COUNT_OF(DEVICES)];
	struct html html = page_fixture_begin();
	struct html_list_query query;

	for (size_t i = 0; i < COUNT_OF(DEVICES); i++)
		rows[i] = owned[i] = row_fixture_parse(DEVICES[i]);
	html_list_query_parse(&query, slice_of(text));
	html_list(&PAGE_FIXTURE, &query, rows, COUNT_OF(rows), &html);
	for (size_t i = 0; i < COUNT_OF(DEVICES); i++)
		row_free(owned[i]);
	return page_fixture_end(&html);
}

/* The names in their order, with "-" before those that are not to be seen. */
static void expect_names(const char *page, const char *expected)
{
	char names[256] = "";
	const char *end = strstr(page, "</tbody>"), *row = strstr(page, "<tbody>");

	while ((row = strstr(row, "<tr")) && row < end) {
		const char *name = strchr(strstr(row, "class=\"name\""), '>') + 1;
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%.*s,",
		    strncmp(row, "<tr hidden", 10) ? "" : "-", (int)strcspn(name, "<"), name);
		row = name;
	}
	ck_assert_str_eq(names, expected);
}

static const struct {
	const char *query, *names, *count;
	bool whole; /* the script may go on from here */
} LISTS[] = {
    {"", "&lt;printer&gt;,lamp 9,lamp 10,-quiet,", ">3 devices<", true},
    {"all=1", "&lt;printer&gt;,lamp 9,lamp 10,quiet,", ">4 devices<", true},
    {"q=LAMP", "lamp 9,lamp 10,", ">2 of 3 devices<", false},
    {"q=lamp+10", "lamp 10,", ">1 of 3 devices<", false},
    {"q=quiet", "-quiet,", ">0 of 3 devices<", false},
    {"q=none", "", ">0 of 3 devices<", false},
};

START_TEST(the_list_has_what_the_query_selects)
{
	char *text = list(LISTS[_i].query);

	expect_names(text, LISTS[_i].names);
	ck_assert_msg(strstr(text, LISTS[_i].count) != NULL, "%s", LISTS[_i].count);
	ck_assert(!strstr(text, "data-revision") == !LISTS[_i].whole);
	ck_assert(
	    !strstr(text, "<table id=\"devices\" hidden>") == (strspn(LISTS[_i].count, ">0") < 2));
	free(text);
}
END_TEST

START_TEST(links_keep_search_and_choice)
{
	char *text = list("q=%22a%22&all=1");
	ck_assert_ptr_nonnull(strstr(text, "value=\"&quot;a&quot;\""));
	ck_assert_ptr_nonnull(strstr(text, "href=\"/?sort=address&amp;all=1&amp;q=%22a%22\""));
	ck_assert_ptr_nonnull(strstr(text, "value=\"1\" checked>"));
	free(text);
	text = list("sort=via");
	ck_assert_ptr_nonnull(strstr(text, "<input type=\"hidden\" name=\"sort\" value=\"via\">"));
	ck_assert_uint_eq(page_fixture_count(text, "aria-sort"), 1);
	free(text);
}
END_TEST

START_TEST(what_is_too_much_for_a_page_is_counted)
{
	enum { COUNT = HTML_LIST_ROWS_MAX + 5 };
	struct html html = page_fixture_begin();
	struct html_list_query query;
	const struct row **rows = calloc(COUNT, sizeof(const struct row *));
	struct row *row = row_fixture("1", "lamp");

	for (size_t i = 0; i < COUNT; i++)
		rows[i] = row;
	html_list_query_parse(&query, SLICE_NONE);
	html_list(&PAGE_FIXTURE, &query, rows, COUNT, &html);
	char *text = page_fixture_end(&html);
	ck_assert_uint_eq(page_fixture_count(text, "<th scope=\"row\">"), HTML_LIST_ROWS_MAX + 1);
	ck_assert_ptr_nonnull(strstr(text, "<p id=\"more\">5 more"));
	ck_assert_ptr_null(strstr(text, "data-revision"));
	free(text);
	row_free(row);
	free(rows);
}
END_TEST

Suite *html_list_suite(void)
{
	Suite *suite = suite_create("web/html_list");
	TCase *tcase = tcase_create("html_list");

	add_test_of_rows(tcase, a_query_is_read_and_mistakes_are_passed_over, QUERIES);
	tcase_add_test(tcase, a_search_that_is_too_long_counts_as_missing);
	add_test_of_rows(tcase, the_list_has_what_the_query_selects, LISTS);
	tcase_add_test(tcase, links_keep_search_and_choice);
	tcase_add_test(tcase, what_is_too_much_for_a_page_is_counted);
	suite_add_tcase(suite, tcase);
	return suite;
}
