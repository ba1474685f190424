/* SPDX-License-Identifier: ISC
 * address: IPv4 and IPv6 addresses, ports with them and prefixes as values, and their text. */
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#include "base/writer.h"
#include <string.h>

enum address_family { ADDRESS_NONE = 0, ADDRESS_IPV4 = 4, ADDRESS_IPV6 = 6 };

/* Network byte order; an IPv4 address uses the first four bytes, the rest is zero. A scope is not
 * part of it: the link is passed beside it. */
struct address {
	uint8_t family; /* enum address_family */
	uint8_t bytes[16];
};

struct address_port {
	struct address address;
	uint16_t port; /* host byte order */
};

struct prefix {
	struct address address;
	uint8_t len; /* bits */
};

#define ADDRESS_TEXT_MAX 46 /* with the final NUL */

/* A numeric address, nothing else: no name, no scope, no brackets. ::ffff:a.b.c.d becomes IPv4. */
int address_parse(struct slice text, struct address *address);
void address_format(const struct address *address, struct writer *w);
/* The text in a buffer of the caller's; returns it. */
const char *address_text(const struct address *address, char buffer[ADDRESS_TEXT_MAX]);
static inline bool address_equal(const struct address *a, const struct address *b)
{
	return a->family == b->family && memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}
/* 224/4, ff00::/8 */
static inline bool address_is_multicast(const struct address *a)
{
	if (a->family == ADDRESS_IPV4)
		return (a->bytes[0] & 0xf0) == 0xe0;
	return a->family == ADDRESS_IPV6 && a->bytes[0] == 0xff;
}
bool address_is_none(const struct address *a);
bool address_is_loopback(const struct address *a);    /* 127/8, ::1 */
bool address_is_link_local(const struct address *a);  /* 169.254/16, fe80::/10 */
bool address_is_unspecified(const struct address *a); /* 0.0.0.0, :: */
bool address_is_limited_broadcast(const struct address *a);
/* Of a host: none of unspecified, multicast and limited broadcast. */
bool address_is_unicast(const struct address *a);
struct address address_ipv4(uint8_t a, uint8_t b, uint8_t c, uint8_t d);

bool address_port_equal(const struct address_port *a, const struct address_port *b);
/* 192.0.2.1:80, [2001:db8::1]:80 */
void address_port_format(const struct address_port *endpoint, struct writer *w);

bool prefix_contains(const struct prefix *prefix, const struct address *address);
struct address prefix_network(const struct prefix *prefix);
/* Family ADDRESS_NONE where there is none: IPv6, /31, /32. */
struct address prefix_broadcast(const struct prefix *prefix);
/* The usable range; /31 and /32 use every address (RFC 3021), IPv6 leaves out nothing. */
struct address prefix_first_host(const struct prefix *prefix);
struct address prefix_last_host(const struct prefix *prefix);
/* Number of usable hosts; UINT64_MAX when it does not fit. */
uint64_t prefix_hosts(const struct prefix *prefix);

#endif
