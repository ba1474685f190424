/* SPDX-License-Identifier: ISC
 * Tests of wire/xml_encodings. */
#include "base/array.h"
#include "base/text.h"
#include "suites.h"
#include "wire/xml_decode.h"
#include "wire/xml_encodings.h"
#include <iconv.h>
#include <stdio.h>
#include <string.h>

static char decoded[256];

static void keep(void *context, struct slice text)
{
	(void)context;
	ck_assert_uint_lt(strlen(decoded) + text.len, sizeof(decoded));
	strncat(decoded, text.bytes, text.len);
}

static void decode(struct slice text, const char *expected)
{
	struct xml_decoder decoder;

	decoded[0] = '\0';
	xml_decoder_init(&decoder, keep, NULL);
	xml_decoder_feed(&decoder, text);
	xml_decoder_finish(&decoder);
	xml_decoder_fini(&decoder);
	ck_assert_ptr_nonnull(strstr(decoded, expected));
}

/* Mappings of files, which no C library but glibc has for encodings. */
static unsigned count_libraries(void)
{
	char line[512];
	unsigned count = 0;
	FILE *file = fopen("/proc/self/maps", "re");

	while (file && fgets(line, sizeof(line), file))
		count += strstr(line, ".so") != NULL;
	if (file)
		fclose(file);
	return count;
}

START_TEST(loaded_encodings_need_no_more_code)
{
	struct xml_encodings *encodings = xml_encodings_load();
	unsigned before = count_libraries();

	ck_assert_ptr_nonnull(encodings);
	for (unsigned round = 0; round < 3; round++) {
		decode(SLICE("<?xml encoding='EUC-JP'?>\xa4\xa2"), "\xe3\x81\x82");
		decode(SLICE("<?xml encoding='GB2312'?>\xc4\xe3"), "\xe4\xbd\xa0");
		decode(SLICE("<?xml encoding='latin1'?>\xfc"), "\xc3\xbc");
		decode(SLICE("<?xml encoding='cp1251'?>\xff"), "\xd1\x8f");
		decode(SLICE("<?xml encoding='Shift_JIS'?>\x82\xa0"), "\xe3\x81\x82");
		decode(SLICE("<?xml encoding='Big5'?>\xa7\x41"), "\xe4\xbd\xa0");
		decode(SLICE("<?xml encoding='euc-kr'?>\xb0\xa1"), "\xea\xb0\x80");
		decode(SLICE("<\0a\0>\0\xfc\0"), "\xc3\xbc");
	}
	ck_assert_uint_eq(count_libraries(), before);
	xml_encodings_free(encodings);
	xml_encodings_free(NULL);
}
END_TEST

START_TEST(names_are_known_in_any_spelling)
{
	static const char *const SAME[] = {"ISO-8859-1", "iso_8859-1", "ISO8859-1", "Latin-1",
	    "windows-1252", "WINDOWS_1252", "cp1252"};
	static const char *const UNKNOWN[] = {"", "-", "utf-8", "UTF-16", "ISO-8859-77", "../../x",
	    "windows-1252//IGNORE", "windows", "latin1latin1latin1latin1", " latin1"};

	for (size_t i = 0; i < COUNT_OF(SAME); i++)
		ck_assert_ptr_eq(
		    xml_encoding_find(slice_of(SAME[i])), xml_encoding_find(SLICE("windows-1252")));
	for (size_t i = 0; i < COUNT_OF(UNKNOWN); i++)
		ck_assert_ptr_null(xml_encoding_find(slice_of(UNKNOWN[i])));
	ck_assert_ptr_null(xml_encoding_find(SLICE_NONE));
}
END_TEST

/* The character that the C library has for a byte; U+FFFD: none. */
static int32_t character_of(iconv_t converter, unsigned char byte)
{
	char in = (char)byte, utf8[8], *from = &in, *to = utf8;
	size_t in_len = 1, room = sizeof(utf8);
	int32_t c = 0xfffd;

	iconv(converter, NULL, NULL, NULL, NULL);
	if (iconv(converter, &from, &in_len, &to, &room) != (size_t)-1)
		text_decode((struct slice){utf8, sizeof(utf8) - room}, &c);
	return c;
}

static const char *const SINGLE_BYTES[] = {"ISO-8859-2", "ISO-8859-5", "ISO-8859-7", "ISO-8859-15",
    "KOI8-R", "CP874", "CP1250", "CP1251", "CP1252", "CP1253", "CP1254", "CP1256"};

START_TEST(tables_say_what_the_c_library_says)
{
	const char *name = SINGLE_BYTES[_i];
	const struct xml_encoding *encoding = xml_encoding_find(slice_of(name));
	uint16_t characters[XML_ENCODING_UPPER];
	iconv_t converter = iconv_open("UTF-8", name);

	if (converter == (iconv_t)-1)
		return;
	ck_assert_ptr_nonnull(encoding);
	xml_encoding_table(encoding, characters);
	for (unsigned i = 0; i < XML_ENCODING_UPPER; i++)
		ck_assert_msg(characters[i] == character_of(converter, (unsigned char)(0x80 + i)),
		    "%s 0x%x", name, 0x80 + i);
	iconv_close(converter);
}
END_TEST

Suite *xml_encodings_suite(void)
{
	Suite *suite = suite_create("wire/xml_encodings");
	TCase *tcase = tcase_create("xml_encodings");
	tcase_add_test(tcase, loaded_encodings_need_no_more_code);
	tcase_add_test(tcase, names_are_known_in_any_spelling);
	tcase_add_loop_test(
	    tcase, tables_say_what_the_c_library_says, 0, (int)COUNT_OF(SINGLE_BYTES));
	suite_add_tcase(suite, tcase);
	return suite;
}
