/* SPDX-License-Identifier: ISC
 * command_options: see command_options.h. */
#include "discoverctl/command_options.h"
#include "base/array.h"
#include "discoverctl/exit_status.h"
#include "discoverctl/suggest.h"
#include <getopt.h>
#include <stddef.h>
#include <string.h>

struct row {
	const char *name;
	char letter;            /* 0: none */
	const char *argument;   /* NULL: takes none */
	const char *stands_for; /* the value of an option without an argument */
	const char *commands;   /* those that accept it, each between blanks; NULL: all */
	size_t offset;          /* in struct command_options */
	const char *help;
};

#define MEMBER(name) offsetof(struct command_options, name)
#define FILTERED     " list services watch map "
#define ANNOUNCED    " announce "
#define OF_FLEETS    " list services show watch map "

static const struct row ROWS[] = {
    {"socket", 's', "PATH", NULL, NULL, MEMBER(socket),
	"connect to this control socket (/run/discoverd/io.discoverd)"},
    {"broker", 0, "URL", NULL, OF_FLEETS, MEMBER(broker),
	"print the devices of a fleet: mqtt[s]://HOST[:PORT] of its broker"},
    {"site", 0, "SITE", NULL, OF_FLEETS, MEMBER(site), "with --broker: print one site only"},
    {"broker-config", 0, "FILE", NULL, OF_FLEETS, MEMBER(broker_config),
	"with --broker: read name, password file and certificates from this file"},
    {"json", 'j', NULL, "json", NULL, MEMBER(format), "print JSON, as --output json does"},
    {"output", 'o', "FORMAT", NULL, NULL, MEMBER(format),
	"print as table, json, jsonl, kv or csv; map has dot too"},
    {"timeout", 't', "SECONDS", NULL, NULL, MEMBER(timeout),
	"wait this long for an answer (10); search, resolve: 3, up to 30; probe: 2, up to 10"},
    {"columns", 0, "NAMES", NULL,
	" list services watch search resolve interfaces show probe history ", MEMBER(columns),
	"print these columns, separated by commas, or \"all\""},
    {"no-legend", 0, NULL, "yes", NULL, MEMBER(no_legend), "omit headings and the last line"},
    {"color", 0, "WHEN", NULL, NULL, MEMBER(color), "print in colour: auto, always or never"},
    {"type", 0, "GLOB", NULL, FILTERED, MEMBER(type),
	"select by device or service type: a URN, \"MediaServer\" or \"ipp\""},
    {"via", 0, "GLOB", NULL, FILTERED, MEMBER(via), "select by protocol"},
    {"interface", 0, "GLOB", NULL, FILTERED, MEMBER(interface), "select by network interface"},
    {"kind", 0, "KIND", NULL, FILTERED, MEMBER(kind),
	"select by kind: device, control-point or neighbour"},
    {"name", 0, "NAME", NULL, FILTERED "announce ", MEMBER(name),
	"select by name, a glob; announce: name the device"},
    {"all", 0, NULL, "yes", FILTERED, MEMBER(all),
	"include hosts known only to the kernel's neighbour table"},
    {"sort", 0, "COLUMNS", NULL, " list services interfaces probe history ", MEMBER(sort),
	"sort by these columns; -COLUMN reverses the order"},
    {"by", 0, "interface", NULL, " list ", MEMBER(by), "group the devices by interface"},
    {"snapshot", 0, NULL, "yes", " watch ", MEMBER(snapshot), "print the present devices first"},
    {"once", 0, NULL, "yes", " watch ", MEMBER(once),
	"end when the connection is lost, do not reconnect"},
    {"uuid", 0, "UUID", NULL, ANNOUNCED, MEMBER(uuid),
	"use this UUID, not one made from type and name"},
    {"location", 0, "URL", NULL, ANNOUNCED, MEMBER(location),
	"use the description at this URL; host \"*\" is each address of this host"},
    {"presentation-url", 0, "URL", NULL, ANNOUNCED, MEMBER(presentation_url),
	"name the web page of the device"},
    {"port", 0, "NUMBER", NULL, ANNOUNCED, MEMBER(port), "name the port of the service"},
    {"txt", 0, "KEY=VALUE", NULL, ANNOUNCED, MEMBER(txt),
	"add a pair to the TXT record of the service; may be repeated"},
    {"detach", 0, NULL, "yes", ANNOUNCED, MEMBER(detach),
	"return at once; the device stays until it is withdrawn or discoverd stops"},
    {"open", 0, NULL, "yes", " probe ", MEMBER(open), "print open ports only"},
    {"banner", 0, NULL, "yes", " probe ", MEMBER(banner),
	"print the first line that a service sends"},
    {"anywhere", 0, NULL, "yes", " probe ", MEMBER(anywhere),
	"probe addresses outside this host's networks, too"},
    {"counters", 0, NULL, "yes", " status ", MEMBER(counters), "print all counters that are not 0"},
    {"new", 0, NULL, "yes", " history ", MEMBER(new), "print devices that are not acknowledged"},
    {"since", 0, "TIME", NULL, " history ", MEMBER(since),
	"print what was within 45m, 12h, 7d or 4w, or since a day: 2026-01-31"},
    {"help", 'h', NULL, "yes", NULL, MEMBER(help), "print this help"},
    {"version", 'V', NULL, "yes", NULL, MEMBER(version),
	"print the versions of discoverctl and discoverd"},
};
enum { ROW_COUNT = COUNT_OF(ROWS) };
_Static_assert(COUNT_OF(ROWS) <= OPTIONS_MAX, "room for what was typed");

static const char **member(struct command_options *options, const struct row *row)
{
	return (const char **)((char *)options + row->offset);
}

/* The rows in the two forms that getopt_long() takes; a long option is identified by its index. */
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

/* True for the long or short name of an option, which then lacks its value or has one too many. */
static bool exists(struct slice name)
{
	for (size_t i = 0; i < ROW_COUNT; i++) {
		const char letter[] = {'-', ROWS[i].letter, '\0'};
		if (slice_equal(slice_skip(name, 2), slice_of(ROWS[i].name)) ||
		    slice_equal(name, slice_of(letter)))
			return true;
	}
	return false;
}

/* Explains what getopt_long() refused. The word is not the one with the letter while others follow
 * that in it, nor with musl where a value is missing. */
static int refuse(const char *word, int letter)
{
	const char short_name[] = {'-', (char)letter, '\0'};
	struct slice whole = slice_of(letter ? short_name : word);
	struct slice name = slice_head(whole, slice_find(whole, '='));
	struct suggestion suggestion;

	suggest_begin(&suggestion, slice_skip(name, 2));
	for (size_t i = 0; i < ROW_COUNT; i++)
		suggest_offer(&suggestion, slice_of(ROWS[i].name));
	if (exists(name))
		fprintf(stderr, "discoverctl: %.*s %s", SLICE_ARGS(name),
		    name.len < whole.len ? "takes no value" : "needs a value");
	else
		fprintf(stderr, "discoverctl: unknown option %.*s", SLICE_ARGS(name));
	if (!exists(name) && *suggest_best(&suggestion))
		fprintf(stderr, "; did you mean --%s?", suggest_best(&suggestion));
	fputs("\nTry \"discoverctl --help\".\n", stderr);
	return STATUS_USAGE;
}

/* Notes "-t" for "-jt5", and the long name as typed: "--timeout" for "--timeout=5", "--time" for
 * "--time 5". */
static void note_typed(char typed[OPTION_TYPED_MAX], const struct row *row, int found, char **argv)
{
	if (found < 256) {
		snprintf(typed, OPTION_TYPED_MAX, "-%c", row->letter);
		return;
	}
	const char *word = argv[optind - 1];
	if (row->argument && optarg == word)
		word = argv[optind - 2];
	struct slice text = slice_of(word);
	snprintf(
	    typed, OPTION_TYPED_MAX, "%.*s", SLICE_ARGS(slice_head(text, slice_find(text, '='))));
}

/* Keeps each value of the option that may be repeated. False when there are too many. */
static bool keep_repeated(struct command_options *options, const struct row *row)
{
	if (row->offset != MEMBER(txt))
		return true;
	if (options->txt_count == OPTION_REPEATS_MAX) {
		fprintf(stderr, "discoverctl: --%s may be repeated %d times\n", row->name,
		    OPTION_REPEATS_MAX);
		return false;
	}
	options->txts[options->txt_count++] = optarg;
	return true;
}

int command_options_read(struct command_options *options, int argc, char **argv)
{
	struct option longs[ROW_COUNT + 1];
	char shorts[2 * ROW_COUNT + 1];
	int found;

	*options = (struct command_options){0};
	getopt_forms(longs, shorts);
	opterr = 0;
	while ((found = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		const struct row *row = find_row(found);
		if (!row)
			return refuse(argv[optind - 1], optopt < 256 ? optopt : 0);
		*member(options, row) = row->argument ? optarg : row->stands_for;
		if (!keep_repeated(options, row))
			return STATUS_USAGE;
		note_typed(options->typed[row - ROWS], row, found, argv);
	}
	options->words = argv + optind;
	options->word_count = argc - optind;
	return 0;
}

const char *command_options_typed(const struct command_options *options, const char *name)
{
	for (size_t i = 0; i < ROW_COUNT; i++)
		if (!strcmp(ROWS[i].name, name) && *options->typed[i])
			return options->typed[i];
	return name;
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

/* Options that need another one, or rule another one out. */
static int check_pairs(const struct command_options *options)
{
	const char *alone = options->site            ? "site"
			    : options->broker_config ? "broker-config"
						     : NULL;

	if (!options->broker && alone) {
		fprintf(stderr, "discoverctl: %s goes with --broker only\n",
		    command_options_typed(options, alone));
		return STATUS_USAGE;
	}
	if (options->broker && options->socket) {
		fprintf(stderr, "discoverctl: %s does not go with --broker\n",
		    command_options_typed(options, "socket"));
		return STATUS_USAGE;
	}
	return 0;
}

int command_options_check(const struct command_options *options, const char *command)
{
	struct command_options copy = *options;
	for (size_t i = 0; i < ROW_COUNT; i++)
		if (*member(&copy, &ROWS[i]) && !goes_with(&ROWS[i], command)) {
			fprintf(stderr, "discoverctl: %s does not go with %s, but with: ",
			    command_options_typed(options, ROWS[i].name), command);
			print_commands(stderr, ROWS[i].commands);
			return STATUS_USAGE;
		}
	if (options->format && !strcmp(options->format, "dot") && strcmp(command, "map")) {
		fprintf(stderr, "discoverctl: %s dot does not go with %s, but with: map\n",
		    command_options_typed(options, "output"), command);
		return STATUS_USAGE;
	}
	return check_pairs(options);
}

void command_options_help(FILE *stream, const char *heading, const char *command)
{
	for (size_t i = 0; i < ROW_COUNT; i++) {
		const struct row *row = &ROWS[i];
		if (command ? !row->commands || !goes_with(row, command) : row->commands != NULL)
			continue;
		fputs(heading, stream);
		heading = "";
		char letter[8] = "    ";
		if (row->letter)
			snprintf(letter, sizeof(letter), "-%c, ", row->letter);
		int width = fprintf(stream, "  %s--%s%s%s", letter, row->name,
		    row->argument ? " " : "", row->argument ? row->argument : "");
		fprintf(stream, "%*s%s\n", width < 28 ? 28 - width : 2, "", row->help);
	}
}
