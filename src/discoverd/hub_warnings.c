/* SPDX-License-Identifier: ISC
 * hub_warnings: the sentences that say why devices may be missing, for the log and for `status`. */
#include "discoverd/hub_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What is left out is counted in the last one. */
static void add(struct hub_warnings *warnings, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void add(struct hub_warnings *warnings, const char *format, ...)
{
	va_list arguments;

	if (warnings->count == HUB_WARNINGS_MAX) {
		warnings->more++;
		snprintf(warnings->texts[HUB_WARNINGS_MAX - 1], HUB_WARNING_MAX,
		    "%zu more warnings like these", warnings->more + 1);
		return;
	}
	va_start(arguments, format);
	vsnprintf(warnings->texts[warnings->count++], HUB_WARNING_MAX, format, arguments);
	va_end(arguments);
}

/* A pattern with a wildcard in deny-interfaces may well match nothing at times. */
static void add_patterns(struct hub *hub, struct hub_warnings *warnings)
{
	const struct link_set *links = netlink_links(hub->netlink);
	const struct text_list *allow = &hub->config.network.interfaces;
	const struct text_list *deny = &hub->config.network.deny_interfaces;

	for (size_t i = 0; i < allow->count; i++)
		if (!link_set_matches(links, allow->items[i]))
			add(warnings,
			    "no interface of this host matches '%s' ([Network] interfaces)",
			    allow->items[i]);
	for (size_t i = 0; i < deny->count; i++)
		if (!link_set_matches(links, deny->items[i]) && !strpbrk(deny->items[i], "*?["))
			add(warnings,
			    "no interface of this host is named '%s' ([Network] deny-interfaces)",
			    deny->items[i]);
}

static void add_protocol(
    const struct protocol *protocol, const struct link *link, struct hub_warnings *warnings)
{
	struct address group;
	char text[ADDRESS_TEXT_MAX];
	int error = protocol_group_error(protocol, link->index, &group);

	if (error)
		add(warnings, "%s: cannot join the multicast group %s (%s): %s", link->name,
		    address_text(&group, text), protocol->type->name, strerror(-error));
	if (echoes_is_silent(&protocol->echoes, link->index))
		add(warnings,
		    "%s: our own multicasts do not come back: does a firewall drop UDP port %u?",
		    link->name, protocol->port.port);
}

static bool has(const struct hub_warnings *warnings, const char *text)
{
	for (size_t i = 0; i < warnings->count; i++)
		if (strcmp(warnings->texts[i], text) == 0)
			return true;
	return false;
}

/* Each is said when it begins and when it ends. */
static void log_news(const struct hub_warnings *before, const struct hub_warnings *after)
{
	for (size_t i = 0; i < after->count; i++)
		if (!has(before, after->texts[i]))
			log_warning("%s", after->texts[i]);
	for (size_t i = 0; i < before->count; i++)
		if (!has(after, before->texts[i]))
			log_notice("warning ended: %s", before->texts[i]);
}

void hub_warnings_refresh(struct hub *hub)
{
	struct hub_warnings before = hub->warnings, *warnings = &hub->warnings;

	warnings->count = warnings->more = 0;
	if (!hub->usable.count)
		add(warnings, "no interface is used: no interface is allowed, is up and has an address; see "
			      "`discoverctl interfaces`");
	add_patterns(hub, warnings);
	for (size_t i = 0; i < hub->usable.count; i++)
		for (size_t k = 0; ENGINES[k]; k++)
			if (hub->protocols[k].engine)
				add_protocol(&hub->protocols[k], &hub->usable.links[i], warnings);
	log_news(&before, warnings);
}

void hub_warnings_changed(void *context)
{
	hub_warnings_refresh(context);
}

size_t hub_warnings_list(struct hub *hub)
{
	size_t count = 0;

	if (hub->warning[0])
		hub->warning_list[count++] = hub->warning;
	for (size_t i = 0; i < hub->warnings.count; i++)
		hub->warning_list[count++] = hub->warnings.texts[i];
	return count;
}
