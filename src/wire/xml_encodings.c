/* SPDX-License-Identifier: ISC
 * xml_encodings: the labels of encodings, tables of those with one byte a character, and
 * converters of the others. */
#include "wire/xml_encodings.h"
#include "base/array.h"
#include "base/ascii.h"
#include "base/text.h"
#include <stdlib.h>

/* clang-format off */
/* The characters of the bytes 0x80 to 0xff, or of 0xa0 to 0xff; U+FFFD where there is none. */
static const char ISO_8859_2[] =
    "\u00a0Ą˘Ł¤ĽŚ§¨ŠŞŤŹ\u00adŽŻ°ą˛ł´ľśˇ¸šşťź˝žż"
    "ŔÁÂĂÄĹĆÇČÉĘËĚÍÎĎĐŃŇÓÔŐÖ×ŘŮÚŰÜÝŢß"
    "ŕáâăäĺćçčéęëěíîďđńňóôőö÷řůúűüýţ˙";
static const char ISO_8859_5[] =
    "\u00a0ЁЂЃЄЅІЇЈЉЊЋЌ\u00adЎЏАБВГДЕЖЗИЙКЛМНОП"
    "РСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмноп"
    "рстуфхцчшщъыьэюя№ёђѓєѕіїјљњћќ§ўџ";
static const char ISO_8859_7[] =
    "\u00a0‘’£€₯¦§¨©ͺ«¬\u00ad�―°±²³΄΅Ά·ΈΉΊ»Ό½ΎΏ"
    "ΐΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡ�ΣΤΥΦΧΨΩΪΫάέήί"
    "ΰαβγδεζηθικλμνξοπρςστυφχψωϊϋόύώ�";
static const char ISO_8859_15[] =
    "\u00a0¡¢£€¥Š§š©ª«¬\u00ad®¯°±²³Žµ¶·ž¹º»ŒœŸ¿"
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞß"
    "àáâãäåæçèéêëìíîïðñòóôõö÷øùúûüýþÿ";
static const char KOI8_R[] =
    "─│┌┐└┘├┤┬┴┼▀▄█▌▐░▒▓⌠■∙√≈≤≥\u00a0⌡°²·÷"
    "═║╒ё╓╔╕╖╗╘╙╚╛╜╝╞╟╠╡Ё╢╣╤╥╦╧╨╩╪╫╬©"
    "юабцдефгхийклмнопярстужвьызшэщчъ"
    "ЮАБЦДЕФГХИЙКЛМНОПЯРСТУЖВЬЫЗШЭЩЧЪ";
static const char CP874[] =
    "€����…�����������‘’“”•–—��������"
    "\u00a0กขฃคฅฆงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟ"
    "ภมยรฤลฦวศษสหฬอฮฯะัาำิีึื\u0e38\u0e39\u0e3a����฿"
    "เแโใไๅๆ็\u0e48\u0e49\u0e4a\u0e4b์ํ๎๏๐๑๒๓๔๕๖๗๘๙๚๛����";
static const char CP1250[] =
    "€�‚�„…†‡�‰Š‹ŚŤŽŹ�‘’“”•–—�™š›śťžź"
    "\u00a0ˇ˘Ł¤Ą¦§¨©Ş«¬\u00ad®Ż°±˛ł´µ¶·¸ąş»Ľ˝ľż"
    "ŔÁÂĂÄĹĆÇČÉĘËĚÍÎĎĐŃŇÓÔŐÖ×ŘŮÚŰÜÝŢß"
    "ŕáâăäĺćçčéęëěíîďđńňóôőö÷řůúűüýţ˙";
static const char CP1251[] =
    "ЂЃ‚ѓ„…†‡€‰Љ‹ЊЌЋЏђ‘’“”•–—�™љ›њќћџ"
    "\u00a0ЎўЈ¤Ґ¦§Ё©Є«¬\u00ad®Ї°±Ііґµ¶·ё№є»јЅѕї"
    "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ"
    "абвгдежзийклмнопрстуфхцчшщъыьэюя";
static const char CP1252[] =
    "€�‚ƒ„…†‡ˆ‰Š‹Œ�Ž��‘’“”•–—˜™š›œ�žŸ"
    "\u00a0¡¢£¤¥¦§¨©ª«¬\u00ad®¯°±²³´µ¶·¸¹º»¼½¾¿"
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞß"
    "àáâãäåæçèéêëìíîïðñòóôõö÷øùúûüýþÿ";
static const char CP1253[] =
    "€�‚ƒ„…†‡�‰�‹�����‘’“”•–—�™�›����"
    "\u00a0΅Ά£¤¥¦§¨©�«¬\u00ad®―°±²³΄µ¶·ΈΉΊ»Ό½ΎΏ"
    "ΐΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡ�ΣΤΥΦΧΨΩΪΫάέήί"
    "ΰαβγδεζηθικλμνξοπρςστυφχψωϊϋόύώ�";
static const char CP1254[] =
    "€�‚ƒ„…†‡ˆ‰Š‹Œ����‘’“”•–—˜™š›œ��Ÿ"
    "\u00a0¡¢£¤¥¦§¨©ª«¬\u00ad®¯°±²³´µ¶·¸¹º»¼½¾¿"
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏĞÑÒÓÔÕÖ×ØÙÚÛÜİŞß"
    "àáâãäåæçèéêëìíîïğñòóôõö÷øùúûüışÿ";
static const char CP1256[] =
    "€پ‚ƒ„…†‡ˆ‰ٹ‹Œچژڈگ‘’“”•–—ک™ڑ›œ\u200c\u200dں"
    "\u00a0،¢£¤¥¦§¨©ھ«¬\u00ad®¯°±²³´µ¶·¸¹؛»¼½¾؟"
    "ہءآأؤإئابةتثجحخدذرزسشصض×طظعغـفقك"
    "àلâمنهوçèéêëىيîï\u064b\u064c\u064d\u064eô\u064f\u0650÷\u0651ù\u0652ûü\u200e\u200fے";
/* clang-format on */

/* As the Encoding Standard of WHATWG, 4.2, takes them: an encoding that is a part of another one
 * stands for that. */
static const struct xml_encoding ENCODINGS[] = {
    {"windows1252 cp1252 iso88591 latin1", CP1252, NULL, NULL},
    {"iso88592 latin2", ISO_8859_2, NULL, NULL},
    {"iso88595", ISO_8859_5, NULL, NULL},
    {"iso88597", ISO_8859_7, NULL, NULL},
    {"iso885915 latin9", ISO_8859_15, NULL, NULL},
    {"koi8r", KOI8_R, NULL, NULL},
    {"windows874 cp874 tis620 iso885911", CP874, NULL, NULL},
    {"windows1250 cp1250", CP1250, NULL, NULL},
    {"windows1251 cp1251", CP1251, NULL, NULL},
    {"windows1253 cp1253", CP1253, NULL, NULL},
    {"windows1254 cp1254 iso88599 latin5", CP1254, NULL, NULL},
    {"windows1256 cp1256", CP1256, NULL, NULL},
    {"gb18030 gbk gb2312 cp936", NULL, "GB18030", NULL},
    {"big5", NULL, "BIG5", NULL},
    {"eucjp", NULL, "EUC-JP", NULL},
    {"shiftjis sjis windows31j cp932", NULL, "CP932", "SHIFT_JIS"},
    {"euckr cp949", NULL, "CP949", NULL},
};

const struct xml_encoding *xml_encoding_find(struct slice name)
{
	char label[XML_ENCODING_NAME_MAX];
	size_t len = 0;

	for (size_t i = 0; i < name.len; i++) {
		if (name.bytes[i] == '-' || name.bytes[i] == '_')
			continue;
		if (len == sizeof(label))
			return NULL;
		label[len++] = ascii_lower(name.bytes[i]);
	}
	for (size_t i = 0; i < COUNT_OF(ENCODINGS); i++) {
		struct slice rest = slice_of(ENCODINGS[i].labels), one;
		while (slice_cut(&rest, ' ', &one))
			if (slice_equal(one, (struct slice){label, len}))
				return &ENCODINGS[i];
	}
	return NULL;
}

void xml_encoding_table(const struct xml_encoding *encoding, uint16_t characters[128])
{
	struct slice rest = slice_of(encoding->upper);
	uint16_t control = 0x80;
	size_t used, i = 128;

	for (; rest.len > 0; rest = slice_skip(rest, used), i--) {
		int32_t c;
		used = text_decode(rest, &c);
	}
	/* What is before the characters of the table are control characters. */
	for (size_t k = 0; k < i; k++)
		characters[k] = control++;
	for (rest = slice_of(encoding->upper); rest.len > 0; rest = slice_skip(rest, used)) {
		int32_t c;
		used = text_decode(rest, &c);
		characters[i++] = (uint16_t)c;
	}
}

iconv_t xml_encoding_open(const struct xml_encoding *encoding)
{
	iconv_t converter = iconv_open("UTF-8", encoding->converter);

	return converter == (iconv_t)-1 && encoding->lesser ? iconv_open("UTF-8", encoding->lesser)
							    : converter;
}

struct xml_encodings {
	iconv_t converters[COUNT_OF(ENCODINGS)]; /* (iconv_t)-1: none */
};

struct xml_encodings *xml_encodings_load(void)
{
	struct xml_encodings *encodings = calloc(1, sizeof(*encodings));

	for (size_t i = 0; encodings && i < COUNT_OF(ENCODINGS); i++)
		encodings->converters[i] =
		    ENCODINGS[i].converter ? xml_encoding_open(&ENCODINGS[i]) : (iconv_t)-1;
	return encodings;
}

void xml_encodings_free(struct xml_encodings *encodings)
{
	for (size_t i = 0; encodings && i < COUNT_OF(ENCODINGS); i++)
		if (encodings->converters[i] != (iconv_t)-1)
			iconv_close(encodings->converters[i]);
	free(encodings);
}
