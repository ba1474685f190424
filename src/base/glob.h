/* SPDX-License-Identifier: ISC
 * glob: patterns of the shell, matched in time linear in the text, whatever the pattern is. */
#ifndef BASE_GLOB_H
#define BASE_GLOB_H

#include "base/slice.h"

enum { GLOB_MAX = 128 }; /* bytes of a pattern */

struct glob;

/* "*" any text, "?" one character, "[abc]", "[a-z]", "[!a]", "[[:digit:]]" one of a set, "\" takes
 * the meaning away from what follows; a "[" without its "]" is itself. Letters of ASCII are the
 * same in both cases. Text is UTF-8; in a set, a character outside ASCII stands for all that begin
 * with the same byte. 0 and *glob for glob_free(); -E2BIG above GLOB_MAX bytes; -ENOMEM. */
int glob_new(const char *pattern, struct glob **glob);
void glob_free(struct glob *glob);
/* Costs a few operations per byte of text: fnmatch(3) may take the product of both lengths, and
 * more where sets are long. */
bool glob_matches(const struct glob *glob, struct slice text);

#endif
