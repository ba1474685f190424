/* SPDX-License-Identifier: ISC
 * dns_name: domain names: labels, text form, comparison, and names that stand in a message. */
#include "wire/dns_name.h"
#include "base/address.h"
#include "base/ascii.h"
#include <errno.h>
#include <string.h>

enum {
	HEADER_LEN = 12,
	LABEL_TYPE = 0xC0, /* the two bits that tell a length from a pointer, RFC 1035 4.1.4 */
	POINTER = 0xC0,
	ESCAPED_DIGITS = 3,
	WORD = 8, /* bytes that are compared at once */
};

static struct slice bytes_of(const struct dns_name *name, size_t from)
{
	return (struct slice){(const char *)name->bytes + from, name->len - from};
}

void dns_name_init(struct dns_name *name)
{
	name->len = 0;
}

bool dns_name_add(struct dns_name *name, struct slice label)
{
	/* A length byte before the label, and room for the root behind it. */
	if (label.len == 0 || label.len > DNS_LABEL_MAX ||
	    name->len + 1 + label.len + 1 > DNS_NAME_MAX)
		return false;
	name->bytes[name->len] = (uint8_t)label.len;
	memcpy(name->bytes + name->len + 1, label.bytes, label.len);
	name->len = (uint8_t)(name->len + 1 + label.len);
	return true;
}

bool dns_name_append(struct dns_name *name, const struct dns_name *suffix)
{
	if (name->len + suffix->len + 1 > DNS_NAME_MAX)
		return false;
	memmove(name->bytes + name->len, suffix->bytes, suffix->len);
	name->len = (uint8_t)(name->len + suffix->len);
	return true;
}

/* Offset of the n-th label; len where there is none. */
static size_t label_at(const struct dns_name *name, size_t n)
{
	size_t at = 0;

	while (n-- > 0 && at < name->len)
		at += 1u + name->bytes[at];
	return at;
}

struct slice dns_name_label(const struct dns_name *name, size_t n)
{
	size_t at = label_at(name, n);

	if (at >= name->len)
		return SLICE_NONE;
	return (struct slice){(const char *)name->bytes + at + 1, name->bytes[at]};
}

size_t dns_name_label_count(const struct dns_name *name)
{
	size_t count = 0;

	for (size_t at = 0; at < name->len; at += 1u + name->bytes[at])
		count++;
	return count;
}

struct dns_name dns_name_without(const struct dns_name *name, size_t n)
{
	struct slice rest = bytes_of(name, label_at(name, n));
	struct dns_name result = {.len = (uint8_t)rest.len};

	memcpy(result.bytes, rest.bytes, rest.len);
	return result;
}

/* Lengths are below 'A', so they can be compared as letters are. */
bool dns_name_equal(const struct dns_name *a, const struct dns_name *b)
{
	return slice_equal_nocase(bytes_of(a, 0), bytes_of(b, 0));
}

bool dns_name_ends_with(const struct dns_name *name, const struct dns_name *suffix)
{
	size_t at = 0;

	while (name->len - at > suffix->len)
		at += 1u + name->bytes[at];
	return slice_equal_nocase(bytes_of(name, at), bytes_of(suffix, 0));
}

/* Reads what stands behind a backslash and moves *at behind it; false when that is no escape. */
static bool read_escape(struct slice text, size_t *at, char *byte)
{
	uint64_t value;

	if (*at >= text.len)
		return false;
	if (!ascii_is_digit(text.bytes[*at])) {
		*byte = text.bytes[(*at)++];
		return true;
	}
	if (text.len - *at < ESCAPED_DIGITS ||
	    slice_to_u64(slice_head(slice_skip(text, *at), ESCAPED_DIGITS), UINT8_MAX, &value))
		return false;
	*at += ESCAPED_DIGITS;
	*byte = (char)value;
	return true;
}

/* Reads one label up to its dot or the end, and moves *at behind that. */
static int read_label(struct slice text, size_t *at, struct dns_name *name)
{
	char label[DNS_LABEL_MAX];
	size_t len = 0;

	while (*at < text.len) {
		char byte = text.bytes[(*at)++];
		if (byte == '.')
			break;
		if (byte == '\\' && !read_escape(text, at, &byte))
			return -EINVAL;
		if (len == sizeof(label))
			return -ENAMETOOLONG;
		label[len++] = byte;
	}
	if (len == 0)
		return -EINVAL;
	return dns_name_add(name, (struct slice){label, len}) ? 0 : -ENAMETOOLONG;
}

int dns_name_parse(struct slice text, struct dns_name *name)
{
	size_t at = 0;
	int error = text.len > 0 ? 0 : -EINVAL;

	dns_name_init(name);
	if (slice_equal(text, SLICE(".")))
		return 0;
	while (at < text.len && !error)
		error = read_label(text, &at, name);
	return error;
}

static bool is_host_label(struct slice label)
{
	for (size_t i = 0; i < label.len; i++) {
		char byte = label.bytes[i];
		if (!ascii_is_letter(byte) && !ascii_is_digit(byte) && byte != '-' &&
		    (uint8_t)byte < 0x80 && (byte != '_' || i == 0))
			return false;
	}
	return true;
}

int dns_name_parse_host(struct slice text, struct dns_name *name)
{
	struct address address;
	int error = dns_name_parse(text, name);

	if (error)
		return error;
	for (size_t i = 0; i < dns_name_label_count(name); i++)
		if (!is_host_label(dns_name_label(name, i)))
			return -EINVAL;
	return name->len == 0 || address_parse(text, &address) == 0 ? -EINVAL : 0;
}

static void format_label(struct slice label, struct writer *w)
{
	for (size_t i = 0; i < label.len; i++) {
		uint8_t byte = (uint8_t)label.bytes[i];
		if (byte < ' ' || byte == 0x7F) {
			writer_format(w, "\\%03u", byte);
			continue;
		}
		if (byte == '.' || byte == '\\')
			writer_char(w, '\\');
		writer_char(w, (char)byte);
	}
}

void dns_name_format(const struct dns_name *name, struct writer *w)
{
	if (name->len == 0)
		writer_char(w, '.');
	for (size_t at = 0; at < name->len; at += 1u + name->bytes[at]) {
		if (at > 0)
			writer_char(w, '.');
		format_label(
		    (struct slice){(const char *)name->bytes + at + 1, name->bytes[at]}, w);
	}
}

bool dns_name_skip(struct slice message, size_t *at, size_t end)
{
	for (size_t p = *at; p < end;) {
		uint8_t len = (uint8_t)message.bytes[p];
		bool pointer = (len & LABEL_TYPE) == POINTER;
		if (len > DNS_LABEL_MAX && !pointer)
			return false;
		p += pointer ? 2 : 1u + len;
		if (p > end)
			return false;
		if (pointer || len == 0) {
			*at = p;
			return true;
		}
	}
	return false;
}

static bool is_pointer(uint8_t len)
{
	return (len & LABEL_TYPE) == POINTER;
}

static size_t pointer_at(const uint8_t *message, size_t at)
{
	return (size_t)(message[at] & ~LABEL_TYPE) << 8 | message[at + 1];
}

bool dns_name_find(struct slice message, size_t *at, struct dns_name_ref *ref)
{
	const uint8_t *bytes = (const uint8_t *)message.bytes;
	size_t p = *at, part = p; /* where the labels begin that stand together */
	size_t first = p, behind = 0, total = 0;

	for (unsigned pointers = 0; p < message.len;) {
		uint8_t len = bytes[p];
		if (len == 0) {
			*ref = (struct dns_name_ref){bytes, (uint32_t)first, (uint8_t)total};
			*at = behind ? behind : p + 1;
			return true;
		}
		if (is_pointer(len)) {
			if (++pointers > DNS_POINTERS_MAX || message.len - p < 2)
				return false;
			if (!behind)
				behind = p + 2;
			p = pointer_at(bytes, p);
			if (p >= part || p < HEADER_LEN)
				return false;
			part = p;
			if (total == 0)
				first = p;
			continue;
		}
		/* Room for the root behind it, as in dns_name_add. */
		total += 1u + len;
		if (len > DNS_LABEL_MAX || total + 1 > DNS_NAME_MAX)
			return false;
		p += 1u + len;
	}
	return false;
}

/* To the length byte of the next label. */
static const uint8_t *skip_pointers(const uint8_t *message, const uint8_t *label)
{
	while (is_pointer(*label))
		label = message + pointer_at(label, 0);
	return label;
}

/* Most labels are written as they were before, so case is looked at only where bytes differ. */
static bool is_same(const uint8_t *a, const uint8_t *b, size_t len)
{
	size_t at = 0;

	while (len - at >= WORD && memcmp(a + at, b + at, WORD) == 0)
		at += WORD;
	while (at < len && a[at] == b[at])
		at++;
	while (at < len && ascii_lower((char)a[at]) == ascii_lower((char)b[at]))
		at++;
	return at == len;
}

void dns_name_expand(const struct dns_name_ref *ref, struct dns_name *name)
{
	const uint8_t *label = ref->message + ref->at;

	for (name->len = 0; name->len < ref->len;) {
		label = skip_pointers(ref->message, label);
		memcpy(name->bytes + name->len, label, 1u + *label);
		name->len = (uint8_t)(name->len + 1u + *label);
		label += 1u + *label;
	}
}

bool dns_name_refs_match(const struct dns_name_ref *a, const struct dns_name_ref *b)
{
	const uint8_t *first = a->message + a->at, *second = b->message + b->at;

	for (size_t left = a->len, n; left > 0; left -= n) {
		first = skip_pointers(a->message, first);
		second = skip_pointers(b->message, second);
		n = 1u + *first;
		if (first == second) /* the rest stands in one place */
			return true;
		if (!is_same(first, second, n))
			return false;
		first += n;
		second += n;
	}
	return true;
}

struct dns_name_ref dns_name_ref_parent(const struct dns_name_ref *ref)
{
	const uint8_t *label = skip_pointers(ref->message, ref->message + ref->at);

	if (ref->len == 0)
		return *ref;
	const uint8_t *next = label + 1 + *label;
	uint8_t len = (uint8_t)(ref->len - 1 - *label);
	if (len > 0)
		next = skip_pointers(ref->message, next);
	return (struct dns_name_ref){ref->message, (uint32_t)(next - ref->message), len};
}

bool dns_name_ref_matches(
    const struct dns_name_ref *ref, struct slice label, const struct dns_name *parent)
{
	const uint8_t *first = skip_pointers(ref->message, ref->message + ref->at);
	struct dns_name_ref rest;

	if (*first != label.len || !is_same(first + 1, (const uint8_t *)label.bytes, label.len))
		return false;
	rest = dns_name_ref_parent(ref);
	return dns_name_ref_is(&rest, parent);
}
