/* SPDX-License-Identifier: ISC
 * part_links: the network interfaces of this host, as the kernel tells of them, for the core. */
#include "discoverd/parts.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "model/link_change.h"
#include "model/link_filter.h"

/* An interface of the command line has to be there; those of the configuration may come later. */
static int check_options(const struct hub *hub)
{
	const struct link_set *links = netlink_links(hub->netlink);
	const struct text_list *wanted = &core_config(hub->core)->network.interfaces;
	char have[256];
	struct writer w;

	if (!hub->options->interface_count)
		return 0;
	writer_init(&w, have, sizeof(have));
	for (size_t i = 0; i < links->count; i++)
		writer_format(&w, "%s%s", i ? ", " : "", links->links[i].name);
	for (size_t i = 0; i < wanted->count; i++) {
		if (link_set_matches(links, wanted->items[i]))
			continue;
		log_error("no interface matches '%s'; this host has: %.*s", wanted->items[i],
		    (int)w.len, have);
		return -ENODEV;
	}
	return 0;
}

static int open_links(struct hub *hub, void **state)
{
	int result = check_options(hub);

	*state = hub;
	if (!result)
		result =
		    core_set_links(hub->core, loop_now(hub->loop), netlink_links(hub->netlink));
	hub->control_host.links = core_links(hub->core);
	hub->control_host.usable = core_usable_links(hub->core);
	return result;
}

/* Why a link that was used is not used any more; its index may be another link's by now. */
static void log_gone(const struct hub *hub, enum log_level level, const struct link *before)
{
	const struct link_set *links = core_links(hub->core);
	struct link_filter filter = config_link_filter(core_config(hub->core));
	const struct link *now = link_set_find(links, before->index);

	if (!now || now->generation != before->generation)
		log_line(level, "interface %s is gone", before->name);
	else if (strcmp(now->name, before->name) != 0)
		log_line(level, "interface %s is now named %s", before->name, now->name);
	else
		log_line(level, "interface %s is not used any more: %s", before->name,
		    link_verdict_text(link_judge(links, now, &filter)));
}

static void link_changed(void *state, const struct link_change *change)
{
	static const char *const WORDS[] = {
	    [LINK_CAME] = "is used", [LINK_ADDRESS_GONE] = "lost", [LINK_ADDRESS_CAME] = "got"};
	const struct hub *hub = state;
	enum log_level level = hub->running ? LOG_LEVEL_NOTICE : LOG_LEVEL_INFO;
	char text[ADDRESS_TEXT_MAX] = "";

	if (change->event == LINK_GONE) {
		log_gone(hub, level, change->link);
		return;
	}
	if (change->address)
		address_text(&change->address->prefix.address, text);
	log_line(level, "interface %s %s%s%s", change->link->name, WORDS[change->event],
	    change->address ? " address " : "", text);
}

/* A pattern with a wildcard in deny-interfaces may well match nothing at times. */
static void warn(const void *state, struct warnings *warnings)
{
	const struct hub *hub = state;
	const struct link_set *links = core_links(hub->core);
	const struct config *config = core_config(hub->core);
	const struct text_list *allow = &config->network.interfaces;
	const struct text_list *deny = &config->network.deny_interfaces;

	if (!core_usable_links(hub->core)->count)
		warnings_add(warnings,
		    "no interface is used: no interface is allowed, is up and has an address; see "
		    "`discoverctl interfaces`");
	for (size_t i = 0; i < allow->count; i++)
		if (!link_set_matches(links, allow->items[i]))
			warnings_add(warnings,
			    "no interface of this host matches '%s' ([Network] interfaces)",
			    allow->items[i]);
	for (size_t i = 0; i < deny->count; i++)
		if (!link_set_matches(links, deny->items[i]) && !strpbrk(deny->items[i], "*?["))
			warnings_add(warnings,
			    "no interface of this host is named '%s' ([Network] deny-interfaces)",
			    deny->items[i]);
}

static bool counters(const void *state, size_t index, struct counter_group *group)
{
	const struct hub *hub = state;

	*group = netlink_counters(hub->netlink);
	return index == 0;
}

static void traffic(const void *state, uint32_t link, struct control_link_traffic *traffic)
{
	const struct hub *hub = state;
	struct link_filter filter = config_link_filter(core_config(hub->core));
	const struct link *found = link_set_find(core_links(hub->core), link);

	if (found)
		traffic->unused_because =
		    link_verdict_text(link_judge(core_links(hub->core), found, &filter));
}

const struct part LINKS_PART = {
    .name = "links",
    .open = open_links,
    .link_changed = link_changed,
    .warn = warn,
    .counters = counters,
    .traffic = traffic,
};
