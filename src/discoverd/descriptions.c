/* SPDX-License-Identifier: ISC
 * descriptions: fetches the descriptions that enrichment wants and tells what they say as
 * sightings. */
#include "discoverd/descriptions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "engine/description_page.h"
#include "engine/enrichment.h"
#include "net/fetch.h"
#include "wire/url.h"
#include "wire/usn.h"

/* Where a description was read. */
struct running {
	struct slice location; /* where it was read: the base of relative URLs */
	struct address from;
	uint32_t link;
};

_Static_assert(
    (int)ENRICHMENT_ACTIVE_MAX <= (int)FETCH_MAX, "each fetch that may begin has a place");

struct descriptions {
	struct loop *loop;
	const struct engine_context *context;
	struct descriptions_listener listener;
	struct enrichment *enrichment;
	struct fetcher *fetcher;
};

/* One device of a description that was read. */
static void tell_facts(struct descriptions *descriptions, struct instant now,
    const struct running *running, const struct description *description, size_t index,
    struct slice id)
{
	const struct described_device *device = &description->devices[index];
	struct slice location = running->location;
	struct device_page *page = description_page_new(description, index, location);
	char url[URL_MAX];
	struct writer w;
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
	    .page = page,
	};

	writer_init(&w, url, sizeof(url));
	if (description_resolve(description, location, device->presentation_url, &w) == 0)
		sighting.presentation_url = writer_result(&w);
	descriptions->listener.sighted(descriptions->listener.context, now, &sighting);
	free(page);
}

static bool is_among(struct slice id, const struct slice *ids, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (slice_equal_nocase(ids[i], id))
			return true;
	return false;
}

/* Tells each device what the page says of it: a page speaks for the devices that announced it, even
 * where it has another UDN for the only one, or none. Of two with one UDN the outer one counts. */
static void tell_page(struct descriptions *descriptions, struct instant now, uint64_t number,
    const struct running *running, const struct description *description)
{
	char texts[DESCRIPTION_DEVICES_MAX][DEVICE_ID_MAX];
	struct slice ids[DESCRIPTION_DEVICES_MAX] = {{0}};
	size_t count = description->device_count;

	for (size_t i = 0; i < count; i++) {
		struct writer room;

		/* The UDN of the page may differ in form from that in the USN. */
		writer_init(&room, texts[i], sizeof(texts[i]));
		ids[i] = usn_udn(slice_of(description->devices[i].udn), &room);
		if (is_among(ids[i], ids, i))
			ids[i] = SLICE_NONE;
	}
	const char *unnamed = enrichment_unnamed(descriptions->enrichment, number, ids, count);
	if (unnamed)
		ids[0] = slice_of(unnamed);
	for (size_t i = 0; i < count; i++)
		if (ids[i].len &&
		    enrichment_takes(descriptions->enrichment, number, ids[i], description->whole))
			tell_facts(descriptions, now, running, description, i, ids[i]);
}

struct report {
	const struct descriptions_listener *listener;
	bool answered;
};

static void tell_reached(void *context, struct slice id)
{
	const struct report *report = context;

	report->listener->reached(report->listener->context, id, report->answered);
}

/* Reading again is no use where a limit cut the page. */
static enum enrichment_outcome outcome_of(const struct fetch_result *result)
{
	if (!result->error)
		return ENRICHMENT_READ;
	if (!result->description)
		return ENRICHMENT_FAILED;
	if (result->error == -EMSGSIZE || result->error == -E2BIG)
		return ENRICHMENT_READ;
	return ENRICHMENT_CUT;
}

/* The URL of the page, which a redirect moves. */
static struct slice page_location(
    const struct enrichment_fetch *fetch, const char *path, char url[URL_MAX])
{
	struct slice location = slice_of(fetch->location);
	char text[URL_MAX];
	struct writer w, reference;

	if (!path || strcmp(path, fetch->path) == 0)
		return location;
	writer_init(&reference, text, sizeof(text));
	/* A path that begins with "//" would be read as a host (RFC 3986, 4.2). */
	writer_text(&reference, strncmp(path, "//", 2) == 0 ? "/." : "");
	writer_text(&reference, path);
	writer_init(&w, url, URL_MAX);
	if (writer_error(&reference) || url_resolve(location, writer_result(&reference), &w) < 0)
		return location;
	return writer_result(&w);
}

static void fetched(void *context, const struct fetch_result *result)
{
	struct descriptions *descriptions = context;
	struct enrichment *enrichment = descriptions->enrichment;
	const struct description *description = result->description;
	struct report report = {&descriptions->listener, result->answered};
	struct instant now = loop_now(descriptions->loop);
	struct enrichment_fetch fetch;

	if (!enrichment_running(enrichment, result->number, &fetch))
		return;
	if (result->error)
		log_debug("description %s: %s", fetch.location, strerror(-result->error));
	if (description) {
		char url[URL_MAX];
		const struct running running = {
		    page_location(&fetch, result->path, url), fetch.to.address, fetch.link};

		tell_page(descriptions, now, result->number, &running, description);
		if (description->has_config_id)
			enrichment_config_id(enrichment, result->number, description->config_id);
	}
	enrichment_each(enrichment, result->number, tell_reached, &report);
	enrichment_done(enrichment, now, result->number, outcome_of(result), result->answered);
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
	enrichment_set_mac_finder(descriptions->enrichment, listener->find_mac, listener->context);
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
	if (!sighting->location.len || !slice_equal(subject.location, sighting->location))
		return;
	enrichment_consider(descriptions->enrichment, now, &subject, own,
	    descriptions->context->announcement->http_port);
}

void descriptions_forget(struct descriptions *descriptions, const struct device *device)
{
	enrichment_forget(descriptions->enrichment, slice_of(device->id));
}

void descriptions_advance(struct descriptions *descriptions, struct instant now)
{
	struct enrichment_fetch fetch;

	while (descriptions->context->config->http.fetch &&
	       enrichment_next(descriptions->enrichment, now, &fetch)) {
		int result = fetcher_start(
		    descriptions->fetcher, fetch.number, &fetch.to, fetch.link, fetch.path);

		if (!result) {
			log_debug("description %s: being fetched", fetch.location);
			continue;
		}
		log_debug("description %s: %s", fetch.location, strerror(-result));
		enrichment_done(
		    descriptions->enrichment, now, fetch.number, ENRICHMENT_FAILED, false);
	}
}

/* While nothing may be fetched the pages wait, so that a reload has them read at once. */
struct instant descriptions_deadline(const struct descriptions *descriptions)
{
	return descriptions->context->config->http.fetch
		   ? enrichment_deadline(descriptions->enrichment)
		   : INSTANT_NEVER;
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

struct counter_group descriptions_fetch_counters(const struct descriptions *descriptions)
{
	return fetcher_counters(descriptions->fetcher);
}
