/* SPDX-License-Identifier: ISC
 * xml_encodings: keeps a converter open for each encoding, which keeps its code in memory. */
#include "wire/xml_encodings.h"
#include "base/array.h"
#include <iconv.h>
#include <stdlib.h>

/* One name for each library; all of them together would take 700 KB. */
static const char *const NAMES[] = {"UTF-16", "ISO-8859-1", "ISO-8859-2", "ISO-8859-5",
    "ISO-8859-7", "ISO-8859-9", "ISO-8859-15", "windows-1250", "windows-1251", "windows-1252",
    "windows-1253", "windows-1254", "windows-1256", "KOI8-R", "GB2312", "GBK", "GB18030", "Big5",
    "EUC-JP", "EUC-KR", "Shift_JIS", "CP932", "CP949", "TIS-620"};

struct xml_encodings {
	iconv_t converters[COUNT_OF(NAMES)]; /* (iconv_t)-1: not known here */
};

struct xml_encodings *xml_encodings_load(void)
{
	struct xml_encodings *encodings = calloc(1, sizeof(*encodings));

	for (size_t i = 0; encodings && i < COUNT_OF(NAMES); i++)
		encodings->converters[i] = iconv_open("UTF-8", NAMES[i]);
	return encodings;
}

void xml_encodings_free(struct xml_encodings *encodings)
{
	for (size_t i = 0; encodings && i < COUNT_OF(NAMES); i++)
		if (encodings->converters[i] != (iconv_t)-1)
			iconv_close(encodings->converters[i]);
	free(encodings);
}
