/* SPDX-License-Identifier: ISC
 * link_filter: which links are used, and why others are not. */
#include "model/link_filter.h"
#include "base/array.h"
#include <fnmatch.h>
#include <string.h>

/* What comes in by the port of a bridge or the like is its master's: such a link hears nothing. */
static bool is_port(const struct link_set *set, const struct link *link)
{
	static const char *const SWITCHES[] = {"bridge", "bond", "team", "openvswitch"};
	const struct link *master = link->master ? link_set_find(set, link->master) : NULL;

	for (size_t i = 0; master && i < COUNT_OF(SWITCHES); i++)
		if (strcmp(master->kind, SWITCHES[i]) == 0)
			return true;
	return false;
}

static bool matches(const char *const *globs, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (fnmatch(globs[i], name, 0) == 0)
			return true;
	return false;
}

static bool is_named(const char *const *globs, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(globs[i], name) == 0)
			return true;
	return false;
}

static bool has_usable_address(const struct link *link)
{
	for (size_t i = 0; i < link->address_count; i++)
		if (link->addresses[i].usable)
			return true;
	return false;
}

enum link_verdict link_judge(
    const struct link_set *set, const struct link *link, const struct link_filter *filter)
{
	if (matches(filter->deny, filter->deny_count, link->name))
		return LINK_DENIED;
	if (link->loopback && !is_named(filter->allow, filter->allow_count, link->name))
		return LINK_IS_LOOPBACK;
	if (filter->allow_count && !matches(filter->allow, filter->allow_count, link->name))
		return LINK_UNLISTED;
	if (is_port(set, link))
		return LINK_IS_PORT;
	if (!link->up)
		return link->no_carrier ? LINK_NO_CARRIER : LINK_DOWN;
	if (!(link->loopback || link->broadcast || link->multicast))
		return LINK_NO_MULTICAST;
	return has_usable_address(link) ? LINK_USED : LINK_NO_ADDRESS;
}

const char *link_verdict_text(enum link_verdict verdict)
{
	static const char *const TEXTS[] = {
	    [LINK_DENIED] = "denied",
	    [LINK_UNLISTED] = "not listed",
	    [LINK_IS_LOOPBACK] = "loopback",
	    [LINK_IS_PORT] = "port of a bridge or bond",
	    [LINK_DOWN] = "down",
	    [LINK_NO_CARRIER] = "no carrier",
	    [LINK_NO_MULTICAST] = "no multicast",
	    [LINK_NO_ADDRESS] = "no usable address",
	};
	return TEXTS[verdict];
}

bool link_set_matches(const struct link_set *set, const char *pattern)
{
	for (size_t i = 0; i < set->count; i++)
		if (matches(&pattern, 1, set->links[i].name))
			return true;
	return false;
}

int link_set_usable(
    const struct link_set *set, const struct link_filter *filter, struct link_set *usable)
{
	link_set_init(usable);
	for (size_t i = 0; i < set->count; i++) {
		const struct link *link = &set->links[i];
		if (link_judge(set, link, filter) != LINK_USED)
			continue;
		int error = link_set_append(usable, link, true);
		if (error < 0) {
			link_set_fini(usable);
			return error;
		}
	}
	usable->generation = set->generation;
	int error = link_set_index(usable);
	if (error < 0)
		link_set_fini(usable);
	return error;
}
