/* SPDX-License-Identifier: ISC
 * text: cleans and escapes names that came from the network, to keep and to print. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/writer.h"

/* Copies `in` to `out` (capacity bytes, NUL-terminated) as valid UTF-8 without control,
 * line-separator, bidirectional and other invisible format characters: bytes that are no UTF-8
 * become U+FFFD, forbidden characters become a blank; blanks at both ends go and runs of them
 * become one. Ends at a character boundary when it does not fit. Returns the length written. */
size_t text_clean(struct slice in, char *out, size_t capacity);
/* What text_clean writes: `in` itself where nothing is to be changed, else in the buffer. */
struct slice text_cleaned(struct slice in, char *buffer, size_t capacity);
/* True when text_clean would change nothing but the length. */
bool text_is_clean(struct slice in);
/* For a terminal: printable text as it is, everything else as \xHH, a backslash as \\. */
void text_escape(struct slice in, struct writer *w);
/* 8-4-4-4-12 hexadecimal digits (RFC 4122, 3). */
bool text_is_uuid(struct slice text);
/* Decodes one character at the head of a non-empty slice: its length, and its code point (or -1 for
 * one byte that is no UTF-8: overlong forms, surrogates and values above U+10FFFF are none). */
size_t text_decode(struct slice in, int32_t *code_point);
/* Writes a character as UTF-8. */
void text_encode(uint32_t code_point, struct writer *w);

#endif
