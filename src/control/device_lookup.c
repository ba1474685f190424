/* SPDX-License-Identifier: ISC
 * device_lookup: see device_lookup.h. */
#include "control/device_lookup.h"
#include <errno.h>

/* What was asked for, read once. */
struct question {
	struct slice text;      /* as given, without "host:" */
	struct address address; /* family ADDRESS_NONE: not an address */
	uint32_t link;          /* 0: on any */
};

/* The index behind an address's "%": a name of ours or a number. */
static uint32_t zone_link(const struct link_set *links, struct slice zone)
{
	uint64_t index = 0;
	const struct link *link = link_set_find_name(links, zone);
	if (link)
		return link->index;
	return slice_to_u64(zone, UINT32_MAX, &index) < 0 ? 0 : (uint32_t)index;
}

static struct question question_read(const struct control_host *host, struct slice what)
{
	struct question question = {.text = slice_without_prefix_nocase(what, SLICE("host:"))};
	struct slice zone = question.text, head;

	slice_cut(&zone, '%', &head);
	if (address_parse(head, &question.address) < 0)
		question.address = (struct address){0};
	else if (zone.bytes) {
		question.link = zone_link(host->links, zone);
		if (!question.link) /* an interface that is not there */
			question.address = (struct address){0};
	}
	return question;
}

static bool lives_at(const struct device *device, const struct question *question)
{
	for (size_t i = 0; i < device->presence_count; i++) {
		const struct device_presence *presence = &device->presences[i];
		if ((!question->link || presence->link == question->link) &&
		    address_equal(&presence->address, &question->address))
			return true;
	}
	return false;
}

static bool is_meant(const struct device *device, const struct question *question)
{
	struct slice uuid = SLICE("uuid:");
	const char *name = device_name(device);

	if (!address_is_none(&question->address) && lives_at(device, question))
		return true;
	if (name && slice_equal_nocase(slice_of(name), question->text))
		return true;
	return slice_equal_nocase(slice_without_prefix_nocase(slice_of(device->id), uuid),
	    slice_without_prefix_nocase(question->text, uuid));
}

/* Adds to the candidates; beyond their number only how many there are still counts. */
static void consider(struct device_lookup *lookup, const struct device *device, size_t *devices)
{
	if (device->kind == DEVICE_KIND_DEVICE && (*devices)++ == 0)
		lookup->found = device;
	if (lookup->candidate_count < DEVICE_LOOKUP_CANDIDATES_MAX)
		lookup->candidates[lookup->candidate_count++] = device;
}

int device_lookup(const struct control_host *host, struct slice what, struct device_lookup *lookup)
{
	struct question question = question_read(host, what);
	const struct device *device;
	struct table_cursor cursor;
	size_t devices = 0;

	*lookup = (struct device_lookup){.found = table_find(host->table, what)};
	if (lookup->found)
		return 0;
	table_cursor_open(&cursor, host->table);
	while ((device = table_cursor_next(&cursor)))
		if (is_meant(device, &question))
			consider(lookup, device, &devices);
	table_cursor_close(&cursor);
	if (!lookup->candidate_count)
		return -ENOENT;
	if (lookup->candidate_count == 1)
		lookup->found = lookup->candidates[0];
	return lookup->candidate_count == 1 || devices == 1 ? 0 : -ENOTUNIQ;
}
