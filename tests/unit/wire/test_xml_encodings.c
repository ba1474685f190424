/* SPDX-License-Identifier: ISC
 * Tests of wire/xml_encodings. */
#include "suites.h"
#include "wire/xml_decode.h"
#include "wire/xml_encodings.h"
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
		decode(SLICE("<\0a\0>\0\xfc\0"), "\xc3\xbc");
	}
	ck_assert_uint_eq(count_libraries(), before);
	xml_encodings_free(encodings);
	xml_encodings_free(NULL);
}
END_TEST

Suite *xml_encodings_suite(void)
{
	Suite *suite = suite_create("wire/xml_encodings");
	TCase *tcase = tcase_create("xml_encodings");
	tcase_add_test(tcase, loaded_encodings_need_no_more_code);
	suite_add_tcase(suite, tcase);
	return suite;
}
