/* SPDX-License-Identifier: ISC
 * Tests of wire/service_page. */
#include "base/array.h"
#include "expect.h"
#include "suites.h"
#include "wire/service_page.h"
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

START_TEST(each_page_of_each_service_has_its_path)
{
	static const struct {
		const char *document;
		size_t index;
		enum service_page page;
		const char *path;
	} rows[] = {
	    {"/description.xml", 0, SERVICE_PAGE_DESCRIPTION, "/description/service/0.xml"},
	    {"/description.xml", 63, SERVICE_PAGE_CONTROL, "/description/service/63/control"},
	    {"/description.xml", 7, SERVICE_PAGE_EVENTS, "/description/service/7/events"},
	    {"/a", 10, SERVICE_PAGE_DESCRIPTION, "/a/service/10.xml"},
	    {NULL, 1, SERVICE_PAGE_EVENTS, "/service/1/events"},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char text[64];
		struct writer w;
		enum service_page page;
		struct slice document = slice_of(rows[i].document);

		writer_init(&w, text, sizeof(text));
		service_page_path(document, rows[i].index, rows[i].page, &w);
		ck_assert_slice(writer_result(&w), rows[i].path);
		ck_assert(service_page_find(writer_result(&w), document, rows[i].index + 1, &page));
		ck_assert_int_eq(page, rows[i].page);
		ck_assert(!service_page_find(writer_result(&w), document, rows[i].index, &page));
	}
}
END_TEST

START_TEST(other_paths_are_no_pages)
{
	static const char *const paths[] = {"", "/", "/d", "/d.xml", "/d/service", "/d/service/",
	    "/d/service/.xml", "/d/service//control", "/d/service/00.xml", "/d/service/01.xml",
	    "/d/service/+1.xml", "/d/service/-1.xml", "/d/service/1.xm", "/d/service/1",
	    "/d/service/1/control/", "/d/service/1/control?x", "/d/service/1 .xml",
	    "/d/service/4294967296.xml", "/d/service/18446744073709551616.xml", "/d/service/a.xml",
	    "/d.xml/service/1.xml", "/e/service/1.xml", "/service/1.xml", "/D/service/1.xml",
	    "//d/service/1.xml", "/d/service/../service/1.xml"};
	enum service_page page;

	for (size_t i = 0; i < COUNT_OF(paths); i++)
		ck_assert_msg(
		    !service_page_find(slice_of(paths[i]), SLICE("/d.xml"), SIZE_MAX, &page), "%s",
		    paths[i]);
}
END_TEST

/* What an XPath expression finds, as text, in a document of which "n" is the namespace. */
static void ck_xpath(
    const char *document, const char *space, const char *path, const char *expected)
{
	xmlDoc *xml = xmlReadMemory(document, (int)slice_of(document).len, NULL, NULL, 0);
	xmlXPathContext *context = xmlXPathNewContext(xml);

	ck_assert_ptr_nonnull(xml);
	xmlXPathRegisterNs(context, BAD_CAST "n", BAD_CAST space);
	xmlXPathObject *found = xmlXPathEvalExpression(BAD_CAST path, context);
	xmlChar *text = xmlXPathCastToString(found);
	ck_assert_str_eq((const char *)text, expected);
	xmlFree(text);
	xmlXPathFreeObject(found);
	xmlXPathFreeContext(context);
	xmlFreeDoc(xml);
}

/* What the schema of UDA 2.0, 2.5 asks for. */
START_TEST(the_description_of_a_service_is_valid)
{
	static const struct {
		const char *path, *expected;
	} rows[] = {
	    {"count(/n:scpd)", "1"},
	    {"/n:scpd/n:specVersion/n:major", "2"},
	    {"/n:scpd/n:specVersion/n:minor", "0"},
	    {"count(/n:scpd/n:actionList)", "1"},
	    {"count(/n:scpd/n:serviceStateTable/n:stateVariable)", "1"},
	    {"/n:scpd/n:serviceStateTable/n:stateVariable/@sendEvents", "no"},
	    {"count(//n:stateVariable/n:name)", "1"},
	    {"//n:stateVariable/n:dataType", "boolean"},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		ck_xpath(SERVICE_PAGE_SCPD, "urn:schemas-upnp-org:service-1-0", rows[i].path,
		    rows[i].expected);
}
END_TEST

START_TEST(the_response_to_an_action_is_fault_401)
{
	ck_xpath(SERVICE_PAGE_FAULT, "http://schemas.xmlsoap.org/soap/envelope/",
	    "/n:Envelope/n:Body/n:Fault/faultstring", "UPnPError");
	ck_xpath(SERVICE_PAGE_FAULT, "urn:schemas-upnp-org:control-1-0",
	    "//detail/n:UPnPError/n:errorCode", "401");
	ck_xpath(SERVICE_PAGE_FAULT, "urn:schemas-upnp-org:control-1-0",
	    "//detail/n:UPnPError/n:errorDescription", "Invalid Action");
}
END_TEST

Suite *service_page_suite(void)
{
	Suite *suite = suite_create("wire/service_page");
	TCase *tcase = tcase_create("service_page");

	tcase_add_test(tcase, each_page_of_each_service_has_its_path);
	tcase_add_test(tcase, other_paths_are_no_pages);
	tcase_add_test(tcase, the_description_of_a_service_is_valid);
	tcase_add_test(tcase, the_response_to_an_action_is_fault_401);
	suite_add_tcase(suite, tcase);
	return suite;
}
