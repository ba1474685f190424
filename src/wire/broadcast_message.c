/* SPDX-License-Identifier: ISC
 * broadcast_message: the three plain lines, and the header block of the extended form. */
#include "wire/broadcast_message.h"
#include "base/array.h"
#include "wire/header_field.h"
#include <errno.h>
#include <string.h>

#define ASK_WORD SLICE("DISCOVER")

/* How each kind's line looks around the name. */
static const struct {
	struct slice before, after;
} LINES[] = {
    [BROADCAST_ASK] = {SLICE("DISCOVER from "), SLICE("")},
    [BROADCAST_ANSWER] = {SLICE("Hello from "), SLICE("!")},
    [BROADCAST_BYE] = {SLICE("BYE from "), SLICE("")},
};
enum { LINE_COUNT = COUNT_OF(LINES) };

static void read_max_age(struct slice value, void *member)
{
	cache_control_max_age(value, member); /* a broken one leaves 0 */
}

static void write_max_age(struct slice name, const void *member, struct writer *w)
{
	uint32_t seconds = *(const uint32_t *)member;

	if (seconds > 0) {
		writer_slice(w, name);
		writer_text(w, ": max-age=");
		writer_u64(w, seconds);
		writer_text(w, "\r\n");
	}
}

static void read_boot_id(struct slice value, void *member)
{
	struct broadcast_message *message = member;
	uint64_t number = 0;

	message->has_boot_id = slice_to_u64(value, UINT32_MAX, &number) == 0;
	message->boot_id = (uint32_t)number;
}

static void write_boot_id(struct slice name, const void *member, struct writer *w)
{
	const struct broadcast_message *message = member;

	if (message->has_boot_id) {
		writer_slice(w, name);
		writer_text(w, ": ");
		writer_u64(w, message->boot_id);
		writer_text(w, "\r\n");
	}
}

static void read_pad(struct slice value, void *member)
{
	*(size_t *)member = value.len;
}

static void write_pad(struct slice name, const void *member, struct writer *w)
{
	size_t left = *(const size_t *)member;

	if (left == 0)
		return;
	if (left > BROADCAST_PAD_MAX)
		left = BROADCAST_PAD_MAX;
	writer_slice(w, name);
	writer_text(w, ": ");
	while (left-- > 0)
		writer_char(w, '.');
	writer_text(w, "\r\n");
}

#define ALL                                                                                        \
	(HEADER_KIND(BROADCAST_ASK) | HEADER_KIND(BROADCAST_ANSWER) | HEADER_KIND(BROADCAST_BYE))

#define MEMBER(name) offsetof(struct broadcast_message, name)
#define TEXT(name)   MEMBER(name), header_field_read_text, header_field_write_text

static const struct header_field FIELDS[] = {
    {SLICE("USN"), ALL, TEXT(usn)},
    {SLICE("CACHE-CONTROL"), ALL, MEMBER(max_age), read_max_age, write_max_age},
    {SLICE("BOOTID.UPNP.ORG"), ALL, 0, read_boot_id, write_boot_id},
    {SLICE("SERVER"), ALL | HEADER_CUT, TEXT(server)},
    {SLICE("NT"), ALL, TEXT(type)},
    {SLICE("LOCATION"), ALL, TEXT(location)},
    {SLICE("INSTANCE.DISCOVERD.IO"), ALL, TEXT(instance)},
    {SLICE("KNOWN.DISCOVERD.IO"), HEADER_KIND(BROADCAST_ASK), TEXT(known)},
    {SLICE("PAD"), ALL, MEMBER(pad), read_pad, write_pad},
};
enum { FIELD_COUNT = COUNT_OF(FIELDS) };

/* What follows the first `word`, or SLICE_NONE. */
static struct slice after_word(struct slice s, struct slice word)
{
	const char *found = s.len ? memmem(s.bytes, s.len, word.bytes, word.len) : NULL;

	return found ? slice_skip(s, (size_t)(found - s.bytes) + word.len) : SLICE_NONE;
}

static struct slice without_end(struct slice s, struct slice end)
{
	return slice_ends_with(s, end) ? slice_head(s, s.len - end.len) : s;
}

/* Kind and name from the first line that tells; *rest becomes what follows it. */
static int parse_line(struct slice *rest, struct broadcast_message *message)
{
	struct slice line = SLICE_NONE;
	unsigned kind = BROADCAST_ANSWER;

	while (kind < LINE_COUNT && !slice_starts_with(*rest, LINES[kind].before))
		kind++;
	if (kind == LINE_COUNT) {
		kind = BROADCAST_ASK;
		*rest = after_word(*rest, ASK_WORD);
		if (!rest->bytes)
			return -ENOMSG;
	} else {
		*rest = slice_skip(*rest, LINES[kind].before.len);
	}
	header_line(rest, &line);
	if (line.len > HEADER_LINE_MAX)
		return -EMSGSIZE;
	if (kind == BROADCAST_ASK)
		line = after_word(line, SLICE("from "));
	message->kind = (enum broadcast_kind)kind;
	message->name = header_trim(without_end(header_trim(line), LINES[kind].after));
	return 0;
}

/* Without a USN that can be used the message is what its first line says. */
static void parse_block(struct slice block, struct broadcast_message *message)
{
	struct broadcast_message extended = *message;
	int error = header_fields_read(
	    FIELDS, FIELD_COUNT, message->kind, block, &extended, &extended.surplus);

	if (extended.type.len > BROADCAST_FIELD_MAX) {
		extended.type = SLICE_NONE;
		extended.surplus++;
	}
	if (extended.usn.len > BROADCAST_FIELD_MAX)
		message->surplus = extended.surplus + 1;
	else if (!error && extended.usn.len > 0) {
		*message = extended;
		message->extended = true;
	}
}

int broadcast_parse(struct slice datagram, struct broadcast_message *message)
{
	struct slice rest = header_without_final_nuls(datagram);

	*message = (struct broadcast_message){0};
	if (datagram.len > BROADCAST_DATAGRAM_MAX)
		return -EMSGSIZE;
	int error = parse_line(&rest, message);
	if (!error)
		parse_block(rest, message);
	return error;
}

void broadcast_format(const struct broadcast_message *message, struct writer *w)
{
	writer_slice(w, LINES[message->kind].before);
	header_write_value(w, message->name);
	writer_slice(w, LINES[message->kind].after);
	if (message->extended) {
		writer_text(w, "\r\n");
		header_fields_write(FIELDS, FIELD_COUNT, message->kind, message, w);
	}
}
