/* SPDX-License-Identifier: ISC
 * drop_in_source: makes of what a drop-in file says what is announced, and names what it does not
 * name. */
#include "discoverd/drop_in_source.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/own_offer.h"

/* The file's name without its ".conf". */
static struct slice base_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct slice name = slice_of(slash ? slash + 1 : path), ending = SLICE(".conf");

	return slice_ends_with(name, ending) ? slice_head(name, name.len - ending.len) : name;
}

void drop_in_source_udn(const struct drop_in_source *source,
    const struct service_file_device *device, char udn[UDN_TEXT_MAX])
{
	char number[16], name[512];
	struct writer w;

	if (device->texts.uuid) {
		snprintf(udn, UDN_TEXT_MAX, "uuid:%s", device->texts.uuid);
		return;
	}
	snprintf(number, sizeof(number), "%u", device->number);
	writer_init(&w, name, sizeof(name)); /* a file's name has at most 255 bytes */
	writer_slice(&w, base_of(source->path));
	writer_char(&w, '/');
	writer_text(&w, device->texts.name ? device->texts.name : number);
	source->identity->derive_udn(source->identity->udn, writer_result(&w), udn);
}

static int add_services(struct offered_device *to, const struct service_file_device *from)
{
	int result = 0;

	for (size_t i = 0; i < from->service_count && !result; i++)
		result = offered_device_copy_service(to, &from->services[i]);
	return result;
}

/* Fills a device of a tree as a file has it; what the file does not say is named after the file, or
 * said as this host says it. 0 or -ENOMEM. */
static int fill(const struct drop_in_source *source, const struct service_file_device *from,
    struct offered_device *to)
{
	const struct config_device host = own_offer_texts(source->config, source->identity);
	struct config_device texts = from->texts;
	char udn[UDN_TEXT_MAX], name[65];
	int result;

	drop_in_source_udn(source, from, udn);
	text_clean(base_of(source->path), name, sizeof(name));
	if (!texts.name)
		texts.name = name[0] ? name : host.name;
	if (!texts.manufacturer)
		texts.manufacturer = host.manufacturer;
	if (!texts.model)
		texts.model = host.model;
	result = own_offer_fill(to, udn, &texts);
	return result ? result : add_services(to, from);
}

int drop_in_source_extend(
    const struct drop_in_source *source, const struct service_file *content, struct offer *own)
{
	const struct service_file_device *host = &content->devices[0];

	for (size_t i = 0; i < host->service_count; i++)
		if (offered_services_have_id(own->devices[0].services,
			own->devices[0].service_count, slice_of(host->services[i].id)))
			return -EEXIST;
	int result = add_services(&own->devices[0], host);
	for (size_t i = 1; i < content->device_count && !result; i++) {
		if (content->devices[i].location)
			continue;
		struct offered_device *device = offer_add_device(own, 0);
		result = device ? fill(source, &content->devices[i], device) : -ENOMEM;
	}
	return result;
}

struct offer *drop_in_source_tree(
    const struct drop_in_source *source, const struct service_file_device *device)
{
	struct offer *tree = offer_new();
	struct offered_device *root = tree ? offer_add_device(tree, 0) : NULL;

	if (root && fill(source, device, root) == 0) {
		tree->source = "file";
		tree->url = strdup(device->location);
		if (tree->url)
			return tree;
	}
	offer_free(tree);
	return NULL;
}
