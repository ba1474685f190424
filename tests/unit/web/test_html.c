/* SPDX-License-Identifier: ISC
 * Tests of web/html: text from the network stays text. */
#include "client/web_link.h"
#include "suites.h"
#include "web/html.h"
#include "wire/expect.h"
#include <event2/buffer.h>
#include <string.h>

static struct html html;

static void setup(void)
{
	html = (struct html){.out = evbuffer_new()};
}

static void teardown(void)
{
	ck_assert(!html.failed);
	evbuffer_free(html.out);
}

static const char *written(void)
{
	evbuffer_add(html.out, "", 1);
	return (const char *)evbuffer_pullup(html.out, -1);
}

START_TEST(what_has_a_meaning_in_markup_is_a_reference)
{
	html_text(&html, SLICE("<script>alert('1' && \"2\")</script>"));
	ck_assert_str_eq(
	    written(), "&lt;script&gt;alert(&#39;1&#39; &amp;&amp; &quot;2&quot;)&lt;/script&gt;");
}
END_TEST

START_TEST(controls_become_the_replacement_character)
{
	html_text(&html, SLICE("a\nb\0c\x7f"
			       "d\xc3\xa4"));
	ck_assert_str_eq(written(), "a\xef\xbf\xbd"
				    "b\xef\xbf\xbd"
				    "c\xef\xbf\xbd"
				    "d\xc3\xa4");
}
END_TEST

START_TEST(an_attribute_ends_only_with_its_quote)
{
	html_attribute(&html, "title", SLICE("\" onload=\"x"));
	html_element(&html, "b", "name", SLICE("</b>"));
	ck_assert_str_eq(
	    written(), " title=\"&quot; onload=&quot;x\"<b class=\"name\">&lt;/b&gt;</b>");
}
END_TEST

static const struct link {
	const char *url;
	bool is;
} LINKS[] = {
    {"http://192.0.2.1/", true},
    {"HTTPS://tv.local:8443/a?b#c", true},
    {"javascript:alert(1)", false},
    {" http://192.0.2.1/", false},
    {"data:text/html,x", false},
    {"//192.0.2.1/", false},
    {"/device/x", false},
    {"http:/x", false},
    {"http://x/\n", false},
    {"http://x/ y", false},
    {"ftp://192.0.2.1/", false},
    {"", false},
};

START_TEST(only_urls_of_the_web_are_links)
{
	ck_assert_msg(
	    web_link_allowed(slice_of(LINKS[_i].url)) == LINKS[_i].is, "%s", LINKS[_i].url);
}
END_TEST

START_TEST(the_path_of_a_device_holds_any_id)
{
	char text[128];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	html_device_path(SLICE("uuid:a/b?c#d%e \"\xc3\xa4"), &w);
	ck_assert_slice(writer_result(&w), "/device/uuid%3Aa%2Fb%3Fc%23d%25e%20%22%C3%A4");
}
END_TEST

Suite *html_suite(void)
{
	Suite *suite = suite_create("web/html");
	TCase *tcase = tcase_create("html");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, what_has_a_meaning_in_markup_is_a_reference);
	tcase_add_test(tcase, controls_become_the_replacement_character);
	tcase_add_test(tcase, an_attribute_ends_only_with_its_quote);
	add_test_of_rows(tcase, only_urls_of_the_web_are_links, LINKS);
	tcase_add_test(tcase, the_path_of_a_device_holds_any_id);
	suite_add_tcase(suite, tcase);
	return suite;
}
