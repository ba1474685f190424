/* SPDX-License-Identifier: ISC
 * wsd: see wsd.h. What is configured, and when the network is asked. */
#include "engine/wsd.h"
#include "base/array.h"
#include "engine/wsd_internal.h"
#include "wire/wsd_metadata.h"
#include <stddef.h>
#include <stdlib.h>

enum { RANK = 20 };
/* Hosts that are powered on together do not ask at once. */
#define START_DELAY_MAX MILLISECONDS(100)

static const char *const COUNTER_NAMES[WSD_COUNTERS] = {
    [WSD_RECEIVED] = "received",
    [WSD_OVERSIZED] = "oversized",
    [WSD_MALFORMED] = "malformed",
    [WSD_SURPLUS] = "surplus-parts",
    [WSD_OWN] = "own",
    [WSD_OFF_LINK] = "off-link",
    [WSD_IGNORED] = "ignored",
    [WSD_ANNOUNCEMENTS] = "announcements",
    [WSD_GOODBYES] = "goodbyes",
    [WSD_ANSWERS] = "answers",
    [WSD_QUESTIONS] = "questions",
    [WSD_PROBES_SENT] = "probes-sent",
    [WSD_RESOLVES_SENT] = "resolves-sent",
    [WSD_RESOLVES_DROPPED] = "resolves-dropped",
    [WSD_RECONFIRMS] = "reconfirms",
};

static const struct address GROUPS[] = {
    {ADDRESS_IPV4, {239, 255, 255, 250}},
    {ADDRESS_IPV6, {0xff, 0x02, [15] = 0x0c}},
};

#define AT(member) offsetof(struct wsd_config, member)
static const struct config_option OPTIONS[] = {
    {"WSD", "enabled", CONFIG_BOOL, AT(enabled), 0, 1, "yes",
	"Discover by WS-Discovery: Windows, printers, ONVIF cameras"},
    {"WSD", "search-interval", CONFIG_NUMBER, AT(search_interval), 10, 86400, "900",
	"Seconds from one search to the next"},
};
static const struct config_section SECTION = {
    {OPTIONS, COUNT_OF(OPTIONS)}, sizeof(struct wsd_config)};

static const struct wsd_config *configured(const struct config *config)
{
	return config_values(config, &SECTION);
}

static bool is_enabled(const struct config *config)
{
	return configured(config)->enabled;
}

/* Other programs of this host, such as wsdd, take what is sent to the port by unicast. */
static size_t sockets_of(
    const struct config *config, struct engine_sockets sockets[ENGINE_SOCKETS_MAX])
{
	sockets[0] = (struct engine_sockets){
	    .port = WSD_PORT,
	    .datagram_max = WSD_DATAGRAM_MAX,
	    .groups = GROUPS,
	    .group_count = COUNT_OF(GROUPS),
	    .by_group = true,
	    .ephemeral = true,
	    .ipv6 = config->network.ipv6,
	};
	return 1;
}

static struct wsd *wsd_of(struct engine *engine)
{
	return CONTAINER_OF(engine, struct wsd, engine);
}

static const struct wsd *wsd_of_const(const struct engine *engine)
{
	return CONTAINER_OF(engine, const struct wsd, engine);
}

static struct engine *create(const struct engine_context *context)
{
	struct wsd *wsd = calloc(1, sizeof(*wsd));

	if (!wsd)
		return NULL;
	wsd->engine.type = &WSD_ENGINE;
	wsd->context = context;
	wsd->round = INSTANT_NEVER;
	wsd_query_init(wsd);
	counters_init(wsd->counters, COUNTER_NAMES, WSD_COUNTERS);
	return &wsd->engine;
}

static void destroy(struct engine *engine)
{
	struct wsd *wsd = wsd_of(engine);

	wsd_query_fini(wsd);
	reconfirm_queue_fini(&wsd->reconfirms);
	free(wsd->message);
	free(wsd);
}

static void schedule_round(struct wsd *wsd, struct instant now)
{
	int64_t interval = SECONDS(wsd_values(wsd)->search_interval);

	wsd->round = instant_add(now, rng_around(wsd->context->rng, interval));
}

static void probe_all(struct wsd *wsd, struct instant due)
{
	const struct link_set *links = wsd->context->links;

	for (size_t i = 0; i < links->count; i++)
		wsd_query_probe(wsd, due, links->links[i].index);
}

static struct instant soon(struct wsd *wsd, struct instant now)
{
	return instant_add(now, rng_between(wsd->context->rng, 0, START_DELAY_MAX));
}

static void start(struct engine *engine, struct instant now, struct outbox *outbox)
{
	struct wsd *wsd = wsd_of(engine);
	(void)outbox;

	probe_all(wsd, soon(wsd, now));
	schedule_round(wsd, now);
}

static void input(struct engine *engine, struct instant now, const struct datagram *datagram,
    struct outbox *outbox)
{
	wsd_listen(wsd_of(engine), now, datagram, outbox);
}

static void advance(struct engine *engine, struct instant now, struct outbox *outbox)
{
	struct wsd *wsd = wsd_of(engine);

	if (instant_due(wsd->round, now)) {
		probe_all(wsd, now);
		schedule_round(wsd, now);
	}
	wsd_query_advance(wsd, now, outbox);
}

static struct instant deadline(const struct engine *engine)
{
	const struct wsd *wsd = wsd_of_const(engine);

	return instant_earlier(wsd->round, wsd_query_deadline(wsd));
}

/* Several addresses that come together cause one question. */
static void link_changed(struct engine *engine, struct instant now,
    const struct link_change *change, struct outbox *outbox)
{
	struct wsd *wsd = wsd_of(engine);
	(void)outbox;

	if (change->event == LINK_GONE)
		wsd_query_drop(wsd, change->link->index);
	else if (change->event != LINK_ADDRESS_GONE)
		wsd_query_probe(wsd, soon(wsd, now), change->link->index);
}

/* Nothing of this host is announced by this protocol. */
static void offer_changed(struct engine *engine, struct instant now,
    const struct offer_change *change, struct outbox *outbox)
{
	(void)engine;
	(void)now;
	(void)change;
	(void)outbox;
}

static void search(struct engine *engine, struct instant now, struct slice target, unsigned seconds,
    struct outbox *outbox)
{
	struct wsd *wsd = wsd_of(engine);
	(void)target;
	(void)seconds;

	probe_all(wsd, now);
	wsd_query_advance(wsd, now, outbox);
}

/* A Probe without Types names no target, so all answer: of these, the ones that are meant. */
static bool matches(const struct endpoint *endpoint, struct slice target)
{
	struct key key = key_of_id(target);

	if (key_equal(&key, &endpoint->key))
		return true;
	for (size_t i = 0; i < endpoint->service_count; i++)
		if (slice_equal(slice_of(endpoint->services[i].type), target))
			return true;
	return false;
}

static void reconfigured(
    struct engine *engine, struct instant now, const struct config *before, struct outbox *outbox)
{
	struct wsd *wsd = wsd_of(engine);
	(void)outbox;

	if (configured(before)->search_interval != wsd_values(wsd)->search_interval)
		wsd->round = now;
}

static void reconfirm(
    struct engine *engine, struct instant now, const struct engine_reconfirm *reconfirm)
{
	reconfirm_queue_add(&wsd_of(engine)->reconfirms, now, reconfirm);
}

static void stop(struct engine *engine, struct instant now, struct outbox *outbox)
{
	(void)engine;
	(void)now;
	(void)outbox;
}

static struct counter_group counters(const struct engine *engine)
{
	return (struct counter_group){
	    WSD_ENGINE.id.name, wsd_of_const(engine)->counters, WSD_COUNTERS};
}

/* A device may compare the address that it is asked by with its own as a text. */
static void write_get(const struct endpoint *endpoint, struct rng *rng, struct writer *w)
{
	char key[KEY_TEXT_MAX], to[KEY_TEXT_MAX + sizeof("urn:")], id[WSD_ID_MAX];
	struct writer to_writer, id_writer;

	writer_init(&to_writer, to, sizeof(to));
	writer_text(&to_writer, endpoint->key.kind == KEY_UUID ? "urn:" : "");
	writer_text(&to_writer, endpoint_key_text(endpoint, key));
	writer_init(&id_writer, id, sizeof(id));
	wsd_query_write_id(rng, &id_writer);
	wsd_get_format((enum wsd_dialect)endpoint->dialect, writer_result(&to_writer),
	    writer_result(&id_writer), w);
}

static const struct page_form PAGE_FORM = {WSD_METADATA_TYPE, write_get, &WSD_METADATA_READER};

const struct engine_type WSD_ENGINE = {
    .id = {"wsd", RANK},
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
    .page_form = &PAGE_FORM,
};
