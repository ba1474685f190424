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

/* Of 17 nested elements the innermost is passed over, and what follows is read. */
START_TEST(levels_beyond_sixteen_are_ignored)
{
	for (size_t levels = 16; levels <= 18; levels++) {
		struct text document = {0};
		text_add(&document, "<root><device>");
		text_repeat(&document, "<x>", levels - 2);
		text_repeat(&document, "</x>", levels - 2);
		text_add(&document, "<modelName>m</modelName></device></root>");
		struct description *d = read_whole(text_slice(&document));
		ck_assert_str_eq(d->devices[0].model_name, "m");
		ck_assert_uint_eq(d->ignored, levels == 16 ? 0 : 1);
		ck_assert(d->whole);
		description_free(d);
		free(document.bytes);
	}
}
END_TEST

START_TEST(what_is_too_deep_and_not_closed_costs_no_more_than_its_device)
{
	struct text document = {0};

	text_add(&document, "<root><device><UDN>uuid:1</UDN><deviceList><device>");
	text_repeat(&document, "<x>", 1000);
	text_add(&document, "</device></deviceList><modelName>m</modelName></device></root>");
	struct description *d = read_whole(text_slice(&document));
	ck_assert_str_eq(d->devices[0].model_name, "m");
	ck_assert(d->whole);
	description_free(d);
	free(document.bytes);
}
END_TEST

START_TEST(any_number_of_elements_is_read)
{
	struct text document = {0};

	text_add(&document, "<root><device>");
	text_repeat(&document, "<x/>", 10000);
	text_add(&document, "<UDN>uuid:1</UDN></device></root>");
	struct description *d = read_whole(text_slice(&document));
	ck_assert_str_eq(d->devices[0].udn, "uuid:1");
	ck_assert_uint_eq(d->ignored, 0);
	description_free(d);
	free(document.bytes);
}
END_TEST

START_TEST(attributes_beyond_sixteen_are_ignored)
{
	for (int attributes = 16; attributes <= 18; attributes++) {
		struct text document = {0};
		text_add(&document, "<root configId='5' xmlns:n='urn:n'");
		for (int i = 2; i < attributes; i++) {
			char attribute[16];
			snprintf(attribute, sizeof(attribute), " a%d=''", i);
			text_add(&document, attribute);
		}
		text_add(&document, "><device/></root>");
		struct description *d = read_whole(text_slice(&document));
		ck_assert_uint_eq(d->config_id, 5);
		ck_assert_uint_eq(d->ignored, (unsigned)attributes - 16);
		description_free(d);
		free(document.bytes);
	}
}
END_TEST

START_TEST(the_body_is_bounded_to_the_byte)
{
	static const char BEGINNING[] = "<root><device><UDN>uuid:1</UDN>";
	struct text document = {0};

	text_add(&document, BEGINNING);
	text_repeat(
	    &document, " ", DESCRIPTION_BODY_MAX - strlen(BEGINNING) - strlen("</device></root>"));
	text_add(&document, "</device></root>");
	ck_assert_uint_eq(document.len, DESCRIPTION_BODY_MAX);
	for (size_t step = 1000; step <= 1001; step++) {
		struct description *d;
		ck_assert_int_eq(read_in_steps(text_slice(&document), step, &d), 0);
		ck_assert(d->whole);
		description_free(d);

		struct description_reader *reader = description_reader_new(document.len - 3);
		ck_assert_int_eq(description_reader_feed(reader, text_slice(&document)), -EMSGSIZE);
		ck_assert_int_eq(description_reader_feed(reader, SLICE(">")), -EMSGSIZE);
		ck_assert(!description_reader_complete(reader));
		ck_assert_int_eq(description_reader_finish(reader, &d), 0);
		ck_assert(!d->whole);
		ck_assert_str_eq(d->devices[0].udn, "uuid:1");
		description_free(d);
		description_reader_free(reader);
	}
	free(document.bytes);
}
END_TEST

START_TEST(what_follows_the_root_does_not_count_for_the_body)
{
	struct description_reader *reader = description_reader_new(sizeof(NAMED("x")) - 1);
	struct description *d;

	ck_assert_int_eq(description_reader_feed(reader, SLICE(NAMED("x") "<!DOCTYPE x>")), 0);
	ck_assert(description_reader_complete(reader));
	ck_assert_int_eq(description_reader_feed(reader, SLICE("<!DOCTYPE x>")), 0);
	ck_assert_int_eq(description_reader_finish(reader, &d), 0);
	ck_assert(d->whole);
	ck_assert_int_eq(description_reader_finish(reader, &d), -EBADMSG);
	description_free(d);
	description_reader_free(reader);
}
END_TEST

/* 16 devices of 9 fields of 256 bytes are more than 32 KiB. */
START_TEST(the_text_of_all_fields_is_bounded)
{
	static const char *const FIELDS[] = {"friendlyName", "manufacturer", "manufacturerURL",
	    "modelDescription", "modelName", "modelNumber", "modelURL", "serialNumber", "UDN"};
	struct description_reader *reader = description_reader_new(1024 * 1024);
	struct text document = {0};
	struct description *d;

	text_add(&document, "<root><device><deviceList>");
	for (int i = 1; i < DESCRIPTION_DEVICES_MAX; i++) {
		text_add(&document, "<device>");
		for (size_t k = 0; k < sizeof(FIELDS) / sizeof(FIELDS[0]); k++) {
			text_add(&document, "<");
			text_add(&document, FIELDS[k]);
			text_add(&document, ">");
			text_repeat(&document, "0123456789abcdef", DESCRIPTION_FIELD_MAX / 16);
			text_add(&document, "</");
			text_add(&document, FIELDS[k]);
			text_add(&document, ">");
		}
		text_add(&document, "</device>");
	}
	text_add(&document, "</deviceList></device></root>");
	ck_assert_int_eq(description_reader_feed(reader, text_slice(&document)), 0);
	ck_assert_int_eq(description_reader_finish(reader, &d), 0);
	ck_assert_uint_eq(d->ignored, 15 * 9 - 32 * 1024 / 256);
	ck_assert_ptr_nonnull(d->devices[14].friendly_name);
	ck_assert_ptr_null(d->devices[15].udn);
	description_free(d);
	description_reader_free(reader);
	free(document.bytes);
}
END_TEST

/* But half a URL leads nowhere. */
START_TEST(long_fields_are_cut_at_a_character)
{
	struct text document = {0};

	text_add(&document, "<root><device><friendlyName>  ");
	text_repeat(&document, "x", 255);
	text_add(&document, "\xe2\x82\xac and more</friendlyName><modelName>");
	text_repeat(&document, "y", 256);
	text_add(&document, " \n </modelName><serialNumber>");
	text_repeat(&document, "z", 254);
	text_add(&document, " \xe2\x82\xac</serialNumber><presentationURL>");
	text_repeat(&document, "p", 257);
	text_add(&document, "</presentationURL></device></root>");
	struct description *d = read_whole(text_slice(&document));
	ck_assert_uint_eq(strlen(d->devices[0].friendly_name), 255);
	ck_assert_uint_eq(strlen(d->devices[0].model_name), 256);
	ck_assert_uint_eq(strlen(d->devices[0].serial_number), 254);
	ck_assert_ptr_null(d->devices[0].presentation_url);
	ck_assert_uint_eq(d->ignored, 3);
	description_free(d);
	free(document.bytes);
}
END_TEST

START_TEST(what_lies_beyond_the_caps_is_counted)
{
	struct text document = {0};

	text_add(&document, "<root><device><iconList>");
	text_repeat(&document, "<icon><url>/i</url></icon>", DESCRIPTION_ICONS_MAX + 3);
	text_add(&document, "</iconList><serviceList>");
	text_repeat(&document, "<service><serviceId>x</serviceId></service>", 3);
	text_repeat(&document, "<service><serviceType>t</serviceType></service>", 130);
	text_add(&document, "</serviceList><deviceList>");
	text_repeat(&document, "<device><UDN>uuid:e</UDN></device>", 17);
	text_add(&document, "</deviceList><UDN>uuid:root</UDN></device></root>");
	struct description *d = read_whole(text_slice(&document));
	ck_assert_uint_eq(d->service_count, DESCRIPTION_SERVICES_READ_MAX);
	ck_assert_str_eq(d->services[0].type, "t");
	ck_assert_uint_eq(d->device_count, DESCRIPTION_DEVICES_MAX);
	ck_assert_uint_eq(d->devices[0].icon_count, DESCRIPTION_ICONS_MAX);
	ck_assert_uint_eq(d->ignored, 3 + 2 + 2);
	ck_assert_str_eq(d->devices[0].udn, "uuid:root");
	description_free(d);
	free(document.bytes);
}
END_TEST

/* The last one that is kept lacks what those beyond the cap say. */
START_TEST(what_lies_beyond_a_cap_does_not_fill_the_last_one)
{
	struct text document = {0};

	text_add(&document, "<root><device><iconList>");
	text_repeat(&document, "<icon><width>1</width></icon>", DESCRIPTION_ICONS_MAX);
	text_add(&document, "<icon><url>/more</url></icon></iconList><serviceList>");
	text_repeat(&document, "<service><serviceType>t</serviceType></service>",
	    DESCRIPTION_SERVICES_READ_MAX);
	text_add(&document, "<service><serviceType>u</serviceType><serviceId>more</serviceId>"
			    "<SCPDURL>/more</SCPDURL></service></serviceList><deviceList>");
	text_repeat(&document, "<device><UDN>uuid:e</UDN></device>", DESCRIPTION_DEVICES_MAX - 1);
	text_add(&document, "<device><modelName>more</modelName><serviceList/></device>"
			    "</deviceList></device></root>");
	struct description *d = read_whole(text_slice(&document));
	const struct described_service *service = &d->services[DESCRIPTION_SERVICES_READ_MAX - 1];
	ck_assert_str_eq(service->type, "t");
	ck_assert_ptr_null(service->id);
	ck_assert_ptr_null(service->scpd_url);
	ck_assert_ptr_null(d->devices[0].icons[DESCRIPTION_ICONS_MAX - 1].url);
	ck_assert_ptr_null(d->devices[DESCRIPTION_DEVICES_MAX - 1].model_name);
	ck_assert_ptr_null(d->devices[0].model_name);
	ck_assert_uint_eq(d->ignored, 3);
	description_free(d);
	free(document.bytes);
}
END_TEST

/* Pages of 64 KiB that a parser may take long for, and the same twice as long: a quadratic one
 * would take four times the time. */
START_TEST(hostile_pages_cost_linear_time)
{
	static const char *const PIECES[] = {"<", "&", "</", "<x>", "<!--", "<![CDATA[", "</x>",
	    "<x ", " a=''", "&#", "&amp;", "\"", "]]", "<?", "\xff", "<friendlyName>",
	    "<a:b xmlns:a='c'>", " x0=1 y='2'", "<device>", "<service>", "<root>", "=", "\xe2\x82"};

	for (size_t i = 0; i < sizeof(PIECES) / sizeof(PIECES[0]); i++) {
		double seconds[2];
		for (size_t k = 0; k < 2; k++) {
			struct text document = {0};
			text_add(&document, "<root><device><UDN>uuid:1</UDN><x ");
			size_t times = (k + 1) * 256 * 1024 / strlen(PIECES[i]);
			text_repeat(&document, PIECES[i], times);
			struct description_reader *reader = description_reader_new(SIZE_MAX);
			double before = cpu_seconds();
			ck_assert_int_eq(description_reader_feed(reader, text_slice(&document)), 0);
			seconds[k] = cpu_seconds() - before;
			description_reader_free(reader);
			free(document.bytes);
		}
		ck_assert_msg(seconds[1] < 3 * seconds[0] + 0.05, "%s: %g s, then %g s", PIECES[i],
		    seconds[0], seconds[1]);
	}
}
END_TEST

Suite *description_bounds_suite(void)
{
	Suite *suite = suite_create("wire/description bounds");
	TCase *tcase = tcase_create("bounds");

	tcase_add_test(tcase, any_doctype_is_refused);
	tcase_add_test(tcase, nested_entities_cost_nothing);
	tcase_add_test(tcase, levels_beyond_sixteen_are_ignored);
	tcase_add_test(tcase, what_is_too_deep_and_not_closed_costs_no_more_than_its_device);
	tcase_add_test(tcase, any_number_of_elements_is_read);
	tcase_add_test(tcase, attributes_beyond_sixteen_are_ignored);
	tcase_add_test(tcase, the_body_is_bounded_to_the_byte);
	tcase_add_test(tcase, what_follows_the_root_does_not_count_for_the_body);
	tcase_add_test(tcase, the_text_of_all_fields_is_bounded);
	tcase_add_test(tcase, long_fields_are_cut_at_a_character);
	tcase_add_test(tcase, what_lies_beyond_the_caps_is_counted);
	tcase_add_test(tcase, what_lies_beyond_a_cap_does_not_fill_the_last_one);
	tcase_add_test(tcase, hostile_pages_cost_linear_time);
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	return suite;
}
