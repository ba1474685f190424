/* SPDX-License-Identifier: ISC
 * output: see output.h. */
#include "discoverctl/output.h"
#include "base/text.h"
#include "client/field.h"
#include "discoverctl/exit_status.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

void output_init(struct output *output, FILE *stream, const struct column_set *set, int64_t now)
{
	int fd = fileno(stream); /* -1 of a stream in memory */
	struct winsize size;

	*output = (struct output){.stream = stream, .set = set, .view.now = now};
	if (fd >= 0 && isatty(fd) && ioctl(fd, TIOCGWINSZ, &size) == 0)
		output->terminal = size.ws_col;
}

void output_fini(struct output *output)
{
	if (output->kept)
		fclose(output->kept);
	output->kept = NULL;
	rows_fini(&output->rows);
	for (size_t i = 0; i < output->title_count; i++)
		free(output->titles[i].text);
	free(output->titles);
	output->titles = NULL;
	output->title_count = 0;
}

bool output_is_table(const struct output *output)
{
	return output->format->is_table;
}

bool output_is_json(const struct output *output)
{
	return output->format->is_json;
}

void output_begin(struct output *output, bool streamed)
{
	output->streamed = streamed;
	if (output->format->begin)
		output->format->begin(output);
}

static void separate(struct output *output)
{
	if (output->format->separate)
		output->format->separate(output);
}

void output_record(struct output *output, struct json_object *record)
{
	separate(output);
	if (output->format->record)
		output->format->record(output, record);
	output->records++;
}

static ssize_t keep_bytes(void *rows, const char *bytes, size_t len)
{
	rows_put(rows, (struct slice){bytes, len});
	return (ssize_t)len;
}

static bool open_kept(struct output *output)
{
	if (!output->kept)
		output->kept =
		    fopencookie(&output->rows, "w", (cookie_io_functions_t){.write = keep_bytes});
	return output->kept;
}

/* What a format prints is kept as it is; a table keeps its rows by itself. */
void output_keep(struct output *output, const struct sort_order *order, struct json_object *record)
{
	char buffer[SORT_KEYS_MAX];
	FILE *stream = output->stream;

	output->keys = sort_keys(order, record, buffer);
	if (output_is_table(output)) {
		output->format->record(output, record);
	} else if (open_kept(output)) {
		rows_begin(&output->rows, output->keys);
		output->stream = output->kept;
		output->format->record(output, record);
		fflush(output->kept);
		rows_end(&output->rows);
	}
	output->stream = stream;
	output->keys = SLICE_NONE;
}

void output_release(struct output *output, const struct sort_order *order)
{
	rows_sort(&output->rows, order);
	if (output_is_table(output)) {
		output->records += output->rows.count;
		return;
	}
	for (size_t i = 0; i < output->rows.count; i++) {
		struct slice text = row_text(&output->rows.rows[i]);
		separate(output);
		fwrite(text.bytes, 1, text.len, output->stream);
		output->records++;
	}
	rows_fini(&output->rows);
}

void output_end(struct output *output)
{
	if (output->format->end)
		output->format->end(output);
}

void output_prepend(struct output *output, const struct column_set *set)
{
	int count = 0;
	while (count < PREPENDED_MAX && set->columns[count].name)
		count++;
	memmove(output->chosen + count, output->chosen,
	    (size_t)output->chosen_count * sizeof(output->chosen[0]));
	for (int i = 0; i < count; i++)
		output->chosen[i] = (struct chosen_column){&set->columns[i], NULL, false};
	output->chosen_count += count;
}

void output_group(struct output *output, struct slice title)
{
	size_t size = (output->title_count + 1) * sizeof(*output->titles);
	struct output_title *titles = realloc(output->titles, size);
	if (!titles)
		return;
	output->titles = titles;
	titles[output->title_count++] = (struct output_title){output->rows.count, slice_dup(title)};
}

void output_one(struct output *output, struct json_object *object,
    void (*layout)(struct output *, struct json_object *))
{
	if (output_is_table(output) && !output->columns_given)
		layout(output, object);
	else
		output->format->one(output, object);
}

int output_flush(struct output *output)
{
	errno = 0;
	if (fflush(output->stream) == 0 && !ferror(output->stream))
		return STATUS_DONE;
	if (errno == EPIPE)
		return STATUS_UNREAD;
	fprintf(stderr, "discoverctl: cannot write: %s\n", strerror(errno ? errno : EIO));
	return STATUS_FAILED;
}

void output_spread(struct output *output, struct json_object *record,
    void (*row)(struct output *, struct json_object *))
{
	const char *spread = output->set->spread;
	size_t entries = spread ? field_length(field_get(record, spread)) : 1;
	output->view.entry = 0;
	do
		row(output, record);
	while (++output->view.entry < entries);
}

struct slice output_cell(const struct output *output, const struct chosen_column *chosen,
    struct json_object *record, char buffer[OUTPUT_CELL_MAX])
{
	char raw[OUTPUT_CELL_MAX / 4]; /* \xHH takes four times as much */
	struct writer in, out;
	writer_init(&in, raw, sizeof(raw));
	writer_init(&out, buffer, OUTPUT_CELL_MAX);
	column_write(chosen, record, &output->view, &in);
	text_escape(writer_result(&in), &out);
	return writer_result(&out);
}

const char *output_bold(const struct output *output)
{
	return output->color ? "\033[1m" : "";
}

const char *output_plain(const struct output *output)
{
	return output->color ? "\033[0m" : "";
}
