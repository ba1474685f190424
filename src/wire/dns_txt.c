/* SPDX-License-Identifier: ISC
 * dns_txt: the pairs of key and value in the data of a TXT record (RFC 6763 6). */
#include "wire/dns_txt.h"

void dns_txt_cursor_init(struct dns_txt_cursor *cursor, struct slice rdata)
{
	*cursor = (struct dns_txt_cursor){
	    .rdata = slice_head(rdata, DNS_TXT_MAX), .cut = rdata.len > DNS_TXT_MAX};
}

/* One string behind its length; false at the end of the data, and when it is not whole. */
static bool next_string(struct slice rdata, size_t *at, struct slice *string)
{
	if (*at >= rdata.len)
		return false;
	size_t len = (uint8_t)rdata.bytes[*at];
	*string = slice_head(slice_skip(rdata, *at + 1), len);
	if (string->len < len)
		return false;
	*at += 1 + len;
	return true;
}

/* False when the string has no key, or one that RFC 6763 6.4 forbids. */
static bool split(struct slice string, struct dns_txt_pair *pair)
{
	size_t end = slice_find(string, '=');

	pair->key = slice_head(string, end);
	pair->value = end < string.len ? slice_skip(string, end + 1) : SLICE_NONE;
	for (size_t i = 0; i < pair->key.len; i++)
		if (pair->key.bytes[i] < ' ' || pair->key.bytes[i] > '~')
			return false;
	return pair->key.len > 0;
}

static bool is_repeated(struct slice rdata, size_t end, struct slice key)
{
	struct slice string;
	struct dns_txt_pair earlier;

	for (size_t at = 0; at < end && next_string(rdata, &at, &string);)
		if (at < end && split(string, &earlier) && slice_equal_nocase(earlier.key, key))
			return true;
	return false;
}

bool dns_txt_next(struct dns_txt_cursor *cursor, struct dns_txt_pair *pair)
{
	struct slice string;

	while (cursor->at < cursor->rdata.len) {
		if (cursor->strings == DNS_TXT_PAIRS_MAX ||
		    !next_string(cursor->rdata, &cursor->at, &string)) {
			cursor->cut = true;
			cursor->rdata.len = cursor->at;
			return false;
		}
		cursor->strings++;
		if (split(string, pair) && !is_repeated(cursor->rdata, cursor->at, pair->key))
			return true;
	}
	return false;
}

struct slice dns_txt_find(struct slice rdata, struct slice key)
{
	struct dns_txt_cursor cursor;
	struct dns_txt_pair pair;

	dns_txt_cursor_init(&cursor, rdata);
	while (dns_txt_next(&cursor, &pair))
		if (slice_equal_nocase(pair.key, key))
			return pair.value;
	return SLICE_NONE;
}
