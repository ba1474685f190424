/* SPDX-License-Identifier: ISC
 * suggest: finds the word that a misspelled one is most similar to. */
#ifndef DISCOVERCTL_SUGGEST_H
#define DISCOVERCTL_SUGGEST_H

#include "base/slice.h"
#include <stdio.h>

enum { SUGGEST_WORD_MAX = 64 };

/* A misspelled word, and the most similar of the words that were offered so far. */
struct suggestion {
	struct slice word; /* borrowed */
	char best[SUGGEST_WORD_MAX];
	size_t distance; /* bytes to leave out, add, change or swap; without regard to case */
};

void suggest_begin(struct suggestion *suggestion, struct slice word);
/* Longer ones than SUGGEST_WORD_MAX - 1 bytes are ignored. */
void suggest_offer(struct suggestion *suggestion, struct slice candidate);
/* An empty text where no offered word is similar: more than a third of the bytes differ. */
const char *suggest_best(const struct suggestion *suggestion);
/* Prints "; did you mean "X"?", or nothing where no word is similar. */
void suggest_print(FILE *stream, const struct suggestion *suggestion);
/* Prints on stderr that `what`, an option or an argument, is one of these words and not `value`,
 * with the most similar one. STATUS_USAGE. */
int suggest_refuse_value(
    const char *what, const char *value, const char *const *words, size_t count);

#endif
