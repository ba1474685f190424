/* SPDX-License-Identifier: ISC
 * vendors: the manufacturer of the hardware behind a MAC address; one file with libsystemd, one
 * without. */
#ifndef DISCOVERD_VENDORS_H
#define DISCOVERD_VENDORS_H

#include "base/address.h"
#include "base/mac.h"

struct vendors;

/* Opens the hardware database; NULL where there is none, which the others take. */
struct vendors *vendors_open(void);
void vendors_close(struct vendors *vendors);
/* NULL where unknown, and for an address that was not given by a manufacturer. Valid until the
 * database is closed. */
const char *vendors_find(struct vendors *vendors, const struct mac *mac);

#endif
