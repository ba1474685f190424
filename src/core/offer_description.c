/* SPDX-License-Identifier: ISC
 * offer_description: renders the device description of an offer. */
#include "core/offer_description.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/siphash.h"
#include "wire/description.h"

_Static_assert(DESCRIPTION_DEVICES_MAX == 16 && DESCRIPTION_SERVICES_MAX == 64,
    "OFFER_DESCRIPTION_LIMITS says so");

/* The same content in the words of wire/: every string stays the offer's. 0 or -E2BIG. */
static int describe(const struct offer *offer, const char *path, uint32_t config_id,
    struct description *description)
{
	memset(description, 0, sizeof(*description));
	description->path = path;
	description->has_config_id = config_id != 0;
	description->config_id = config_id;
	for (size_t i = 0; i < offer->device_count; i++) {
		const struct offered_device *from = &offer->devices[i];

		if (i == DESCRIPTION_DEVICES_MAX ||
		    from->service_count > DESCRIPTION_SERVICES_MAX - description->service_count)
			return -E2BIG;

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
		for (size_t k = 0; k < from->service_count; k++)
			if (from->services[k].type)
				description->services[description->service_count++] =
				    (struct described_service){.type = from->services[k].type,
					.id = from->services[k].id,
					.device = (unsigned)i};
	}
	return 0;
}

/* The text of the description, without configId where that is 0. */
static int render(
    const struct offer *offer, const char *path, uint32_t config_id, char *text, size_t size)
{
	struct description *description = malloc(sizeof(*description));
	struct writer w;
	int result = description ? describe(offer, path, config_id, description) : -ENOMEM;

	writer_init(&w, text, size);
	if (!result) {
		description_format(description, &w);
		writer_char(&w, '\0');
		result = writer_error(&w);
	}
	free(description);
	return result;
}

/* From 1 (UDA 2.0, 1.2.2), the same for the same content. */
static uint32_t hash_of(const char *text)
{
	static const struct siphash_key key = {{0, 0}};

	return (uint32_t)(siphash(&key, slice_of(text)) % DESCRIPTION_CONFIG_ID_MAX) + 1;
}

size_t offer_description_services(const struct offer *offer)
{
	size_t count = 0;

	for (size_t i = 0; i < offer->device_count; i++)
		for (size_t k = 0; k < offer->devices[i].service_count; k++)
			count += offer->devices[i].services[k].type != NULL;
	return count;
}

int offer_description_make(
    const struct offer *offer, const char *path, char **text, uint32_t *config_id)
{
	int result;

	*text = malloc(OFFER_DESCRIPTION_MAX);
	if (!*text)
		return -ENOMEM;
	result = render(offer, path, 0, *text, OFFER_DESCRIPTION_MAX);
	if (!result) {
		*config_id = hash_of(*text);
		result = render(offer, path, *config_id, *text, OFFER_DESCRIPTION_MAX);
	}
	if (result) {
		free(*text);
		*text = NULL;
	}
	return result;
}
