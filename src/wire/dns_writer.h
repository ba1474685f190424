/* SPDX-License-Identifier: ISC
 * dns_writer: writes messages of the domain name system into a buffer, with compressed names. */
#ifndef WIRE_DNS_WRITER_H
#define WIRE_DNS_WRITER_H

#include "wire/dns_message.h"

enum { DNS_WRITER_NAMES_MAX = 64 }; /* names that later ones can point to */

/* Where a name, or the rest of one, stands in the buffer; its length as in struct dns_name. */
struct dns_writer_name {
	uint16_t at;
	uint8_t len;
	uint8_t pointers; /* to be followed from there, at most DNS_POINTERS_MAX */
};

/* A message that is being written. What stands in the buffer is complete after each call, and the
 * header counts what was added. */
struct dns_writer {
	uint8_t *bytes; /* the caller's */
	size_t capacity;
	size_t len;
	unsigned section;   /* of the last entry */
	bool whole_targets; /* to be set after the init: SRV targets are not compressed, for those
			     * that know unicast DNS only (RFC 6762 18.14) */
	size_t name_count;
	struct dns_writer_name names[DNS_WRITER_NAMES_MAX];
};

/* Begins a message without entries. The capacity is at least DNS_HEADER_LEN. */
void dns_writer_init(
    struct dns_writer *w, void *buffer, size_t capacity, uint16_t id, uint16_t flags);
/* Replaces the flags, such as for DNS_TRUNCATED. */
void dns_writer_flags(struct dns_writer *w, uint16_t flags);
/* Each adds one entry to the end, or returns false and leaves the message as it was: the entry does
 * not fit, or belongs to a section before that of the last one. */
bool dns_writer_question(
    struct dns_writer *w, const struct dns_name *name, uint16_t type, uint16_t class, bool unicast);
/* Of A, AAAA, PTR, SRV and NSEC the members are written, of other types `rdata`. */
bool dns_writer_record(struct dns_writer *w, const struct dns_record *record);
/* The message so far, borrowed from the buffer. */
struct slice dns_writer_result(const struct dns_writer *w);

#endif
