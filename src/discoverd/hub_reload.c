/* SPDX-License-Identifier: ISC
 * hub_reload: takes a configuration over that is read anew. */
#include "discoverd/hub_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "discoverd/config_files.h"
#include "discoverd/descriptors.h"

struct table_limits hub_table_limits(const struct config *config)
{
	struct table_limits limits = TABLE_LIMITS_DEFAULT;

	limits.devices = config->table.max_devices;
	limits.devices_per_source = config->table.max_devices_per_source;
	return limits;
}

/* Logs every mistake; the first one is also for whoever asked (`context` is his writer). */
static void complain(void *context, const char *file, unsigned line, const char *what)
{
	struct writer *why = context;

	config_files_log_mistake(NULL, file, line, what);
	if (why->len)
		return;
	if (line)
		writer_format(why, "%s:%u: %s", file, line, what);
	else
		writer_format(why, "%s: %s", file, what);
}

/* Sockets that the new configuration wants otherwise are opened anew, the rest is undisturbed. */
static int reopen_protocols(struct hub *hub)
{
	int result = 0;

	for (size_t i = 0; ENGINES[i]; i++) {
		struct protocol *protocol = &hub->protocols[i];

		if (!protocol_is_outdated(protocol, ENGINES[i], &hub->config))
			continue;
		protocol_close(protocol);
		if (ENGINES[i]->enabled(&hub->config) &&
		    protocol_open(protocol, ENGINES[i], &hub->protocol_host))
			result = -EIO;
	}
	return result;
}

/* Lifetimes, intervals and search targets: what was said under longer ones must not hold back what
 * comes. */
static bool times_differ(const struct config *a, const struct config *b)
{
	return a->ssdp.max_age != b->ssdp.max_age ||
	       a->ssdp.search_interval != b->ssdp.search_interval ||
	       !text_list_equal(&a->ssdp.search_targets, &b->ssdp.search_targets) ||
	       a->broadcast.interval != b->broadcast.interval;
}

int hub_reload(struct hub *hub, struct writer *why)
{
	struct config fresh, former = hub->config;
	struct table_limits limits;
	int result = config_files_load(&fresh, hub->options, complain, why);

	if (result) {
		log_error("the configuration stays as it was");
		if (!why->len)
			writer_text(why, strerror(-result));
		writer_text(why, "; the old configuration stays");
		return result;
	}
	hub->config = fresh;
	limits = hub_table_limits(&hub->config);
	table_set_limits(hub->table, &limits);
	control_socket_set_caps(
	    hub->control_socket, fresh.control.max_clients, fresh.control.max_clients_per_user);
	if (hub->minissdpd_socket)
		minissdpd_socket_set_caps(hub->minissdpd_socket, fresh.control.max_clients,
		    fresh.control.max_clients_per_user);
	descriptors_provide(&hub->config);
	descriptions_reconfigure(hub->descriptions);
	if (former.http.port != fresh.http.port || former.network.ipv6 != fresh.network.ipv6) {
		http_server_close(hub->http_server);
		hub->http_server = NULL;
	}
	if ((former.device.uuid || fresh.device.uuid) &&
	    !slice_equal(slice_of(former.device.uuid), slice_of(fresh.device.uuid)))
		log_warning("another uuid takes effect at the next start");
	if (!slice_equal(slice_of(former.control.minissdpd_socket),
		slice_of(fresh.control.minissdpd_socket)))
		log_warning("another minissdpd-socket takes effect at the next start");
	if (times_differ(&former, &fresh))
		hub_tell_announcement(
		    hub, &(struct announcement_change){.event = ANNOUNCEMENT_RETIMED});
	config_fini(&former);
	hub_drop_ins_reload(hub, complain, why);
	result = hub_links_refresh(hub);
	if (!result)
		result = hub_offer(hub);
	if (!result)
		result = reopen_protocols(hub);
	hub_warnings_refresh(hub);
	if (result) {
		writer_format(why,
		    "%sthe new configuration is read, but a socket could not be opened; see the "
		    "log",
		    why->len ? "; " : "");
		return result;
	}
	log_notice("configuration read again");
	if (!why->len)
		return 0;
	writer_text(why, "; everything else is in force");
	return -EINVAL;
}
