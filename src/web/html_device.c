/* SPDX-License-Identifier: ISC
 * html_device: the page of one device, with all that is known of it. */
#include "web/html_device.h"

#include "client/field.h"
#include "web/html_facts.h"

/* A type, name and port at a glance, everything below. */
static void put_service(struct json_object *service, struct html *html)
{
	html_markup(html, "<li><details><summary>");
	html_element(html, "b", "type", html_type_name(field_text_of(service, "type")));
	html_markup(html, " ");
	html_element(html, "span", "name", field_text_of(service, "name"));
	if (field_get(service, "port")) {
		html_markup(html, " port ");
		html_text(html, field_text_of(service, "port"));
	}
	html_markup(html, "</summary>\n");
	html_facts(service, "", html);
	html_markup(html, "</details></li>\n");
}

static void put_endpoint(struct json_object *endpoint, struct html *html)
{
	struct json_object *services = field_get(endpoint, "services");

	html_markup(html, "<section>\n<h2>");
	html_element(html, "span", "via", field_text_of(endpoint, "protocol"));
	html_markup(html, " ");
	html_text(html, field_text_of(endpoint, field_get(endpoint, "name") ? "name" : "key"));
	html_markup(html, "</h2>\n");
	html_facts(endpoint, " protocol name services ", html);
	if (field_length(services)) {
		html_format(html, "<h3>Services (%zu)</h3>\n<ul class=\"services\">\n",
		    field_length(services));
		for (size_t i = 0; i < field_length(services); i++)
			put_service(field_entry(services, i), html);
		html_markup(html, "</ul>\n");
	}
	html_markup(html, "</section>\n");
}

void html_device(const struct html_page *page, struct json_object *device, struct html *html)
{
	struct json_object *endpoints = field_get(device, "endpoints");
	struct html_page own = *page;

	own.title = field_text_of(device, "name");
	own.id = field_text_of(device, "id");
	html_page_begin(&own, html);
	html_markup(html, "<p class=\"back\"><a href=\"/\">All devices</a></p>\n<h1><bdi>");
	html_text(html, own.title);
	html_markup(html, "</bdi></h1>\n");
	html_facts(device, " name endpoints ", html);
	for (size_t i = 0; i < field_length(endpoints); i++)
		put_endpoint(field_entry(endpoints, i), html);
	html_page_end(html);
}
