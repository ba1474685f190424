/* SPDX-License-Identifier: ISC
 * vendors_systemd: manufacturers by hwdb(7), the database that systemd keeps of the IEEE's lists.
 */
#include "base/mac.h"
#include "discoverd/vendors.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/array.h"
#include "discoverd/systemd_library.h"

enum { LOCALLY_ADMINISTERED = 2 }; /* IEEE 802, 8.2 */

struct vendors {
	const struct systemd_library *systemd;
	sd_hwdb *database; /* a mapped file: only what is looked at takes memory */
};

/* Where systemd-hwdb(8) and the packages of distributions put it. The library is not loaded for a
 * database that is not there. */
static bool has_database(void)
{
	static const char *const FILES[] = {"/etc/systemd/hwdb/hwdb.bin", "/etc/udev/hwdb.bin",
	    "/usr/lib/systemd/hwdb/hwdb.bin", "/usr/lib/udev/hwdb.bin", "/lib/udev/hwdb.bin"};

	for (size_t i = 0; i < COUNT_OF(FILES); i++)
		if (access(FILES[i], R_OK) == 0)
			return true;
	return false;
}

struct vendors *vendors_open(void)
{
	const struct systemd_library *systemd = has_database() ? systemd_library() : NULL;
	struct vendors *vendors = systemd ? calloc(1, sizeof(*vendors)) : NULL;

	if (!vendors)
		return NULL;
	vendors->systemd = systemd;
	if (systemd->sd_hwdb_new(&vendors->database) < 0) {
		free(vendors);
		return NULL;
	}
	return vendors;
}

void vendors_close(struct vendors *vendors)
{
	if (!vendors)
		return;
	vendors->systemd->sd_hwdb_unref(vendors->database);
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
	return vendors->systemd->sd_hwdb_get(
		   vendors->database, key, "ID_OUI_FROM_DATABASE", &vendor) < 0
		   ? NULL
		   : vendor;
}
