/* SPDX-License-Identifier: ISC
 * tcp_probe: asks once whether a TCP port answers, and how long it takes to say so. */
#ifndef NET_TCP_PROBE_H
#define NET_TCP_PROBE_H

#include "base/address.h"
#include "net/loop.h"

enum { TCP_PROBE_BANNER_MAX = 128 };

enum tcp_probe_state {
	TCP_PROBE_OPEN,        /* the connection was accepted */
	TCP_PROBE_CLOSED,      /* the host says that no program listens there */
	TCP_PROBE_NO_ANSWER,   /* nothing came within the time */
	TCP_PROBE_UNREACHABLE, /* no way there, or not allowed to go: says nothing about the port */
};

struct tcp_probe_result {
	enum tcp_probe_state state;
	int error;  /* 0 for OPEN, else the negative errno behind it */
	int64_t us; /* from the start to the answer, by the system's clock and not by the loop's */
	/* What the service said first, up to its first line end, as it came; lent for the call.
	 * SLICE_NONE where nothing was said or no banner was wanted. */
	struct slice banner;
};

/* Called once, from the loop and never from within tcp_probe_start; the probe is gone then. */
typedef void tcp_probe_fn(void *context, const struct tcp_probe_result *result);

struct tcp_probe;

/* Connects, says nothing, and closes. Takes one descriptor; how many run at once is the caller's to
 * bound. `link` scopes a link-local IPv6 address. 0; -EINVAL (no address, or port 0); -ENOMEM; or
 * what the system says when it has no descriptor. *probe is for tcp_probe_cancel alone. */
int tcp_probe_start(struct loop *loop, const struct address_port *to, uint32_t link,
    int64_t timeout_us, tcp_probe_fn *fn, void *context, struct tcp_probe **probe);
/* To be called right after the start: when the connection is accepted, waits for what the service
 * says, for at most this time from then on. */
void tcp_probe_want_banner(struct tcp_probe *probe, int64_t limit_us);
/* Nothing is told any more. NULL is nothing to cancel. */
void tcp_probe_cancel(struct tcp_probe *probe);

#endif
