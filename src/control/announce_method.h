/* SPDX-License-Identifier: ISC
 * announce_method: Announce and Withdraw of io.discoverd. */
#ifndef CONTROL_ANNOUNCE_METHOD_H
#define CONTROL_ANNOUNCE_METHOD_H

struct method_call;

/* As a row of METHODS wants them. */
void announce_method(struct method_call *call);
void announce_method_withdraw(struct method_call *call);

#endif
