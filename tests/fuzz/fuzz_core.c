/* SPDX-License-Identifier: ISC
 * fuzz_core: a host with every protocol that receives any datagrams and pages from its neighbours,
 * while time goes on.
 *
 * The input is a row of messages, each behind a head of five bytes: for whom (an engine, or a page
 * that was asked for), from whom and how, how much later, and its length. */
#include "base/text.h"
#include "core/core.h"
#include "fuzz.h"
#include "id_of.h"
#include "wire/page_reader.h"
#include <errno.h>
#include <string.h>

enum {
	LINK = 2,
	MESSAGES_MAX = 16,
	MESSAGE_MAX = 16 * 1024,
	HEAD_LEN = 5,
	OWN_PORT = 40000,
	SENT_MAX = 4096
};

/* How a message comes in: bits of its second byte, above the number of the neighbour. */
enum { FROM_ELSEWHERE = 0x10, TO_GROUP = 0x20, TO_OWN_PORT = 0x40, BY_IPV6 = 0x80 };

struct world {
	struct core *core;
	struct instant now;
	uint64_t fetch; /* the number of the last one, 0: none runs */
	const struct page_form *form;
	uint32_t epoch;
	size_t sent; /* in the present wake-up */
};

static void host_send(void *context, size_t engine, const struct outbox_send sends[], size_t count)
{
	struct world *world = context;

	for (const struct outbox_send *send = sends; send < sends + count; send++) {
		FUZZ_CHECK(CORE_ENGINES[engine] && send->link == LINK);
		FUZZ_CHECK(send->bytes.len > 0 && send->bytes.len <= UINT16_MAX);
		FUZZ_CHECK(send->to.port > 0 && ++world->sent <= SENT_MAX);
	}
}

static int host_fetch(void *context, const struct enrichment_fetch *fetch)
{
	struct world *world = context;

	FUZZ_CHECK(fetch->path[0] == '/' || fetch->path[0] == '?');
	FUZZ_CHECK(address_is_unicast(&fetch->to.address) && fetch->to.port > 0);
	if (world->fetch)
		return -EBUSY;
	world->fetch = fetch->number;
	world->form = fetch->form;
	return 0;
}

static struct mac host_mac(
    void *context, uint32_t link, const struct address *address, bool *confirmed)
{
	(void)context;
	*confirmed = true;
	return (struct mac){{2, 0, 0, 0, (uint8_t)link, address->bytes[3] | address->bytes[15]},
	    address->bytes[3] != 9};
}

static uint32_t host_epoch(void *context)
{
	struct world *world = context;
	return ++world->epoch;
}

static int host_publish(
    void *context, const char *path, const struct offer *offer, const char *text)
{
	(void)context;
	FUZZ_CHECK(path[0] == '/' && offer->device_count > 0 && *text);
	return 0;
}

static void host_unpublish(void *context, const char *path)
{
	(void)context;
	FUZZ_CHECK(path[0] == '/');
}

/* Whatever the network says, programs are shown text that is clean. */
static void host_changed(void *context, struct instant now, const struct table_change *change)
{
	char address[ADDRESS_TEXT_MAX];
	const char *name = device_name(change->device, address);
	(void)context;
	(void)now;

	FUZZ_CHECK(ID_OF(change->device)[0] && (!name || text_is_clean(slice_of(name))));
}

static void derive_udn(const char *udn, struct slice seed, char out[UDN_TEXT_MAX])
{
	snprintf(out, UDN_TEXT_MAX, "%.36s-%04x", udn, (unsigned)seed.len);
}

static void report_mistake(void *context, const char *file, unsigned line, const char *what)
{
	(void)context;
	fprintf(stderr, "%s:%u: %s\n", file, line, what);
	abort();
}

static void set_links(struct world *world)
{
	static const uint8_t LOCAL[16] = {0xfe, 0x80, [15] = 100};
	struct link_address address = {.prefix = {address_ipv4(192, 0, 2, 100), 24},
	    .broadcast = address_ipv4(192, 0, 2, 255),
	    .usable = true};
	struct link_address address6 = {.prefix = {{ADDRESS_IPV6, {0}}, 64}, .usable = true};
	struct link_set links;

	link_set_init(&links);
	struct link *link = link_set_add(&links, LINK);
	FUZZ_CHECK(link);
	memcpy(link->name, "eth0", sizeof("eth0"));
	link->mtu = 1500;
	link->up = link->multicast = link->broadcast = true;
	memcpy(address6.prefix.address.bytes, LOCAL, sizeof(LOCAL));
	FUZZ_CHECK(link_add_address(link, &address) == 0 && link_add_address(link, &address6) == 0);
	FUZZ_CHECK(core_set_links(world->core, world->now, &links) == 0);
	link_set_fini(&links);
}

static void world_init(struct world *world)
{
	const struct core_host host = {.context = world,
	    .send = host_send,
	    .fetch = host_fetch,
	    .find_mac = host_mac,
	    .next_epoch = host_epoch,
	    .publish = host_publish,
	    .unpublish = host_unpublish,
	    .changed = host_changed};
	const struct core_identity identity = {.udn = "uuid:00000000-0000-5000-8000-000000000001",
	    .server = "Linux/6.1 UPnP/2.0 discoverd/0.2",
	    .host_name = "host",
	    .model = "model",
	    .instance = "0123456789abcdef",
	    .epoch = 1700000000,
	    .derive_udn = derive_udn};
	struct engine_sockets sockets[ENGINE_SOCKETS_MAX];
	struct config config;

	*world = (struct world){.now = {SECONDS(100)}, .epoch = identity.epoch};
	FUZZ_CHECK(engine_config_init(&config, CORE_ENGINES) == 0);
	FUZZ_CHECK(config_parse(&config, "test", SLICE("[Beacons]\nask = yes\n"), report_mistake,
		       NULL) == 0);
	FUZZ_CHECK(core_new(&host, &config, &identity, (const uint64_t[3]){1, 2, 3}, world->now,
		       &world->core) == 0);
	set_links(world);
	core_set_watched(world->core, true);
	FUZZ_CHECK(core_set_http_port(world->core, world->now, 5006) == 0);
	for (size_t i = 0; CORE_ENGINES[i]; i++)
		if (core_engine_wants(world->core, i, sockets))
			FUZZ_CHECK(
			    core_start_engine(world->core, world->now, i,
				(const uint16_t[FAMILIES]){sockets->port, sockets->port}) == 0);
}

/* Each deadline leads to a later one. */
static void pass_time(struct world *world, int64_t us)
{
	struct instant end = instant_add(world->now, us);

	for (size_t i = 0; instant_due(core_deadline(world->core), end); i++) {
		FUZZ_CHECK(i < SENT_MAX);
		world->now = instant_later(world->now, core_deadline(world->core));
		world->sent = 0;
		core_advance(world->core, world->now, 0);
	}
	world->now = end;
}

/* 192.0.2.1 and further, 198.51.100.1 and further, fe80::1 and further. */
static struct address sender(uint8_t how)
{
	uint8_t number = (uint8_t)(1 + how % 16);
	struct address address = {ADDRESS_IPV6, {0xfe, 0x80, [15] = number}};

	if (how & BY_IPV6)
		return address;
	return how & FROM_ELSEWHERE ? address_ipv4(198, 51, 100, number)
				    : address_ipv4(192, 0, 2, number);
}

static void receive(struct world *world, uint8_t engine, uint8_t how, struct slice bytes)
{
	struct engine_sockets sockets[ENGINE_SOCKETS_MAX];
	size_t index = engine % CORE_ENGINES_MAX, known = 0;

	while (known < index && CORE_ENGINES[known])
		known++;
	size_t count = CORE_ENGINES[known] ? core_engine_wants(world->core, index, sockets) : 0;
	if (count == 0)
		return;
	size_t row = engine / CORE_ENGINES_MAX % count;
	struct datagram datagram = {.row = (uint8_t)row,
	    .channel = how & TO_OWN_PORT ? CHANNEL_OWN : CHANNEL_SHARED,
	    .link = LINK,
	    .from = {sender(how), 1900},
	    .own_port = OWN_PORT,
	    .bytes = bytes};

	datagram.from.port = sockets[row].port;
	datagram.to = how & BY_IPV6 ? sender(BY_IPV6 | 99) : address_ipv4(192, 0, 2, 100);
	for (size_t i = 0; how & TO_GROUP && i < sockets[row].group_count; i++)
		if (sockets[row].groups[i].family == datagram.from.address.family)
			datagram.to = sockets[row].groups[i];
	core_input(world->core, world->now, index, &datagram);
}

static void answer_fetch(struct world *world, struct slice page)
{
	const struct page_reader_type *type =
	    world->form ? world->form->reader : &DESCRIPTION_PAGE_READER;
	struct core_fetched fetched = {.number = world->fetch, .answered = page.len > 0};
	struct description *description = NULL;
	void *reader = type->create(DESCRIPTION_BODY_MAX);

	FUZZ_CHECK(reader);
	fetched.error = type->feed(reader, page);
	if (!fetched.error)
		fetched.error = type->finish(reader, &description);
	type->destroy(reader);
	fetched.description = description;
	world->fetch = 0;
	core_fetched(world->core, world->now, &fetched);
	description_free(description);
}

static void take_message(struct world *world, const uint8_t head[HEAD_LEN], struct slice bytes)
{
	struct slice copy = fuzz_copy((const uint8_t *)bytes.bytes, bytes.len);

	pass_time(world, MILLISECONDS(1) * head[2] * head[2] / 4);
	world->sent = 0;
	if (head[0] % CORE_ENGINES_MAX == CORE_ENGINES_MAX - 1) {
		if (world->fetch)
			answer_fetch(world, copy);
	} else {
		receive(world, head[0], head[1], copy);
	}
	core_advance(world->core, world->now, 0);
	fuzz_free(copy);
}

int fuzz_core(const uint8_t *data, size_t size)
{
	struct slice rest = {(const char *)data, size};
	struct world world;

	world_init(&world);
	for (size_t i = 0; i < MESSAGES_MAX && rest.len >= HEAD_LEN; i++) {
		const uint8_t *head = (const uint8_t *)rest.bytes;
		size_t len = (head[3] | (size_t)head[4] << 8) % MESSAGE_MAX;
		struct slice message = slice_head(slice_skip(rest, HEAD_LEN), len);
		take_message(&world, head, message);
		rest = slice_skip(rest, HEAD_LEN + message.len);
	}
	pass_time(&world, SECONDS(5));
	for (size_t i = 0; CORE_ENGINES[i]; i++)
		core_stop_engine(world.core, world.now, i);
	core_free(world.core);
	return 0;
}
