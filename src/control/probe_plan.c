/* SPDX-License-Identifier: ISC
 * probe_plan: see probe_plan.h. */
#include "control/probe_plan.h"
#include "base/array.h"
#include "wire/url.h"
#include <errno.h>
#include <string.h>

bool probe_plan_add_port(struct probe_plan *plan, int64_t port)
{
	if (port < 1 || port > UINT16_MAX)
		return false;
	for (size_t i = 0; i < plan->port_count; i++)
		if (plan->ports[i] == port)
			return true;
	if (plan->port_count == PROBE_PORTS_MAX)
		return false;
	plan->ports[plan->port_count++] = (uint16_t)port;
	return true;
}

/* The host of an http(s) URL; family ADDRESS_NONE where it is none or a name. */
static struct address host_of(const char *text, struct url *url)
{
	struct address address = {0};

	if (!text || url_parse(slice_of(text), url) < 0 || !url->port ||
	    address_parse(url->host, &address) < 0)
		return (struct address){0};
	return address;
}

void probe_plan_add_announced(struct probe_plan *plan, struct table *table)
{
	static const enum device_fact URLS[] = {DEVICE_LOCATION, DEVICE_PRESENTATION_URL};
	const struct device *device;
	struct table_cursor cursor;

	table_cursor_open(&cursor, table);
	while ((device = table_cursor_next(&cursor))) {
		if (!device_has_address(device, &plan->address, plan->link))
			continue;
		for (size_t i = 0; i < COUNT_OF(URLS); i++) {
			struct url url;
			struct address host = host_of(device->facts[URLS[i]], &url);
			if (address_equal(&host, &plan->address))
				probe_plan_add_port(plan, url.port);
		}
	}
	table_cursor_close(&cursor);
}

static const struct device_presence *find_presence(
    const struct device *device, const struct address *address)
{
	for (size_t i = 0; i < device->presence_count; i++)
		if (address_equal(&device->presences[i].address, address))
			return &device->presences[i];
	return NULL;
}

int probe_plan_aim_at(struct probe_plan *plan, const struct device *device)
{
	struct url url;
	struct address host = host_of(device->facts[DEVICE_LOCATION], &url);
	const struct device_presence *presence = find_presence(device, &host);

	if (!presence && device->presence_count)
		presence = device->presences;
	if (!presence)
		return -ENOENT;
	plan->address = presence->address;
	plan->link = presence->link;
	strcpy(plan->device, device->id);
	return 0;
}

/* "ADDRESS", "ADDRESS%INTERFACE", with or without "host:". 0, or -ENOENT: nothing of the kind. */
static int read_address(
    struct probe_plan *plan, const struct control_host *host, struct slice target)
{
	struct slice zone = slice_without_prefix_nocase(target, SLICE("host:")), head;
	const struct link *link;
	uint64_t index = 0;

	if (!slice_cut(&zone, '%', &head) || address_parse(head, &plan->address) < 0)
		return -ENOENT;
	if (!zone.bytes)
		return 0;
	link = link_set_find_name(host->links, zone);
	if (!link && slice_to_u64(zone, UINT32_MAX, &index) == 0)
		link = link_set_find(host->links, (uint32_t)index);
	plan->link = link ? link->index : 0;
	return link ? 0 : -ENOENT;
}

static bool is_of_a_host(const struct control_host *host, const struct address *address)
{
	if (!address_is_unicast(address))
		return false;
	for (size_t i = 0; i < host->links->count; i++) {
		const struct link *link = &host->links->links[i];
		for (size_t k = 0; k < link->address_count; k++)
			if (address_equal(&link->addresses[k].broadcast, address))
				return false;
	}
	return true;
}

/* The usable links that the address is a neighbour on. */
static void find_links(
    const struct probe_plan *plan, const struct control_host *host, struct probe_refusal *refusal)
{
	for (size_t i = 0; i < host->usable->count; i++) {
		const struct link *link = &host->usable->links[i];
		if ((!plan->link || plan->link == link->index) &&
		    link_has_neighbour(link, &plan->address) &&
		    refusal->link_count < DEVICE_LOOKUP_CANDIDATES_MAX)
			refusal->links[refusal->link_count++] = link;
	}
}

/* Only a link-local IPv6 address may be another host's on every link. */
static int check_way(struct probe_plan *plan, const struct control_host *host, bool anywhere,
    struct probe_refusal *refusal)
{
	const struct link *own = link_set_find_address(host->links, &plan->address);
	bool scoped = plan->address.family == ADDRESS_IPV6 && address_is_link_local(&plan->address);

	if (!is_of_a_host(host, &plan->address))
		return -EINVAL;
	if (own || address_is_loopback(&plan->address)) {
		plan->link = own ? own->index : 0;
		return 0;
	}
	find_links(plan, host, refusal);
	if (!refusal->link_count)
		return anywhere && (plan->link || !scoped) ? 0 : -EHOSTUNREACH;
	if (scoped && refusal->link_count > 1)
		return -ENOTUNIQ;
	plan->link = refusal->links[0]->index;
	return 0;
}

int probe_plan_aim(struct probe_plan *plan, const struct control_host *host, struct slice target,
    bool anywhere, struct probe_refusal *refusal)
{
	int found, result;

	*refusal = (struct probe_refusal){0};
	found = device_lookup(host, target, &refusal->lookup);
	result = read_address(plan, host, target);
	if (found == 0 && result == 0 && find_presence(refusal->lookup.found, &plan->address)) {
		const struct device *device = refusal->lookup.found;
		if (!plan->link)
			plan->link = find_presence(device, &plan->address)->link;
		strcpy(plan->device, device->id);
	} else if (found == 0)
		result = probe_plan_aim_at(plan, refusal->lookup.found);
	else if (result < 0) /* several at one address are no matter */
		return found;
	refusal->lookup.candidate_count = 0;
	return result ? result : check_way(plan, host, anywhere, refusal);
}
