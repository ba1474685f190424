/* SPDX-License-Identifier: ISC
 * log: one line per event, to a sink that main() chooses. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/instant.h"
#include "base/slice.h"

/* As syslog counts them. */
enum log_level {
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_NOTICE = 5,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7
};

/* Gets a whole line of at most 2047 bytes without a line end; one that was longer ends with "...".
 * Control, bidirectional and other invisible characters, and bytes that are not UTF-8, are \xHH in
 * it, and a backslash is two (text_escape()). */
typedef void log_sink_fn(void *context, enum log_level level, const char *line);

/* Without a sink nothing is written. */
void log_set_sink(log_sink_fn *sink, void *context);
void log_set_level(enum log_level level);
enum log_level log_get_level(void);
/* "error", "warning", "notice", "info", "debug"; NULL for a number that is none. */
const char *log_level_name(enum log_level level);
/* 0 or -EINVAL. */
int log_level_parse(struct slice name, enum log_level *level);

void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
#define log_error(...)   log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_notice(...)  log_line(LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_info(...)    log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)   log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)

/* For lines that the network can cause: a burst, then one in 10 s; the next line that is written
 * says how many were not. One struct per kind of line, zeroed but for `burst`, owned by the caller
 * that logs the line. */
struct log_limit {
	unsigned burst; /* 0: 10 */
	struct instant refill;
	unsigned spent;
	unsigned held_back;
};
bool log_limit_pass(struct log_limit *limit, struct instant now, unsigned *held_back);

#endif
