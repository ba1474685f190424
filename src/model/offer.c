/* SPDX-License-Identifier: ISC
 * offer: what this host announces, each a tree of devices; one registry owns them all. */
#include "model/offer.h"
#include "base/array.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Where the texts of a device are. */
static const size_t TEXTS[] = {
    offsetof(struct offered_device, udn),
    offsetof(struct offered_device, type),
    offsetof(struct offered_device, name),
    offsetof(struct offered_device, manufacturer),
    offsetof(struct offered_device, manufacturer_url),
    offsetof(struct offered_device, model),
    offsetof(struct offered_device, model_number),
    offsetof(struct offered_device, model_description),
    offsetof(struct offered_device, model_url),
    offsetof(struct offered_device, serial),
    offsetof(struct offered_device, presentation_url),
};

static char *text_of(const struct offered_device *device, size_t i)
{
	return *(char *const *)(const void *)((const char *)device + TEXTS[i]);
}

static void device_fini(struct offered_device *device)
{
	for (size_t i = 0; i < COUNT_OF(TEXTS); i++)
		free(text_of(device, i));
	for (size_t i = 0; i < device->service_count; i++)
		offered_service_fini(&device->services[i]);
	free(device->services);
}

struct offer *offer_new(void)
{
	return calloc(1, sizeof(struct offer));
}

void offer_free(struct offer *tree)
{
	if (!tree)
		return;
	for (size_t i = 0; i < tree->device_count; i++)
		device_fini(&tree->devices[i]);
	free(tree->devices);
	free(tree->url);
	free(tree->server);
	free(tree);
}

struct offered_device *offer_add_device(struct offer *tree, size_t parent)
{
	struct offered_device *devices =
	    reallocarray(tree->devices, tree->device_count + 1, sizeof(*devices));

	if (!devices)
		return NULL;
	tree->devices = devices;
	struct offered_device *device = &devices[tree->device_count];
	*device = (struct offered_device){
	    .parent = parent,
	    .parts = tree->device_count == 0 ? OFFERED_ROOT : OFFERED_EMBEDDED,
	};
	tree->device_count++;
	return device;
}

/* A zeroed one at the end; NULL when out of memory. */
static struct offered_service *append_service(struct offered_device *device)
{
	struct offered_service *services =
	    reallocarray(device->services, device->service_count + 1, sizeof(*services));

	if (!services)
		return NULL;
	device->services = services;
	services[device->service_count] = (struct offered_service){0};
	return &services[device->service_count];
}

int offered_device_copy_service(
    struct offered_device *device, const struct offered_service *service)
{
	struct offered_service *place = append_service(device);

	if (!place || offered_service_copy(service, place) < 0)
		return -ENOMEM;
	device->service_count++;
	return 0;
}

int offered_device_add_service(struct offered_device *device, const char *type, const char *id)
{
	struct offered_service *place = append_service(device);

	if (!place)
		return -ENOMEM;
	place->type = strdup(type);
	place->id = id ? strdup(id) : NULL;
	if (!place->type || (id && !place->id)) {
		offered_service_fini(place);
		return -ENOMEM;
	}
	device->service_count++;
	return 0;
}

bool offer_is_whole(const struct offer *tree)
{
	return tree->device_count > 0 && tree->devices[0].parts == OFFERED_ROOT;
}

/* Absent is not the same as empty. */
static bool is_same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool is_same_device(const struct offered_device *a, const struct offered_device *b)
{
	if (a->parent != b->parent || a->parts != b->parts || a->service_count != b->service_count)
		return false;
	for (size_t i = 0; i < COUNT_OF(TEXTS); i++)
		if (!is_same_text(text_of(a, i), text_of(b, i)))
			return false;
	for (size_t i = 0; i < a->service_count; i++)
		if (!offered_service_equal(&a->services[i], &b->services[i]))
			return false;
	return true;
}

bool offer_says_the_same(const struct offer *a, const struct offer *b)
{
	if (a->device_count != b->device_count || !is_same_text(a->url, b->url) ||
	    !is_same_text(a->server, b->server))
		return false;
	for (size_t i = 0; i < a->device_count; i++)
		if (!is_same_device(&a->devices[i], &b->devices[i]))
			return false;
	return true;
}

bool offer_has_udn(const struct offer *tree, struct slice udn)
{
	for (size_t i = 0; i < tree->device_count; i++)
		if (slice_equal_nocase(slice_of(tree->devices[i].udn), udn))
			return true;
	return false;
}
