/* SPDX-License-Identifier: ISC
 * Tests of wire/wsd_metadata. */
#include "base/array.h"
#include "suites.h"
#include "wire/wsd_metadata.h"
#include "wire/xml_walk.h"
#include <errno.h>
#include <string.h>

#define OPENING                                                                                    \
	"<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" "                         \
	"xmlns:a=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\" "                            \
	"xmlns:m=\"http://schemas.xmlsoap.org/ws/2004/09/mex\" "                                   \
	"xmlns:p=\"http://schemas.xmlsoap.org/ws/2006/02/devprof\" "                               \
	"xmlns:pub=\"http://schemas.microsoft.com/windows/pub/2005/07\"><s:Body><m:Metadata>"
#define CLOSING "</m:Metadata></s:Body></s:Envelope>"
#define PRINTER                                                                                    \
	OPENING "<m:MetadataSection><p:ThisModel><p:Manufacturer>Paper Inc</p:Manufacturer>"       \
		"<p:ModelName>Jet</p:ModelName><p:ModelNumber>9</p:ModelNumber>"                   \
		"<p:PresentationUrl>/index</p:PresentationUrl></p:ThisModel></m:MetadataSection>"  \
		"<m:MetadataSection><p:ThisDevice><p:FriendlyName>Office</p:FriendlyName>"         \
		"<p:SerialNumber>S1</p:SerialNumber></p:ThisDevice></m:MetadataSection>" CLOSING
#define HOST(computer)                                                                             \
	OPENING "<m:MetadataSection><p:ThisDevice><p:FriendlyName>WSD Device</p:FriendlyName>"     \
		"</p:ThisDevice></m:MetadataSection><m:MetadataSection><p:Relationship><p:Host>"   \
		"<a:EndpointReference><a:Address>urn:uuid:1</a:Address></a:EndpointReference>"     \
		"<pub:Computer>" computer                                                          \
		"</pub:Computer></p:Host></p:Relationship></m:MetadataSection>" CLOSING

static struct description *description;

static void tear_down(void)
{
	description_free(description);
	description = NULL;
}

static int read_in(const char *text, size_t step, size_t max)
{
	const struct page_reader_type *type = &WSD_METADATA_READER;
	void *reader = type->create(max);

	description_free(description);
	description = NULL;
	ck_assert_ptr_nonnull(reader);
	for (struct slice rest = slice_of(text); rest.len; rest = slice_skip(rest, step))
		type->feed(reader, slice_head(rest, step));
	bool complete = type->complete(reader);
	int error = type->finish(reader, &description);
	ck_assert(error || complete == description->whole);
	type->destroy(reader);
	return error;
}

START_TEST(a_device_and_its_model_are_read)
{
	for (size_t step = 1; step < 500; step += 99) {
		ck_assert_int_eq(read_in(PRINTER, step, 8192), 0);
		const struct described_device *device = &description->devices[0];
		ck_assert(description->whole);
		ck_assert_uint_eq(description->device_count, 1);
		ck_assert_str_eq(device->friendly_name, "Office");
		ck_assert_str_eq(device->serial_number, "S1");
		ck_assert_str_eq(device->manufacturer, "Paper Inc");
		ck_assert_str_eq(device->model_name, "Jet");
		ck_assert_str_eq(device->model_number, "9");
		ck_assert_str_eq(device->presentation_url, "/index");
		ck_assert_ptr_null(device->udn);
	}
}
END_TEST

START_TEST(a_computer_is_named_without_its_workgroup)
{
	static const char *const PAGES[] = {HOST("ATTIC/Workgroup:HOME"), HOST("ATTIC\\Domain:X/Y"),
	    HOST("ATTIC/NotJoined"), HOST("ATTIC")};

	for (size_t i = 0; i < sizeof(PAGES) / sizeof(PAGES[0]); i++) {
		ck_assert_int_eq(read_in(PAGES[i], 8192, 8192), 0);
		ck_assert_str_eq(description->devices[0].friendly_name, "ATTIC");
		ck_assert_str_eq(description->devices[0].udn, "urn:uuid:1");
	}
	ck_assert_int_eq(read_in(HOST("/Workgroup:HOME"), 8192, 8192), 0);
	ck_assert_str_eq(description->devices[0].friendly_name, "WSD Device");
}
END_TEST

START_TEST(a_null_pointer_in_print_says_nothing)
{
	ck_assert_int_eq(
	    read_in(OPENING "<m:MetadataSection><p:ThisModel><p:ModelName>Jet</p:ModelName>"
			    "<p:PresentationUrl>(null)</p:PresentationUrl></p:ThisModel>"
			    "</m:MetadataSection>" CLOSING,
		8192, 8192),
	    0);
	ck_assert_str_eq(description->devices[0].model_name, "Jet");
	ck_assert_ptr_null(description->devices[0].presentation_url);
}
END_TEST

START_TEST(what_was_cut_off_is_not_whole)
{
	ck_assert_int_eq(read_in(PRINTER, strlen(PRINTER) - 60, 8192), 0);
	ck_assert_int_eq(read_in(PRINTER, 8192, strlen(PRINTER) - 60), 0);
	ck_assert(!description->whole);
	ck_assert_str_eq(description->devices[0].model_name, "Jet");
}
END_TEST

START_TEST(a_page_that_says_nothing_is_none)
{
	ck_assert_int_eq(read_in(OPENING CLOSING, 8192, 8192), -EBADMSG);
	ck_assert_int_eq(read_in("<html><body>400</body></html>", 8192, 8192), -EBADMSG);
	ck_assert_int_eq(read_in("", 8192, 8192), -EBADMSG);
	ck_assert_int_eq(read_in("<!DOCTYPE html>" PRINTER, 8192, 8192), -EPERM);
}
END_TEST

static const struct {
	enum wsd_dialect dialect;
	const char *addressing, *anonymous;
} GETS[] = {
    {WSD_2005, "\"http://schemas.xmlsoap.org/ws/2004/08/addressing\"",
	">http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous<"},
    {WSD_1_1, "\"http://www.w3.org/2005/08/addressing\"",
	">http://www.w3.org/2005/08/addressing/anonymous<"},
};

START_TEST(a_question_names_the_endpoint_in_its_dialect)
{
	char text[2048];
	struct writer w;

	writer_init(&w, text, sizeof(text) - 1);
	wsd_get_format(GETS[_i].dialect, SLICE("urn:<1>"), SLICE("urn:uuid:2"), &w);
	ck_assert_int_eq(writer_error(&w), 0);
	text[w.len] = '\0';
	ck_assert_ptr_nonnull(strstr(text, ":To>urn:&#60;1&#62;</"));
	ck_assert_ptr_nonnull(strstr(text, ":MessageID>urn:uuid:2</"));
	ck_assert_ptr_nonnull(strstr(text, "/transfer/Get</"));
	ck_assert_ptr_nonnull(strstr(text, GETS[_i].addressing));
	ck_assert_ptr_nonnull(strstr(text, GETS[_i].anonymous));
}
END_TEST

Suite *wsd_metadata_suite(void)
{
	Suite *suite = suite_create("wire/wsd_metadata");
	TCase *tc = tcase_create("wsd_metadata");

	tcase_add_checked_fixture(tc, NULL, tear_down);
	tcase_add_test(tc, a_device_and_its_model_are_read);
	tcase_add_test(tc, a_computer_is_named_without_its_workgroup);
	tcase_add_test(tc, a_null_pointer_in_print_says_nothing);
	tcase_add_test(tc, what_was_cut_off_is_not_whole);
	tcase_add_test(tc, a_page_that_says_nothing_is_none);
	tcase_add_loop_test(tc, a_question_names_the_endpoint_in_its_dialect, 0, COUNT_OF(GETS));
	suite_add_tcase(suite, tc);
	return suite;
}
