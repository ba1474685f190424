/* SPDX-License-Identifier: ISC
 * page_fixture: what a page of discoverd-web consists of, for the tests of web/. */
#include "page_fixture.h"
#include <check.h>
#include <event2/buffer.h>
#include <json-c/json.h>
#include <string.h>

const struct html_page PAGE_FIXTURE = {
    .title = SLICE("Title <1>"),
    .host = SLICE("board"),
    .path = "/map",
    .revision = SLICE("1-2"),
    .connected = true,
};

struct html page_fixture_begin(void)
{
	return (struct html){.out = evbuffer_new()};
}

char *page_fixture_end(struct html *html)
{
	ck_assert(!html->failed);
	char *text = slice_dup(
	    (struct slice){(char *)evbuffer_pullup(html->out, -1), evbuffer_get_length(html->out)});
	ck_assert_ptr_nonnull(text);
	evbuffer_free(html->out);
	return text;
}

size_t page_fixture_count(const char *text, const char *sought)
{
	size_t count = 0;
	for (; (text = strstr(text, sought)); text += strlen(sought))
		count++;
	return count;
}

struct json_object *page_fixture_parse(const char *json)
{
	struct json_object *object = json_tokener_parse(json);
	ck_assert_msg(object != NULL, "%s", json);
	return object;
}
