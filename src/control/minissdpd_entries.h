/* SPDX-License-Identifier: ISC
 * minissdpd_entries: a device of the table as the entries that minissdpd would list for it. */
#ifndef CONTROL_MINISSDPD_ENTRIES_H
#define CONTROL_MINISSDPD_ENTRIES_H

#include "model/device.h"
#include "wire/minissdpd_message.h"

enum {
	/* its root device, its uuid, its type, and its services */
	MINISSDPD_ENTRIES_MAX = 3 + DEVICE_SERVICES_MAX,
	MINISSDPD_USN_MAX = DEVICE_ID_MAX + 2 + DEVICE_USN_MAX,
	MINISSDPD_NOTICE_MAX = 3 + 3 * 2 + DEVICE_URL_MAX + DEVICE_USN_MAX + MINISSDPD_USN_MAX,
};

/* The entries of one device, one after the other; each is valid until the next one is asked for,
 * and not beyond the table's next mutation. */
struct minissdpd_entries {
	const struct device *device;
	size_t next;
	char usn[MINISSDPD_USN_MAX];
};

/* Whether a client hears of it: found by SSDP, with a uuid, and with a LOCATION. */
bool minissdpd_lists(const struct device *device);
void minissdpd_entries_begin(struct minissdpd_entries *entries, const struct device *device);
bool minissdpd_entries_next(struct minissdpd_entries *entries, struct minissdpd_entry *entry);

#endif
