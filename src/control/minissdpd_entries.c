/* SPDX-License-Identifier: ISC
 * minissdpd_entries: a device of the table as the entries that minissdpd would list for it. */
#include "control/minissdpd_entries.h"
#include <string.h>

#define PROTOCOL "ssdp"

bool minissdpd_lists(const struct device *device)
{
	return device->kind == DEVICE_KIND_DEVICE && device->facts[DEVICE_LOCATION] &&
	       slice_starts_with_nocase(slice_of(device->id), SLICE("uuid:")) &&
	       device_has_protocol(device, PROTOCOL);
}

void minissdpd_entries_begin(struct minissdpd_entries *entries, const struct device *device)
{
	entries->device = device;
	entries->next = 0;
}

/* UDA 2.0, 1.2.2: "uuid:X::NT". */
static struct slice usn_of(struct minissdpd_entries *entries, struct slice target)
{
	struct writer w;

	writer_init(&w, entries->usn, sizeof(entries->usn));
	writer_text(&w, entries->device->id);
	writer_text(&w, "::");
	writer_slice(&w, target);
	return writer_result(&w);
}

/* What stands at this place, SLICE_NONE where nothing does; *usn only where it was told. */
static struct slice target_at(const struct device *device, size_t place, struct slice *usn)
{
	const struct device_service *service;

	if (place == 0)
		return device->root ? SLICE("upnp:rootdevice") : SLICE_NONE;
	if (place == 1) {
		*usn = slice_of(device->id);
		return *usn;
	}
	if (place == 2)
		return slice_of(device->facts[DEVICE_TYPE]);
	service = &device->services[place - 3];
	if (strcmp(service->protocol, PROTOCOL) != 0)
		return SLICE_NONE;
	*usn = slice_of(service->usn);
	return slice_of(service->type);
}

bool minissdpd_entries_next(struct minissdpd_entries *entries, struct minissdpd_entry *entry)
{
	const struct device *device = entries->device;

	while (entries->next < 3 + (size_t)device->service_count) {
		struct slice usn = SLICE_NONE;
		struct slice target = target_at(device, entries->next++, &usn);

		if (!target.len)
			continue;
		entry->location = slice_of(device->facts[DEVICE_LOCATION]);
		entry->st = target;
		entry->usn = usn.len ? usn : usn_of(entries, target);
		return true;
	}
	return false;
}
