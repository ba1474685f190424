/* SPDX-License-Identifier: ISC
 * Tests of wire/xml_decode. */
#include "base/array.h"
#include "suites.h"
#include "wire/expect.h"
#include "wire/xml_decode.h"
#include <string.h>

#define REPLACED "\xef\xbf\xbd"

struct output {
	char bytes[256];
	size_t len;
};

static void append(void *context, struct slice text)
{
	struct output *output = context;

	ck_assert_uint_gt(text.len, 0);
	ck_assert_uint_le(output->len + text.len, sizeof(output->bytes));
	memcpy(output->bytes + output->len, text.bytes, text.len);
	output->len += text.len;
}

static const struct {
	struct slice bytes;
	const char *text;
} DOCUMENTS[] = {
    {SLICE(""), ""},
    {SLICE("no document"), ""},
    {SLICE("<"), ""},
    {SLICE("<a"), "<a"},
    {SLICE("\xef\xbb\xbf<a>\xc3\xbc"), "<a>\xc3\xbc"},
    {SLICE("\r\n \0HTTP/1.1 200 OK\r\n\r\n<a>"), "<a>"},
    {SLICE("<?xml"), "<?xml"},
    {SLICE("<?xml encoding='iso-8859-1'?>\xfc"), "<?xml encoding='iso-8859-1'?>\xc3\xbc"},
    {SLICE("<?xml encoding='iso-8859-1'"), "<?xml encoding='iso-8859-1'"},
    {SLICE("<?xml encoding='iso-8859-2'?>\xa1\x80\x01"),
	"<?xml encoding='iso-8859-2'?>\xc4\x84\xc2\x80" REPLACED},
    {SLICE("<?xml encoding='windows-1251'?>\x98\xff<"),
	"<?xml encoding='windows-1251'?>" REPLACED "\xd1\x8f<"},
    {SLICE("<?xml encoding='no-such'?>\xc3\xbc"), "<?xml encoding='no-such'?>\xc3\xbc"},
    {SLICE("<?xml encoding='windows-1252//IGNORE'?>\xfc"),
	"<?xml encoding='windows-1252//IGNORE'?>" REPLACED},
    {SLICE("<a>encoding='iso-8859-1'\xfc"), "<a>encoding='iso-8859-1'" REPLACED},
    {SLICE("<?xml encoding='EUC-JP'?>\xa4\xa2\xa4"),
	"<?xml encoding='EUC-JP'?>\xe3\x81\x82" REPLACED},
    {SLICE("<a\xf0\x9f\x92\xa1\xf0\x9f\x92"), "<a\xf0\x9f\x92\xa1" REPLACED REPLACED REPLACED},
    {SLICE("<a\xc0\x80\xf5\x80\xed\xa0\x80"),
	"<a" REPLACED REPLACED REPLACED REPLACED REPLACED REPLACED REPLACED},
    {SLICE("<a\x01\t\r\n\x1f\0\x7f\xef\xbf\xbe"),
	"<a" REPLACED "\t\r\n" REPLACED REPLACED "\x7f" REPLACED},
    {SLICE("<\0a\0\xfc\0\x3d\xd8\xa1\xdc"), "<a\xc3\xbc\xf0\x9f\x92\xa1"},
    {SLICE("\0<\0a\0\xfc\xd8\x3d\xdc\xa1"), "<a\xc3\xbc\xf0\x9f\x92\xa1"},
    {SLICE("\xff\xfe\n\0<\0a\0\x3d\xd8\x62\0"), "<a" REPLACED "b"},
    {SLICE("\xfe\xff\0\n\0<\0a\0b\0"), "<ab" REPLACED},
    {SLICE("\xff\xfe<\0a\0\x3d\xd8"), "<a" REPLACED},
    {SLICE("\xff\xfe<\0a\0\xa1\xdc\x3d\xd8\x3d\xd8\xa1\xdc"),
	"<a" REPLACED REPLACED "\xf0\x9f\x92\xa1"},
    {SLICE("\xff\xfe<\0\xfe\xff\x01\0"), "<" REPLACED REPLACED},
};

START_TEST(a_document_becomes_utf_8_in_any_pieces)
{
	struct slice bytes = DOCUMENTS[_i].bytes;

	for (size_t step = 1; step <= bytes.len + 1; step++) {
		struct output output = {0};
		struct xml_decoder decoder;
		xml_decoder_init(&decoder, append, &output);
		for (size_t at = 0; at < bytes.len; at += step)
			xml_decoder_feed(&decoder, slice_head(slice_skip(bytes, at), step));
		xml_decoder_finish(&decoder);
		xml_decoder_fini(&decoder);
		ck_assert_slice(((struct slice){output.bytes, output.len}), DOCUMENTS[_i].text);
	}
}
END_TEST

/* A declaration that does not end is text, after as many bytes as are held back at most. */
START_TEST(an_endless_declaration_is_not_waited_for)
{
	char bytes[XML_DECLARATION_MAX];
	struct output output = {0};
	struct xml_decoder decoder;

	memset(bytes, ' ', sizeof(bytes));
	memcpy(bytes, "<?xml", 5);
	xml_decoder_init(&decoder, append, &output);
	xml_decoder_feed(&decoder, (struct slice){bytes, sizeof(bytes) - 1});
	ck_assert_uint_eq(output.len, 0);
	xml_decoder_feed(&decoder, SLICE(" "));
	ck_assert_uint_eq(output.len, sizeof(bytes));
	xml_decoder_fini(&decoder);
}
END_TEST

Suite *xml_decode_suite(void)
{
	Suite *suite = suite_create("wire/xml_decode");
	TCase *tcase = tcase_create("xml_decode");

	add_test_of_rows(tcase, a_document_becomes_utf_8_in_any_pieces, DOCUMENTS);
	tcase_add_test(tcase, an_endless_declaration_is_not_waited_for);
	suite_add_tcase(suite, tcase);
	return suite;
}
