/* SPDX-License-Identifier: ISC
 * query_parts: see query_parts.h. */
#include "engine/query_parts.h"
#include <stdlib.h>

static bool is_free(const struct query_source *source)
{
	return source->part_count == 0;
}

void query_parts_drop(struct query_source *source)
{
	for (size_t i = 0; i < source->part_count; i++)
		free((char *)source->parts[i].bytes);
	*source = (struct query_source){.part_count = 0};
}

void query_parts_fini(struct query_parts *parts)
{
	for (size_t i = 0; i < QUERY_SOURCES_MAX; i++)
		query_parts_drop(&parts->sources[i]);
}

struct query_source *query_parts_find(struct query_parts *parts, const struct datagram *datagram)
{
	for (size_t i = 0; i < QUERY_SOURCES_MAX; i++) {
		struct query_source *source = &parts->sources[i];
		if (!is_free(source) && source->link == datagram->link &&
		    address_port_equal(&source->from, &datagram->from))
			return source;
	}
	return NULL;
}

static struct query_source *find_free(struct query_parts *parts)
{
	for (size_t i = 0; i < QUERY_SOURCES_MAX; i++)
		if (is_free(&parts->sources[i]))
			return &parts->sources[i];
	return NULL;
}

struct query_source *query_parts_add(
    struct query_parts *parts, const struct datagram *datagram, struct instant due)
{
	struct query_source *source = query_parts_find(parts, datagram);

	if (!source) {
		source = find_free(parts);
		if (!source)
			return NULL;
		*source = (struct query_source){
		    .from = datagram->from,
		    .link = datagram->link,
		    .due = due,
		};
	}
	char *copy = source->part_count < QUERY_PARTS_MAX ? slice_dup(datagram->bytes) : NULL;
	if (!copy)
		return NULL;
	source->parts[source->part_count++] = (struct slice){copy, datagram->bytes.len};
	return source;
}

struct query_source *query_parts_due(struct query_parts *parts, struct instant now)
{
	for (size_t i = 0; i < QUERY_SOURCES_MAX; i++)
		if (!is_free(&parts->sources[i]) && instant_due(parts->sources[i].due, now))
			return &parts->sources[i];
	return NULL;
}

struct instant query_parts_deadline(const struct query_parts *parts)
{
	struct instant deadline = INSTANT_NEVER;

	for (size_t i = 0; i < QUERY_SOURCES_MAX; i++)
		if (!is_free(&parts->sources[i]))
			deadline = instant_earlier(deadline, parts->sources[i].due);
	return deadline;
}
