/* SPDX-License-Identifier: ISC
 * own_names: whether the Host of a request is a name of this host. A web page elsewhere can have a
 * browser send requests here under a name of its own (DNS rebinding), but not under ours. */
#include "web/own_names.h"

#include "base/address.h"

/* What stands before the port; SLICE_NONE where what follows is no port. */
static struct slice without_port(struct slice host)
{
	bool bracketed = slice_starts_with(host, SLICE("["));
	size_t end = slice_find(host, bracketed ? ']' : ':');
	struct slice name = slice_head(host, end + bracketed);
	struct slice port = slice_skip(host, name.len);
	uint64_t number;

	if (bracketed && end == host.len)
		return SLICE_NONE;
	if (port.len > 1 && slice_to_u64(slice_skip(port, 1), UINT16_MAX, &number) < 0)
		return SLICE_NONE;
	return port.len && port.bytes[0] != ':' ? SLICE_NONE : name;
}

static bool is_numeric(struct slice name)
{
	bool bracketed = slice_starts_with(name, SLICE("["));
	struct slice inner = bracketed ? slice_head(slice_skip(name, 1), name.len - 2) : name;
	struct address address;

	if (bracketed)
		inner = slice_head(inner, slice_find(inner, '%'));
	return address_parse(inner, &address) == 0 &&
	       bracketed == (slice_find(inner, ':') < inner.len);
}

/* True for NAME and NAME.local. */
static bool is_called(struct slice name, struct slice own)
{
	return own.len && slice_starts_with_nocase(name, own) &&
	       (name.len == own.len ||
		   slice_equal_nocase(slice_skip(name, own.len), SLICE(".local")));
}

bool own_names_have(
    struct slice host, struct slice host_name, const char *const *others, size_t count)
{
	struct slice name = without_port(host);

	if (name.len > 1 && name.bytes[name.len - 1] == '.')
		name.len--;
	if (is_numeric(name) || slice_equal_nocase(name, SLICE("localhost")) ||
	    is_called(name, host_name) ||
	    is_called(name, slice_head(host_name, slice_find(host_name, '.'))))
		return true;
	for (size_t i = 0; i < count; i++)
		if (slice_equal_nocase(name, slice_of(others[i])))
			return true;
	return false;
}
