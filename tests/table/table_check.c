/* SPDX-License-Identifier: ISC
 * table_check: what must hold in a table after every call, whatever happened before. */
#include "table_check.h"
#include "base/mac.h"
#include "id_of.h"
#include "model/table_internal.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool report_fail(struct report *report, const char *format, ...)
{
	va_list arguments;

	if (report->text[0])
		return false;
	va_start(arguments, format);
	vsnprintf(report->text, sizeof(report->text), format, arguments);
	va_end(arguments);
	return false;
}

static size_t text_size(const char *text)
{
	return text ? strlen(text) + 1 : 0;
}

static size_t charge_of(const struct endpoint *endpoint)
{
	size_t charge = TABLE_ENDPOINT_BYTES + table_key_bytes(&endpoint->key) +
			text_size(endpoint->url) + text_size(endpoint->next_url);
	const struct presence *presence;

	STAILQ_FOREACH(presence, &endpoint->presences, next)
	charge += sizeof(*presence) + text_size(presence->url) + table_repeats_size(presence);
	for (size_t i = 0; i < FACTS; i++)
		charge += text_size(endpoint_fact(endpoint, i));
	charge += (size_t)__builtin_popcount(endpoint->fact_set) * sizeof(*endpoint->fact_texts);
	for (size_t i = 0; i < endpoint->service_count; i++) {
		const struct service *service = &endpoint->services[i];
		charge += sizeof(*service) + text_size(service->type) + text_size(service->key) +
			  text_size(service->name) + text_size(service->url) + service->txt_len;
	}
	return charge + (endpoint->page ? endpoint->page->size : 0);
}

static bool is_in(const struct hashmap *map, const struct hashmap_node *wanted)
{
	struct hashmap_node *node = hashmap_first(map, wanted->hash);

	while (node && node != wanted)
		node = hashmap_next(node);
	return node;
}

static bool check_heap(const struct heap *heap, const char *name, struct report *report)
{
	for (size_t i = 0; i < heap->count; i++) {
		if (heap->nodes[i]->index != i)
			return report_fail(report, "%s: a node has the wrong index", name);
		if (i > 0 && heap->nodes[(i - 1) / 2]->key > heap->nodes[i]->key)
			return report_fail(report, "%s: not a heap", name);
	}
	return true;
}

static struct instant next_expiry(const struct endpoint *endpoint)
{
	struct instant at = INSTANT_NEVER;
	const struct presence *presence;

	STAILQ_FOREACH(presence, &endpoint->presences, next)
	at = instant_earlier(at, presence->expires);
	for (size_t i = 0; i < endpoint->service_count; i++)
		at = instant_earlier(at, endpoint->services[i].expires);
	return at;
}

/* Several presences are those of one confirmed MAC. */
static bool check_presences(
    const struct table *table, const struct endpoint *endpoint, struct report *report)
{
	const struct presence *presence, *first = STAILQ_FIRST(&endpoint->presences);
	size_t count = 0;

	STAILQ_FOREACH(presence, &endpoint->presences, next)
	{
		count++;
		if (presence->endpoint != endpoint ||
		    !is_in(&table->by_address, &presence->by_address))
			return report_fail(report, "a presence is not linked in");
		if (presence != first &&
		    (!presence->mac.known || presence->unsure || first->unsure ||
			!mac_equal(&presence->mac, &first->mac)))
			return report_fail(report, "presences of several machines in one endpoint");
	}
	if (count == 0 || count != endpoint->presence_count || count > ENDPOINT_PRESENCES_MAX)
		return report_fail(
		    report, "%zu presences, counted as %u", count, endpoint->presence_count);
	return true;
}

static bool check_endpoint(
    const struct table *table, const struct endpoint *endpoint, struct report *report)
{
	if (charge_of(endpoint) != endpoint->charge)
		return report_fail(report, "endpoint %u is charged %u bytes, it has %zu",
		    (unsigned)endpoint_number(endpoint), endpoint->charge, charge_of(endpoint));
	if (!is_in(&table->by_key, &endpoint->by_key) ||
	    table_find_endpoint(table, endpoint_number(endpoint)) != endpoint)
		return report_fail(report, "an endpoint is not found");
	if (!heap_contains(&endpoint->by_expiry) ||
	    endpoint->by_expiry.key > next_expiry(endpoint).us)
		return report_fail(report, "an endpoint is looked at later than it expires");
	if (!endpoint->source && !is_in(&table->alone, &endpoint->alone))
		return report_fail(report, "an endpoint without a source");
	return check_presences(table, endpoint, report);
}

struct sums {
	size_t devices, shown, endpoints, presences, unverified, memory;
};

static bool check_device(const struct table *table, const struct device *device, struct sums *sums,
    struct report *report)
{
	const struct endpoint *endpoint;
	size_t count = 0;
	uint64_t last = 0;

	if (table_find(table, slice_of(ID_OF(device))) != device)
		return report_fail(report, "%s is not found by its id", ID_OF(device));
	if (!heap_contains(&device->by_report))
		return report_fail(report, "%s cannot be reported", ID_OF(device));
	if (device->other ? device->other->other != device || device->other->held == device->held
			  : device->held)
		return report_fail(report, "%s is held one-sidedly", ID_OF(device));
	TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	{
		if (endpoint->device != device || endpoint_number(endpoint) <= last)
			return report_fail(report, "%s: endpoints out of order", ID_OF(device));
		if (!check_endpoint(table, endpoint, report))
			return false;
		last = endpoint_number(endpoint);
		count++;
		sums->presences += endpoint->presence_count;
		sums->unverified += !endpoint->verified;
		sums->memory += endpoint->charge;
	}
	sums->devices++;
	sums->shown += device->reported && device->reported_kind != DEVICE_KIND_NEIGHBOUR;
	sums->endpoints += count;
	if (count == 0 || count != device->endpoint_count)
		return report_fail(report, "%s: endpoints are miscounted", ID_OF(device));
	return true;
}

static bool check_source(const struct table_source *source, struct report *report)
{
	const struct endpoint *endpoint;
	size_t count = 0, unverified = 0, charge = 0;

	TAILQ_FOREACH(endpoint, &source->endpoints, of_source)
	{
		if (endpoint->source != source)
			return report_fail(report, "an endpoint is under two sources");
		count++;
		unverified += !endpoint->verified;
		charge += endpoint->charge;
	}
	if (count == 0 || count != source->count || unverified != source->unverified ||
	    charge != source->charge)
		return report_fail(report, "a source has %zu endpoints, %zu unverified, %zu bytes",
		    count, unverified, charge);
	return true;
}

static bool check_sources(const struct table *table, size_t endpoints, struct report *report)
{
	size_t count = 0;

	for (size_t i = 0; i < table->by_rank.count; i++) {
		const struct table_source *source =
		    CONTAINER_OF(table->by_rank.nodes[i], struct table_source, by_rank);
		if (!check_source(source, report))
			return false;
		count += source->count;
	}
	if (count + table->alone.count != endpoints ||
	    table->by_rank.count != table->by_source.count)
		return report_fail(report, "endpoints under no source");
	return true;
}

static bool check_sums(const struct table *table, const struct sums *sums, struct report *report)
{
	const struct endpoint *endpoint;
	size_t unverified = 0;

	for (size_t by_mac = 0; by_mac < 2; by_mac++) {
		uint64_t last = 0;
		TAILQ_FOREACH(endpoint, &table->unverified[by_mac], of_unverified)
		{
			if (endpoint->by_mac != by_mac || endpoint_number(endpoint) <= last)
				return report_fail(report, "the unverified are out of order");
			last = endpoint_number(endpoint);
			unverified++;
		}
	}
	if (unverified != sums->unverified)
		return report_fail(report, "the unverified are not all listed");
	if (sums->devices != table->device_count || sums->devices != table->by_id.count ||
	    sums->devices != table->by_report.count)
		return report_fail(report, "devices are miscounted");
	if (sums->shown != table_shown_count(table))
		return report_fail(report, "%zu devices are shown, not %zu",
		    table_shown_count(table), sums->shown);
	if (sums->endpoints != table->endpoint_count || sums->endpoints != table->by_key.count ||
	    sums->endpoints != table->by_number.count || sums->endpoints != table->by_expiry.count)
		return report_fail(report, "endpoints are miscounted");
	if (sums->presences != table->by_address.count)
		return report_fail(report, "presences are miscounted");
	if (sums->memory != table->memory)
		return report_fail(
		    report, "%zu bytes are charged, %zu are held", table->memory, sums->memory);
	return true;
}

bool table_check(const struct table *table, struct report *report)
{
	struct sums sums = {0};
	const struct device *device;

	TAILQ_FOREACH(device, &table->devices, of_table)
	if (!check_device(table, device, &sums, report))
		return false;
	return check_sums(table, &sums, report) && check_sources(table, sums.endpoints, report) &&
	       check_heap(&table->by_expiry, "by_expiry", report) &&
	       check_heap(&table->by_report, "by_report", report) &&
	       check_heap(&table->by_rank, "by_rank", report);
}

bool table_is_quiet(const struct table *table)
{
	const struct heap_node *node = heap_top(&table->by_report);

	return !node || node->key == INSTANT_NEVER.us;
}
