/* SPDX-License-Identifier: ISC
 * fuzz: what the fuzz targets share, and their functions from the list beside this. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include "base/slice.h"
#include <stdio.h>
#include <stdlib.h>

/* Tries one input. Returns 0; an invariant that does not hold ends the process. */
#define TARGET(name) int fuzz_##name(const uint8_t *data, size_t size);
#include "targets.list"
#undef TARGET

#define FUZZ_CHECK(condition)                                                                      \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);    \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* The input in an allocation of exactly its size, so that one byte read beyond it is seen; for
 * fuzz_free. A parser that keeps state gets each piece in an allocation of its own. */
struct slice fuzz_copy(const uint8_t *data, size_t size);
void fuzz_free(struct slice copy);

/* True when the part is absent or lies in the whole. */
bool fuzz_inside(struct slice part, struct slice whole);
/* True when both are absent, or both are there with the same bytes. */
bool fuzz_same(struct slice a, struct slice b);
/* True when the datagram and each of its lines have no more bytes than these. */
bool fuzz_fits(struct slice datagram, size_t datagram_max, size_t line_max);

#endif
