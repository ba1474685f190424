/* SPDX-License-Identifier: ISC
 * slice: borrowed bytes: comparing, cutting and reading them. */
#include "base/slice.h"
#include "base/ascii.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct slice slice_of(const char *text)
{
	return text ? (struct slice){text, strlen(text)} : SLICE_NONE;
}

bool slice_equal(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.bytes, b.bytes, a.len) == 0);
}

bool slice_equal_nocase(struct slice a, struct slice b)
{
	return a.len == b.len && slice_starts_with_nocase(a, b);
}

bool slice_starts_with(struct slice s, struct slice prefix)
{
	return slice_equal(slice_head(s, prefix.len), prefix);
}

bool slice_starts_with_nocase(struct slice s, struct slice prefix)
{
	uint64_t one, other;
	size_t i = 0;

	if (s.len < prefix.len)
		return false;
	for (; i + sizeof(one) <= prefix.len; i += sizeof(one)) {
		memcpy(&one, s.bytes + i, sizeof(one));
		memcpy(&other, prefix.bytes + i, sizeof(other));
		if (one != other)
			break;
	}
	for (; i < prefix.len; i++)
		if (s.bytes[i] != prefix.bytes[i] &&
		    ascii_lower(s.bytes[i]) != ascii_lower(prefix.bytes[i]))
			return false;
	return true;
}

struct slice slice_without_prefix_nocase(struct slice s, struct slice prefix)
{
	return slice_starts_with_nocase(s, prefix) ? slice_skip(s, prefix.len) : s;
}

bool slice_ends_with(struct slice s, struct slice suffix)
{
	return s.len >= suffix.len && slice_equal(slice_skip(s, s.len - suffix.len), suffix);
}

struct slice slice_trim(struct slice s)
{
	while (s.len > 0 && ascii_is_blank(s.bytes[0]))
		s = slice_skip(s, 1);
	while (s.len > 0 && ascii_is_blank(s.bytes[s.len - 1]))
		s.len--;
	return s;
}

size_t slice_find(struct slice s, char byte)
{
	const char *found = s.len ? memchr(s.bytes, byte, s.len) : NULL;
	return found ? (size_t)(found - s.bytes) : s.len;
}

bool slice_cut(struct slice *rest, char separator, struct slice *head)
{
	if (!rest->bytes)
		return false;
	size_t at = slice_find(*rest, separator);
	*head = slice_head(*rest, at);
	*rest = at < rest->len ? slice_skip(*rest, at + 1) : SLICE_NONE;
	return true;
}

int slice_to_u64(struct slice s, uint64_t max, uint64_t *value)
{
	uint64_t number = 0;
	bool above = false;

	if (s.len == 0)
		return -EINVAL;
	for (size_t i = 0; i < s.len; i++) {
		if (!ascii_is_digit(s.bytes[i]))
			return -EINVAL;
		uint64_t digit = (uint64_t)(s.bytes[i] - '0');
		/* Goes on after an overflow: "99x" is no number, however long. */
		if (above || digit > max || number > (max - digit) / 10)
			above = true;
		else
			number = number * 10 + digit;
	}
	if (above)
		return -ERANGE;
	*value = number;
	return 0;
}

char *slice_dup(struct slice s)
{
	char *copy = s.len < SIZE_MAX ? malloc(s.len + 1) : NULL;
	if (!copy)
		return NULL;
	if (s.len)
		memcpy(copy, s.bytes, s.len);
	copy[s.len] = '\0';
	return copy;
}
