/* SPDX-License-Identifier: ISC
 * natural_order: texts as people order them. */
#ifndef CLIENT_NATURAL_ORDER_H
#define CLIENT_NATURAL_ORDER_H

#include "base/slice.h"

/* Without regard to case, and numbers in texts by their value ("eth9" before "eth10"). */
int natural_order(struct slice a, struct slice b);

#endif
