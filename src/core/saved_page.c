/* SPDX-License-Identifier: ISC
 * saved_page: what a description says, as JSON and back. */
#include "base/array.h"
#include "core/saved_table_internal.h"
#include <stddef.h>

/* A text of a struct. */
struct row {
	const char *key;
	size_t offset;
};

static const struct row DEVICE_TEXTS[] = {
    {"udn", offsetof(struct page_device, udn)},
    {"type", offsetof(struct page_device, type)},
    {"name", offsetof(struct page_device, name)},
    {"manufacturer", offsetof(struct page_device, manufacturer)},
    {"model", offsetof(struct page_device, model)},
    {"serial", offsetof(struct page_device, serial)},
    {"presentation_url", offsetof(struct page_device, presentation_url)},
    {"model_number", offsetof(struct page_device, model_number)},
    {"model_description", offsetof(struct page_device, model_description)},
};

static const struct row SERVICE_TEXTS[] = {
    {"type", offsetof(struct page_service, type)},
    {"id", offsetof(struct page_service, id)},
    {"scpd_url", offsetof(struct page_service, scpd_url)},
    {"control_url", offsetof(struct page_service, control_url)},
    {"event_url", offsetof(struct page_service, event_url)},
};

static const struct row ICON_TEXTS[] = {
    {"url", offsetof(struct page_icon, url)},
    {"mimetype", offsetof(struct page_icon, mimetype)},
};

static struct json_object *write_texts(const struct row *rows, size_t count, const void *from)
{
	struct json_object *object = json_object_new_object();

	for (size_t i = 0; i < count; i++)
		saved_put_text(object, rows[i].key,
		    *(const char *const *)((const char *)from + rows[i].offset));
	return object;
}

static void read_texts(const struct row *rows, size_t count, struct json_object *object, void *to)
{
	for (size_t i = 0; i < count; i++)
		*(const char **)((char *)to + rows[i].offset) = saved_get_text(object, rows[i].key);
}

struct json_object *saved_page_write(const struct device_page *page)
{
	struct json_object *object = json_object_new_object();
	struct json_object *devices = json_object_new_array();
	struct json_object *services = json_object_new_array();
	struct json_object *icons = json_object_new_array();

	for (size_t i = 0; i < page->device_count; i++) {
		struct json_object *device =
		    write_texts(DEVICE_TEXTS, COUNT_OF(DEVICE_TEXTS), &page->devices[i]);
		saved_put_number(device, "parent", page->devices[i].parent);
		saved_append(devices, device);
	}
	for (size_t i = 0; i < page->service_count; i++) {
		struct json_object *service =
		    write_texts(SERVICE_TEXTS, COUNT_OF(SERVICE_TEXTS), &page->services[i]);
		saved_put_number(service, "device", page->services[i].device);
		saved_append(services, service);
	}
	for (size_t i = 0; i < page->icon_count; i++) {
		const struct page_icon *from = &page->icons[i];
		struct json_object *icon = write_texts(ICON_TEXTS, COUNT_OF(ICON_TEXTS), from);
		saved_put_number(icon, "width", from->width);
		saved_put_number(icon, "height", from->height);
		saved_put_number(icon, "depth", from->depth);
		saved_put_number(icon, "device", from->device);
		saved_append(icons, icon);
	}
	saved_put(object, "devices", devices);
	saved_put(object, "services", services);
	saved_put(object, "icons", icons);
	saved_put_number(object, "ignored", (int64_t)page->ignored);
	return object;
}

static unsigned index_in(struct json_object *object, const char *key, size_t count)
{
	return (unsigned)saved_get_number(object, key, 0, (int64_t)count - 1);
}

static void read_icon(struct json_object *object, size_t devices, struct page_icon *icon)
{
	read_texts(ICON_TEXTS, COUNT_OF(ICON_TEXTS), object, icon);
	icon->width = (uint16_t)saved_get_number(object, "width", 0, UINT16_MAX);
	icon->height = (uint16_t)saved_get_number(object, "height", 0, UINT16_MAX);
	icon->depth = (uint16_t)saved_get_number(object, "depth", 0, UINT16_MAX);
	icon->device = index_in(object, "device", devices);
}

bool saved_page_read(struct json_object *object, struct saved_page *saved)
{
	struct json_object *devices = saved_get(object, "devices", json_type_array);
	struct json_object *services = saved_get(object, "services", json_type_array);
	struct json_object *icons = saved_get(object, "icons", json_type_array);
	struct device_page *page = &saved->page;

	*page = (struct device_page){
	    .devices = saved->devices,
	    .services = saved->services,
	    .icons = saved->icons,
	    .device_count = saved_length(devices, SAVED_PAGE_ENTRIES_MAX),
	    .ignored = (size_t)saved_get_number(object, "ignored", 0, UINT16_MAX),
	};
	if (page->device_count == 0)
		return false;
	for (size_t i = 0; i < page->device_count; i++) {
		struct json_object *entry = json_object_array_get_idx(devices, i);
		read_texts(DEVICE_TEXTS, COUNT_OF(DEVICE_TEXTS), entry, &saved->devices[i]);
		/* parents come before children */
		saved->devices[i].parent = index_in(entry, "parent", i ? i : 1);
	}
	page->service_count = saved_length(services, SAVED_PAGE_ENTRIES_MAX);
	for (size_t i = 0; i < page->service_count; i++) {
		struct json_object *entry = json_object_array_get_idx(services, i);
		read_texts(SERVICE_TEXTS, COUNT_OF(SERVICE_TEXTS), entry, &saved->services[i]);
		saved->services[i].device = index_in(entry, "device", page->device_count);
	}
	page->icon_count = saved_length(icons, SAVED_PAGE_ENTRIES_MAX);
	for (size_t i = 0; i < page->icon_count; i++)
		read_icon(
		    json_object_array_get_idx(icons, i), page->device_count, &saved->icons[i]);
	return true;
}
