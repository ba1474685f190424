/* SPDX-License-Identifier: ISC
 * broadcast_message: one datagram of the plain broadcast discovery, with or without its header block. */
#ifndef WIRE_BROADCAST_MESSAGE_H
#define WIRE_BROADCAST_MESSAGE_H

#include "base/writer.h"

enum broadcast_kind { BROADCAST_ASK, BROADCAST_ANSWER, BROADCAST_BYE };

enum { BROADCAST_NAME_MAX = 64, BROADCAST_MESSAGE_MAX = 1000 };

/* Borrows from the datagram. "DISCOVER from NAME", "Hello from NAME!", "BYE from NAME". */
struct broadcast_message {
	enum broadcast_kind kind;
	struct slice name; /* as sent; cleaned by whoever keeps it (base/text.h) */
	bool extended;     /* a header block with at least a USN follows the first line */
	struct slice usn, server, type, location, instance; /* NT gives type */
	uint32_t max_age;    /* seconds; 0 where it is missing */
	bool has_boot_id;
	uint32_t boot_id;
	size_t pad; /* how many bytes the PAD header's value had; written as that many dots */
};

/* Any datagram that contains DISCOVER is an ask, as the programs in the field take it; its name is what follows "from ",
 * to the line's end, or empty. 0, -ENOMSG (none of the three), -EMSGSIZE, -E2BIG. */
int broadcast_parse(struct slice datagram, struct broadcast_message *message);
/* The plain line alone, or with CRLF, headers and an empty line when `extended`. */
void broadcast_format(const struct broadcast_message *message, struct writer *w);

#endif
