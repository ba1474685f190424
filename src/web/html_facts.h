/* SPDX-License-Identifier: ISC
 * html_facts: the members of a JSON object as a list of terms, also those that are not known here.
 */
#ifndef WEB_HTML_FACTS_H
#define WEB_HTML_FACTS_H

#include "web/html.h"

struct json_object;

/* <dl>, without members that are null or empty, and without those that `others` names, in which
 * each key stands between blanks (" name services "). Nothing where no member is left. */
void html_facts(struct json_object *object, const char *others, struct html *html);

#endif
