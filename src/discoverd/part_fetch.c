/* SPDX-License-Identifier: ISC
 * part_fetch: reads the descriptions that the core wants. */
#include "discoverd/parts.h"

#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "net/fetch.h"

_Static_assert(
    (int)ENRICHMENT_ACTIVE_MAX <= (int)FETCH_MAX, "each fetch that may begin has a place");

struct fetch_part {
	struct hub *hub;
	struct fetcher *fetcher;
};

static int start(struct hub *hub, const struct enrichment_fetch *fetch)
{
	const struct fetch_part *part = hub_part(hub, &FETCH_PART);

	struct fetch_request request = {.path = fetch->path};

	if (fetch->form) {
		request.content = (struct http_content){fetch->form->content_type, fetch->body};
		request.reader = fetch->form->reader;
	}
	return fetcher_ask(part->fetcher, fetch->number, &fetch->to, fetch->link, &request);
}

static bool give_up(struct hub *hub, uint64_t number)
{
	const struct fetch_part *part = hub_part(hub, &FETCH_PART);

	return fetcher_give_up(part->fetcher, number);
}

static void fetched(void *context, const struct fetch_result *result)
{
	struct hub *hub = context;
	struct core_fetched fetched = {
	    .number = result->number,
	    .error = result->error,
	    .answered = result->answered,
	    .path = result->path,
	    .description = result->description,
	};

	core_fetched(hub->core, loop_now(hub->loop), &fetched);
}

static int open_fetch(struct hub *hub, void **state)
{
	struct fetch_part *part = calloc(1, sizeof(*part));

	*state = part;
	if (!part)
		return -ENOMEM;
	part->hub = hub;
	part->fetcher =
	    fetcher_new(hub->loop, core_config(hub->core)->http.max_description, fetched, hub);
	hub->work.fetch = start;
	hub->work.unfetch = give_up;
	return part->fetcher ? 0 : -ENOMEM;
}

static void close_fetch(void *state)
{
	struct fetch_part *part = state;

	part->hub->work.fetch = NULL;
	part->hub->work.unfetch = NULL;
	fetcher_free(part->fetcher);
	free(part);
}

static int reload(void *state, config_error_fn *error, void *context)
{
	struct fetch_part *part = state;
	(void)error;
	(void)context;

	fetcher_set_body_max(part->fetcher, core_config(part->hub->core)->http.max_description);
	return 0;
}

static bool counters(const void *state, size_t index, struct counter_group *group)
{
	const struct fetch_part *part = state;

	*group = fetcher_counters(part->fetcher);
	return index == 0;
}

const struct part FETCH_PART = {
    .name = "fetch",
    .open = open_fetch,
    .close = close_fetch,
    .reload = reload,
    .counters = counters,
};
