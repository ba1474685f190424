/* SPDX-License-Identifier: ISC
 * Tests of wire/description: the URLs that it gives. */
#include "base/array.h"
#include "suites.h"
#include "wire/description.h"
#include "wire/expect.h"
#include "wire/url.h"
#include <errno.h>
#include <string.h>

/* NULL for a URL: it is dropped. */
static const struct {
	const char *base, *reference, *url;
} REFERENCES[] = {
    {NULL, "/my page.html", "http://192.0.2.7:80/my%20page.html"},
    {NULL, "index.html", "http://192.0.2.7:80/a/index.html"},
    {NULL, "k\xc3\xbc\x63he?a=b c", "http://192.0.2.7:80/a/k%C3%BCche?a=b%20c"},
    {NULL, "../x", "http://192.0.2.7:80/x"},
    {NULL, "?x", "http://192.0.2.7:80/a/d.xml?x"},
    {NULL, "#x", "http://192.0.2.7:80/a/d.xml#x"},
    {NULL, "//192.0.2.8/x", "http://192.0.2.8/x"},
    {NULL, "http://192.0.2.8:80?x=1", "http://192.0.2.8:80/?x=1"},
    {NULL, "HTTPS://tv.example/", "HTTPS://tv.example/"},
    {"http://192.0.2.9:81/b/", "x", "http://192.0.2.9:81/b/x"},
    {"https://192.0.2.9", "x", "https://192.0.2.9/x"},
    {"192.0.2.9:80", "/index.html", "http://192.0.2.7:80/index.html"},
    {"192.0.2.9", "/index.html", "http://192.0.2.7:80/index.html"},
    {"tv", "x", "http://192.0.2.7:80/a/x"},
    {"http://", "x", "http://192.0.2.7:80/a/x"},
    {"http://(null):80/", "x", "http://192.0.2.7:80/a/x"},
    {"ftp://192.0.2.9/", "x", "http://192.0.2.7:80/a/x"},
    {"javascript:alert(1)", "x", "http://192.0.2.7:80/a/x"},
    {"192.0.2.9:80", "http://192.0.2.8/x", "http://192.0.2.8/x"},
    {NULL, "javascript:alert(1)", NULL},
    {NULL, "java\nscript:alert(1)", NULL},
    {NULL, "file:///etc/passwd", NULL},
    {NULL, "file://h/etc/passwd", NULL},
    {NULL, "ftp://192.0.2.8/", NULL},
    {NULL, "mailto:a@b", NULL},
    {NULL, "http://user@192.0.2.8/", NULL},
    {NULL, "http://192.0.2.8 /", NULL},
    {NULL, "http://127.0.0.1/", NULL},
    {NULL, "http://127.3.2.1:8080/x", NULL},
    {NULL, "//127.0.0.1/", NULL},
    {NULL, "http://0.0.0.0/", NULL},
    {NULL, "http://[::1]/", NULL},
    {NULL, "http://[::]/", NULL},
    {NULL, "http://[::ffff:127.0.0.1]/", NULL},
    {NULL, "http://localhost:80/", NULL},
    {NULL, "http://127.1:631/", NULL},
    {NULL, "http://2130706433/", NULL},
    {NULL, "http://0x7f.0.0.1/", NULL},
    {NULL, "http://tv.example/", "http://tv.example/"},
    {NULL, "http://LocalHost./", NULL},
    {NULL, "http://a.localhost/", NULL},
    {NULL, "http://notlocalhost/", "http://notlocalhost/"},
    {NULL, "http://localhost.example/", "http://localhost.example/"},
    {"http://127.0.0.1:80/", "x", "http://192.0.2.7:80/a/x"},
    {"http://127.0.0.1:80/", "http://192.0.2.8/x", "http://192.0.2.8/x"},
    {NULL, "", NULL},
    {NULL, NULL, NULL},
};

START_TEST(references_become_urls_or_are_dropped)
{
	char base[64], out[URL_MAX];
	struct description description = {0};
	struct writer w;

	if (REFERENCES[_i].base)
		description.url_base = strcpy(base, REFERENCES[_i].base);
	writer_init(&w, out, sizeof(out));
	int error = description_resolve(
	    &description, SLICE("http://192.0.2.7:80/a/d.xml"), REFERENCES[_i].reference, &w);
	ck_assert_int_eq(error, REFERENCES[_i].url ? 0 : -EINVAL);
	ck_assert_slice(writer_result(&w), REFERENCES[_i].url ? REFERENCES[_i].url : "");
}
END_TEST

START_TEST(a_loopback_host_may_name_itself)
{
	struct description description = {0};
	char out[URL_MAX];
	struct writer w;

	writer_init(&w, out, sizeof(out));
	ck_assert_int_eq(
	    description_resolve(&description, SLICE("http://127.0.0.1:5006/d"), "/x", &w), 0);
	ck_assert_slice(writer_result(&w), "http://127.0.0.1:5006/x");
	ck_assert_int_eq(description_resolve(&description, SLICE("nothing"), "/x", &w), -EINVAL);
}
END_TEST

START_TEST(a_url_that_grows_too_long_is_dropped)
{
	struct description description = {0};
	char reference[URL_MAX / 3 + 2], out[URL_MAX];
	struct writer w;

	memset(reference, ' ', sizeof(reference) - 1);
	reference[sizeof(reference) - 1] = '\0';
	writer_init(&w, out, sizeof(out));
	ck_assert_int_eq(
	    description_resolve(&description, SLICE("http://192.0.2.7/"), reference, &w),
	    -EMSGSIZE);
	writer_init(&w, out, 5);
	ck_assert_int_eq(
	    description_resolve(&description, SLICE("http://192.0.2.7/"), "x", &w), -ENOSPC);
}
END_TEST

Suite *description_url_suite(void)
{
	Suite *suite = suite_create("wire/description url");
	TCase *tcase = tcase_create("url");

	add_test_of_rows(tcase, references_become_urls_or_are_dropped, REFERENCES);
	tcase_add_test(tcase, a_loopback_host_may_name_itself);
	tcase_add_test(tcase, a_url_that_grows_too_long_is_dropped);
	suite_add_tcase(suite, tcase);
	return suite;
}
