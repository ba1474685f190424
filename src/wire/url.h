/* SPDX-License-Identifier: ISC
 * url: absolute http URLs as LOCATION carries them, and references resolved against them (RFC 3986). */
#ifndef WIRE_URL_H
#define WIRE_URL_H

#include "base/writer.h"

enum { URL_MAX = 512 };

/* Borrowed parts; no user information is accepted. */
struct url {
	struct slice scheme;
	struct slice host; /* without brackets and without a zone */
	struct slice zone; /* of an IPv6 literal, "eth0" of [fe80::1%25eth0]; else SLICE_NONE */
	bool bracketed;    /* an IPv6 literal */
	uint16_t port;     /* 80 for http, 443 for https where none stands; 0 for other schemes */
	struct slice path; /* path and query, "/" when empty; without the fragment */
};

/* 0, -EINVAL (no absolute URL, control characters, blanks, a port that is none), -EMSGSIZE (over URL_MAX). */
int url_parse(struct slice text, struct url *url);
/* Resolves a reference against an absolute base (RFC 3986 5.2) and writes the result. 0, -EINVAL, -ENOSPC. */
int url_resolve(struct slice base, struct slice reference, struct writer *w);

#endif
