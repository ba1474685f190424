/* SPDX-License-Identifier: ISC
 * fetch: reads device descriptions by HTTP, many at a time, within bounds of size and time. */
#ifndef NET_FETCH_H
#define NET_FETCH_H

#include "base/address.h"
#include "base/counter.h"
#include "net/loop.h"
#include "wire/http_head.h"
#include "wire/page_reader.h"

enum {
	FETCH_MAX = 48,        /* at once, most of them connecting or waiting: a descriptor each */
	FETCH_READING_MAX = 4, /* of them, read at once */
};

/* From start to end, without the time in which bytes wait for a place among those that are read.
 * The other limits are parts of it: 10 s for the first byte, 2 s before a fetch that is read gives
 * its place to one that waits, 1 s for more bytes than the response promised. */
#define FETCH_TIMEOUT SECONDS(20)

struct fetcher;

/* How a fetch ended; lent for the call. `error` is 0 or -ETIMEDOUT; -ECONNREFUSED: nothing listens;
 * -ECONNRESET: no way to get there, or it ended too soon; -EPROTO: no HTTP, a status other than
 * 2xx, a redirect to elsewhere, or a second one; -EMSGSIZE: too long; -EBADMSG: an empty page; or
 * what description_reader gives. A page is complete, and the fetch ends, when its root element is,
 * whatever else the response promises. Where the response ends as it promised and the page does
 * not, there is no error, and the description is not whole. */
struct fetch_result {
	uint64_t number;
	int error;
	bool answered; /* the server sent at least one byte, whatever it was */
	const struct description *description; /* what could be read, also of a page that was cut
						  with an error; NULL where that is nothing */
	const char *path; /* where it was read, after a redirect: the base of relative URLs */
};

/* Called from the loop, never from within fetcher_start; may start others and free the fetcher. */
typedef void fetch_done_fn(void *context, const struct fetch_result *result);

/* NULL when out of memory. */
struct fetcher *fetcher_new(struct loop *loop, size_t body_max, fetch_done_fn *fn, void *context);
/* Cancels what runs, without a call. */
void fetcher_free(struct fetcher *fetcher);
/* For fetches that begin from now on. */
void fetcher_set_body_max(struct fetcher *fetcher, size_t body_max);
/* FETCH_TIMEOUT unless something else is set, in microseconds; its parts change with it. Likewise.
 */
void fetcher_set_timeout(struct fetcher *fetcher, int64_t us);
/* What is asked for, and how the answer is read. */
struct fetch_request {
	const char *path;
	/* Of a POST; a body that is SLICE_NONE: a GET. Its type is a static string. */
	struct http_content content;
	const struct page_reader_type *reader; /* NULL: of UPnP descriptions */
};
enum { FETCH_BODY_MAX = 2048 };

/* Begins. 0; -EAGAIN: FETCH_MAX run; -EMSGSIZE: the path is over URL_MAX, the body over
 * FETCH_BODY_MAX; or another negative errno (then fn is not called, otherwise once). A redirect to
 * the same address and port is followed once. `link` scopes a link-local address. The request is
 * copied. */
int fetcher_ask(struct fetcher *fetcher, uint64_t number, const struct address_port *to,
    uint32_t link, const struct fetch_request *request);
/* Likewise for a GET of the description at this path. */
static inline int fetcher_start(struct fetcher *fetcher, uint64_t number,
    const struct address_port *to, uint32_t link, const char *path)
{
	return fetcher_ask(fetcher, number, to, link, &(struct fetch_request){.path = path});
}
/* Ends a fetch that is still connecting: then true, and fn is not called for it. */
bool fetcher_give_up(struct fetcher *fetcher, uint64_t number);
/* How fetches ended. */
struct counter_group fetcher_counters(const struct fetcher *fetcher);

#endif
