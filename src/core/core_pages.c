/* SPDX-License-Identifier: ISC
 * core_pages: has the descriptions fetched that endpoints announce, and puts what they say into the
 * table. A page speaks for the endpoints that announce it, also where it has another id for the
 * only one of them, or none. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "core/core_internal.h"
#include "engine/description_page.h"
#include "model/protocol_id.h"
#include "model/table_cursor.h"
#include "wire/url.h"

void core_pages_fini(struct core *core)
{
	for (size_t i = 0; i < ENRICHMENT_ACTIVE_MAX; i++)
		free(core->fetches[i].endpoints);
}

/* How the pages of endpoints of this protocol are fetched; see engine_type. */
static const struct page_form *form_of(const struct protocol_id *protocol)
{
	size_t i = 0;

	while (CORE_ENGINES[i] && &CORE_ENGINES[i]->id != protocol)
		i++;
	return CORE_ENGINES[i] ? CORE_ENGINES[i]->page_form : NULL;
}

/* While nothing may be fetched nothing is remembered. */
static int consider(struct core *core, struct instant now, const struct endpoint *endpoint,
    const struct address *from)
{
	if (!core->config.http.fetch)
		return -EPERM;
	const struct enrichment_subject subject = {
	    .number = endpoint_number(endpoint),
	    .url = slice_of(endpoint->url),
	    .form = form_of(endpoint->protocol),
	    .from = *from,
	    .link = endpoint->link,
	    .has_epoch = endpoint->has_epoch,
	    .epoch = endpoint->epoch,
	    .has_revision = endpoint->has_revision,
	    .revision = endpoint->revision,
	};

	return enrichment_consider(
	    core->enrichment, now, &subject, &core->all, core->offers.http_port);
}

void core_pages_heard(struct core *core, struct instant now, const struct endpoint *endpoint,
    const struct address *from)
{
	consider(core, now, endpoint, from);
}

/* Only a message that announces the URL that counts is a reason to read it: another interface of
 * the device announces another one. */
void core_pages_consider(struct core *core, struct instant now, const struct endpoint *endpoint,
    const struct sighting *sighting)
{
	if (sighting->url.len && slice_equal(slice_of(endpoint->url), sighting->url))
		consider(core, now, endpoint, &sighting->from);
}

static const struct presence *find_announcer(const struct endpoint *endpoint)
{
	const struct presence *presence;

	STAILQ_FOREACH(presence, &endpoint->presences, next)
	if (presence->url && presence->url == endpoint->url)
		return presence;
	return NULL;
}

void core_pages_known(struct core *core, struct instant now, const struct endpoint *endpoint)
{
	const struct presence *presence = endpoint->described ? find_announcer(endpoint) : NULL;

	if (presence && consider(core, now, endpoint, &presence->address) == 0)
		enrichment_know(core->enrichment, now, endpoint_number(endpoint));
}

#define ENDING SECONDS(2)

void core_pages_check(struct core *core, struct instant now, const struct endpoint *endpoint)
{
	const struct presence *presence = find_announcer(endpoint);
	struct instant due = now;

	if (presence)
		consider(core, now, endpoint, &presence->address);
	/* A program that ends may still serve it. */
	if (presence && presence->departing)
		due = instant_add(now, ENDING);
	enrichment_read_again(core->enrichment, now, due, endpoint_number(endpoint));
}

/* Endpoints that announce a page. */
struct audience {
	uint64_t *numbers;
	size_t count;
	bool failed; /* out of memory: some are missing */
};

static void add_subject(void *context, uint64_t subject, bool current)
{
	struct audience *audience = context;

	if (!current)
		return;
	uint64_t *numbers = reallocarray(audience->numbers, audience->count + 1, sizeof(*numbers));
	if (!numbers) {
		audience->failed = true;
		return;
	}
	audience->numbers = numbers;
	numbers[audience->count++] = subject;
}

static struct audience audience_of(const struct core *core, uint64_t fetch)
{
	struct audience audience = {0};

	enrichment_each(core->enrichment, fetch, add_subject, &audience);
	return audience;
}

static struct core_fetch *find_fetch(struct core *core, uint64_t number)
{
	for (size_t i = 0; i < ENRICHMENT_ACTIVE_MAX; i++)
		if (core->fetches[i].number == number)
			return &core->fetches[i];
	return NULL;
}

/* What is being read is not evicted meanwhile. */
static void begin_busy(struct core *core, uint64_t number)
{
	struct core_fetch *fetch = find_fetch(core, 0);
	struct audience audience = audience_of(core, number);

	if (!fetch) {
		free(audience.numbers);
		return;
	}
	*fetch = (struct core_fetch){number, audience.numbers, audience.count};
	for (size_t i = 0; i < fetch->count; i++)
		table_set_busy(core->table, fetch->endpoints[i], true);
}

static void end_busy(struct core *core, uint64_t number)
{
	struct core_fetch *fetch = find_fetch(core, number);

	if (!fetch)
		return;
	for (size_t i = 0; i < fetch->count; i++)
		table_set_busy(core->table, fetch->endpoints[i], false);
	free(fetch->endpoints);
	*fetch = (struct core_fetch){0};
}

/* The body of the request is for the first of those that announce the page. */
static int start_fetch(struct core *core, struct enrichment_fetch *fetch)
{
	struct audience audience = audience_of(core, fetch->number);
	const struct endpoint *endpoint =
	    audience.count ? table_find_endpoint(core->table, audience.numbers[0]) : NULL;
	char body[PAGE_BODY_MAX];
	struct writer w;

	free(audience.numbers);
	if (fetch->form && !endpoint)
		return -ENOENT;
	writer_init(&w, body, sizeof(body));
	if (fetch->form)
		fetch->form->write_body(endpoint, &core->rng, &w);
	if (writer_error(&w))
		return -EMSGSIZE;
	fetch->body = writer_result(&w);
	return core->host.fetch(core->host.context, fetch);
}

/* What waits for a MAC gives its place to others. */
static void postpone_late(struct core *core, struct instant now)
{
	const struct core_host *host = &core->host;
	uint64_t number;

	while (enrichment_late(core->enrichment, now, &number)) {
		if (!host->unfetch || !host->unfetch(host->context, number)) {
			enrichment_connected(core->enrichment, number);
			continue;
		}
		end_busy(core, number);
		enrichment_postponed(core->enrichment, now, number);
	}
}

void core_pages_advance(struct core *core, struct instant now)
{
	struct enrichment_fetch fetch;

	postpone_late(core, now);
	while (core->config.http.fetch && enrichment_next(core->enrichment, now, &fetch)) {
		int result = start_fetch(core, &fetch);

		if (!result) {
			log_debug("description %s: being fetched", fetch.url);
			begin_busy(core, fetch.number);
			continue;
		}
		log_debug("description %s: %s", fetch.url, strerror(-result));
		enrichment_done(core->enrichment, now, fetch.number, ENRICHMENT_FAILED, false);
	}
}

void core_pages_learn_mac(
    struct core *core, struct instant now, uint32_t link, const struct address *address)
{
	enrichment_learn_mac(core->enrichment, now, link, address);
}

void core_pages_reconfigured(struct core *core, struct instant now, const struct config *before)
{
	struct table_cursor cursor;
	const struct device *device;
	const struct endpoint *endpoint;

	if (before->http.fetch || !core->config.http.fetch)
		return;
	table_cursor_open(&cursor, core->table);
	while ((device = table_cursor_next(&cursor)))
		TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
		{
			const struct presence *presence = find_announcer(endpoint);
			if (presence)
				consider(core, now, endpoint, &presence->address);
		}
	table_cursor_close(&cursor);
}

struct instant core_pages_deadline(const struct core *core)
{
	return core->config.http.fetch ? enrichment_deadline(core->enrichment) : INSTANT_NEVER;
}

/* A page that was read, and for which of the endpoints each of its devices speaks. */
struct reading {
	struct core *core;
	struct instant now;
	uint64_t fetch;
	struct address from;
	struct slice url; /* where it was read: the base of relative URLs */
	const struct description *description;
	struct key keys[DESCRIPTION_DEVICES_MAX]; /* of its devices */
	char root_text[KEY_TEXT_MAX]; /* of the root's key, where the page says another one */
};

/* The device of the page with this key; the count where it has none. Of two with one key the outer
 * one counts. */
static size_t find_device(const struct reading *reading, const struct key *key)
{
	size_t i = 0;

	while (i < reading->description->device_count && !key_equal(&reading->keys[i], key))
		i++;
	return i;
}

enum { URLS_MAX = DESCRIPTION_SERVICES_READ_MAX + 2 };

/* What a sighting of a description points to. */
struct told {
	struct sighted_service services[DESCRIPTION_SERVICES_READ_MAX];
	char urls[URLS_MAX][URL_MAX];
	size_t url_count;
};

/* SLICE_NONE for a reference that leads nowhere. */
static struct slice resolve(const struct reading *reading, struct told *told, const char *reference)
{
	char *url = told->urls[told->url_count];
	struct writer w;

	writer_init(&w, url, URL_MAX);
	if (!reference ||
	    description_resolve(reading->description, reading->url, reference, &w) < 0)
		return SLICE_NONE;
	told->url_count++;
	return writer_result(&w);
}

static void tell_services(
    const struct reading *reading, size_t index, struct told *told, struct sighting *sighting)
{
	const struct description *description = reading->description;

	sighting->services = told->services;
	for (size_t i = 0; i < description->service_count; i++) {
		const struct described_service *service = &description->services[i];
		if (service->device != index)
			continue;
		told->services[sighting->service_count++] = (struct sighted_service){
		    .key = slice_of(service->id),
		    .type = slice_of(service->type),
		    .url = resolve(reading, told, service->control_url),
		};
	}
}

static struct sighting sighting_of(const struct reading *reading, const struct endpoint *endpoint,
    const struct presence *presence, size_t index)
{
	const struct description *description = reading->description;
	const struct described_device *device = &description->devices[index];

	return (struct sighting){
	    .event = SIGHTING_DESCRIBED,
	    .protocol = endpoint->protocol,
	    .key = endpoint->key,
	    .from = reading->from,
	    .link = endpoint->link,
	    .mac = presence->mac,
	    .mac_unsure = presence->unsure,
	    .facts =
		{
		    [FACT_NAME] = slice_of(device->friendly_name),
		    [FACT_TYPE] = slice_of(device->type),
		    [FACT_MANUFACTURER] = slice_of(device->manufacturer),
		    [FACT_MODEL] = slice_of(device->model_name),
		    [FACT_MODEL_NUMBER] = slice_of(device->model_number),
		    [FACT_MODEL_DESCRIPTION] = slice_of(device->model_description),
		    [FACT_SERIAL] = slice_of(device->serial_number),
		},
	    .revision = {description->has_config_id, description->config_id},
	    .primary = index == 0,
	    .partial = !description->whole,
	};
}

/* What the page says of one endpoint. */
static void describe(const struct reading *reading, const struct endpoint *endpoint, size_t index)
{
	const struct described_device *device = &reading->description->devices[index];
	const struct presence *presence = endpoint_find_presence(endpoint, &reading->from);
	struct told *told = presence ? malloc(sizeof(*told)) : NULL;

	if (!told)
		return;
	struct sighting sighting = sighting_of(reading, endpoint, presence, index);
	struct device_page *page = description_page_new(reading->description, index, reading->url);
	told->url_count = 0;
	sighting.page = page;
	sighting.facts[FACT_PRESENTATION_URL] = resolve(reading, told, device->presentation_url);
	if (device->icon_count)
		sighting.facts[FACT_ICON_URL] = resolve(reading, told, device->icons[0].url);
	tell_services(reading, index, told, &sighting);
	core_observe(reading->core, reading->now, &sighting);
	free(page);
	free(told);
}

/* The only device that announces the page and is not named in it; NULL where there are none or
 * several, or where the root is named. Several endpoints are one device when they have one key,
 * over several protocols. */
static const struct endpoint *find_unnamed(
    const struct reading *reading, const struct audience *audience)
{
	size_t none = reading->description->device_count;
	const struct endpoint *unnamed = NULL;

	for (size_t i = 0; i < audience->count; i++) {
		const struct endpoint *endpoint =
		    table_find_endpoint(reading->core->table, audience->numbers[i]);
		size_t index = endpoint ? find_device(reading, &endpoint->key) : none;

		if (index == 0)
			return NULL;
		if (!endpoint || index != none)
			continue;
		if (unnamed && !key_equal(&unnamed->key, &endpoint->key))
			return NULL;
		unnamed = endpoint;
	}
	return unnamed;
}

/* Where the page does not name the only device that announces it, its root is that device. */
static void read_keys(struct reading *reading, const struct audience *audience)
{
	const struct description *description = reading->description;
	struct key *root = &reading->keys[0];

	for (size_t i = 0; i < description->device_count; i++) {
		struct slice udn = slice_of(description->devices[i].udn);
		reading->keys[i] = udn.len ? key_of_id(udn) : (struct key){.kind = KEY_NAME};
	}
	const struct endpoint *unnamed = find_unnamed(reading, audience);
	if (!unnamed || unnamed->key.text.len > sizeof(reading->root_text))
		return;
	*root = unnamed->key;
	if (root->text.len == 0)
		return;
	memcpy(reading->root_text, root->text.bytes, root->text.len);
	root->text.bytes = reading->root_text;
}

/* Tells each endpoint what the page says of it. */
static void tell_page(const struct reading *reading, const struct audience *audience)
{
	struct core *core = reading->core;
	bool whole = reading->description->whole;

	for (size_t i = 0; i < audience->count; i++) {
		uint64_t number = audience->numbers[i];
		const struct endpoint *endpoint = table_find_endpoint(core->table, number);
		size_t index = endpoint ? find_device(reading, &endpoint->key)
					: reading->description->device_count;

		if (index < reading->description->device_count &&
		    enrichment_takes(core->enrichment, reading->fetch, number, whole))
			describe(reading, endpoint, index);
	}
}

/* Has those asked that announce the page and are not named in it: once for each protocol. */
static void ask_unnamed(const struct reading *reading, const struct audience *audience)
{
	struct core *core = reading->core;
	const struct protocol_id *done[CORE_ENGINES_MAX] = {0};

	for (size_t i = 0; i < audience->count; i++) {
		const struct endpoint *endpoint =
		    table_find_endpoint(core->table, audience->numbers[i]);
		size_t k = 0;

		if (!endpoint ||
		    find_device(reading, &endpoint->key) == reading->description->device_count)
			continue;
		while (k < CORE_ENGINES_MAX && done[k] && done[k] != endpoint->protocol)
			k++;
		if (k == CORE_ENGINES_MAX || done[k])
			continue;
		done[k] = endpoint->protocol;
		table_described(core->table, reading->now, audience->numbers[i], reading->keys,
		    reading->description->device_count);
	}
}

/* Reading again is no use where a limit cut the page. */
static enum enrichment_outcome outcome_of(const struct core_fetched *fetched)
{
	if (!fetched->error)
		return ENRICHMENT_READ;
	if (!fetched->description)
		return ENRICHMENT_FAILED;
	if (fetched->error == -EMSGSIZE || fetched->error == -E2BIG)
		return ENRICHMENT_READ;
	return ENRICHMENT_CUT;
}

/* The URL of the page, which a redirect moves. */
static struct slice page_url(
    const struct enrichment_fetch *fetch, const char *path, char url[URL_MAX])
{
	struct slice announced = slice_of(fetch->url);
	char text[URL_MAX];
	struct writer w, reference;

	if (!path || strcmp(path, fetch->path) == 0)
		return announced;
	writer_init(&reference, text, sizeof(text));
	/* A path that begins with "//" would be read as a host (RFC 3986, 4.2). */
	writer_text(&reference, strncmp(path, "//", 2) == 0 ? "/." : "");
	writer_text(&reference, path);
	writer_init(&w, url, URL_MAX);
	if (writer_error(&reference) || url_resolve(announced, writer_result(&reference), &w) < 0)
		return announced;
	return writer_result(&w);
}

static void read_page(struct core *core, struct instant now, const struct core_fetched *fetched,
    const struct enrichment_fetch *fetch, const struct audience *audience)
{
	char url[URL_MAX];
	struct reading reading = {
	    .core = core,
	    .now = now,
	    .fetch = fetched->number,
	    .from = fetch->to.address,
	    .url = page_url(fetch, fetched->path, url),
	    .description = fetched->description,
	};

	read_keys(&reading, audience);
	tell_page(&reading, audience);
	if (fetched->description->has_config_id)
		enrichment_revision(
		    core->enrichment, fetched->number, fetched->description->config_id);
	if (fetched->description->whole)
		ask_unnamed(&reading, audience);
}

/* Where the page does not answer another URL may count now, which is read at once. */
static void follow_url(
    struct core *core, struct instant now, const struct endpoint *endpoint, const char *former)
{
	if (endpoint->url && !slice_equal(slice_of(endpoint->url), slice_of(former)))
		core_pages_check(core, now, endpoint);
}

static void tell_reached(struct core *core, struct instant now, const struct audience *audience,
    const char *url, bool answered)
{
	for (size_t i = 0; i < audience->count; i++) {
		uint64_t number = audience->numbers[i];

		if (table_set_reachable(core->table, now, number, answered) == 0 && !answered)
			follow_url(core, now, table_find_endpoint(core->table, number), url);
	}
}

void core_fetched(struct core *core, struct instant now, const struct core_fetched *fetched)
{
	struct enrichment_fetch fetch;

	core->now = now;
	if (!enrichment_running(core->enrichment, fetched->number, &fetch))
		return;
	if (fetched->error)
		log_debug("description %s: %s", fetch.url, strerror(-fetched->error));
	struct audience audience = audience_of(core, fetched->number);
	end_busy(core, fetched->number);
	if (fetched->description)
		read_page(core, now, fetched, &fetch, &audience);
	tell_reached(core, now, &audience, fetch.url, fetched->answered);
	free(audience.numbers);
	enrichment_done(
	    core->enrichment, now, fetched->number, outcome_of(fetched), fetched->answered);
}
