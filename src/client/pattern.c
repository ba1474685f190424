/* SPDX-License-Identifier: ISC
 * pattern: see pattern.h. */
#include "client/pattern.h"
#include "base/text.h"
#include <fnmatch.h>
#include <locale.h>
#include <wchar.h>
#include <wctype.h>

enum { FOLDED_MAX = 2048, TEXT_MAX = FOLDED_MAX / 2 - 24 };

/* The classes of characters of UTF-8, in any locale of the user. (locale_t)0 where the system has
 * no such locale: then only ASCII is folded. */
static locale_t utf8_locale(void)
{
	static locale_t locale;
	static bool tried;

	if (!tried)
		locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	tried = true;
	return locale;
}

/* Upper case first: several lower-case letters (σ and ς) have one capital. */
static uint32_t fold(uint32_t c)
{
	locale_t locale = utf8_locale();

	if (!locale)
		return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
	return (uint32_t)towlower_l(towupper_l((wint_t)c, locale), locale);
}

void pattern_fold(struct slice text, struct writer *w)
{
	while (text.len) {
		int32_t code_point;
		size_t used = text_decode(text, &code_point);
		if (code_point < 0)
			writer_slice(w, slice_head(text, used));
		else
			text_encode(fold((uint32_t)code_point), w);
		text = slice_skip(text, used);
	}
}

bool pattern_is_glob(struct slice pattern)
{
	return slice_find(pattern, '*') < pattern.len || slice_find(pattern, '?') < pattern.len ||
	       slice_find(pattern, '[') < pattern.len;
}

/* A folded copy, NUL-terminated; false where it is too long. */
static bool fold_into(struct slice text, char buffer[FOLDED_MAX])
{
	struct writer w;

	if (!text.bytes || text.len > TEXT_MAX)
		return false;
	writer_init(&w, buffer, FOLDED_MAX);
	pattern_fold(text, &w);
	writer_char(&w, '\0');
	return !writer_error(&w);
}

/* fnmatch() takes "?" for one character in a locale of UTF-8 only. */
static bool glob_matches(const char *pattern, const char *text)
{
	locale_t locale = utf8_locale(), before = locale ? uselocale(locale) : (locale_t)0;
	bool matches = fnmatch(pattern, text, 0) == 0;

	if (locale)
		uselocale(before);
	return matches;
}

enum pattern_match pattern_match(struct slice pattern, struct slice text)
{
	char folded_pattern[FOLDED_MAX], folded_text[FOLDED_MAX];

	if (!fold_into(pattern, folded_pattern) || !fold_into(text, folded_text))
		return PATTERN_NONE;
	struct slice p = slice_of(folded_pattern), t = slice_of(folded_text);
	if (slice_equal(p, t))
		return PATTERN_WHOLE;
	if (pattern_is_glob(p))
		return glob_matches(folded_pattern, folded_text) ? PATTERN_WHOLE : PATTERN_NONE;
	return p.len && slice_starts_with(t, p) ? PATTERN_BEGINS : PATTERN_NONE;
}

/* The last `count` parts between colons; the whole text where there are fewer. */
static struct slice last_parts(struct slice text, int count)
{
	for (size_t i = text.len; i > 0; i--)
		if (text.bytes[i - 1] == ':' && --count == 0)
			return slice_skip(text, i);
	return text;
}

struct slice pattern_type_name(struct slice type)
{
	if (slice_starts_with(type, SLICE("_")))
		return slice_head(slice_skip(type, 1), slice_find(slice_skip(type, 1), '.'));
	if (!slice_starts_with_nocase(type, SLICE("urn:")))
		return type;
	struct slice two = last_parts(type, 2);
	return slice_head(two, slice_find(two, ':'));
}

bool pattern_matches_type(struct slice pattern, struct slice type)
{
	return pattern_match(pattern, type) == PATTERN_WHOLE ||
	       pattern_match(pattern, last_parts(type, 2)) == PATTERN_WHOLE ||
	       pattern_match(pattern, pattern_type_name(type)) == PATTERN_WHOLE;
}
