/* SPDX-License-Identifier: ISC
 * Tests of wire/url. */
#include "base/array.h"
#include "expect.h"
#include "suites.h"
#include "wire/url.h"
#include <errno.h>
#include <string.h>

/* NULL stands for SLICE_NONE. */
static const struct {
	const char *text, *scheme, *host, *zone;
	bool bracketed;
	unsigned port;
	const char *path;
} URLS[] = {
    {"http://192.0.2.1:49152/desc.xml", "http", "192.0.2.1", NULL, false, 49152, "/desc.xml"},
    {"http://192.0.2.1", "http", "192.0.2.1", NULL, false, 80, "/"},
    {"http://192.0.2.1:/x", "http", "192.0.2.1", NULL, false, 80, "/x"},
    {"HTTP://tv.example/a/b?c=d#e", "HTTP", "tv.example", NULL, false, 80, "/a/b?c=d"},
    {"http://192.0.2.1/?#e", "http", "192.0.2.1", NULL, false, 80, "/?"},
    {"https://192.0.2.1/", "https", "192.0.2.1", NULL, false, 443, "/"},
    {"rtsp://192.0.2.1/live", "rtsp", "192.0.2.1", NULL, false, 0, "/live"},
    {"rtsp://192.0.2.1:554/live", "rtsp", "192.0.2.1", NULL, false, 554, "/live"},
    {"http://[2001:db8::1]/x", "http", "2001:db8::1", NULL, true, 80, "/x"},
    {"http://[2001:db8::1]:8080/x", "http", "2001:db8::1", NULL, true, 8080, "/x"},
    {"http://[fe80::1%25eth0]:8080/x", "http", "fe80::1", "eth0", true, 8080, "/x"},
    {"http://[fe80::1%eth0]/x", "http", "fe80::1", "eth0", true, 80, "/x"},
    {"http://[fe80::1%25]/x", "http", "fe80::1", "25", true, 80, "/x"},
    {"http://127.0.0.1:65535/", "http", "127.0.0.1", NULL, false, 65535, "/"},
    {"http://192.0.2.1/\xc3\xa9\"<>", "http", "192.0.2.1", NULL, false, 80, "/\xc3\xa9\"<>"},
    {"http://192.0.2.1:80?x=1", "http", "192.0.2.1", NULL, false, 80, "?x=1"},
    {"http://192.0.2.1?", "http", "192.0.2.1", NULL, false, 80, "?"},
    {"http://192.0.2.1:80#f", "http", "192.0.2.1", NULL, false, 80, "/"},
    {"http://192.0.2.1//a@b:c", "http", "192.0.2.1", NULL, false, 80, "//a@b:c"},
};

START_TEST(an_absolute_url_comes_apart)
{
	struct url url;

	ck_assert_int_eq(url_parse(slice_of(URLS[_i].text), &url), 0);
	ck_assert_slice(url.scheme, URLS[_i].scheme);
	ck_assert_slice(url.host, URLS[_i].host);
	ck_assert_slice(url.zone, URLS[_i].zone);
	ck_assert(url.bracketed == URLS[_i].bracketed);
	ck_assert_uint_eq(url.port, URLS[_i].port);
	ck_assert_slice(url.path, URLS[_i].path);
}
END_TEST

static const char *const NO_URLS[] = {
    "",
    "/desc.xml",
    "//192.0.2.1/x",
    "192.0.2.1:8080/x",
    "192.0.2.1/x",
    "http:",
    "http:/x",
    "http://",
    "http:///x",
    "http://:80/x",
    "://192.0.2.1/",
    "1http://192.0.2.1/",
    "http://user@192.0.2.1/",
    "http://user:secret@192.0.2.1/",
    "http://192.0.2.1:0/",
    "http://192.0.2.1:65536/",
    "http://192.0.2.1:8o/",
    "http://192.0.2.1:-1/",
    "http://192.0.2.1:80:80/",
    "http://2001:db8::1/",
    "http://[2001:db8::1/",
    "http://[2001:db8::1]80/",
    "http://[]/",
    "http://[fe80::1%]/",
    "http://[fe80::1%a/b]/",
    "http://[fe80::1%a:b]/",
    "http://[tv.example]/",
    "http://192.0.2.1\\@198.51.100.1/",
    "http://192.0.2.1/a b",
    " http://192.0.2.1/",
    "http://192.0.2.1/a\x01",
    "http://192.0.2.1/a\x7f",
    "http://192.0.2.1/a\r\nHost: x",
    "mailto:a",
    "javascript:alert(1)",
};

START_TEST(what_is_no_absolute_url_is_refused)
{
	struct url url;

	ck_assert_int_eq(url_parse(slice_of(NO_URLS[_i]), &url), -EINVAL);
}
END_TEST

/* What devices write into LOCATION, and the URL that is meant; NULL: none, so it stays as it is. */
static const struct {
	const char *text, *url;
} REPAIRED[] = {
    {"http://192.0.2.1:80/d.xml", "http://192.0.2.1:80/d.xml"},
    {"HTTP://192.0.2.1/", "HTTP://192.0.2.1/"},
    {"http://192.0.2.1:80?x=1", "http://192.0.2.1:80/?x=1"},
    {"http://192.0.2.1:80#f", "http://192.0.2.1:80#f"},
    {"http://192.0.2.1:80?x y#f", "http://192.0.2.1:80/?x%20y#f"},
    {"http://192.0.2.1:80/my lamp.xml", "http://192.0.2.1:80/my%20lamp.xml"},
    {"http://192.0.2.1:80/my  lamp\t1.xml?a b", "http://192.0.2.1:80/my%20%20lamp%091.xml?a%20b"},
    {" \thttp://192.0.2.1:80/d.xml \t", "http://192.0.2.1:80/d.xml"},
    {"<http://192.0.2.1:80/d.xml>", "http://192.0.2.1:80/d.xml"},
    {"\"http://192.0.2.1:80/d.xml\"", "http://192.0.2.1:80/d.xml"},
    {"' <http://192.0.2.1:80/my lamp> '", "http://192.0.2.1:80/my%20lamp"},
    {"192.0.2.1:80/d.xml", "http://192.0.2.1:80/d.xml"},
    {"192.0.2.1", "http://192.0.2.1"},
    {"192.0.2.1?x", "http://192.0.2.1/?x"},
    {"//192.0.2.1:80/d.xml", "http://192.0.2.1:80/d.xml"},
    {"//tv.example/d.xml", "http://tv.example/d.xml"},
    {"[2001:db8::1]:80/d.xml", "http://[2001:db8::1]:80/d.xml"},
    {"http://[fe80::1%25eth0]:80/a b", "http://[fe80::1%25eth0]:80/a%20b"},
    {"http://tv.example/a b", "http://tv.example/a%20b"},
    {"tv.example:80/d.xml", NULL},
    {"d.xml", NULL},
    {"/d.xml", NULL},
    {"", NULL},
    {"http://(null):80/", NULL},
    {"http://user@192.0.2.1/a b", NULL},
    {"user@192.0.2.1/d.xml", NULL},
    {"http://192.0.2.1:0/a b", NULL},
    {"http://192.0.2.1:8o/a b", NULL},
    {"http://192.0.2.1 /d.xml", NULL},
    {"http://192.0.2.1/a\x01 b", NULL},
    {"http:///a b", NULL},
};

START_TEST(a_location_is_made_the_url_that_it_means)
{
	struct slice text = slice_of(REPAIRED[_i].text);
	char out[URL_MAX];
	struct writer room;

	writer_init(&room, out, sizeof(out));
	struct slice repaired = url_repair(text, &room);
	ck_assert_slice(repaired, REPAIRED[_i].url ? REPAIRED[_i].url : REPAIRED[_i].text);
	writer_init(&room, out, 10);
	repaired = url_repair(text, &room);
	ck_assert(repaired.bytes >= text.bytes && repaired.len <= text.len);
}
END_TEST

START_TEST(a_url_has_512_bytes_at_most)
{
	char text[URL_MAX + 1];
	struct url url;

	memset(text, 'x', sizeof(text));
	memcpy(text, "http://192.0.2.1/", 17);
	ck_assert_int_eq(url_parse((struct slice){text, URL_MAX}, &url), 0);
	ck_assert_int_eq(url_parse((struct slice){text, URL_MAX + 1}, &url), -EMSGSIZE);
}
END_TEST

/* The examples of RFC 3986 5.4 with an http base, and what descriptions hold. */
static const struct {
	const char *reference, *result;
} REFERENCES[] = {
    {"http://h.example/x", "http://h.example/x"},
    {"http://h.example:80?x=1", "http://h.example:80/?x=1"},
    {"//h.example?x", "http://h.example/?x"},
    {"http://h.example#x", "http://h.example/#x"},
    {"g", "http://a/b/c/g"},
    {"./g", "http://a/b/c/g"},
    {"g/", "http://a/b/c/g/"},
    {"/g", "http://a/g"},
    {"//g", "http://g/"},
    {"?y", "http://a/b/c/d;p?y"},
    {"g?y", "http://a/b/c/g?y"},
    {"#s", "http://a/b/c/d;p?q#s"},
    {"g#s", "http://a/b/c/g#s"},
    {"g?y#s", "http://a/b/c/g?y#s"},
    {";x", "http://a/b/c/;x"},
    {"g;x", "http://a/b/c/g;x"},
    {"g;x?y#s", "http://a/b/c/g;x?y#s"},
    {"", "http://a/b/c/d;p?q"},
    {".", "http://a/b/c/"},
    {"./", "http://a/b/c/"},
    {"..", "http://a/b/"},
    {"../", "http://a/b/"},
    {"../g", "http://a/b/g"},
    {"../..", "http://a/"},
    {"../../", "http://a/"},
    {"../../g", "http://a/g"},
    {"../../../g", "http://a/g"},
    {"../../../../g", "http://a/g"},
    {"/./g", "http://a/g"},
    {"/../g", "http://a/g"},
    {"g.", "http://a/b/c/g."},
    {".g", "http://a/b/c/.g"},
    {"g..", "http://a/b/c/g.."},
    {"..g", "http://a/b/c/..g"},
    {"./../g", "http://a/b/g"},
    {"./g/.", "http://a/b/c/g/"},
    {"g/./h", "http://a/b/c/g/h"},
    {"g/../h", "http://a/b/c/h"},
    {"g;x=1/./y", "http://a/b/c/g;x=1/y"},
    {"g;x=1/../y", "http://a/b/c/y"},
    {"g?y/./x", "http://a/b/c/g?y/./x"},
    {"g#s/../x", "http://a/b/c/g#s/../x"},
    {"192.0.2.1:80/x", "http://a/b/c/192.0.2.1:80/x"},
    {"https://h.example", "https://h.example/"},
    {"http://h.example/a/../b", "http://h.example/b"},
};

START_TEST(references_resolve_as_the_rfc_says)
{
	char out[URL_MAX];
	struct writer w;

	writer_init(&w, out, sizeof(out));
	ck_assert_int_eq(
	    url_resolve(SLICE("http://a/b/c/d;p?q"), slice_of(REFERENCES[_i].reference), &w), 0);
	ck_assert_slice(writer_result(&w), REFERENCES[_i].result);
}
END_TEST

START_TEST(a_base_without_a_path_and_a_literal_work)
{
	char out[URL_MAX];
	struct writer w;

	writer_init(&w, out, sizeof(out));
	ck_assert_int_eq(url_resolve(SLICE("http://[fe80::1%25eth0]:80"), SLICE("x/y"), &w), 0);
	ck_assert_slice(writer_result(&w), "http://[fe80::1%25eth0]:80/x/y");
}
END_TEST

START_TEST(a_bad_base_or_reference_writes_nothing)
{
	static const char *const BAD[] = {"javascript:alert(1)", "mailto:a@b", "http:g", "a b",
	    "x\r\ny", "//user@h/", "//h:0/", "//"};
	char out[URL_MAX], path[URL_MAX], longer[3 * URL_MAX];
	struct writer w;

	writer_init(&w, out, sizeof(out));
	for (size_t i = 0; i < COUNT_OF(BAD); i++)
		ck_assert_int_eq(url_resolve(SLICE("http://a/b"), slice_of(BAD[i]), &w), -EINVAL);
	ck_assert_int_eq(url_resolve(SLICE("a/b"), SLICE("http://a/"), &w), -EINVAL);
	memset(path, 'x', sizeof(path));
	ck_assert_int_eq(
	    url_resolve(SLICE("http://a/b"), (struct slice){path, sizeof(path)}, &w), -EMSGSIZE);
	memset(longer, '/', sizeof(longer));
	for (size_t i = 0; i + 1 < sizeof(longer); i += 2)
		longer[i] = '.';
	ck_assert_int_eq(
	    url_resolve(SLICE("http://a/b"), (struct slice){longer, sizeof(longer)}, &w),
	    -EMSGSIZE);
	ck_assert_uint_eq(w.len, 0);
	ck_assert_int_eq(writer_error(&w), 0);
	writer_init(&w, out, 10);
	ck_assert_int_eq(url_resolve(SLICE("http://a/b"), SLICE("cd"), &w), -ENOSPC);
}
END_TEST

static const struct {
	const char *text, *escaped;
} TYPED[] = {
    {"", ""},
    {"http://192.0.2.1/a?b=c&d=%20#e", "http://192.0.2.1/a?b=c&d=%20#e"},
    {"http://[fe80::1%25eth0]/a;b=(c),d*e'f!$@~", "http://[fe80::1%25eth0]/a;b=(c),d*e'f!$@~"},
    {"/my page.html", "/my%20page.html"},
    {"/k\xc3\xbc\x63he", "/k%C3%BCche"},
    {"/100% %2 %zz %aF", "/100%25%20%252%20%25zz%20%aF"},
    {"/a\"<>\\^`{|}\x01\x7f", "/a%22%3C%3E%5C%5E%60%7B%7C%7D%01%7F"},
    {"/a\r\n\tb", "/ab"},
};

START_TEST(a_typed_url_is_escaped_once)
{
	char once[128], twice[128];
	struct writer w, again;

	writer_init(&w, once, sizeof(once));
	url_escape(slice_of(TYPED[_i].text), &w);
	ck_assert_slice(writer_result(&w), TYPED[_i].escaped);
	writer_init(&again, twice, sizeof(twice));
	url_escape(writer_result(&w), &again);
	ck_assert_slice(writer_result(&again), TYPED[_i].escaped);
}
END_TEST

Suite *url_suite(void)
{
	Suite *suite = suite_create("wire/url");
	TCase *tcase = tcase_create("url");
	add_test_of_rows(tcase, an_absolute_url_comes_apart, URLS);
	add_test_of_rows(tcase, what_is_no_absolute_url_is_refused, NO_URLS);
	add_test_of_rows(tcase, a_location_is_made_the_url_that_it_means, REPAIRED);
	tcase_add_test(tcase, a_url_has_512_bytes_at_most);
	add_test_of_rows(tcase, references_resolve_as_the_rfc_says, REFERENCES);
	tcase_add_test(tcase, a_base_without_a_path_and_a_literal_work);
	tcase_add_test(tcase, a_bad_base_or_reference_writes_nothing);
	add_test_of_rows(tcase, a_typed_url_is_escaped_once, TYPED);
	suite_add_tcase(suite, tcase);
	return suite;
}
