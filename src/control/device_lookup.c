/* SPDX-License-Identifier: ISC
 * device_lookup: see device_lookup.h. */
#include "control/device_lookup.h"
#include "base/mac.h"
#include "control/device_json.h"
#include <errno.h>
#include <stdio.h>

/* What was asked for, read once. */
struct question {
	struct slice text; /* as given */
	struct key key;
	struct mac mac;
	struct address address; /* family ADDRESS_NONE: not an address */
	uint32_t link;          /* 0: on any */
};

/* The index behind an address's "%": a name of ours or a number. 0 or -ENODEV. */
static int zone_link(const struct link_set *links, struct slice zone, uint32_t *index)
{
	const struct link *link = link_set_find_name(links, zone);
	uint64_t number = 0;

	if (!link && slice_to_u64(zone, UINT32_MAX, &number) == 0)
		link = link_set_find(links, (uint32_t)number);
	*index = link ? link->index : 0;
	return link ? 0 : -ENODEV;
}

int device_lookup_address(
    const struct control_host *host, struct slice what, struct address *address, uint32_t *link)
{
	struct slice zone = slice_without_prefix_nocase(what, SLICE("address:")), head;

	*link = 0;
	if (!slice_cut(&zone, '%', &head) || address_parse(head, address) < 0)
		return -ENOENT;
	return zone.bytes ? zone_link(host->links, zone, link) : 0;
}

static struct question question_read(const struct control_host *host, struct slice what)
{
	struct question question = {.text = what, .key = key_of_id(what)};

	if (device_lookup_address(host, what, &question.address, &question.link) < 0)
		question.address = (struct address){0};
	if (mac_parse(slice_without_prefix_nocase(what, SLICE("mac:")), &question.mac) < 0)
		question.mac = (struct mac){0};
	return question;
}

/* An id that is no UUID is meant without its "uuid:", too. */
static bool key_is_meant(const struct key *key, const struct question *question)
{
	if (key->kind == KEY_OPAQUE)
		return slice_equal_nocase(slice_without_prefix_nocase(key->text, SLICE("uuid:")),
		    slice_without_prefix_nocase(question->text, SLICE("uuid:")));
	return key->kind == KEY_UUID && key_equal(key, &question->key);
}

/* What is unique, or nearly so: a key that the endpoint announced, its address, its MAC. */
static bool is_identified(const struct endpoint *endpoint, const struct question *question)
{
	const struct presence *presence;

	if (key_is_meant(&endpoint->key, question))
		return true;
	if (question->mac.known && endpoint_has_mac(endpoint, &question->mac))
		return true;
	STAILQ_FOREACH(presence, &endpoint->presences, next)
	if (address_equal(&presence->address, &question->address) &&
	    (!question->link || question->link == endpoint->link))
		return true;
	return false;
}

/* What any host may choose: host names, and what a page says to be embedded. */
static bool is_called(const struct endpoint *endpoint, const struct question *question)
{
	const char *host_name = endpoint_fact(endpoint, FACT_HOST_NAME);
	const struct device_page *page = endpoint->page;

	if (endpoint->key.kind == KEY_NAME &&
	    slice_equal_nocase(endpoint->key.text, question->text))
		return true;
	if (host_name && slice_equal_nocase(slice_of(host_name), question->text))
		return true;
	for (size_t i = 1; page && i < page->device_count; i++) {
		struct key key = key_of_id(slice_of(page->devices[i].udn));
		if (key_is_meant(&key, question))
			return true;
	}
	return false;
}

typedef bool match_fn(const struct device *device, const struct question *question);

static bool matches_key(const struct device *device, const struct question *question)
{
	const struct endpoint *endpoint;

	TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	if (is_identified(endpoint, question))
		return true;
	return false;
}

static bool matches_name(const struct device *device, const struct question *question)
{
	char address[ADDRESS_TEXT_MAX];
	const struct endpoint *endpoint;

	if (slice_equal_nocase(slice_of(device_name(device, address)), question->text))
		return true;
	TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	if (is_called(endpoint, question))
		return true;
	return false;
}

/* The lower, the likelier it is meant. */
static unsigned rank(const struct device *device)
{
	const struct endpoint *endpoint;
	unsigned kind = (unsigned)device_kind(device);

	TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	if (endpoint->verified)
		return 2 * kind;
	return 2 * kind + 1;
}

/* Puts it behind those that rank as it does; beyond the candidates' number the last one is dropped.
 */
static void consider(struct device_lookup *lookup, const struct device *device)
{
	size_t at = lookup->candidate_count;

	if (at == DEVICE_LOOKUP_CANDIDATES_MAX) {
		if (rank(device) >= rank(lookup->candidates[--at]))
			return;
	} else {
		lookup->candidate_count++;
	}
	for (; at > 0 && rank(device) < rank(lookup->candidates[at - 1]); at--)
		lookup->candidates[at] = lookup->candidates[at - 1];
	lookup->candidates[at] = device;
}

static void find(const struct control_host *host, const struct question *question, match_fn *match,
    struct device_lookup *lookup)
{
	struct table_cursor cursor;
	const struct device *device;

	table_cursor_open(&cursor, host->table);
	while ((device = table_cursor_next(&cursor)))
		if (match(device, question))
			consider(lookup, device);
	table_cursor_close(&cursor);
}

static bool is_a_device(const struct device *device)
{
	return device_kind(device) == DEVICE_KIND_DEVICE;
}

/* By its id, as it is shown; NULL where there is none. A UUID that several devices have is not
 * enough to tell which of them is meant, though it is the id of one. */
static const struct device *find_id(
    const struct control_host *host, const struct question *question)
{
	const struct device *device = table_find(host->table, question->text);
	char id[DEVICE_SHOWN_ID_MAX], address[ADDRESS_TEXT_MAX];

	if (!device && question->link) {
		snprintf(id, sizeof(id), "address:%s%%%u",
		    address_text(&question->address, address), (unsigned)question->link);
		device = slice_starts_with(question->text, SLICE("address:"))
			     ? table_find(host->table, slice_of(id))
			     : NULL;
	}
	if (device && device->flags & DEVICE_DUPLICATE_UUID &&
	    device_has_key(device, &question->key))
		return NULL;
	return device;
}

int device_lookup(const struct control_host *host, struct slice what, struct device_lookup *lookup)
{
	struct question question = question_read(host, what);

	*lookup = (struct device_lookup){.found = find_id(host, &question)};
	if (lookup->found)
		return 0;
	if (!what.len)
		return -ENOENT;
	find(host, &question, matches_key, lookup);
	if (!lookup->candidate_count)
		find(host, &question, matches_name, lookup);
	if (!lookup->candidate_count)
		return -ENOENT;
	bool one = lookup->candidate_count == 1 ||
		   (is_a_device(lookup->candidates[0]) && !is_a_device(lookup->candidates[1]));
	lookup->found = one ? lookup->candidates[0] : NULL;
	return one ? 0 : -ENOTUNIQ;
}
