/* SPDX-License-Identifier: ISC
 * url: absolute URLs as LOCATION carries them, and references resolved against them (RFC 3986). */
#ifndef WIRE_URL_H
#define WIRE_URL_H

#include "base/writer.h"

enum { URL_MAX = 512 };

/* Borrowed parts; no user information is accepted. */
struct url {
	struct slice scheme;
	struct slice host; /* without brackets and without a zone; never empty */
	struct slice zone; /* "eth0" of [fe80::1%25eth0] and of [fe80::1%eth0]; else SLICE_NONE */
	bool bracketed;    /* hexadecimal digits, colons and dots, to be read by address_parse */
	uint16_t port;     /* 80 for http, 443 for https where none stands; 0 for other schemes */
	/* Path and query, "/" when empty; without the fragment. Begins with "?" where the path
	 * alone is empty. */
	struct slice path;
};

/* 0, -EINVAL (no absolute URL with a host, user information, control characters, blanks, a port
 * that is none), -EMSGSIZE (over URL_MAX). */
int url_parse(struct slice text, struct url *url);
/* A LOCATION as devices send it, made the URL that it means: blanks, quotes and angle brackets
 * around it go, blanks inside of its path are escaped, a missing scheme is http (before "//", or
 * before a numeric host), and a query that follows its host gets a path. Returns a part of `text`,
 * a text in `room`, or `text` as it is where no URL comes of it or `room` is too small. */
struct slice url_repair(struct slice text, struct writer *room);
/* Resolves a reference against an absolute base (RFC 3986 5.2) and writes the result: with the
 * reference's fragment, the authority as it was written. 0, -EINVAL (either is bad, or the result
 * is no URL as url_parse wants it: "javascript:…"), -EMSGSIZE (base, reference or result over
 * URL_MAX), -ENOSPC. Writes nothing unless it returns 0. */
int url_resolve(struct slice base, struct slice reference, struct writer *w);
/* Writes a URL or reference as people type it, so that RFC 3986 allows it: what may not stand in
 * one (blanks, controls, non-ASCII bytes, a '%' that escapes nothing) is percent-escaped, tabs and
 * line ends are left out. */
void url_escape(struct slice text, struct writer *w);

#endif
