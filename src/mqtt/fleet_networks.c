/* SPDX-License-Identifier: ISC
 * fleet_networks: see fleet_networks.h. */
#include "mqtt/fleet_networks.h"
#include "client/field.h"
#include "client/interface_record.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is kept of what one board says: its links, and the networks of one of them. */
enum { LINKS_MAX = 256, NETWORKS_MAX = 64 };

static size_t count_links(const struct fleet_board *board)
{
	size_t count = field_length(board->links);

	return count < LINKS_MAX ? count : LINKS_MAX;
}

void fleet_networks_fini(struct fleet_networks *networks, struct fleet *fleet)
{
	struct fleet_board *board;

	TAILQ_FOREACH(board, &fleet->all, next)
	board->first_link = NULL, board->link_count = 0;
	for (size_t i = 0; i < networks->count; i++) {
		json_object_put(networks->networks[i].networks);
		free(networks->networks[i].name);
	}
	free(networks->networks);
	free(networks->links);
	*networks = (struct fleet_networks){0};
}

static int collect_links(struct fleet_networks *networks, struct fleet *fleet)
{
	struct fleet_board *board;
	size_t count = 0;

	TAILQ_FOREACH(board, &fleet->all, next)
	count += count_links(board);
	networks->links = calloc(count + 1, sizeof(*networks->links));
	networks->networks = calloc(count + 1, sizeof(*networks->networks));
	if (!networks->links || !networks->networks)
		return -ENOMEM;
	TAILQ_FOREACH(board, &fleet->all, next)
	{
		board->first_link = networks->links + networks->link_count;
		for (size_t i = 0, links = count_links(board); i < links; i++) {
			struct json_object *object = field_entry(board->links, i);
			struct fleet_link *link = &networks->links[networks->link_count];
			*link = (struct fleet_link){.board = board,
			    .object = object,
			    .interface = field_text_of(object, "name"),
			    .segment = field_text_of(object, "segment")};
			networks->link_count += link->interface.len > 0;
		}
		board->link_count =
		    (size_t)(networks->links + networks->link_count - board->first_link);
	}
	return 0;
}

/* By site and segment; those without a segment stay apart. */
static int compare_links(const void *left, const void *right)
{
	const struct fleet_link *a = *(struct fleet_link *const *)left;
	const struct fleet_link *b = *(struct fleet_link *const *)right;
	int order = strcmp(a->board->site, b->board->site);

	if (!order)
		order = fleet_compare(a->segment, b->segment);
	return order ? order : (a > b) - (a < b);
}

static void add_texts(struct json_object *texts, struct json_object *more)
{
	for (size_t i = 0; i < field_length(more) && field_length(texts) < NETWORKS_MAX; i++) {
		struct slice text = field_text(field_entry(more, i));
		if (!field_has_text(texts, text))
			field_append(texts, json_object_get(field_entry(more, i)));
	}
	json_object_put(more);
}

/* Links of one segment are in one network. */
static int join_links(struct fleet_networks *networks)
{
	struct fleet_link **sorted = calloc(networks->link_count + 1, sizeof(struct fleet_link *));
	const struct fleet_link *before = NULL;

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < networks->link_count; i++)
		sorted[i] = &networks->links[i];
	qsort(sorted, networks->link_count, sizeof(*sorted), compare_links);
	for (size_t i = 0; i < networks->link_count; before = sorted[i++]) {
		struct fleet_link *link = sorted[i];
		if (before && link->segment.len && slice_equal(before->segment, link->segment) &&
		    !strcmp(before->board->site, link->board->site)) {
			link->network = before->network;
		} else {
			link->network = &networks->networks[networks->count++];
			link->network->site = link->board->site;
			link->network->segment = link->segment;
			link->network->networks = json_object_new_array();
		}
		add_texts(link->network->networks, interface_record_networks(link->object));
	}
	free(sorted);
	return 0;
}

/* Those of IPv4 come first where there are both. */
static struct slice shown_network(const struct fleet_network *network)
{
	for (size_t i = 0; i < field_length(network->networks); i++) {
		struct slice text = field_text(field_entry(network->networks, i));
		if (slice_find(text, ':') == text.len)
			return text;
	}
	return field_text(field_entry(network->networks, 0));
}

static const char *board_name(const struct fleet_board *board)
{
	return board->name ? board->name : board->id;
}

static char *join_texts(const char *site, struct slice first, struct slice second)
{
	char *text;

	if (asprintf(&text, "%s/%.*s%s%.*s", site, SLICE_ARGS(first), second.len ? "/" : "",
		SLICE_ARGS(second)) < 0)
		return NULL;
	return text;
}

static int name_networks(struct fleet_networks *networks)
{
	for (size_t i = 0; i < networks->link_count; i++) {
		struct fleet_link *link = &networks->links[i];
		struct fleet_network *network = link->network;
		struct slice shown = shown_network(network);
		if (network->name)
			continue;
		if (!network->segment.len)
			network->name = join_texts(
			    network->site, slice_of(board_name(link->board)), link->interface);
		else
			network->name = join_texts(
			    network->site, shown.len ? shown : network->segment, SLICE_NONE);
		if (!network->name)
			return -ENOMEM;
	}
	return 0;
}

static int compare_names(const void *left, const void *right)
{
	const struct fleet_network *a = *(struct fleet_network *const *)left;
	const struct fleet_network *b = *(struct fleet_network *const *)right;

	return strcmp(a->name, b->name);
}

/* The segment, or the id of the board, is put behind a name that several networks have. */
static int tell_apart(struct fleet_network *network, const struct fleet_networks *networks)
{
	struct slice suffix = network->segment;
	char *name;

	for (size_t i = 0; i < networks->link_count && !suffix.len; i++)
		if (networks->links[i].network == network)
			suffix = slice_of(networks->links[i].board->id);
	if (asprintf(&name, "%s (%.*s)", network->name, SLICE_ARGS(suffix)) < 0)
		return -ENOMEM;
	free(network->name);
	network->name = name;
	return 0;
}

static int make_unique(const struct fleet_networks *networks)
{
	struct fleet_network **sorted = calloc(networks->count + 1, sizeof(struct fleet_network *));
	int error = sorted ? 0 : -ENOMEM;

	for (size_t i = 0; i < networks->count && !error; i++)
		sorted[i] = &networks->networks[i];
	if (!error)
		qsort(sorted, networks->count, sizeof(*sorted), compare_names);
	for (size_t i = 0, end; i < networks->count && !error; i = end) {
		for (end = i + 1; end < networks->count; end++)
			if (strcmp(sorted[i]->name, sorted[end]->name) != 0)
				break;
		for (size_t k = i; k < end && end - i > 1 && !error; k++)
			error = tell_apart(sorted[k], networks);
	}
	free(sorted);
	return error;
}

/* Notes whether what is shown of a board has changed. */
static void note_descriptions(struct fleet *fleet)
{
	struct fleet_board *board;

	TAILQ_FOREACH(board, &fleet->all, next)
	{
		uint64_t hash = hashmap_hash(&fleet->boards, slice_of(board_name(board)));
		for (size_t i = 0; i < board->link_count; i++) {
			const struct fleet_link *link = &board->first_link[i];
			hash = hashmap_hash_behind(&fleet->boards, hash, link->interface);
			hash = hashmap_hash_behind(
			    &fleet->boards, hash, slice_of(link->network->name));
		}
		board->described = hash;
	}
}

int fleet_networks_make(struct fleet_networks *networks, struct fleet *fleet)
{
	*networks = (struct fleet_networks){0};
	int error = collect_links(networks, fleet);
	if (!error)
		error = join_links(networks);
	if (!error)
		error = name_networks(networks);
	if (!error)
		error = make_unique(networks);
	if (error)
		fleet_networks_fini(networks, fleet);
	else
		note_descriptions(fleet);
	return error;
}

const struct fleet_link *fleet_networks_link(
    const struct fleet_board *board, struct slice interface)
{
	for (size_t i = 0; i < board->link_count; i++)
		if (slice_equal(board->first_link[i].interface, interface))
			return &board->first_link[i];
	return NULL;
}

/* An interface of io.discoverd that is none of this host. */
static struct json_object *describe(const char *name, const char *kind, const char *master)
{
	struct json_object *object = json_object_new_object();

	field_add_text(object, "name", name);
	field_add_text(object, "kind", kind);
	field_add(object, "mac", NULL);
	field_add(object, "up", NULL);
	field_add(object, "used", json_object_new_boolean(true));
	field_add(object, "unused_because", NULL);
	field_add(object, "addresses", json_object_new_array());
	field_add(object, "gateway", NULL);
	field_add(object, "master", master ? json_object_new_string(master) : NULL);
	field_add(object, "bridge_ports", json_object_new_array());
	field_add(object, "peer", NULL);
	return object;
}

/* What the boards there publish of it. */
static void add_link(struct json_object *object, const struct fleet_link *link)
{
	struct json_object *addresses = field_get(link->object, "addresses");
	struct json_object *gateway = field_get(link->object, "gateway");
	bool up = link->board->online || json_object_get_boolean(field_get(object, "up"));

	field_add(object, "up", json_object_new_boolean(up));
	if (json_object_is_type(gateway, json_type_string) && !field_get(object, "gateway"))
		field_add(object, "gateway", json_object_get(gateway));
	for (size_t i = 0; i < field_length(addresses); i++)
		field_append(
		    field_get(object, "addresses"), json_object_get(field_entry(addresses, i)));
}

static void add_site(struct json_object *interfaces, const char *site)
{
	for (size_t i = 0; i < field_length(interfaces); i++)
		if (slice_equal(
			field_text(field_get(field_entry(interfaces, i), "name")), slice_of(site)))
			return;
	field_append(interfaces, describe(site, "site", NULL));
}

struct json_object *fleet_networks_describe(
    const struct fleet_networks *networks, const struct fleet *fleet)
{
	struct json_object *interfaces = json_object_new_array();
	size_t sites;

	const struct fleet_board *board;
	TAILQ_FOREACH(board, &fleet->all, next)
	add_site(interfaces, board->site);
	sites = field_length(interfaces);
	for (size_t i = 0; i < networks->count; i++)
		field_append(interfaces,
		    describe(networks->networks[i].name, "network", networks->networks[i].site));
	for (size_t i = 0; i < networks->link_count; i++) {
		const struct fleet_link *link = &networks->links[i];
		size_t place = (size_t)(link->network - networks->networks);
		add_link(field_entry(interfaces, sites + place), link);
	}
	return interfaces;
}
