/* SPDX-License-Identifier: ISC
 * lease_file: the files in which DHCP servers keep their leases: dnsmasq, odhcpd, and Kea's memfile
 * (CSV). */
#ifndef MODEL_LEASE_FILE_H
#define MODEL_LEASE_FILE_H

#include "base/address.h"
#include "base/mac.h"

/* Bytes of a host name (RFC 1035, 2.3.4). */
enum { LEASE_NAME_MAX = 253 };

enum lease_format { LEASE_FORMAT_UNKNOWN, LEASE_DNSMASQ, LEASE_ODHCPD, LEASE_KEA };

/* Columns of Kea's file that are used. */
enum lease_column {
	LEASE_COLUMN_ADDRESS,
	LEASE_COLUMN_HWADDR,
	LEASE_COLUMN_LIFETIME,
	LEASE_COLUMN_EXPIRE,
	LEASE_COLUMN_HOSTNAME,
	LEASE_COLUMN_STATE,
	LEASE_COLUMNS
};

struct lease {
	struct mac mac;
	struct address address;
	struct slice name; /* borrowed from the text, at most LEASE_NAME_MAX; empty: none */
	int64_t expires;   /* seconds since 1970; 0: it is over, INT64_MAX: never */
};

/* A text that is being read. */
struct lease_file {
	struct slice rest;
	enum lease_format format;     /* by the first line that is known */
	uint8_t place[LEASE_COLUMNS]; /* of each column, from 1; 0: not there */
	size_t malformed;             /* lines so far that could not be read */
};

/* Begins to read; the text is borrowed. */
void lease_file_init(struct lease_file *file, struct slice text);
/* The next lease of an Ethernet address; false at the end. Of several leases of one address the
 * last counts. Never fails: a line that cannot be read is counted and passed over. */
bool lease_file_next(struct lease_file *file, struct lease *lease);

#endif
