/* SPDX-License-Identifier: ISC
 * ssdp_voice: which of our addresses speak, and in which multicast group. */
#include "base/array.h"
#include "engine/ssdp_internal.h"
#include <stdlib.h>

/* One per family and scope: UDA 2.0, 1.1 and A.2. */
const struct address SSDP_GROUPS[] = {
    {.family = ADDRESS_IPV4, .bytes = {239, 255, 255, 250}},
};
const size_t SSDP_GROUP_COUNT = COUNT_OF(SSDP_GROUPS);

/* The group that an address of ours speaks in, or NULL: then it does not speak. */
static const struct address *group_of(const struct address *source)
{
	for (size_t i = 0; i < SSDP_GROUP_COUNT; i++)
		if (SSDP_GROUPS[i].family == source->family)
			return &SSDP_GROUPS[i];
	return NULL;
}

/* One address per network of a link speaks. A host of each network must find a LOCATION that it can
 * reach; a second address in the same network would say everything twice, and two LOCATIONs for one
 * device where each hearer wants one. */
static bool speaks(const struct link *link, const struct link_address *address)
{
	if (!(link->multicast || link->loopback) || !address->usable ||
	    !group_of(&address->prefix.address))
		return false;
	for (const struct link_address *earlier = link->addresses; earlier < address; earlier++)
		if (earlier->usable && prefix_contains(&earlier->prefix, &address->prefix.address))
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
			return speaks(link, &link->addresses[i]);
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

static void add(
    struct ssdp *ssdp, struct instant now, const struct link *link, const struct address *source)
{
	struct ssdp_voice *voices =
	    reallocarray(ssdp->voices, ssdp->voice_count + 1, sizeof(*voices));
	if (!voices)
		return;
	ssdp->voices = voices;
	struct ssdp_voice *voice = &voices[ssdp->voice_count++];
	*voice = (struct ssdp_voice){
	    .link = link->index,
	    .generation = link->generation,
	    .source = *source,
	    .search_due = INSTANT_NEVER,
	};
	ssdp_announce_start(ssdp, voice, now);
}

void ssdp_voice_follow_links(struct ssdp *ssdp, struct instant now)
{
	size_t kept = 0;
	for (size_t i = 0; i < ssdp->voice_count; i++)
		if (is_still_there(ssdp, &ssdp->voices[i]))
			ssdp->voices[kept++] = ssdp->voices[i];
	ssdp->voice_count = kept;

	const struct link_set *links = ssdp->context->links;
	for (const struct link *link = links->links; link < links->links + links->count; link++) {
		for (size_t i = 0; i < link->address_count; i++) {
			const struct link_address *address = &link->addresses[i];
			if (speaks(link, address) &&
			    !has_voice(ssdp, link, &address->prefix.address))
				add(ssdp, now, link, &address->prefix.address);
		}
	}
}

void ssdp_voice_is_known(struct ssdp *ssdp, uint32_t link)
{
	for (size_t i = 0; i < ssdp->voice_count; i++)
		if (ssdp->voices[i].link == link)
			ssdp->voices[i].announced = true;
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
