/* SPDX-License-Identifier: ISC
 * fetch: reads a device description by HTTP within bounds of size and time (libevent's client). */
#ifndef NET_FETCH_H
#define NET_FETCH_H

#include "base/address.h"
#include "net/loop.h"
#include "wire/description.h"

struct fetcher;

/* How a fetch ended; lent for the call. `error` is 0 or -ETIMEDOUT; -ECONNREFUSED: nothing listens;
 * -ECONNRESET: no way to get there, or it ended too soon; -EPROTO: no HTTP, or a status other than
 * 200; -EMSGSIZE: too long; or what description_reader gives. */
struct fetch_result {
	uint64_t number;
	int error;
	bool answered; /* the server sent at least one byte, whatever it was */
	const struct description *description; /* what could be read, also of a page that was cut
						  with an error; NULL where that is nothing */
};

/* Called from the loop, never from within fetcher_start; may start others and free the fetcher. */
typedef void fetch_done_fn(void *context, const struct fetch_result *result);

/* NULL when out of memory. */
struct fetcher *fetcher_new(struct loop *loop, size_t body_max, fetch_done_fn *fn, void *context);
/* Cancels what runs, without a call. */
void fetcher_free(struct fetcher *fetcher);
/* For fetches that begin from now on. */
void fetcher_set_body_max(struct fetcher *fetcher, size_t body_max);
/* From start to end, in microseconds; 5 s unless something else is set. Likewise. */
void fetcher_set_timeout(struct fetcher *fetcher, int64_t us);
/* Begins; 0 or a negative errno (then fn is not called, otherwise once). No redirect. `link` scopes
 * a link-local address. */
int fetcher_start(struct fetcher *fetcher, uint64_t number, const struct endpoint *to,
    uint32_t link, const char *path);

#endif
