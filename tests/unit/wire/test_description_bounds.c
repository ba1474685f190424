/* SPDX-License-Identifier: ISC
 * Tests of wire/description: its bounds. */
#include "suites.h"
#include "wire/read_description.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

/* A buffer that is too large for the stack of a board. */
struct text {
	char *bytes;
	size_t len, capacity;
};

static void text_add(struct text *text, const char *piece)
{
	size_t len = strlen(piece);

	if (text->len + len + 1 > text->capacity) {
		text->capacity = 2 * text->capacity + len + 1;
		text->bytes = realloc(text->bytes, text->capacity);
		ck_assert_ptr_nonnull(text->bytes);
	}
	memcpy(text->bytes + text->len, piece, len + 1);
	text->len += len;
}

static void text_repeat(struct text *text, const char *piece, size_t times)
{
	for (size_t i = 0; i < times; i++)
		text_add(text, piece);
}

static struct slice text_slice(const struct text *text)
{
	return (struct slice){text->bytes, text->len};
}

START_TEST(any_doctype_is_refused)
{
	ck_assert_int_eq(read_error(SLICE("<!DOCTYPE root>" NAMED("x"))), -EPERM);
	ck_assert_int_eq(
	    read_error(SLICE("<!DOCTYPE root SYSTEM \"http://192.0.2.1/x\">" NAMED("x"))), -EPERM);
	ck_assert_int_eq(
	    read_error(SLICE("<!DOCTYPE root [<!ENTITY a 'b'>]>" NAMED("&a;"))), -EPERM);
	ck_assert_int_eq(
	    read_error(SLICE(
		"<!DOCTYPE root [<!ENTITY % a SYSTEM 'file:///etc/passwd'> %a;]>" NAMED("x"))),
	    -EPERM);
}
END_TEST

static double cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static long peak_kib(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

START_TEST(nested_entities_cost_nothing)
{
	struct text bomb = {0};
	char line[512];

	text_add(&bomb, "<!DOCTYPE root [<!ENTITY e0 'lol'>\n");
	for (int i = 1; i < 40; i++) {
		int len = snprintf(line, sizeof(line), "<!ENTITY e%d '", i);
		for (int j = 0; j < 10; j++)
			len += snprintf(line + len, sizeof(line) - (size_t)len, "&e%d;", i - 1);
		snprintf(line + len, sizeof(line) - (size_t)len, "'>\n");
		text_add(&bomb, line);
	}
	text_add(&bomb, "]>" NAMED("&e39;"));
	ck_assert_uint_lt(bomb.len, DESCRIPTION_BODY_MAX);

	double seconds = cpu_seconds();
	long kib = peak_kib();
	ck_assert_int_eq(read_error(text_slice(&bomb)), -EPERM);
	ck_assert_double_lt(cpu_seconds() - seconds, 0.5);
	ck_assert_int_lt(peak_kib() - kib, 8 * 1024);
	free(bomb.bytes);
}
END_TEST

START_TEST(sixteen_levels_and_no_more)
{
	for (size_t levels = 16; levels <= 17; levels++) {
		struct text document = {0};
		text_add(&document, "<root><device/>");
		text_repeat(&document, "<x>", levels - 1);
		text_repeat(&document, "</x>", levels - 1);
		text_add(&document, "</root>");
		ck_assert_int_eq(read_error(text_slice(&document)), levels == 16 ? 0 : -E2BIG);
		free(document.bytes);
	}
}
END_TEST

START_TEST(five_hundred_and_twelve_elements_and_no_more)
{
	for (size_t elements = 512; elements <= 513; elements++) {
		struct text document = {0};
		text_add(&document, "<root><device/>");
		text_repeat(&document, "<x/>", elements - 2);
		text_add(&document, "</root>");
		ck_assert_int_eq(read_error(text_slice(&document)), elements == 512 ? 0 : -E2BIG);
		free(document.bytes);
	}
}
END_TEST

START_TEST(sixteen_attributes_and_no_more)
{
	for (int attributes = 16; attributes <= 17; attributes++) {
		struct text document = {0};
		text_add(&document, "<root><device><x xmlns:n='urn:n'");
		for (int i = 1; i < attributes; i++) {
			char attribute[16];
			snprintf(attribute, sizeof(attribute), " a%d=''", i);
			text_add(&document, attribute);
		}
		text_add(&document, "/></device></root>");
		ck_assert_int_eq(read_error(text_slice(&document)), attributes == 16 ? 0 : -E2BIG);
		free(document.bytes);
	}
}
END_TEST

START_TEST(the_body_is_bounded_to_the_byte)
{
	struct text document = {0};

	text_add(&document, "<root><device>");
	text_repeat(
	    &document, " ", DESCRIPTION_BODY_MAX - strlen("<root><device></device></root>"));
	text_add(&document, "</device></root>");
	ck_assert_uint_eq(document.len, DESCRIPTION_BODY_MAX);
	ck_assert_int_eq(read_error(text_slice(&document)), 0);
	text_add(&document, " ");
	ck_assert_int_eq(read_error(text_slice(&document)), -EMSGSIZE);

	struct description *description;
	ck_assert_int_eq(read_in_steps(text_slice(&document), 1000, &description), -EMSGSIZE);
	free(document.bytes);
}
END_TEST

START_TEST(the_text_is_bounded_where_the_body_may_be_larger)
{
	struct text document = {0};
	struct description_reader *reader = description_reader_new(10 * DESCRIPTION_TEXT_MAX);

	text_add(&document, "<root><device><x>");
	text_repeat(&document, "0123456789abcdef", DESCRIPTION_TEXT_MAX / 16);
	text_add(&document, "</x>");
	ck_assert_int_eq(description_reader_feed(reader, text_slice(&document)), 0);
	ck_assert_int_eq(description_reader_feed(reader, SLICE("<x>1</x>")), -EMSGSIZE);
	ck_assert_int_eq(description_reader_feed(reader, SLICE("</device></root>")), -EMSGSIZE);
	description_reader_free(reader);
	free(document.bytes);
}
END_TEST

START_TEST(long_fields_are_cut_at_a_character)
{
	struct text document = {0};

	text_add(&document, "<root><device><friendlyName>  ");
	text_repeat(&document, "x", 255);
	text_add(&document, "\xe2\x82\xac and more</friendlyName><modelName>");
	text_repeat(&document, "y", 256);
	text_add(&document, " \n </modelName><serialNumber>");
	text_repeat(&document, "z", 254);
	text_add(&document, " \xe2\x82\xac</serialNumber></device></root>");
	struct description *d = read_whole(text_slice(&document));
	ck_assert_uint_eq(strlen(d->devices[0].friendly_name), 255);
	ck_assert_uint_eq(strlen(d->devices[0].model_name), 256);
	ck_assert_uint_eq(strlen(d->devices[0].serial_number), 254);
	ck_assert_uint_eq(d->ignored, 2);
	description_free(d);
	free(document.bytes);
}
END_TEST

START_TEST(devices_and_services_beyond_the_caps_are_counted)
{
	struct text document = {0};

	text_add(&document, "<root><device><serviceList>");
	text_repeat(&document, "<service><serviceId>x</serviceId></service>", 3);
	text_repeat(&document, "<service><serviceType>t</serviceType></service>", 66);
	text_add(&document, "</serviceList><deviceList>");
	text_repeat(&document, "<device><UDN>uuid:e</UDN></device>", 17);
	text_add(&document, "</deviceList><UDN>uuid:root</UDN></device></root>");
	struct description *d = read_whole(text_slice(&document));
	ck_assert_uint_eq(d->service_count, DESCRIPTION_SERVICES_MAX);
	ck_assert_str_eq(d->services[0].type, "t");
	ck_assert_uint_eq(d->device_count, DESCRIPTION_DEVICES_MAX);
	ck_assert_uint_eq(d->ignored, 2 + 2);
	ck_assert_str_eq(d->devices[0].udn, "uuid:root");
	description_free(d);
	free(document.bytes);
}
END_TEST

Suite *description_bounds_suite(void)
{
	Suite *suite = suite_create("wire/description bounds");
	TCase *tcase = tcase_create("bounds");

	tcase_add_test(tcase, any_doctype_is_refused);
	tcase_add_test(tcase, nested_entities_cost_nothing);
	tcase_add_test(tcase, sixteen_levels_and_no_more);
	tcase_add_test(tcase, five_hundred_and_twelve_elements_and_no_more);
	tcase_add_test(tcase, sixteen_attributes_and_no_more);
	tcase_add_test(tcase, the_body_is_bounded_to_the_byte);
	tcase_add_test(tcase, the_text_is_bounded_where_the_body_may_be_larger);
	tcase_add_test(tcase, long_fields_are_cut_at_a_character);
	tcase_add_test(tcase, devices_and_services_beyond_the_caps_are_counted);
	suite_add_tcase(suite, tcase);
	return suite;
}
