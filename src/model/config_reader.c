/* SPDX-License-Identifier: ISC
 * config_reader: reads files of key and value in sections; inih splits the lines, and here is seen
 * to it that nothing is lost on the way. inih cuts long lines, joins indented ones to the line
 * above and drops what follows " ;" or "]"; how much of that depends on how it was built. So it is
 * handed line by line only what it cannot misread, and the rest is a mistake that names its line.
 */
#include "model/config_reader.h"
#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { NEAR = 2, WORD_MAX = 31 };

struct config_reader {
	const struct config_target *target;
	const char *file;
	struct slice rest; /* what inih has not been given */
	unsigned line;     /* number of the line it was given last */
	bool is_pair;      /* that line must come back as a key and a value */
	bool skip;         /* within a section that nobody knows */
	bool is_open;      /* a section has begun and not ended */
	unsigned mistakes;
	int result; /* -ENOMEM */
	config_error_fn *error;
	void *context;
};

static void __attribute__((format(printf, 3, 0)))
report_at(struct config_reader *p, unsigned line, const char *format, va_list args)
{
	char what[512];

	vsnprintf(what, sizeof(what), format, args);
	p->mistakes++;
	p->error(p->context, p->file, line, what);
}

void config_reader_report(struct config_reader *p, unsigned line, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report_at(p, line, format, args);
	va_end(args);
}

__attribute__((format(printf, 2, 3))) static void report(
    struct config_reader *p, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report_at(p, p->line, format, args);
	va_end(args);
}

unsigned config_reader_line(const struct config_reader *reader)
{
	return reader->line;
}

unsigned config_reader_mistakes(const struct config_reader *reader)
{
	return reader->mistakes;
}

/* The row of this number, counted through all of the target's; NULL behind the last one. */
static const struct config_option *row_at(const struct config_target *target, size_t i)
{
	for (size_t k = 0; k < target->rows_count; k++) {
		if (i < target->rows[k].count)
			return &target->rows[k].rows[i];
		i -= target->rows[k].count;
	}
	return NULL;
}

/* Levenshtein's distance without regard to case; more than NEAR for words that are too long. */
static size_t distance(struct slice a, struct slice b)
{
	size_t row[WORD_MAX + 1];

	if (a.len > WORD_MAX || b.len > WORD_MAX)
		return NEAR + 1;
	for (size_t j = 0; j <= b.len; j++)
		row[j] = j;
	for (size_t i = 0; i < a.len; i++) {
		size_t diagonal = row[0];
		row[0] = i + 1;
		for (size_t j = 0; j < b.len; j++) {
			size_t above = row[j + 1], least = above < row[j] ? above : row[j];
			bool same = slice_equal_nocase(
			    slice_head(slice_skip(a, i), 1), slice_head(slice_skip(b, j), 1));
			row[j + 1] = same ? diagonal : 1 + (least < diagonal ? least : diagonal);
			diagonal = above;
		}
	}
	return row[b.len];
}

/* The row that was most likely meant, or NULL. With `key` absent only sections are compared,
 * otherwise a key in another section is a little further away. */
static const struct config_option *nearest(
    const struct config_target *target, struct slice section, struct slice key)
{
	const struct config_option *row, *best = NULL;
	size_t least = NEAR + 1;

	for (size_t i = 0; (row = row_at(target, i)); i++) {
		size_t far = key.bytes ? distance(key, slice_of(row->key)) +
					     !slice_equal(section, slice_of(row->section))
				       : distance(section, slice_of(row->section));
		if (far < least) {
			least = far;
			best = row;
		}
	}
	return best;
}

static bool is_section(const struct config_target *target, struct slice name)
{
	const struct config_option *row;

	for (size_t i = 0; (row = row_at(target, i)); i++)
		if (slice_equal(name, slice_of(row->section)))
			return true;
	return false;
}

/* True when the line may go to inih. Unless the section is known its keys are passed over: one
 * mistake, one message. */
static bool begin_section(struct config_reader *p, struct slice line)
{
	struct slice name = slice_head(slice_skip(line, 1), slice_find(line, ']') - 1);

	if (name.len + 2 != line.len) {
		report(p, "a section is written [Name] on a line of its own");
		return false;
	}
	if (!is_section(p->target, name)) {
		const struct config_option *meant = nearest(p->target, name, SLICE_NONE);
		report(p, "unknown section [%.*s]; %s%s%s", SLICE_ARGS(name),
		    meant ? "did you mean [" : p->target->manual,
		    meant ? meant->section : " lists them", meant ? "]?" : "");
		return false;
	}
	p->is_open = !p->target->begin || p->target->begin(p->target->context, p, name);
	p->skip = !p->is_open;
	return true;
}

static void end_section(struct config_reader *p)
{
	if (p->is_open && p->target->end)
		p->target->end(p->target->context, p);
	p->is_open = false;
}

static bool has_control(struct slice line)
{
	for (size_t i = 0; i < line.len; i++)
		if (((unsigned char)line.bytes[i] < ' ' && line.bytes[i] != '\t') ||
		    line.bytes[i] == 0x7f)
			return true;
	return false;
}

/* inih may take what follows a blank and a semicolon for a comment. */
static bool has_trailing_comment(struct slice line)
{
	for (size_t i = 1; i < line.len; i++)
		if (line.bytes[i] == ';' && (line.bytes[i - 1] == ' ' || line.bytes[i - 1] == '\t'))
			return true;
	return false;
}

/* True when inih, which reads lines into `room` bytes, reads this one as it is meant. */
static bool is_readable(struct config_reader *p, struct slice line, size_t room)
{
	if (line.len == 0 || line.bytes[0] == '#' || line.bytes[0] == ';')
		return false;
	/* Unless its section is known a key is passed over: one mistake, one message. */
	bool heads = line.bytes[0] == '[';
	if (heads) {
		end_section(p);
		p->skip = true;
	}
	if (has_control(line))
		report(p, "a control character; remove it");
	else if (line.len + 2 > room)
		report(p, "longer than the %zu bytes that a line may have; shorten it", room - 2);
	else if (has_trailing_comment(line))
		report(p,
		    "a comment must stand on a line of its own, and no value may contain \" ;\"");
	else
		return !heads || begin_section(p, line);
	return false;
}

static void check_pair(struct config_reader *p)
{
	if (p->is_pair)
		report(p, "neither a [Section] nor \"key = value\" nor a # comment");
	p->is_pair = false;
}

/* fgets() for inih: the next line that matters. */
static char *next_line(char *buffer, int room, void *context)
{
	struct config_reader *p = context;
	struct slice line;

	check_pair(p);
	while (slice_cut(&p->rest, '\n', &line)) {
		p->line++;
		if (slice_ends_with(line, SLICE("\r")))
			line.len--;
		line = slice_trim(line);
		if (!is_readable(p, line, (size_t)room))
			continue;
		p->is_pair = line.bytes[0] != '[';
		memcpy(buffer, line.bytes, line.len);
		memcpy(buffer + line.len, "\n", 2);
		return buffer;
	}
	return NULL;
}

static const struct config_option *find(
    const struct config_target *target, struct slice section, struct slice key)
{
	const struct config_option *row = NULL;

	for (size_t i = 0; i < target->rows_count && !row; i++)
		row = config_option_find(target->rows[i].rows, target->rows[i].count, section, key);
	return row;
}

static void report_unknown_key(struct config_reader *p, const char *section, const char *key)
{
	const struct config_option *meant = nearest(p->target, slice_of(section), slice_of(key));

	if (!*section)
		report(p, "\"%s\" stands before the first [Section]; put it below its own", key);
	else if (!meant)
		report(p, "unknown key \"%s\" in [%s]; %s lists them", key, section,
		    p->target->manual);
	else if (strcmp(meant->section, section) == 0)
		report(p, "unknown key \"%s\" in [%s]; did you mean \"%s\"?", key, section,
		    meant->key);
	else
		report(p, "unknown key \"%s\" in [%s]; did you mean \"%s\" in [%s]?", key, section,
		    meant->key, meant->section);
}

static void report_bad_value(
    struct config_reader *p, const struct config_option *option, const char *value)
{
	char expected[160];
	struct writer w;

	writer_init(&w, expected, sizeof(expected));
	config_option_expects(option, &w);
	report(
	    p, "%s must be %.*s; it is \"%s\"", option->key, SLICE_ARGS(writer_result(&w)), value);
}

/* inih calls this per pair; what it returns is not used. */
static int take_pair(void *context, const char *section, const char *key, const char *value)
{
	struct config_reader *p = context;

	p->is_pair = false;
	if (p->skip)
		return 1;
	const struct config_option *option = find(p->target, slice_of(section), slice_of(key));
	if (!option) {
		report_unknown_key(p, section, key);
		return 1;
	}
	int error = config_option_set(
	    option, p->target->member(p->target->context, option), slice_of(value));
	if (error == -EINVAL)
		report_bad_value(p, option, value);
	else if (error < 0)
		p->result = error;
	return 1;
}

int config_reader_read(const struct config_target *target, const char *file, struct slice text,
    config_error_fn *error, void *context)
{
	struct slice mark = SLICE("\xef\xbb\xbf"); /* some editors begin a UTF-8 file with it */
	struct config_reader p = {
	    .target = target,
	    .file = file,
	    .rest = slice_starts_with(text, mark) ? slice_skip(text, mark.len) : text,
	    .error = error,
	    .context = context,
	};

	/* Its own idea of the first bad line is not needed: check_pair tells of each. */
	if (ini_parse_stream(next_line, &p, take_pair, &p) == -2)
		return -ENOMEM;
	check_pair(&p); /* a build of inih may stop at the first bad line */
	end_section(&p);
	return p.result ? p.result : p.mistakes ? -EINVAL : 0;
}
