/* SPDX-License-Identifier: ISC
 * fetch: reads a device description by HTTP within bounds of size and time (libevent's client). */
#ifndef NET_FETCH_H
#define NET_FETCH_H

#include "base/address.h"
#include "net/loop.h"
#include "wire/description.h"

struct fetcher;

/* `description` is lent for the call, NULL when error is not 0 (-ETIMEDOUT, -ECONNREFUSED, -EPROTO for an HTTP status
 * other than 200, or what description_reader gives). */
typedef void fetch_done_fn(void *context, uint64_t number, int error, const struct description *description);

/* NULL when out of memory. */
struct fetcher *fetcher_new(struct loop *loop, size_t body_max, fetch_done_fn *fn, void *context);
/* Cancels what runs, without a call. */
void fetcher_free(struct fetcher *fetcher);
void fetcher_set_body_max(struct fetcher *fetcher, size_t body_max);
/* Begins; 0 or a negative errno (then fn is not called). 5 s in all, no redirect. `link` scopes a link-local address. */
int fetcher_start(struct fetcher *fetcher, uint64_t number, const struct endpoint *to, uint32_t link, const char *path);

#endif
