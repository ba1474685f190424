/* SPDX-License-Identifier: ISC
 * core_offers: what this host announces: which offers there are, their numbers, and where their
 * descriptions are served. */
#include "core/core_offers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "core/core_internal.h"
#include "core/offer_description.h"
#include "core/own_offer.h"
#include "model/offers.h"
#include "wire/description.h"

enum { URL_TEXT_MAX = 80 };

static void tell(
    struct core *core, struct instant now, enum offer_event event, const struct offer *offer)
{
	core_engines_tell_offer(core, now, &(struct offer_change){.event = event, .offer = offer});
}

static uint32_t next_epoch(struct core *core)
{
	return core->host.next_epoch(core->host.context);
}

/* Renders the description, and serves it at this path where anything is served. */
static int publish(
    struct core *core, const struct offer *offer, const char *path, uint32_t *config_id)
{
	char *text;
	int result = offer_description_make(offer, path, &text, config_id);

	if (result)
		return result;
	size_t len = strlen(text);
	if (len > DESCRIPTION_READ_BY_MOST)
		log_warning("the description of \"%s\" has %zu bytes; many read no more than %d",
		    offer->devices[0].name, len, DESCRIPTION_READ_BY_MOST);
	if (core->offers.http_port)
		result = core->host.publish(core->host.context, path, offer, text);
	free(text);
	return result;
}

static void unpublish(struct core *core, const char *path)
{
	if (path[0] && core->offers.http_port)
		core->host.unpublish(core->host.context, path);
}

static int build_own(struct core *core, struct offer **offer)
{
	int result = own_offer_build(&core->config, &core->identity, core->offers.http_port, offer);

	if (!result && core->host.extend)
		result = core->host.extend(core->host.context, *offer);
	return result;
}

/* Puts it in the place of this host's former offer. 0 or a negative errno. */
static int replace_own(struct core *core, struct instant now, struct offer *offer)
{
	bool first = !offers_own(&core->offers);
	struct offer *former;
	int result = publish(core, offer, OFFER_PATH, &offer->revision);

	if (result)
		return result;
	/* The start has its own number; from then on every change is a start (UDA 2.0, 1.2.2). */
	offer->epoch = first ? core->identity.epoch : next_epoch(core);
	result = offers_replace_own(&core->offers, offer, &former);
	if (result)
		return result;
	if (former)
		tell(core, now, OFFER_GONE, former);
	tell(core, now, OFFER_CAME, offer);
	offer_free(former);
	return 0;
}

int core_renew_own(struct core *core, struct instant now)
{
	const struct offer *own = offers_own(&core->offers);
	struct offer *offer = NULL;
	int result;

	core->now = now;
	result = build_own(core, &offer);
	if (!result && !(own && offer_says_the_same(own, offer))) {
		result = replace_own(core, now, offer);
		if (!result)
			return 0;
	}
	offer_free(offer);
	return result;
}

static struct core_source *find_source(const struct core *core, uint64_t number)
{
	for (size_t i = 0; i < core->source_count; i++)
		if (core->sources[i].number == number)
			return &core->sources[i];
	return NULL;
}

const struct offer *core_find_offer(const struct core *core, uint64_t number)
{
	const struct core_source *source = find_source(core, number);

	return source ? offers_find(&core->offers, source->offer) : NULL;
}

/* Another piece of the same device; NULL where there is none. */
static const struct offer *find_other_piece(const struct core *core, const struct offer *offer)
{
	for (size_t i = 1; i < core->offers.count; i++) {
		const struct offer *other = core->offers.list[i];
		if (other != offer && !offer_is_whole(other) &&
		    offer_has_udn(other, slice_of(offer->devices[0].udn)) &&
		    slice_equal(slice_of(other->url), slice_of(offer->url)))
			return other;
	}
	return NULL;
}

/* One device has one set of numbers, in however many pieces it is submitted. */
static void give_numbers(struct core *core, struct offer *offer)
{
	const struct offer *other = offer_is_whole(offer) ? NULL : find_other_piece(core, offer);

	if (other) {
		offer->epoch = other->epoch;
		offer->revision = other->revision;
		return;
	}
	offer->epoch = next_epoch(core);
	/* Changes of a description that is served elsewhere are not known here: a new start gets a
	 * new number. */
	if (!offer->revision)
		offer->revision = offer->epoch & DESCRIPTION_CONFIG_ID_MAX;
}

/* Takes the offer over. 0 or -ENOMEM: then it stays the caller's. */
static int announce(struct core *core, struct instant now, struct offer *offer)
{
	int result = offers_add(&core->offers, offer);

	if (result)
		return result;
	give_numbers(core, offer);
	tell(core, now, OFFER_CAME, offer);
	return 0;
}

/* A UDN of this offer that is announced already, or stands twice in it; NULL: none. Pieces of one
 * device share theirs. */
static const char *find_taken(const struct core *core, const struct offer *offer)
{
	bool whole = offer_is_whole(offer);

	for (size_t i = 0; i < offer->device_count; i++) {
		struct slice udn = slice_of(offer->devices[i].udn);
		const struct offer *holder = offers_find_udn(&core->offers, udn);

		if (holder && (whole || offer_is_whole(holder)))
			return offer->devices[i].udn;
		for (size_t k = 0; k < i; k++)
			if (slice_equal_nocase(slice_of(offer->devices[k].udn), udn))
				return offer->devices[i].udn;
	}
	return NULL;
}

/* The URL of a description that is served here, for free(). NULL where nothing is served, and when
 * out of memory. */
static char *served_url(const struct core *core, const char *path)
{
	char url[URL_TEXT_MAX];

	if (!core->offers.http_port)
		return NULL;
	snprintf(url, sizeof(url), "http://*:%u%s", core->offers.http_port, path);
	return strdup(url);
}

/* Serves the description of an offer that has no URL. 0, -ENOTSUP, -E2BIG or -ENOMEM. */
static int serve(struct core *core, struct offer *offer, char path[CORE_PATH_MAX])
{
	if (!core->offers.http_port)
		return -ENOTSUP;
	snprintf(path, CORE_PATH_MAX, "/%.36s.xml", offer->devices[0].udn + strlen("uuid:"));
	offer->url = served_url(core, path);
	return offer->url ? publish(core, offer, path, &offer->revision) : -ENOMEM;
}

static bool is_by_control(const struct offer *offer)
{
	return offer->source && strcmp(offer->source, OFFER_SOURCE_CONTROL) == 0;
}

static size_t count_by_control(const struct core *core)
{
	size_t count = 0;

	for (size_t i = 1; i < core->offers.count; i++)
		count += is_by_control(core->offers.list[i]);
	return count;
}

/* What has to be right before it is announced. */
static int check(struct core *core, struct offer *offer, struct core_offered *offered)
{
	const char *taken;
	int result = 0;

	offered->limit = core->config.control.max_announcements;
	if (is_by_control(offer) && count_by_control(core) >= offered->limit)
		return -ENOSPC;
	if (offer_is_whole(offer))
		result = own_offer_complete(
		    offer, &core->identity, &offers_own(&core->offers)->devices[0]);
	if (result)
		return result;
	taken = find_taken(core, offer);
	snprintf(offered->udn, sizeof(offered->udn), "%s", taken ? taken : offer->devices[0].udn);
	return taken ? -EEXIST : 0;
}

/* Makes room for one more source. 0 or -ENOMEM. */
static int grow(struct core *core)
{
	struct core_source *sources =
	    reallocarray(core->sources, core->source_count + 1, sizeof(*sources));

	if (!sources)
		return -ENOMEM;
	core->sources = sources;
	return 0;
}

int core_offer(
    struct core *core, struct instant now, struct offer *offer, struct core_offered *offered)
{
	struct core_source source = {.path = ""};
	int result = offers_own(&core->offers) ? 0 : core_renew_own(core, now);

	core->now = now;
	*offered = (struct core_offered){.udn = ""};
	if (!result)
		result = check(core, offer, offered);
	if (!result)
		result = grow(core);
	if (!result && !offer->url)
		result = serve(core, offer, source.path);
	if (!result)
		result = announce(core, now, offer);
	if (result) {
		unpublish(core, source.path);
		offer_free(offer);
		return result;
	}
	source.number = source.offer = offered->number = offer->number;
	core->sources[core->source_count++] = source;
	return 0;
}

static void remove_source(struct core *core, struct core_source *source)
{
	struct core_source gone = *source;

	core->source_count--;
	memmove(source, source + 1,
	    (size_t)(core->sources + core->source_count - source) * sizeof(*source));
	unpublish(core, gone.path);
}

static void take_back(struct core *core, struct instant now, uint64_t number)
{
	struct offer *offer = offers_take(&core->offers, number);

	if (offer)
		tell(core, now, OFFER_GONE, offer);
	offer_free(offer);
}

void core_withdraw(struct core *core, struct instant now, uint64_t number)
{
	struct core_source *source = find_source(core, number);

	if (!source)
		return;
	core->now = now;
	uint64_t offer = source->offer;
	remove_source(core, source);
	take_back(core, now, offer);
}

void core_withdraw_all(struct core *core, struct instant now)
{
	while (core->source_count > 0)
		core_withdraw(core, now, core->sources[core->source_count - 1].number);
}

/* Its description is served at another URL, or not any more: it goes and comes. Takes `url` over. 0
 * or -ENOMEM: then it is withdrawn. */
static int relocate(struct core *core, struct instant now, struct core_source *source, char *url)
{
	struct offer *offer = offers_take(&core->offers, source->offer);

	tell(core, now, OFFER_GONE, offer);
	free(offer->url);
	offer->url = url;
	int result = announce(core, now, offer);
	if (result) {
		offer_free(offer);
		remove_source(core, source);
		return result;
	}
	source->offer = offer->number;
	return 0;
}

/* Serves a description of a source anew. 0 or -ENOMEM. */
static int serve_again(struct core *core, struct instant now, struct core_source *source)
{
	const struct offer *offer = offers_find(&core->offers, source->offer);
	char *url = served_url(core, source->path);
	uint32_t config_id; /* that of the offer: the content is the same */

	if (core->offers.http_port && !url)
		return -ENOMEM;
	int result = publish(core, offer, source->path, &config_id);
	if (slice_equal(slice_of(offer->url), slice_of(url))) {
		free(url);
		return result;
	}
	int moved = relocate(core, now, source, url);
	return result ? result : moved;
}

int core_set_http_port(struct core *core, struct instant now, uint16_t port)
{
	const struct offer *own = offers_own(&core->offers);
	uint32_t config_id;
	int result = 0;

	core->now = now;
	core->offers.http_port = port;
	for (size_t i = core->source_count; i-- > 0;)
		if (core->sources[i].path[0] && serve_again(core, now, &core->sources[i]))
			result = -ENOMEM;
	uint64_t number = own ? own->number : 0;
	int renewed = core_renew_own(core, now);
	own = offers_own(&core->offers);
	if (!renewed && own->number == number)
		renewed = publish(core, own, OFFER_PATH, &config_id);
	return renewed ? renewed : result;
}
