/* SPDX-License-Identifier: ISC
 * announce_method: Announce and Withdraw of io.discoverd. */
#ifndef CONTROL_ANNOUNCE_METHOD_H
#define CONTROL_ANNOUNCE_METHOD_H

struct method_call;

enum { CONTROL_ID_MAX = 48 };

/* What became of an offer that was to be announced. */
struct control_announced {
	char
	    id[CONTROL_ID_MAX]; /* the root's UDN; with -EEXIST the one that is announced already */
	unsigned limit;         /* with -ENOSPC: so many are announced, and no more may be */
};

/* As a row of METHODS wants them. */
void announce_method(struct method_call *call);
void announce_method_withdraw(struct method_call *call);

#endif
