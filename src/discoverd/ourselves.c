/* SPDX-License-Identifier: ISC
 * ourselves: this host's own root device, as configuration and identity make it. */
#include "discoverd/ourselves.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"

struct config_device ourselves_texts(const struct config *config, const struct identity *identity)
{
	struct config_device texts = config->device;

	if (!texts.name)
		texts.name = (char *)identity->host_name;
	if (!texts.manufacturer)
		texts.manufacturer = (char *)"discoverd";
	if (!texts.model)
		texts.model = (char *)identity->model;
	return texts;
}

int ourselves_fill(
    struct announced_device *device, const char *udn, const struct config_device *texts)
{
	const struct {
		char **to;
		const char *from;
	} rows[] = {
	    {&device->udn, udn},
	    {&device->type, texts->type},
	    {&device->name, texts->name},
	    {&device->manufacturer, texts->manufacturer},
	    {&device->manufacturer_url, texts->manufacturer_url},
	    {&device->model, texts->model},
	    {&device->model_number, texts->model_number},
	    {&device->model_description, texts->model_description},
	    {&device->model_url, texts->model_url},
	    {&device->serial, texts->serial},
	    {&device->presentation_url, texts->presentation_url},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		*rows[i].to = rows[i].from ? strdup(rows[i].from) : NULL;
		if (rows[i].from && !*rows[i].to)
			return -ENOMEM;
	}
	return 0;
}

int ourselves_build(const struct config *config, const struct identity *identity,
    uint16_t http_port, struct announced_tree **out)
{
	struct announced_tree *tree = announced_tree_new();
	struct announced_device *root = tree ? announced_tree_add_device(tree, 0) : NULL;
	struct config_device texts = ourselves_texts(config, identity);
	int result = root ? ourselves_fill(root, identity->udn, &texts) : -ENOMEM;

	if (!result && http_port &&
	    asprintf(&tree->location, "http://*:%u" ANNOUNCEMENT_PATH, http_port) < 0) {
		tree->location = NULL;
		result = -ENOMEM;
	}
	if (result) {
		announced_tree_free(tree);
		return result;
	}
	tree->source = "device";
	*out = tree;
	return 0;
}
