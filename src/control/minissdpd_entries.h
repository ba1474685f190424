/* SPDX-License-Identifier: ISC
 * minissdpd_entries: a device of the table as the entries that minissdpd would list for it. */
#ifndef CONTROL_MINISSDPD_ENTRIES_H
#define CONTROL_MINISSDPD_ENTRIES_H

#include "model/device.h"
#include "wire/minissdpd_message.h"

enum {
	MINISSDPD_USN_MAX = KEY_TEXT_MAX + 2 + ENDPOINT_TEXT_MAX,
	MINISSDPD_NOTICE_MAX = 3 + 3 * 2 + ENDPOINT_URL_MAX + ENDPOINT_TEXT_MAX + MINISSDPD_USN_MAX,
};

/* The entries of one device, one after the other: of each of its UPnP endpoints that
 * has an id and a description, the root device, the id, the type and the services. Each is valid
 * until the next one is asked for, and not beyond the table's next mutation. */
struct minissdpd_entries {
	const struct device *device;
	const struct endpoint *endpoint;
	size_t next; /* of the endpoint */
	char udn[KEY_TEXT_MAX], usn[MINISSDPD_USN_MAX];
};

void minissdpd_entries_begin(struct minissdpd_entries *entries, const struct device *device);
bool minissdpd_entries_next(struct minissdpd_entries *entries, struct minissdpd_entry *entry);

#endif
