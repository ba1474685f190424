/* SPDX-License-Identifier: ISC
 * writer: appends to a buffer of fixed size and remembers the first failure. */
#include "base/writer.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void writer_init(struct writer *w, char *buffer, size_t capacity)
{
	*w = (struct writer){.buffer = buffer, .capacity = capacity};
}

void writer_bytes(struct writer *w, const void *bytes, size_t len)
{
	if (w->error)
		return;
	if (len > w->capacity - w->len) {
		w->error = -ENOSPC;
		return;
	}
	if (len)
		memcpy(w->buffer + w->len, bytes, len);
	w->len += len;
}

void writer_slice(struct writer *w, struct slice s)
{
	writer_bytes(w, s.bytes, s.len);
}

void writer_text(struct writer *w, const char *text)
{
	writer_slice(w, slice_of(text));
}

void writer_char(struct writer *w, char c)
{
	writer_bytes(w, &c, 1);
}

void writer_u64(struct writer *w, uint64_t value)
{
	char digits[20];
	size_t at = sizeof(digits);

	do
		digits[--at] = (char)('0' + value % 10);
	while (value /= 10);
	writer_bytes(w, digits + at, sizeof(digits) - at);
}

/* For a text that fits to the last byte, where vsnprintf() would keep one for its NUL. */
__attribute__((format(printf, 2, 0))) static void append_exactly(
    struct writer *w, const char *format, va_list args)
{
	char *text = NULL;
	int len = vasprintf(&text, format, args);

	if (len < 0) {
		w->error = -ENOSPC;
		return;
	}
	writer_bytes(w, text, (size_t)len);
	free(text);
}

void writer_format(struct writer *w, const char *format, ...)
{
	va_list args;
	size_t room = w->capacity - w->len;

	if (w->error)
		return;
	va_start(args, format);
	int len = vsnprintf(room ? w->buffer + w->len : NULL, room, format, args);
	va_end(args);
	if (len < 0 || (size_t)len > room) {
		w->error = -ENOSPC;
	} else if ((size_t)len < room) {
		w->len += (size_t)len;
	} else {
		va_start(args, format);
		append_exactly(w, format, args);
		va_end(args);
	}
}

int writer_error(const struct writer *w)
{
	return w->error;
}

struct slice writer_result(const struct writer *w)
{
	return (struct slice){w->buffer, w->len};
}
