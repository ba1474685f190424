/* SPDX-License-Identifier: ISC
 * options: the command line of discoverd. */
#include "discoverd/options.h"
#include "base/array.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"

static const struct option_row {
	struct option option;
	const char *argument, *help;
} ROWS[] = {
    {{"config", required_argument, NULL, 'c'}, "FILE",
	"read this configuration (" SYSCONFDIR "/discoverd/discoverd.conf)"},
    {{"socket", required_argument, NULL, 's'}, "PATH",
	"open the control socket here (" RUNSTATEDIR "/discoverd/io.discoverd)"},
    {{"state", required_argument, NULL, 'd'}, "DIR",
	"keep the identity here ($STATE_DIRECTORY or " LOCALSTATEDIR "/lib/discoverd)"},
    {{"interface", required_argument, NULL, 'i'}, "NAME",
	"use only this interface (a name or a glob; may be repeated)"},
    {{"no-sandbox", no_argument, NULL, 'S'}, NULL,
	"do not restrict the files and system calls of this process"},
    {{"check-config", no_argument, NULL, 'C'}, NULL,
	"check the configuration, print what is in effect, and exit"},
    {{"verbose", no_argument, NULL, 'v'}, NULL,
	"log devices that are added, renamed or removed; twice: every datagram"},
    {{"version", no_argument, NULL, 'V'}, NULL, "print the version and exit"},
    {{"help", no_argument, NULL, 'h'}, NULL, "print this help and exit"},
};
enum { ROW_COUNT = COUNT_OF(ROWS) };

static void print_help(void)
{
	puts("Usage: discoverd [OPTION]...\n"
	     "Discovers the devices of the local network and announces this host.\n");
	for (size_t i = 0; i < ROW_COUNT; i++) {
		char left[40];
		snprintf(left, sizeof(left), "-%c, --%s%s%s", ROWS[i].option.val,
		    ROWS[i].option.name, ROWS[i].argument ? "=" : "",
		    ROWS[i].argument ? ROWS[i].argument : "");
		printf("  %-24s %s\n", left, ROWS[i].help);
	}
	puts("\nStays in the foreground. See discoverd(8), discoverd.conf(5) and discoverctl(1).");
}

static void set_defaults(struct options *options)
{
	const char *state = getenv("STATE_DIRECTORY");

	*options = (struct options){
	    .config_file = SYSCONFDIR "/discoverd/discoverd.conf",
	    .socket_path = RUNSTATEDIR "/discoverd/io.discoverd",
	    .state_directory = state && *state ? state : LOCALSTATEDIR "/lib/discoverd",
	    .sandbox = SANDBOX_DEFAULT,
	};
}

static enum options_result take(struct options *options, int letter)
{
	switch (letter) {
	case 'c':
		options->config_file = optarg;
		options->config_file_given = true;
		return OPTIONS_RUN;
	case 's':
		options->socket_path = optarg;
		return OPTIONS_RUN;
	case 'd':
		options->state_directory = optarg;
		return OPTIONS_RUN;
	case 'i':
		if (options->interface_count == OPTIONS_INTERFACES_MAX) {
			fprintf(stderr, "discoverd: more than %d interfaces; use a glob\n",
			    OPTIONS_INTERFACES_MAX);
			return OPTIONS_WRONG;
		}
		options->interfaces[options->interface_count++] = optarg;
		return OPTIONS_RUN;
	case 'S':
		options->sandbox = false;
		return OPTIONS_RUN;
	case 'C':
		options->check_config = true;
		return OPTIONS_RUN;
	case 'v':
		options->verbose++;
		return OPTIONS_RUN;
	case 'V':
		puts(PACKAGE_STRING);
		return OPTIONS_DONE;
	case 'h':
		print_help();
		return OPTIONS_DONE;
	default:
		fputs("Try 'discoverd --help'.\n", stderr);
		return OPTIONS_WRONG;
	}
}

enum options_result options_parse(struct options *options, int argc, char **argv)
{
	struct option table[ROW_COUNT + 1];
	char letters[2 * ROW_COUNT + 1], *end = letters;
	int letter;

	memset(table, 0, sizeof(table));
	for (size_t i = 0; i < ROW_COUNT; i++) {
		table[i] = ROWS[i].option;
		*end++ = (char)ROWS[i].option.val;
		if (ROWS[i].option.has_arg)
			*end++ = ':';
	}
	*end = '\0';
	set_defaults(options);
	while ((letter = getopt_long(argc, argv, letters, table, NULL)) != -1) {
		enum options_result result = take(options, letter);
		if (result != OPTIONS_RUN)
			return result;
	}
	if (optind < argc) {
		fprintf(stderr, "discoverd: unexpected argument '%s'\nTry 'discoverd --help'.\n",
		    argv[optind]);
		return OPTIONS_WRONG;
	}
	return OPTIONS_RUN;
}
