/* SPDX-License-Identifier: ISC
 * url: takes URLs apart and resolves references, without allocation (RFC 3986). */
#include "wire/url.h"
#include "base/address.h"
#include "base/ascii.h"
#include <errno.h>
#include <string.h>

/* A reference in the five parts of RFC 3986 appendix B, borrowed; an absent part is SLICE_NONE. */
struct parts {
	struct slice scheme, authority, path, query, fragment;
};

static bool is_host_char(char c)
{
	return ascii_is_letter(c) || ascii_is_digit(c) || c == '-' || c == '.' || c == '_' ||
	       c == '~';
}

static bool is_literal_char(char c)
{
	return ascii_is_hex(c) || c == ':' || c == '.';
}

static bool is_scheme_char(char c)
{
	return ascii_is_letter(c) || ascii_is_digit(c) || c == '+' || c == '-' || c == '.';
}

/* No blank and no control character; whatever else a path holds is its server's business. */
static bool is_visible(char c)
{
	return (unsigned char)c > ' ' && c != 0x7f;
}

static bool is_ascii(char c)
{
	return (unsigned char)c < 0x80;
}

static inline bool consists_of(struct slice s, bool (*is)(char))
{
	for (size_t i = 0; i < s.len; i++)
		if (!is(s.bytes[i]))
			return false;
	return true;
}

/* Takes what follows the first `separator` off the end of *s; SLICE_NONE when there is no
 * separator. */
static struct slice take_tail(struct slice *s, char separator)
{
	struct slice tail = *s, head;

	if (!slice_cut(&tail, separator, &head))
		return SLICE_NONE;
	*s = head;
	return tail;
}

static struct parts split(struct slice text)
{
	struct parts p = {.fragment = take_tail(&text, '#')};
	size_t colon;

	p.query = take_tail(&text, '?');
	colon = slice_find(text, ':');
	if (colon > 0 && colon < text.len && ascii_is_letter(text.bytes[0]) &&
	    consists_of(slice_head(text, colon), is_scheme_char)) {
		p.scheme = slice_head(text, colon);
		text = slice_skip(text, colon + 1);
	}
	if (slice_starts_with(text, SLICE("//"))) {
		text = slice_skip(text, 2);
		p.authority = slice_head(text, slice_find(text, '/'));
		text = slice_skip(text, p.authority.len);
	}
	p.path = text;
	return p;
}

/* "fe80::1%25eth0" as RFC 6874 has it, "fe80::1%eth0" as devices write it. */
static int parse_literal(struct slice literal, struct url *url)
{
	url->bracketed = true;
	url->zone = take_tail(&literal, '%');
	url->host = literal;
	if (url->zone.len > 2 && slice_starts_with(url->zone, SLICE("25")))
		url->zone = slice_skip(url->zone, 2);
	bool zone_ok = !url->zone.bytes || url->zone.len > 0;
	return zone_ok && consists_of(url->zone, is_host_char) &&
		       consists_of(literal, is_literal_char)
		   ? 0
		   : -EINVAL;
}

static int parse_port(struct slice text, struct url *url)
{
	uint64_t port;

	if (slice_equal_nocase(url->scheme, SLICE("http")))
		url->port = 80;
	else if (slice_equal_nocase(url->scheme, SLICE("https")))
		url->port = 443;
	if (text.len == 0)
		return 0;
	if (slice_to_u64(text, UINT16_MAX, &port) < 0 || port == 0)
		return -EINVAL;
	url->port = (uint16_t)port;
	return 0;
}

static int parse_authority(struct slice authority, struct url *url)
{
	struct slice port;
	int error = 0;

	if (slice_starts_with(authority, SLICE("["))) {
		size_t close = slice_find(authority, ']');
		port = slice_skip(authority, close + 1);
		if (close == authority.len || (port.len > 0 && port.bytes[0] != ':'))
			return -EINVAL;
		error = parse_literal(slice_skip(slice_head(authority, close), 1), url);
		port = slice_skip(port, 1);
	} else {
		port = take_tail(&authority, ':');
		url->host = authority;
		if (!consists_of(authority, is_host_char))
			return -EINVAL;
	}
	if (error || url->host.len == 0)
		return -EINVAL;
	return parse_port(port, url);
}

int url_parse(struct slice text, struct url *url)
{
	struct parts p;

	*url = (struct url){0};
	if (text.len > URL_MAX)
		return -EMSGSIZE;
	if (!consists_of(text, is_visible))
		return -EINVAL;
	p = split(text);
	if (!p.scheme.bytes || !p.authority.bytes)
		return -EINVAL;
	url->scheme = p.scheme;
	url->path = p.path.len > 0 || p.query.bytes ? p.path : SLICE("/");
	if (p.query.bytes)
		url->path.len += 1 + p.query.len;
	return parse_authority(p.authority, url);
}

static bool is_wrapping(char c)
{
	return ascii_is_blank(c) || c == '"' || c == '\'' || c == '<' || c == '>';
}

static struct slice unwrap(struct slice text)
{
	while (text.len > 0 && is_wrapping(text.bytes[0]))
		text = slice_skip(text, 1);
	while (text.len > 0 && is_wrapping(text.bytes[text.len - 1]))
		text.len--;
	return text;
}

/* The scheme with "//", or as much of both as is there. */
static struct slice cut_scheme(struct slice *text)
{
	size_t colon = slice_find(*text, ':');
	bool schemed = slice_starts_with(slice_skip(*text, colon), SLICE("://"));
	size_t len = schemed ? colon + 3 : slice_starts_with(*text, SLICE("//")) ? 2 : 0;
	struct slice scheme = slice_head(*text, len);

	*text = slice_skip(*text, len);
	return scheme;
}

static void write_repaired(struct slice scheme, struct slice rest, struct writer *w)
{
	bool in_path = false;

	if (scheme.len <= 2)
		writer_text(w, scheme.len ? "http:" : "http://");
	writer_slice(w, scheme);
	for (size_t i = 0; i < rest.len; i++) {
		char c = rest.bytes[i];
		if (!in_path && c == '?')
			writer_char(w, '/');
		in_path |= c == '/' || c == '?' || c == '#';
		if (in_path && (ascii_is_blank(c) || (unsigned char)c >= 0x80))
			writer_format(w, "%%%02X", (unsigned char)c);
		else
			writer_char(w, c);
	}
}

struct slice url_repair(struct slice text, struct writer *room)
{
	struct slice rest = unwrap(text);
	struct address host;
	struct url url;

	if (rest.len == 0)
		return text;
	if (url_parse(rest, &url) == 0 && url.path.bytes[0] == '/' && consists_of(rest, is_ascii))
		return rest;
	struct slice scheme = cut_scheme(&rest);
	write_repaired(scheme, rest, room);
	struct slice repaired = writer_result(room);
	if (writer_error(room) || url_parse(repaired, &url) < 0 ||
	    (scheme.len == 0 && address_parse(url.host, &host) < 0))
		return text;
	return repaired;
}

/* RFC 3986 5.2.4, in place; the path is empty or begins with a slash. Returns its new length. */
static size_t remove_dot_segments(char *path, size_t len)
{
	size_t out = 0;

	for (size_t in = 0, end; in < len; in = end) {
		struct slice segment = {path + in + 1, len - in - 1};
		segment = slice_head(segment, slice_find(segment, '/'));
		end = in + 1 + segment.len;
		bool up = slice_equal(segment, SLICE(".."));
		if (!up && !slice_equal(segment, SLICE("."))) {
			memmove(path + out, path + in, end - in);
			out += end - in;
			continue;
		}
		while (up && out > 0 && path[--out] != '/')
			;
		if (end == len)
			path[out++] = '/';
	}
	return out;
}

/* The path of a reference after that of its base (RFC 3986 5.2.3), without dot segments. */
static void write_path(struct slice base, struct slice reference, struct writer *w)
{
	char path[2 * URL_MAX + 1];
	struct writer merged;

	writer_init(&merged, path, sizeof(path));
	if (!slice_starts_with(reference, SLICE("/"))) {
		while (base.len > 0 && base.bytes[base.len - 1] != '/')
			base.len--;
		writer_slice(&merged, base.len > 0 ? base : SLICE("/"));
	}
	writer_slice(&merged, reference);
	writer_bytes(w, path, remove_dot_segments(path, merged.len));
}

static void write_tail(char separator, struct slice tail, struct writer *w)
{
	if (tail.bytes) {
		writer_char(w, separator);
		writer_slice(w, tail);
	}
}

/* RFC 3986 5.2.2. "mailto:x" and its kind get an empty authority, which is no URL of ours. */
static void write_resolved(const struct parts *b, const struct parts *r, struct writer *w)
{
	bool absolute = r->scheme.bytes != NULL, network = absolute || r->authority.bytes;
	bool same_path = !network && r->path.len == 0;

	writer_slice(w, absolute ? r->scheme : b->scheme);
	writer_text(w, "://");
	writer_slice(w, network ? r->authority : b->authority);
	if (same_path)
		writer_slice(w, b->path.len > 0 ? b->path : SLICE("/"));
	else
		write_path(network ? SLICE_NONE : b->path, r->path, w);
	write_tail('?', same_path && !r->query.bytes ? b->query : r->query, w);
	write_tail('#', r->fragment, w);
}

int url_resolve(struct slice base, struct slice reference, struct writer *w)
{
	char text[URL_MAX];
	struct writer resolved;
	struct url url;
	int error = url_parse(base, &url);

	if (error)
		return error;
	if (reference.len > URL_MAX)
		return -EMSGSIZE;
	struct parts b = split(base), r = split(reference);
	writer_init(&resolved, text, sizeof(text));
	write_resolved(&b, &r, &resolved);
	if (writer_error(&resolved))
		return -EMSGSIZE;
	error = url_parse(writer_result(&resolved), &url);
	if (error)
		return error;
	writer_slice(w, writer_result(&resolved));
	return writer_error(w);
}

/* RFC 3986, 2; the caller looks at the '%' of an escape. */
static bool may_stand(char c)
{
	return is_visible(c) && (unsigned char)c < 0x80 && !strchr("\"%<>\\^`{|}", c);
}

void url_escape(struct slice text, struct writer *w)
{
	for (; text.len > 0; text = slice_skip(text, 1)) {
		char c = text.bytes[0];
		bool escape = c == '%' && text.len > 2 && ascii_is_hex(text.bytes[1]) &&
			      ascii_is_hex(text.bytes[2]);
		if (escape || may_stand(c))
			writer_char(w, c);
		else if (c != '\t' && c != '\n' && c != '\r')
			writer_format(w, "%%%02X", (unsigned char)c);
	}
}
