/* SPDX-License-Identifier: ISC
 * description: the elements of a device description, freed and written. */
#include "base/array.h"
#include "base/text.h"
#include "wire/description_internal.h"
#include "wire/service_page.h"
#include <stdlib.h>

const struct element_row DESCRIPTION_ROWS[] = {
#define TEXT_OF(structure, member) offsetof(struct structure, member)
#define ICON_TEXT(member)                                                                          \
	(offsetof(struct described_device, icons[0].member) -                                      \
	    offsetof(struct described_device, icons))
    {ELEMENT_DOCUMENT, "root", ELEMENT_ROOT, 0, true, false},
    {ELEMENT_ROOT, "URLBase", ELEMENT_ROOT_TEXT, TEXT_OF(description, url_base), false, true},
    {ELEMENT_ROOT, "device", ELEMENT_DEVICE, 0, true, false},
    {ELEMENT_DEVICE, "deviceType", ELEMENT_DEVICE_TEXT, TEXT_OF(described_device, type), true,
	true},
    {ELEMENT_DEVICE, "friendlyName", ELEMENT_DEVICE_TEXT, TEXT_OF(described_device, friendly_name),
	true, false},
    {ELEMENT_DEVICE, "manufacturer", ELEMENT_DEVICE_TEXT, TEXT_OF(described_device, manufacturer),
	true, false},
    {ELEMENT_DEVICE, "manufacturerURL", ELEMENT_DEVICE_TEXT,
	TEXT_OF(described_device, manufacturer_url), false, true},
    {ELEMENT_DEVICE, "modelDescription", ELEMENT_DEVICE_TEXT,
	TEXT_OF(described_device, model_description), false, false},
    {ELEMENT_DEVICE, "modelName", ELEMENT_DEVICE_TEXT, TEXT_OF(described_device, model_name), true,
	false},
    {ELEMENT_DEVICE, "modelNumber", ELEMENT_DEVICE_TEXT, TEXT_OF(described_device, model_number),
	false, false},
    {ELEMENT_DEVICE, "modelURL", ELEMENT_DEVICE_TEXT, TEXT_OF(described_device, model_url), false,
	true},
    {ELEMENT_DEVICE, "serialNumber", ELEMENT_DEVICE_TEXT, TEXT_OF(described_device, serial_number),
	false, false},
    {ELEMENT_DEVICE, "UDN", ELEMENT_DEVICE_TEXT, TEXT_OF(described_device, udn), true, true},
    {ELEMENT_DEVICE, "iconList", ELEMENT_ICON_LIST, 0, false, false},
    {ELEMENT_ICON_LIST, "icon", ELEMENT_ICON, 0, false, false},
    {ELEMENT_ICON, "mimetype", ELEMENT_ICON_TEXT, ICON_TEXT(mimetype), false, false},
    {ELEMENT_ICON, "width", ELEMENT_ICON_TEXT, ICON_TEXT(width), false, false},
    {ELEMENT_ICON, "height", ELEMENT_ICON_TEXT, ICON_TEXT(height), false, false},
    {ELEMENT_ICON, "depth", ELEMENT_ICON_TEXT, ICON_TEXT(depth), false, false},
    {ELEMENT_ICON, "url", ELEMENT_ICON_TEXT, ICON_TEXT(url), false, true},
    {ELEMENT_DEVICE, "serviceList", ELEMENT_SERVICE_LIST, 0, false, false},
    {ELEMENT_SERVICE_LIST, "service", ELEMENT_SERVICE, 0, false, false},
    {ELEMENT_SERVICE, "serviceType", ELEMENT_SERVICE_TEXT, TEXT_OF(described_service, type), true,
	true},
    {ELEMENT_SERVICE, "serviceId", ELEMENT_SERVICE_TEXT, TEXT_OF(described_service, id), true,
	true},
    {ELEMENT_SERVICE, "SCPDURL", ELEMENT_SERVICE_TEXT, TEXT_OF(described_service, scpd_url), false,
	true},
    {ELEMENT_SERVICE, "controlURL", ELEMENT_SERVICE_TEXT, TEXT_OF(described_service, control_url),
	false, true},
    {ELEMENT_SERVICE, "eventSubURL", ELEMENT_SERVICE_TEXT, TEXT_OF(described_service, event_url),
	false, true},
    {ELEMENT_DEVICE, "deviceList", ELEMENT_DEVICE_LIST, 0, false, false},
    {ELEMENT_DEVICE_LIST, "device", ELEMENT_DEVICE, 0, false, false},
    {ELEMENT_DEVICE, "presentationURL", ELEMENT_DEVICE_TEXT,
	TEXT_OF(described_device, presentation_url), false, true},
#undef TEXT_OF
#undef ICON_TEXT
};
const struct element_row *const DESCRIPTION_ROWS_END =
    DESCRIPTION_ROWS + COUNT_OF(DESCRIPTION_ROWS);

/* Every text that a row puts into `base`. */
static void free_texts(void *base, enum element kind)
{
	for (const struct element_row *row = DESCRIPTION_ROWS; row < DESCRIPTION_ROWS_END; row++)
		if (row->self == kind)
			free(*(char **)(void *)((char *)base + row->offset));
}

static void free_device(struct described_device *device)
{
	free_texts(device, ELEMENT_DEVICE_TEXT);
	for (size_t i = 0; i < device->icon_count; i++)
		free_texts(&device->icons[i], ELEMENT_ICON_TEXT);
}

void description_free(struct description *description)
{
	if (!description)
		return;
	free_texts(description, ELEMENT_ROOT_TEXT);
	for (size_t i = 0; i < description->device_count; i++)
		free_device(&description->devices[i]);
	for (size_t i = 0; i < description->service_count; i++)
		free_texts(&description->services[i], ELEMENT_SERVICE_TEXT);
	free(description);
}

/* What XML 1.0 (2.2) cannot hold, escaped or not, and what is no UTF-8, becomes U+FFFD. */
static void write_character(struct slice one, int32_t code_point, struct writer *w)
{
	switch (code_point) {
	case '&':
		writer_text(w, "&amp;");
		break;
	case '<':
		writer_text(w, "&lt;");
		break;
	case '>':
		writer_text(w, "&gt;");
		break;
	case '\r':
		writer_text(w, "&#13;");
		break;
	default: {
		bool control = code_point < ' ' && code_point != '\t' && code_point != '\n';
		bool none = code_point == 0xfffe || code_point == 0xffff;
		writer_slice(w, control || none ? SLICE("\xef\xbf\xbd") : one);
	}
	}
}

static void write_element(const char *name, const char *text, struct writer *w)
{
	struct slice rest = slice_of(text);
	size_t used;

	writer_format(w, "<%s>", name);
	for (; rest.len > 0; rest = slice_skip(rest, used)) {
		int32_t code_point;
		used = text_decode(rest, &code_point);
		write_character(slice_head(rest, used), code_point, w);
	}
	writer_format(w, "</%s>\n", name);
}

static void write_text(const struct element_row *row, const void *base, struct writer *w)
{
	const char *text = *(char *const *)(const void *)((const char *)base + row->offset);

	if (text || row->required)
		write_element(row->name, text, w);
}

static void write_service_url(const char *name, const struct description *description, size_t index,
    enum service_page page, struct writer *w)
{
	writer_format(w, "<%s>", name);
	service_page_path(slice_of(description->path), index, page, w);
	writer_format(w, "</%s>\n", name);
}

/* Three URLs of its own (UDA 2.0, 2.3), none empty: a control point may ask for each. */
static void write_service(const struct description *description, size_t index, struct writer *w)
{
	writer_text(w, "<service>\n");
	for (const struct element_row *row = DESCRIPTION_ROWS; row < DESCRIPTION_ROWS_END; row++)
		if (row->parent == ELEMENT_SERVICE)
			write_text(row, &description->services[index], w);
	write_service_url("SCPDURL", description, index, SERVICE_PAGE_DESCRIPTION, w);
	write_service_url("controlURL", description, index, SERVICE_PAGE_CONTROL, w);
	write_service_url("eventSubURL", description, index, SERVICE_PAGE_EVENTS, w);
	writer_text(w, "</service>\n");
}

static void write_services(const struct description *description, size_t device, struct writer *w)
{
	bool any = false;

	for (size_t i = 0; i < description->service_count; i++) {
		if (description->services[i].device != device)
			continue;
		if (!any)
			writer_text(w, "<serviceList>\n");
		any = true;
		write_service(description, i, w);
	}
	if (any)
		writer_text(w, "</serviceList>\n");
}

/* The elements of a device that stand before its deviceList, or after it. */
static void write_device_part(
    const struct description *description, size_t device, bool after_list, struct writer *w)
{
	bool after = false;

	for (const struct element_row *row = DESCRIPTION_ROWS; row < DESCRIPTION_ROWS_END; row++) {
		if (row->self == ELEMENT_DEVICE_LIST)
			after = true;
		if (row->parent != ELEMENT_DEVICE || after != after_list)
			continue;
		if (row->self == ELEMENT_DEVICE_TEXT)
			write_text(row, &description->devices[device], w);
		else if (row->self == ELEMENT_SERVICE_LIST)
			write_services(description, device, w);
	}
}

/* The next device inside `parent` after index `last`; 0 when there is none. */
static size_t next_child(const struct description *description, size_t parent, size_t last)
{
	for (size_t i = last + 1; i < description->device_count; i++)
		if (description->devices[i].parent == parent)
			return i;
	return 0;
}

/* Parents come before children, so walking the tree needs no stack: `last` is the child of `device`
 * that was written before, or `device` itself while it has none. */
static void write_devices(const struct description *description, struct writer *w)
{
	size_t device = 0, last = 0;

	writer_text(w, "<device>\n");
	write_device_part(description, 0, false, w);
	for (;;) {
		size_t child = next_child(description, device, last);
		if (child) {
			writer_text(w, last == device ? "<deviceList>\n<device>\n" : "<device>\n");
			write_device_part(description, child, false, w);
			device = last = child;
			continue;
		}
		if (last != device)
			writer_text(w, "</deviceList>\n");
		write_device_part(description, device, true, w);
		writer_text(w, "</device>\n");
		if (device == 0)
			return;
		last = device;
		device = description->devices[device].parent;
	}
}

void description_format(const struct description *description, struct writer *w)
{
	writer_text(w, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
		       "<root xmlns=\"urn:schemas-upnp-org:device-1-0\"");
	if (description->has_config_id)
		writer_format(w, " configId=\"%u\"", description->config_id);
	writer_text(w, ">\n<specVersion>\n<major>2</major>\n<minor>0</minor>\n</specVersion>\n");
	write_devices(description, w);
	writer_text(w, "</root>\n");
}
