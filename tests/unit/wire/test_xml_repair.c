/* SPDX-License-Identifier: ISC
 * Tests of wire/xml_repair. */
#include "base/array.h"
#include "suites.h"
#include "wire/expect.h"
#include "wire/xml_repair.h"
#include <errno.h>
#include <string.h>

struct output {
	char bytes[16 * 1024];
	size_t len;
};

static void append(void *context, struct slice text)
{
	struct output *output = context;

	ck_assert_uint_le(output->len + text.len, sizeof(output->bytes));
	memcpy(output->bytes + output->len, text.bytes, text.len);
	output->len += text.len;
}

/* The number of what was ignored, or an error. */
static int repair_in_steps(struct slice document, size_t step, struct output *output)
{
	struct xml_repair repair;
	int error = 0;

	output->len = 0;
	xml_repair_init(&repair, append, output);
	for (; document.len > 0; document = slice_skip(document, step))
		error = xml_repair_feed(&repair, slice_head(document, step));
	xml_repair_finish(&repair);
	return error ? error : (int)repair.ignored;
}

static const struct {
	const char *document, *repaired;
} DOCUMENTS[] = {
    {"<a b=\"c\">d</a>", "<a b=\"c\">d</a>"},
    {"<a><b/></a>", "<a><b/></a>"},
    {"<a/ ><b / >", "<a/><b/>"},
    {"<a b=c d='e\"f' g h = \"i'j\"/>", "<a b=\"c\" d=\"e&#34;f\" h=\"i'j\"/>"},
    {"<a b=c/>", "<a b=\"c/\">"},
    {"<a b='c&amp;d>e'>", "<a b=\"c&#38;amp;d>e\">"},
    {"<a b='c<d>", "<a><d>"},
    {"<a b<c =d>", "<a><c>"},
    {"<a b=<c>", "<a><c>"},
    {"<a b=>c", "<a>c"},
    {"<a 'b' =c 1=2>", "<a b_=\"c\">"},
    {"<a\xc3\xbc;$>", "<a____>"},
    {"</a b='c'/>", "</a>"},
    {"</ a\n>", "</a>"},
    {"</a</b>", "</a></b>"},
    {"<1><-><></></1>", "&#60;1&#62;&#60;-&#62;&#60;&#62;&#60;/&#62;&#60;/1&#62;"},
    {"a<", "a"},
    {"a&b", "a"},
    {"a<?pi b?>c<?=>d", "ac&#60;?=&#62;d"},
    {"a<!-- - -- --->b<!--c--d->", "ab"},
    {"<![CDATA[<a>&amp;]]]><![CDATA[]]b]]>", "&#60;a&#62;&#38;amp;]]]b"},
    {"<!a><![CDAT[x]]>", "&#60;!a&#62;&#60;![CDAT[x]]&#62;"},
    {"&amp;&#38;&#x26;&auml;", "&#38;&#38;&#38;&#228;"},
    {"&none;&;&#;&&lt;", "&#38;none;&#38;;&#38;#;&#38;&#60;"},
    {"&#0;&#xdfff;&#1114112;&#9;&#1114111;", "&#65533;&#65533;&#65533;&#9;&#1114111;"},
};

START_TEST(tags_and_references_are_repaired_in_any_pieces)
{
	struct slice document = slice_of(DOCUMENTS[_i].document);
	struct output output;

	for (size_t step = 1; step <= document.len; step++) {
		ck_assert_int_eq(repair_in_steps(document, step, &output), 0);
		ck_assert_slice(((struct slice){output.bytes, output.len}), DOCUMENTS[_i].repaired);
	}
}
END_TEST

START_TEST(surplus_attributes_are_ignored_and_counted)
{
	char document[4096] = "<a", name[] = " a='1'";
	struct output output;

	for (int i = 0; i < XML_ATTRIBUTES_MAX + 3; i++) {
		name[1] = (char)('a' + i);
		strcat(document, name);
	}
	strcat(document, "><b c='");
	memset(document + strlen(document), 'x', XML_ATTRIBUTE_MAX);
	strcat(document, "' d='2'>");
	ck_assert_int_eq(repair_in_steps(slice_of(document), SIZE_MAX, &output), 3 + 1);
	output.bytes[output.len] = '\0';
	ck_assert_ptr_nonnull(strstr(output.bytes, " p=\"1\"><b d=\"2\">"));
}
END_TEST

START_TEST(nothing_goes_out_from_a_doctype_on)
{
	static const char *const DOCUMENTS_WITH_ONE[] = {
	    "<a>b<!DOCTYPE c><d>", "<a>b<!doctype c><d>", "<a>b<!ENTITY c 'd'>"};
	struct output output;

	for (size_t i = 0; i < COUNT_OF(DOCUMENTS_WITH_ONE); i++)
		for (size_t step = 1; step < 8; step++) {
			ck_assert_int_eq(
			    repair_in_steps(slice_of(DOCUMENTS_WITH_ONE[i]), step, &output),
			    -EPERM);
			ck_assert_slice(((struct slice){output.bytes, output.len}), "<a>b");
		}
}
END_TEST

Suite *xml_repair_suite(void)
{
	Suite *suite = suite_create("wire/xml_repair");
	TCase *tcase = tcase_create("xml_repair");

	add_test_of_rows(tcase, tags_and_references_are_repaired_in_any_pieces, DOCUMENTS);
	tcase_add_test(tcase, surplus_attributes_are_ignored_and_counted);
	tcase_add_test(tcase, nothing_goes_out_from_a_doctype_on);
	suite_add_tcase(suite, tcase);
	return suite;
}
