/* SPDX-License-Identifier: ISC
 * ledger: see ledger.h. Names and ids are escaped as in topics, so blanks and line ends divide. A
 * line of an item is "ID", "ID t" (Home Assistant was told of it) or "ID t SECONDS" (it has gone
 * then). */
#include "mqtt/ledger.h"

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

static void write_item(void *context, struct shelf_item *item)
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

void ledger_write(struct json_writer *w, const struct ledger *ledger, const struct shelf *shelf)
{
	char buffer[LINE_MAX_BYTES];
	struct writer line;

	writer_init(&line, buffer, sizeof(buffer));
	writer_text(&line, TITLE);
	topic_write_level(&line, slice_of(ledger->site));
	writer_char(&line, ' ');
	topic_write_level(&line, slice_of(ledger->board));
	if (ledger->prefix) {
		writer_char(&line, ' ');
		topic_write_level(&line, slice_of(ledger->prefix));
	}
	writer_char(&line, '\n');
	w->failed = w->failed || writer_error(&line);
	write_line(w, &line);
	shelf_each(shelf, write_item, w);
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

static int read_place(struct slice line, const struct ledger *ledger, char **prefix)
{
	struct slice site, board;

	if (!slice_cut(&line, ' ', &site) || !slice_cut(&line, ' ', &board))
		return -EBADMSG;
	if (!is_level(site, ledger->site) || !is_level(board, ledger->board))
		return -EXDEV;
	*prefix = plain(line);
	return 0;
}

static int read_item(struct slice line, struct shelf *shelf)
{
	struct slice id, mark = SLICE_NONE;
	uint64_t since = 0;

	slice_cut(&line, ' ', &id);
	slice_cut(&line, ' ', &mark);
	if ((mark.bytes && !slice_equal(mark, SLICE("t"))) ||
	    (line.bytes && slice_to_u64(line, INT64_MAX, &since)))
		return -EBADMSG;
	char *text = plain(id);
	int error = text ? shelf_expect(shelf, text, mark.bytes, (int64_t)since) : -EBADMSG;
	free(text);
	return error;
}

int ledger_read(struct slice text, const struct ledger *ledger, struct shelf *shelf, char **prefix)
{
	struct slice rest = slice_skip(text, SLICE(TITLE).len), line;
	int error = 0;

	*prefix = NULL;
	if (!slice_starts_with(text, SLICE(TITLE)) || !slice_cut(&rest, '\n', &line))
		return -EBADMSG;
	error = read_place(line, ledger, prefix);
	/* What follows the last line end is nothing, or was cut off. */
	while (!error && slice_find(rest, '\n') < rest.len && slice_cut(&rest, '\n', &line))
		error = read_item(line, shelf);
	if (!error && rest.len)
		error = -EBADMSG;
	return error;
}
