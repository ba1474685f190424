/* SPDX-License-Identifier: ISC
 * probe_plan: see probe_plan.h. */
#include "control/probe_plan.h"
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

	*url = (struct url){0};
	if (!text || url_parse(slice_of(text), url) < 0 || !url->port ||
	    address_parse(url->host, &address) < 0)
		return (struct address){0};
	return address;
}

/* The port of a URL whose host is the address of the plan. */
static void add_port_of(struct probe_plan *plan, const char *text)
{
	struct url url;
	struct address host = host_of(text, &url);

	if (!address_is_none(&host) && address_equal(&host, &plan->address))
		probe_plan_add_port(plan, url.port);
}

static void add_announced_by(struct probe_plan *plan, const struct endpoint *endpoint)
{
	add_port_of(plan, endpoint->url);
	add_port_of(plan, endpoint_fact(endpoint, FACT_PRESENTATION_URL));
	for (size_t i = 0; i < endpoint->service_count; i++) {
		const struct service *service = &endpoint->services[i];
		add_port_of(plan, service->url);
		if (service->port && endpoint_find_presence(endpoint, &plan->address))
			probe_plan_add_port(plan, service->port);
	}
}

void probe_plan_add_announced(struct probe_plan *plan, struct table *table)
{
	const struct endpoint *endpoint;
	const struct device *device;
	struct table_cursor cursor;

	table_cursor_open(&cursor, table);
	while ((device = table_cursor_next(&cursor))) {
		if (!device_has_address(device, &plan->address, plan->link))
			continue;
		TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
		add_announced_by(plan, endpoint);
	}
	table_cursor_close(&cursor);
}

static const struct presence *find_presence(
    const struct device *device, const struct address *address, uint32_t link)
{
	const struct presence *place = NULL;

	while ((place = device_next_place(device, place)))
		if ((!link || link == place->endpoint->link) &&
		    address_equal(&place->address, address))
			return place;
	return NULL;
}

/* Where one of its descriptions is; NULL where that is at no address of the device. */
static const struct presence *find_described(const struct device *device)
{
	const struct endpoint *endpoint;
	const struct presence *presence = NULL;

	TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	{
		struct url url;
		struct address host = host_of(endpoint->url, &url);
		if (!presence && !address_is_none(&host))
			presence = find_presence(device, &host, endpoint->link);
	}
	return presence;
}

static void note_device(struct probe_plan *plan, const struct device *device)
{
	char text[KEY_UUID_TEXT_MAX];

	strcpy(plan->device, device_id(device, text));
}

void probe_plan_aim_at(struct probe_plan *plan, const struct device *device)
{
	const struct presence *presence = find_described(device);

	if (!presence)
		presence = device_main_presence(device);
	plan->address = presence->address;
	plan->link = presence->endpoint->link;
	note_device(plan, device);
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
	const struct presence *presence = NULL;

	found = device_lookup(host, target, &refusal->lookup);
	result = device_lookup_address(host, target, &plan->address, &plan->link);
	if (found == 0 && result == 0)
		presence = find_presence(refusal->lookup.found, &plan->address, plan->link);
	if (presence) {
		plan->link = presence->endpoint->link;
		note_device(plan, refusal->lookup.found);
	} else if (found == 0) {
		probe_plan_aim_at(plan, refusal->lookup.found);
	} else if (result < 0) { /* Several devices at one address are probed there. */
		return found;
	}
	refusal->lookup.candidate_count = 0;
	return check_way(plan, host, anywhere, refusal);
}
