/* SPDX-License-Identifier: ISC
 * announcement: owns the trees that say who we are and what this host offers. */
#include "model/announcement.h"
#include "base/array.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Where the texts of a device are. */
static const size_t TEXTS[] = {
    offsetof(struct announced_device, udn),
    offsetof(struct announced_device, type),
    offsetof(struct announced_device, name),
    offsetof(struct announced_device, manufacturer),
    offsetof(struct announced_device, manufacturer_url),
    offsetof(struct announced_device, model),
    offsetof(struct announced_device, model_number),
    offsetof(struct announced_device, model_description),
    offsetof(struct announced_device, model_url),
    offsetof(struct announced_device, serial),
    offsetof(struct announced_device, presentation_url),
};

static char *text_of(const struct announced_device *device, size_t i)
{
	return *(char *const *)(const void *)((const char *)device + TEXTS[i]);
}

static void device_fini(struct announced_device *device)
{
	for (size_t i = 0; i < COUNT_OF(TEXTS); i++)
		free(text_of(device, i));
	for (size_t i = 0; i < device->service_count; i++) {
		free(device->services[i].type);
		free(device->services[i].id);
	}
	free(device->services);
}

struct announced_tree *announced_tree_new(void)
{
	return calloc(1, sizeof(struct announced_tree));
}

void announced_tree_free(struct announced_tree *tree)
{
	if (!tree)
		return;
	for (size_t i = 0; i < tree->device_count; i++)
		device_fini(&tree->devices[i]);
	free(tree->devices);
	free(tree->location);
	free(tree->server);
	free(tree);
}

struct announced_device *announced_tree_add_device(struct announced_tree *tree, size_t parent)
{
	struct announced_device *devices =
	    reallocarray(tree->devices, tree->device_count + 1, sizeof(*devices));

	if (!devices)
		return NULL;
	tree->devices = devices;
	struct announced_device *device = &devices[tree->device_count];
	*device = (struct announced_device){
	    .parent = parent,
	    .parts = tree->device_count == 0 ? ANNOUNCED_ROOT : ANNOUNCED_EMBEDDED,
	};
	tree->device_count++;
	return device;
}

bool announced_services_have_id(
    const struct announced_service *services, size_t count, struct slice id)
{
	for (size_t i = 0; i < count; i++)
		if (slice_equal(slice_of(services[i].id), id))
			return true;
	return false;
}

void announced_service_make_id(
    const struct announced_service *earlier, size_t count, struct slice type, struct writer *w)
{
	struct slice rest = type, urn, domain = SLICE_NONE, kind, name = SLICE_NONE;
	size_t start = w->len;

	slice_cut(&rest, ':', &urn);
	slice_cut(&rest, ':', &domain);
	slice_cut(&rest, ':', &kind);
	slice_cut(&rest, ':', &name);
	if (slice_equal(domain, SLICE("schemas-upnp-org")))
		domain = SLICE("upnp-org");
	for (unsigned number = 1; !writer_error(w); number++) {
		w->len = start;
		writer_format(w, "urn:%.*s:serviceId:%.*s", SLICE_ARGS(domain), SLICE_ARGS(name));
		if (number > 1)
			writer_format(w, ".%u", number);
		if (!announced_services_have_id(
			earlier, count, slice_skip(writer_result(w), start)))
			return;
	}
}

int announced_device_add_service(struct announced_device *device, const char *type, const char *id)
{
	struct announced_service *services =
	    reallocarray(device->services, device->service_count + 1, sizeof(*services));

	if (!services)
		return -ENOMEM;
	device->services = services;
	struct announced_service service = {strdup(type), id ? strdup(id) : NULL};
	if (!service.type || (id && !service.id)) {
		free(service.type);
		free(service.id);
		return -ENOMEM;
	}
	services[device->service_count++] = service;
	return 0;
}

bool announced_tree_is_whole(const struct announced_tree *tree)
{
	return tree->device_count > 0 && tree->devices[0].parts == ANNOUNCED_ROOT;
}

/* Absent is not the same as empty. */
static bool is_same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool is_same_device(const struct announced_device *a, const struct announced_device *b)
{
	if (a->parent != b->parent || a->parts != b->parts || a->service_count != b->service_count)
		return false;
	for (size_t i = 0; i < COUNT_OF(TEXTS); i++)
		if (!is_same_text(text_of(a, i), text_of(b, i)))
			return false;
	for (size_t i = 0; i < a->service_count; i++)
		if (!is_same_text(a->services[i].type, b->services[i].type) ||
		    !is_same_text(a->services[i].id, b->services[i].id))
			return false;
	return true;
}

bool announced_tree_says_the_same(const struct announced_tree *a, const struct announced_tree *b)
{
	if (a->device_count != b->device_count || !is_same_text(a->location, b->location) ||
	    !is_same_text(a->server, b->server))
		return false;
	for (size_t i = 0; i < a->device_count; i++)
		if (!is_same_device(&a->devices[i], &b->devices[i]))
			return false;
	return true;
}

bool announced_tree_has_udn(const struct announced_tree *tree, struct slice udn)
{
	for (size_t i = 0; i < tree->device_count; i++)
		if (slice_equal_nocase(slice_of(tree->devices[i].udn), udn))
			return true;
	return false;
}

void announcement_init(struct announcement *announcement)
{
	*announcement = (struct announcement){0};
}

void announcement_fini(struct announcement *announcement)
{
	for (size_t i = 0; i < announcement->tree_count; i++)
		announced_tree_free(announcement->trees[i]);
	free(announcement->trees);
	free(announcement->server);
	announcement_init(announcement);
}

int announcement_add(struct announcement *announcement, struct announced_tree *tree)
{
	struct announced_tree **trees =
	    reallocarray(announcement->trees, announcement->tree_count + 1, sizeof(*trees));

	if (!trees)
		return -ENOMEM;
	announcement->trees = trees;
	tree->number = ++announcement->last_number;
	trees[announcement->tree_count++] = tree;
	return 0;
}

int announcement_replace_own(
    struct announcement *announcement, struct announced_tree *tree, struct announced_tree **former)
{
	*former = NULL;
	if (announcement->tree_count == 0)
		return announcement_add(announcement, tree);
	*former = announcement->trees[0];
	tree->number = ++announcement->last_number;
	announcement->trees[0] = tree;
	return 0;
}

/* Its place in the array, or the count where it is not in. */
static size_t place_of(const struct announcement *announcement, uint64_t number)
{
	size_t i = 0;

	while (i < announcement->tree_count && announcement->trees[i]->number != number)
		i++;
	return i;
}

struct announced_tree *announcement_take(struct announcement *announcement, uint64_t number)
{
	size_t i = place_of(announcement, number);

	if (i == 0 || i == announcement->tree_count)
		return NULL;
	struct announced_tree *tree = announcement->trees[i];
	announcement->tree_count--;
	memmove(&announcement->trees[i], &announcement->trees[i + 1],
	    (announcement->tree_count - i) * sizeof(struct announced_tree *));
	return tree;
}

const struct announced_tree *announcement_find(
    const struct announcement *announcement, uint64_t number)
{
	size_t i = place_of(announcement, number);
	return i < announcement->tree_count ? announcement->trees[i] : NULL;
}

const struct announced_tree *announcement_own(const struct announcement *announcement)
{
	return announcement->tree_count ? announcement->trees[0] : NULL;
}

const struct announced_tree *announcement_find_udn(
    const struct announcement *announcement, struct slice udn)
{
	for (size_t i = 0; i < announcement->tree_count; i++)
		if (announced_tree_has_udn(announcement->trees[i], udn))
			return announcement->trees[i];
	return NULL;
}
