/* SPDX-License-Identifier: ISC
 * Tests of engine/description_page and model/device_page: from a description to what is kept. */
#include "engine/description_page.h"
#include "suites.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

#define LOCATION SLICE("http://192.0.2.7:80/d.xml")
#define SERVICE(n)                                                                                 \
	"<service><serviceType>t" n "</serviceType><serviceId>i" n "</serviceId><SCPDURL>/s" n     \
	"</SCPDURL><controlURL>c" n "</controlURL><eventSubURL>http://127.0.0.1/</eventSubURL>"    \
	"</service>"

static const char PAGE[] =
    "<root><device><UDN>uuid:0</UDN><friendlyName>root\xe2\x80\xae</friendlyName>"
    "<modelNumber>7</modelNumber><modelDescription>d</modelDescription>"
    "<serialNumber>s</serialNumber><iconList><icon><mimetype>image/png</mimetype><width>48</width>"
    "<height>32</height><depth>24</depth><url>i.png</url></icon><icon><width>x</width></icon>"
    "</iconList><serviceList>" SERVICE(
	"0") "</serviceList><deviceList><device><UDN>uuid:1</UDN>"
	     "<serviceList>" SERVICE(
		 "1") "</serviceList><deviceList><device><UDN>uuid:2</UDN>"
		      "<presentationURL>/my page</presentationURL><serviceList>" SERVICE(
			  "2") "</serviceList></device>"
			       "</deviceList></device><device><UDN>uuid:3</UDN></device></"
			       "deviceList></device></root>";

static struct description *read_page(struct slice text)
{
	struct description_reader *reader = description_reader_new(text.len);
	struct description *description = NULL;

	ck_assert_int_eq(description_reader_feed(reader, text), 0);
	ck_assert_int_eq(description_reader_finish(reader, &description), 0);
	description_reader_free(reader);
	return description;
}

/* The copy of the page of this device, after the description is gone. */
static struct device_page *keep(struct slice text, size_t device)
{
	struct description *description = read_page(text);
	struct device_page *page = description_page_new(description, device, LOCATION);
	struct device_page *copy = device_page_copy(page);

	free(page);
	description_free(description);
	ck_assert_ptr_nonnull(copy);
	return copy;
}

START_TEST(a_root_keeps_its_whole_page)
{
	static const unsigned parents[] = {0, 0, 1, 0};
	struct device_page *page = keep(slice_of(PAGE), 0);

	ck_assert_uint_eq(page->device_count, 4);
	for (size_t i = 0; i < 4; i++)
		ck_assert_uint_eq(page->devices[i].parent, parents[i]);
	ck_assert_str_eq(page->devices[0].name, "root");
	ck_assert_str_eq(page->devices[0].model_number, "7");
	ck_assert_str_eq(page->devices[0].model_description, "d");
	ck_assert_str_eq(page->devices[0].serial, "s");
	ck_assert_ptr_null(page->devices[0].manufacturer);
	ck_assert_str_eq(page->devices[2].presentation_url, "http://192.0.2.7:80/my%20page");
	ck_assert_uint_eq(page->icon_count, 2);
	ck_assert_str_eq(page->icons[0].url, "http://192.0.2.7:80/i.png");
	ck_assert_str_eq(page->icons[0].mimetype, "image/png");
	ck_assert_uint_eq(page->icons[0].width, 48);
	ck_assert_uint_eq(page->icons[0].height, 32);
	ck_assert_uint_eq(page->icons[0].depth, 24);
	ck_assert_uint_eq(page->icons[1].width, 0);
	ck_assert_uint_eq(page->service_count, 3);
	ck_assert_str_eq(page->services[2].type, "t2");
	ck_assert_str_eq(page->services[2].id, "i2");
	ck_assert_str_eq(page->services[2].scpd_url, "http://192.0.2.7:80/s2");
	ck_assert_str_eq(page->services[2].control_url, "http://192.0.2.7:80/c2");
	ck_assert_ptr_null(page->services[2].event_url);
	ck_assert_uint_eq(page->services[2].device, 2);
	ck_assert_uint_eq(page->ignored, 0);
	free(page);
}
END_TEST

START_TEST(an_embedded_device_keeps_its_own_part)
{
	struct device_page *page = keep(slice_of(PAGE), 1);

	ck_assert_uint_eq(page->device_count, 2);
	ck_assert_str_eq(page->devices[0].udn, "uuid:1");
	ck_assert_uint_eq(page->devices[0].parent, 0);
	ck_assert_str_eq(page->devices[1].udn, "uuid:2");
	ck_assert_uint_eq(page->devices[1].parent, 0);
	ck_assert_uint_eq(page->icon_count, 0);
	ck_assert_uint_eq(page->service_count, 2);
	ck_assert_uint_eq(page->services[0].device, 0);
	ck_assert_uint_eq(page->services[1].device, 1);
	free(page);
	page = keep(slice_of(PAGE), 3);
	ck_assert_uint_eq(page->device_count, 1);
	ck_assert_uint_eq(page->service_count, 0);
	free(page);
}
END_TEST

/* 128 services with URLs of 100 bytes: the first ones are kept. */
START_TEST(a_page_is_bounded)
{
	static const char SERVICE_LONG[] =
	    "<service><serviceType>t</serviceType><serviceId>i</serviceId><SCPDURL>"
	    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234"
	    "</SCPDURL></service>";
	static char text[128 * sizeof(SERVICE_LONG) + 256] =
	    "<root><device><UDN>uuid:0</UDN><serviceList>";

	for (int i = 0; i < 128; i++)
		strcat(text, SERVICE_LONG);
	struct device_page *page = keep(slice_of(text), 0);
	size_t one = sizeof(struct page_service) + 2 + 2 + 85 + strlen("http://192.0.2.7:80/") + 1;
	size_t rest = DEVICE_PAGE_MAX - sizeof(*page) - sizeof(struct page_device) - 7;
	ck_assert_uint_eq(page->service_count, rest / one);
	ck_assert_uint_lt(page->service_count, 128);
	ck_assert_uint_eq(page->ignored, 128 - page->service_count);
	ck_assert_str_eq(page->services[page->service_count - 1].type, "t");
	free(page);
}
END_TEST

/* Where not all devices fit, nothing refers to one that is missing. */
START_TEST(what_belongs_to_a_dropped_device_is_dropped)
{
	static const struct page_device device = {.udn = "uuid:0"};
	char *text = calloc(1, 512);
	struct page_device devices[40];
	struct page_service services[2] = {{.type = "a"}, {.type = "b", .device = 39}};
	struct device_page from = {
	    .devices = devices, .device_count = 40, .services = services, .service_count = 2};

	memset(text, 'x', 500);
	for (unsigned i = 0; i < 40; i++) {
		devices[i] = device;
		devices[i].model_description = text;
	}
	struct device_page *page = device_page_copy(&from);
	ck_assert_uint_gt(page->device_count, 20);
	ck_assert_uint_lt(page->device_count, 40);
	ck_assert_uint_le(page->service_count, 1);
	ck_assert_uint_eq(page->ignored, 42 - page->device_count - page->service_count);
	free(page);
	free(text);
}
END_TEST

Suite *description_page_suite(void)
{
	Suite *suite = suite_create("engine/description_page");
	TCase *tcase = tcase_create("description_page");

	tcase_add_test(tcase, a_root_keeps_its_whole_page);
	tcase_add_test(tcase, an_embedded_device_keeps_its_own_part);
	tcase_add_test(tcase, a_page_is_bounded);
	tcase_add_test(tcase, what_belongs_to_a_dropped_device_is_dropped);
	suite_add_tcase(suite, tcase);
	return suite;
}
