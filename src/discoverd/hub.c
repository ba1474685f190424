/* SPDX-License-Identifier: ISC
 * hub: the one place that knows every part and connects them; decides nothing. */
#include "discoverd/hub_parts.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/array.h"
#include "config.h"
#include "discoverd/descriptors.h"
#include "discoverd/service_manager.h"

#define WARNING_PAUSE SECONDS(60)

_Static_assert(sizeof(time_t) >= 8, "64-bit time, also on 32-bit boards");

int64_t hub_wall_offset(void)
{
	struct timespec wall, boot;

	clock_gettime(CLOCK_REALTIME, &wall);
	clock_gettime(CLOCK_BOOTTIME, &boot);
	return SECONDS(wall.tv_sec - boot.tv_sec) + (wall.tv_nsec - boot.tv_nsec) / 1000;
}

/* Somebody else carries our uuid: usually two boards flashed from one image. */
static void warn_about_twin(struct hub *hub, struct instant now, const struct sighting *sighting)
{
	char address[ADDRESS_TEXT_MAX];

	/* he says it again with each message, and from each of his addresses */
	if (!instant_due(hub->warning_due, now))
		return;
	hub->warning_due = instant_add(now, WARNING_PAUSE);
	address_text(&sighting->from, address);
	snprintf(hub->warning, sizeof(hub->warning),
	    "%s announces our uuid too; set another [Device] uuid on one of the two", address);
	log_warning("%s", hub->warning);
}

static void sighted(void *context, struct instant now, const struct sighting *sighting)
{
	struct hub *hub = context;
	struct sighting known = *sighting;
	const struct device *device = NULL;
	char former[DEVICE_TEXT_MAX];
	int result;

	if (sighting->is_ourselves_elsewhere)
		warn_about_twin(hub, now, sighting);
	known.mac = hub_neighbour(hub, sighting->link, &sighting->from);
	event_log_note_name(hub->table, known.id, former);
	result = table_observe(hub->table, now, &known, &device);
	event_log_sighting(&hub->event_log, &known, result);
	if (result || !device)
		return;
	event_log_renamed(&hub->event_log, now, former, device);
	if (sighting->answers_us)
		control_socket_answered(hub->control_socket, now, device);
	descriptions_consider(
	    hub->descriptions, now, device, sighting, netlink_links(hub->netlink));
}

static void probed(void *context, uint64_t number, const struct probe_result *result)
{
	struct hub *hub = context;

	control_socket_probed(hub->control_socket, number, result);
}

static void reached(void *context, struct slice id, bool reachable)
{
	struct hub *hub = context;

	table_set_reachable(hub->table, loop_now(hub->loop), id, reachable);
}

static void table_changed(void *context, enum table_event event, const struct device *device)
{
	struct hub *hub = context;
	struct instant now = loop_now(hub->loop);

	if (event == TABLE_REFRESHED)
		return;
	event_log_device(&hub->event_log, now, event, device);
	if (event == TABLE_REMOVED)
		descriptions_forget(hub->descriptions, device);
	if (event != TABLE_UPDATED)
		hub->status_due = instant_earlier(hub->status_due, instant_add(now, SECONDS(1)));
	control_socket_changed(hub->control_socket, now, event, device);
	if (hub->minissdpd_socket)
		minissdpd_socket_changed(hub->minissdpd_socket, event, device);
}

/* By the protocol that saw it. */
static void ask(
    void *context, const struct device *device, const struct device_presence *presence, bool insist)
{
	struct hub *hub = context;
	struct engine_question question = {
	    .id = slice_of(device->id),
	    .address = presence->address,
	    .link = presence->link,
	    .port = presence->search_port,
	    .insist = insist,
	};

	for (size_t i = 0; ENGINES[i]; i++)
		if (strcmp(ENGINES[i]->name, presence->protocol) == 0)
			protocol_question(&hub->protocols[i], loop_now(hub->loop), &question);
}

static void tell_service_manager(struct hub *hub, struct instant now)
{
	char line[sizeof(hub->status_line)];
	size_t devices = table_count(hub->table), links = hub->usable.count;

	if (hub->watchdog_interval && instant_due(hub->watchdog, now)) {
		service_manager_alive();
		hub->watchdog = instant_add(now, hub->watchdog_interval);
	}
	if (!instant_due(hub->status_due, now))
		return;
	hub->status_due = INSTANT_NEVER;
	snprintf(line, sizeof(line), "%zu device%s known on %zu interface%s", devices,
	    devices == 1 ? "" : "s", links, links == 1 ? "" : "s");
	if (strcmp(line, hub->status_line) == 0)
		return;
	strcpy(hub->status_line, line);
	service_manager_status(line);
}

/* After each round of events: does what is due and says when to wake next. */
static void round_done(void *context)
{
	struct hub *hub = context;
	struct instant now = loop_now(hub->loop), deadline;

	hub->engine_context.wall_offset = hub_wall_offset();
	for (size_t i = 0; ENGINES[i]; i++)
		protocol_advance(&hub->protocols[i], now);
	table_expire(hub->table, now);
	descriptions_advance(hub->descriptions, now);
	control_socket_advance(hub->control_socket, now);
	probe_round_advance(hub->probe_round, now);
	submissions_advance(hub->submissions, now);
	if (hub->minissdpd_socket)
		minissdpd_socket_advance(hub->minissdpd_socket, now);
	tell_service_manager(hub, now);

	deadline =
	    instant_earlier(table_deadline(hub->table), descriptions_deadline(hub->descriptions));
	deadline = instant_earlier(deadline, control_socket_deadline(hub->control_socket));
	deadline = instant_earlier(deadline, probe_round_deadline(hub->probe_round));
	deadline = instant_earlier(deadline, submissions_deadline(hub->submissions));
	if (hub->minissdpd_socket)
		deadline =
		    instant_earlier(deadline, minissdpd_socket_deadline(hub->minissdpd_socket));
	deadline = instant_earlier(deadline, instant_earlier(hub->watchdog, hub->status_due));
	for (size_t i = 0; ENGINES[i]; i++)
		deadline = instant_earlier(deadline, protocol_deadline(&hub->protocols[i]));
	loop_set_deadline(hub->loop, deadline);
}

static void on_signal(void *context, int signal)
{
	struct hub *hub = context;
	char reason[256];
	struct writer why;

	if (signal != SIGHUP) {
		service_manager_stopping();
		loop_stop(hub->loop);
		return;
	}
	writer_init(&why, reason, sizeof(reason));
	hub_reload(hub, &why);
}

static int open_foundations(struct hub *hub)
{
	static const int SIGNALS[] = {SIGTERM, SIGINT, SIGHUP};
	uint64_t random[3];
	int result = identity_random(random, sizeof(random));

	hub->loop = loop_new();
	if (!hub->loop)
		result = -ENOMEM;
	if (result)
		return result;
	for (size_t i = 0; i < COUNT_OF(SIGNALS) && !result; i++)
		result = loop_on_signal(hub->loop, SIGNALS[i], on_signal, hub);
	loop_on_round(hub->loop, round_done, hub);
	rng_init(&hub->rng, random[0]);
	hub->since = loop_now(hub->loop);
	hub->engine_context = (struct engine_context){
	    .config = &hub->config,
	    .announcement = &hub->announcement,
	    .links = &hub->usable,
	    .rng = &hub->rng,
	    .key = {{random[1], random[2]}},
	    .wall_offset = hub_wall_offset(),
	};
	return result;
}

/* What a start needs before anything may be sent: the table and whoever watches it. */
static int open_table(struct hub *hub)
{
	struct descriptions_listener listener = {
	    .context = hub, .sighted = sighted, .reached = reached, .find_mac = hub_find_mac};
	struct probes_listener probing = {.context = hub, .probed = probed, .reached = reached};
	struct table_limits limits = hub_table_limits(&hub->config);
	struct stream_server_options socket = {
	    .path = hub->options->socket_path,
	    .max_clients = hub->config.control.max_clients,
	    .max_clients_per_user = hub->config.control.max_clients_per_user,
	};
	int result;

	hub->table = table_new(&limits, &hub->engine_context.key);
	hub->descriptions = descriptions_new(hub->loop, &hub->engine_context, &listener);
	hub->probes = probes_new(hub->loop, &hub->rng, &probing);
	if (!hub->table || !hub->descriptions || !hub->probes)
		return -ENOMEM;
	hub->probe_round = probe_round_new(&hub->config, hub->table, hub->probes);
	if (!hub->probe_round)
		return -ENOMEM;
	table_set_watcher(hub->table, table_changed, hub);
	table_set_questioner(hub->table, ask, hub);
	result = service_manager_socket(&socket.inherited_fd);
	if (result) {
		log_error(
		    "what the service manager handed over is no single listening Unix socket: %s",
		    strerror(-result));
		return result;
	}
	hub_control_init(hub);
	return control_socket_open(hub->loop, &socket, &hub->control_host, &hub->control_socket);
}

static int open_network(struct hub *hub)
{
	int result = netlink_open(hub->loop, hub_links_changed, hub, &hub->netlink);

	if (result) {
		log_error("cannot follow the network interfaces (netlink): %s", strerror(-result));
		return result;
	}
	result = hub_links_check(hub);
	if (!result)
		result = hub_links_refresh(hub);
	if (!result)
		result = hub_neighbours_open(hub);
	return result;
}

static int open_protocols(struct hub *hub)
{
	int result = identity_establish(&hub->identity, hub->config.device.uuid,
	    hub->options->state_directory, netlink_links(hub->netlink));

	if (!result && !(hub->announcement.server = strdup(hub->identity.server)))
		result = -ENOMEM;
	memcpy(hub->announcement.instance, hub->identity.instance, INSTANCE_TEXT_MAX);
	if (!result)
		result = hub_drop_ins_open(hub);
	if (!result)
		result = hub_offer(hub);
	hub->protocol_host = (struct protocol_host){.loop = hub->loop,
	    .engine = &hub->engine_context,
	    .outbox = &hub->outbox,
	    .sighted = sighted,
	    .renumber = hub_renumber,
	    .warned = hub_warnings_changed,
	    .context = hub};
	for (size_t i = 0; ENGINES[i] && !result; i++)
		if (ENGINES[i]->enabled(&hub->config))
			result = protocol_open(&hub->protocols[i], ENGINES[i], &hub->protocol_host);
	if (!result)
		hub_warnings_refresh(hub);
	return result;
}

int hub_open(const struct options *options, struct config *config, struct hub **out)
{
	struct hub *hub = calloc(1, sizeof(*hub));
	int result;

	if (!hub) {
		config_fini(config);
		return -ENOMEM;
	}
	hub->options = options;
	hub->event_log = (struct event_log){.limit.burst = EVENT_LOG_BURST};
	hub->config = *config;
	hub->watchdog = INSTANT_NEVER;
	hub->status_due = INSTANT_NEVER;
	link_set_init(&hub->usable);
	announcement_init(&hub->announcement);
	outbox_init(&hub->outbox);
	descriptors_provide(&hub->config);
	result = open_foundations(hub);
	if (!result)
		result = open_table(hub);
	if (!result)
		result = hub_minissdpd_open(hub);
	if (!result)
		result = open_network(hub);
	if (!result)
		result = open_protocols(hub);
	if (result) {
		if (result == -ENOMEM)
			log_error("out of memory");
		hub_close(hub);
		return result;
	}
	*out = hub;
	return 0;
}

int hub_run(struct hub *hub)
{
	log_notice(PACKAGE_STRING " started as \"%s\", %s, on %zu interface%s",
	    announcement_own(&hub->announcement)->devices[0].name, hub->identity.udn,
	    hub->usable.count, hub->usable.count == 1 ? "" : "s");
	hub->running = true;
	hub->watchdog_interval = service_manager_watchdog_interval();
	if (hub->watchdog_interval)
		hub->watchdog = loop_now(hub->loop);
	hub->status_due = loop_now(hub->loop);
	service_manager_ready();
	return loop_run(hub->loop);
}

void hub_close(struct hub *hub)
{
	/* first those who may ask for something still, a reload say: nothing follows a goodbye */
	control_socket_close(hub->control_socket);
	minissdpd_socket_close(hub->minissdpd_socket);
	hub->control_socket = NULL;
	hub->minissdpd_socket = NULL;
	hub_withdraw_programs(hub);
	for (size_t i = 0; ENGINES[i]; i++)
		protocol_close(&hub->protocols[i]);
	if (hub->running)
		identity_keep_boot_id(&hub->identity);
	submissions_free(hub->submissions);
	file_watch_close(hub->file_watch);
	drop_ins_free(hub->drop_ins);
	descriptions_free(hub->descriptions);
	probe_round_free(hub->probe_round);
	probes_free(hub->probes);
	table_free(hub->table);
	http_server_close(hub->http_server);
	hub_neighbours_close(hub);
	netlink_close(hub->netlink);
	loop_free(hub->loop);
	outbox_fini(&hub->outbox);
	programs_fini(&hub->programs);
	announcement_fini(&hub->announcement);
	link_set_fini(&hub->usable);
	config_fini(&hub->config);
	free(hub);
}
