/* SPDX-License-Identifier: ISC
 * companion_options: the command line of a companion. */
#include "companion/companion_options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "config.h"

#define SOCKET_DEFAULT RUNSTATEDIR "/discoverd/io.discoverd"

static const struct option_row {
	struct option option;
	const char *argument, *help;
	bool of_state; /* only where state is kept */
} ROWS[] = {
    {{"config", required_argument, NULL, 'c'}, "FILE", "read this configuration", false},
    {{"socket", required_argument, NULL, 's'}, "PATH",
	"connect to discoverd here ($DISCOVERD_SOCKET or " SOCKET_DEFAULT ")", false},
    {{"state", required_argument, NULL, 'd'}, "DIR", "keep its files here ($STATE_DIRECTORY)",
	true},
    {{"check-config", no_argument, NULL, 'C'}, NULL,
	"check the configuration, print what is in effect, and exit", false},
    {{"verbose", no_argument, NULL, 'v'}, NULL, "log more; twice: for debugging", false},
    {{"version", no_argument, NULL, 'V'}, NULL, "print the version and exit", false},
    {{"help", no_argument, NULL, 'h'}, NULL, "print this help and exit", false},
};
enum { ROW_COUNT = COUNT_OF(ROWS) };

static bool applies(const struct option_row *row, const struct companion_type *type)
{
	return type->keeps_state || !row->of_state;
}

static void print_help(const struct companion_type *type)
{
	printf("Usage: %s [OPTION]...\n%s\n\n", type->name, type->purpose);
	for (size_t i = 0; i < ROW_COUNT; i++) {
		char left[40];
		if (!applies(&ROWS[i], type))
			continue;
		snprintf(left, sizeof(left), "-%c, --%s%s%s", ROWS[i].option.val,
		    ROWS[i].option.name, ROWS[i].argument ? "=" : "",
		    ROWS[i].argument ? ROWS[i].argument : "");
		printf("  %-24s %s\n", left, ROWS[i].help);
	}
	printf("\nThe configuration is %s unless another is named. Stays in the foreground. "
	       "See %s.\n",
	    type->config_file, type->manual);
}

static enum companion_options_result take(
    struct companion_options *options, const struct companion_type *type, int letter)
{
	switch (letter) {
	case 'c':
		options->config_file = optarg;
		options->config_file_given = true;
		return COMPANION_RUN;
	case 's':
		options->socket = optarg;
		return COMPANION_RUN;
	case 'd':
		options->state_directory = optarg;
		return COMPANION_RUN;
	case 'C':
		options->check_config = true;
		return COMPANION_RUN;
	case 'v':
		options->verbose++;
		return COMPANION_RUN;
	case 'V':
		printf("%s %s\n", type->name, PACKAGE_VERSION);
		return COMPANION_DONE;
	case 'h':
		print_help(type);
		return COMPANION_DONE;
	default:
		fprintf(stderr, "Try '%s --help'.\n", type->name);
		return COMPANION_WRONG;
	}
}

static const char *from_environment(const char *name, const char *otherwise)
{
	const char *value = getenv(name);

	return value && *value ? value : otherwise;
}

enum companion_options_result companion_options_parse(
    struct companion_options *options, const struct companion_type *type, int argc, char **argv)
{
	struct option table[ROW_COUNT + 1];
	char letters[2 * ROW_COUNT + 1], *end = letters;
	size_t count = 0;
	int letter;

	memset(table, 0, sizeof(table));
	for (size_t i = 0; i < ROW_COUNT; i++) {
		if (!applies(&ROWS[i], type))
			continue;
		table[count++] = ROWS[i].option;
		*end++ = (char)ROWS[i].option.val;
		if (ROWS[i].option.has_arg)
			*end++ = ':';
	}
	*end = '\0';
	*options = (struct companion_options){
	    .config_file = type->config_file,
	    .socket = from_environment("DISCOVERD_SOCKET", SOCKET_DEFAULT),
	    .state_directory = from_environment("STATE_DIRECTORY", NULL),
	};
	while ((letter = getopt_long(argc, argv, letters, table, NULL)) != -1) {
		enum companion_options_result result = take(options, type, letter);
		if (result != COMPANION_RUN)
			return result;
	}
	if (optind == argc)
		return COMPANION_RUN;
	fprintf(stderr, "%s: unexpected argument '%s'\nTry '%s --help'.\n", type->name,
	    argv[optind], type->name);
	return COMPANION_WRONG;
}
