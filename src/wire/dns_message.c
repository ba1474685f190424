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

static bool read_address(struct dns_record *record, uint8_t family, size_t len)
{
	if (record->rdata.len != len)
		return false;
	record->address.family = family;
	memcpy(record->address.bytes, record->rdata.bytes, len);
	return true;
}

/* Reads the name that stands `from` bytes into the data. Returns the offset behind it, in the data,
 * or 0 when it cannot be read. */
static size_t read_target(struct slice message, size_t from, struct dns_record *record)
{
	size_t start = (size_t)(record->rdata.bytes - message.bytes);
	size_t at = start + from;

	if (from > record->rdata.len || !dns_name_skip(message, &at, start + record->rdata.len) ||
	    !dns_name_expand(message, start + from, &record->target))
		return 0;
	return at - start;
}

/* Bytes behind the name in the data are passed over. */
static bool read_data(struct slice message, struct dns_record *record)
{
	size_t end;

	switch (record->type) {
	case DNS_A:
		return read_address(record, ADDRESS_IPV4, IPV4_LEN);
	case DNS_AAAA:
		return read_address(record, ADDRESS_IPV6, IPV6_LEN);
	case DNS_PTR:
		return read_target(message, 0, record) > 0;
	case DNS_SRV:
		if (read_target(message, SRV_FIXED, record) == 0)
			return false;
		record->priority = get16(record->rdata, 0);
		record->weight = get16(record->rdata, 2);
		record->port = get16(record->rdata, 4);
		return true;
	case DNS_NSEC:
		end = read_target(message, 0, record);
		record->types = slice_skip(record->rdata, end);
		return end > 0;
	default:
		return true;
	}
}

static void read_type(struct slice message, size_t at, struct dns_record *record)
{
	uint16_t class = get16(message, at + 2);

	record->type = get16(message, at);
	record->class = class & (uint16_t)~CLASS_FLAG;
	record->flag = class & CLASS_FLAG;
}

/* Moves the cursor behind the entry that stands at it, whatever is in it, and notes where its parts
 * are. False when the entry does not end within the message. */
static bool pass(
    struct slice message, struct dns_cursor *cursor, size_t *after_name, struct slice *rdata)
{
	size_t at = cursor->at;
	size_t fixed = cursor->section == DNS_QUESTION ? QUESTION_FIXED : RECORD_FIXED;

	if (!dns_name_skip(message, &at, message.len) || message.len - at < fixed)
		return false;
	*after_name = at;
	*rdata = SLICE_NONE;
	at += fixed;
	if (cursor->section != DNS_QUESTION) {
		size_t len = get16(message, at - 2);
		if (message.len - at < len)
			return false;
		*rdata = (struct slice){message.bytes + at, len};
		at += len;
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
bool dns_message_next(
    const struct dns_message *message, struct dns_cursor *cursor, struct dns_record *record)
{
	while (find_section(message, cursor)) {
		struct slice bytes = message->bytes, rdata;
		size_t start = cursor->at, after_name;
		if (!pass(bytes, cursor, &after_name, &rdata)) {
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
		*record = (struct dns_record){
		    .section = (enum dns_section)cursor->section, .rdata = rdata};
		read_type(bytes, after_name, record);
		if (rdata.bytes) {
			record->ttl = (uint32_t)get16(bytes, after_name + 4) << 16 |
				      get16(bytes, after_name + 6);
		}
		if (dns_name_expand(bytes, start, &record->name) &&
		    (!rdata.bytes || read_data(bytes, record)))
			return true;
		cursor->malformed++;
	}
	return false;
}

bool dns_record_has_type(const struct dns_record *nsec, uint16_t type)
{
	struct slice rest = nsec->types;

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
