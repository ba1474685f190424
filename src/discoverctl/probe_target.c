/* SPDX-License-Identifier: ISC
 * probe_target: reads "TARGET:PORTS" as a person types it. */
#include "discoverctl/probe_target.h"
#include "base/address.h"
#include "base/ascii.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <string.h>

enum { SERVICE_NAME_MAX = 31 };

static bool read_port(struct slice text, uint64_t *port)
{
	return slice_to_u64(text, PROBE_TARGET_PORTS - 1, port) == 0 && *port > 0;
}

/* "ssh", as services(5) names it for TCP. */
static bool read_service(struct slice text, uint64_t *port)
{
	char name[SERVICE_NAME_MAX + 1];

	if (!text.len || text.len > SERVICE_NAME_MAX || !ascii_is_letter(text.bytes[0]))
		return false;
	for (size_t i = 0; i < text.len; i++)
		name[i] = ascii_lower(text.bytes[i]);
	name[text.len] = '\0';
	const struct servent *service = getservbyname(name, "tcp");
	if (service)
		*port = ntohs((uint16_t)service->s_port);
	return service;
}

/* "80", "8000-8010" or "ssh" */
static int add_range(struct slice text, struct probe_target *target)
{
	struct slice rest = text, head = SLICE_NONE;
	uint64_t from, to;

	if (read_service(text, &from)) {
		rest = SLICE_NONE;
	} else {
		slice_cut(&rest, '-', &head);
		if (!read_port(head, &from)) {
			target->wrong = text;
			return -EINVAL;
		}
	}
	to = from;
	if (rest.bytes && (!read_port(rest, &to) || to < from)) {
		target->wrong = text;
		return -EINVAL;
	}
	for (uint64_t port = from; port <= to; port++) {
		target->port_count += !target->ports[port];
		target->ports[port] = true;
	}
	return 0;
}

static int read_ports(struct slice text, struct probe_target *target)
{
	struct slice rest = text, item;

	while (slice_cut(&rest, ',', &item))
		if (add_range(item, target) < 0)
			return -EINVAL;
	return 0;
}

/* Nothing but letters, digits, commas and hyphens, as in "22,8000-8010,ssh". */
static bool looks_like_ports(struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.bytes[i];
		if (!ascii_is_digit(c) && !ascii_is_letter(c) && c != ',' && c != '-')
			return false;
	}
	return true;
}

static bool is_ipv6(struct slice text)
{
	struct slice rest = slice_without_prefix_nocase(text, SLICE("host:")), head = SLICE_NONE;
	struct address address;

	slice_cut(&rest, '%', &head);
	return slice_find(head, ':') < head.len && address_parse(head, &address) == 0;
}

/* Where the colon before the ports is; text.len where there is none. */
static size_t last_colon(struct slice text)
{
	size_t at = text.len, from = 0;

	if (slice_starts_with_nocase(text, SLICE("uuid:")) ||
	    slice_starts_with_nocase(text, SLICE("host:")))
		from = 5;
	for (size_t i = from; i < text.len; i++)
		if (text.bytes[i] == ':')
			at = i;
	return at < text.len && looks_like_ports(slice_skip(text, at + 1)) ? at : text.len;
}

/* "[fe80::1%eth0]" and what follows */
static int read_bracketed(struct slice text, struct probe_target *target)
{
	struct slice rest = slice_skip(text, 1), head = SLICE_NONE;

	slice_cut(&rest, ']', &head);
	if (!rest.bytes || !is_ipv6(head))
		return -EINVAL;
	target->name = head;
	if (!rest.len)
		return 0;
	return rest.bytes[0] == ':' ? read_ports(slice_skip(rest, 1), target) : -EINVAL;
}

int probe_target_read(struct slice text, struct probe_target *target)
{
	size_t colon;

	memset(target, 0, sizeof(*target));
	if (text.len && text.bytes[0] == '[')
		return read_bracketed(text, target);
	colon = is_ipv6(text) ? text.len : last_colon(text);
	target->name = slice_head(text, colon);
	if (!target->name.len)
		return -EINVAL;
	return colon < text.len ? read_ports(slice_skip(text, colon + 1), target) : 0;
}
