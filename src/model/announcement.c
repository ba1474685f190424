/* SPDX-License-Identifier: ISC
 * announcement: owns the strings that say who we are. */
#include "model/announcement.h"
#include "base/array.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

void announcement_init(struct announcement *announcement)
{
	*announcement = (struct announcement){0};
}

static void device_fini(struct announced_device *device)
{
	char *texts[] = {device->udn, device->type, device->name, device->manufacturer,
	    device->manufacturer_url, device->model, device->model_number,
	    device->model_description, device->model_url, device->serial, device->presentation_url};

	for (size_t i = 0; i < COUNT_OF(texts); i++)
		free(texts[i]);
	for (size_t i = 0; i < device->service_count; i++) {
		free(device->services[i].type);
		free(device->services[i].id);
	}
	free(device->services);
}

void announcement_fini(struct announcement *announcement)
{
	for (size_t i = 0; i < announcement->device_count; i++)
		device_fini(&announcement->devices[i]);
	free(announcement->devices);
	free(announcement->server);
	announcement_init(announcement);
}

struct announced_device *announcement_add_device(struct announcement *announcement, size_t parent)
{
	struct announced_device *devices =
	    reallocarray(announcement->devices, announcement->device_count + 1, sizeof(*devices));

	if (!devices)
		return NULL;
	announcement->devices = devices;
	struct announced_device *device = &devices[announcement->device_count++];
	*device = (struct announced_device){.parent = parent};
	return device;
}

int announced_device_add_service(struct announced_device *device, const char *type, const char *id)
{
	struct announced_service *services =
	    reallocarray(device->services, device->service_count + 1, sizeof(*services));

	if (!services)
		return -ENOMEM;
	device->services = services;
	struct announced_service service = {strdup(type), strdup(id)};
	if (!service.type || !service.id) {
		free(service.type);
		free(service.id);
		return -ENOMEM;
	}
	services[device->service_count++] = service;
	return 0;
}

bool announcement_has_udn(const struct announcement *announcement, struct slice udn)
{
	for (size_t i = 0; i < announcement->device_count; i++)
		if (slice_equal_nocase(slice_of(announcement->devices[i].udn), udn))
			return true;
	return false;
}
