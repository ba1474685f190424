/* SPDX-License-Identifier: ISC
 * Tests of wire/xml_tokenizer. */
#include "base/array.h"
#include "base/writer.h"
#include "suites.h"
#include "wire/expect.h"
#include "wire/xml_tokenizer.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#ifdef HAVE_LIBXML
#include <libxml/parser.h>
#endif

/* What was reported, written as XML again. */
struct output {
	char bytes[16 * 1024];
	struct writer w;
};

static void write_text(struct writer *w, struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (strchr("<>&", text.bytes[i]))
			writer_format(w, "&#%d;", text.bytes[i]);
		else
			writer_char(w, text.bytes[i]);
}

static void write_attribute(struct writer *w, struct slice name, struct slice value)
{
	writer_format(w, " %.*s=\"%.*s\"", SLICE_ARGS(name), SLICE_ARGS(value));
}

static void start(
    void *context, struct slice name, const struct xml_attribute *attributes, size_t count)
{
	struct output *output = context;

	writer_format(&output->w, "<%.*s", SLICE_ARGS(name));
	for (size_t i = 0; i < count; i++)
		write_attribute(&output->w, attributes[i].name, attributes[i].value);
	writer_char(&output->w, '>');
}

static void end(void *context, struct slice name)
{
	struct output *output = context;

	writer_format(&output->w, "</%.*s>", SLICE_ARGS(name));
}

static void text(void *context, struct slice piece)
{
	struct output *output = context;

	write_text(&output->w, piece);
}

/* The number of what was ignored, or an error. */
static int read_in_steps(struct slice document, size_t step, struct output *output)
{
	static const struct xml_sink SINK = {start, end, text};
	struct xml_tokenizer tokenizer;
	int error = 0;

	writer_init(&output->w, output->bytes, sizeof(output->bytes));
	xml_tokenizer_init(&tokenizer, &SINK, output);
	for (; document.len > 0; document = slice_skip(document, step))
		error = xml_tokenizer_feed(&tokenizer, slice_head(document, step));
	xml_tokenizer_finish(&tokenizer);
	ck_assert_int_eq(writer_error(&output->w), 0);
	return error ? error : (int)tokenizer.ignored;
}

static const struct {
	const char *document, *read;
} DOCUMENTS[] = {
    {"<a b=\"c\">d</a>", "<a b=\"c\">d</a>"},
    {"<a><b/></a>", "<a><b></b></a>"},
    {"<a/ ><b / >", "<a></a><b></b>"},
    {"<a b=c d='e\"f' g h = \"i'j\"/>", "<a b=\"c\" d=\"e\"f\" h=\"i'j\"></a>"},
    {"<a b=c/>", "<a b=\"c/\">"},
    {"<a b=''>", "<a b=\"\">"},
    {"<a b='c&amp;d>e'>", "<a b=\"c&amp;d>e\">"},
    {"<a b='c<d>", "<a><d>"},
    {"<a b<c =d>", "<a><c>"},
    {"<a b=<c>", "<a><c>"},
    {"<a b=>c", "<a>c"},
    {"<a 'b' =c 1=2>", "<a b_=\"c\">"},
    {"<a\xc3\xbc;$>", "<a____>"},
    {"</a b='c'/>", "</a>"},
    {"</ a\n>", "</a>"},
    {"<b>c</a", "<b>c</a>"},
    {"</a b='", "</a>"},
    {"<b>c<a b='d'", "<b>c"},
    {"</a</b>", "</a></b>"},
    {"<1><-><></></1>", "&#60;1&#62;&#60;-&#62;&#60;&#62;&#60;/&#62;&#60;/1&#62;"},
    {"a<", "a"},
    {"a&b", "a"},
    {"a<?pi b?>c<?=>d", "ac&#60;?=&#62;d"},
    {"a<!-- - -- --->b<!--c--d->", "ab"},
    {"<![CDATA[<a>&amp;]]]><![CDATA[]]b]]>", "&#60;a&#62;&#38;amp;]]]b"},
    {"<!a><![CDAT[x]]>", "&#60;!a&#62;&#60;![CDAT[x]]&#62;"},
    {"&amp;&#38;&#x26;&auml;&euro;", "&#38;&#38;&#38;\xc3\xa4\xe2\x82\xac"},
    {"&none;&;&#;&&lt;", "&#38;none;&#38;;&#38;#;&#38;&#60;"},
    {"&#0;&#xdfff;&#1114112;&#9;&#1114111;",
	"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\t\xf4\x8f\xbf\xbf"},
    {"a\r\nb\rc\n\r\n\r<d>\r</d>\n&#13;\n", "a\nb\nc\n\n\n<d>\n</d>\n\r\n"},
};

START_TEST(tags_and_text_are_read_in_any_pieces)
{
	struct slice document = slice_of(DOCUMENTS[_i].document);
	struct output output;

	for (size_t step = 1; step <= document.len; step++) {
		ck_assert_int_eq(read_in_steps(document, step, &output), 0);
		ck_assert_slice(writer_result(&output.w), DOCUMENTS[_i].read);
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
	ck_assert_int_eq(read_in_steps(slice_of(document), SIZE_MAX, &output), 3 + 1);
	writer_char(&output.w, '\0');
	ck_assert_ptr_nonnull(strstr(output.bytes, " p=\"1\"><b d=\"2\">"));
}
END_TEST

/* Each attribute as long as may be, and a surplus one behind them. */
START_TEST(there_is_room_for_all_attributes)
{
	char document[8192] = "<a";
	struct output output;

	for (int i = 0; i <= XML_ATTRIBUTES_MAX; i++) {
		strcat(document, " b='");
		memset(document + strlen(document), 'x', XML_ATTRIBUTE_MAX - 1);
		strcat(document, "'");
	}
	strcat(document, ">");
	ck_assert_int_eq(read_in_steps(slice_of(document), SIZE_MAX, &output), 1);
	ck_assert_uint_eq(output.w.len,
	    sizeof("<a>") - 1 + XML_ATTRIBUTES_MAX * (XML_ATTRIBUTE_MAX + sizeof(" =\"\"") - 1));
}
END_TEST

START_TEST(of_a_long_name_the_beginning_counts)
{
	char document[4 * XML_NAME_MAX] = "<";
	struct output output;

	memset(document + 1, 'x', 2 * XML_NAME_MAX);
	strcat(document, ">");
	ck_assert_int_eq(read_in_steps(slice_of(document), SIZE_MAX, &output), 0);
	ck_assert_uint_eq(output.w.len, XML_NAME_MAX + sizeof("<>") - 1);
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
			    read_in_steps(slice_of(DOCUMENTS_WITH_ONE[i]), step, &output), -EPERM);
			ck_assert_slice(writer_result(&output.w), "<a>b");
		}
}
END_TEST

START_TEST(a_prefix_stands_before_the_first_colon)
{
	static const struct {
		const char *name, *prefix, *local;
	} rows[] = {{"a:b", "a", "b"}, {"b", "", "b"}, {"a:b:c", "a", "b:c"}, {":b", "", ":b"},
	    {"a:", "", "a:"}};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct slice local, prefix = xml_prefix(slice_of(rows[i].name), &local);
		ck_assert_slice(prefix, rows[i].prefix);
		ck_assert_slice(local, rows[i].local);
	}
}
END_TEST

/* What is well-formed. */
static const char *const WELL_FORMED[] = {
    "<?xml version=\"1.0\"?>\r\n<root xmlns=\"urn:a\" xmlns:b='urn:b'>\r\n<b:c d='e' b:f = "
    "\"g\"/>\r\r\n"
    "<h>J&#xFC;rgen &amp; S&#246;hne &lt;&gt;&quot;&apos;</h ><!-- <i> & --><?j <k?>"
    "<l><![CDATA[<m> & ]] ]>]]></l>\xe2\x82\xac &#x1F600;\n</root>",
    "<a><b c = 'd'\te=\"f\"\n></b><b/>text<b></b>\ttext </a>",
    "<soap:Envelope xmlns:soap=\"http://www.w3.org/2003/05/soap-envelope\"><soap:Body><x.y-z_1 "
    "xmlns=''>1</x.y-z_1></soap:Body></soap:Envelope>",
};

#ifdef HAVE_LIBXML
static void libxml_start(void *context, const xmlChar *name, const xmlChar **attributes)
{
	struct output *output = context;

	writer_format(&output->w, "<%s", (const char *)name);
	for (; attributes && *attributes; attributes += 2)
		write_attribute(&output->w, slice_of((const char *)attributes[0]),
		    slice_of((const char *)attributes[1]));
	writer_char(&output->w, '>');
}

static void libxml_end(void *context, const xmlChar *name)
{
	end(context, slice_of((const char *)name));
}

static void libxml_text(void *context, const xmlChar *bytes, int len)
{
	text(context, (struct slice){(const char *)bytes, (size_t)len});
}

static xmlEntityPtr libxml_entity(void *context, const xmlChar *name)
{
	(void)context;
	return xmlGetPredefinedEntity(name);
}
#endif

START_TEST(what_is_well_formed_is_read_as_libxml2_reads_it)
{
#ifdef HAVE_LIBXML
	struct slice document = slice_of(WELL_FORMED[_i]);
	xmlSAXHandler handler = {
	    .startElement = libxml_start,
	    .endElement = libxml_end,
	    .characters = libxml_text,
	    .cdataBlock = libxml_text,
	    .getEntity = libxml_entity,
	};
	struct output output, theirs;

	writer_init(&theirs.w, theirs.bytes, sizeof(theirs.bytes));
	ck_assert_int_eq(
	    xmlSAXUserParseMemory(&handler, &theirs, document.bytes, (int)document.len), 0);
	writer_char(&theirs.w, '\0');
	const char *root = strchr(document.bytes, '<');
	while (root[1] == '?')
		root = strchr(root + 1, '<');
	struct slice rest = slice_skip(document, (size_t)(root - document.bytes));
	for (size_t step = 1; step < 40; step += 13) {
		ck_assert_int_eq(read_in_steps(rest, step, &output), 0);
		ck_assert_slice(writer_result(&output.w), theirs.bytes);
	}
#else
	skip_test(__func__, "there is no libxml2");
#endif
}
END_TEST

Suite *xml_tokenizer_suite(void)
{
	Suite *suite = suite_create("wire/xml_tokenizer");
	TCase *tcase = tcase_create("xml_tokenizer");

	add_test_of_rows(tcase, tags_and_text_are_read_in_any_pieces, DOCUMENTS);
	add_test_of_rows(tcase, what_is_well_formed_is_read_as_libxml2_reads_it, WELL_FORMED);
	tcase_add_test(tcase, surplus_attributes_are_ignored_and_counted);
	tcase_add_test(tcase, there_is_room_for_all_attributes);
	tcase_add_test(tcase, of_a_long_name_the_beginning_counts);
	tcase_add_test(tcase, nothing_goes_out_from_a_doctype_on);
	tcase_add_test(tcase, a_prefix_stands_before_the_first_colon);
	suite_add_tcase(suite, tcase);
	return suite;
}
