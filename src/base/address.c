/* SPDX-License-Identifier: ISC
 * address: IPv4 and IPv6 addresses, ports with them and prefixes as values, and their text. */
#include "base/address.h"
#include "base/ascii.h"
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

static const uint8_t IPV4_MAPPED[12] = {[10] = 0xff, [11] = 0xff}; /* RFC 4291 2.5.5.2 */

int address_parse(struct slice text, struct address *address)
{
	char buffer[ADDRESS_TEXT_MAX];
	uint8_t bytes[16];

	if (text.len == 0 || text.len >= sizeof(buffer) || slice_find(text, '\0') < text.len)
		return -EINVAL;
	memcpy(buffer, text.bytes, text.len);
	buffer[text.len] = '\0';
	if (inet_pton(AF_INET, buffer, bytes) == 1) {
		*address = address_ipv4(bytes[0], bytes[1], bytes[2], bytes[3]);
		return 0;
	}
	if (inet_pton(AF_INET6, buffer, bytes) != 1)
		return -EINVAL;
	if (memcmp(bytes, IPV4_MAPPED, sizeof(IPV4_MAPPED)) == 0) {
		*address = address_ipv4(bytes[12], bytes[13], bytes[14], bytes[15]);
		return 0;
	}
	*address = (struct address){.family = ADDRESS_IPV6};
	memcpy(address->bytes, bytes, sizeof(bytes));
	return 0;
}

/* inet_ntop() prints IPv4 by printf(). */
static void ipv4_text(const uint8_t bytes[4], char *at)
{
	for (size_t i = 0; i < 4; i++) {
		unsigned value = bytes[i];
		if (value >= 100)
			*at++ = (char)('0' + value / 100);
		if (value >= 10)
			*at++ = (char)('0' + value / 10 % 10);
		*at++ = (char)('0' + value % 10);
		*at++ = i < 3 ? '.' : '\0';
	}
}

const char *address_text(const struct address *address, char buffer[ADDRESS_TEXT_MAX])
{
	if (address->family == ADDRESS_IPV4)
		ipv4_text(address->bytes, buffer);
	else if (address->family != ADDRESS_IPV6 ||
		 !inet_ntop(AF_INET6, address->bytes, buffer, ADDRESS_TEXT_MAX))
		buffer[0] = '\0';
	return buffer;
}

void address_format(const struct address *address, struct writer *w)
{
	char buffer[ADDRESS_TEXT_MAX];
	writer_text(w, address_text(address, buffer));
}

bool address_is_none(const struct address *a)
{
	return a->family != ADDRESS_IPV4 && a->family != ADDRESS_IPV6;
}

bool address_is_loopback(const struct address *a)
{
	if (a->family == ADDRESS_IPV4)
		return a->bytes[0] == 127;
	return a->family == ADDRESS_IPV6 && memcmp(a->bytes, &in6addr_loopback, 16) == 0;
}

bool address_is_link_local(const struct address *a)
{
	if (a->family == ADDRESS_IPV4)
		return a->bytes[0] == 169 && a->bytes[1] == 254;
	return a->family == ADDRESS_IPV6 && a->bytes[0] == 0xfe && (a->bytes[1] & 0xc0) == 0x80;
}

bool address_is_unspecified(const struct address *a)
{
	static const uint8_t zero[16];
	return !address_is_none(a) && memcmp(a->bytes, zero, sizeof(zero)) == 0;
}

bool address_is_limited_broadcast(const struct address *a)
{
	static const uint8_t ones[4] = {255, 255, 255, 255};
	return a->family == ADDRESS_IPV4 && memcmp(a->bytes, ones, sizeof(ones)) == 0;
}

bool address_is_unicast(const struct address *a)
{
	return !address_is_none(a) && !address_is_unspecified(a) && !address_is_multicast(a) &&
	       !address_is_limited_broadcast(a);
}

struct address address_ipv4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	return (struct address){.family = ADDRESS_IPV4, .bytes = {a, b, c, d}};
}

bool address_port_equal(const struct address_port *a, const struct address_port *b)
{
	return a->port == b->port && address_equal(&a->address, &b->address);
}

void address_port_format(const struct address_port *endpoint, struct writer *w)
{
	bool bracketed = endpoint->address.family == ADDRESS_IPV6;

	if (bracketed)
		writer_char(w, '[');
	address_format(&endpoint->address, w);
	writer_text(w, bracketed ? "]:" : ":");
	writer_u64(w, endpoint->port);
}

/* Bits of an address of this family. */
static unsigned width(const struct address *a)
{
	return a->family == ADDRESS_IPV6 ? 128 : a->family == ADDRESS_IPV4 ? 32 : 0;
}

static unsigned host_bits(const struct prefix *prefix)
{
	unsigned bits = width(&prefix->address);
	return prefix->len < bits ? bits - prefix->len : 0;
}

/* The prefix's address with every host bit cleared, or set. */
static struct address fill_host(const struct prefix *prefix, bool ones)
{
	struct address address = prefix->address;
	unsigned bits = width(&address);

	for (unsigned first = bits - host_bits(prefix), i = first / 8; i < bits / 8; i++) {
		uint8_t mask = i == first / 8 ? (uint8_t)(0xff >> first % 8) : 0xff;
		if (ones)
			address.bytes[i] |= mask;
		else
			address.bytes[i] &= (uint8_t)~mask;
	}
	return address;
}

/* True when the first and the last address of the range are not for hosts. */
static bool has_broadcast(const struct prefix *prefix)
{
	return prefix->address.family == ADDRESS_IPV4 && host_bits(prefix) >= 2;
}

bool prefix_contains(const struct prefix *prefix, const struct address *address)
{
	const uint8_t *a = prefix->address.bytes, *b = address->bytes;
	unsigned len = width(&prefix->address) - host_bits(prefix), whole = len / 8;

	if (address_is_none(address) || address->family != prefix->address.family ||
	    memcmp(a, b, whole) != 0)
		return false;
	return len % 8 == 0 || (a[whole] ^ b[whole]) >> (8 - len % 8) == 0;
}

struct address prefix_network(const struct prefix *prefix)
{
	return fill_host(prefix, false);
}

struct address prefix_broadcast(const struct prefix *prefix)
{
	return has_broadcast(prefix) ? fill_host(prefix, true) : (struct address){0};
}

struct address prefix_first_host(const struct prefix *prefix)
{
	struct address first = fill_host(prefix, false);
	if (has_broadcast(prefix))
		first.bytes[3]++;
	return first;
}

struct address prefix_last_host(const struct prefix *prefix)
{
	struct address last = fill_host(prefix, true);
	if (has_broadcast(prefix))
		last.bytes[3]--;
	return last;
}

uint64_t prefix_hosts(const struct prefix *prefix)
{
	if (address_is_none(&prefix->address))
		return 0;
	if (host_bits(prefix) >= 64)
		return UINT64_MAX;
	return (UINT64_C(1) << host_bits(prefix)) - (has_broadcast(prefix) ? 2 : 0);
}
