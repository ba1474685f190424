/* SPDX-License-Identifier: ISC
 * dns_message: reads messages of the domain name system (RFC 1035 4, RFC 6762 18). */
#ifndef WIRE_DNS_MESSAGE_H
#define WIRE_DNS_MESSAGE_H

#include "base/address.h"
#include "wire/dns_name.h"

enum dns_type {
	DNS_A = 1,
	DNS_PTR = 12,
	DNS_TXT = 16,
	DNS_AAAA = 28,
	DNS_SRV = 33,
	DNS_NSEC = 47,
	DNS_ANY = 255, /* of questions only */
};

enum dns_class { DNS_IN = 1, DNS_CLASS_ANY = 255 };

enum dns_section { DNS_QUESTION, DNS_ANSWER, DNS_AUTHORITY, DNS_ADDITIONAL, DNS_SECTIONS };

/* Of dns_message.flags, RFC 1035 4.1.1. */
enum dns_flag {
	DNS_RESPONSE = 0x8000,
	DNS_OPCODE = 0x7800, /* a field: 0 is a query, and all that multicast DNS has */
	DNS_AUTHORITATIVE = 0x0400,
	DNS_TRUNCATED = 0x0200,
	DNS_RCODE = 0x000F, /* a field: 0 is success */
};

enum {
	DNS_HEADER_LEN = 12,
	DNS_QUESTIONS_MAX = 128, /* of a message; what is above is passed over */
	DNS_RECORDS_MAX = 256,   /* of the other three sections together; likewise */
};

/* A question or a record as it stands in a message, borrowed from that. A question has no ttl,
 * rdata, nor what comes after. */
struct dns_entry {
	struct dns_name_ref name;
	struct dns_name_ref target; /* of PTR and SRV; the next name of NSEC */
	struct slice rdata;         /* names in it may be compressed */
	struct slice types;         /* of NSEC: its bitmaps; see dns_types_have */
	uint32_t ttl;               /* seconds */
	uint16_t type;
	uint16_t class; /* without its highest bit */
	bool flag;      /* that bit: unicast response wanted, or cache flush (RFC 6762 5.4, 10.2) */
	uint8_t section; /* enum dns_section */
};

/* Likewise with its names copied out of the message, or one that is to be written. */
struct dns_record {
	enum dns_section section;
	struct dns_name name;
	uint16_t type;
	uint16_t class;
	bool flag;
	uint32_t ttl;
	struct slice rdata;
	struct dns_name target;
	uint16_t priority, weight, port; /* of SRV */
	struct address address;          /* of A and AAAA */
	struct slice types;
};

/* The header; the counts are what the sender says. */
struct dns_message {
	struct slice bytes; /* borrowed */
	uint16_t id, flags;
	uint16_t counts[DNS_SECTIONS];
};

/* A position in a message; {0} is its beginning. */
struct dns_cursor {
	size_t at;
	uint16_t index[DNS_SECTIONS]; /* entries of each section that have been passed */
	unsigned section;
	unsigned malformed; /* entries that could not be read, and were passed over */
	bool cut; /* what follows is not read: the message ends too early, or has too much */
};

/* 0, or -EINVAL when the header is not complete. */
int dns_message_parse(struct slice bytes, struct dns_message *message);
/* Finds the next question or record, whatever its type and class. An entry whose name is none, or
 * whose data does not fit its type, is passed over. False at the end; the cursor then says what was
 * left out. The time that a message takes is bounded by its length and the limits above. */
bool dns_message_find(
    const struct dns_message *message, struct dns_cursor *cursor, struct dns_entry *entry);
/* Likewise, and reads it. */
bool dns_message_next(
    const struct dns_message *message, struct dns_cursor *cursor, struct dns_record *record);
void dns_entry_read(const struct dns_entry *entry, struct dns_record *record);
/* Of A and AAAA. */
struct address dns_entry_address(const struct dns_entry *entry);
/* Of SRV. */
uint16_t dns_entry_port(const struct dns_entry *entry);
/* True when the bitmaps of an NSEC say that its name has records of this type (RFC 4034 4.1.2). */
bool dns_types_have(struct slice types, uint16_t type);

#endif
