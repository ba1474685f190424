/* SPDX-License-Identifier: ISC
 * dns_writer: writes messages of the domain name system into a buffer, with compressed names. */
#include "wire/dns_writer.h"
#include <string.h>

enum {
	CLASS_FLAG = 0x8000, /* RFC 6762 18.12, 18.13 */
	POINTER = 0xC000,    /* RFC 1035 4.1.4 */
	POINTER_MAX = 0x3FFF,
	IPV4_LEN = 4,
	IPV6_LEN = 16,
};

static void set16(uint8_t *bytes, unsigned value)
{
	bytes[0] = (uint8_t)(value >> 8);
	bytes[1] = (uint8_t)value;
}

static bool put(struct dns_writer *w, const void *bytes, size_t len)
{
	if (len > w->capacity - w->len)
		return false;
	if (len > 0)
		memcpy(w->bytes + w->len, bytes, len);
	w->len += len;
	return true;
}

static bool put16(struct dns_writer *w, unsigned value)
{
	uint8_t bytes[2];

	set16(bytes, value);
	return put(w, bytes, sizeof(bytes));
}

void dns_writer_init(
    struct dns_writer *w, void *buffer, size_t capacity, uint16_t id, uint16_t flags)
{
	*w = (struct dns_writer){.bytes = buffer, .capacity = capacity, .len = DNS_HEADER_LEN};
	memset(buffer, 0, DNS_HEADER_LEN);
	set16(w->bytes, id);
	dns_writer_flags(w, flags);
}

void dns_writer_flags(struct dns_writer *w, uint16_t flags)
{
	set16(w->bytes + 2, flags);
}

/* Where the last `len` bytes of the name stand already, or NULL; of the first `count` places, which
 * are those before this name. Case counts, so that each name keeps its own. */
static const struct dns_writer_name *find_rest(
    const struct dns_writer *w, size_t count, const struct dns_name *name, uint8_t len)
{
	struct dns_name other;

	for (const struct dns_writer_name *place = w->names; place < w->names + count; place++) {
		if (place->len != len || place->pointers >= DNS_POINTERS_MAX)
			continue;
		dns_name_expand(&(struct dns_name_ref){w->bytes, place->at, len}, &other);
		if (memcmp(other.bytes, name->bytes + name->len - len, len) == 0)
			return place;
	}
	return NULL;
}

static bool put_name(struct dns_writer *w, const struct dns_name *name, bool whole)
{
	size_t count = w->name_count;

	for (size_t at = 0; at < name->len; at += 1u + name->bytes[at]) {
		uint8_t len = (uint8_t)(name->len - at);
		const struct dns_writer_name *place = whole ? NULL : find_rest(w, count, name, len);
		if (place) {
			for (size_t i = count; i < w->name_count; i++)
				w->names[i].pointers = place->pointers + 1;
			return put16(w, POINTER | place->at);
		}
		if (w->name_count < DNS_WRITER_NAMES_MAX && w->len <= POINTER_MAX)
			w->names[w->name_count++] =
			    (struct dns_writer_name){.at = (uint16_t)w->len, .len = len};
		if (!put(w, name->bytes + at, 1u + name->bytes[at]))
			return false;
	}
	return put(w, "", 1);
}

static bool put_data(struct dns_writer *w, const struct dns_record *record)
{
	switch (record->type) {
	case DNS_A:
		return put(w, record->address.bytes, IPV4_LEN);
	case DNS_AAAA:
		return put(w, record->address.bytes, IPV6_LEN);
	case DNS_PTR:
		return put_name(w, &record->target, false);
	case DNS_SRV:
		return put16(w, record->priority) && put16(w, record->weight) &&
		       put16(w, record->port) && put_name(w, &record->target, w->whole_targets);
	case DNS_NSEC:
		return put_name(w, &record->target, false) &&
		       put(w, record->types.bytes, record->types.len);
	default:
		return put(w, record->rdata.bytes, record->rdata.len);
	}
}

static bool put_head(
    struct dns_writer *w, const struct dns_name *name, uint16_t type, uint16_t class, bool flag)
{
	return put_name(w, name, false) && put16(w, type) &&
	       put16(w, class | (flag ? CLASS_FLAG : 0));
}

/* All but the name, type and class. */
static bool put_rest(struct dns_writer *w, const struct dns_record *record)
{
	if (!put16(w, record->ttl >> 16) || !put16(w, record->ttl & 0xFFFF) || !put16(w, 0))
		return false;
	size_t start = w->len;
	if (!put_data(w, record) || w->len - start > UINT16_MAX)
		return false;
	set16(w->bytes + start - 2, (unsigned)(w->len - start));
	return true;
}

static bool add(struct dns_writer *w, unsigned section, const struct dns_record *record)
{
	struct dns_writer before = *w;
	uint8_t *counter = w->bytes + 4 + 2 * (size_t)section;
	unsigned count = (unsigned)counter[0] << 8 | counter[1];

	if (section >= w->section && section < DNS_SECTIONS && count < UINT16_MAX &&
	    put_head(w, &record->name, record->type, record->class, record->flag) &&
	    (section == DNS_QUESTION || put_rest(w, record))) {
		set16(counter, count + 1);
		w->section = section;
		return true;
	}
	*w = before;
	return false;
}

bool dns_writer_question(
    struct dns_writer *w, const struct dns_name *name, uint16_t type, uint16_t class, bool unicast)
{
	struct dns_record question = {.name = *name, .type = type, .class = class, .flag = unicast};

	return add(w, DNS_QUESTION, &question);
}

bool dns_writer_record(struct dns_writer *w, const struct dns_record *record)
{
	return record->section != DNS_QUESTION && add(w, record->section, record);
}

struct slice dns_writer_result(const struct dns_writer *w)
{
	return (struct slice){(const char *)w->bytes, w->len};
}
