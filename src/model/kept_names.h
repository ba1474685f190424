/* SPDX-License-Identifier: ISC
 * kept_names: the names that services of this host got after a conflict, over all starts (RFC 6762,
 * 9). */
#ifndef MODEL_KEPT_NAMES_H
#define MODEL_KEPT_NAMES_H

#include "base/slice.h"
#include "base/writer.h"

/* Bytes with a NUL: a label (RFC 1035, 2.3.4), and two of them for a type: "_http._tcp". */
enum { KEPT_NAMES_MAX = 16, KEPT_NAME_SIZE = 64, KEPT_TYPE_SIZE = 128 };

/* Of its type the wanted name was taken, and it got the one of this number: 2 for "NAME (2)". */
struct kept_name {
	char type[KEPT_TYPE_SIZE], wanted[KEPT_NAME_SIZE];
	uint32_t number;
};

/* All zero at first. The oldest first. */
struct kept_names {
	struct kept_name list[KEPT_NAMES_MAX];
	size_t count;
};

/* The number that it got, or 1. */
uint32_t kept_names_find(const struct kept_names *names, struct slice type, struct slice wanted);
/* Takes it in, in the place of what was known of it, or else of the oldest where there are too
 * many.
 */
void kept_names_note(
    struct kept_names *names, struct slice type, struct slice wanted, uint32_t number);
/* "2 _http._tcp Greenhouse". 0, or -EINVAL for another text. */
int kept_names_parse(struct kept_names *names, struct slice text);
void kept_name_format(const struct kept_name *name, struct writer *w);

#endif
