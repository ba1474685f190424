/* SPDX-License-Identifier: ISC
 * command_options: what was given on the command line, read from one row per option. */
#ifndef DISCOVERCTL_COMMAND_OPTIONS_H
#define DISCOVERCTL_COMMAND_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

/* Each as it was given, NULL where it was not; an option without an argument holds what it stands
 * for. */
struct command_options {
	const char *socket, *format, *timeout, *color, *columns, *no_legend;
	const char *type, *via, *interface, *kind, *name, *sort, *by, *snapshot, *once;
	const char *uuid, *location, *presentation_url, *detach, *banner, *anywhere;
	const char *help, *version;
	char **words; /* the command and its arguments, borrowed from argv */
	int word_count;
};

/* 0, or STATUS_USAGE after a word on stderr. Rearranges argv: options may stand anywhere. */
int command_options_read(struct command_options *options, int argc, char **argv);
/* STATUS_USAGE and a word on stderr when an option was given that this command does not have. */
int command_options_check(const struct command_options *options, const char *command);
/* One line per option that goes with a command, or with every command where it is NULL. */
void command_options_help(FILE *stream, const char *command);

#endif
