/* SPDX-License-Identifier: ISC
 * location: the LOCATION of a tree of ours, as it is said by one address of ours on one link. */
#include "engine/location.h"
#include "wire/url.h"

/* What follows the host "*" of the URL, or SLICE_NONE where the host is another. */
static struct slice after_any_host(struct slice location)
{
	struct slice any = SLICE("http://*");

	if (!slice_starts_with_nocase(location, any))
		return SLICE_NONE;
	struct slice rest = slice_skip(location, any.len);
	bool ends = rest.len == 0 || rest.bytes[0] == ':' || rest.bytes[0] == '/';
	return ends ? rest : SLICE_NONE;
}

bool location_reaches(
    const struct announced_tree *tree, const struct link *link, const struct address *source)
{
	struct slice location = slice_of(tree->location);
	struct address host;
	struct url url;

	if (!location.bytes || !link)
		return false;
	if (after_any_host(location).bytes)
		return true;
	if (url_parse(location, &url) < 0)
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

void location_write(
    const struct announced_tree *tree, const struct address *source, struct writer *w)
{
	struct slice location = slice_of(tree->location), rest = after_any_host(location);

	if (!rest.bytes) {
		writer_slice(w, location);
		return;
	}
	writer_text(w, "http://");
	write_host(source, w);
	writer_slice(w, rest);
}
