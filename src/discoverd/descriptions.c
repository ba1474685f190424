/* SPDX-License-Identifier: ISC
 * descriptions: fetches the descriptions that enrichment wants and tells what they say as
 * sightings. */
#include "discoverd/descriptions.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "engine/enrichment.h"
#include "net/fetch.h"
#include "wire/url.h"
#include "wire/usn.h"

/* What has to be remembered of a fetch that runs; number 0: free. */
struct running {
	uint64_t number;
	char id[ENRICHMENT_ID_MAX + 1];
	char location[ENRICHMENT_URL_MAX + 1];
	struct address from;
	uint32_t link;
};

struct descriptions {
	struct loop *loop;
	const struct engine_context *context;
	struct descriptions_listener listener;
	struct enrichment *enrichment;
	struct fetcher *fetcher;
	struct running running[ENRICHMENT_ACTIVE_MAX];
};

static struct running *find_running(struct descriptions *descriptions, uint64_t number)
{
	for (size_t i = 0; i < ENRICHMENT_ACTIVE_MAX; i++)
		if (descriptions->running[i].number == number)
			return &descriptions->running[i];
	return NULL;
}

/* One device of a description that was read. Its presentationURL is relative to URLBase or LOCATION
 * (UDA 2.0, 2.3). */
static void tell_facts(struct descriptions *descriptions, struct instant now,
    const struct running *running, const struct description *description,
    const struct described_device *device, struct slice id)
{
	char url[URL_MAX];
	struct writer w;
	struct slice base =
	    description->url_base ? slice_of(description->url_base) : slice_of(running->location);
	struct sighting sighting = {
	    .event = SIGHTING_FACTS,
	    .protocol = SSDP_ENGINE.name,
	    .id = id,
	    .from = running->from,
	    .link = running->link,
	    .name = slice_of(device->friendly_name),
	    .type = slice_of(device->type),
	    .manufacturer = slice_of(device->manufacturer),
	    .model = slice_of(device->model_name),
	    .serial = slice_of(device->serial_number),
	};

	writer_init(&w, url, sizeof(url));
	if (device->presentation_url && device->presentation_url[0] &&
	    url_resolve(base, slice_of(device->presentation_url), &w) == 0)
		sighting.presentation_url = writer_result(&w);
	descriptions->listener.sighted(descriptions->listener.context, now, &sighting);
}

static void fetched(void *context, const struct fetch_result *result)
{
	struct descriptions *descriptions = context;
	const struct description *description = result->description;
	struct instant now = loop_now(descriptions->loop);
	struct running *running = find_running(descriptions, result->number);
	int error = result->error;

	if (!running)
		return;
	if (error) {
		log_debug("description %s: %s", running->location, strerror(-error));
		descriptions->listener.unreachable(
		    descriptions->listener.context, now, slice_of(running->id));
	}
	for (size_t i = 0; !error && i < description->device_count; i++) {
		const struct described_device *device = &description->devices[i];
		char text[DEVICE_ID_MAX];
		struct writer room;
		struct slice id;

		/* as odd as a USN may be, and meaning the same */
		writer_init(&room, text, sizeof(text));
		id = usn_udn(slice_of(device->udn), &room);
		if (id.len && enrichment_vouches(descriptions->enrichment, result->number, id))
			tell_facts(descriptions, now, running, description, device, id);
	}
	if (!error && description->has_config_id)
		enrichment_config_id(
		    descriptions->enrichment, result->number, description->config_id);
	enrichment_done(descriptions->enrichment, now, result->number, !error);
	running->number = 0;
}

struct descriptions *descriptions_new(struct loop *loop, const struct engine_context *context,
    const struct descriptions_listener *listener)
{
	struct descriptions *descriptions = calloc(1, sizeof(*descriptions));

	if (!descriptions)
		return NULL;
	descriptions->loop = loop;
	descriptions->context = context;
	descriptions->listener = *listener;
	descriptions->enrichment =
	    enrichment_new(context->config->table.max_devices, &context->key, context->rng);
	descriptions->fetcher =
	    fetcher_new(loop, context->config->http.max_description, fetched, descriptions);
	if (!descriptions->enrichment || !descriptions->fetcher) {
		descriptions_free(descriptions);
		return NULL;
	}
	return descriptions;
}

void descriptions_free(struct descriptions *descriptions)
{
	if (!descriptions)
		return;
	fetcher_free(descriptions->fetcher);
	enrichment_free(descriptions->enrichment);
	free(descriptions);
}

void descriptions_consider(struct descriptions *descriptions, struct instant now,
    const struct device *device, const struct sighting *sighting, const struct link_set *own)
{
	struct enrichment_subject subject = {
	    .id = slice_of(device->id),
	    .location = slice_of(device->facts[DEVICE_LOCATION]),
	    .from = sighting->from,
	    .link = sighting->link,
	    .has_boot_id = device->has_boot_id,
	    .boot_id = device->boot_id,
	    .has_config_id = device->has_config_id,
	    .config_id = device->config_id,
	};

	/* only what vouches for the LOCATION that the table believes: another interface of the
	 * device has another one */
	if (!descriptions->context->config->http.fetch || !sighting->location.len ||
	    !slice_equal(subject.location, sighting->location))
		return;
	enrichment_consider(descriptions->enrichment, now, &subject, own,
	    descriptions->context->announcement->http_port);
}

void descriptions_forget(struct descriptions *descriptions, const struct device *device)
{
	enrichment_forget(descriptions->enrichment, slice_of(device->id));
}

static void remember(struct running *running, const struct enrichment_fetch *fetch)
{
	running->number = fetch->number;
	running->from = fetch->to.address;
	running->link = fetch->link;
	snprintf(running->id, sizeof(running->id), "%s", fetch->id);
	snprintf(running->location, sizeof(running->location), "%s", fetch->location);
}

void descriptions_advance(struct descriptions *descriptions, struct instant now)
{
	struct enrichment_fetch fetch;

	while (enrichment_next(descriptions->enrichment, now, &fetch)) {
		struct running *running = find_running(descriptions, 0);
		int result = -EAGAIN;

		if (running) {
			remember(running, &fetch);
			result = fetcher_start(
			    descriptions->fetcher, fetch.number, &fetch.to, fetch.link, fetch.path);
		}
		if (!result)
			continue;
		log_debug("description %s: %s", fetch.location, strerror(-result));
		if (running)
			running->number = 0;
		enrichment_done(descriptions->enrichment, now, fetch.number, false);
	}
}

struct instant descriptions_deadline(const struct descriptions *descriptions)
{
	return enrichment_deadline(descriptions->enrichment);
}

void descriptions_reconfigure(struct descriptions *descriptions)
{
	const struct config *config = descriptions->context->config;

	fetcher_set_body_max(descriptions->fetcher, config->http.max_description);
	enrichment_set_capacity(descriptions->enrichment, config->table.max_devices);
}

struct counter_group descriptions_counters(const struct descriptions *descriptions)
{
	return enrichment_counters(descriptions->enrichment);
}
