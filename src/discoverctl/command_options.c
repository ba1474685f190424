/* SPDX-License-Identifier: ISC
 * command_options: see command_options.h. */
#include "discoverctl/command_options.h"
#include "base/array.h"
#include "discoverctl/exit_status.h"
#include <getopt.h>
#include <stddef.h>
#include <string.h>

struct row {
	const char *name;
	char letter;            /* 0: none */
	const char *argument;   /* NULL: takes none, and … */
	const char *stands_for; /* … means this */
	const char *commands;   /* those that it goes with, each between blanks; NULL: all */
	size_t offset;          /* in struct command_options */
	const char *help;
};

#define MEMBER(name) offsetof(struct command_options, name)
#define FILTERED     " list watch map "
#define ANNOUNCED    " announce "

static const struct row ROWS[] = {
    {"socket", 's', "PATH", NULL, NULL, MEMBER(socket),
	"connect to this control socket (/run/discoverd/io.discoverd)"},
    {"json", 'j', NULL, "json", NULL, MEMBER(format), "do the same as --output json"},
    {"output", 'o', "FORMAT", NULL, NULL, MEMBER(format),
	"print as table, json, jsonl, kv or csv; map has dot too"},
    {"timeout", 't', "SECONDS", NULL, NULL, MEMBER(timeout),
	"wait this long for an answer (10), search (3), wait for a probe (2)"},
    {"columns", 0, "NAMES", NULL, " list watch search interfaces show probe ", MEMBER(columns),
	"print these columns, separated by commas, or \"all\""},
    {"no-legend", 0, NULL, "yes", NULL, MEMBER(no_legend), "leave headings and the last line out"},
    {"color", 0, "WHEN", NULL, NULL, MEMBER(color), "print in colour: auto, always or never"},
    {"type", 0, "GLOB", NULL, FILTERED, MEMBER(type),
	"device or service type: a URN or \"MediaServer\""},
    {"via", 0, "GLOB", NULL, FILTERED, MEMBER(via), "protocol: ssdp, broadcast"},
    {"interface", 0, "GLOB", NULL, FILTERED, MEMBER(interface), "interface that it was seen on"},
    {"kind", 0, "GLOB", NULL, FILTERED, MEMBER(kind), "device or control-point"},
    {"name", 0, "NAME", NULL, FILTERED "announce ", MEMBER(name),
	"name, as a glob; with announce the name to be known by"},
    {"sort", 0, "COLUMN", NULL, " list interfaces ", MEMBER(sort),
	"column to sort by, -COLUMN for the other way round"},
    {"by", 0, "WHAT", NULL, " list ", MEMBER(by), "group them: host or interface"},
    {"snapshot", 0, NULL, "yes", " watch ", MEMBER(snapshot),
	"print the devices that are there first"},
    {"once", 0, NULL, "yes", " watch ", MEMBER(once),
	"end when the connection is lost, instead of connecting again"},
    {"uuid", 0, "UUID", NULL, ANNOUNCED, MEMBER(uuid), "instead of one made from type and name"},
    {"location", 0, "URL", NULL, ANNOUNCED, MEMBER(location),
	"of the description that you serve; \"*\" as its host is each address of this one"},
    {"presentation-url", 0, "URL", NULL, ANNOUNCED, MEMBER(presentation_url),
	"web page of the device"},
    {"detach", 0, NULL, "yes", ANNOUNCED, MEMBER(detach),
	"do not wait: it stays until it is withdrawn or discoverd stops"},
    {"banner", 0, NULL, "yes", " probe ", MEMBER(banner), "print what the service says first, too"},
    {"anywhere", 0, NULL, "yes", " probe ", MEMBER(anywhere),
	"probe addresses beyond our networks, too"},
    {"help", 'h', NULL, "yes", NULL, MEMBER(help), "print this help"},
    {"version", 'V', NULL, "yes", NULL, MEMBER(version),
	"print the versions of discoverctl and discoverd"},
};
enum { ROW_COUNT = COUNT_OF(ROWS) };

static const char **member(struct command_options *options, const struct row *row)
{
	return (const char **)((char *)options + row->offset);
}

/* The rows in the two forms that getopt_long() wants; a long option is told by its index. */
static void getopt_forms(struct option longs[ROW_COUNT + 1], char shorts[2 * ROW_COUNT + 1])
{
	char *at = shorts;
	for (size_t i = 0; i < ROW_COUNT; i++) {
		int has = ROWS[i].argument ? required_argument : no_argument;
		longs[i] = (struct option){ROWS[i].name, has, NULL, (int)(i + 256)};
		if (!ROWS[i].letter)
			continue;
		*at++ = ROWS[i].letter;
		if (ROWS[i].argument)
			*at++ = ':';
	}
	longs[ROW_COUNT] = (struct option){0};
	*at = '\0';
}

static const struct row *find_row(int found)
{
	for (size_t i = 0; i < ROW_COUNT; i++)
		if (found == (int)(i + 256) || found == ROWS[i].letter)
			return &ROWS[i];
	return NULL;
}

int command_options_read(struct command_options *options, int argc, char **argv)
{
	struct option longs[ROW_COUNT + 1];
	char shorts[2 * ROW_COUNT + 1];
	int found;

	*options = (struct command_options){0};
	getopt_forms(longs, shorts);
	while ((found = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		const struct row *row = find_row(found);
		if (!row) { /* getopt has said what is wrong */
			fputs("Try \"discoverctl --help\".\n", stderr);
			return STATUS_USAGE;
		}
		*member(options, row) = row->argument ? optarg : row->stands_for;
	}
	options->words = argv + optind;
	options->word_count = argc - optind;
	return 0;
}

static bool goes_with(const struct row *row, const char *command)
{
	char word[32];
	if (!row->commands)
		return true;
	snprintf(word, sizeof(word), " %s ", command);
	return strstr(row->commands, word);
}

static void print_commands(FILE *stream, const char *commands)
{
	for (const char *at = commands + 1; *at && at[1]; at++)
		fputs(*at == ' ' ? ", " : (const char[]){*at, '\0'}, stream);
	fputc('\n', stream);
}

int command_options_check(const struct command_options *options, const char *command)
{
	struct command_options copy = *options;
	for (size_t i = 0; i < ROW_COUNT; i++)
		if (*member(&copy, &ROWS[i]) && !goes_with(&ROWS[i], command)) {
			fprintf(stderr,
			    "discoverctl: --%s does not go with %s, but with: ", ROWS[i].name,
			    command);
			print_commands(stderr, ROWS[i].commands);
			return STATUS_USAGE;
		}
	if (options->format && !strcmp(options->format, "dot") && strcmp(command, "map")) {
		fprintf(stderr, "discoverctl: --output dot does not go with %s, but with: map\n",
		    command);
		return STATUS_USAGE;
	}
	return 0;
}

void command_options_help(FILE *stream, const char *command)
{
	for (size_t i = 0; i < ROW_COUNT; i++) {
		const struct row *row = &ROWS[i];
		if (command ? !row->commands || !goes_with(row, command) : row->commands != NULL)
			continue;
		char letter[8] = "    ";
		if (row->letter)
			snprintf(letter, sizeof(letter), "-%c, ", row->letter);
		int width = fprintf(stream, "  %s--%s%s%s", letter, row->name,
		    row->argument ? " " : "", row->argument ? row->argument : "");
		fprintf(stream, "%*s%s\n", width < 26 ? 26 - width : 2, "", row->help);
	}
}
