/* SPDX-License-Identifier: ISC
 * hub_links: which links are used, and who is told when that changes. */
#include "discoverd/hub_parts.h"

#include <errno.h>
#include <fnmatch.h>

/* What the callback of link_set_compare needs. */
struct link_news {
	struct hub *hub;
	struct instant now;
};

static struct link_filter filter_of(const struct config *config)
{
	return (struct link_filter){
	    .allow = (const char *const *)config->network.interfaces.items,
	    .allow_count = config->network.interfaces.count,
	    .deny = (const char *const *)config->network.deny_interfaces.items,
	    .deny_count = config->network.deny_interfaces.count,
	};
}

static void tell(void *context, const struct link_change *change)
{
	static const char *const WORDS[] = {[LINK_GONE] = "is gone",
	    [LINK_CAME] = "is used",
	    [LINK_ADDRESS_GONE] = "lost",
	    [LINK_ADDRESS_CAME] = "got"};
	struct link_news *news = context;
	char text[ADDRESS_TEXT_MAX] = "";

	if (change->address)
		address_text(&change->address->prefix.address, text);
	log_line(news->hub->running ? LOG_LEVEL_NOTICE : LOG_LEVEL_INFO, "interface %s %s%s%s",
	    change->link->name, WORDS[change->event], change->address ? " address " : "", text);
	for (size_t i = 0; ENGINES[i]; i++)
		protocol_link_changed(&news->hub->protocols[i], news->now, change);
	if (change->event == LINK_GONE)
		table_drop_link(news->hub->table, change->link->index);
}

int hub_links_refresh(struct hub *hub)
{
	struct link_news news = {hub, loop_now(hub->loop)};
	struct link_filter filter = filter_of(&hub->config);
	struct link_set before = hub->usable, after;
	int result = link_set_usable(netlink_links(hub->netlink), &filter, &after);

	if (result)
		return result;
	/* the engines see the new set while they are told what is new in it */
	hub->usable = after;
	hub->control_host.links = netlink_links(hub->netlink);
	hub->event_log.links = hub->control_host.links;
	link_set_compare(&before, &after, tell, &news);
	link_set_fini(&before);
	hub->status_due = instant_earlier(hub->status_due, news.now);
	return 0;
}

void hub_links_changed(void *context)
{
	if (hub_links_refresh(context))
		log_error("out of memory: a change of the interfaces is not followed");
}

static bool exists(const struct link_set *links, const char *pattern)
{
	for (size_t i = 0; i < links->count; i++)
		if (fnmatch(pattern, links->links[i].name, 0) == 0)
			return true;
	return false;
}

int hub_links_check(const struct hub *hub)
{
	const struct link_set *links = netlink_links(hub->netlink);
	const struct text_list *wanted = &hub->config.network.interfaces;
	char have[256];
	struct writer w;

	writer_init(&w, have, sizeof(have));
	for (size_t i = 0; i < links->count; i++)
		writer_format(&w, "%s%s", i ? ", " : "", links->links[i].name);
	for (size_t i = 0; i < wanted->count; i++) {
		if (exists(links, wanted->items[i]))
			continue;
		if (hub->options->interface_count) {
			log_error("no interface matches '%s'; this host has: %.*s",
			    wanted->items[i], (int)w.len, have);
			return -ENODEV;
		}
		log_warning("no interface matches '%s' yet; this host has: %.*s", wanted->items[i],
		    (int)w.len, have);
	}
	if (!hub->usable.count)
		log_warning(
		    "no usable interface yet: waiting for one that is up and has an address");
	return 0;
}
