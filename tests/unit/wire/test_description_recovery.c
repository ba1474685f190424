/* SPDX-License-Identifier: ISC
 * Tests of wire/description: documents that are no XML, as devices send them. */
#include "base/array.h"
#include "suites.h"
#include "wire/expect.h"
#include "wire/read_description.h"
#include <errno.h>
#include <string.h>

#define REPLACED "\xef\xbf\xbd"
#define AROUND(before, name, after)                                                                \
	before "<root><device><UDN>uuid:1</UDN><friendlyName>" name                                \
	       "</friendlyName><modelName>M1</modelName>" after

/* Each keeps its UDN and its modelName, which stand before and behind what is broken. */
static const struct {
	struct slice document;
	const char *name; /* NULL: not looked at */
	bool cut;         /* the root element is not closed */
} BROKEN[] = {
#define DOCUMENT(before, name, after) SLICE(AROUND(before, name, after "</device></root>"))
    /* ampersands */
    {DOCUMENT("", "Bangs & Sons", ""), "Bangs & Sons", false},
    {DOCUMENT("", "A&B", ""), "A&B", false},
    {DOCUMENT("", "&", ""), "&", false},
    {DOCUMENT("", "a && b &amp; c &lt;&#33;&#x21;", ""), "a && b & c <!!", false},
    {DOCUMENT("", "/?a=1&b=2&amp;c=3&lt=4", ""), "/?a=1&b=2&c=3&lt=4", false},
    {DOCUMENT("", "R&D; x", ""), "R&D; x", false},
    {DOCUMENT("", "&#; &#x; &#xg; &#1a;", ""), "&#; &#x; &#xg; &#1a;", false},
    {DOCUMENT("", "&averyveryverylongname; x", ""), "&averyveryverylongname; x", false},
    {DOCUMENT("", "&amp", ""), "&amp", false},
    /* references that a DTD would explain */
    {DOCUMENT("", "My&nbsp;TV", ""), "My\xc2\xa0TV", false},
    {DOCUMENT("", "K&uuml;che &copy; &Auml;&yuml;&times;", ""),
	"K\xc3\xbc\x63he \xc2\xa9 \xc3\x84\xc3\xbf\xc3\x97", false},
    {DOCUMENT("", "5 &euro; &trade;&hellip;", ""), "5 \xe2\x82\xac \xe2\x84\xa2\xe2\x80\xa6",
	false},
    {DOCUMENT("", "&unknown;", ""), "&unknown;", false},
    /* characters that XML does not allow */
    {DOCUMENT("", "a\x01z", ""), "a" REPLACED "z", false},
    {DOCUMENT("", "a\0z", ""), "a" REPLACED "z", false},
    {DOCUMENT("", "a\x1b[31mz", ""), "a" REPLACED "[31mz", false},
    {DOCUMENT("", "a&#0;&#1;&#xD800;&#xFFFE;&#x110000;&#99999999999;z", ""),
	"a" REPLACED REPLACED REPLACED REPLACED REPLACED REPLACED "z", false},
    {DOCUMENT("", "a\xef\xbf\xbfz", ""), "a" REPLACED "z", false},
    {DOCUMENT("", "a\xed\xa0\x80z", ""), "a" REPLACED REPLACED REPLACED "z", false},
    /* bytes that are not of the encoding */
    {DOCUMENT("<?xml version='1.0' encoding='utf-8'?>", "K\xfc\x63he", ""), "K" REPLACED "che",
	false},
    {DOCUMENT("", "\xff\xfe", ""), REPLACED REPLACED, false},
    {DOCUMENT("", "x\xe2\x82", ""), "x" REPLACED REPLACED, false},
    {DOCUMENT("<?xml version='1.0' encoding='us-ascii'?>", "K\xc3\xbc\x63he", ""),
	"K\xc3\xbc\x63he", false},
    /* names of encodings that are none, or of another one */
    {DOCUMENT("<?xml version='1.0' encoding=\"UTF-8N\"?>", "\xc3\xbc", ""), "\xc3\xbc", false},
    {DOCUMENT("<?xml version='1.0' encoding='utf8'?>", "\xc3\xbc", ""), "\xc3\xbc", false},
    {DOCUMENT("<?xml version='1.0' encoding='unicode'?>", "\xc3\xbc", ""), "\xc3\xbc", false},
    {DOCUMENT("<?xml version='1.0' encoding=''?>", "\xc3\xbc", ""), "\xc3\xbc", false},
    {DOCUMENT("<?xml version='1.0' encoding=?>", "\xc3\xbc", ""), "\xc3\xbc", false},
    {DOCUMENT("<?xml version='1.0' encoding='UTF-16'?>", "\xc3\xbc", ""), "\xc3\xbc", false},
    {DOCUMENT("<?xml version='1.0' encoding='UCS-4'?>", "\xc3\xbc", ""), "\xc3\xbc", false},
    {DOCUMENT("<?xml version='1.0' encoding='EBCDIC-US'?>", "\xc3\xbc", ""), "\xc3\xbc", false},
    {DOCUMENT("<?xml version='1.0' encoding='../../x'?>", "\xc3\xbc", ""), "\xc3\xbc", false},
    {DOCUMENT("<?xml version='1.0' encoding='ISO-8859-77'?>", "\xc3\xbc", ""), "\xc3\xbc", false},
    {DOCUMENT("<?xml version='1.0' encoding='utf-8>", "\xc3\xbc", ""), "\xc3\xbc", false},
    {DOCUMENT("<?xml version='1.0' encoding = 'windows-1252' ?>", "Bob\x92s", ""),
	"Bob\xe2\x80\x99s", false},
    {DOCUMENT("<?xml encoding='iso-8859-15'?>", "\xa4", ""), "\xe2\x82\xac", false},
    {DOCUMENT("<?xml version='1.0' encoding='Shift_JIS'?>", "\x83\x65\x83\x8c\x83r", ""),
	"\xe3\x83\x86\xe3\x83\xac\xe3\x83\x93", false},
    {DOCUMENT("<?xml version='1.0' encoding='GBK'?>", "\xb5\xe7\xff\xca\xd3", ""),
	"\xe7\x94\xb5" REPLACED "\xe8\xa7\x86", false},
    /* what stands before the document */
    {DOCUMENT("\r\n\r\n<?xml version='1.0'?>", "n", ""), "n", false},
    {DOCUMENT("\xef\xbb\xbf\n <?xml version='1.0'?>", "n", ""), "n", false},
    {DOCUMENT("\0\0\0<?xml version='1.0'?>", "n", ""), "n", false},
    {DOCUMENT("HTTP/1.1 200 OK\r\nServer: x\r\n\r\n<?xml version='1.0' encoding='iso-8859-1'?>",
	 "\xe9", ""),
	"\xc3\xa9", false},
    {DOCUMENT("1f4\r\n<?xml version='1.0'?>\n<?xml version='1.0'?>", "n", ""), "n", false},
    {DOCUMENT("<?xml version='1.0'>", "n", ""), "n", false},
    {DOCUMENT("< ", "n", ""), "n", false},
    {DOCUMENT("<html><p>x</html>", "n", ""), "n", false},
    /* tags in text */
    {DOCUMENT("", "TV <Living>", ""), "TV <Living>", false},
    {DOCUMENT("", "<Living room>", ""), "<Living>", false},
    {DOCUMENT("", "a < b", ""), "a < b", false},
    {DOCUMENT("", "a <", ""), "a <", false},
    {DOCUMENT("", "<3 TV", ""), "<3 TV", false},
    {DOCUMENT("", "a << b <= c <> d", ""), "a << b <= c <> d", false},
    {DOCUMENT("", "a <b>bold</b> c", ""), "a <b>bold</b> c", false},
    {DOCUMENT("", "a <i><b>c</i> d", ""), "a <i><b>c d", false},
    {DOCUMENT("", "a <!b> <? ]]> c", ""), "a <!b> <? ]]> c", false},
    {DOCUMENT("", "a > b", ""), "a > b", false},
    {DOCUMENT("", "a<!-- <b> & -->z<?pi x?>", ""), "az", false},
    {DOCUMENT("", "<![CDATA[a & <b> &amp; ]] ]>]]]>", ""), "a & <b> &amp; ]] ]>]", false},
    {DOCUMENT("", "<![cdata[a]]>", ""), "a", false},
    /* tags that do not match */
    {SLICE("<root><device><UDN>uuid:1</UDN><modelName>M1</modelName><x>y</device></root>"), NULL,
	false},
    {SLICE("<root><device><UDN>uuid:1<modelName>M1</modelName></device></root>"), NULL, false},
    {SLICE("<root><device><UDN>uuid:1</Udn><modelName>M1</modelname></device></root>"), NULL,
	false},
    {SLICE("<root><device><UDN>uuid:1</UDN></x></y></z></w><modelName>M1</modelName></device>"
	   "</root>"),
	NULL, false},
    {SLICE("<root><device><modelUrl>u</modelURL><UDN>uuid:1</UDN><modelName>M1</modelName></device>"
	   "</root>"),
	NULL, false},
    {SLICE("<root><device><UDN>uuid:1</UDN ><modelName>M1</ modelName></device></root>"), NULL,
	false},
    {SLICE("<root><device><UDN>uuid:1</UDN<modelName>M1</modelName></device></root>"), NULL, false},
    {SLICE("<root><device><serviceList><service><serviceType>t</serviceList><UDN>uuid:1</UDN>"
	   "<modelName>M1</modelName></device></root>"),
	NULL, false},
    {SLICE("<u:root><u:device><u:UDN>uuid:1</u:UDN><modelName>M1</u:modelName></device></u:root>"),
	NULL, false},
    {DOCUMENT("", "n", "<x></device></root>"), "n", false},
    {SLICE(AROUND("", "n", "</device>")), "n", true},
    {SLICE(AROUND("", "n", "</device></roo")), "n", true},
    {SLICE(AROUND("", "n", "<serialNumber>12")), "n", true},
    {SLICE(AROUND("", "n", "<!--")), "n", true},
    {SLICE(AROUND("", "n", "<![CDATA[x")), "n", true},
    {SLICE(AROUND("", "n", "<x a='")), "n", true},
    {SLICE(AROUND("", "n", "&am")), "n", true},
    /* attributes */
    {SLICE("<root a='1' a='2'><device a=b c><UDN x=>uuid:1</UDN 'y'><modelName/><modelName b='>'"
	   ">M1</modelName></device></root>"),
	NULL, false},
    {SLICE("<root><device><UDN a=\"b>uuid:0</UDN><UDN>uuid:1</UDN><modelName c='d\"e>f'>M1"
	   "</modelName></device></root>"),
	NULL, false},
    {SLICE("<root xmlns='a&b' xmlns:=''><device/ x><UDN xml:lang=de/>uuid:1</UDN>"
	   "<modelName>M1</modelName></device></root>"),
	NULL, false},
#undef DOCUMENT
};

static void check_broken(const struct description *d, size_t i)
{
	ck_assert_str_eq(d->devices[0].udn, "uuid:1");
	ck_assert_str_eq(d->devices[0].model_name, "M1");
	if (BROKEN[i].name)
		ck_assert_str_eq(d->devices[0].friendly_name, BROKEN[i].name);
	ck_assert_int_eq(d->whole, !BROKEN[i].cut);
}

START_TEST(what_is_broken_costs_no_more_than_itself)
{
	static const size_t STEPS[] = {1, 2, 3, 7, 64, SIZE_MAX};

	for (size_t k = 0; k < COUNT_OF(STEPS); k++) {
		struct description *d;
		ck_assert_int_eq(read_in_steps(BROKEN[_i].document, STEPS[k], &d), 0);
		check_broken(d, (size_t)_i);
		description_free(d);
	}
}
END_TEST

/* The last byte of "</root>" is enough, in whatever pieces it comes. */
START_TEST(the_end_of_the_root_element_is_seen_at_once)
{
	struct slice document = SLICE("<u:root>" NAMED("n") "</u:root\n>");

	for (size_t step = 1; step <= document.len; step++) {
		struct description_reader *reader = description_reader_new(document.len);
		struct slice rest = SLICE(NAMED("n"));
		for (; rest.len > 1; rest = slice_skip(rest, step)) {
			ck_assert(!description_reader_complete(reader));
			struct slice piece = slice_head(slice_head(rest, rest.len - 1), step);
			ck_assert_int_eq(description_reader_feed(reader, piece), 0);
			if (step >= rest.len)
				break;
		}
		ck_assert(!description_reader_complete(reader));
		ck_assert_int_eq(description_reader_feed(reader, SLICE(">")), 0);
		ck_assert(description_reader_complete(reader));
		description_reader_free(reader);
	}
}
END_TEST

/* In both byte orders, with a mark and without one, behind a blank line, with half a pair in it. */
START_TEST(utf_16_is_read)
{
	static const char TEXT[] = "\r\n<?xml version='1.0' encoding='UTF-16'?>"
				   "<root><device><UDN>uuid:1</UDN><modelName>M1</modelName>"
				   "<friendlyName>?\xe9</friendlyName></device></root>";

	for (int variant = 0; variant < 8; variant++) {
		bool high_first = variant & 1, marked = variant & 2, broken = variant & 4;
		char bytes[2 * sizeof(TEXT) + 2];
		size_t len = 0;
		for (size_t i = marked ? 0 : 2; i < sizeof(TEXT) - 1; i++) {
			unsigned unit = (unsigned char)TEXT[i];
			if (marked && i == 0)
				unit = 0xfeff;
			if (TEXT[i] == '?' && TEXT[i + 1] == '\xe9')
				unit = broken ? 0xd800 : '!';
			bytes[len++] = (char)(high_first ? unit >> 8 : unit);
			bytes[len++] = (char)(high_first ? unit : unit >> 8);
		}
		for (size_t step = 1; step < 5; step++) {
			struct description *d;
			ck_assert_int_eq(read_in_steps((struct slice){bytes, len}, step, &d), 0);
			ck_assert_str_eq(d->devices[0].udn, "uuid:1");
			ck_assert_str_eq(d->devices[0].friendly_name,
			    broken ? REPLACED "\xc3\xa9" : "!\xc3\xa9");
			description_free(d);
		}
	}
}
END_TEST

START_TEST(a_doctype_is_refused_wherever_it_stands)
{
	static const struct slice DOCUMENTS[] = {
	    SLICE("\r\n<!DOCTYPE x>" NAMED("n")),
	    SLICE("<!doctype html><root><device/></root>"),
	    SLICE("<root><!DOCTYPE x [<!ENTITY e 'v'>]><device/></root>"),
	    SLICE("<root><device><UDN>uuid:1</UDN><!ENTITY e 'v'></device></root>"),
	    SLICE("<root><device><UDN>uuid:1<!DOCTYPE "),
	};

	for (size_t i = 0; i < COUNT_OF(DOCUMENTS); i++)
		ck_assert_int_eq(read_error(DOCUMENTS[i]), -EPERM);
	ck_assert_int_eq(read_error(SLICE("<!-- <!DOCTYPE x> -->" NAMED("n"))), 0);
}
END_TEST

START_TEST(a_service_that_is_cut_is_kept_with_what_it_has)
{
	struct description *d = read_whole(SLICE(
	    "<root><device><UDN>uuid:1</UDN><serviceList><service><serviceType>a</serviceType>"
	    "<SCPDURL>/a</SCPDURL></service><service><serviceType>b</serviceType><serviceId>x"));

	ck_assert_uint_eq(d->service_count, 2);
	ck_assert_str_eq(d->services[0].scpd_url, "/a");
	ck_assert_str_eq(d->services[1].type, "b");
	ck_assert_ptr_null(d->services[1].id);
	description_free(d);
	d = read_whole(SLICE("<root><device><UDN>uuid:1</UDN><serviceList><service><serviceId>x"));
	ck_assert_uint_eq(d->service_count, 0);
	description_free(d);
}
END_TEST

Suite *description_recovery_suite(void)
{
	Suite *suite = suite_create("wire/description recovery");
	TCase *tcase = tcase_create("recovery");

	add_test_of_rows(tcase, what_is_broken_costs_no_more_than_itself, BROKEN);
	tcase_add_test(tcase, the_end_of_the_root_element_is_seen_at_once);
	tcase_add_test(tcase, utf_16_is_read);
	tcase_add_test(tcase, a_doctype_is_refused_wherever_it_stands);
	tcase_add_test(tcase, a_service_that_is_cut_is_kept_with_what_it_has);
	suite_add_tcase(suite, tcase);
	return suite;
}
