/* SPDX-License-Identifier: ISC
 * log_output: where the log goes: stderr, with priorities when that is the journal, with the time
 * otherwise. */
#include "net/log_output.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"

enum { TIME_TEXT_MAX = 64 };

/* True when stderr is the stream that systemd connected to the journal (systemd.exec(5),
 * JOURNAL_STREAM). */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	uintmax_t device, inode;
	struct stat st;

	return stream && sscanf(stream, "%ju:%ju", &device, &inode) == 2 &&
	       fstat(STDERR_FILENO, &st) == 0 && st.st_dev == (dev_t)device &&
	       st.st_ino == (ino_t)inode;
}

/* The journal takes the level from a prefix (sd-daemon(3)). */
static void to_journal(void *context, enum log_level level, const char *line)
{
	(void)context;
	fprintf(stderr, "<%d>%s\n", (int)level, line);
}

/* Local time in the form of ISO 8601 and RFC 3339, 2026-11-29T22:15:03.127+01:00, and a blank. */
static void format_time(char text[TIME_TEXT_MAX])
{
	char date[32], zone[8];
	struct timespec now;
	struct tm local;

	text[0] = '\0';
	if (clock_gettime(CLOCK_REALTIME, &now) != 0 || !localtime_r(&now.tv_sec, &local) ||
	    !strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &local) ||
	    !strftime(zone, sizeof(zone), "%z", &local))
		return;
	snprintf(
	    text, TIME_TEXT_MAX, "%s.%03ld%.3s:%s ", date, now.tv_nsec / 1000000, zone, zone + 3);
}

static void write_line(
    const char *time, const char *program, enum log_level level, const char *line)
{
	fprintf(stderr, "%s%s: %s%s%s\n", time, program,
	    level <= LOG_LEVEL_WARNING ? log_level_name(level) : "",
	    level <= LOG_LEVEL_WARNING ? ": " : "", line);
}

static void to_terminal(void *context, enum log_level level, const char *line)
{
	char time[TIME_TEXT_MAX];

	format_time(time);
	write_line(time, context, level, line);
}

static void without_time(void *context, enum log_level level, const char *line)
{
	write_line("", context, level, line);
}

void log_output_open(const char *program, unsigned verbose, bool with_time)
{
	log_set_sink(stderr_is_journal() ? to_journal
		     : with_time         ? to_terminal
					 : without_time,
	    (void *)program);
	log_set_level(verbose >= 2 ? LOG_LEVEL_DEBUG : verbose ? LOG_LEVEL_INFO : LOG_LEVEL_NOTICE);
}
