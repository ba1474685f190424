/* SPDX-License-Identifier: ISC
 * Tests of web/html_page, html_device and html_facts: what is around a page, and what a device
 * consists of. */
#include "page_fixture.h"
#include "suites.h"
#include "web/html_device.h"
#include "web/html_facts.h"
#include "wire/expect.h"
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *message(const struct html_page *page)
{
	struct html html = page_fixture_begin();
	html_page_message(page, "Text & more", &html);
	return page_fixture_end(&html);
}

START_TEST(every_place_of_the_skeleton_is_filled)
{
	char *text = message(&PAGE_FIXTURE);

	ck_assert_int_eq(strncmp(text, "<!doctype html>", 15), 0);
	ck_assert_ptr_null(strstr(text, "{{"));
	ck_assert_ptr_nonnull(strstr(text, "<html lang=\"en\" data-revision=\"1-2\">"));
	ck_assert_ptr_nonnull(strstr(text, "<title>Title &lt;1&gt; – board</title>"));
	ck_assert_ptr_nonnull(strstr(text, "<a href=\"/map\" aria-current=\"page\">"));
	ck_assert_uint_eq(page_fixture_count(text, "aria-current"), 1);
	ck_assert_ptr_nonnull(strstr(text, "<h1>Title &lt;1&gt;</h1>\n<p>Text &amp; more</p>"));
	ck_assert_ptr_nonnull(strstr(text, "</main>\n</body>\n</html>\n"));
	ck_assert_ptr_null(strstr(text, "out of date"));
	free(text);
}
END_TEST

START_TEST(a_page_says_that_discoverd_does_not_answer)
{
	struct html_page page = PAGE_FIXTURE;
	page.connected = false;
	page.host = page.revision = SLICE_NONE;
	char *text = message(&page);

	ck_assert_ptr_nonnull(strstr(text, "role=\"status\">discoverd does not answer"));
	ck_assert_ptr_nonnull(strstr(text, "<html lang=\"en\">"));
	ck_assert_ptr_nonnull(strstr(text, "<title>Title &lt;1&gt;</title>"));
	free(text);
}
END_TEST

/* A member of an object, and the term and description that it becomes; NULL: none. */
static const struct {
	const char *member, *fact;
} FACTS[] = {
    {"\"model_number\":\"S<18>\"", "<dt>Model number</dt><dd>S&lt;18&gt;</dd>"},
    {"\"scpd_url\":\"http://192.0.2.1/?a&b\"",
	"<dt>SCPD URL</dt><dd><a rel=\"noreferrer\" "
	"href=\"http://192.0.2.1/?a&amp;b\">http://192.0.2.1/?a&amp;b</a></dd>"},
    {"\"url\":\"javascript:alert(1)\"", "<dt>URL</dt><dd>javascript:alert(1)</dd>"},
    {"\"ids\":[\"a\",\"b\"]", "<dt>IDs</dt><dd><ul class=\"words\"><li>a</li><li>b</li></ul></dd>"},
    {"\"ids\":[\"uuid:00000000-0000-0000-0000-000000000000\"]",
	"<dt>IDs</dt><dd><ul><li>uuid:00000000-0000-0000-0000-000000000000</li></ul></dd>"},
    {"\"verified\":false", "<dt>Verified</dt><dd>no</dd>"},
    {"\"expires_in\":7300", "<dt>Expires in</dt><dd>2 h</dd>"},
    {"\"expires_in\":119", "<dt>Expires in</dt><dd>119 s</dd>"},
    {"\"port\":80", "<dt>Port</dt><dd>80</dd>"},
    {"\"last_seen\":\"2026-01-02T03:04:05Z\"",
	"<dt>Last seen</dt><dd><time "
	"datetime=\"2026-01-02T03:04:05Z\">2026-01-02T03:04:05Z</time></dd>"},
    {"\"txt\":{\"path\":\"/\",\"<flag>\":\"\"}",
	"<dt>TXT</dt><dd><ul><li><b>path</b> = /</li><li><b>&lt;flag&gt;</b></li></ul></dd>"},
    {"\"addresses\":[{\"address\":\"192.0.2.1\",\"mac\":null,\"interface\":\"eth0\","
     "\"random_mac\":true}]",
	"<dt>Addresses</dt><dd><ul><li><b>192.0.2.1</b>, <span>Interface eth0</span>, "
	"<span>Random MAC</span></li></ul></dd>"},
    {"\"unheard_of\":{\"deep\":{\"er\":[1]}}",
	"<dt>Unheard of</dt><dd><ul><li><b>deep</b> = { &quot;er&quot;: [ 1 ] }</li></ul></dd>"},
    {"\"model\":null", NULL},
    {"\"model\":\"\"", NULL},
    {"\"icons\":[]", NULL},
    {"\"txt\":{}", NULL},
    {"\"hidden\":1", NULL},
};

START_TEST(each_member_is_a_fact)
{
	char json[512];
	snprintf(json, sizeof(json), "{%s}", FACTS[_i].member);
	struct json_object *object = page_fixture_parse(json);
	struct html html = page_fixture_begin();

	html_markup(&html, "x");
	html_facts(object, " other hidden ", &html);
	char *text = page_fixture_end(&html);
	if (FACTS[_i].fact)
		ck_assert_msg(strstr(text, FACTS[_i].fact) != NULL, "%s", text);
	else
		ck_assert_str_eq(text, "x");
	free(text);
	json_object_put(object);
}
END_TEST

START_TEST(a_device_has_its_endpoints_and_their_services)
{
	struct json_object *device = page_fixture_parse(
	    "{\"id\":\"uuid:1\",\"name\":\"<tv>\",\"model\":\"M\",\"endpoints\":[{\"protocol\":"
	    "\"ssdp\",\"key\":\"k\",\"services\":[{\"type\":\"urn:x:service:Render:1\",\"name\":"
	    "null,\"port\":8,\"url\":\"http://192.0.2.1/r\"},7]},\"no object\"]}");
	struct html html = page_fixture_begin();

	html_device(&PAGE_FIXTURE, device, &html);
	char *text = page_fixture_end(&html);
	ck_assert_ptr_nonnull(strstr(text, "data-device=\"uuid:1\""));
	ck_assert_ptr_nonnull(strstr(text, "<title>&lt;tv&gt; – board</title>"));
	ck_assert_ptr_nonnull(strstr(text, "<h1><bdi>&lt;tv&gt;</bdi></h1>"));
	ck_assert_ptr_nonnull(strstr(text, "<dt>Model</dt><dd>M</dd>"));
	ck_assert_ptr_nonnull(strstr(text, "<h2><span class=\"via\">ssdp</span> k</h2>"));
	ck_assert_ptr_nonnull(strstr(text, "<b class=\"type\">Render</b>"));
	ck_assert_ptr_nonnull(strstr(text, " port 8</summary>"));
	ck_assert_ptr_nonnull(strstr(text, "href=\"http://192.0.2.1/r\""));
	free(text);
	json_object_put(device);
}
END_TEST

Suite *html_page_suite(void)
{
	Suite *suite = suite_create("web/html_page");
	TCase *tcase = tcase_create("html_page");

	tcase_add_test(tcase, every_place_of_the_skeleton_is_filled);
	tcase_add_test(tcase, a_page_says_that_discoverd_does_not_answer);
	add_test_of_rows(tcase, each_member_is_a_fact, FACTS);
	tcase_add_test(tcase, a_device_has_its_endpoints_and_their_services);
	suite_add_tcase(suite, tcase);
	return suite;
}
