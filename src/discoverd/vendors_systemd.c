/* SPDX-License-Identifier: ISC
 * vendors_systemd: manufacturers by hwdb(7), the database that systemd keeps of the IEEE's lists.
 */
#include "base/mac.h"
#include "discoverd/vendors.h"

#include <stdio.h>
#include <stdlib.h>
#include <systemd/sd-hwdb.h>

enum { LOCALLY_ADMINISTERED = 2 }; /* IEEE 802, 8.2 */

struct vendors {
	sd_hwdb *database; /* a mapped file: only what is looked at takes memory */
};

struct vendors *vendors_open(void)
{
	struct vendors *vendors = calloc(1, sizeof(*vendors));

	if (vendors && sd_hwdb_new(&vendors->database) < 0) {
		free(vendors);
		return NULL;
	}
	return vendors;
}

void vendors_close(struct vendors *vendors)
{
	if (!vendors)
		return;
	sd_hwdb_unref(vendors->database);
	free(vendors);
}

/* Some were given out in smaller blocks than 24 bits, so the whole address is the key; its digits
 * have to be upper-case. */
const char *vendors_find(struct vendors *vendors, const struct mac *mac)
{
	char key[sizeof("OUI:AABBCCDDEEFF")];
	const uint8_t *b = mac->bytes;
	const char *vendor;

	if (!vendors || !mac->known || (b[0] & LOCALLY_ADMINISTERED))
		return NULL;
	snprintf(
	    key, sizeof(key), "OUI:%02X%02X%02X%02X%02X%02X", b[0], b[1], b[2], b[3], b[4], b[5]);
	return sd_hwdb_get(vendors->database, key, "ID_OUI_FROM_DATABASE", &vendor) < 0 ? NULL
											: vendor;
}
