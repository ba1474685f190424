/* SPDX-License-Identifier: ISC
 * vendors_none: for boards without a hardware database. */
#include "base/mac.h"
#include "discoverd/vendors.h"

#include <stddef.h>

struct vendors *vendors_open(void)
{
	return NULL;
}

void vendors_close(struct vendors *vendors)
{
	(void)vendors;
}

const char *vendors_find(struct vendors *vendors, const struct mac *mac)
{
	(void)vendors, (void)mac;
	return NULL;
}
