/* SPDX-License-Identifier: ISC
 * page_fixture: what a page of discoverd-web consists of, for the tests of web/. */
#ifndef TESTS_UNIT_WEB_PAGE_FIXTURE_H
#define TESTS_UNIT_WEB_PAGE_FIXTURE_H

#include "web/html_page.h"

/* Where a page is written; nothing before. */
struct html page_fixture_begin(void);
/* What was written: for the caller to free(). */
char *page_fixture_end(struct html *html);
/* How often a text stands in another one. */
size_t page_fixture_count(const char *text, const char *sought);
struct json_object *page_fixture_parse(const char *json);

/* "board", at revision 1-2. */
extern const struct html_page PAGE_FIXTURE;

#endif
