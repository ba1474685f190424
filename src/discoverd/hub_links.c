/* SPDX-License-Identifier: ISC
 * hub_links: which links are used, and who is told when that changes. */
#include "discoverd/hub_parts.h"

#include <errno.h>
#include <string.h>

/* What the callback of link_set_compare needs. */
struct link_news {
	struct hub *hub;
	struct instant now;
	const struct link_set *before; /* what was used */
};

struct link_filter hub_links_filter(const struct config *config)
{
	return (struct link_filter){
	    .allow = (const char *const *)config->network.interfaces.items,
	    .allow_count = config->network.interfaces.count,
	    .deny = (const char *const *)config->network.deny_interfaces.items,
	    .deny_count = config->network.deny_interfaces.count,
	};
}

/* Why a link that was used is not used any more; its index may be another link's by now. */
static void log_gone(const struct hub *hub, enum log_level level, const struct link *before)
{
	const struct link_set *links = netlink_links(hub->netlink);
	struct link_filter filter = hub_links_filter(&hub->config);
	const struct link *now = link_set_find(links, before->index);

	if (!now || now->generation != before->generation)
		log_line(level, "interface %s is gone", before->name);
	else if (strcmp(now->name, before->name) != 0)
		log_line(level, "interface %s is named %s now", before->name, now->name);
	else
		log_line(level, "interface %s is not used any more: %s", before->name,
		    link_verdict_text(link_judge(links, now, &filter)));
}

static void log_change(const struct hub *hub, const struct link_change *change)
{
	static const char *const WORDS[] = {
	    [LINK_CAME] = "is used", [LINK_ADDRESS_GONE] = "lost", [LINK_ADDRESS_CAME] = "got"};
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

static void name_links(struct hub *hub, const struct link_set *links)
{
	hub->control_host.links = links;
	hub->event_log.links = links;
}

static void tell(void *context, const struct link_change *change)
{
	struct link_news *news = context;

	log_change(news->hub, change);
	for (size_t i = 0; ENGINES[i]; i++)
		protocol_link_changed(&news->hub->protocols[i], news->now, change);
	if (change->event != LINK_GONE)
		return;
	/* what is dropped is reported with the name that the interface had */
	name_links(news->hub, news->before);
	table_drop_link(news->hub->table, change->link->index);
	name_links(news->hub, netlink_links(news->hub->netlink));
}

int hub_links_refresh(struct hub *hub)
{
	struct link_filter filter = hub_links_filter(&hub->config);
	struct link_set before = hub->usable, after;
	struct link_news news = {hub, loop_now(hub->loop), &before};
	int result = link_set_usable(netlink_links(hub->netlink), &filter, &after);

	if (result)
		return result;
	/* the engines see the new set while they are told what is new in it */
	hub->usable = after;
	name_links(hub, netlink_links(hub->netlink));
	link_set_compare(&before, &after, tell, &news);
	link_set_fini(&before);
	hub->status_due = instant_earlier(hub->status_due, news.now);
	hub_warnings_refresh(hub);
	return 0;
}

void hub_links_changed(void *context)
{
	if (hub_links_refresh(context))
		log_error("out of memory: a change of the interfaces is not followed");
}

int hub_links_check(const struct hub *hub)
{
	const struct link_set *links = netlink_links(hub->netlink);
	const struct text_list *wanted = &hub->config.network.interfaces;
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
