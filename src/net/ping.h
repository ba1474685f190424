/* SPDX-License-Identifier: ISC
 * ping: ICMP and ICMPv6 echo by one datagram socket each, which needs no privilege where the
 * kernel lets our group have them (net.ipv4.ping_group_range). */
#ifndef NET_PING_H
#define NET_PING_H

#include "base/address.h"
#include "base/rng.h"
#include "net/loop.h"

struct ping;
struct ping_echo;

struct ping_result {
	/* 0: answered; -ETIMEDOUT; -EOPNOTSUPP: no such socket is to be had; or why it could not
	 * be sent */
	int error;
	int64_t us; /* from the sending to the answer, by the system's clock */
};

/* Called once, from the loop and never from within ping_start; the echo is gone then. */
typedef void ping_fn(void *context, const struct ping_result *result);

/* NULL when out of memory. Loop and rng outlive it. */
struct ping *ping_new(struct loop *loop, struct rng *rng);
/* Cancels what is under way. */
void ping_free(struct ping *ping);
/* Asks once; how many are under way is the caller's to bound. A socket is opened when it is needed
 * and closed with the last echo of its family. `link` scopes a link-local IPv6 address. 0 or
 * -ENOMEM; every other failure is told. */
int ping_start(struct ping *ping, const struct address *to, uint32_t link, int64_t timeout_us,
    ping_fn *fn, void *context, struct ping_echo **echo);
/* Nothing is told any more. NULL is nothing to cancel. */
void ping_cancel(struct ping_echo *echo);

#endif
