/* SPDX-License-Identifier: ISC
 * log: formats one bounded line per event and hands it to the sink. */
#include "base/log.h"
#include "base/array.h"
#include "base/text.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LINE_MAX_BYTES = 2048, BURST_DEFAULT = 10 };
#define CUT_MARK     "..."
#define TOKEN_PERIOD SECONDS(10)

/* The only state that base/ keeps: the sink is a property of the process. */
static log_sink_fn *log_sink;
static void *log_context;
static enum log_level log_threshold = LOG_LEVEL_INFO;

static const char *const NAMES[] = {
    [LOG_LEVEL_ERROR] = "error",
    [LOG_LEVEL_WARNING] = "warning",
    [LOG_LEVEL_NOTICE] = "notice",
    [LOG_LEVEL_INFO] = "info",
    [LOG_LEVEL_DEBUG] = "debug",
};
enum { NAME_COUNT = COUNT_OF(NAMES) };

void log_set_sink(log_sink_fn *sink, void *context)
{
	log_sink = sink;
	log_context = context;
}

void log_set_level(enum log_level level)
{
	log_threshold = level;
}

enum log_level log_get_level(void)
{
	return log_threshold;
}

const char *log_level_name(enum log_level level)
{
	return (unsigned)level < NAME_COUNT ? NAMES[level] : NULL;
}

int log_level_parse(struct slice name, enum log_level *level)
{
	for (unsigned i = LOG_LEVEL_ERROR; i < NAME_COUNT; i++)
		if (slice_equal(name, slice_of(NAMES[i]))) {
			*level = (enum log_level)i;
			return 0;
		}
	return -EINVAL;
}

/* Ends the line with the mark, in front of a UTF-8 character rather than within it. */
static void mark_cut(char line[LINE_MAX_BYTES], size_t at)
{
	if (at > LINE_MAX_BYTES - sizeof(CUT_MARK))
		at = LINE_MAX_BYTES - sizeof(CUT_MARK);
	while (at > 0 && ((unsigned char)line[at] & 0xc0) == 0x80)
		at--;
	memcpy(line + at, CUT_MARK, sizeof(CUT_MARK));
}

/* One event is one line and changes no terminal: text from the network may stand in it. */
static void escape(struct slice text, bool cut, char line[LINE_MAX_BYTES])
{
	struct writer w;

	writer_init(&w, line, LINE_MAX_BYTES - 1);
	text_escape(text, &w);
	line[w.len] = '\0';
	if (cut || writer_error(&w))
		mark_cut(line, w.len);
}

void log_line(enum log_level level, const char *format, ...)
{
	char text[LINE_MAX_BYTES], line[LINE_MAX_BYTES];
	va_list args;

	if (!log_sink || level > log_threshold)
		return;
	va_start(args, format);
	int len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (len < 0)
		return;
	escape(slice_of(text), (size_t)len >= sizeof(text), line);
	log_sink(log_context, level, line);
}

bool log_limit_pass(struct log_limit *limit, struct instant now, unsigned *held_back)
{
	int64_t tokens = instant_since(now, limit->refill) / TOKEN_PERIOD;

	if (limit->spent == 0 || tokens >= limit->spent) {
		limit->spent = 0;
		limit->refill = now;
	} else if (tokens > 0) {
		limit->spent -= (unsigned)tokens;
		limit->refill = instant_add(limit->refill, tokens * TOKEN_PERIOD);
	}
	if (limit->spent >= (limit->burst ? limit->burst : BURST_DEFAULT)) {
		limit->held_back++;
		return false;
	}
	limit->spent++;
	*held_back = limit->held_back;
	limit->held_back = 0;
	return true;
}
