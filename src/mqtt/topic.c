/* SPDX-License-Identifier: ISC
 * topic: see topic.h. */
#include "mqtt/topic.h"

#include "base/array.h"
#include "base/ascii.h"

static const char *const KINDS[] = {
    [TOPIC_STATE] = "state",
    [TOPIC_INFO] = "info",
    [TOPIC_DEVICE] = "device",
    [TOPIC_EVENT] = "event",
};

static bool stands_for_itself(char c)
{
	return c > ' ' && c <= '~' && c != '%' && c != '/' && c != '+' && c != '#';
}

void topic_write_level(struct writer *w, struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (stands_for_itself(text.bytes[i]))
			writer_char(w, text.bytes[i]);
		else
			writer_format(w, "%%%02X", (unsigned char)text.bytes[i]);
	}
}

static unsigned digit(char c)
{
	return (unsigned)(ascii_is_digit(c) ? c - '0' : ascii_lower(c) - 'a' + 10);
}

void topic_read_level(struct writer *w, struct slice level)
{
	for (size_t i = 0; i < level.len; i++) {
		const char *at = level.bytes + i;
		if (*at == '%' && level.len - i > 2 && ascii_is_hex(at[1]) && ascii_is_hex(at[2])) {
			writer_char(w, (char)(digit(at[1]) << 4 | digit(at[2])));
			i += 2;
		} else {
			writer_char(w, *at);
		}
	}
}

void topic_write(
    struct writer *w, struct slice site, struct slice board, enum topic_kind kind, struct slice id)
{
	writer_text(w, TOPIC_ROOT "/");
	topic_write_level(w, site);
	writer_char(w, '/');
	topic_write_level(w, board);
	writer_char(w, '/');
	writer_text(w, KINDS[kind]);
	if (kind != TOPIC_DEVICE)
		return;
	writer_char(w, '/');
	topic_write_level(w, id);
}

bool topic_read(struct slice text, struct topic *topic)
{
	const struct slice root = SLICE(TOPIC_ROOT "/");
	struct slice rest = slice_skip(text, root.len), kind;

	*topic = (struct topic){.id = SLICE_NONE};
	if (!slice_starts_with(text, root) || !slice_cut(&rest, '/', &topic->site) ||
	    !slice_cut(&rest, '/', &topic->board) || !slice_cut(&rest, '/', &kind))
		return false;
	if (!topic->site.len || !topic->board.len)
		return false;
	for (size_t i = 0; i < COUNT_OF(KINDS); i++) {
		if (!slice_equal(kind, slice_of(KINDS[i])))
			continue;
		topic->kind = (enum topic_kind)i;
		if (i == TOPIC_DEVICE)
			topic->id = rest;
		return i == TOPIC_DEVICE ? rest.len && slice_find(rest, '/') == rest.len
					 : !rest.bytes;
	}
	return false;
}
