/* SPDX-License-Identifier: ISC
 * dns_txt: the pairs of key and value in the data of a TXT record (RFC 6763 6). */
#ifndef WIRE_DNS_TXT_H
#define WIRE_DNS_TXT_H

#include "base/slice.h"

enum {
	DNS_TXT_MAX = 1300,      /* bytes that are read, RFC 6763 6.2 */
	DNS_TXT_PAIRS_MAX = 128, /* strings that are read */
};

/* Borrowed from the data. */
struct dns_txt_pair {
	struct slice key;   /* printable ASCII without "=", at least one character */
	struct slice value; /* any bytes; SLICE_NONE for a key without "=", empty for "key=" */
};

/* A position in the data. */
struct dns_txt_cursor {
	struct slice rdata;
	size_t at;
	unsigned strings; /* seen so far */
	bool cut;         /* what follows is not read: broken or above the limits */
};

void dns_txt_cursor_init(struct dns_txt_cursor *cursor, struct slice rdata);
/* The next pair; false at the end. Passed over are empty strings, those without a key or with a key
 * of other characters, and those whose key, without ASCII case, came before (RFC 6763 6.4). */
bool dns_txt_next(struct dns_txt_cursor *cursor, struct dns_txt_pair *pair);
/* The value of a key, which compares without ASCII case; SLICE_NONE when there is no such key or it
 * has no value. */
struct slice dns_txt_find(struct slice rdata, struct slice key);

#endif
