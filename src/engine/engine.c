/* SPDX-License-Identifier: ISC
 * engine: what several engines have in common: configuration, sockets, the URL of an offer. */
#include "engine/engine.h"
#include "wire/url.h"

int engine_config_init(struct config *config, const struct engine_type *const *engines)
{
	const struct config_section *sections[CONFIG_SECTIONS_MAX];
	size_t count = 0;

	for (; count < CONFIG_SECTIONS_MAX && engines[count]; count++)
		sections[count] = engines[count]->section;
	return config_init(config, sections, count);
}

const char *engine_lacks(const struct engine_type *type, const struct config *config)
{
	return type->lacks && type->enabled(config) ? type->lacks(config) : NULL;
}

bool engine_sockets_equal(const struct engine_sockets *a, const struct engine_sockets *b)
{
	return a->port == b->port && a->datagram_max == b->datagram_max && a->ttl == b->ttl &&
	       a->ipv6 == b->ipv6 && a->may_move == b->may_move && a->broadcast == b->broadcast &&
	       a->by_group == b->by_group && a->ephemeral == b->ephemeral &&
	       a->groups == b->groups && a->group_count == b->group_count;
}

/* What follows the host "*" of a URL; SLICE_NONE for another host. */
static struct slice after_any_host(struct slice url)
{
	struct slice any = SLICE("http://*");

	if (!slice_starts_with_nocase(url, any))
		return SLICE_NONE;
	struct slice rest = slice_skip(url, any.len);
	bool ends = rest.len == 0 || rest.bytes[0] == ':' || rest.bytes[0] == '/';
	return ends ? rest : SLICE_NONE;
}

bool engine_url_reaches_all(const struct offer *offer)
{
	return after_any_host(slice_of(offer->url)).bytes != NULL;
}

bool engine_url_reaches(
    const struct offer *offer, const struct link *link, const struct address *source)
{
	struct slice text = slice_of(offer->url);
	struct address host;
	struct url url;

	if (!text.bytes || !link)
		return false;
	if (after_any_host(text).bytes)
		return true;
	if (url_parse(text, &url) < 0)
		return false;
	if (address_parse(url.host, &host) < 0)
		return true;
	if (address_is_loopback(&host))
		return link->loopback;
	return host.family == source->family &&
	       (host.family == ADDRESS_IPV4 ||
		   address_is_link_local(&host) == address_is_link_local(source)) &&
	       link_is_on_link(link, &host);
}

static void write_host(const struct address *address, struct writer *w)
{
	bool bracketed = address->family == ADDRESS_IPV6;

	writer_text(w, bracketed ? "[" : "");
	address_format(address, w);
	writer_text(w, bracketed ? "]" : "");
}

void engine_url_write(const struct offer *offer, const struct address *source, struct writer *w)
{
	struct slice url = slice_of(offer->url), rest = after_any_host(url);

	if (!rest.bytes) {
		writer_slice(w, url);
		return;
	}
	writer_text(w, "http://");
	write_host(source, w);
	writer_slice(w, rest);
}
