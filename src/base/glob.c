/* SPDX-License-Identifier: ISC
 * glob: the set of positions in the pattern that the text read so far can have reached, as bits:
 * each byte of text moves all of them at once. */
#include "base/glob.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <wctype.h>

#include "base/ascii.h"

enum { BYTES = 256, WORDS = GLOB_MAX / 64 + 1, CLASS_NAME_MAX = 16 };

/* Bit p: the items before p have been matched. */
struct positions {
	uint64_t words[WORDS];
};

/* What a byte of text does to a position: moves it over the item there, or leaves it. */
struct step {
	struct positions moves, stays;
};

struct glob {
	struct positions start;
	size_t item_count;
	unsigned char step_of[BYTES]; /* bytes that do the same share a step */
	struct step steps[];
};

/* One byte of the pattern, or what stands for one character. */
struct item {
	bool accepts[BYTES];
	bool is_character; /* the rest of a character of several bytes belongs to it */
};

struct items {
	struct item list[GLOB_MAX];
	bool star[GLOB_MAX + 1]; /* there is one before the item */
	size_t count;
};

static void set_bit(struct positions *positions, size_t bit)
{
	positions->words[bit / 64] |= UINT64_C(1) << bit % 64;
}

static bool has_bit(const struct positions *positions, size_t bit)
{
	return positions->words[bit / 64] >> bit % 64 & 1;
}

/* The second and later bytes of a character in UTF-8. */
static bool is_continuation(unsigned byte)
{
	return (byte & 0xc0) == 0x80;
}

static void accept(struct item *item, unsigned first, unsigned last)
{
	for (unsigned byte = first; byte <= last; byte++) {
		char lower = ascii_lower((char)byte);
		item->accepts[byte] = true;
		item->accepts[(unsigned char)lower] = true;
		if (ascii_is_letter(lower))
			item->accepts[(unsigned char)(lower - 'a' + 'A')] = true;
	}
}

/* "[:digit:]" and the like within a set; NULL where there is none, else what follows it. */
static const char *parse_class(const char *at, struct item *item)
{
	char name[CLASS_NAME_MAX] = "";
	const char *end = at[0] == '[' && at[1] == ':' ? strstr(at + 2, ":]") : NULL;

	if (!end || (size_t)(end - at - 2) >= sizeof(name))
		return NULL;
	memcpy(name, at + 2, (size_t)(end - at - 2));
	wctype_t class = wctype(name);
	for (unsigned byte = 0; byte < 0x80; byte++)
		if (class && iswctype(byte, class))
			accept(item, byte, byte);
	return end + 2;
}

/* One byte of a set, which may be escaped. */
static unsigned set_byte(const char **at)
{
	if (**at == '\\' && (*at)[1])
		(*at)++;
	return (unsigned char)*(*at)++;
}

/* What is behind the "[" of a set. NULL where no "]" ends it, else what follows. */
static const char *parse_set(const char *at, struct item *item)
{
	bool negated = *at == '!' || *at == '^';
	const char *first = at + negated;

	for (at = first; *at && (*at != ']' || at == first);) {
		const char *behind_class = parse_class(at, item);
		if (behind_class) {
			at = behind_class;
			continue;
		}
		unsigned byte = set_byte(&at), last = byte;
		if (at[0] == '-' && at[1] && at[1] != ']') {
			at++;
			last = set_byte(&at);
		}
		accept(item, byte, last);
	}
	if (!*at)
		return NULL;
	for (unsigned byte = 0; byte < BYTES; byte++)
		item->accepts[byte] = item->accepts[byte] != negated && !is_continuation(byte);
	return at + 1;
}

static const char *parse_literal(const char *at, struct item *item)
{
	unsigned byte = set_byte(&at);

	accept(item, byte, byte);
	return at;
}

static const char *parse_item(const char *at, struct item *item)
{
	const char *behind;

	item->is_character = *at == '?' || *at == '[';
	if (*at == '?') {
		for (unsigned byte = 0; byte < BYTES; byte++)
			item->accepts[byte] = !is_continuation(byte);
		return at + 1;
	}
	behind = *at == '[' ? parse_set(at + 1, item) : NULL;
	if (behind)
		return behind;
	*item = (struct item){0};
	return parse_literal(at, item);
}

static void parse(const char *pattern, struct items *items)
{
	const char *at = pattern;

	while (*at) {
		if (*at == '*') {
			items->star[items->count] = true;
			at++;
		} else {
			at = parse_item(at, &items->list[items->count++]);
		}
	}
}

static struct step step_of_byte(const struct items *items, unsigned byte)
{
	struct step step = {0};

	for (size_t p = 0; p <= items->count; p++) {
		bool inside = p > 0 && items->list[p - 1].is_character && is_continuation(byte);
		if (p < items->count && items->list[p].accepts[byte])
			set_bit(&step.moves, p);
		if (items->star[p] || inside)
			set_bit(&step.stays, p);
	}
	return step;
}

/* How many different steps the bytes take; `steps` has room for one of each byte. */
static size_t make_steps(
    const struct items *items, struct step *steps, unsigned char step_of[BYTES])
{
	size_t count = 0;

	for (unsigned byte = 0; byte < BYTES; byte++) {
		struct step step = step_of_byte(items, byte);
		size_t i = 0;
		while (i < count && memcmp(&steps[i], &step, sizeof(step)) != 0)
			i++;
		if (i == count)
			steps[count++] = step;
		step_of[byte] = (unsigned char)i;
	}
	return count;
}

int glob_new(const char *pattern, struct glob **out)
{
	if (strlen(pattern) > GLOB_MAX)
		return -E2BIG;
	struct items *items = calloc(1, sizeof(*items));
	struct glob *glob = calloc(1, sizeof(*glob) + BYTES * sizeof(*glob->steps));
	if (!items || !glob) {
		free(items);
		free(glob);
		return -ENOMEM;
	}
	parse(pattern, items);
	glob->item_count = items->count;
	set_bit(&glob->start, 0);
	size_t steps = make_steps(items, glob->steps, glob->step_of);
	free(items);
	*out = glob;
	struct glob *fitted = realloc(glob, sizeof(*glob) + steps * sizeof(*glob->steps));
	if (fitted)
		*out = fitted;
	return 0;
}

void glob_free(struct glob *glob)
{
	free(glob);
}

bool glob_matches(const struct glob *glob, struct slice text)
{
	struct positions at = glob->start;

	for (size_t i = 0; i < text.len; i++) {
		const struct step *step = &glob->steps[glob->step_of[(unsigned char)text.bytes[i]]];
		uint64_t carry = 0;
		for (size_t w = 0; w < WORDS; w++) {
			uint64_t moved = at.words[w] & step->moves.words[w];
			at.words[w] = moved << 1 | carry | (at.words[w] & step->stays.words[w]);
			carry = moved >> 63;
		}
	}
	return has_bit(&at, glob->item_count);
}
