/* SPDX-License-Identifier: ISC
 * hello_engine: a third way of discovery, for the test that adds one: "HELLO NAME" by broadcast on
 * UDP port 5999, and "BYE NAME" at the end. */
#include "hello_engine.h"
#include "base/array.h"
#include "model/link_change.h"
#include "model/offers.h"
#include <stdlib.h>

#define PAUSE_STANDARD "10"
/* A name is dropped when it was not heard for so many pauses. */
enum { HELLO_PORT = 5999, HELLO_RANK = 60, MISSES = 3, NAME_MAX_BYTES = 64, MESSAGE_MAX = 80 };

enum { COUNT_RECEIVED, COUNT_MALFORMED, COUNT_OWN, COUNT_SENT, COUNTERS };
static const char *const COUNTER_NAMES[COUNTERS] = {
    [COUNT_RECEIVED] = "received",
    [COUNT_MALFORMED] = "malformed",
    [COUNT_OWN] = "own",
    [COUNT_SENT] = "sent",
};

struct hello {
	struct engine engine;
	const struct engine_context *context;
	struct instant due; /* when it says hello again */
	struct counter counters[COUNTERS];
};

struct hello_config {
	bool enabled;
	uint32_t pause; /* seconds */
};
static const struct config_option OPTIONS[] = {
    {"Hello", "enabled", CONFIG_BOOL, offsetof(struct hello_config, enabled), 0, 1, "yes",
	"Say hello"},
    {"Hello", "pause", CONFIG_NUMBER, offsetof(struct hello_config, pause), 1, 3600, PAUSE_STANDARD,
	"Seconds from one hello to the next"},
};
static const struct config_section SECTION = {
    {OPTIONS, COUNT_OF(OPTIONS)}, sizeof(struct hello_config)};

static const struct hello_config *values(const struct config *config)
{
	return config_values(config, &SECTION);
}

static bool is_enabled(const struct config *config)
{
	return values(config)->enabled;
}

static size_t sockets_of(
    const struct config *config, struct engine_sockets sockets[ENGINE_SOCKETS_MAX])
{
	(void)config;
	sockets[0] = (struct engine_sockets){
	    .port = HELLO_PORT, .datagram_max = MESSAGE_MAX, .broadcast = true};
	return 1;
}

static struct engine *create(const struct engine_context *context)
{
	struct hello *hello = malloc(sizeof(*hello));

	if (!hello)
		return NULL;
	*hello = (struct hello){.engine.type = &HELLO_ENGINE, .context = context};
	counters_init(hello->counters, COUNTER_NAMES, COUNTERS);
	return &hello->engine;
}

static void destroy(struct engine *engine)
{
	free(engine);
}

static void say(struct hello *hello, const char *word, struct outbox *outbox)
{
	const struct link_set *links = hello->context->links;
	char text[MESSAGE_MAX];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	writer_format(&w, "%s %s", word, offers_own(hello->context->offers)->devices[0].name);
	for (size_t i = 0; i < links->count; i++) {
		const struct link_address *source =
		    link_source(&links->links[i], ADDRESS_IPV4, NULL);
		if (!source || !links->links[i].broadcast)
			continue;
		hello->counters[COUNT_SENT].value++;
		outbox_send(outbox, &(struct outbox_send){
					.channel = CHANNEL_SHARED,
					.link = links->links[i].index,
					.source = source->prefix.address,
					.to = {address_ipv4(255, 255, 255, 255), HELLO_PORT},
					.bytes = writer_result(&w),
				    });
	}
}

static void advance(struct engine *engine, struct instant now, struct outbox *outbox)
{
	struct hello *hello = (struct hello *)engine;

	if (!instant_due(hello->due, now))
		return;
	say(hello, "HELLO", outbox);
	hello->due = instant_add(now, SECONDS(values(hello->context->config)->pause));
}

static struct instant deadline(const struct engine *engine)
{
	return ((const struct hello *)engine)->due;
}

/* Also the start: a new link, a new name or a search have it say hello at once. */
static void hurry(struct hello *hello, struct instant now)
{
	hello->due = now;
}

static void start(struct engine *engine, struct instant now, struct outbox *outbox)
{
	(void)outbox;
	hurry((struct hello *)engine, now);
}

static void link_changed(struct engine *engine, struct instant now,
    const struct link_change *change, struct outbox *outbox)
{
	(void)change;
	start(engine, now, outbox);
}

static void offer_changed(struct engine *engine, struct instant now,
    const struct offer_change *change, struct outbox *outbox)
{
	(void)change;
	start(engine, now, outbox);
}

static void search(struct engine *engine, struct instant now, struct slice target, unsigned seconds,
    struct outbox *outbox)
{
	(void)target;
	(void)seconds;
	start(engine, now, outbox);
}

static bool matches(const struct endpoint *endpoint, struct slice target)
{
	return slice_equal_nocase(endpoint->key.text, target);
}

static void reconfigured(
    struct engine *engine, struct instant now, const struct config *before, struct outbox *outbox)
{
	struct hello *hello = (struct hello *)engine;
	(void)outbox;

	if (values(before)->pause != values(hello->context->config)->pause)
		hurry(hello, now);
}

/* It has no unicast form: it asks by its own hello. */
static void reconfirm(
    struct engine *engine, struct instant now, const struct engine_reconfirm *reconfirm)
{
	(void)reconfirm;
	hurry((struct hello *)engine, now);
}

static void stop(struct engine *engine, struct instant now, struct outbox *outbox)
{
	(void)now;
	say((struct hello *)engine, "BYE", outbox);
}

static void input(struct engine *engine, struct instant now, const struct datagram *datagram,
    struct outbox *outbox)
{
	struct hello *hello = (struct hello *)engine;
	const struct link *link = link_set_find(hello->context->links, datagram->link);
	struct slice name = slice_without_prefix_nocase(datagram->bytes, SLICE("HELLO "));
	bool leaves = slice_starts_with(datagram->bytes, SLICE("BYE "));
	(void)now;

	if (leaves)
		name = slice_skip(datagram->bytes, 4);
	hello->counters[COUNT_RECEIVED].value++;
	if (link_set_has_address(hello->context->links, &datagram->from.address)) {
		hello->counters[COUNT_OWN].value++;
		return;
	}
	if (datagram->truncated || name.len == datagram->bytes.len || name.len == 0 ||
	    name.len > NAME_MAX_BYTES || !link_has_neighbour(link, &datagram->from.address)) {
		hello->counters[COUNT_MALFORMED].value++;
		outbox->refused = true;
		return;
	}
	int64_t pause = SECONDS(values(hello->context->config)->pause);
	outbox_sighting(outbox, &(struct sighting){
				    .event = leaves ? SIGHTING_LEFT : SIGHTING_ALIVE,
				    .protocol = &HELLO_ENGINE.id,
				    .key = key_of_name(name),
				    .from = datagram->from.address,
				    .link = datagram->link,
				    .lifetime = MISSES * pause,
				    .facts[FACT_NAME] = name,
				});
}

static struct counter_group counters(const struct engine *engine)
{
	const struct hello *hello = (const struct hello *)engine;

	return (struct counter_group){"hello", hello->counters, COUNTERS};
}

const struct engine_type HELLO_ENGINE = {
    .id = {"hello", HELLO_RANK},
    .section = &SECTION,
    .enabled = is_enabled,
    .sockets = sockets_of,
    .create = create,
    .destroy = destroy,
    .start = start,
    .input = input,
    .advance = advance,
    .deadline = deadline,
    .link_changed = link_changed,
    .offer_changed = offer_changed,
    .search = search,
    .matches = matches,
    .reconfigured = reconfigured,
    .reconfirm = reconfirm,
    .stop = stop,
    .counters = counters,
};
