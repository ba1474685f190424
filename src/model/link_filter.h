/* SPDX-License-Identifier: ISC
 * link_filter: which links are used, and why others are not. */
#ifndef MODEL_LINK_FILTER_H
#define MODEL_LINK_FILTER_H

#include "model/link.h"

/* Which links may be used: names by glob (fnmatch). An empty allow list allows all but loopback;
 * deny wins. Loopback needs an entry that is its very name: "*" means the network. */
struct link_filter {
	const char *const *allow;
	size_t allow_count;
	const char *const *deny;
	size_t deny_count;
};
/* Whether a link is used, or the first reason why not. */
enum link_verdict {
	LINK_USED,
	LINK_DENIED,      /* by a pattern */
	LINK_UNLISTED,    /* there is an allow list, which does not match it */
	LINK_IS_LOOPBACK, /* which the allow list does not name */
	LINK_IS_PORT,     /* of a bridge or bond: what comes in by it is its master's */
	LINK_DOWN,
	LINK_NO_CARRIER,
	LINK_NO_MULTICAST, /* neither multicast nor broadcast */
	LINK_NO_ADDRESS,   /* or none that is usable yet */
};
/* `link` is one of the set. */
enum link_verdict link_judge(
    const struct link_set *set, const struct link *link, const struct link_filter *filter);
/* A static text, "no carrier"; NULL for LINK_USED. */
const char *link_verdict_text(enum link_verdict verdict);
/* True when a pattern of a filter matches a link of the set. */
bool link_set_matches(const struct link_set *set, const char *pattern);
/* The links of a set that are used, deep-copied, with only their usable addresses. 0 or -ENOMEM
 * (*usable is then empty). */
int link_set_usable(
    const struct link_set *set, const struct link_filter *filter, struct link_set *usable);

#endif
