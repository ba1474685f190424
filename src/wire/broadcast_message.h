/* SPDX-License-Identifier: ISC
 * broadcast_message: one datagram of the plain broadcast discovery, with or without its header
 * block. */
#ifndef WIRE_BROADCAST_MESSAGE_H
#define WIRE_BROADCAST_MESSAGE_H

#include "base/writer.h"

enum broadcast_kind { BROADCAST_ASK, BROADCAST_ANSWER, BROADCAST_BYE };

enum {
	BROADCAST_NAME_MAX = 64,
	BROADCAST_MESSAGE_MAX = 1000, /* of what we send; up to 1500 bytes are read */
	BROADCAST_DATAGRAM_MAX = 1500,
	BROADCAST_FIELD_MAX = 256, /* of USN and NT */
	BROADCAST_PAD_MAX = 507,   /* what one header line holds beside "PAD: " */
};

/* Borrows from the datagram. "DISCOVER from NAME", "Hello from NAME!", "BYE from NAME". */
struct broadcast_message {
	enum broadcast_kind kind;
	struct slice name; /* as sent, may be empty; cleaned where it is kept (base/text.h) */
	bool extended;     /* a header block with a USN follows; without it all below is unset */
	struct slice usn, server, type, location, instance; /* NT gives type */
	struct slice known; /* of an ask: marks of devices that need not answer */
	uint32_t max_age;   /* seconds; 0 where it is missing or broken */
	bool has_boot_id;
	uint32_t boot_id;
	unsigned surplus; /* headers that a limit left out or cut */
	size_t
	    pad; /* length of PAD's value; written as that many dots, BROADCAST_PAD_MAX at most */
};

/* Any datagram that contains DISCOVER is an ask, as the programs in the field take it; its name is
 * what follows "from " behind that word, to the line's end, or empty. What begins as an answer or a
 * bye is one, whatever its name contains. A first line followed by something with a NUL in it
 * counts as plain, and so does a USN over 256 bytes; other surplus is lost as header_fields_read
 * says. 0, -ENOMSG (none of the three), -EMSGSIZE (datagram or first line too long). */
int broadcast_parse(struct slice datagram, struct broadcast_message *message);
/* The plain line alone, or with CRLF, headers and an empty line when `extended`. */
void broadcast_format(const struct broadcast_message *message, struct writer *w);

#endif
