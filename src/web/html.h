/* SPDX-License-Identifier: ISC
 * html: writes HTML and SVG, in which text from the network stays text. */
#ifndef WEB_HTML_H
#define WEB_HTML_H

#include "base/slice.h"
#include "base/writer.h"

struct evbuffer;

struct html {
	struct evbuffer *out; /* borrowed; NULL measures only: nothing is written */
	bool failed;          /* out of memory, from then on: a part is missing */
};

/* Markup as it is: literals of ours. */
void html_markup(struct html *html, const char *markup);
void html_format(struct html *html, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Text or the value of a quoted attribute: "&", "<", ">" and quotes are escaped; what text_clean()
 * replaces does not pass. */
void html_text(struct html *html, struct slice text);
/* " name=\"value\"", also where the value is empty. */
void html_attribute(struct html *html, const char *name, struct slice value);
/* <TAG class="CLASS">text</TAG>, also where the text is empty. */
void html_element(struct html *html, const char *tag, const char *class, struct slice text);

/* Percent-encoded, as encodeURIComponent() of JavaScript does it. */
void html_encode(struct slice text, struct writer *w);
/* "/device/ID", with the id encoded. */
void html_device_path(struct slice id, struct writer *w);
/* A type without what all types of its protocol have: "MediaServer" of
 * "urn:schemas-upnp-org:device:MediaServer:1", "ipp" of "_ipp._tcp", "Printer" of "wprt:Printer".
 */
struct slice html_type_name(struct slice type);
/* The head of a text that has so many characters; wide ones of East Asia count as two. */
struct slice html_fitting(struct slice text, size_t columns);

#endif
