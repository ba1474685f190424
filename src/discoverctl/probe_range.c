/* SPDX-License-Identifier: ISC
 * probe_range: see probe_range.h. */
#include "discoverctl/probe_range.h"
#include "client/field.h"
#include "client/interface_record.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static size_t length_of(const struct address *address)
{
	return address->family == ADDRESS_IPV4 ? 4 : 16;
}

/* The last four bytes, which a range of at most 1024 addresses hardly leaves. */
static uint32_t tail_of(const struct address *address)
{
	const uint8_t *bytes = address->bytes + length_of(address) - 4;
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
	       bytes[3];
}

static void set_tail(struct address *address, uint32_t tail)
{
	uint8_t *bytes = address->bytes + length_of(address) - 4;
	for (int i = 0; i < 4; i++)
		bytes[i] = (uint8_t)(tail >> (24 - 8 * i));
}

static int set_last(struct probe_range *range, const struct address *last)
{
	size_t head = length_of(last) - 4;
	uint32_t from = tail_of(&range->first), to = tail_of(last);

	if (last->family != range->first.family || to < from ||
	    memcmp(last->bytes, range->first.bytes, head) != 0)
		return -EINVAL;
	if (to - from >= PROBE_RANGE_MAX)
		return -E2BIG;
	range->count = to - from + 1;
	return 0;
}

static int read_network(struct slice head, struct slice tail, struct probe_range *range)
{
	struct prefix prefix;
	uint64_t len;

	if (address_parse(head, &prefix.address) < 0)
		return -ENOENT;
	if (slice_to_u64(tail, prefix.address.family == ADDRESS_IPV4 ? 32 : 128, &len) < 0)
		return -EINVAL;
	prefix.len = (uint8_t)len;
	if (prefix_hosts(&prefix) > PROBE_RANGE_MAX)
		return -E2BIG;
	range->first = prefix_first_host(&prefix);
	struct address last = prefix_last_host(&prefix);
	return set_last(range, &last);
}

/* Replaces the last part of an address, decimal for IPv4 and hexadecimal for IPv6. */
static int read_last_part(struct slice text, struct address *address)
{
	bool v4 = address->family == ADDRESS_IPV4;
	char digits[8] = "", *end;

	if (!text.len || text.len > 4)
		return -EINVAL;
	memcpy(digits, text.bytes, text.len);
	if (strspn(digits, v4 ? "0123456789" : "0123456789abcdefABCDEF") != text.len)
		return -EINVAL;
	unsigned long value = strtoul(digits, &end, v4 ? 10 : 16);
	if (v4 && value > 255)
		return -EINVAL;
	uint32_t keep = v4 ? 0xffffff00U : 0xffff0000U;
	set_tail(address, (tail_of(address) & keep) | (uint32_t)value);
	return 0;
}

int probe_range_read(struct slice text, struct probe_range *range)
{
	struct slice head = slice_head(text, slice_find(text, '/')), tail;
	struct address last;

	if (head.len < text.len)
		return read_network(head, slice_skip(text, head.len + 1), range);
	head = slice_head(text, slice_find(text, '-'));
	if (head.len == text.len || address_parse(head, &range->first) < 0)
		return -ENOENT;
	tail = slice_skip(text, head.len + 1);
	if (address_parse(tail, &last) < 0) {
		last = range->first;
		if (read_last_part(tail, &last) < 0)
			return -EINVAL;
	}
	return set_last(range, &last);
}

static struct address address_at(const struct probe_range *range, unsigned i)
{
	struct address address = range->first;
	set_tail(&address, tail_of(&address) + i);
	return address;
}

const char *probe_range_address(
    const struct probe_range *range, unsigned i, char buffer[ADDRESS_TEXT_MAX])
{
	struct address address = address_at(range, i);
	return address_text(&address, buffer);
}

bool probe_range_is_ours(const struct probe_range *range, struct json_object *interfaces)
{
	char first[ADDRESS_TEXT_MAX], last[ADDRESS_TEXT_MAX];
	struct slice from = slice_of(probe_range_address(range, 0, first));
	struct slice to = slice_of(probe_range_address(range, range->count - 1, last));
	bool ours = false;

	for (size_t i = 0; i < field_length(interfaces) && !ours; i++) {
		struct json_object *interface = field_entry(interfaces, i);
		struct json_object *networks = interface_record_networks(interface);
		bool used = json_object_get_boolean(field_get(interface, "used"));
		for (size_t k = 0; k < field_length(networks) && used && !ours; k++) {
			struct slice network = field_text(field_entry(networks, k));
			ours = interface_record_contains(network, from) &&
			       interface_record_contains(network, to);
		}
		json_object_put(networks);
	}
	return ours;
}
