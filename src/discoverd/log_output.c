/* SPDX-License-Identifier: ISC
 * log_output: where the log goes: stderr, in the journal's words when it is the journal. */
#include "discoverd/log_output.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

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

static void to_terminal(void *context, enum log_level level, const char *line)
{
	(void)context;
	fprintf(stderr, "discoverd: %s%s%s\n",
	    level <= LOG_LEVEL_WARNING ? log_level_name(level) : "",
	    level <= LOG_LEVEL_WARNING ? ": " : "", line);
}

void log_output_open(unsigned verbose)
{
	log_set_sink(stderr_is_journal() ? to_journal : to_terminal, NULL);
	log_set_level(verbose >= 2 ? LOG_LEVEL_DEBUG : verbose ? LOG_LEVEL_INFO : LOG_LEVEL_NOTICE);
}
