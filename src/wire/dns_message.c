/* SPDX-License-Identifier: ISC
 * dns_message: reads messages of the domain name system (RFC 1035 4, RFC 6762 18). */
#include "wire/dns_message.h"
#include <errno.h>
#include <string.h>

enum {
	CLASS_FLAG = 0x8000, /* RFC 6762 18.12, 18.13 */
	QUESTION_FIXED = 4,  /* bytes behind the name of a question */
	RECORD_FIXED = 10,   /* bytes between the name of a record and its data */
	SRV_FIXED = 6,       /* bytes before the target of an SRV */
	IPV4_LEN = 4,
	IPV6_LEN = 16,
	BITMAP_MAX = 32, /* bytes of one window of an NSEC */
};

static uint16_t get16(struct slice bytes, size_t at)
{
	return (uint16_t)((uint8_t)bytes.bytes[at] << 8 | (uint8_t)bytes.bytes[at + 1]);
}

int dns_message_parse(struct slice bytes, struct dns_message *message)
{
	if (bytes.len < DNS_HEADER_LEN)
		return -EINVAL;
	*message =
	    (struct dns_message){.bytes = bytes, .id = get16(bytes, 0), .flags = get16(bytes, 2)};
	for (size_t i = 0; i < DNS_SECTIONS; i++)
		message->counts[i] = get16(bytes, 4 + 2 * i);
	return 0;
}

/* Finds the name that stands `from` bytes into the data. Returns the offset behind it, in the data,
 * or 0 when there is none. */
static size_t find_target(struct slice message, size_t from, struct dns_entry *entry)
{
	size_t start = (size_t)(entry->rdata.bytes - message.bytes);
	size_t at = start + from;

	if (from > entry->rdata.len || !dns_name_find(message, &at, &entry->target) ||
	    at > start + entry->rdata.len)
		return 0;
	return at - start;
}

/* Bytes behind the name in the data are passed over. */
static bool find_data(struct slice message, struct dns_entry *entry)
{
	size_t end;

	switch (entry->type) {
	case DNS_A:
		return entry->rdata.len == IPV4_LEN;
	case DNS_AAAA:
		return entry->rdata.len == IPV6_LEN;
	case DNS_PTR:
		return find_target(message, 0, entry) > 0;
	case DNS_SRV:
		return find_target(message, SRV_FIXED, entry) > 0;
	case DNS_NSEC:
		end = find_target(message, 0, entry);
		entry->types = slice_skip(entry->rdata, end);
		return end > 0;
	default:
		return true;
	}
}

/* What stands between the name and the data. */
static void read_fixed(struct slice message, size_t at, struct dns_entry *entry)
{
	uint16_t class = get16(message, at + 2);

	entry->type = get16(message, at);
	entry->class = class & (uint16_t)~CLASS_FLAG;
	entry->flag = class & CLASS_FLAG;
	if (entry->section != DNS_QUESTION)
		entry->ttl = (uint32_t)get16(message, at + 4) << 16 | get16(message, at + 6);
}

/* Moves the cursor behind the entry that stands at it, whatever is in it. *good: it has a name, and
 * data of its type. False when the entry does not end within the message. */
static bool pass(
    struct slice message, struct dns_cursor *cursor, struct dns_entry *entry, bool *good)
{
	size_t at = cursor->at;
	size_t fixed = cursor->section == DNS_QUESTION ? QUESTION_FIXED : RECORD_FIXED;

	*entry = (struct dns_entry){.section = (uint8_t)cursor->section};
	*good = dns_name_find(message, &at, &entry->name);
	if ((!*good && !dns_name_skip(message, &at, message.len)) || message.len - at < fixed)
		return false;
	read_fixed(message, at, entry);
	at += fixed;
	if (cursor->section != DNS_QUESTION) {
		size_t len = get16(message, at - 2);
		if (message.len - at < len)
			return false;
		entry->rdata = (struct slice){message.bytes + at, len};
		at += len;
		*good = *good && find_data(message, entry);
	}
	cursor->at = at;
	cursor->index[cursor->section]++;
	return true;
}

static bool is_too_many(const struct dns_cursor *cursor)
{
	if (cursor->section == DNS_QUESTION)
		return cursor->index[DNS_QUESTION] > DNS_QUESTIONS_MAX;
	return cursor->index[DNS_ANSWER] + cursor->index[DNS_AUTHORITY] +
		   cursor->index[DNS_ADDITIONAL] >
	       DNS_RECORDS_MAX;
}

/* Finds the section of the next entry. False at the end. */
static bool find_section(const struct dns_message *message, struct dns_cursor *cursor)
{
	if (cursor->at == 0)
		cursor->at = DNS_HEADER_LEN;
	while (cursor->section < DNS_SECTIONS &&
	       cursor->index[cursor->section] >= message->counts[cursor->section])
		cursor->section++;
	return cursor->section < DNS_SECTIONS;
}

/* Surplus questions are passed one by one, for the records behind them. */
bool dns_message_find(
    const struct dns_message *message, struct dns_cursor *cursor, struct dns_entry *entry)
{
	while (find_section(message, cursor)) {
		bool good;
		if (!pass(message->bytes, cursor, entry, &good)) {
			cursor->cut = true;
			cursor->section = DNS_SECTIONS;
			break;
		}
		if (is_too_many(cursor)) {
			cursor->cut = true;
			if (cursor->section != DNS_QUESTION)
				cursor->section = DNS_SECTIONS;
			continue;
		}
		if (good)
			return true;
		cursor->malformed++;
	}
	return false;
}

struct address dns_entry_address(const struct dns_entry *entry)
{
	struct address address = {.family = entry->type == DNS_AAAA ? ADDRESS_IPV6 : ADDRESS_IPV4};

	memcpy(address.bytes, entry->rdata.bytes, entry->rdata.len);
	return address;
}

uint16_t dns_entry_port(const struct dns_entry *entry)
{
	return get16(entry->rdata, 4);
}

void dns_entry_read(const struct dns_entry *entry, struct dns_record *record)
{
	*record = (struct dns_record){
	    .section = (enum dns_section)entry->section,
	    .type = entry->type,
	    .class = entry->class,
	    .flag = entry->flag,
	    .ttl = entry->ttl,
	    .rdata = entry->rdata,
	    .types = entry->types,
	};
	dns_name_expand(&entry->name, &record->name);
	dns_name_expand(&entry->target, &record->target);
	if (entry->section == DNS_QUESTION)
		return;
	if (entry->type == DNS_A || entry->type == DNS_AAAA)
		record->address = dns_entry_address(entry);
	if (entry->type != DNS_SRV)
		return;
	record->priority = get16(entry->rdata, 0);
	record->weight = get16(entry->rdata, 2);
	record->port = dns_entry_port(entry);
}

bool dns_message_next(
    const struct dns_message *message, struct dns_cursor *cursor, struct dns_record *record)
{
	struct dns_entry entry;

	if (!dns_message_find(message, cursor, &entry))
		return false;
	dns_entry_read(&entry, record);
	return true;
}

bool dns_types_have(struct slice rest, uint16_t type)
{
	/* Windows of 256 types: number, length of the bitmap, bitmap. */
	while (rest.len > 2) {
		uint8_t window = (uint8_t)rest.bytes[0], len = (uint8_t)rest.bytes[1];
		struct slice bitmap = slice_head(slice_skip(rest, 2), len);
		size_t byte = (type & 0xFF) / 8;
		if (len > BITMAP_MAX)
			return false;
		if (window == type >> 8)
			return byte < bitmap.len &&
			       ((uint8_t)bitmap.bytes[byte] & 0x80 >> type % 8) != 0;
		rest = slice_skip(rest, 2u + len);
	}
	return false;
}
