/* SPDX-License-Identifier: ISC
 * percent: percent-encoding (RFC 3986, 2.1), with the characters that a format leaves as they are.
 */
#ifndef BASE_PERCENT_H
#define BASE_PERCENT_H

#include "base/writer.h"

/* Writes %HH for each byte that `stays` does not accept. */
void percent_encode(struct slice text, bool (*stays)(char c), struct writer *w);
/* Undoes that; a '%' that encodes nothing stays. The result may hold any bytes. */
void percent_decode(struct slice text, struct writer *w);

#endif
