/* SPDX-License-Identifier: ISC
 * table_service: what endpoints offer, as messages and descriptions say it, and for how long. */
#include "base/text.h"
#include "model/table_internal.h"
#include <stdlib.h>
#include <string.h>

/* In a crowd, until it has answered or its description was read. */
enum { UNVERIFIED_SERVICES_MAX = 8 };

static void service_fini(struct table *table, struct endpoint *endpoint, struct service *service)
{
	table_drop_string(table, endpoint, &service->type);
	table_drop_string(table, endpoint, &service->key);
	table_drop_string(table, endpoint, &service->name);
	table_drop_string(table, endpoint, &service->url);
	table_source_charge(table, endpoint, -(int64_t)(sizeof(*service) + service->txt_len));
	free(service->txt);
}

static void remove_service(struct table *table, struct endpoint *endpoint, size_t at)
{
	struct service *gone = &endpoint->services[at];

	service_fini(table, endpoint, gone);
	endpoint->service_count--;
	memmove(gone, gone + 1, (endpoint->service_count - at) * sizeof(*gone));
}

void table_services_clear(struct table *table, struct endpoint *endpoint)
{
	while (endpoint->service_count > 0)
		remove_service(table, endpoint, endpoint->service_count - 1u);
	free(endpoint->services);
	endpoint->services = NULL;
}

/* A zeroed one at the end; NULL when there may be no more. */
static struct service *append_service(struct table *table, struct endpoint *endpoint)
{
	size_t max =
	    endpoint->verified || endpoint->described || !table_source_is_crowded(table, endpoint)
		? ENDPOINT_SERVICES_MAX
		: UNVERIFIED_SERVICES_MAX;

	if (endpoint->service_count >= max ||
	    table_source_make_room(table, endpoint, sizeof(struct service)) < 0) {
		table_counted(table, COUNT_SERVICES_REFUSED);
		return NULL;
	}
	struct service *services =
	    reallocarray(endpoint->services, endpoint->service_count + 1u, sizeof(*services));
	if (!services) {
		table_counted(table, COUNT_OUT_OF_MEMORY);
		return NULL;
	}
	endpoint->services = services;
	table_source_charge(table, endpoint, sizeof(*services));
	services[endpoint->service_count] = (struct service){.expires = INSTANT_NEVER};
	return &services[endpoint->service_count++];
}

static bool set_txt(
    struct table *table, struct endpoint *endpoint, struct service *service, struct slice txt)
{
	size_t len = txt.len < ENDPOINT_TXT_MAX ? txt.len : ENDPOINT_TXT_MAX;

	if (len == 0 || (len == service->txt_len && memcmp(service->txt, txt.bytes, len) == 0))
		return false;
	if (len > service->txt_len &&
	    table_source_make_room(table, endpoint, len - service->txt_len) < 0)
		return false;
	char *copy = malloc(len);
	if (!copy) {
		table_counted(table, COUNT_OUT_OF_MEMORY);
		return false;
	}
	memcpy(copy, txt.bytes, len);
	table_repeats_forget(table, endpoint);
	free(service->txt);
	table_source_charge(table, endpoint, (int64_t)len - service->txt_len);
	service->txt = copy;
	service->txt_len = (uint16_t)len;
	return true;
}

static bool fill_service(struct table *table, struct endpoint *endpoint, struct service *service,
    const struct sighted_service *seen)
{
	bool changed = seen->port && service->port != seen->port;

	if (changed) {
		table_repeats_forget(table, endpoint);
		service->port = seen->port;
	}
	changed |= table_set_string(table, endpoint, &service->type, seen->type, ENDPOINT_TEXT_MAX);
	changed |= table_set_string(table, endpoint, &service->key, seen->key, ENDPOINT_TEXT_MAX);
	changed |= table_set_string(table, endpoint, &service->name, seen->name, ENDPOINT_TEXT_MAX);
	changed |= table_set_string(table, endpoint, &service->url, seen->url, ENDPOINT_URL_MAX);
	return set_txt(table, endpoint, service, seen->txt) || changed;
}

/* A service whose names are written as the table keeps them. */
struct cleaned {
	struct sighted_service service;
	char type[ENDPOINT_TEXT_MAX], key[ENDPOINT_TEXT_MAX];
};

/* False when nothing is left of a name. */
static bool clean_names(const struct sighted_service *seen, struct cleaned *clean)
{
	clean->service = *seen;
	clean->service.type = text_cleaned(seen->type, clean->type, sizeof(clean->type));
	clean->service.key = text_cleaned(seen->key, clean->key, sizeof(clean->key));
	return clean->service.type.len > 0 && (clean->service.key.len > 0 || seen->key.len == 0);
}

/* What was only described or is new is announced from now on. */
void table_service_renew(struct service *service, struct instant expires)
{
	service->expires =
	    instant_is_never(service->expires) ? expires : instant_later(service->expires, expires);
}

static bool take_service(struct table *table, struct endpoint *endpoint,
    const struct sighted_service *seen, bool described, struct instant expires)
{
	struct cleaned clean;

	if (!clean_names(seen, &clean))
		return false;
	seen = &clean.service;
	struct service *service = endpoint_find_service(endpoint, seen->type, seen->key);
	bool is_new = !service;

	if (!service)
		service = append_service(table, endpoint);
	if (!service)
		return false;
	bool changed = fill_service(table, endpoint, service, seen);
	if (!service->type) { /* its text was refused */
		remove_service(table, endpoint, endpoint->service_count - 1u);
		return false;
	}
	if (described)
		service->described = true;
	else
		table_service_renew(service, expires);
	return changed || is_new;
}

/* What an earlier description named and this one does not. */
static bool forget_undescribed(struct table *table, struct endpoint *endpoint)
{
	bool changed = false;

	for (size_t i = endpoint->service_count; i-- > 0;) {
		struct service *service = &endpoint->services[i];
		if (instant_is_never(service->expires) && !service->described) {
			remove_service(table, endpoint, i);
			changed = true;
		}
	}
	return changed;
}

bool table_services_take(struct table *table, struct endpoint *endpoint,
    const struct sighting *sighting, struct instant expires)
{
	bool described = sighting->event == SIGHTING_DESCRIBED, changed = false;
	bool whole = described && !sighting->partial;

	for (size_t i = 0; whole && i < endpoint->service_count; i++)
		endpoint->services[i].described = false;
	for (size_t i = 0; i < sighting->service_count; i++)
		changed |=
		    take_service(table, endpoint, &sighting->services[i], described, expires);
	return (whole && forget_undescribed(table, endpoint)) || changed;
}

bool table_services_leave(
    struct table *table, struct endpoint *endpoint, const struct sighting *sighting)
{
	bool changed = false;

	for (size_t i = 0; i < sighting->service_count; i++) {
		struct cleaned clean;
		if (!clean_names(&sighting->services[i], &clean))
			continue;
		struct service *service =
		    endpoint_find_service(endpoint, clean.service.type, clean.service.key);
		if (!service)
			continue;
		remove_service(table, endpoint, (size_t)(service - endpoint->services));
		changed = true;
	}
	return changed;
}

bool table_services_expire(struct table *table, struct endpoint *endpoint, struct instant now)
{
	size_t before = endpoint->service_count;

	for (size_t i = endpoint->service_count; i-- > 0;) {
		struct service *service = &endpoint->services[i];
		if (!instant_due(service->expires, now))
			continue;
		if (service->described)
			service->expires = INSTANT_NEVER;
		else
			remove_service(table, endpoint, i);
	}
	return endpoint->service_count != before;
}

void table_services_absorb(
    struct table *table, struct endpoint *endpoint, const struct endpoint *other)
{
	for (size_t i = 0; i < other->service_count; i++) {
		const struct service *service = &other->services[i];
		struct sighted_service seen = {slice_of(service->key), slice_of(service->type),
		    slice_of(service->name), slice_of(service->url),
		    {service->txt, service->txt_len}, service->port};
		if (service->described)
			take_service(table, endpoint, &seen, true, INSTANT_NEVER);
		if (!instant_is_never(service->expires))
			take_service(table, endpoint, &seen, false, service->expires);
	}
}
