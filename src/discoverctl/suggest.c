/* SPDX-License-Identifier: ISC
 * suggest: see suggest.h. */
#include "discoverctl/suggest.h"
#include "base/ascii.h"
#include "discoverctl/cell.h"
#include "discoverctl/exit_status.h"
#include <string.h>

void suggest_begin(struct suggestion *suggestion, struct slice word)
{
	*suggestion = (struct suggestion){.word = word, .distance = SIZE_MAX};
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool same(struct slice a, size_t i, struct slice b, size_t j)
{
	return ascii_lower(a.bytes[i]) == ascii_lower(b.bytes[j]);
}

/* Optimal string alignment distance; both are shorter than SUGGEST_WORD_MAX. Keeps three rows of
 * the matrix. */
static size_t distance_of(struct slice a, struct slice b)
{
	size_t rows[3][SUGGEST_WORD_MAX + 1], *before = rows[0], *above = rows[1], *row = rows[2];

	for (size_t j = 0; j <= b.len; j++)
		above[j] = before[j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		row[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			size_t change = above[j - 1] + !same(a, i - 1, b, j - 1);
			row[j] = least(change, least(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && same(a, i - 1, b, j - 2) && same(a, i - 2, b, j - 1))
				row[j] = least(row[j], before[j - 2] + 1);
		}
		size_t *free_row = before;
		before = above;
		above = row;
		row = free_row;
	}
	return above[b.len];
}

void suggest_offer(struct suggestion *suggestion, struct slice candidate)
{
	struct slice word = suggestion->word;

	if (!word.len || word.len >= SUGGEST_WORD_MAX || !candidate.len ||
	    candidate.len >= SUGGEST_WORD_MAX)
		return;
	size_t distance = distance_of(word, candidate);
	size_t longest = word.len > candidate.len ? word.len : candidate.len;
	/* an abbreviation */
	if (word.len >= 3 && distance > 0 && slice_starts_with_nocase(candidate, word))
		distance = 1;
	if (distance * 3 > longest + 1 || distance >= suggestion->distance)
		return;
	suggestion->distance = distance;
	memcpy(suggestion->best, candidate.bytes, candidate.len);
	suggestion->best[candidate.len] = '\0';
}

const char *suggest_best(const struct suggestion *suggestion)
{
	return suggestion->best;
}

void suggest_print(FILE *stream, const struct suggestion *suggestion)
{
	if (!*suggestion->best)
		return;
	fputs("; did you mean \"", stream);
	cell_print_escaped(stream, slice_of(suggestion->best));
	fputs("\"?", stream);
}

int suggest_refuse_value(
    const char *what, const char *value, const char *const *words, size_t count)
{
	struct suggestion suggestion;

	suggest_begin(&suggestion, slice_of(value));
	fprintf(stderr, "discoverctl: %s is", what);
	for (size_t i = 0; i < count; i++) {
		fprintf(stderr, "%s %s", !i ? "" : i + 1 < count ? "," : " or", words[i]);
		suggest_offer(&suggestion, slice_of(words[i]));
	}
	fprintf(stderr, ", not \"%s\"", value);
	suggest_print(stderr, &suggestion);
	fputc('\n', stderr);
	return STATUS_USAGE;
}
