/* SPDX-License-Identifier: ISC
 * html_list: the first page: all devices as a table. */
#ifndef WEB_HTML_LIST_H
#define WEB_HTML_LIST_H

#include "web/html_page.h"
#include "web/row.h"

enum { HTML_LIST_SEARCH_MAX = 256, HTML_LIST_ROWS_MAX = 1000 };

/* What the query of the URL asks for: q=WORDS, all=1 (also neighbours), sort=COLUMN. */
struct html_list_query {
	char search[HTML_LIST_SEARCH_MAX];
	bool all;
	enum row_text by;
};

/* What is none of these, or has a mistake, counts as missing. */
void html_list_query_parse(struct html_list_query *query, struct slice text);
/* The whole page; sorts the array. Rows beyond HTML_LIST_ROWS_MAX are counted only. The revision of
 * the page is left out where rows are missing, so that the script asks for all. */
void html_list(const struct html_page *page, const struct html_list_query *query,
    const struct row **rows, size_t count, struct html *html);

#endif
