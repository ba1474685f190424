/* SPDX-License-Identifier: ISC
 * writer: appends to a buffer of fixed size and remembers the first failure. */
#ifndef BASE_WRITER_H
#define BASE_WRITER_H

#include "base/slice.h"

/* Bounded output with one sticky error: write everything, then ask writer_error() once. The buffer
 * is the caller's. Nothing is written past a failure, so a result is either whole or refused. */
struct writer {
	char *buffer;
	size_t capacity;
	size_t len;
	int error; /* 0, or -ENOSPC from then on */
};

void writer_init(struct writer *w, char *buffer, size_t capacity);
void writer_bytes(struct writer *w, const void *bytes, size_t len);
void writer_slice(struct writer *w, struct slice s);
void writer_text(struct writer *w, const char *text);
void writer_char(struct writer *w, char c);
void writer_u64(struct writer *w, uint64_t value);
void writer_format(struct writer *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* 0 or the sticky error. */
int writer_error(const struct writer *w);
/* What was written so far. */
struct slice writer_result(const struct writer *w);

#endif
