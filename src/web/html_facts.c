/* SPDX-License-Identifier: ISC
 * html_facts: the members of a JSON object as a list of terms, also those that are not known here.
 */
#include "web/html_facts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/ascii.h"
#include "client/field.h"
#include "client/web_link.h"

enum { WORD_MAX = 32 };

static void put_number(struct html *html, int64_t number)
{
	html_format(html, "%" PRId64, number);
}

/* Words that are no words, as people write them. */
static const char *const CAPITALS[] = {"id", "ids", "mac", "url", "txt", "scpd"};

static bool is_capitals(struct slice word)
{
	for (size_t i = 0; i < COUNT_OF(CAPITALS); i++)
		if (slice_equal(word, slice_of(CAPITALS[i])))
			return true;
	return false;
}

/* "Model number" of "model_number", "Presentation URL". */
static void put_label(struct slice key, struct html *html)
{
	struct slice word;
	bool first = true;

	while (slice_cut(&key, '_', &word)) {
		html_markup(html, first ? "" : " ");
		size_t capitals = is_capitals(word) ? word.len : first;
		if (slice_equal(word, SLICE("ids")))
			capitals = 2;
		for (size_t i = 0; i < word.len; i++) {
			char c = word.bytes[i];
			if (i < capitals && c >= 'a' && c <= 'z')
				c = (char)(c - 'a' + 'A');
			html_text(html, (struct slice){&c, 1});
		}
		first = false;
	}
}

static bool is_empty(struct json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_null:
		return true;
	case json_type_string:
		return !json_object_get_string_len(value);
	case json_type_array:
		return !json_object_array_length(value);
	case json_type_object:
		return !json_object_object_length(value);
	default:
		return false;
	}
}

static void put_link(struct slice url, struct html *html)
{
	html_markup(html, "<a rel=\"noreferrer\"");
	html_attribute(html, "href", url);
	html_markup(html, ">");
	html_text(html, url);
	html_markup(html, "</a>");
}

static void put_duration(int64_t seconds, struct html *html)
{
	const struct {
		int64_t size;
		const char *unit;
	} UNITS[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
	size_t i = 0;

	while (i + 1 < COUNT_OF(UNITS) && seconds < 2 * UNITS[i].size)
		i++;
	put_number(html, seconds / UNITS[i].size);
	html_format(html, " %s", UNITS[i].unit);
}

static void put_scalar(struct slice key, struct json_object *value, struct html *html)
{
	struct slice text = field_text(value);

	if (json_object_is_type(value, json_type_boolean))
		html_markup(html, json_object_get_boolean(value) ? "yes" : "no");
	else if (slice_equal(key, SLICE("expires_in")))
		put_duration(json_object_get_int64(value), html);
	else if (web_link_allowed(text))
		put_link(text, html);
	else if (slice_ends_with(key, SLICE("_seen"))) {
		html_markup(html, "<time");
		html_attribute(html, "datetime", text);
		html_markup(html, ">");
		html_text(html, text);
		html_markup(html, "</time>");
	} else {
		html_text(html, text);
	}
}

/* "192.0.2.7 on eth0, MAC 02:00:…, random": the first value, then the others with their keys. */
static void put_object_line(struct json_object *object, struct html *html)
{
	bool first = true;

	json_object_object_foreach(object, name, value)
	{
		struct slice key = slice_of(name);
		bool flag = json_object_is_type(value, json_type_boolean);
		if (is_empty(value) || (flag && !json_object_get_boolean(value)))
			continue;
		html_markup(html, first ? "<b>" : ", <span>");
		if (!first || flag) {
			put_label(key, html);
			html_markup(html, flag ? "" : " ");
		}
		if (!flag)
			put_scalar(key, value, html);
		html_markup(html, first ? "</b>" : "</span>");
		first = false;
	}
}

/* Short words stand in one line. */
static bool is_words(struct json_object *array)
{
	bool words = true;

	for (size_t i = 0; i < field_length(array) && words; i++)
		words = json_object_is_type(field_entry(array, i), json_type_string) &&
			field_text(field_entry(array, i)).len <= WORD_MAX;
	return words;
}

static void put_array(struct slice key, struct json_object *array, struct html *html)
{
	html_markup(html, is_words(array) ? "<ul class=\"words\">" : "<ul>");
	for (size_t i = 0; i < field_length(array); i++) {
		struct json_object *value = field_entry(array, i);
		html_markup(html, "<li>");
		if (json_object_is_type(value, json_type_object))
			put_object_line(value, html);
		else
			put_scalar(key, value, html);
		html_markup(html, "</li>");
	}
	html_markup(html, "</ul>");
}

/* The pairs of a TXT record. */
static void put_pairs(struct json_object *pairs, struct html *html)
{
	html_markup(html, "<ul>");
	json_object_object_foreach(pairs, key, value)
	{
		html_markup(html, "<li><b>");
		html_text(html, slice_of(key));
		html_markup(html, "</b>");
		if (!is_empty(value)) {
			html_markup(html, " = ");
			html_text(html, field_text(value));
		}
		html_markup(html, "</li>");
	}
	html_markup(html, "</ul>");
}

static void put_value(struct slice key, struct json_object *value, struct html *html)
{
	if (json_object_is_type(value, json_type_array))
		put_array(key, value, html);
	else if (json_object_is_type(value, json_type_object))
		put_pairs(value, html);
	else
		put_scalar(key, value, html);
}

static bool is_listed(const char *keys, const char *key)
{
	char word[64];

	snprintf(word, sizeof(word), " %s ", key);
	return strstr(keys, word);
}

void html_facts(struct json_object *object, const char *others, struct html *html)
{
	bool any = false;

	if (!json_object_is_type(object, json_type_object))
		return;
	json_object_object_foreach(object, name, value)
	{
		if (is_empty(value) || is_listed(others, name))
			continue;
		html_markup(html, any ? "<dt>" : "<dl>\n<dt>");
		put_label(slice_of(name), html);
		html_markup(html, "</dt><dd>");
		put_value(slice_of(name), value, html);
		html_markup(html, "</dd>\n");
		any = true;
	}
	html_markup(html, any ? "</dl>\n" : "");
}
