/* SPDX-License-Identifier: ISC
 * ourselves: the announcement that configuration and identity make, and the description that
 * belongs to it. */
#include "discoverd/ourselves.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/siphash.h"
#include "wire/description.h"

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

/* The same content in the words of wire/: every string stays the announcement's. */
static void describe(const struct announcement *announcement, struct description *description)
{
	memset(description, 0, sizeof(*description));
	description->has_config_id = announcement->config_id != 0;
	description->config_id = announcement->config_id;
	for (size_t i = 0; i < announcement->device_count && i < DESCRIPTION_DEVICES_MAX; i++) {
		const struct announced_device *from = &announcement->devices[i];

		description->devices[description->device_count++] = (struct described_device){
		    .udn = from->udn,
		    .type = from->type,
		    .friendly_name = from->name,
		    .manufacturer = from->manufacturer,
		    .manufacturer_url = from->manufacturer_url,
		    .model_name = from->model,
		    .model_number = from->model_number,
		    .model_description = from->model_description,
		    .model_url = from->model_url,
		    .serial_number = from->serial,
		    .presentation_url = from->presentation_url,
		    .parent = (unsigned)from->parent,
		};
		for (size_t k = 0; k < from->service_count &&
				   description->service_count < DESCRIPTION_SERVICES_MAX;
		     k++)
			description->services[description->service_count++] =
			    (struct described_service){.type = from->services[k].type,
				.id = from->services[k].id,
				.device = (unsigned)i};
	}
}

/* The text of the description, with or without its configId. */
static int render(const struct announcement *announcement, char *text, size_t size)
{
	struct description *description = malloc(sizeof(*description));
	struct writer w;

	if (!description)
		return -ENOMEM;
	describe(announcement, description);
	writer_init(&w, text, size);
	description_format(description, &w);
	writer_char(&w, '\0');
	free(description);
	return writer_error(&w);
}

/* 1 … 16777215 (UDA 2.0, 1.2.2), the same for the same content. */
static uint32_t hash_of(const char *text)
{
	static const struct siphash_key key = {{0, 0}};

	return (uint32_t)(siphash(&key, slice_of(text)) % 0xffffff) + 1;
}

int ourselves_build(const struct config *config, const struct identity *identity,
    uint16_t http_port, struct announcement *announcement, char **description)
{
	struct announced_device *root;
	int result;

	announcement_init(announcement);
	*description = malloc(OURSELVES_DESCRIPTION_MAX);
	root = announcement_add_device(announcement, 0);
	result = *description && root ? fill_root(root, config, identity) : -ENOMEM;
	if (!result)
		result = copy(&announcement->server, NULL, identity->server);
	if (!result) {
		memcpy(announcement->instance, identity->instance, sizeof(announcement->instance));
		announcement->boot_id = identity->boot_id;
		announcement->http_port = http_port;
		result = render(announcement, *description, OURSELVES_DESCRIPTION_MAX);
	}
	if (!result) {
		announcement->config_id = hash_of(*description);
		result = render(announcement, *description, OURSELVES_DESCRIPTION_MAX);
	}
	if (result) {
		announcement_fini(announcement);
		free(*description);
		*description = NULL;
	}
	return result;
}
