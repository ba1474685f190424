/* SPDX-License-Identifier: ISC
 * host: a core with a configuration, a list of links, and the callbacks that a daemon has for it.
 */
#include "host.h"
#include "base/mac.h"
#include "core/core_restored.h"
#include "id_of.h"
#include "model/host_address.h"
#include "model/offers.h"
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HTTP_PORT = 5006, DOCUMENTS_MAX = 16 };

/* What a host has beyond what tests look at. */
struct machine {
	struct host host;
	struct {
		char *path, *text;
	} documents[DOCUMENTS_MAX];
	struct instant burst_at, spin_at;
	size_t burst, spin;
};

static struct machine *machine_of(const struct host *host)
{
	return (struct machine *)CONTAINER_OF(host, const struct machine, host);
}

/* Its ephemeral port: another one for each host, engine and row of its sockets. */
static uint16_t own_port_of(const struct host *host, size_t engine, size_t row)
{
	size_t number = (CORE_ENGINES_MAX * host->number + engine) * ENGINE_SOCKETS_MAX + row;
	return (uint16_t)(40000 + number);
}

struct host *world_add_host(struct world *world)
{
	struct machine *machine = calloc(1, sizeof(*machine));
	struct host *host = &machine->host;

	ck_assert_ptr_nonnull(machine);
	ck_assert_uint_lt(world->host_count, WORLD_HOSTS_MAX);
	world->hosts[world->host_count++] = host;
	host->world = world;
	host->number = (unsigned)world->host_count;
	host->epoch = 1700000000;
	host->due = INSTANT_NEVER;
	snprintf(host->udn, sizeof(host->udn), "uuid:00000000-0000-5000-8000-%012x", host->number);
	link_set_init(&host->links);
	return host;
}

struct host *world_add_running_host(struct world *world)
{
	char address[ADDRESS_TEXT_MAX];
	struct host *host = world_add_host(world);

	snprintf(address, sizeof(address), "10.1.0.%u", host->number);
	host_plug(host, 2, 1, address);
	host_start(host);
	return host;
}

const struct host_port *host_port_of(const struct host *host, uint32_t link)
{
	for (size_t i = 0; i < host->port_count; i++)
		if (host->ports[i].link == link)
			return &host->ports[i];
	return NULL;
}

static void count_burst(struct machine *machine)
{
	struct world *world = machine->host.world;

	machine->burst = machine->burst_at.us == world->now.us ? machine->burst + 1 : 1;
	machine->burst_at = world->now;
	if (machine->burst > world->largest_burst)
		world->largest_burst = machine->burst;
}

static void send_datagram(struct host *host, size_t engine, const struct outbox_send *send)
{
	const struct link *link = link_set_find(&host->links, send->link);
	struct address_port from = {send->source, own_port_of(host, engine, send->row)};
	struct engine_sockets sockets[ENGINE_SOCKETS_MAX];

	/* No assertion of Check, which writes to a file each time. */
	if (send->row >= core_engine_wants(host->core, engine, sockets))
		ck_abort();
	if (send->channel == CHANNEL_SHARED)
		from.port = sockets[send->row].port;
	if (link && address_is_none(&from.address))
		from.address = link->addresses[0].prefix.address;
	host->sent++;
	count_burst(machine_of(host));
	world_send(host->world, host, send, &from);
}

static void send_datagrams(
    void *context, size_t engine, const struct outbox_send sends[], size_t count)
{
	struct host *host = context;

	host->sent_together++;
	for (size_t i = 0; i < count; i++)
		send_datagram(host, engine, &sends[i]);
}

static int fetch_page(void *context, const struct enrichment_fetch *fetch)
{
	struct host *host = context;

	host->fetches++;
	host->fetching++;
	world_fetch(host->world, host, fetch);
	return 0;
}

/* As a kernel's neighbour table, and the MAC of the link for an address of its own. */
static struct mac find_mac(
    void *context, uint32_t index, const struct address *address, bool *confirmed)
{
	const struct host *host = context;
	const struct host_port *port = host_port_of(host, index);
	const struct link *link = link_set_find(&host->links, index);

	*confirmed = false;
	if (!port || !link)
		return (struct mac){0};
	return world_find_mac(host->world, port->network, address, confirmed);
}

static uint32_t count_macs(void *context)
{
	const struct host *host = context;

	return host->world->conditions.no_macs ? 0 : host->world->mac_changes;
}

static uint32_t next_epoch(void *context)
{
	struct host *host = context;
	return ++host->epoch;
}

static void drop_document(struct machine *machine, size_t i)
{
	free(machine->documents[i].path);
	free(machine->documents[i].text);
	machine->documents[i].path = machine->documents[i].text = NULL;
}

static void unpublish(void *context, const char *path)
{
	struct machine *machine = machine_of(context);

	for (size_t i = 0; i < DOCUMENTS_MAX; i++)
		if (machine->documents[i].path && strcmp(machine->documents[i].path, path) == 0)
			drop_document(machine, i);
}

static int publish(void *context, const char *path, const struct offer *offer, const char *text)
{
	struct machine *machine = machine_of(context);
	size_t i = 0;
	(void)offer;

	machine->host.publications++;
	unpublish(context, path);
	while (i < DOCUMENTS_MAX && machine->documents[i].path)
		i++;
	ck_assert_uint_lt(i, DOCUMENTS_MAX);
	machine->documents[i].path = strdup(path);
	machine->documents[i].text = strdup(text);
	return 0;
}

const char *host_document(const struct host *host, const char *path)
{
	const struct machine *machine = machine_of(host);

	for (size_t i = 0; i < DOCUMENTS_MAX; i++)
		if (machine->documents[i].path && strcmp(machine->documents[i].path, path) == 0)
			return machine->documents[i].text;
	return NULL;
}

static void tell_fields(struct writer *w, uint32_t changed)
{
	const char *mark = "(";

	for (size_t i = 0; i < DEVICE_FIELDS; i++) {
		if (!(changed & 1u << i))
			continue;
		writer_format(w, "%s%s", mark, DEVICE_FIELD_NAMES[i]);
		mark = ",";
	}
	writer_char(w, ')');
}

static void note_change(void *context, struct instant now, const struct table_change *change)
{
	static const char MARKS[] = {
	    [TABLE_ADDED] = '+', [TABLE_UPDATED] = '~', [TABLE_REMOVED] = '-'};
	struct host *host = context;
	struct writer w;

	host->events[change->event]++;
	host->last_event = now;
	if (host->world->observer)
		host->world->observer->changed(host, change);
	writer_init(&w, host->told, sizeof(host->told) - 1);
	w.len = strlen(host->told);
	writer_format(&w, "%c%s", MARKS[change->event], ID_OF(change->device));
	if (change->event == TABLE_UPDATED)
		tell_fields(&w, change->changed);
	if (change->merged_into)
		writer_format(&w, ">%s", change->merged_into);
	writer_char(&w, ' ');
	host->told[w.len] = '\0';
}

static void note_sighting(
    void *context, struct instant now, const struct sighting *sighting, int result)
{
	struct host *host = context;
	(void)now;
	(void)sighting;
	(void)result;

	host->sightings++;
}

static void note_answer(void *context, struct instant now, const struct endpoint *endpoint)
{
	struct host *host = context;
	(void)now;
	(void)endpoint;

	host->answers++;
}

static void note_resolved(void *context, struct instant now, const struct host_address *found)
{
	struct host *host = context;
	char address[ADDRESS_TEXT_MAX];
	struct writer w;
	(void)now;

	writer_init(&w, host->resolved, sizeof(host->resolved) - 1);
	w.len = strlen(host->resolved);
	writer_format(&w, "%.*s=%s@%u ", SLICE_ARGS(found->name),
	    address_text(&found->address, address), (unsigned)found->link);
	ck_assert_int_eq(writer_error(&w), 0);
	host->resolved[w.len] = '\0';
}

const char *host_told(struct host *host, char told[WORLD_TOLD_MAX])
{
	strcpy(told, host->told);
	host->told[0] = '\0';
	return told;
}

/* Good enough for a test: another seed is another UUID. */
static void derive_udn(const char *udn, struct slice seed, char out[UDN_TEXT_MAX])
{
	uint64_t hash = 14695981039346656037u;

	for (size_t i = 0; i < seed.len; i++)
		hash = (hash ^ (unsigned char)seed.bytes[i]) * 1099511628211u;
	snprintf(
	    out, UDN_TEXT_MAX, "%.23s-%012llx", udn, (unsigned long long)hash & 0xffffffffffffu);
}

static void report_mistake(void *context, const char *file, unsigned line, const char *what)
{
	(void)context;
	ck_abort_msg("%s:%u: %s", file, line, what);
}

static struct config read_config(const struct host *host)
{
	struct config config;
	char text[4096];
	int len = snprintf(text, sizeof(text),
	    "[Device]\nname = Host %u\n[SSDP]\nenabled = %s\n[Broadcast]\nenabled = %s\n"
	    "[WSD]\nenabled = %s\n[mDNS]\nenabled = %s\n%s",
	    host->number, host->world->engines & WITH_SSDP ? "yes" : "no",
	    host->world->engines & WITH_BROADCAST ? "yes" : "no",
	    host->world->engines & WITH_WSD ? "yes" : "no",
	    host->world->engines & WITH_MDNS ? "yes" : "no", host->config ? host->config : "");

	ck_assert_int_lt(len, (int)sizeof(text));
	ck_assert_int_eq(engine_config_init(&config, CORE_ENGINES), 0);
	ck_assert_int_eq(
	    config_parse(&config, "test.conf", slice_of(text), report_mistake, NULL), 0);
	return config;
}

void host_configure(struct host *host, const char *text)
{
	free(host->config);
	host->config = strdup(text);
	if (!host->core)
		return;
	struct config config = read_config(host);
	ck_assert_int_eq(core_reconfigure(host->core, host->world->now, &config), 0);
	ck_assert_int_eq(core_renew_own(host->core, host->world->now), 0);
}

/* One kernel runs all the time. */
static struct saved_stamp stamp_of(const struct host *host)
{
	return (struct saved_stamp){.host = host->udn, .boot = "boot", .at = host->world->now};
}

void host_save(struct host *host)
{
	const struct saved_stamp stamp = stamp_of(host);
	struct saved_writer *writer =
	    saved_writer_new(core_table(host->core), &host->links, &stamp);
	size_t len;

	ck_assert_ptr_nonnull(writer);
	while (!saved_writer_step(writer, 4096))
		;
	free(host->saved);
	ck_assert_int_eq(saved_writer_take(writer, &host->saved, &len), 0);
	saved_writer_free(writer);
	host->saved = realloc(host->saved, len + 1);
	ck_assert_ptr_nonnull(host->saved);
	host->saved[len] = '\0';
}

static void restore(struct host *host)
{
	const struct saved_stamp stamp = stamp_of(host);

	if (host->saved)
		host->restored = core_restore(host->core, slice_of(host->saved), &stamp, NULL);
}

void host_start(struct host *host)
{
	struct world *world = host->world;
	struct core_identity identity = {
	    .udn = host->udn,
	    .server = "Linux/6.1 UPnP/2.0 discoverd/0.2",
	    .host_name = "host",
	    .model = "model",
	    .epoch = next_epoch(host),
	    .names = &host->names,
	    .derive_udn = derive_udn,
	};
	const struct core_host callbacks = {
	    .context = host,
	    .send = send_datagrams,
	    .fetch = fetch_page,
	    .find_mac = find_mac,
	    .count_macs = count_macs,
	    .next_epoch = next_epoch,
	    .publish = publish,
	    .unpublish = unpublish,
	    .changed = note_change,
	    .answered = note_answer,
	    .resolved = note_resolved,
	    .sighted = note_sighting,
	};
	const uint64_t random[3] = {
	    rng_u64(&world->rng), rng_u64(&world->rng), rng_u64(&world->rng)};
	struct config config = read_config(host);
	struct engine_sockets sockets[ENGINE_SOCKETS_MAX];

	snprintf(identity.instance, INSTANCE_TEXT_MAX, "%016llx",
	    (unsigned long long)rng_u64(&world->rng));
	memset(host->events, 0, sizeof(host->events));
	host->answers = 0;
	host->fetching = 0;
	host->starts++;
	ck_assert_int_eq(
	    core_new(&callbacks, &config, &identity, random, world->now, &host->core), 0);
	ck_assert_int_eq(core_set_links(host->core, world->now, &host->links), 0);
	ck_assert_int_eq(core_set_http_port(host->core, world->now, HTTP_PORT), 0);
	restore(host);
	for (size_t i = 0; CORE_ENGINES[i]; i++)
		if (core_engine_wants(host->core, i, sockets))
			ck_assert_int_eq(
			    core_start_engine(host->core, world->now, i,
				(const uint16_t[FAMILIES]){sockets->port, sockets->port}),
			    0);
}

void host_stop(struct host *host)
{
	core_withdraw_all(host->core, host->world->now);
	for (size_t i = 0; CORE_ENGINES[i]; i++)
		core_stop_engine(host->core, host->world->now, i);
	host_die(host);
}

void host_die(struct host *host)
{
	struct machine *machine = machine_of(host);

	core_free(host->core);
	host->core = NULL;
	for (size_t i = 0; i < DOCUMENTS_MAX; i++)
		drop_document(machine, i);
}

void host_free(struct host *host)
{
	host_die(host);
	link_set_fini(&host->links);
	free(host->config);
	free(host->saved);
	free(machine_of(host));
}

static bool receives(const struct engine_sockets *sockets, const struct datagram *datagram)
{
	const struct address *to = &datagram->to;
	bool by_group = sockets->by_group && datagram->channel == CHANNEL_SHARED;

	for (size_t i = 0; i < sockets->group_count; i++)
		if (address_equal(&sockets->groups[i], to))
			return true;
	if (by_group || address_is_multicast(to))
		return false;
	return sockets->broadcast || !address_is_limited_broadcast(to);
}

static void receive_on(struct host *host, size_t engine, struct datagram *datagram, uint16_t number)
{
	struct engine_sockets sockets[ENGINE_SOCKETS_MAX];
	size_t rows = core_engine_wants(host->core, engine, sockets);

	for (size_t i = 0; i < rows; i++) {
		datagram->row = (uint8_t)i;
		datagram->own_port = own_port_of(host, engine, i);
		datagram->channel = number == datagram->own_port ? CHANNEL_OWN : CHANNEL_SHARED;
		if ((number == sockets[i].port || number == datagram->own_port) &&
		    receives(&sockets[i], datagram))
			core_input(host->core, host->world->now, engine, datagram);
	}
}

void host_receive(struct host *host, struct datagram *datagram, uint16_t number)
{
	for (size_t i = 0; host->core && CORE_ENGINES[i]; i++)
		if (core_engine_runs(host->core, i))
			receive_on(host, i, datagram, number);
}

struct instant host_deadline(const struct host *host)
{
	if (host->asleep)
		return INSTANT_NEVER;
	if (host->program)
		return host->due;
	return host->core ? core_deadline(host->core) : INSTANT_NEVER;
}

static void count_spin(struct machine *machine)
{
	struct world *world = machine->host.world;

	machine->spin = machine->spin_at.us == world->now.us ? machine->spin + 1 : 1;
	machine->spin_at = world->now;
	if (machine->spin > world->largest_spin)
		world->largest_spin = machine->spin;
}

void host_advance(struct host *host)
{
	count_spin(machine_of(host));
	if (host->program)
		host->program->advance(host);
	else
		core_advance(host->core, host->world->now, 0);
}

static void read_text(struct core_fetched *fetched, const struct page_form *form, const char *text,
    struct description **read)
{
	const struct page_reader_type *type = form ? form->reader : &DESCRIPTION_PAGE_READER;
	void *reader = type->create(DESCRIPTION_BODY_MAX);

	ck_assert_ptr_nonnull(reader);
	fetched->error = type->feed(reader, slice_of(text));
	if (!fetched->error)
		fetched->error = type->finish(reader, read);
	type->destroy(reader);
}

void host_fetched(
    struct host *host, uint64_t number, const struct page_form *form, const char *text)
{
	struct core_fetched fetched = {.number = number, .answered = text != NULL};
	struct description *description = NULL;

	host->fetching--;
	if (!host->core)
		return;
	if (!text)
		fetched.error = -EHOSTUNREACH;
	else if (!*text)
		fetched.error = -ENOENT;
	else
		read_text(&fetched, form, text, &description);
	fetched.description = description;
	core_fetched(host->core, host->world->now, &fetched);
	description_free(description);
}
