/* SPDX-License-Identifier: ISC
 * cell: see cell.h. */
#include "discoverctl/cell.h"
#include "base/text.h"
#include <wchar.h>

static size_t character_width(int32_t code_point)
{
	int width = code_point < 0 ? 1 : wcwidth((wchar_t)code_point);
	return width < 0 ? 1 : (size_t)width;
}

struct slice cell_head(struct slice text, size_t width)
{
	size_t used = 0, columns = 0;
	while (used < text.len) {
		int32_t code_point;
		size_t len = text_decode(slice_skip(text, used), &code_point);
		columns += character_width(code_point);
		if (columns > width)
			break;
		used += len;
	}
	return slice_head(text, used);
}

size_t cell_width(struct slice text)
{
	size_t columns = 0;
	while (text.len) {
		int32_t code_point;
		size_t len = text_decode(text, &code_point);
		columns += character_width(code_point);
		text = slice_skip(text, len);
	}
	return columns;
}

void cell_print(FILE *stream, struct slice text, const struct cell_style *style)
{
	size_t width = cell_width(text);
	bool cut = style->cut && width > style->width;
	if (cut) {
		text = cell_head(text, style->width ? style->width - 1 : 0);
		width = cell_width(text) + 1;
	}
	int fill = width < style->width ? (int)(style->width - width) : 0;
	fprintf(stream, "%*s%s", style->right ? fill : 0, "", style->paint ? style->paint : "");
	fwrite(text.bytes, 1, text.len, stream);
	fprintf(stream, "%s%s%*s", cut ? "…" : "", style->paint ? "\033[0m" : "",
	    style->right ? 0 : fill, "");
}

void cell_print_escaped(FILE *stream, struct slice text)
{
	char buffer[1024];
	while (text.len) {
		/* in portions that fit the buffer, of whole characters */
		struct writer w;
		size_t taken = 0;
		writer_init(&w, buffer, sizeof(buffer));
		while (taken < text.len && taken < sizeof(buffer) / 4 - 4) {
			int32_t code_point;
			taken += text_decode(slice_skip(text, taken), &code_point);
		}
		text_escape(slice_head(text, taken), &w);
		fwrite(w.buffer, 1, w.len, stream);
		text = slice_skip(text, taken);
	}
}
