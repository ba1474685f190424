/* SPDX-License-Identifier: ISC
 * hub_announce: who we are and what programs here offer: served, numbered, and told to the engines.
 */
#include "discoverd/hub_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "discoverd/tree_description.h"
#include "wire/description.h"

/* True for a source that we would speak to: this host, or a neighbour on a link that is used. */
static bool is_near(void *context, const struct address *source)
{
	const struct hub *hub = context;

	if (address_is_loopback(source) ||
	    link_set_has_address(netlink_links(hub->netlink), source))
		return true;
	for (size_t i = 0; i < hub->usable.count; i++)
		if (link_has_neighbour(&hub->usable.links[i], source))
			return true;
	return false;
}

/* Opens the description's server where one is wanted and none runs, and closes one that is not
 * wanted. */
static int adjust_http_server(struct hub *hub)
{
	int result;

	if (!hub->config.http.enabled) {
		http_server_close(hub->http_server);
		hub->http_server = NULL;
		return 0;
	}
	if (hub->http_server)
		return 0;
	result = http_server_open(hub->loop, (uint16_t)hub->config.http.port,
	    hub->config.network.ipv6, hub->identity.server, &hub->http_server);
	if (result)
		log_error("cannot serve the description on TCP port %u: %s; choose another one "
			  "([HTTP] port)",
		    hub->config.http.port, strerror(-result));
	else
		http_server_set_guard(hub->http_server, is_near, hub);
	if (!result && http_server_port(hub->http_server) != hub->config.http.port)
		log_notice("TCP port %u is taken; the description is served on port %u",
		    hub->config.http.port, http_server_port(hub->http_server));
	return result;
}

void hub_tell_announcement(struct hub *hub, const struct announcement_change *change)
{
	for (size_t i = 0; ENGINES[i]; i++)
		protocol_announcement_changed(&hub->protocols[i], loop_now(hub->loop), change);
}

static void tell_tree(
    struct hub *hub, enum announcement_event event, const struct announced_tree *tree)
{
	hub_tell_announcement(hub, &(struct announcement_change){.event = event, .tree = tree});
}

int hub_publish(
    struct hub *hub, const struct announced_tree *tree, const char *path, const char *description)
{
	struct http_document document = {
	    .path = path,
	    .content_type = "text/xml; charset=\"utf-8\"",
	    .body = slice_of(description),
	    .service_count = tree_description_services(tree),
	};

	return hub->http_server ? http_server_publish(hub->http_server, &document) : 0;
}

void hub_unpublish(struct hub *hub, const char *path)
{
	if (hub->http_server)
		http_server_unpublish(hub->http_server, path);
}

/* True when nothing that others are told of it differs. */
static bool is_same_tree(const struct announced_tree *a, const struct announced_tree *b)
{
	return a && a->config_id == b->config_id &&
	       slice_equal(slice_of(a->location), slice_of(b->location));
}

int hub_introduce(struct hub *hub)
{
	struct announced_tree *tree, *former;
	char *description = NULL;
	int result = adjust_http_server(hub);

	if (result)
		return result;
	hub->announcement.http_port = hub->http_server ? http_server_port(hub->http_server) : 0;
	hub_programs_serve(hub);
	result = ourselves_build(&hub->config, &hub->identity, hub->announcement.http_port, &tree);
	if (result)
		return result;
	result = drop_ins_extend(hub->drop_ins, tree);
	if (!result)
		result =
		    tree_description_make(tree, ANNOUNCEMENT_PATH, &description, &tree->config_id);
	if (!result)
		result = hub_publish(hub, tree, ANNOUNCEMENT_PATH, description);
	size_t len = description ? strlen(description) : 0;
	free(description);
	if (result || is_same_tree(announcement_own(&hub->announcement), tree)) {
		announced_tree_free(tree);
		return result;
	}
	if (len > DESCRIPTION_READ_BY_MOST)
		log_warning("the description of this host has %zu bytes; many read no more than %d",
		    len, DESCRIPTION_READ_BY_MOST);
	/* the start has its own number; from then on every change is a start (UDA 2.0, 1.2.2) */
	tree->boot_id = announcement_own(&hub->announcement) ? identity_next_boot_id(&hub->identity)
							     : hub->identity.boot_id;
	result = announcement_replace_own(&hub->announcement, tree, &former);
	if (result) {
		announced_tree_free(tree);
		return result;
	}
	if (former)
		tell_tree(hub, ANNOUNCEMENT_GONE, former);
	tell_tree(hub, ANNOUNCEMENT_CAME, tree);
	announced_tree_free(former);
	return 0;
}

int hub_announce(struct hub *hub, struct announced_tree *tree)
{
	int result = announcement_add(&hub->announcement, tree);

	if (result)
		return result;
	if (!tree->boot_id)
		tree->boot_id = identity_next_boot_id(&hub->identity);
	/* the description is somebody else's: when it has changed we could not know, so a new start
	 * has a new number */
	if (!tree->config_id)
		tree->config_id = tree->boot_id & DESCRIPTION_CONFIG_ID_MAX;
	tell_tree(hub, ANNOUNCEMENT_CAME, tree);
	return 0;
}

void hub_withdraw(struct hub *hub, uint64_t number)
{
	struct announced_tree *tree = announcement_take(&hub->announcement, number);

	if (tree)
		tell_tree(hub, ANNOUNCEMENT_GONE, tree);
	announced_tree_free(tree);
}

void hub_withdraw_programs(struct hub *hub)
{
	while (hub->announcement.tree_count > 1)
		hub_withdraw(
		    hub, hub->announcement.trees[hub->announcement.tree_count - 1]->number);
}

uint64_t hub_relocate(struct hub *hub, uint64_t number, const char *location)
{
	struct announced_tree *tree = announcement_take(&hub->announcement, number);
	char *copy = location ? strdup(location) : NULL;

	if (tree)
		tell_tree(hub, ANNOUNCEMENT_GONE, tree);
	if (!tree || (location && !copy)) {
		announced_tree_free(tree);
		free(copy);
		return 0;
	}
	free(tree->location);
	tree->location = copy;
	tree->boot_id = 0;
	if (hub_announce(hub, tree)) {
		announced_tree_free(tree);
		return 0;
	}
	return tree->number;
}

void hub_renumber(void *context)
{
	struct hub *hub = context;
	uint32_t boot_id = identity_next_boot_id(&hub->identity);

	for (size_t i = 0; i < hub->announcement.tree_count; i++)
		hub->announcement.trees[i]->boot_id = boot_id;
	hub_tell_announcement(hub, &(struct announcement_change){.event = ANNOUNCEMENT_RENUMBERED});
}
