/* SPDX-License-Identifier: ISC
 * minissdpd_message: requests, entries and notices of minissdpd's local socket, as bytes. */
#ifndef WIRE_MINISSDPD_MESSAGE_H
#define WIRE_MINISSDPD_MESSAGE_H

#include "base/writer.h"

/* What the first byte of a request says; every other value is answered with one byte 0. */
enum minissdpd_type {
	MINISSDPD_VERSION = 0,
	MINISSDPD_BY_TYPE = 1,
	MINISSDPD_BY_USN = 2,
	MINISSDPD_ALL = 3,
	MINISSDPD_SUBMIT = 4,
	MINISSDPD_NOTIFY = 5
};

enum minissdpd_kind { MINISSDPD_NEW = 1, MINISSDPD_UPDATE = 2, MINISSDPD_REMOVE = 3 };

enum {
	MINISSDPD_STRING_MAX = 512,
	/* The four strings of a submission, each with its length in two bytes. */
	MINISSDPD_REQUEST_MAX = 1 + 4 * (2 + MINISSDPD_STRING_MAX),
	/* Of a reply: its entries are counted in one byte, and clients have buffers of this size.
	 */
	MINISSDPD_REPLY_MAX = 4096,
	MINISSDPD_REPLY_ENTRIES_MAX = 255,
};

/* What a local program wants to be announced. Borrowed. */
struct submission {
	struct slice st, usn, server, location;
};

/* Borrows from what was parsed. */
struct minissdpd_request {
	uint8_t type;
	/* A device or service type, the head of a USN, or what an unknown request brought. */
	struct slice text;
	struct submission submission; /* of MINISSDPD_SUBMIT */
};

/* One line of what is known: how it is found, what it is, whose it is. */
struct minissdpd_entry {
	struct slice location, st, usn;
};

/* Takes one request from the head of what arrived: 0 and *len bytes; -EAGAIN: the rest of it is yet
 * to come; -EMSGSIZE: a string over MINISSDPD_STRING_MAX, also one of which only the length is
 * there; -EBADMSG: nothing is asked for where something must be. */
int minissdpd_request_parse(struct slice bytes, struct minissdpd_request *request, size_t *len);
/* A string with its length before it: groups of 7 bits, the highest first, all but the last with
 * the high bit set. */
void minissdpd_string_format(struct slice text, struct writer *w);
void minissdpd_entry_format(const struct minissdpd_entry *entry, struct writer *w);
/* How many bytes the entry takes. */
size_t minissdpd_entry_size(const struct minissdpd_entry *entry);
/* What a watcher is told of one entry. */
void minissdpd_notice_format(
    enum minissdpd_kind kind, const struct minissdpd_entry *entry, struct writer *w);
/* A type up to its version: "urn:…:Basic:1" gives "urn:…:Basic:". */
struct slice minissdpd_type_base(struct slice type);

#endif
