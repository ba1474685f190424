/* SPDX-License-Identifier: ISC
 * own_offer: what this host offers of itself, as configuration and identity make it, and what is
 * made up for programs that leave something out. */
#include "core/own_offer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "model/offers.h"
#include "wire/usn.h"

enum { NAME_MAX_BYTES = 64 };

struct config_device own_offer_texts(
    const struct config *config, const struct core_identity *identity)
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

int own_offer_fill(
    struct offered_device *device, const char *udn, const struct config_device *texts)
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

int own_offer_build(const struct config *config, const struct core_identity *identity,
    uint16_t http_port, struct offer **out)
{
	struct offer *offer = offer_new();
	struct offered_device *root = offer ? offer_add_device(offer, 0) : NULL;
	struct config_device texts = own_offer_texts(config, identity);
	int result = root ? own_offer_fill(root, identity->udn, &texts) : -ENOMEM;

	if (!result && http_port &&
	    asprintf(&offer->url, "http://*:%u" OFFER_PATH, http_port) < 0) {
		offer->url = NULL;
		result = -ENOMEM;
	}
	if (result) {
		offer_free(offer);
		return result;
	}
	offer->source = "device";
	*out = offer;
	return 0;
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

/* Its own type, or that of its first service where its own one is the type for anything. */
static const char *specific_type(const struct offered_device *device)
{
	bool basic = slice_equal(last_part(device->type), SLICE("Basic"));

	for (size_t i = 0; basic && i < device->service_count; i++)
		if (device->services[i].type)
			return device->services[i].type;
	return device->type;
}

static int complete(struct offer *offer, size_t index, const struct core_identity *identity,
    const struct offered_device *own)
{
	struct offered_device *device = &offer->devices[index];
	const struct offered_device *like = index ? &offer->devices[0] : own;
	struct slice part = last_part(specific_type(device));
	char whole[256], name[NAME_MAX_BYTES + 1], udn[UDN_TEXT_MAX], seed[512];

	snprintf(whole, sizeof(whole), "%s %.*s", own->name, SLICE_ARGS(part));
	text_clean(slice_of(whole), name, sizeof(name));
	if (fill(&device->name, name))
		return -ENOMEM;
	/* Embedded devices of one type and name differ by their root and their place in it. */
	if (index)
		snprintf(seed, sizeof(seed), "program %s %s %s %zu", device->type, device->name,
		    like->udn, index);
	else
		snprintf(seed, sizeof(seed), "program %s %s", device->type, device->name);
	identity->derive_udn(identity->udn, slice_of(seed), udn);
	if (fill(&device->udn, udn) || fill(&device->manufacturer, like->manufacturer) ||
	    fill(&device->model, like->model))
		return -ENOMEM;
	return 0;
}

int own_offer_complete(
    struct offer *offer, const struct core_identity *identity, const struct offered_device *own)
{
	int result = 0;

	for (size_t i = 0; i < offer->device_count && !result; i++)
		result = complete(offer, i, identity, own);
	return result;
}
