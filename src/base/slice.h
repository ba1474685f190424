/* SPDX-License-Identifier: ISC
 * slice: borrowed bytes with their length; not NUL-terminated. */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A borrowed run of bytes. An absent value has bytes == NULL, an empty one has len == 0. */
struct slice {
	const char *bytes;
	size_t len;
};

#define SLICE_NONE ((struct slice){NULL, 0})
/* A slice of a string literal. */
#define SLICE(literal) ((struct slice){"" literal, sizeof(literal) - 1})
/* printf("%.*s", SLICE_ARGS(s)) */
#define SLICE_ARGS(s) (int)(s).len, (s).bytes ? (s).bytes : ""

/* The slice of a NUL-terminated string; NULL gives SLICE_NONE. */
struct slice slice_of(const char *text);
bool slice_equal(struct slice a, struct slice b);
/* ASCII letters only; other bytes compare as they are. */
bool slice_equal_nocase(struct slice a, struct slice b);
bool slice_starts_with(struct slice s, struct slice prefix);
bool slice_starts_with_nocase(struct slice s, struct slice prefix);
/* What follows the prefix; the whole where it has none. */
struct slice slice_without_prefix_nocase(struct slice s, struct slice prefix);
bool slice_ends_with(struct slice s, struct slice suffix);
/* The bytes from `from` on (empty when `from` lies beyond the end). */
static inline struct slice slice_skip(struct slice s, size_t from)
{
	if (from > s.len)
		from = s.len;
	return from ? (struct slice){s.bytes + from, s.len - from} : s;
}
/* The first `len` bytes at most. */
static inline struct slice slice_head(struct slice s, size_t len)
{
	return (struct slice){s.bytes, len < s.len ? len : s.len};
}
/* Without blanks and tabs at both ends. */
struct slice slice_trim(struct slice s);
/* Offset of the first `byte`, or s.len when there is none. */
size_t slice_find(struct slice s, char byte);
/* Cuts *rest at its first `separator`: *head is what stood before it, *rest what follows. Without a
 * separator *head takes everything and *rest becomes SLICE_NONE. False once *rest is SLICE_NONE. */
bool slice_cut(struct slice *rest, char separator, struct slice *head);
/* Reads decimal digits, nothing else. 0, -EINVAL (empty, another byte) or -ERANGE (above max). */
int slice_to_u64(struct slice s, uint64_t max, uint64_t *value);
/* A NUL-terminated heap copy for the caller to free(); NULL when out of memory. */
char *slice_dup(struct slice s);

#endif
