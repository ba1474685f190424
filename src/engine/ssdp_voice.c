/* SPDX-License-Identifier: ISC
 * ssdp_voice: which of our addresses speak, and in which multicast group. */
#include "base/array.h"
#include "engine/ssdp_internal.h"
#include <stdlib.h>

/* One per family and scope: UDA 2.0, 1.1 and A.2. */
enum { GROUP_IPV4, GROUP_LINK_LOCAL, GROUP_SITE_LOCAL, GROUP_GLOBAL };
const struct address SSDP_GROUPS[] = {
    [GROUP_IPV4] = {.family = ADDRESS_IPV4, .bytes = {239, 255, 255, 250}},
    [GROUP_LINK_LOCAL] = {.family = ADDRESS_IPV6, .bytes = {0xff, 0x02, [15] = 0x0c}},
    [GROUP_SITE_LOCAL] = {.family = ADDRESS_IPV6, .bytes = {0xff, 0x05, [15] = 0x0c}},
    /* nothing of ours is sent there, but GSSDP speaks there with other than link-local addresses */
    [GROUP_GLOBAL] = {.family = ADDRESS_IPV6, .bytes = {0xff, 0x0e, [15] = 0x0c}},
};
const size_t SSDP_GROUP_COUNT = COUNT_OF(SSDP_GROUPS);
const char *const SSDP_GROUP_HOSTS[] = {
    [GROUP_IPV4] = "239.255.255.250:1900",
    [GROUP_LINK_LOCAL] = "[FF02::C]:1900",
    [GROUP_SITE_LOCAL] = "[FF05::C]:1900",
    [GROUP_GLOBAL] = "[FF0E::C]:1900",
};

/* Between one change of our voices and the next. */
#define PATIENCE_MIN SECONDS(1)
#define PATIENCE_MAX SECONDS(16)

/* The group that an address of ours speaks in. */
static const struct address *group_of(const struct address *source)
{
	if (source->family == ADDRESS_IPV4)
		return &SSDP_GROUPS[GROUP_IPV4];
	return &SSDP_GROUPS[address_is_link_local(source) ? GROUP_LINK_LOCAL : GROUP_SITE_LOCAL];
}

/* One address per network of a link speaks. A host of each network must find a LOCATION that it can
 * reach; a second address in the same network would say everything twice, and two LOCATIONs for one
 * device where each hearer wants one. A temporary address (RFC 8981) is not for being found at, and
 * without a socket of its family none is. */
static bool speaks(
    const struct ssdp *ssdp, const struct link *link, const struct link_address *address)
{
	const struct address *source = &address->prefix.address;

	if (!(link->multicast || link->loopback) || !address->usable || address->temporary ||
	    !ssdp->engine.ports[family_of(source)])
		return false;
	for (const struct link_address *earlier = link->addresses; earlier < address; earlier++)
		if (earlier->usable && !earlier->temporary &&
		    prefix_contains(&earlier->prefix, source))
			return false;
	return true;
}

static bool is_still_there(const struct ssdp *ssdp, const struct ssdp_voice *voice)
{
	const struct link *link = link_set_find(ssdp->context->links, voice->link);
	if (!link || link->generation != voice->generation)
		return false;
	for (size_t i = 0; i < link->address_count; i++)
		if (address_equal(&link->addresses[i].prefix.address, &voice->source))
			return speaks(ssdp, link, &link->addresses[i]);
	return false;
}

static bool has_voice(
    const struct ssdp *ssdp, const struct link *link, const struct address *source)
{
	for (size_t i = 0; i < ssdp->voice_count; i++)
		if (ssdp->voices[i].link == link->index &&
		    address_equal(&ssdp->voices[i].source, source))
			return true;
	return false;
}

static bool add(
    struct ssdp *ssdp, struct instant now, const struct link *link, const struct address *source)
{
	struct ssdp_voice *voices =
	    reallocarray(ssdp->voices, ssdp->voice_count + 1, sizeof(*voices));
	if (!voices)
		return false;
	ssdp->voices = voices;
	struct ssdp_voice *voice = &voices[ssdp->voice_count++];
	*voice = (struct ssdp_voice){
	    .link = link->index,
	    .generation = link->generation,
	    .source = *source,
	    .breath = now,
	    .search_due = INSTANT_NEVER,
	};
	ssdp_announce_follow_trees(ssdp, voice, now);
	return true;
}

void ssdp_voice_fini(struct ssdp_voice *voice)
{
	free(voice->speeches);
}

/* Drops the voices that are not there any more; true when there were any. */
static bool drop_former(struct ssdp *ssdp)
{
	size_t kept = 0, before = ssdp->voice_count;

	for (size_t i = 0; i < before; i++) {
		if (is_still_there(ssdp, &ssdp->voices[i]))
			ssdp->voices[kept++] = ssdp->voices[i];
		else
			ssdp_voice_fini(&ssdp->voices[i]);
	}
	ssdp->voice_count = kept;
	return kept < before;
}

static bool is_known_somewhere(const struct ssdp *ssdp)
{
	for (size_t i = 0; i < ssdp->voice_count; i++)
		for (size_t k = 0; k < ssdp->voices[i].speech_count; k++)
			if (ssdp->voices[i].speeches[k].announced)
				return true;
	return false;
}

/* True when any is new. */
static bool add_new(struct ssdp *ssdp, struct instant now)
{
	const struct link_set *links = ssdp->context->links;
	bool added = false;

	for (const struct link *link = links->links; link < links->links + links->count; link++) {
		for (size_t i = 0; i < link->address_count; i++) {
			const struct link_address *address = &link->addresses[i];
			if (speaks(ssdp, link, address) &&
			    !has_voice(ssdp, link, &address->prefix.address))
				added |= add(ssdp, now, link, &address->prefix.address);
		}
	}
	return added;
}

/* How long a change waits after the one before. Who is not known yet needs no update and is in a
 * hurry, but not when his only address comes and goes. */
static int64_t pause_between(const struct ssdp_moves *moves, bool known)
{
	return known ? moves->patience : moves->lost ? PATIENCE_MIN : 0;
}

/* The next one waits longer when this one came soon after the one before. */
static void note_change(struct ssdp_moves *moves, struct instant now)
{
	bool soon = instant_since(now, moves->last) < 4 * moves->patience;
	int64_t longer = moves->patience * 2 < PATIENCE_MAX ? moves->patience * 2 : PATIENCE_MAX;

	moves->patience = soon ? longer : PATIENCE_MIN;
	moves->last = now;
}

bool ssdp_voice_follow_links(struct ssdp *ssdp, struct instant now)
{
	struct ssdp_moves *moves = &ssdp->moves;

	moves->lost |= drop_former(ssdp);
	if (ssdp_announce_is_settling(ssdp))
		moves->last = now;
	bool known = is_known_somewhere(ssdp);
	moves->due = instant_add(moves->last, pause_between(moves, known));
	if (!instant_due(moves->due, now))
		return false;
	bool changed = add_new(ssdp, now) || moves->lost;
	if (changed)
		note_change(moves, now);
	moves->lost = false;
	moves->due = INSTANT_NEVER;
	return changed && known;
}

struct outbox_send ssdp_voice_multicast(
    const struct ssdp *ssdp, const struct ssdp_voice *voice, enum channel channel)
{
	return (struct outbox_send){
	    .channel = channel,
	    .link = voice->link,
	    .source = voice->source,
	    .to = {*group_of(&voice->source), SSDP_PORT},
	    .ttl = (uint8_t)ssdp->context->config->ssdp.ttl,
	};
}
