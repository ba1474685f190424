/* SPDX-License-Identifier: ISC
 * main: reads the command line, runs the row of the command, and ends as discoverctl(1) says. */
#include "config.h"
#include "discoverctl/command.h"
#include "discoverctl/exit_status.h"
#include "discoverctl/output_options.h"
#include "discoverctl/when.h"
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SOCKET_DEFAULT RUNSTATEDIR "/discoverd/io.discoverd"
enum { TIMEOUT_DEFAULT = 10, TIMEOUT_MAX = 86400 };

static void interrupted(int signal_number)
{
	(void)signal_number;
	_exit(STATUS_INTERRUPTED);
}

/* wcwidth() needs a UTF-8 locale, because names are UTF-8; only LC_CTYPE is set. False where the
 * user's own locale is not UTF-8. */
static bool choose_locale(void)
{
	setlocale(LC_CTYPE, "");
	bool utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	if (!utf8)
		setlocale(LC_CTYPE, "C.UTF-8");
	return utf8;
}

static int read_timeout(struct context *context)
{
	const char *text = context->options->timeout;
	int64_t milliseconds = TIMEOUT_DEFAULT * INT64_C(1000);

	if (text && when_parse_duration(text, TIMEOUT_MAX, &milliseconds) < 0) {
		fprintf(stderr,
		    "discoverctl: %s is a number of seconds, up to %d, as in 10 or 0.5, "
		    "not \"%s\"\n",
		    command_options_typed(context->options, "timeout"), TIMEOUT_MAX, text);
		return STATUS_USAGE;
	}
	context->seconds = text ? (unsigned)((milliseconds + 999) / 1000) : 0;
	context->timeout_ms = (int)milliseconds;
	return STATUS_DONE;
}

static void choose_socket(struct context *context)
{
	const char *given = context->options->socket, *environment = getenv("DISCOVERD_SOCKET");
	context->socket = given                         ? given
			  : environment && *environment ? environment
							: SOCKET_DEFAULT;
}

static int check_arguments(const struct command *command, char **arguments, int count)
{
	if (count >= command->arguments_min && count <= command->arguments_max)
		return STATUS_DONE;
	if (count < command->arguments_min)
		fprintf(stderr, "discoverctl: %s needs %s\n", command->name, command->arguments);
	else
		fprintf(stderr, "discoverctl: \"%s\" is one argument too many for %s\n",
		    arguments[command->arguments_max], command->name);
	fprintf(stderr, "Try \"discoverctl help %s\".\n", command->name);
	return STATUS_USAGE;
}

static int connect_daemon(struct context *context)
{
	const struct command_options *options = context->options;

	if (!options->broker)
		return daemon_open(
		    &context->daemon, "discoverd", context->socket, context->timeout_ms);
	int status = daemon_open_fleet(&context->daemon, options, context->timeout_ms);
	context->timeout_ms = context->daemon.timeout_ms;
	return status;
}

static int run(const struct command *command, struct context *context, char **arguments)
{
	output_init(&context->output, stdout, command->columns, time(NULL));
	context->output.ascii = context->ascii;
	int status = output_options_apply(&context->output, context->options);
	if (!status && command->check)
		status = command->check(context, arguments);
	if (!status && command->connects)
		status = connect_daemon(context);
	if (!status)
		status = command->run(context, arguments);
	if (command->connects)
		daemon_close(&context->daemon);
	if (!status)
		status = output_flush(&context->output);
	output_fini(&context->output);
	aliases_fini(&context->aliases);
	return status;
}

int main(int argc, char **argv)
{
	struct command_options options;
	struct context context = {.options = &options, .daemon.client.fd = -1};

	context.ascii = !choose_locale();
	signal(SIGINT, interrupted);
	if (command_options_read(&options, argc, argv))
		return STATUS_USAGE;
	bool named = !options.help && !options.version && options.words[0];
	const char *name = options.help ? "help" : options.version ? "version" : options.words[0];
	const struct command *command = name ? command_find(name) : COMMANDS;
	if (!command || command_options_check(&options, command->name))
		return STATUS_USAGE;
	if (check_arguments(command, options.words + named, options.word_count - named) ||
	    read_timeout(&context))
		return STATUS_USAGE;
	choose_socket(&context);
	int status = run(command, &context, options.words + named);
	return status == STATUS_UNREAD ? STATUS_DONE : status;
}
