/* SPDX-License-Identifier: ISC
 * html_list: the first page: all devices as a table. */
#include "web/html_list.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "web/web_request.h"

static const struct column {
	enum row_text text;
	const char *title;
} COLUMNS[] = {
    {ROW_NAME, "Device"},
    {ROW_ADDRESS, "Address"},
    {ROW_MAC, "Network card"},
    {ROW_PLACE, "Connected to"},
    {ROW_VIA, "Found by"},
};

static void read_pair(struct html_list_query *query, struct slice name, struct slice value)
{
	char text[HTML_LIST_SEARCH_MAX];

	if (web_request_decode(value, true, text, sizeof(text)) < 0)
		return;
	if (slice_equal(name, SLICE("q")))
		memcpy(query->search, text, sizeof(text));
	if (slice_equal(name, SLICE("all")))
		query->all = !strcmp(text, "1");
	for (size_t i = 0; i < COUNT_OF(COLUMNS) && slice_equal(name, SLICE("sort")); i++)
		if (!strcmp(text, row_text_name(COLUMNS[i].text)))
			query->by = COLUMNS[i].text;
}

void html_list_query_parse(struct html_list_query *query, struct slice text)
{
	struct slice pair;

	*query = (struct html_list_query){.by = ROW_NAME};
	while (slice_cut(&text, '&', &pair)) {
		struct slice name = slice_head(pair, slice_find(pair, '='));
		read_pair(query, name, slice_skip(pair, name.len + 1));
	}
}

static void put_form(const struct html_list_query *query, struct html *html)
{
	html_markup(html, "<form role=\"search\" action=\"/\">\n"
			  "<label for=\"q\">Search</label>\n"
			  "<input id=\"q\" name=\"q\" type=\"search\" autocomplete=\"off\" "
			  "placeholder=\"Name, type, address, maker …\"");
	html_attribute(html, "value", slice_of(query->search));
	html_format(html,
	    ">\n<label class=\"all\"><input id=\"all\" name=\"all\" type=\"checkbox\" "
	    "value=\"1\"%s> Also hosts that announce nothing</label>\n",
	    query->all ? " checked" : "");
	if (query->by != ROW_NAME)
		html_format(html, "<input type=\"hidden\" name=\"sort\" value=\"%s\">\n",
		    row_text_name(query->by));
	html_markup(html, "<button>Search</button>\n</form>\n");
}

static void put_heading(
    const struct column *column, const struct html_list_query *query, struct html *html)
{
	const char *name = row_text_name(column->text);
	char search[3 * HTML_LIST_SEARCH_MAX];
	struct writer w;

	writer_init(&w, search, sizeof(search));
	html_encode(slice_of(query->search), &w);
	html_format(html, "<th scope=\"col\"%s><a href=\"/?sort=%s%s",
	    column->text == query->by ? " aria-sort=\"ascending\"" : "", name,
	    query->all ? "&amp;all=1" : "");
	if (w.len)
		html_format(html, "&amp;q=%.*s", SLICE_ARGS(writer_result(&w)));
	html_format(html, "\" data-sort=\"%s\">%s</a></th>\n", name, column->title);
}

/* What the query selects of the devices. */
struct selection {
	const struct row **rows;
	size_t count; /* of rows: they match, also the neighbours that are not to be seen */
	size_t shown, total;
};

static bool is_hidden(const struct row *row, const struct html_list_query *query)
{
	return !query->all && row_is_neighbour(row);
}

static struct selection select_rows(
    const struct html_list_query *query, const struct row **rows, size_t count)
{
	struct selection selection = {.rows = rows};

	for (size_t i = 0; i < count; i++) {
		bool hidden = is_hidden(rows[i], query);
		selection.total += !hidden;
		if (!row_matches(rows[i], slice_of(query->search)))
			continue;
		selection.shown += !hidden;
		rows[selection.count++] = rows[i];
	}
	return selection;
}

static int compare(const void *left, const void *right, void *query)
{
	const struct row *const *a = left, *const *b = right;
	return row_compare(*a, *b, ((const struct html_list_query *)query)->by);
}

/* The script writes the same words. */
static void put_count(const struct selection *selection, struct html *html)
{
	const char *noun = selection->total == 1 ? "device" : "devices";

	html_markup(html, "<p id=\"count\" role=\"status\">");
	if (selection->shown == selection->total)
		html_format(html, "%zu %s", selection->total, noun);
	else
		html_format(html, "%zu of %zu %s", selection->shown, selection->total, noun);
	html_format(html, "</p>\n<p id=\"empty\"%s>%s</p>\n", selection->shown ? " hidden" : "",
	    selection->total ? "No device matches." : "No device has been found yet.");
}

static void put_table(
    const struct selection *selection, const struct html_list_query *query, struct html *html)
{
	size_t left = HTML_LIST_ROWS_MAX;

	html_format(
	    html, "<table id=\"devices\"%s>\n<thead><tr>\n", selection->shown ? "" : " hidden");
	for (size_t i = 0; i < COUNT_OF(COLUMNS); i++)
		put_heading(&COLUMNS[i], query, html);
	html_markup(html, "</tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < selection->count && left; i++, left--)
		row_html(selection->rows[i], is_hidden(selection->rows[i], query), html);
	html_markup(html, "</tbody>\n</table>\n");
	if (selection->count > HTML_LIST_ROWS_MAX)
		html_format(html,
		    "<p id=\"more\">%zu more are not listed here: search for them.</p>\n",
		    selection->count - HTML_LIST_ROWS_MAX);
}

void html_list(const struct html_page *page, const struct html_list_query *query,
    const struct row **rows, size_t count, struct html *html)
{
	struct selection selection = select_rows(query, rows, count);
	struct html_list_query by = *query;
	struct html_page own = *page;

	if (selection.count < count || selection.count > HTML_LIST_ROWS_MAX)
		own.revision = SLICE_NONE;
	qsort_r(rows, selection.count, sizeof(const struct row *), compare, &by);
	html_page_begin(&own, html);
	html_markup(html, "<h1>Devices</h1>\n");
	put_form(query, html);
	put_count(&selection, html);
	put_table(&selection, query, html);
	html_markup(html, "<template id=\"row\">");
	row_html(NULL, false, html);
	html_markup(html, "</template>\n");
	html_page_end(html);
}
