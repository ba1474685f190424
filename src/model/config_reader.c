/* SPDX-License-Identifier: ISC
 * config_reader: reads files of key and value in sections. No library does this part: those that
 * exist cut long lines, join indented ones or drop what follows a ";" or "]", and each such line is
 * to be a mistake that names its file and line. */
#include "model/config_reader.h"
#include "base/ascii.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { NEAR = 2, WORD_MAX = 31, SHOWN_MAX = 100, MESSAGE_MAX = 512 };

/* As much of a file's text as a message has room for, to be printed as "%.*s%s". */
#define SHOWN(s) SLICE_ARGS(slice_head(s, SHOWN_MAX)), (s).len > SHOWN_MAX ? "..." : ""

struct config_reader {
	const struct config_target *target;
	const char *file;
	unsigned line;        /* number of the line that was read last */
	struct slice section; /* the name of the section that began last, which is known */
	bool skip;            /* within a section that is unknown or could not begin */
	bool is_open;         /* a section has begun and not ended */
	unsigned mistakes;
	int result; /* -ENOMEM */
	config_error_fn *error;
	void *context;
};

static void __attribute__((format(printf, 3, 0)))
report_at(struct config_reader *p, unsigned line, const char *format, va_list args)
{
	char what[MESSAGE_MAX];

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

/* Levenshtein's distance without regard to case; more than NEAR for words that are too long, or
 * whose lengths differ by more. */
static size_t distance(struct slice a, struct slice b)
{
	size_t row[WORD_MAX + 1];

	if (a.len > WORD_MAX || b.len > WORD_MAX || a.len > b.len + NEAR || b.len > a.len + NEAR)
		return NEAR + 1;
	for (size_t j = 0; j <= b.len; j++)
		row[j] = j;
	for (size_t i = 0; i < a.len; i++) {
		size_t diagonal = row[0];
		row[0] = i + 1;
		for (size_t j = 0; j < b.len; j++) {
			size_t above = row[j + 1], least = above < row[j] ? above : row[j];
			bool same = ascii_lower(a.bytes[i]) == ascii_lower(b.bytes[j]);
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

/* Unless the section is known its keys are passed over: one mistake, one message. */
static void begin_section(struct config_reader *p, struct slice line)
{
	struct slice name = slice_head(slice_skip(line, 1), slice_find(line, ']') - 1);

	if (name.len + 2 != line.len) {
		report(p, "a section is written [Name] on a line of its own");
		return;
	}
	if (!is_section(p->target, name)) {
		const struct config_option *meant = nearest(p->target, name, SLICE_NONE);
		report(p, "unknown section [%.*s%s]; %s%s%s", SHOWN(name),
		    meant ? "did you mean [" : p->target->manual,
		    meant ? meant->section : " lists them", meant ? "]?" : "");
		return;
	}
	p->section = name;
	p->is_open = !p->target->begin || p->target->begin(p->target->context, p, name);
	p->skip = !p->is_open;
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

static const struct config_option *find(
    const struct config_target *target, struct slice section, struct slice key)
{
	const struct config_option *row = NULL;

	for (size_t i = 0; i < target->rows_count && !row; i++)
		row = config_option_find(target->rows[i].rows, target->rows[i].count, section, key);
	return row;
}

static void report_unknown_key(struct config_reader *p, struct slice key)
{
	const struct config_option *meant = nearest(p->target, p->section, key);

	if (!p->section.bytes)
		report(p, "\"%.*s%s\" stands before the first [Section]; put it below its own",
		    SHOWN(key));
	else if (!meant)
		report(p, "unknown key \"%.*s%s\" in [%.*s]; %s lists them", SHOWN(key),
		    SLICE_ARGS(p->section), p->target->manual);
	else if (slice_equal(p->section, slice_of(meant->section)))
		report(p, "unknown key \"%.*s%s\" in [%.*s]; did you mean \"%s\"?", SHOWN(key),
		    SLICE_ARGS(p->section), meant->key);
	else
		report(p, "unknown key \"%.*s%s\" in [%.*s]; did you mean \"%s\" in [%s]?",
		    SHOWN(key), SLICE_ARGS(p->section), meant->key, meant->section);
}

static void report_bad_value(
    struct config_reader *p, const struct config_option *option, struct slice value)
{
	char expected[160];
	struct writer w;

	writer_init(&w, expected, sizeof(expected));
	config_option_expects(option, &w);
	report(p, "%s must be %.*s; it is \"%.*s%s\"", option->key, SLICE_ARGS(writer_result(&w)),
	    SHOWN(value));
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The offset of what is meant to be a comment behind the value, or its length. A text may have a
 * "#2" or "C#" in it: there only a mark between blanks, or at the end, is taken for one. */
static size_t find_comment(const struct config_option *option, struct slice value)
{
	bool is_text = option->kind == CONFIG_TEXT || option->kind == CONFIG_PATH;

	for (size_t i = 0; i < value.len; i++) {
		bool is_mark = value.bytes[i] == '#' || value.bytes[i] == ';';
		bool begins = i == 0 || is_blank(value.bytes[i - 1]);
		bool stands_alone = i + 1 == value.len || is_blank(value.bytes[i + 1]);
		if (is_mark && begins && (stands_alone || !is_text))
			return i;
	}
	return value.len;
}

/* In quotation marks of the same kind. */
static bool is_quoted(struct slice word)
{
	return word.len >= 2 && (word.bytes[0] == '"' || word.bytes[0] == '\'') &&
	       word.bytes[word.len - 1] == word.bytes[0];
}

/* True, and a report, when the value is quoted or has a comment behind it. */
static bool is_written_otherwise(
    struct config_reader *p, const struct config_option *option, struct slice value)
{
	bool is_list = option->kind == CONFIG_LIST || option->kind == CONFIG_TARGETS;
	size_t comment = find_comment(option, value);
	struct slice rest = value, word, inner;

	if (comment < value.len) {
		report(p,
		    "a comment stands on a line of its own, not behind a value; move \"%.*s%s\"",
		    SHOWN(slice_skip(value, comment)));
		return true;
	}
	inner = is_quoted(value) ? slice_head(slice_skip(value, 1), value.len - 2) : SLICE_NONE;
	if (is_quoted(value) && !(is_list && slice_find(inner, value.bytes[0]) < inner.len)) {
		report(p, "values are not quoted: write %s = %.*s%s", option->key, SHOWN(inner));
		return true;
	}
	while (is_list && config_option_next_item(&rest, &word))
		if (is_quoted(word)) {
			report(p, "values are not quoted: write %.*s%s without the marks",
			    SHOWN(word));
			return true;
		}
	return false;
}

static void take_pair(struct config_reader *p, struct slice line)
{
	size_t equals = slice_find(line, '='), colon = slice_find(line, ':');
	size_t end = equals < colon ? equals : colon;
	struct slice key = slice_trim(slice_head(line, end));
	struct slice value = slice_trim(slice_skip(line, end + 1));

	if (end == line.len || key.len == 0) {
		report(p, "neither a [Section] nor \"key = value\" nor a # comment");
		return;
	}
	if (p->skip)
		return;
	const struct config_option *option = find(p->target, p->section, key);
	if (!option) {
		report_unknown_key(p, key);
		return;
	}
	if (is_written_otherwise(p, option, value))
		return;
	void *member = p->target->member(p->target->context, option);
	int error = member ? config_option_set(option, member, value) : -ENOMEM;
	if (error == -EINVAL)
		report_bad_value(p, option, value);
	else if (error < 0)
		p->result = error;
}

static void read_line(struct config_reader *p, struct slice line)
{
	if (line.len == 0 || line.bytes[0] == '#' || line.bytes[0] == ';')
		return;
	bool heads = line.bytes[0] == '[';
	if (heads) {
		end_section(p);
		p->skip = true;
	}
	if (has_control(line))
		report(p, "a control character; remove it");
	else if (heads)
		begin_section(p, line);
	else
		take_pair(p, line);
}

int config_reader_read(const struct config_target *target, const char *file, struct slice text,
    config_error_fn *error, void *context)
{
	struct slice mark = SLICE("\xef\xbb\xbf"); /* some editors begin a UTF-8 file with it */
	struct slice rest = slice_starts_with(text, mark) ? slice_skip(text, mark.len) : text, line;
	struct config_reader p = {
	    .target = target,
	    .file = file,
	    .error = error,
	    .context = context,
	};

	while (slice_cut(&rest, '\n', &line)) {
		p.line++;
		if (slice_ends_with(line, SLICE("\r")))
			line.len--;
		read_line(&p, slice_trim(line));
	}
	end_section(&p);
	return p.result ? p.result : p.mistakes ? -EINVAL : 0;
}
