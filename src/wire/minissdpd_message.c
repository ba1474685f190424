/* SPDX-License-Identifier: ISC
 * minissdpd_message: requests, entries and notices of minissdpd's local socket, as bytes. */
#include "wire/minissdpd_message.h"
#include "base/ascii.h"
#include <errno.h>

/* Takes a length off the head. Longer forms than needed are read, too: leading zeros are harmless,
 * and there is no room for many. */
static int take_length(struct slice *rest, size_t *len)
{
	size_t value = 0;

	for (size_t i = 0; i < rest->len; i++) {
		unsigned char byte = (unsigned char)rest->bytes[i];

		value = value << 7 | (byte & 0x7f);
		if (value > MINISSDPD_STRING_MAX)
			return -EMSGSIZE;
		if (!(byte & 0x80)) {
			*rest = slice_skip(*rest, i + 1);
			*len = value;
			return 0;
		}
		/* no program writes more than 28 bits */
		if (i == 3)
			return -EMSGSIZE;
	}
	return -EAGAIN;
}

static int take_string(struct slice *rest, struct slice *text)
{
	size_t len = 0;
	int error = take_length(rest, &len);

	if (error)
		return error;
	if (len > rest->len)
		return -EAGAIN;
	*text = slice_head(*rest, len);
	*rest = slice_skip(*rest, len);
	return 0;
}

static bool may_be_empty(uint8_t type)
{
	return type != MINISSDPD_BY_TYPE && type != MINISSDPD_BY_USN && type != MINISSDPD_SUBMIT;
}

int minissdpd_request_parse(struct slice bytes, struct minissdpd_request *request, size_t *len)
{
	struct slice rest = slice_skip(bytes, 1);
	struct submission *submission = &request->submission;
	struct slice *others[] = {&submission->usn, &submission->server, &submission->location};
	int error;

	if (bytes.len == 0)
		return -EAGAIN;
	*request = (struct minissdpd_request){.type = (uint8_t)bytes.bytes[0]};
	error = take_string(&rest, &request->text);
	if (error)
		return error;
	if (request->text.len == 0 && !may_be_empty(request->type))
		return -EBADMSG;
	if (request->type == MINISSDPD_SUBMIT) {
		submission->st = request->text;
		for (size_t i = 0; i < sizeof(others) / sizeof(others[0]) && !error; i++)
			error = take_string(&rest, others[i]);
	}
	*len = bytes.len - rest.len;
	return error;
}

static size_t length_size(size_t len)
{
	size_t size = 1;

	while (len >>= 7)
		size++;
	return size;
}

void minissdpd_string_format(struct slice text, struct writer *w)
{
	for (size_t i = length_size(text.len); i-- > 0;)
		writer_char(w, (char)((text.len >> 7 * i & 0x7f) | (i ? 0x80 : 0)));
	writer_slice(w, text);
}

void minissdpd_entry_format(const struct minissdpd_entry *entry, struct writer *w)
{
	minissdpd_string_format(entry->location, w);
	minissdpd_string_format(entry->st, w);
	minissdpd_string_format(entry->usn, w);
}

size_t minissdpd_entry_size(const struct minissdpd_entry *entry)
{
	return length_size(entry->location.len) + entry->location.len + length_size(entry->st.len) +
	       entry->st.len + length_size(entry->usn.len) + entry->usn.len;
}

void minissdpd_notice_format(
    enum minissdpd_kind kind, const struct minissdpd_entry *entry, struct writer *w)
{
	writer_char(w, '\xff');
	writer_char(w, (char)kind);
	writer_char(w, 1);
	minissdpd_entry_format(entry, w);
}

struct slice minissdpd_type_base(struct slice type)
{
	while (type.len > 0 && ascii_is_digit(type.bytes[type.len - 1]))
		type.len--;
	return type;
}
