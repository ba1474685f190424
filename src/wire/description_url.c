/* SPDX-License-Identifier: ISC
 * description_url: the URLs that a device description gives. */
#include "base/address.h"
#include "base/ascii.h"
#include "wire/description.h"
#include "wire/url.h"
#include <errno.h>

static bool is_http(const struct url *url)
{
	return slice_equal_nocase(url->scheme, SLICE("http")) ||
	       slice_equal_nocase(url->scheme, SLICE("https"));
}

/* "localhost" and what is below it (RFC 6761, 6.3), loopback and unspecified addresses, and numbers
 * that may be one. */
static bool is_own_host(const struct url *url)
{
	struct slice name = SLICE("localhost"), host = url->host;
	struct address address;

	if (slice_ends_with(host, SLICE(".")))
		host.len--;
	if (address_parse(host, &address) == 0)
		return address_is_loopback(&address) || address_is_unspecified(&address);
	/* "127.1", "0x7f.0.0.1" and "2130706433" are addresses to a browser, and none to others. */
	size_t label = host.len;
	while (label > 0 && host.bytes[label - 1] != '.')
		label--;
	if (label < host.len && ascii_is_digit(host.bytes[label]))
		return true;
	if (host.len <= name.len)
		return slice_equal_nocase(host, name);
	struct slice end = slice_skip(host, host.len - name.len - 1);
	return end.bytes[0] == '.' && slice_equal_nocase(slice_skip(end, 1), name);
}

int description_resolve(const struct description *description, struct slice location,
    const char *reference, struct writer *w)
{
	struct slice base = slice_of(description->url_base);
	char text[URL_MAX], resolved[URL_MAX], repaired[URL_MAX];
	struct writer escaped, result, repair;
	struct url url, from;

	if (!reference || !reference[0] || url_parse(location, &from) < 0)
		return -EINVAL;
	if (url_parse(base, &url) < 0 || !is_http(&url) ||
	    (is_own_host(&url) && !is_own_host(&from)))
		base = location;
	struct slice said = slice_of(reference);
	writer_init(&repair, repaired, sizeof(repaired));
	if (!slice_starts_with(said, SLICE("/"))) /* "192.0.2.1:80/x" is no path */
		said = url_repair(said, &repair);
	writer_init(&escaped, text, sizeof(text));
	url_escape(said, &escaped);
	if (writer_error(&escaped))
		return -EMSGSIZE;
	writer_init(&result, resolved, sizeof(resolved));
	int error = url_resolve(base, writer_result(&escaped), &result);
	if (error)
		return error;
	/* It was resolved into what url_parse takes. */
	if (url_parse(writer_result(&result), &url) < 0 || !is_http(&url) ||
	    (is_own_host(&url) && !is_own_host(&from)))
		return -EINVAL;
	writer_slice(w, writer_result(&result));
	return writer_error(w);
}
