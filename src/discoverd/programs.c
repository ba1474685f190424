/* SPDX-License-Identifier: ISC
 * programs: see programs.h. */
#include "discoverd/programs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "wire/usn.h"

enum { NAME_MAX_BYTES = 64 };

void programs_fini(struct programs *programs)
{
	free(programs->list);
	*programs = (struct programs){0};
}

int programs_add(struct programs *programs, const struct program *program)
{
	struct program *list =
	    reallocarray(programs->list, programs->count + 1, sizeof(struct program));

	if (!list)
		return -ENOMEM;
	programs->list = list;
	list[programs->count++] = *program;
	return 0;
}

void programs_remove(struct programs *programs, size_t index)
{
	programs->list[index] = programs->list[--programs->count];
}

/* A copy where there is nothing yet; NULL stands for nothing to copy. 0 or -ENOMEM. */
static int fill(char **place, const char *text)
{
	if (!*place && text)
		*place = strdup(text);
	return text && !*place ? -ENOMEM : 0;
}

/* "Basic" of "urn:schemas-upnp-org:device:Basic:1". */
static struct slice last_part(const char *type)
{
	struct slice base = urn_split_version(slice_of(type)).base;
	size_t from = base.len;

	while (from && base.bytes[from - 1] != ':')
		from--;
	return slice_skip(base, from);
}

/* By its type, or by its first service where the type is the one that says nothing. */
static const char *telling_type(const struct announced_device *device)
{
	bool basic = slice_equal(last_part(device->type), SLICE("Basic"));

	return basic && device->service_count ? device->services[0].type : device->type;
}

static int complete(struct announced_tree *tree, size_t index, const struct identity *identity,
    const struct announced_device *own)
{
	struct announced_device *device = &tree->devices[index];
	const struct announced_device *like = index ? &tree->devices[0] : own;
	struct slice part = last_part(telling_type(device));
	char whole[256], name[NAME_MAX_BYTES + 1], udn[UDN_TEXT_MAX], seed[512];

	snprintf(whole, sizeof(whole), "%s %.*s", own->name, SLICE_ARGS(part));
	text_clean(slice_of(whole), name, sizeof(name));
	if (fill(&device->name, name))
		return -ENOMEM;
	/* an embedded one is told from its like by its root and its place in it */
	if (index)
		snprintf(seed, sizeof(seed), "program %s %s %s %zu", device->type, device->name,
		    like->udn, index);
	else
		snprintf(seed, sizeof(seed), "program %s %s", device->type, device->name);
	identity_derive_udn(identity, slice_of(seed), udn);
	if (fill(&device->udn, udn) || fill(&device->manufacturer, like->manufacturer) ||
	    fill(&device->model, like->model))
		return -ENOMEM;
	return 0;
}

int programs_complete(struct announced_tree *tree, const struct identity *identity,
    const struct announced_device *own)
{
	int result = 0;

	for (size_t i = 0; i < tree->device_count && !result; i++)
		result = complete(tree, i, identity, own);
	return result;
}

void programs_path(const char *udn, char path[PROGRAM_PATH_MAX])
{
	snprintf(path, PROGRAM_PATH_MAX, "/%.36s.xml", udn + strlen("uuid:"));
}
