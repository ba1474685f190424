/* SPDX-License-Identifier: ISC
 * row: what the list of the page shows of a device: the texts of one row. */
#include "web/row.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "client/device_record.h"
#include "client/field.h"
#include "client/natural_order.h"
#include "client/pattern.h"
#include "client/web_link.h"
#include "web/html.h"
#include "wire/json_writer.h"

/* A longer text is cut: the page of the device has the whole. */
enum { ROW_TEXT_MAX = ROW_ID_MAX, SEARCH_MAX = 256 };

static const struct slice NEIGHBOUR = SLICE("neighbour");

/* As much of a text as fits, clean as discoverd keeps it. */
static void put(struct writer *w, struct slice text)
{
	char clean[ROW_TEXT_MAX];

	if (w->len < w->capacity)
		writer_bytes(w, clean, text_clean(text, clean, w->capacity - w->len));
}

/* Adds to a list; an empty text adds nothing. */
static void add(struct writer *w, const char *between, struct slice text)
{
	if (!text.len || w->capacity - w->len < strlen(between))
		return;
	if (w->len)
		writer_text(w, between);
	put(w, text);
}

static void write_id(struct json_object *device, struct writer *w)
{
	writer_slice(w, slice_head(field_text_of(device, "id"), ROW_TEXT_MAX));
}

static void write_kind(struct json_object *device, struct writer *w)
{
	put(w, field_text_of(device, "kind"));
}

static void write_name(struct json_object *device, struct writer *w)
{
	put(w, field_text_of(device, "name"));
}

static void write_url(struct json_object *device, struct writer *w)
{
	struct slice url = field_text_of(device, "presentation_url");
	if (web_link_allowed(url) && url.len <= ROW_TEXT_MAX)
		writer_slice(w, url);
}

static void write_notes(struct json_object *device, struct writer *w)
{
	struct json_object *flags = field_get(device, "flags"), *answers;

	answers = field_get(device, "reachable");
	if (answers && !json_object_get_boolean(answers))
		add(w, ", ", SLICE("not reachable"));
	for (size_t i = 0; i < field_length(flags); i++)
		add(w, ", ", field_text(field_entry(flags, i)));
}

static void write_type(struct json_object *device, struct writer *w)
{
	struct slice type = field_text_of(device, "type");
	struct slice kind = field_text_of(device, "kind");

	if (type.len)
		put(w, html_type_name(type));
	else if (slice_equal(kind, SLICE("control-point")))
		put(w, SLICE("only searches"));
	else if (slice_equal(kind, NEIGHBOUR))
		put(w, SLICE("announces nothing"));
}

static void write_maker(struct json_object *device, struct writer *w)
{
	struct slice model = field_text_of(device, "model");
	struct slice manufacturer = field_text_of(device, "manufacturer");

	if (!slice_starts_with_nocase(model, manufacturer))
		add(w, " ", manufacturer);
	add(w, " ", model);
}

static void write_address(struct json_object *device, struct writer *w)
{
	put(w, device_record_address(device));
}

/* Without those of IPv6 that every host has on its link. */
static void write_others(struct json_object *device, struct writer *w)
{
	struct json_object *addresses = field_get(device, "addresses");
	struct slice shown = device_record_address(device);

	for (size_t i = 0; i < field_length(addresses); i++) {
		struct slice text = field_text(field_get(field_entry(addresses, i), "address"));
		if (!slice_equal(text, shown) && !slice_starts_with_nocase(text, SLICE("fe80:")))
			add(w, ", ", text);
	}
}

static void write_hosts(struct json_object *device, struct writer *w)
{
	struct json_object *hosts = field_get(device, "host_names");
	struct slice name = field_text_of(device, "name");

	for (size_t i = 0; i < field_length(hosts); i++)
		if (!slice_equal(field_text(field_entry(hosts, i)), name))
			add(w, ", ", field_text(field_entry(hosts, i)));
}

/* The member of the first address that has it. */
static struct json_object *of_addresses(struct json_object *device, const char *key)
{
	struct json_object *addresses = field_get(device, "addresses"), *value = NULL;

	for (size_t i = 0; i < field_length(addresses) && !value; i++)
		value = field_get(field_entry(addresses, i), key);
	return value;
}

static void write_mac(struct json_object *device, struct writer *w)
{
	put(w, field_text(of_addresses(device, "mac")));
}

static void write_vendor(struct json_object *device, struct writer *w)
{
	struct slice vendor = field_text(of_addresses(device, "vendor"));

	if (!vendor.len && json_object_get_boolean(of_addresses(device, "random_mac")))
		vendor = SLICE("random");
	put(w, vendor);
}

static void write_place(struct json_object *device, struct writer *w)
{
	struct json_object *addresses = field_get(device, "addresses");
	struct slice before = SLICE_NONE, attached = field_text_of(device, "attached_to");

	put(w, attached);
	for (size_t i = 0; i < field_length(addresses) && !attached.len; i++) {
		struct slice name = field_text(field_get(field_entry(addresses, i), "interface"));
		if (!slice_equal(name, before))
			add(w, ", ", name);
		before = name;
	}
}

static void write_via(struct json_object *device, struct writer *w)
{
	struct json_object *protocols = field_get(device, "protocols");

	for (size_t i = 0; i < field_length(protocols); i++) {
		struct slice protocol = field_text(field_entry(protocols, i));
		if (field_length(protocols) == 1 || !slice_equal(protocol, NEIGHBOUR))
			add(w, ", ", protocol);
	}
}

static const struct {
	const char *name;
	void (*write)(struct json_object *device, struct writer *w);
} TEXTS[ROW_TEXTS] = {
    [ROW_ID] = {"id", write_id},
    [ROW_KIND] = {"kind", write_kind},
    [ROW_NAME] = {"name", write_name},
    [ROW_URL] = {"url", write_url},
    [ROW_NOTES] = {"notes", write_notes},
    [ROW_TYPE] = {"type", write_type},
    [ROW_MAKER] = {"maker", write_maker},
    [ROW_ADDRESS] = {"address", write_address},
    [ROW_OTHERS] = {"others", write_others},
    [ROW_HOSTS] = {"hosts", write_hosts},
    [ROW_MAC] = {"mac", write_mac},
    [ROW_VENDOR] = {"vendor", write_vendor},
    [ROW_PLACE] = {"place", write_place},
    [ROW_VIA] = {"via", write_via},
};

bool row_takes_id(const char *id)
{
	return *id && strlen(id) < ROW_ID_MAX;
}

struct row *row_new(struct json_object *device)
{
	char buffer[ROW_TEXTS][ROW_TEXT_MAX];
	size_t lengths[ROW_TEXTS], total = 0;

	for (size_t i = 0; i < ROW_TEXTS; i++) {
		struct writer w;
		writer_init(&w, buffer[i], ROW_TEXT_MAX);
		TEXTS[i].write(device, &w);
		total += (lengths[i] = w.len) + 1;
	}
	struct row *row = malloc(sizeof(*row) + total);
	if (!row)
		return NULL;
	char *at = row->bytes;
	for (size_t i = 0; i < ROW_TEXTS; i++) {
		memcpy(at, buffer[i], lengths[i]);
		row->texts[i] = (struct slice){at, lengths[i]};
		at += lengths[i];
		*at++ = '\0';
	}
	return row;
}

void row_free(struct row *row)
{
	free(row);
}

bool row_equal(const struct row *a, const struct row *b)
{
	for (size_t i = 0; i < ROW_TEXTS; i++)
		if (!slice_equal(a->texts[i], b->texts[i]))
			return false;
	return true;
}

const char *row_id(const struct row *row)
{
	return row->texts[ROW_ID].bytes;
}

static struct slice text_of(const struct row *row, enum row_text text)
{
	return row ? row->texts[text] : SLICE("");
}

static void text_html(const struct row *row, const char *tag, enum row_text text, struct html *html)
{
	html_element(html, tag, TEXTS[text].name, text_of(row, text));
}

static void links_html(const struct row *row, struct html *html)
{
	char path[3 * ROW_TEXT_MAX + 16];
	struct writer w;

	writer_init(&w, path, sizeof(path));
	html_device_path(text_of(row, ROW_ID), &w);
	html_markup(html, "<a class=\"name\"");
	html_attribute(html, "href", writer_result(&w));
	html_markup(html, ">");
	html_text(html, text_of(row, ROW_NAME));
	html_markup(html, "</a><a class=\"url\" rel=\"noreferrer\"");
	if (text_of(row, ROW_URL).len)
		html_attribute(html, "href", text_of(row, ROW_URL));
	else
		html_markup(html, " hidden");
	html_markup(html, ">Open</a>");
}

void row_html(const struct row *row, bool hidden, struct html *html)
{
	html_markup(html, hidden ? "<tr hidden" : "<tr");
	if (row && !slice_equal(row->texts[ROW_KIND], SLICE("device")))
		html_attribute(html, "data-kind", row->texts[ROW_KIND]);
	html_markup(html, "><th scope=\"row\">");
	links_html(row, html);
	text_html(row, "em", ROW_NOTES, html);
	html_markup(html, "<p>");
	text_html(row, "span", ROW_TYPE, html);
	text_html(row, "span", ROW_MAKER, html);
	html_markup(html, "</p></th><td>");
	text_html(row, "span", ROW_ADDRESS, html);
	text_html(row, "p", ROW_OTHERS, html);
	text_html(row, "p", ROW_HOSTS, html);
	html_markup(html, "</td><td>");
	text_html(row, "span", ROW_MAC, html);
	text_html(row, "p", ROW_VENDOR, html);
	html_markup(html, "</td>");
	text_html(row, "td", ROW_PLACE, html);
	text_html(row, "td", ROW_VIA, html);
	html_markup(html, "</tr>\n");
}

void row_json(const struct row *row, struct json_writer *w)
{
	json_writer_open(w, '{');
	for (size_t i = 0; i < ROW_TEXTS; i++) {
		if (!row->texts[i].len)
			continue;
		json_writer_name_escaped(w, slice_of(TEXTS[i].name));
		json_writer_slice(w, row->texts[i]);
	}
	json_writer_close(w, '}');
}

/* A text folded, with a blank behind; false where there is no room. */
static void fold(struct slice text, struct writer *w)
{
	pattern_fold(text, w);
	writer_char(w, ' ');
}

bool row_matches(const struct row *row, struct slice search)
{
	char texts[2 * ROW_TEXTS * (ROW_TEXT_MAX + 1) + 1], words[2 * SEARCH_MAX + 2];
	struct slice rest, word;
	struct writer w;

	writer_init(&w, words, sizeof(words));
	fold(slice_head(search, SEARCH_MAX), &w);
	rest = slice_trim(writer_result(&w));
	if (!rest.len)
		return true;
	writer_init(&w, texts, sizeof(texts));
	for (size_t i = 0; i < ROW_TEXTS; i++)
		if (i != ROW_KIND && i != ROW_URL)
			fold(row->texts[i], &w);
	while (slice_cut(&rest, ' ', &word))
		if (word.len && !memmem(texts, w.len, word.bytes, word.len))
			return false;
	return true;
}

bool row_is_neighbour(const struct row *row)
{
	return slice_equal(row->texts[ROW_KIND], NEIGHBOUR);
}

int row_compare(const struct row *a, const struct row *b, enum row_text by)
{
	struct slice x = a->texts[by], y = b->texts[by];
	int order = !x.len != !y.len ? !x.len - !y.len : natural_order(x, y);

	if (!order)
		order = natural_order(a->texts[ROW_NAME], b->texts[ROW_NAME]);
	return order ? order : natural_order(a->texts[ROW_ID], b->texts[ROW_ID]);
}

const char *row_text_name(enum row_text text)
{
	return TEXTS[text].name;
}
