/* SPDX-License-Identifier: ISC
 * fuzz_dns: any datagram on the port of multicast DNS. */
#include "fuzz.h"
#include "wire/dns_txt.h"
#include "wire/dns_writer.h"
#include <errno.h>
#include <string.h>

enum { WRITTEN_MAX = 64 * 1024 };

static void check_name(const struct dns_name *name)
{
	char text[DNS_NAME_TEXT_MAX];
	struct dns_name again;
	struct writer w;

	FUZZ_CHECK(name->len < DNS_NAME_MAX);
	for (size_t i = 0, count = dns_name_label_count(name); i < count; i++) {
		struct slice label = dns_name_label(name, i);
		FUZZ_CHECK(label.len > 0 && label.len <= DNS_LABEL_MAX);
	}
	writer_init(&w, text, sizeof(text) - 1);
	dns_name_format(name, &w);
	FUZZ_CHECK(writer_error(&w) == 0);
	FUZZ_CHECK(dns_name_parse(writer_result(&w), &again) == 0);
	FUZZ_CHECK(again.len == name->len && memcmp(again.bytes, name->bytes, name->len) == 0);
	FUZZ_CHECK(dns_name_equal(name, &again) && dns_name_ends_with(name, &again));
}

static void check_txt(struct slice rdata)
{
	struct dns_txt_cursor cursor;
	struct dns_txt_pair pair, last = {0};
	unsigned pairs = 0;

	dns_txt_cursor_init(&cursor, rdata);
	while (dns_txt_next(&cursor, &pair)) {
		FUZZ_CHECK(fuzz_inside(pair.key, rdata) && fuzz_inside(pair.value, rdata));
		FUZZ_CHECK(pair.key.len > 0);
		last = pair;
		pairs++;
	}
	FUZZ_CHECK(fuzz_same(dns_txt_find(rdata, last.key), last.value));
	FUZZ_CHECK(pairs <= DNS_TXT_PAIRS_MAX);
}

static void check_record(const struct dns_record *record, struct slice message)
{
	FUZZ_CHECK(record->section < DNS_SECTIONS);
	FUZZ_CHECK(record->class <= 0x7FFF);
	FUZZ_CHECK(fuzz_inside(record->rdata, message) && fuzz_inside(record->types, message));
	FUZZ_CHECK(record->section != DNS_QUESTION || !record->rdata.bytes);
	check_name(&record->name);
	check_name(&record->target);
	dns_types_have(record->types, DNS_AAAA);
	dns_types_have(record->types, UINT16_MAX);
	check_txt(record->rdata);
}

static bool write_entry(struct dns_writer *w, const struct dns_record *record)
{
	if (record->section != DNS_QUESTION)
		return dns_writer_record(w, record);
	return dns_writer_question(w, &record->name, record->type, record->class, record->flag);
}

/* What is written is read as the same entries; in a buffer that is too small, as the first of
 * them. */
static void check_written(const struct dns_message *message, size_t capacity)
{
	uint8_t *bytes = malloc(capacity);
	struct dns_writer w;
	struct dns_message again;
	struct dns_cursor first = {0}, second = {0};
	struct dns_record entry, found;
	unsigned written = 0;

	FUZZ_CHECK(bytes);
	dns_writer_init(&w, bytes, capacity, message->id, message->flags);
	while (dns_message_next(message, &first, &entry) && write_entry(&w, &entry))
		written++;
	struct slice copy = fuzz_copy(bytes, w.len);
	FUZZ_CHECK(dns_message_parse(copy, &again) == 0);
	FUZZ_CHECK(again.id == message->id && again.flags == message->flags);
	first = (struct dns_cursor){0};
	for (unsigned i = 0; i < written; i++) {
		FUZZ_CHECK(dns_message_next(message, &first, &entry));
		FUZZ_CHECK(dns_message_next(&again, &second, &found));
		FUZZ_CHECK(entry.section == found.section && entry.type == found.type);
		FUZZ_CHECK(entry.class == found.class && entry.flag == found.flag);
		FUZZ_CHECK(entry.ttl == found.ttl && entry.port == found.port);
		FUZZ_CHECK(dns_name_equal(&entry.name, &found.name));
		FUZZ_CHECK(dns_name_equal(&entry.target, &found.target));
		FUZZ_CHECK(address_equal(&entry.address, &found.address));
		FUZZ_CHECK(slice_equal(entry.types, found.types));
	}
	FUZZ_CHECK(!dns_message_next(&again, &second, &found));
	FUZZ_CHECK(!second.cut && second.malformed == 0);
	fuzz_free(copy);
	free(bytes);
}

int fuzz_dns(const uint8_t *data, size_t size)
{
	struct slice datagram = fuzz_copy(data, size);
	struct dns_message message;
	struct dns_cursor cursor = {0};
	struct dns_record record;
	unsigned entries = 0;
	int error = dns_message_parse(datagram, &message);

	if (error) {
		FUZZ_CHECK(error == -EINVAL && size < DNS_HEADER_LEN);
		fuzz_free(datagram);
		return 0;
	}
	while (dns_message_next(&message, &cursor, &record)) {
		check_record(&record, datagram);
		entries++;
	}
	FUZZ_CHECK(entries <= DNS_QUESTIONS_MAX + DNS_RECORDS_MAX);
	FUZZ_CHECK(cursor.at <= (size > DNS_HEADER_LEN ? size : DNS_HEADER_LEN));
	check_written(&message, WRITTEN_MAX);
	check_written(&message, DNS_HEADER_LEN + size / 2);
	fuzz_free(datagram);
	return 0;
}
