/* SPDX-License-Identifier: ISC
 * published_ids: see published_ids.h. Names and ids are escaped as in topics, so blanks and line
 * ends divide. A line of an item is "ID", "ID t" (Home Assistant has it) or "ID t SECONDS"
 * (it has gone then). */
#include "mqtt/published_ids.h"

#include <errno.h>
#include <stdlib.h>

#include "mqtt/topic.h"

#define TITLE "discoverd-mqtt 1\n"

enum { LINE_MAX_BYTES = 8192 };

static void write_line(struct json_writer *w, const struct writer *line)
{
	if (!writer_error(line))
		json_writer_bytes(w, writer_result(line));
}

static void write_item(void *context, struct outgoing_item *item)
{
	char buffer[LINE_MAX_BYTES];
	struct writer line;

	if (!item->published)
		return;
	writer_init(&line, buffer, sizeof(buffer));
	topic_write_level(&line, slice_of(item->id));
	if (item->tracked)
		writer_text(&line, " t");
	if (item->tracked && item->gone_since)
		writer_format(&line, " %lld", (long long)item->gone_since);
	writer_char(&line, '\n');
	write_line(context, &line);
}

void published_ids_write(struct json_writer *w, const struct published_ids *published_ids,
    const struct outgoing *outgoing)
{
	char buffer[LINE_MAX_BYTES];
	struct writer line;

	writer_init(&line, buffer, sizeof(buffer));
	writer_text(&line, TITLE);
	topic_write_level(&line, slice_of(published_ids->site));
	writer_char(&line, ' ');
	topic_write_level(&line, slice_of(published_ids->board));
	if (published_ids->prefix) {
		writer_char(&line, ' ');
		topic_write_level(&line, slice_of(published_ids->prefix));
	}
	writer_char(&line, '\n');
	w->failed = w->failed || writer_error(&line);
	write_line(w, &line);
	outgoing_each(outgoing, write_item, w);
}

/* The text that a level stands for, on the heap; NULL: none, too long, with a NUL, or no memory. */
static char *plain(struct slice level)
{
	char buffer[LINE_MAX_BYTES];
	struct writer w;

	writer_init(&w, buffer, sizeof(buffer));
	topic_read_level(&w, level);
	struct slice text = writer_result(&w);
	if (writer_error(&w) || !text.len || slice_find(text, '\0') < text.len)
		return NULL;
	return slice_dup(text);
}

static bool is_level(struct slice level, const char *text)
{
	char *read = plain(level);
	bool equal = read && slice_equal(slice_of(read), slice_of(text));

	free(read);
	return equal;
}

static int read_place(struct slice line, const struct published_ids *published_ids, char **prefix)
{
	struct slice site, board;

	if (!slice_cut(&line, ' ', &site) || !slice_cut(&line, ' ', &board))
		return -EBADMSG;
	if (!is_level(site, published_ids->site) || !is_level(board, published_ids->board))
		return -EXDEV;
	*prefix = plain(line);
	return 0;
}

static int read_item(struct slice line, struct outgoing *outgoing)
{
	struct slice id, mark = SLICE_NONE;
	uint64_t since = 0;

	slice_cut(&line, ' ', &id);
	slice_cut(&line, ' ', &mark);
	if ((mark.bytes && !slice_equal(mark, SLICE("t"))) ||
	    (line.bytes && slice_to_u64(line, INT64_MAX, &since)))
		return -EBADMSG;
	char *text = plain(id);
	int error = text ? outgoing_expect(outgoing, text, mark.bytes, (int64_t)since) : -EBADMSG;
	free(text);
	return error;
}

int published_ids_read(struct slice text, const struct published_ids *published_ids,
    struct outgoing *outgoing, char **prefix)
{
	struct slice rest = slice_skip(text, SLICE(TITLE).len), line;
	int error = 0;

	*prefix = NULL;
	if (!slice_starts_with(text, SLICE(TITLE)) || !slice_cut(&rest, '\n', &line))
		return -EBADMSG;
	error = read_place(line, published_ids, prefix);
	/* What follows the last line end is nothing, or was cut off. */
	while (!error && slice_find(rest, '\n') < rest.len && slice_cut(&rest, '\n', &line))
		error = read_item(line, outgoing);
	if (!error && rest.len)
		error = -EBADMSG;
	return error;
}
