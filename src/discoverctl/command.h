/* SPDX-License-Identifier: ISC
 * command: the table of commands. */
#ifndef DISCOVERCTL_COMMAND_H
#define DISCOVERCTL_COMMAND_H

#include "discoverctl/aliases.h"
#include "discoverctl/command_options.h"
#include "discoverctl/daemon.h"
#include "discoverctl/output.h"

/* What a command works with. */
struct context {
	const struct command_options *options;
	int timeout_ms;   /* for an answer */
	unsigned seconds; /* as given with --timeout, rounded up; 0 where it was not */
	const char *socket;
	bool ascii; /* the user's locale is not UTF-8 */
	struct output output;
	struct daemon daemon;   /* connected for commands that connect */
	struct aliases aliases; /* names that users have given to devices */
};

enum { ANNOUNCED_MAX = 65 }; /* a device type and the services of a device */
enum { ARGUMENTS_MANY = 65536 };

struct command {
	const char *name;
	const char *arguments; /* as in the help */
	const char *help;
	const char *examples; /* a line each */
	int arguments_min, arguments_max;
	bool connects; /* to the daemon, before `run` */
	const struct column_set *columns;
	/* Checks arguments and values of options before anything is sent; may be NULL. STATUS_USAGE
	 * after a line on stderr. */
	int (*check)(struct context *context, char **arguments);
	int (*run)(struct context *context, char **arguments);
};

/* Ended by a row without a name; the first is the default. */
extern const struct command COMMANDS[];

/* Whole, or shortened while that fits one only. NULL after a line on stderr. */
const struct command *command_find(const char *name);

/* device_commands.c */
int command_check_list(struct context *context, char **arguments);
int command_list(struct context *context, char **arguments);
int command_services(struct context *context, char **arguments);
int command_show(struct context *context, char **arguments);
/* search_command.c */
/* --timeout, of a command during which the network is asked. */
int command_check_asking(const struct context *context, const char *command);
int command_check_search(struct context *context, char **arguments);
int command_search(struct context *context, char **arguments);
/* resolve_command.c */
int command_check_resolve(struct context *context, char **arguments);
int command_resolve(struct context *context, char **arguments);
/* watch_command.c */
int command_watch(struct context *context, char **arguments);
/* probe_command.c */
int command_check_probe(struct context *context, char **arguments);
int command_probe(struct context *context, char **arguments);
/* announce_commands.c */
int command_check_announce(struct context *context, char **arguments);
int command_announce(struct context *context, char **arguments);
int command_withdraw(struct context *context, char **arguments);
/* history_commands.c */
int command_check_history(struct context *context, char **arguments);
int command_history(struct context *context, char **arguments);
int command_acknowledge(struct context *context, char **arguments);
int command_name(struct context *context, char **arguments);
/* map_command.c */
int command_map(struct context *context, char **arguments);
/* daemon_commands.c */
int command_check_interfaces(struct context *context, char **arguments);
int command_interfaces(struct context *context, char **arguments);
int command_status(struct context *context, char **arguments);
int command_reload(struct context *context, char **arguments);
int command_check_log_level(struct context *context, char **arguments);
int command_log_level(struct context *context, char **arguments);
int command_version(struct context *context, char **arguments);

#endif
