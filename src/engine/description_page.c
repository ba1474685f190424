/* SPDX-License-Identifier: ISC
 * description_page: turns a UPnP description into the page of one of its devices. */
#include "engine/description_page.h"
#include <stdlib.h>

enum {
	ICONS_MAX = DESCRIPTION_DEVICES_MAX * DESCRIPTION_ICONS_MAX,
	URLS_MAX = 2 * DEVICE_PAGE_MAX, /* bytes of the URLs together; more is not kept anyway */
	NOT_IN_PAGE = DESCRIPTION_DEVICES_MAX,
};

/* A page with room for all that a description can hold. */
struct roomy_page {
	struct device_page page;
	struct page_device devices[DESCRIPTION_DEVICES_MAX];
	struct page_service services[DESCRIPTION_SERVICES_READ_MAX];
	struct page_icon icons[ICONS_MAX];
	unsigned places[DESCRIPTION_DEVICES_MAX]; /* of the description's devices, in the page */
	const struct description *description;
	struct slice location;
	char urls[URLS_MAX];
	size_t urls_len;
};

/* NULL for a reference that leads nowhere, or has no room. */
static const char *resolve(struct roomy_page *roomy, const char *reference)
{
	char *url = roomy->urls + roomy->urls_len;
	struct writer w;

	writer_init(&w, url, sizeof(roomy->urls) - roomy->urls_len);
	if (description_resolve(roomy->description, roomy->location, reference, &w) < 0)
		return NULL;
	writer_char(&w, '\0');
	if (writer_error(&w))
		return NULL;
	roomy->urls_len += w.len;
	return url;
}

static uint16_t to_number(const char *text)
{
	uint64_t number;

	return slice_to_u64(slice_of(text), UINT16_MAX, &number) == 0 ? (uint16_t)number : 0;
}

static void add_device(struct roomy_page *roomy, size_t index, bool first)
{
	const struct described_device *from = &roomy->description->devices[index];
	unsigned place = (unsigned)roomy->page.device_count++;

	roomy->places[index] = place;
	roomy->devices[place] = (struct page_device){
	    .udn = from->udn,
	    .type = from->type,
	    .name = from->friendly_name,
	    .manufacturer = from->manufacturer,
	    .model = from->model_name,
	    .serial = from->serial_number,
	    .presentation_url = resolve(roomy, from->presentation_url),
	    .model_number = from->model_number,
	    .model_description = from->model_description,
	    .parent = first ? place : roomy->places[from->parent],
	};
	for (size_t i = 0; i < from->icon_count; i++)
		roomy->icons[roomy->page.icon_count++] = (struct page_icon){
		    .url = resolve(roomy, from->icons[i].url),
		    .mimetype = from->icons[i].mimetype,
		    .width = to_number(from->icons[i].width),
		    .height = to_number(from->icons[i].height),
		    .depth = to_number(from->icons[i].depth),
		    .device = place,
		};
}

static void add_service(struct roomy_page *roomy, const struct described_service *from)
{
	if (roomy->places[from->device] == NOT_IN_PAGE)
		return;
	roomy->services[roomy->page.service_count++] = (struct page_service){
	    .type = from->type,
	    .id = from->id,
	    .scpd_url = resolve(roomy, from->scpd_url),
	    .control_url = resolve(roomy, from->control_url),
	    .event_url = resolve(roomy, from->event_url),
	    .device = roomy->places[from->device],
	};
}

struct device_page *description_page_new(
    const struct description *description, size_t device, struct slice location)
{
	struct roomy_page *roomy = malloc(sizeof(*roomy));

	if (!roomy)
		return NULL;
	roomy->page = (struct device_page){.devices = roomy->devices,
	    .services = roomy->services,
	    .icons = roomy->icons,
	    .ignored = description->ignored};
	roomy->description = description;
	roomy->location = location;
	roomy->urls_len = 0;
	for (size_t i = 0; i < description->device_count; i++) {
		unsigned parent = description->devices[i].parent;
		roomy->places[i] = NOT_IN_PAGE;
		if (i == device || (i > device && roomy->places[parent] != NOT_IN_PAGE))
			add_device(roomy, i, i == device);
	}
	for (size_t i = 0; i < description->service_count; i++)
		add_service(roomy, &description->services[i]);
	return &roomy->page;
}
