/* SPDX-License-Identifier: ISC
 * ascii: kinds of characters, whatever the locale says: protocols do not follow it. */
#ifndef BASE_ASCII_H
#define BASE_ASCII_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static inline bool ascii_is_letter(char c)
{
	return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z';
}

static inline bool ascii_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool ascii_is_hex(char c)
{
	return ascii_is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f');
}

/* The value of a hexadecimal digit, or -1. */
static inline int ascii_hex_value(char c)
{
	if (!ascii_is_hex(c))
		return -1;
	return ascii_is_digit(c) ? c - '0' : ascii_lower(c) - 'a' + 10;
}

static inline bool ascii_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Writes four bytes as eight hexadecimal digits, all in one word: first each half of a byte becomes
 * a byte, then a digit; above 9, the sum with 6 has a bit that others do not have. */
static inline void ascii_put_hex(char to[8], const uint8_t from[4])
{
	const uint64_t each = 0x0101010101010101;
	uint32_t bytes;

	memcpy(&bytes, from, sizeof(bytes));
	uint64_t word = be32toh(bytes);
	word = (word | word << 16) & 0x0000ffff0000ffff;
	word = (word | word << 8) & 0x00ff00ff00ff00ff;
	word = (word | word << 4) & each * 0x0f;
	uint64_t letters = (word + each * 6) >> 4 & each;
	word = htobe64(word + each * '0' + letters * ('a' - '0' - 10));
	memcpy(to, &word, sizeof(word));
}

#endif
