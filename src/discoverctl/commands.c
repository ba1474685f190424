/* SPDX-License-Identifier: ISC
 * commands: one row per command, the search for a row by name, and the help. */
#include "discoverctl/columns.h"
#include "discoverctl/command.h"
#include "discoverctl/exit_status.h"
#include "discoverctl/suggest.h"
#include <string.h>

static int command_help(struct context *context, char **arguments);

const struct command COMMANDS[] = {
    {"list", "[PATTERN...]", "print the devices, one row each",
	"discoverctl list --type MediaServer\n"
	"discoverctl list 'kitchen*' --sort -last_seen\n"
	"discoverctl list --all --columns name,mac,vendor,first_seen\n",
	0, ARGUMENTS_MANY, true, &DEVICE_COLUMNS, command_check_list, command_list},
    {"services", "[PATTERN...]", "print what the devices offer, one row per service",
	"discoverctl services printer\n"
	"discoverctl services --type AVTransport --columns device_name,control_url\n",
	0, ARGUMENTS_MANY, true, &SERVICE_COLUMNS, command_check_list, command_services},
    {"show", "KEY...", "print everything about a device; KEY is a name, id, address or pattern",
	"discoverctl show living\n"
	"discoverctl show 192.168.1.23 --json\n",
	1, ARGUMENTS_MANY, true, &DEVICE_COLUMNS, NULL, command_show},
    {"watch", "", "print devices that come, change and go, as it happens",
	"discoverctl watch --snapshot\n"
	"discoverctl watch --type MediaRenderer -o jsonl\n",
	0, 0, true, &EVENT_COLUMNS, command_check_list, command_watch},
    {"search", "[TARGET]", "ask the network now and print the devices that answer",
	"discoverctl search\n"
	"discoverctl search MediaServer -t 5\n"
	"discoverctl search upnp:rootdevice\n",
	0, 1, true, &DEVICE_COLUMNS, command_check_search, command_search},
    {"resolve", "NAME", "print the addresses of a host; ask the network where they are not known",
	"discoverctl resolve printer.local\n"
	"discoverctl resolve printer -o csv --no-legend --columns address\n",
	1, 1, true, &RESOLVED_COLUMNS, command_check_resolve, command_resolve},
    {"probe", "TARGET[:PORTS]...",
	"test whether devices or ports answer; TARGET is a KEY, address, range or network",
	"discoverctl probe nas:ssh,445,8000-8010\n"
	"discoverctl probe --open 192.168.1.0/24:http,https\n"
	"discoverctl probe 192.168.1.10-50\n",
	1, ARGUMENTS_MANY, true, &PROBE_COLUMNS, command_check_probe, command_probe},
    {"announce", "TYPE|SERVICE...", "announce a device with these services, until interrupted",
	"discoverctl announce _http._tcp --name Greenhouse --port 8080 --txt path=/\n"
	"discoverctl announce urn:schemas-upnp-org:service:SwitchPower:1 --name Pump\n"
	"discoverctl announce _ipp._tcp,name=Laser,port=631,path=/ipp/print,txt.rp=ipp/print\n",
	1, ANNOUNCED_MAX, true, NULL, command_check_announce, command_announce},
    {"withdraw", "ID", "withdraw an announced device",
	"discoverctl withdraw uuid:2fac1234-31f8-11b4-a222-08002b34c003\n", 1, 1, true, NULL, NULL,
	command_withdraw},
    {"history", "[DEVICE]", "print which devices were here, and when",
	"discoverctl history --since 1d\n"
	"discoverctl history --new\n"
	"discoverctl history 'Living-room lamp' --columns name,address,started,ended\n",
	0, 1, false, &HISTORY_COLUMNS, command_check_history, command_history},
    {"acknowledge", "DEVICE...", "mark new devices as known",
	"discoverctl acknowledge 192.168.1.23\n", 1, ARGUMENTS_MANY, false, NULL, NULL,
	command_acknowledge},
    {"name", "DEVICE NAME", "give a device a name of your own; an empty one removes it",
	"discoverctl name 192.168.1.23 'Living-room lamp'\n"
	"discoverctl name 'Living-room lamp' ''\n",
	2, 2, false, NULL, NULL, command_name},
    {"interfaces", "", "print the network interfaces of this host",
	"discoverctl interfaces --columns name,address,first_host,last_host\n", 0, 0, true,
	&INTERFACE_COLUMNS, command_check_interfaces, command_interfaces},
    {"map", "", "print networks, bridges, their ports and the devices there as a tree",
	"discoverctl map --type MediaServer\n"
	"discoverctl map -o dot | dot -Tsvg >network.svg\n",
	0, 0, true, NULL, command_check_list, command_map},
    {"status", "", "print the state of discoverd and what it announces",
	"discoverctl status --counters\n", 0, 0, true, NULL, NULL, command_status},
    {"reload", "", "read the configuration again", "discoverctl reload\n", 0, 0, true, NULL, NULL,
	command_reload},
    {"log-level", "[LEVEL]",
	"print or set how much discoverd logs: error, warning, notice, info or debug",
	"discoverctl log-level debug\n", 0, 1, true, NULL, command_check_log_level,
	command_log_level},
    {"version", "", "print the versions of discoverctl and discoverd", "discoverctl version\n", 0,
	0, false, NULL, NULL, command_version},
    {"help", "[COMMAND]", "print this help, or options, columns and examples of a command",
	"discoverctl help probe\n", 0, 1, false, NULL, NULL, command_help},
    {.name = NULL},
};

static void print_candidates(const char *name, size_t len, bool all)
{
	for (const struct command *command = COMMANDS; command->name; command++)
		if (all || !strncmp(command->name, name, len))
			fprintf(stderr, " %s", command->name);
	fputc('\n', stderr);
}

const struct command *command_find(const char *name)
{
	const struct command *found = NULL;
	struct suggestion suggestion;
	size_t len = strlen(name), matches = 0;

	suggest_begin(&suggestion, slice_of(name));
	for (const struct command *command = COMMANDS; command->name; command++) {
		if (!strcmp(command->name, name))
			return command;
		suggest_offer(&suggestion, slice_of(command->name));
		if (strncmp(command->name, name, len))
			continue;
		found = command;
		matches++;
	}
	if (matches == 1)
		return found;
	fprintf(stderr, "discoverctl: %s command \"%s\"", matches ? "ambiguous" : "unknown", name);
	if (!matches)
		suggest_print(stderr, &suggestion);
	fputs(!matches && *suggest_best(&suggestion) ? " Commands:" : "; commands:", stderr);
	print_candidates(name, len, !matches);
	return NULL;
}

static void print_examples(FILE *stream, const char *examples)
{
	struct slice rest = slice_of(examples), line;

	const char *end = strchr(examples, '\n');

	fputs(end && end[1] ? "\nExamples:\n" : "\nExample:\n", stream);
	while (slice_cut(&rest, '\n', &line))
		if (line.len)
			fprintf(stream, "  %.*s\n", SLICE_ARGS(line));
}

static void help_on(FILE *stream, const struct command *command)
{
	fprintf(stream, "Usage: discoverctl [OPTIONS] %s%s%s\n%c%s.\n", command->name,
	    *command->arguments ? " " : "", command->arguments, command->help[0] - 'a' + 'A',
	    command->help + 1);
	command_options_help(stream, "\n", command->name);
	if (command->columns) {
		fputs("\nColumns: ", stream);
		column_set_print_names(stream, command->columns);
	}
	print_examples(stream, command->examples);
}

static void help_on_all(FILE *stream)
{
	fputs("Usage: discoverctl [OPTIONS] [COMMAND]\nPrints the devices of the local network, as "
	      "discoverd knows them.\n\n",
	    stream);
	for (const struct command *command = COMMANDS; command->name; command++) {
		int width = fprintf(stream, "  %s %s", command->name, command->arguments);
		fprintf(stream, "%*s%s\n", width < 28 ? 28 - width : 1, "", command->help);
	}
	fputs("\nCommands, devices and names may be shortened while they are unambiguous; the "
	      "default command is list.\n",
	    stream);
	command_options_help(stream, "Options for every command:\n", NULL);
	fputs(
	    "\n\"discoverctl help COMMAND\" prints the other options of a command, and examples.\n"
	    "\"discoverctl --broker mqtt://HOST list\" prints the devices that many boards see.\n",
	    stream);
}

static int command_help(struct context *context, char **arguments)
{
	const struct command *command = arguments[0] ? command_find(arguments[0]) : NULL;
	if (arguments[0] && !command)
		return STATUS_USAGE;
	if (command)
		help_on(context->output.stream, command);
	else
		help_on_all(context->output.stream);
	return STATUS_DONE;
}
