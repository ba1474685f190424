/* SPDX-License-Identifier: ISC
 * commands: one row per command, how a name finds its row, and the help. */
#include "discoverctl/command.h"
#include "discoverctl/exit_status.h"
#include <string.h>

static int command_help(struct context *context, char **arguments);

const struct command COMMANDS[] = {
    {"list", "", "print the devices that are there", 0, 0, true, &DEVICE_COLUMNS, command_list},
    {"show", "ID|NAME|ADDRESS", "print everything about one device", 1, 1, true, &DEVICE_COLUMNS,
	command_show},
    {"watch", "", "print what comes, changes and goes, as it happens", 0, 0, true, &EVENT_COLUMNS,
	command_watch},
    {"search", "[TARGET]", "search the network now; TARGET as SSDP's ST, ssdp:all by default", 0, 1,
	true, &DEVICE_COLUMNS, command_search},
    {"probe", "TARGET[:PORTS]...",
	"test whether devices or ports answer; TARGET as for show, or any address", 1,
	ARGUMENTS_MANY, false, &PROBE_COLUMNS, command_probe},
    {"announce", "TYPE...", "announce a device with these services, until interrupted", 1,
	ANNOUNCED_TYPES_MAX, true, NULL, command_announce},
    {"withdraw", "ID", "take back what was announced", 1, 1, true, NULL, command_withdraw},
    {"interfaces", "", "print the network interfaces of this host", 0, 0, true, &INTERFACE_COLUMNS,
	command_interfaces},
    {"map", "", "print networks, bridges, their ports and the devices behind them, as a tree", 0, 0,
	true, NULL, command_map},
    {"status", "", "print how discoverd is doing, and what it has counted", 0, 0, true, NULL,
	command_status},
    {"reload", "", "have the configuration read again", 0, 0, true, NULL, command_reload},
    {"log-level", "[LEVEL]", "print or set it: error, warning, notice, info, debug", 0, 1, true,
	NULL, command_log_level},
    {"version", "", "print the versions of discoverctl and discoverd", 0, 0, false, NULL,
	command_version},
    {"help", "[COMMAND]", "print this help, or the options and columns of a command", 0, 1, false,
	NULL, command_help},
    {.name = NULL},
};

const struct command *command_find(const char *name)
{
	const struct command *found = NULL;
	size_t len = strlen(name), matches = 0;

	for (const struct command *command = COMMANDS; command->name; command++) {
		if (!strcmp(command->name, name))
			return command;
		if (strncmp(command->name, name, len))
			continue;
		found = command;
		matches++;
	}
	if (matches == 1)
		return found;
	fprintf(stderr, "discoverctl: \"%s\" %s:", name,
	    matches ? "could be any of these" : "is no command; there are");
	for (const struct command *command = COMMANDS; command->name; command++)
		if (!matches || !strncmp(command->name, name, len))
			fprintf(stderr, " %s", command->name);
	fputc('\n', stderr);
	return NULL;
}

static void help_on(FILE *stream, const struct command *command)
{
	fprintf(stream, "Usage: discoverctl [OPTIONS] %s%s%s\n%s\n\n", command->name,
	    *command->arguments ? " " : "", command->arguments, command->help);
	command_options_help(stream, command->name);
	if (command->columns) {
		fputs("\nColumns: ", stream);
		columns_print_names(stream, command->columns);
	}
}

static void help_on_all(FILE *stream)
{
	fputs("Usage: discoverctl [OPTIONS] [COMMAND]\nShows the devices of the local network, as "
	      "discoverd knows them.\n\n",
	    stream);
	for (const struct command *command = COMMANDS; command->name; command++) {
		int width = fprintf(stream, "  %s %s", command->name, command->arguments);
		fprintf(stream, "%*s%s\n", width < 26 ? 26 - width : 1, "", command->help);
	}
	fputs(
	    "\nCommands may be shortened; without one, list is meant. Options for every command:\n",
	    stream);
	command_options_help(stream, NULL);
	fputs("\n\"discoverctl help COMMAND\" shows the options that a command has besides.\n",
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
