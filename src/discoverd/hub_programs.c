/* SPDX-License-Identifier: ISC
 * hub_programs: announces what programs on the control socket offer, for as long as they want it.
 */
#include "discoverd/hub_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/slice.h"
#include "discoverd/tree_description.h"

enum { LOCATION_MAX = 80 };

/* A UDN of this tree that is announced already, or stands twice in it; NULL: none. */
static const char *find_taken(const struct hub *hub, const struct announced_tree *tree)
{
	for (size_t i = 0; i < tree->device_count; i++) {
		struct slice udn = slice_of(tree->devices[i].udn);

		if (announcement_find_udn(&hub->announcement, udn))
			return tree->devices[i].udn;
		for (size_t k = 0; k < i; k++)
			if (slice_equal_nocase(slice_of(tree->devices[k].udn), udn))
				return tree->devices[i].udn;
	}
	return NULL;
}

/* What of it is announced when we serve its description; NULL where nothing is served. */
static const char *served_location(
    const struct hub *hub, const char *path, char location[LOCATION_MAX])
{
	if (!hub->http_server)
		return NULL;
	snprintf(location, LOCATION_MAX, "http://*:%u%s", http_server_port(hub->http_server), path);
	return location;
}

static int publish_tree(
    struct hub *hub, const struct announced_tree *tree, const char *path, uint32_t *config_id)
{
	char *description = NULL;
	int result = tree_description_make(tree, path, &description, config_id);

	if (!result)
		result = hub_publish(hub, tree, path, description);
	free(description);
	return result;
}

/* Serves the description of a tree that has none. 0, -ENOTSUP or -ENOMEM. */
static int serve(struct hub *hub, struct announced_tree *tree, char path[PROGRAM_PATH_MAX])
{
	char location[LOCATION_MAX];

	if (!hub->http_server)
		return -ENOTSUP;
	programs_path(tree->devices[0].udn, path);
	tree->location = strdup(served_location(hub, path, location));
	return tree->location ? publish_tree(hub, tree, path, &tree->config_id) : -ENOMEM;
}

static int accept_tree(struct hub *hub, const struct control_session *owner,
    struct announced_tree *tree, struct control_announced *announced)
{
	struct program program = {.owner = owner};
	const char *taken;
	int result;

	announced->limit = hub->config.control.max_announcements;
	if (hub->programs.count >= announced->limit)
		return -ENOSPC;
	result = programs_complete(
	    tree, &hub->identity, &announcement_own(&hub->announcement)->devices[0]);
	if (result)
		return result;
	taken = find_taken(hub, tree);
	snprintf(announced->id, sizeof(announced->id), "%s", taken ? taken : tree->devices[0].udn);
	if (taken)
		return -EEXIST;
	tree->source = "control";
	if (!tree->location)
		result = serve(hub, tree, program.path);
	if (!result)
		result = programs_add(&hub->programs, &program);
	if (!result) {
		result = hub_announce(hub, tree);
		if (result)
			programs_remove(&hub->programs, hub->programs.count - 1);
		else
			hub->programs.list[hub->programs.count - 1].number = tree->number;
	}
	if (result && program.path[0])
		hub_unpublish(hub, program.path);
	return result;
}

static int announce(void *context, const struct control_session *owner, struct announced_tree *tree,
    struct control_announced *announced)
{
	struct hub *hub = context;
	int result = accept_tree(hub, owner, tree, announced);

	if (result) {
		announced_tree_free(tree);
		return result;
	}
	log_info("a program announces \"%s\", %s", tree->devices[0].name, announced->id);
	return 0;
}

static void take_back(struct hub *hub, size_t index)
{
	struct program program = hub->programs.list[index];
	const struct announced_tree *tree = announcement_find(&hub->announcement, program.number);

	if (tree)
		log_info(
		    "\"%s\", %s is no longer announced", tree->devices[0].name, tree->devices[0].udn);
	programs_remove(&hub->programs, index);
	if (program.path[0])
		hub_unpublish(hub, program.path);
	hub_withdraw(hub, program.number);
}

static int withdraw(void *context, struct slice id)
{
	struct hub *hub = context;
	struct slice prefix = SLICE("uuid:"), uuid = slice_without_prefix_nocase(id, prefix);

	for (size_t i = 0; i < hub->programs.count; i++) {
		const struct announced_tree *tree =
		    announcement_find(&hub->announcement, hub->programs.list[i].number);

		if (!tree || !slice_equal_nocase(
				 slice_skip(slice_of(tree->devices[0].udn), prefix.len), uuid))
			continue;
		take_back(hub, i);
		return 0;
	}
	return -ENOENT;
}

static void abandon(void *context, const struct control_session *owner)
{
	struct hub *hub = context;

	/* from the end: the last one takes the place of one that goes */
	for (size_t i = hub->programs.count; i-- > 0;)
		if (hub->programs.list[i].owner == owner)
			take_back(hub, i);
}

void hub_programs_serve(struct hub *hub)
{
	char location[LOCATION_MAX];

	for (size_t i = hub->programs.count; i-- > 0;) {
		struct program *program = &hub->programs.list[i];
		const struct announced_tree *tree =
		    announcement_find(&hub->announcement, program->number);
		uint32_t config_id; /* is the tree's: its content is the same */
		const char *wanted;

		if (!program->path[0] || !tree)
			continue;
		if (publish_tree(hub, tree, program->path, &config_id))
			log_error("out of memory: the description of \"%s\" is not served",
			    tree->devices[0].name);
		wanted = served_location(hub, program->path, location);
		if (slice_equal(slice_of(tree->location), slice_of(wanted)))
			continue;
		program->number = hub_relocate(hub, program->number, wanted);
		if (!program->number)
			programs_remove(&hub->programs, i);
	}
}

void hub_programs_init(struct hub *hub)
{
	hub->control_host.announce = announce;
	hub->control_host.withdraw = withdraw;
	hub->control_host.abandon = abandon;
}
