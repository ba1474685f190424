/* SPDX-License-Identifier: ISC
 * fleet_helper: see fleet_helper.h. */
#include "discoverctl/fleet_helper.h"
#include "discoverctl/exit_status.h"
#include <errno.h>
#include <limits.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define HELPER            "discoverd-fleet"
#define PACKAGE_OF_HELPER "discoverd-mqtt"

extern char **environ;

enum { ARGUMENTS_MAX = 10 };

static int explain(const char *path, int error)
{
	if (error == ENOENT)
		fprintf(stderr,
		    "discoverctl: --broker needs %s of the package " PACKAGE_OF_HELPER
		    ", which is not installed\n",
		    path);
	else
		fprintf(stderr, "discoverctl: cannot start %s: %s\n", path, strerror(error));
	return STATUS_FAILED;
}

struct arguments {
	const char *list[ARGUMENTS_MAX + 1]; /* ended by NULL */
	size_t count;
};

static void add(struct arguments *arguments, const char *option, const char *value)
{
	if (!value)
		return;
	arguments->list[arguments->count++] = option;
	arguments->list[arguments->count++] = value;
}

/* With one end of the pair as its standard input. An errno. */
static int spawn(const char *path, const struct arguments *arguments, int end, pid_t *helper)
{
	posix_spawn_file_actions_t actions;
	int error = posix_spawn_file_actions_init(&actions);

	if (error)
		return error;
	error = posix_spawn_file_actions_adddup2(&actions, end, STDIN_FILENO);
	/* what it prints would stand among the devices */
	if (!error)
		error = posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
	if (!error)
		error =
		    posix_spawn(helper, path, &actions, NULL, (char **)arguments->list, environ);
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

int fleet_helper_start(
    const struct command_options *options, int timeout_ms, pid_t *helper, int *socket)
{
	const char *directory = getenv("DISCOVERD_LIBEXEC");
	char path[PATH_MAX], timeout[16];
	struct arguments arguments = {.list = {path}, .count = 1};
	int ends[2];

	snprintf(
	    path, sizeof(path), "%s/" HELPER, directory && *directory ? directory : PKGLIBEXECDIR);
	snprintf(timeout, sizeof(timeout), "%d", timeout_ms);
	add(&arguments, "--timeout", timeout);
	add(&arguments, "--site", options->site);
	add(&arguments, "--config", options->broker_config);
	if (options->once)
		arguments.list[arguments.count++] = "--once";
	add(&arguments, "--", options->broker);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return explain(path, errno);
	int error = spawn(path, &arguments, ends[1], helper);
	close(ends[1]);
	*socket = ends[0];
	if (!error)
		return STATUS_DONE;
	close(ends[0]);
	return explain(path, error);
}

int fleet_helper_status(pid_t helper)
{
	int status;

	while (waitpid(helper, &status, 0) < 0)
		if (errno != EINTR)
			return STATUS_FAILED;
	if (WIFEXITED(status) && WEXITSTATUS(status) != STATUS_DONE)
		return WEXITSTATUS(status);
	fputs("discoverctl: " HELPER " has ended unexpectedly\n", stderr);
	return STATUS_FAILED;
}
