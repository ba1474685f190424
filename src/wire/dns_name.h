/* SPDX-License-Identifier: ISC
 * dns_name: domain names: labels, text form, comparison, and names that stand in a message. */
#ifndef WIRE_DNS_NAME_H
#define WIRE_DNS_NAME_H

#include "base/writer.h"

enum {
	DNS_NAME_MAX = 255,       /* bytes of a whole name, RFC 1035 2.3.4 */
	DNS_LABEL_MAX = 63,       /* bytes of a label */
	DNS_POINTERS_MAX = 16,    /* compression pointers that are followed for one name */
	DNS_NAME_TEXT_MAX = 1024, /* the longest text form, each byte escaped, with a final NUL */
};

/* Uncompressed labels, each behind its length, as on the wire but for the empty label of the root:
 * that one is implied and not counted. The name of the root has len 0. A label may hold any byte;
 * in multicast DNS it is UTF-8 (RFC 6762 16). */
struct dns_name {
	uint8_t len; /* at most DNS_NAME_MAX - 1 */
	uint8_t bytes[DNS_NAME_MAX];
};

/* A name where it stands: in a message, perhaps compressed, or in a struct dns_name. Borrowed. */
struct dns_name_ref {
	const uint8_t *message;
	uint32_t at; /* its first label; pointers to it are followed */
	uint8_t len; /* as in struct dns_name */
};

/* The name of the root. */
void dns_name_init(struct dns_name *name);
/* Appends one label. False, and the name is unchanged, when it is empty or too long, or the name
 * would be. */
bool dns_name_add(struct dns_name *name, struct slice label);
/* Appends all labels of `suffix`. False, and the name is unchanged, when it would be too long. */
bool dns_name_append(struct dns_name *name, const struct dns_name *suffix);

/* The n-th label, counted from 0 at the left; SLICE_NONE where the name has fewer. Borrowed. */
struct slice dns_name_label(const struct dns_name *name, size_t n);
size_t dns_name_label_count(const struct dns_name *name);
/* The name without its first n labels; the root where it has fewer. */
struct dns_name dns_name_without(const struct dns_name *name, size_t n);

/* ASCII letters compare without case, all other bytes as they are (RFC 6762 16). */
bool dns_name_equal(const struct dns_name *a, const struct dns_name *b);
/* True when `suffix` is the name itself or a domain that the name lies in. */
bool dns_name_ends_with(const struct dns_name *name, const struct dns_name *suffix);

/* Reads the text form (RFC 1035 5.1): labels between dots, "\." and "\\" for a dot and a backslash
 * of a label, "\DDD" for any byte in decimal; one final dot may stand, "." is the root. 0, -EINVAL
 * (empty label or text, bad escape) or -ENAMETOOLONG. */
int dns_name_parse(struct slice text, struct dns_name *name);
/* Likewise for the name of a host, which is no address, and whose labels consist of letters,
 * digits, "-", "_" that is not their first, and UTF-8 (RFC 1123 2.1, RFC 6762 16). 0, -EINVAL or
 * -ENAMETOOLONG. */
int dns_name_parse_host(struct slice text, struct dns_name *name);
/* Writes the text form without a final dot. Dots, backslashes and ASCII control characters are
 * escaped; bytes above 0x7F are written as they are and may be no UTF-8. */
void dns_name_format(const struct dns_name *name, struct writer *w);

/* Moves *at behind the name that stands there, up to its end or its first pointer. False, and *at
 * is unchanged, when that lies beyond `end` or a label has a type that is not known. */
bool dns_name_skip(struct slice message, size_t *at, size_t end);
/* Finds the name at offset *at of a message, and moves *at behind it (RFC 1035 4.1.4). Each pointer
 * must point before the part of the name that it ends and behind the header; at most
 * DNS_POINTERS_MAX are followed. False, and *at is unchanged, when that does not hold, when the
 * name is too long or when it ends outside of the message. */
bool dns_name_find(struct slice message, size_t *at, struct dns_name_ref *ref);
/* Copies it without compression. */
void dns_name_expand(const struct dns_name_ref *ref, struct dns_name *name);
/* Of two names of one length. */
bool dns_name_refs_match(const struct dns_name_ref *a, const struct dns_name_ref *b);
/* True when the name, of the length that such a name has, consists of this label and the labels of
 * `parent`, whatever their case. */
bool dns_name_ref_matches(
    const struct dns_name_ref *ref, struct slice label, const struct dns_name *parent);
/* The name without its first label; the root where it has none. */
struct dns_name_ref dns_name_ref_parent(const struct dns_name_ref *ref);

static inline struct dns_name_ref dns_name_ref_of(const struct dns_name *name)
{
	return (struct dns_name_ref){name->bytes, 0, name->len};
}

/* Like dns_name_equal. Most names that are compared differ in length. */
static inline bool dns_name_refs_equal(const struct dns_name_ref *a, const struct dns_name_ref *b)
{
	return a->len == b->len &&
	       ((a->at == b->at && a->message == b->message) || dns_name_refs_match(a, b));
}

static inline bool dns_name_ref_is(const struct dns_name_ref *ref, const struct dns_name *name)
{
	return ref->len == name->len &&
	       dns_name_refs_match(ref, &(struct dns_name_ref){name->bytes, 0, name->len});
}

static inline bool dns_name_ref_is_child(
    const struct dns_name_ref *ref, struct slice label, const struct dns_name *parent)
{
	return label.len > 0 && ref->len == 1u + label.len + parent->len &&
	       dns_name_ref_matches(ref, label, parent);
}

#endif
