/* SPDX-License-Identifier: ISC
 * html: writes HTML and SVG, in which text from the network stays text. */
#include "web/html.h"

#include <event2/buffer.h>
#include <stdarg.h>
#include <string.h>

#include "base/ascii.h"
#include "base/percent.h"
#include "base/text.h"
#include "client/pattern.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

static void put(struct html *html, const char *bytes, size_t len)
{
	if (html->out && len && evbuffer_add(html->out, bytes, len))
		html->failed = true;
}

void html_markup(struct html *html, const char *markup)
{
	put(html, markup, strlen(markup));
}

void html_format(struct html *html, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	if (html->out && evbuffer_add_vprintf(html->out, format, arguments) < 0)
		html->failed = true;
	va_end(arguments);
}

/* What a character of ASCII becomes; NULL: itself. */
static const char *reference_of(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return c < ' ' || c == 0x7f ? REPLACEMENT : NULL;
	}
}

/* The length of the first character, and what it becomes. */
static size_t look_at(struct slice text, const char **reference)
{
	int32_t code_point;
	size_t len = text_decode(text, &code_point);

	if (code_point < 0)
		*reference = REPLACEMENT;
	else if (len == 1)
		*reference = reference_of(*text.bytes);
	else
		*reference = text_is_clean(slice_head(text, len)) ? NULL : " ";
	return len;
}

void html_text(struct html *html, struct slice text)
{
	size_t begin = 0;

	for (size_t i = 0, len; i < text.len; i += len) {
		const char *reference;
		len = look_at(slice_skip(text, i), &reference);
		if (!reference)
			continue;
		put(html, text.bytes + begin, i - begin);
		html_markup(html, reference);
		begin = i + len;
	}
	put(html, text.bytes + begin, text.len - begin);
}

void html_attribute(struct html *html, const char *name, struct slice value)
{
	html_format(html, " %s=\"", name);
	html_text(html, value);
	html_markup(html, "\"");
}

void html_element(struct html *html, const char *tag, const char *class, struct slice text)
{
	html_format(html, "<%s class=\"%s\">", tag, class);
	html_text(html, text);
	html_format(html, "</%s>", tag);
}

/* As encodeURIComponent() of JavaScript leaves it. */
static bool stays_in_path(char c)
{
	return ascii_is_letter(c) || ascii_is_digit(c) || (c && strchr("-_.!~*'()", c));
}

void html_encode(struct slice text, struct writer *w)
{
	percent_encode(text, stays_in_path, w);
}

void html_device_path(struct slice id, struct writer *w)
{
	writer_text(w, "/device/");
	html_encode(id, w);
}

struct slice html_type_name(struct slice type)
{
	struct slice name = pattern_type_name(type);
	struct slice rest = slice_skip(name, slice_find(name, ':') + 1);

	return rest.len && slice_find(name, '/') == name.len ? rest : name;
}

/* Scripts of East Asia, and pictures, are about twice as wide as Latin letters. */
static size_t width_of(int32_t code_point)
{
	return code_point >= 0x1100 ? 2 : 1;
}

struct slice html_fitting(struct slice text, size_t columns)
{
	size_t used = 0, width = 0;

	while (used < text.len) {
		int32_t code_point;
		size_t len = text_decode(slice_skip(text, used), &code_point);
		width += width_of(code_point);
		if (width > columns)
			break;
		used += len;
	}
	return slice_head(text, used);
}
