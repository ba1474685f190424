/* SPDX-License-Identifier: ISC
 * command_options: the options of the command line, read by a table with a row per option. */
#ifndef DISCOVERCTL_COMMAND_OPTIONS_H
#define DISCOVERCTL_COMMAND_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

enum { OPTIONS_MAX = 40, OPTION_TYPED_MAX = 24, OPTION_REPEATS_MAX = 64 };

/* Each as it was given, NULL where it was not; an option without an argument holds what it stands
 * for. */
struct command_options {
	const char *broker, *site, *broker_config;
	const char *socket, *format, *timeout, *color, *columns, *no_legend;
	const char *type, *via, *interface, *kind, *name, *all, *sort, *by, *snapshot, *once;
	const char *uuid, *location, *presentation_url, *detach, *port;
	const char *txt; /* the last one; all of them are in `txts` */
	const char *open, *banner, *anywhere, *counters;
	const char *new, *since;
	const char *help, *version;
	const char *txts[OPTION_REPEATS_MAX];
	size_t txt_count;
	char **words; /* the command and its arguments, borrowed from argv */
	int word_count;
	char typed[OPTIONS_MAX][OPTION_TYPED_MAX]; /* how each was written: "-t" or "--timeout" */
};

/* 0, or STATUS_USAGE after a line on stderr. Rearranges argv: options may stand anywhere. */
int command_options_read(struct command_options *options, int argc, char **argv);
/* STATUS_USAGE and a line on stderr when an option was given that this command, or another option,
 * does not go with. */
int command_options_check(const struct command_options *options, const char *command);
/* How the option with this long name was written, for messages; the name where it was not given. */
const char *command_options_typed(const struct command_options *options, const char *name);
/* One line per option that goes with a command, or with every command where it is NULL; the heading
 * before the first of them. */
void command_options_help(FILE *stream, const char *heading, const char *command);

#endif
