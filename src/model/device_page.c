/* SPDX-License-Identifier: ISC
 * device_page: copies what a page says into one block. */
#include "model/device_page.h"
#include "base/text.h"
#include <stdlib.h>
#include <string.h>

/* What is used of the block so far, and where texts go; NULL while it is only counted. */
struct block {
	size_t used;
	char *texts;
};

static void keep(struct block *block, const char **text)
{
	char clean[DEVICE_PAGE_TEXT_MAX];
	size_t len = *text ? text_clean(slice_of(*text), clean, sizeof(clean)) : 0;

	if (len == 0) {
		*text = NULL;
		return;
	}
	block->used += len + 1;
	if (!block->texts)
		return;
	*text = memcpy(block->texts, clean, len + 1);
	block->texts += len + 1;
}

static void keep_device(struct block *block, struct page_device *device)
{
	keep(block, &device->udn);
	keep(block, &device->type);
	keep(block, &device->name);
	keep(block, &device->manufacturer);
	keep(block, &device->model);
	keep(block, &device->serial);
	keep(block, &device->presentation_url);
	keep(block, &device->model_number);
	keep(block, &device->model_description);
}

static void keep_icon(struct block *block, struct page_icon *icon)
{
	keep(block, &icon->url);
	keep(block, &icon->mimetype);
}

static void keep_service(struct block *block, struct page_service *service)
{
	keep(block, &service->type);
	keep(block, &service->id);
	keep(block, &service->scpd_url);
	keep(block, &service->control_url);
	keep(block, &service->event_url);
}

/* True while what was counted last still fits. */
static bool fits(struct block *block, size_t size)
{
	block->used += size;
	return block->used <= DEVICE_PAGE_MAX;
}

/* How many of each fit, and the bytes that they need. */
static size_t count(const struct device_page *from, struct device_page *to)
{
	struct block block = {.used = sizeof(*to)};
	size_t used = block.used;

	*to = (struct device_page){0};
	for (; to->device_count < from->device_count; to->device_count++, used = block.used) {
		struct page_device device = from->devices[to->device_count];
		keep_device(&block, &device);
		if (!fits(&block, sizeof(device)))
			break;
	}
	block.used = used;
	for (; to->icon_count < from->icon_count; to->icon_count++, used = block.used) {
		struct page_icon icon = from->icons[to->icon_count];
		keep_icon(&block, &icon);
		if (icon.device >= to->device_count || !fits(&block, sizeof(icon)))
			break;
	}
	block.used = used;
	for (; to->service_count < from->service_count; to->service_count++, used = block.used) {
		struct page_service service = from->services[to->service_count];
		keep_service(&block, &service);
		if (service.device >= to->device_count || !fits(&block, sizeof(service)))
			break;
	}
	to->ignored = from->ignored + from->device_count - to->device_count + from->icon_count -
		      to->icon_count + from->service_count - to->service_count;
	return used;
}

struct device_page *device_page_copy(const struct device_page *page)
{
	struct device_page counted;
	size_t size = count(page, &counted);
	struct device_page *copy = malloc(size);

	if (!copy)
		return NULL;
	*copy = counted;
	copy->size = size;
	copy->devices = (struct page_device *)(copy + 1);
	copy->icons = (struct page_icon *)(copy->devices + copy->device_count);
	copy->services = (struct page_service *)(copy->icons + copy->icon_count);
	struct block block = {.texts = (char *)(copy->services + copy->service_count)};
	for (size_t i = 0; i < copy->device_count; i++) {
		copy->devices[i] = page->devices[i];
		keep_device(&block, &copy->devices[i]);
	}
	for (size_t i = 0; i < copy->icon_count; i++) {
		copy->icons[i] = page->icons[i];
		keep_icon(&block, &copy->icons[i]);
	}
	for (size_t i = 0; i < copy->service_count; i++) {
		copy->services[i] = page->services[i];
		keep_service(&block, &copy->services[i]);
	}
	return copy;
}
