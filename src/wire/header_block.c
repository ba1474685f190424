/* SPDX-License-Identifier: ISC
 * header_block: walks the lines "Name: value" of a datagram or a head, and writes them. */
#include "wire/header_block.h"
#include "base/ascii.h"
#include <errno.h>
#include <limits.h>

static bool ends_line(char c)
{
	return c == '\r' || c == '\n' || c == '\0';
}

struct slice header_trim(struct slice text)
{
	while (text.len > 0 && (ascii_is_blank(text.bytes[0]) || ends_line(text.bytes[0])))
		text = slice_skip(text, 1);
	while (text.len > 0 &&
	       (ascii_is_blank(text.bytes[text.len - 1]) || ends_line(text.bytes[text.len - 1])))
		text.len--;
	return text;
}

/* CR CR LF comes from senders that translate their line ends twice. */
static struct slice without_final_crs(struct slice line)
{
	while (line.len > 0 && line.bytes[line.len - 1] == '\r')
		line.len--;
	return line;
}

bool header_line(struct slice *rest, struct slice *line)
{
	if (rest->len == 0)
		return false;
	size_t end = slice_find(*rest, '\n');
	*line = without_final_crs(slice_head(*rest, end));
	*rest = slice_skip(*rest, end + 1);
	return true;
}

void header_cursor_init(struct header_cursor *cursor, struct slice block)
{
	header_cursor_init_unlimited(cursor, block);
	cursor->line_max = HEADER_LINE_MAX;
	cursor->count_max = HEADER_COUNT_MAX;
}

void header_cursor_init_unlimited(struct header_cursor *cursor, struct slice block)
{
	*cursor = (struct header_cursor){
	    .rest = block,
	    .nul = slice_skip(block, slice_find(block, '\0')).bytes,
	    .line_max = SIZE_MAX,
	    .count_max = UINT_MAX,
	};
}

/* False at the empty line, at the end and on an error; then nothing more is read. */
static bool next_line(struct header_cursor *cursor, struct slice *line)
{
	bool more = header_line(&cursor->rest, line) && line->len > 0;

	if (more && line->len > cursor->line_max)
		cursor->error = -EMSGSIZE;
	else if (more && cursor->nul < line->bytes + line->len)
		cursor->error = -EBADMSG;
	if (!more || cursor->error)
		cursor->rest = SLICE_NONE;
	return cursor->rest.bytes != NULL;
}

/* The lines that continue an empty value, up to the first that says something. */
static void read_folded(struct header_cursor *cursor, struct slice *value)
{
	struct slice line;

	while (value->len == 0 && cursor->rest.len > 0 && ascii_is_blank(cursor->rest.bytes[0]) &&
	       next_line(cursor, &line))
		*value = header_trim(line);
}

bool header_next(struct header_cursor *cursor, struct header *header)
{
	struct slice line;

	while (next_line(cursor, &line)) {
		size_t colon = slice_find(line, ':');
		header->name = slice_trim(slice_head(line, colon));
		if (ascii_is_blank(line.bytes[0]) || colon == line.len || header->name.len == 0)
			continue;
		if (++cursor->headers > cursor->count_max) {
			cursor->error = -E2BIG;
			cursor->rest = SLICE_NONE;
			return false;
		}
		header->value = header_trim(slice_skip(line, colon + 1));
		read_folded(cursor, &header->value);
		return cursor->error == 0;
	}
	return false;
}

int header_find(struct slice block, struct slice name, struct slice *value)
{
	struct header_cursor cursor;
	struct header header;

	*value = SLICE_NONE;
	header_cursor_init_unlimited(&cursor, block);
	while (header_next(&cursor, &header)) {
		if (slice_equal_nocase(header.name, name)) {
			*value = header.value;
			return 0;
		}
	}
	return cursor.error;
}

struct slice header_without_final_nuls(struct slice datagram)
{
	while (datagram.len > 0 && datagram.bytes[datagram.len - 1] == '\0')
		datagram.len--;
	return datagram;
}

/* Without blanks and quotes at both ends. */
static struct slice unquote(struct slice s)
{
	while (s.len > 0 && (ascii_is_blank(s.bytes[0]) || s.bytes[0] == '"'))
		s = slice_skip(s, 1);
	while (s.len > 0 && (ascii_is_blank(s.bytes[s.len - 1]) || s.bytes[s.len - 1] == '"'))
		s.len--;
	return s;
}

/* Directives end with "," or ";" outside of quotes. False when nothing is left. */
static bool next_directive(struct slice *rest, struct slice *directive)
{
	bool quoted = false;
	size_t end = 0;

	if (rest->len == 0)
		return false;
	for (; end < rest->len; end++) {
		char c = rest->bytes[end];
		quoted ^= c == '"';
		if (!quoted && (c == ',' || c == ';'))
			break;
	}
	*directive = unquote(slice_head(*rest, end));
	*rest = slice_skip(*rest, end + 1);
	return true;
}

int cache_control_max_age(struct slice value, uint32_t *seconds)
{
	static const struct slice NAME = SLICE("max-age");
	struct slice directive;
	uint64_t plain;

	/* as nearly all send it */
	if (slice_starts_with(value, SLICE("max-age=")) &&
	    slice_to_u64(slice_skip(value, NAME.len + 1), UINT32_MAX, &plain) == 0) {
		*seconds = (uint32_t)plain;
		return 0;
	}
	while (next_directive(&value, &directive)) {
		struct slice text = unquote(slice_skip(directive, NAME.len));
		bool sign = text.len > 0 && (text.bytes[0] == '=' || text.bytes[0] == ':');
		/* "max-age 900": a blank is the separator. */
		bool blank = text.len + NAME.len < directive.len;
		if (!slice_starts_with_nocase(directive, NAME) || !(sign || blank || text.len == 0))
			continue;
		uint64_t number = UINT32_MAX;
		int error = slice_to_u64(unquote(slice_skip(text, sign)), UINT32_MAX, &number);
		if (error && error != -ERANGE)
			return error;
		*seconds = (uint32_t)number;
		return 0;
	}
	return -ENOENT;
}

void header_write(struct writer *w, struct slice name, struct slice value)
{
	if (!value.bytes)
		return;
	writer_slice(w, name);
	writer_text(w, value.len > 0 ? ": " : ":");
	header_write_value(w, value);
	writer_text(w, "\r\n");
}

void header_write_value(struct writer *w, struct slice value)
{
	while (value.len > 0) {
		size_t clean = 0;
		while (clean < value.len && !ends_line(value.bytes[clean]))
			clean++;
		writer_slice(w, slice_head(value, clean));
		if (clean < value.len)
			writer_char(w, ' ');
		value = slice_skip(value, clean + 1);
	}
}
