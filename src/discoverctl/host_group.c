/* SPDX-License-Identifier: ISC
 * host_group: see host_group.h. */
#include "discoverctl/host_group.h"
#include "base/address.h"
#include "discoverctl/field.h"
#include "discoverctl/sort.h"
#include <stdlib.h>

enum { KEY_MAX = 128 };

/* "ADDRESS%INTERFACE"; empty where it does not fit, as nothing true is that long. */
static const char *place_of(struct json_object *address, char key[KEY_MAX])
{
	struct writer w;
	writer_init(&w, key, KEY_MAX - 1);
	writer_slice(&w, field_text(field_get(address, "address")));
	writer_char(&w, '%');
	writer_slice(&w, field_text(field_get(address, "interface")));
	key[writer_error(&w) ? 0 : w.len] = '\0';
	return key;
}

static struct json_object *address_at(struct json_object *device, size_t i)
{
	return field_entry(field_get(device, "addresses"), i);
}

/* The MAC address at each place where anybody's is known. */
static struct json_object *macs_by_place(struct json_object *devices)
{
	struct json_object *macs = json_object_new_object(), *address;
	char key[KEY_MAX];

	for (size_t i = 0; i < field_length(devices); i++)
		for (size_t j = 0; (address = address_at(field_entry(devices, i), j)); j++) {
			struct json_object *mac = field_get(address, "mac");
			if (mac && *place_of(address, key) && !field_get(macs, key))
				json_object_object_add(macs, key, json_object_get(mac));
		}
	return macs;
}

/* What an address tells its host by; an empty text where it tells nothing. */
static const char *key_of(struct json_object *macs, struct json_object *address, char key[KEY_MAX])
{
	struct json_object *mac = field_get(address, "mac");
	if (!mac)
		mac = field_get(macs, place_of(address, key));
	return mac ? json_object_get_string(mac) : key;
}

/* The first device of a host, along those that were found to be the same; the way gets shorter. */
static size_t first_of(size_t *numbers, size_t i)
{
	while (numbers[i] != i)
		i = numbers[i] = numbers[numbers[i]];
	return i;
}

static void unite(size_t *numbers, size_t a, size_t b)
{
	a = first_of(numbers, a);
	b = first_of(numbers, b);
	numbers[a > b ? a : b] = a < b ? a : b;
}

size_t *host_group_numbers(struct json_object *devices)
{
	size_t count = field_length(devices);
	size_t *numbers = calloc(count + 1, sizeof(*numbers));
	struct json_object *macs, *owners, *address;
	char buffer[KEY_MAX];

	if (!numbers)
		return NULL;
	macs = macs_by_place(devices);
	owners = json_object_new_object();
	for (size_t i = 0; i < count; i++) {
		numbers[i] = i;
		for (size_t j = 0; (address = address_at(field_entry(devices, i), j)); j++) {
			const char *key = key_of(macs, address, buffer);
			struct json_object *owner = field_get(owners, key);
			if (owner)
				unite(numbers, i, (size_t)json_object_get_int64(owner));
			else if (*key)
				json_object_object_add(
				    owners, key, json_object_new_int64((int64_t)i));
		}
	}
	for (size_t i = 0; i < count; i++)
		numbers[i] = first_of(numbers, i);
	json_object_put(owners);
	json_object_put(macs);
	return numbers;
}

struct json_object *host_group_new(void)
{
	struct json_object *host = json_object_new_object();
	json_object_object_add(host, "addresses", json_object_new_array());
	return host;
}

static bool same_text(struct json_object *a, struct json_object *b, const char *key)
{
	return slice_equal(field_text(field_get(a, key)), field_text(field_get(b, key)));
}

void host_group_add(struct json_object *host, struct json_object *address)
{
	struct json_object *addresses = field_get(host, "addresses");
	for (size_t i = 0; i < field_length(addresses); i++) {
		struct json_object *known = field_entry(addresses, i);
		if (!same_text(known, address, "address") ||
		    !same_text(known, address, "interface"))
			continue;
		if (!field_get(known, "mac")) /* this one may know more */
			json_object_array_put_idx(addresses, i, json_object_get(address));
		return;
	}
	json_object_array_add(addresses, json_object_get(address));
}

/* Smaller is better. */
static int rank_of(struct slice text)
{
	struct address address;
	if (address_parse(text, &address) < 0)
		return 3;
	return address_is_link_local(&address) ? 2 : address.family == ADDRESS_IPV6;
}

struct slice host_group_address(struct json_object *host)
{
	struct slice best = SLICE_NONE;
	struct json_object *address;

	for (size_t i = 0; (address = address_at(host, i)); i++) {
		struct slice text = field_text(field_get(address, "address"));
		if (text.len && (!best.len || rank_of(text) < rank_of(best)))
			best = text;
	}
	return best;
}

int host_group_compare(const void *left, const void *right)
{
	struct json_object *a = *(struct json_object *const *)left;
	struct json_object *b = *(struct json_object *const *)right;
	struct slice x = host_group_address(field_get(a, "host") ? field_get(a, "host") : a);
	struct slice y = host_group_address(field_get(b, "host") ? field_get(b, "host") : b);
	struct json_object *p = field_entry(field_get(a, "devices"), 0);
	struct json_object *q = field_entry(field_get(b, "devices"), 0);
	int order = !x.len != !y.len ? !x.len - !y.len : sort_compare(x, y);

	return order ? order
		     : sort_compare(field_text(field_get(p, "id")), field_text(field_get(q, "id")));
}
