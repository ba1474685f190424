/* SPDX-License-Identifier: ISC
 * fuzz_glob: any pattern (the first line) and any text (the rest), compared with a matcher that
 * tries all possibilities. */
#include "base/ascii.h"
#include "base/glob.h"
#include "fuzz.h"
#include <errno.h>
#include <string.h>
#include <wctype.h>

enum { TEXT_MAX = 64, NO = 1, YES };

/* What is known of each place in the pattern and each place in the text. */
struct trial {
	const char *pattern;
	struct slice text;
	char known[GLOB_MAX + 1][TEXT_MAX + 1];
};

static bool is_continuation(unsigned char byte)
{
	return byte >= 0x80 && byte < 0xc0;
}

static unsigned char upper(unsigned char byte)
{
	return byte >= 'a' && byte <= 'z' ? (unsigned char)(byte - 'a' + 'A') : byte;
}

/* In the range, in either case. */
static bool in_range(unsigned char byte, unsigned char first, unsigned char last)
{
	unsigned char low = (unsigned char)ascii_lower((char)byte), high = upper(byte);

	return (low >= first && low <= last) || (high >= first && high <= last);
}

static bool in_class(unsigned char byte, struct slice name)
{
	char text[16] = "";

	memcpy(text, name.bytes, name.len);
	wctype_t class = wctype(text);
	return class && byte < 0x80 &&
	       (iswctype((wint_t)ascii_lower((char)byte), class) || iswctype(upper(byte), class));
}

/* The length of "[:name:]" here; 0 where there is none. */
static size_t class_length(const char *at)
{
	const char *end = strncmp(at, "[:", 2) == 0 ? strstr(at + 2, ":]") : NULL;

	return end && end - at < 2 + 16 ? (size_t)(end + 2 - at) : 0;
}

/* Whether the set that follows "[" has the byte, and what follows the set; NULL: it has no end. */
static const char *try_set(const char *at, unsigned char byte, bool *has)
{
	bool negated = *at == '!' || *at == '^', found = false;
	const char *first = at + negated;

	for (at = first; *at && (*at != ']' || at == first);) {
		size_t length = class_length(at);
		if (length > 0) {
			found = found || in_class(byte, (struct slice){at + 2, length - 4});
			at += length;
			continue;
		}
		at += *at == '\\' && at[1];
		unsigned char from = (unsigned char)*at++, to = from;
		if (*at == '-' && at[1] && at[1] != ']') {
			at += at[1] == '\\' && at[2] ? 2 : 1;
			to = (unsigned char)*at++;
		}
		found = found || in_range(byte, from, to);
	}
	*has = found != negated;
	return *at ? at + 1 : NULL;
}

static bool matches(struct trial *trial, size_t p, size_t t);

/* One character of the text, at least its first byte, is taken by what stands before `next`. */
static bool matches_character(struct trial *trial, const char *next, size_t t)
{
	if (t == trial->text.len || is_continuation((unsigned char)trial->text.bytes[t]))
		return false;
	do
		if (matches(trial, (size_t)(next - trial->pattern), ++t))
			return true;
	while (t < trial->text.len && is_continuation((unsigned char)trial->text.bytes[t]));
	return false;
}

static bool try_place(struct trial *trial, size_t p, size_t t)
{
	const char *at = trial->pattern + p, *next;
	bool ends = t == trial->text.len, has;
	unsigned char byte = ends ? 0 : (unsigned char)trial->text.bytes[t];

	if (!*at)
		return ends;
	if (*at == '*')
		return matches(trial, p + 1, t) || (!ends && matches(trial, p, t + 1));
	if (*at == '?')
		return matches_character(trial, at + 1, t);
	if (*at == '[' && (next = try_set(at + 1, byte, &has)))
		return has && matches_character(trial, next, t);
	at += *at == '\\' && at[1];
	return !ends && ascii_lower(*at) == ascii_lower((char)byte) &&
	       matches(trial, (size_t)(at + 1 - trial->pattern), t + 1);
}

static bool matches(struct trial *trial, size_t p, size_t t)
{
	char *known = &trial->known[p][t];

	if (!*known)
		*known = try_place(trial, p, t) ? YES : NO;
	return *known == YES;
}

static void compare(const char *pattern, struct slice text)
{
	struct trial *trial = calloc(1, sizeof(*trial));
	struct slice copy = fuzz_copy((const uint8_t *)text.bytes, text.len);
	struct glob *glob = NULL;

	FUZZ_CHECK(trial && glob_new(pattern, &glob) == 0);
	*trial = (struct trial){.pattern = pattern, .text = text};
	FUZZ_CHECK(glob_matches(glob, copy) == matches(trial, 0, 0));
	glob_free(glob);
	fuzz_free(copy);
	free(trial);
}

int fuzz_glob(const uint8_t *data, size_t size)
{
	struct slice rest = {(const char *)data, size}, line;
	struct glob *glob;

	if (!slice_cut(&rest, '\n', &line))
		return 0;
	char *pattern = slice_dup(line);
	FUZZ_CHECK(pattern);
	if (strlen(pattern) > GLOB_MAX)
		FUZZ_CHECK(glob_new(pattern, &glob) == -E2BIG);
	else
		compare(pattern, slice_head(rest, TEXT_MAX));
	free(pattern);
	return 0;
}
