/* SPDX-License-Identifier: ISC
 * page_reader: see page_reader.h. */
#include "wire/page_reader.h"

static void *create(size_t body_max)
{
	return description_reader_new(body_max);
}

static void destroy(void *reader)
{
	description_reader_free(reader);
}

static int feed(void *reader, struct slice bytes)
{
	return description_reader_feed(reader, bytes);
}

static bool complete(const void *reader)
{
	return description_reader_complete(reader);
}

static int finish(void *reader, struct description **out)
{
	return description_reader_finish(reader, out);
}

const struct page_reader_type DESCRIPTION_PAGE_READER = {create, destroy, feed, complete, finish};
