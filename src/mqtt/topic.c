/* SPDX-License-Identifier: ISC
 * topic: see topic.h. */
#include "mqtt/topic.h"

#include "base/array.h"
#include "base/percent.h"

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
	percent_encode(text, stands_for_itself, w);
}

void topic_read_level(struct writer *w, struct slice level)
{
	percent_decode(level, w);
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
