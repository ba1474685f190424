/* SPDX-License-Identifier: ISC
 * html_page: what all pages have around their content. */
#include "web/html_page.h"

#include <string.h>

#include "base/array.h"
#include "web/page_text.h"

static void put_attributes(const struct html_page *page, struct html *html)
{
	if (page->revision.len)
		html_attribute(html, "data-revision", page->revision);
	if (page->id.len)
		html_attribute(html, "data-device", page->id);
}

static void put_title(const struct html_page *page, struct html *html)
{
	html_text(html, page->title);
	if (page->host.len) {
		html_markup(html, " – ");
		html_text(html, page->host);
	}
}

static void put_host(const struct html_page *page, struct html *html)
{
	html_text(html, page->host.len ? page->host : SLICE("discoverd"));
}

static void put_current(const struct html_page *page, const char *path, struct html *html)
{
	if (page->path && !strcmp(page->path, path))
		html_markup(html, " aria-current=\"page\"");
}

static void put_devices(const struct html_page *page, struct html *html)
{
	put_current(page, "/", html);
}

static void put_map(const struct html_page *page, struct html *html)
{
	put_current(page, "/map", html);
}

static void put_live(const struct html_page *page, struct html *html)
{
	if (!page->connected)
		html_markup(html, "discoverd does not answer: this may be out of date");
}

/* Of skeleton.html. {{main}}, where it begins and ends, is none of them. */
static const struct {
	struct slice name;
	void (*put)(const struct html_page *page, struct html *html);
} PLACES[] = {
    {SLICE("attributes"), put_attributes},
    {SLICE("title"), put_title},
    {SLICE("host"), put_host},
    {SLICE("devices"), put_devices},
    {SLICE("map"), put_map},
    {SLICE("live"), put_live},
};

static const char MAIN[] = "{{main}}";

static void put_place(const struct html_page *page, struct slice name, struct html *html)
{
	for (size_t i = 0; i < COUNT_OF(PLACES); i++)
		if (slice_equal(PLACES[i].name, name))
			PLACES[i].put(page, html);
}

static void put_slice(struct html *html, struct slice markup)
{
	html_format(html, "%.*s", SLICE_ARGS(markup));
}

void html_page_begin(const struct html_page *page, struct html *html)
{
	const char *at = SKELETON_HTML_TEXT, *end = strstr(at, MAIN);

	while (at < end) {
		const char *place = strstr(at, "{{");
		put_slice(html, (struct slice){at, (size_t)(place - at)});
		if (place == end)
			return;
		const char *after = strstr(place, "}}");
		put_place(page, (struct slice){place + 2, (size_t)(after - place - 2)}, html);
		at = after + 2;
	}
}

void html_page_end(struct html *html)
{
	html_markup(html, strstr(SKELETON_HTML_TEXT, MAIN) + strlen(MAIN));
}

void html_page_message(const struct html_page *page, const char *text, struct html *html)
{
	html_page_begin(page, html);
	html_markup(html, "<h1>");
	html_text(html, page->title);
	html_markup(html, "</h1>\n<p>");
	html_text(html, slice_of(text));
	html_markup(html, "</p>\n<p><a href=\"/\">All devices</a></p>\n");
	html_page_end(html);
}
