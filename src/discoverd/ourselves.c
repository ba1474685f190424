/* SPDX-License-Identifier: ISC
 * ourselves: this host's own root device, as configuration and identity make it. */
#include "discoverd/ourselves.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"

/* Copies a configured text, or what stands for it; NULL gives NULL. 0 or -ENOMEM. */
static int copy(char **to, const char *configured, const char *otherwise)
{
	const char *from = configured ? configured : otherwise;

	*to = from ? strdup(from) : NULL;
	return from && !*to ? -ENOMEM : 0;
}

static int fill_root(
    struct announced_device *root, const struct config *config, const struct identity *identity)
{
	const struct {
		char **to;
		const char *configured, *otherwise;
	} rows[] = {
	    {&root->udn, NULL, identity->udn},
	    {&root->type, config->device.type, NULL},
	    {&root->name, config->device.name, identity->host_name},
	    {&root->manufacturer, config->device.manufacturer, "discoverd"},
	    {&root->manufacturer_url, config->device.manufacturer_url, NULL},
	    {&root->model, config->device.model, identity->model},
	    {&root->model_number, config->device.model_number, NULL},
	    {&root->model_description, config->device.model_description, NULL},
	    {&root->model_url, config->device.model_url, NULL},
	    {&root->serial, config->device.serial, NULL},
	    {&root->presentation_url, config->device.presentation_url, NULL},
	};
	int result = 0;

	for (size_t i = 0; i < COUNT_OF(rows) && !result; i++)
		result = copy(rows[i].to, rows[i].configured, rows[i].otherwise);
	return result;
}

int ourselves_build(const struct config *config, const struct identity *identity,
    uint16_t http_port, struct announced_tree **out)
{
	struct announced_tree *tree = announced_tree_new();
	struct announced_device *root = tree ? announced_tree_add_device(tree, 0) : NULL;
	int result = root ? fill_root(root, config, identity) : -ENOMEM;

	if (!result && http_port &&
	    asprintf(&tree->location, "http://*:%u" ANNOUNCEMENT_PATH, http_port) < 0) {
		tree->location = NULL;
		result = -ENOMEM;
	}
	if (result) {
		announced_tree_free(tree);
		return result;
	}
	*out = tree;
	return 0;
}
