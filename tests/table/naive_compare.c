/* SPDX-License-Identifier: ISC
 * naive_compare: whether a table holds what the naive model does, and its devices are what the ties
 * between the model's endpoints make. */
#include "base/mac.h"
#include "naive_model.h"
#include <stdio.h>
#include <string.h>

static const char *describe(const struct naive_endpoint *endpoint)
{
	static char text[128];
	char address[ADDRESS_TEXT_MAX], key[KEY_TEXT_MAX];

	key_format(&endpoint->key, key);
	snprintf(text, sizeof(text), "%s '%.60s' at %s%%%u", endpoint->protocol->name, key,
	    address_text(&endpoint->presences[0].address, address), (unsigned)endpoint->link);
	return text;
}

static bool is_text(const char *text, struct slice expected)
{
	return slice_equal(slice_of(text), expected);
}

static bool compare_presences(
    struct naive_endpoint *mine, const struct endpoint *real, struct report *report)
{
	if (real->presence_count != mine->presence_count)
		return report_fail(report, "%s has %u addresses, not %zu", describe(mine),
		    real->presence_count, mine->presence_count);
	for (size_t i = 0; i < mine->presence_count; i++) {
		struct naive_presence *expected = &mine->presences[i];
		const struct presence *presence = endpoint_find_presence(real, &expected->address);
		if (!presence)
			return report_fail(report, "%s lacks an address", describe(mine));
		/* Asked again, for a shorter time. */
		if (expected->asked && instant_before(presence->expires, expected->expires))
			expected->expires = presence->expires;
		if (presence->expires.us != expected->expires.us)
			return report_fail(report, "%s expires in %lld s, not %lld", describe(mine),
			    (long long)presence->expires.us / 1000000,
			    (long long)expected->expires.us / 1000000);
		if (!is_text(presence->url, expected->url))
			return report_fail(report, "%s has another URL", describe(mine));
		if (presence->mac.known != expected->mac.known ||
		    (presence->mac.known && !mac_equal(&presence->mac, &expected->mac)) ||
		    presence->unsure != expected->unsure)
			return report_fail(report, "%s has another MAC: %02x%s, not %02x%s",
			    describe(mine), presence->mac.bytes[5], presence->unsure ? "?" : "",
			    expected->mac.bytes[5], expected->unsure ? "?" : "");
	}
	return true;
}

static bool compare_services(
    const struct naive_endpoint *mine, const struct endpoint *real, struct report *report)
{
	if (real->service_count != mine->service_count)
		return report_fail(report, "%s has %u services, not %zu", describe(mine),
		    real->service_count, mine->service_count);
	for (size_t i = 0; i < mine->service_count; i++) {
		const struct naive_service *expected = &mine->services[i];
		const struct service *service =
		    endpoint_find_service(real, expected->type, SLICE_NONE);
		if (!service || service->described != expected->described ||
		    service->expires.us != expected->expires.us)
			return report_fail(report, "%s: service %.*s is another", describe(mine),
			    SLICE_ARGS(expected->type));
	}
	return true;
}

static bool compare_endpoint(
    struct naive_endpoint *mine, const struct endpoint *real, struct report *report)
{
	for (size_t i = 0; i < FACTS; i++)
		if (!is_text(endpoint_fact(real, i), mine->facts[i]))
			return report_fail(report, "%s: fact %zu is '%s', not '%.*s'",
			    describe(mine), i, endpoint_fact(real, i) ? endpoint_fact(real, i) : "",
			    SLICE_ARGS(mine->facts[i]));
	if (real->is_device != mine->is_device || real->described != mine->described ||
	    real->verified != mine->verified || real->has_epoch != mine->has_epoch ||
	    real->epoch != mine->epoch)
		return report_fail(report,
		    "%s: device %d, described %d, verified %d, epoch %u; not %d, %d, %d, %u",
		    describe(mine), real->is_device, real->described, real->verified,
		    (unsigned)real->epoch, mine->is_device, mine->described, mine->verified,
		    (unsigned)mine->epoch);
	return compare_presences(mine, real, report) && compare_services(mine, real, report);
}

/* The table's endpoint that is this one; NULL where it has none. */
static const struct endpoint *find_real(
    const struct naive_endpoint *mine, const struct table *table, struct table_cursor *cursor)
{
	const struct device *device;
	const struct endpoint *endpoint;
	(void)table;

	while ((device = table_cursor_next(cursor)))
		TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	if (endpoint->protocol == mine->protocol && endpoint->link == mine->link &&
	    key_equal(&endpoint->key, &mine->key) &&
	    endpoint_find_presence(endpoint, &mine->presences[0].address))
		return endpoint;
	return NULL;
}

static bool compare_endpoints(struct naive *naive, struct table *table, struct report *report)
{
	for (size_t i = 0; i < naive->count; i++) {
		struct naive_endpoint *mine = &naive->endpoints[i];
		struct table_cursor cursor;
		table_cursor_open(&cursor, table);
		mine->real = find_real(mine, table, &cursor);
		table_cursor_close(&cursor);
		if (!mine->real)
			return report_fail(report, "%s is not there", describe(mine));
		mine->device = mine->real->device;
		mine->claim = mine->real->claim;
		if (!compare_endpoint(mine, mine->real, report))
			return false;
	}
	if (table_endpoint_count(table) != naive->count)
		return report_fail(
		    report, "%zu endpoints, not %zu", table_endpoint_count(table), naive->count);
	return true;
}

static bool is_sure(const struct naive_presence *presence)
{
	return presence->mac.known && !presence->unsure;
}

/* Several devices have IPv4 addresses under this MAC; one that is held may be another's new place.
 */
static bool mac_is_shared(const struct naive *naive, const struct mac *mac)
{
	const struct device *first = NULL;

	for (size_t i = 0; i < naive->count; i++) {
		const struct naive_endpoint *endpoint = &naive->endpoints[i];
		for (size_t j = 0; j < endpoint->presence_count; j++) {
			const struct naive_presence *at = &endpoint->presences[j];
			if (at->address.family != ADDRESS_IPV4 || !is_sure(at) ||
			    !mac_equal(&at->mac, mac) || endpoint->device->held ||
			    endpoint->real->guest)
				continue;
			if (first && first != endpoint->device)
				return true;
			first = endpoint->device;
		}
	}
	return false;
}

static bool places_tie(const struct naive *naive, const struct naive_endpoint *a,
    const struct naive_presence *p, const struct naive_endpoint *b, const struct naive_presence *q)
{
	bool same_address = address_equal(&p->address, &q->address);

	if (!is_sure(p) || !is_sure(q)) {
		bool strangers = (p->unsure && is_sure(q)) || (q->unsure && is_sure(p));
		return a->link == b->link && same_address && !strangers;
	}
	if (!mac_equal(&p->mac, &q->mac))
		return false;
	if (same_address)
		return true;
	if (p->address.family == ADDRESS_IPV4 && q->address.family == ADDRESS_IPV4)
		return false;
	bool held = a->device != b->device && (a->device->held || b->device->held);
	return !held && !mac_is_shared(naive, &p->mac);
}

static bool are_tied(
    const struct naive *naive, const struct naive_endpoint *a, const struct naive_endpoint *b)
{
	if (key_joins(&a->key) && key_equal(&a->key, &b->key) && a->real->claim == b->real->claim)
		return true;
	if (a->real->guest || b->real->guest)
		return false;
	for (size_t i = 0; i < a->presence_count; i++)
		for (size_t j = 0; j < b->presence_count; j++)
			if (places_tie(naive, a, &a->presences[i], b, &b->presences[j]))
				return true;
	return false;
}

/* Gives each endpoint the number of what it hangs together with. */
static void mark_components(const struct naive *naive, size_t component[NAIVE_ENDPOINTS])
{
	bool changed = true;

	for (size_t i = 0; i < naive->count; i++)
		component[i] = i;
	while (changed) {
		changed = false;
		for (size_t i = 0; i < naive->count; i++)
			for (size_t j = 0; j < naive->count; j++)
				if (component[j] > component[i] &&
				    are_tied(naive, &naive->endpoints[i], &naive->endpoints[j])) {
					component[j] = component[i];
					changed = true;
				}
	}
}

static bool compare_devices(const struct naive *naive, struct report *report)
{
	size_t component[NAIVE_ENDPOINTS];

	mark_components(naive, component);
	for (size_t i = 0; i < naive->count; i++)
		for (size_t j = 0; j < i; j++) {
			const struct naive_endpoint *a = &naive->endpoints[i];
			const struct naive_endpoint *b = &naive->endpoints[j];
			bool tied = component[i] == component[j];
			char one[128];
			if (tied == (a->device == b->device))
				continue;
			snprintf(one, sizeof(one), "%s", describe(a));
			return report_fail(report, "%s and %s are %s device%s", one, describe(b),
			    tied ? "two" : "one", tied ? "s" : "");
		}
	return true;
}

bool naive_compare(struct naive *naive, struct table *table, struct report *report)
{
	return compare_endpoints(naive, table, report) && compare_devices(naive, report);
}
