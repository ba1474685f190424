/* SPDX-License-Identifier: ISC
 * output: see output.h. */
#include "discoverctl/output.h"
#include "base/array.h"
#include "base/text.h"
#include "discoverctl/exit_status.h"
#include "discoverctl/field.h"
#include "discoverctl/formats.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const struct format *const FORMATS[] = {
    &FORMAT_TABLE, &FORMAT_JSON, &FORMAT_JSONL, &FORMAT_KV, &FORMAT_CSV, &FORMAT_DOT};
enum { FORMAT_COUNT = COUNT_OF(FORMATS) };

static int choose_format(struct output *output, const char *name)
{
	for (size_t i = 0; i < FORMAT_COUNT; i++)
		if (!name || !strcmp(FORMATS[i]->name, name)) {
			output->format = FORMATS[i];
			return 0;
		}
	fprintf(stderr,
	    "discoverctl: \"%s\" is no format: table, json, jsonl, kv or csv; map has dot too\n",
	    name);
	return STATUS_USAGE;
}

/* no-color.org: any value but the empty one. */
static bool wants_color(void)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	return !(no_color && *no_color) && term && strcmp(term, "dumb");
}

static int choose_color(struct output *output, const char *when, bool terminal)
{
	if (!when || !strcmp(when, "auto"))
		output->color = terminal && wants_color();
	else if (!strcmp(when, "always"))
		output->color = true;
	else if (strcmp(when, "never")) {
		fprintf(
		    stderr, "discoverctl: --color is auto, always or never, not \"%s\"\n", when);
		return STATUS_USAGE;
	}
	return 0;
}

static int choose_columns(struct output *output, const char *names)
{
	struct slice offending = SLICE_NONE;
	bool json = output->format == &FORMAT_JSON || output->format == &FORMAT_JSONL;

	if (!output->set)
		return 0;
	if (names && json) {
		fputs("discoverctl: --columns goes with table, kv and csv; json always has "
		      "everything\n",
		    stderr);
		return STATUS_USAGE;
	}
	output->columns_given = names;
	if (!names)
		names = output_is_table(output) ? output->set->standard : "all";
	output->chosen_count = columns_choose(output->set, names, output->chosen, &offending);
	if (output->chosen_count >= 0)
		return 0;
	output->chosen_count = 0;
	fprintf(stderr, "discoverctl: no column \"%.*s\"; there are: ", SLICE_ARGS(offending));
	columns_print_names(stderr, output->set);
	return STATUS_USAGE;
}

int output_init(struct output *output, FILE *stream, const struct command_options *options,
    const struct column_set *set, int64_t now)
{
	int fd = fileno(stream); /* -1 of a stream in memory */
	bool terminal = fd >= 0 && isatty(fd);
	struct winsize size;

	*output = (struct output){
	    .stream = stream, .set = set, .legend = !options->no_legend, .view.now = now};
	if (terminal && ioctl(fd, TIOCGWINSZ, &size) == 0)
		output->terminal = size.ws_col;
	int status = choose_format(output, options->format);
	if (!status)
		status = choose_color(output, options->color, terminal);
	if (!status)
		status = choose_columns(output, options->columns);
	output->view.brief = output_is_table(output);
	return status;
}

void output_fini(struct output *output)
{
	for (size_t i = 0; i < output->cell_count; i++)
		free(output->cells[i]);
	free(output->cells);
	for (size_t i = 0; i < output->title_count; i++)
		free(output->titles[i].text);
	free(output->titles);
	output->titles = NULL;
	output->title_count = 0;
	output->cells = NULL;
	output->cell_count = output->cell_capacity = 0;
}

bool output_is_table(const struct output *output)
{
	return output->format == &FORMAT_TABLE;
}

void output_begin(struct output *output, bool streamed)
{
	output->streamed = streamed;
	output->format->begin(output);
}

void output_record(struct output *output, struct json_object *record)
{
	output->format->record(output, record);
	output->records++;
}

void output_end(struct output *output)
{
	output->format->end(output);
}

void output_prepend(struct output *output, const struct column_set *set, const char *key)
{
	int count = 0;
	while (count < PREPENDED_MAX && set->columns[count].name)
		count++;
	memmove(output->chosen + count, output->chosen,
	    (size_t)output->chosen_count * sizeof(output->chosen[0]));
	for (int i = 0; i < count; i++)
		output->chosen[i] = (struct chosen_column){&set->columns[i], key};
	output->chosen_count += count;
}

void output_group(struct output *output, struct slice title)
{
	size_t size = (output->title_count + 1) * sizeof(*output->titles);
	struct output_title *titles = realloc(output->titles, size);
	if (!titles)
		return;
	output->titles = titles;
	titles[output->title_count++] = (struct output_title){output->cell_count, slice_dup(title)};
}

void output_one(struct output *output, struct json_object *object,
    void (*layout)(struct output *, struct json_object *))
{
	if (output->format->one && !(output_is_table(output) && !output->columns_given))
		output->format->one(output, object);
	else
		layout(output, object);
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

void output_escaped(FILE *stream, struct slice text)
{
	char buffer[1024];
	while (text.len) {
		/* in portions that fit, whole characters each */
		struct writer w;
		size_t taken = 0;
		writer_init(&w, buffer, sizeof(buffer));
		while (taken < text.len && taken < sizeof(buffer) / 4 - 4) {
			int32_t code_point;
			taken += text_decode(slice_skip(text, taken), &code_point);
		}
		text_escape(slice_head(text, taken), &w);
		fwrite(w.buffer, 1, w.len, stream);
		text = slice_skip(text, taken);
	}
}

const char *output_bold(const struct output *output)
{
	return output->color ? "\033[1m" : "";
}

const char *output_plain(const struct output *output)
{
	return output->color ? "\033[0m" : "";
}
