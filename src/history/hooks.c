/* SPDX-License-Identifier: ISC
 * hooks: runs a program for events, never through a shell, and only so often, so many at a time and
 * for so long. */
#include "history/hooks.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"

enum { RUNNING_MAX = 4, WAITING_MAX = 64 };
/* From SIGTERM to SIGKILL. */
#define GRACE SECONDS(5)
#define HOUR  SECONDS(3600)
/* The same at the end of the program, which does not wait for long. */
#define LAST_GRACE_STEPS 50
#define LAST_GRACE_STEP  10000000L /* nanoseconds */

struct run {
	STAILQ_ENTRY(run) entry;
	const char *kind;
	char **environment;
	pid_t pid;   /* of its process group, too; 0: it waits */
	bool ending; /* it was sent SIGTERM */
	struct instant deadline;
};

STAILQ_HEAD(runs, run);

struct hooks {
	struct loop *loop;
	struct hooks_options options;
	struct runs waiting, running;
	unsigned waiting_count, running_count;
	int64_t budget; /* microseconds, of which a run costs its share of an hour */
	struct instant refilled;
	struct log_limit dropped, failed;
};

static void free_run(struct run *run)
{
	free(run->environment);
	free(run);
}

static void log_end(struct hooks *hooks, const struct run *run, int status)
{
	unsigned held_back;

	if (status == 0 || !log_limit_pass(&hooks->failed, loop_now(hooks->loop), &held_back))
		return;
	if (WIFSIGNALED(status))
		log_warning("%s (%s) was ended by signal %d%s", hooks->options.program, run->kind,
		    WTERMSIG(status), run->ending ? ", because it took too long" : "");
	else
		log_warning("%s (%s) ended with status %d", hooks->options.program, run->kind,
		    WEXITSTATUS(status));
}

/* True where the process has ended. What it has left running goes with it: before it is waited for,
 * its process group cannot be that of another. */
static bool reap(const struct run *run, int *status)
{
	siginfo_t info = {0};

	if (waitid(P_PID, (id_t)run->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0)
		return errno == ECHILD;
	if (!info.si_pid)
		return false;
	kill(-run->pid, SIGKILL);
	return waitpid(run->pid, status, 0) == run->pid;
}

static void reap_ended(void *context, int signal)
{
	struct hooks *hooks = context;
	struct run *run = STAILQ_FIRST(&hooks->running), *next;
	(void)signal;

	for (; run; run = next) {
		int status = 0;
		next = STAILQ_NEXT(run, entry);
		if (!reap(run, &status))
			continue;
		log_end(hooks, run, status);
		STAILQ_REMOVE(&hooks->running, run, run, entry);
		hooks->running_count--;
		free_run(run);
	}
}

int hooks_open(struct loop *loop, const struct hooks_options *options, struct hooks **opened)
{
	struct hooks *hooks = calloc(1, sizeof(*hooks));

	if (!hooks)
		return -ENOMEM;
	hooks->loop = loop;
	hooks->options = *options;
	hooks->budget = HOUR;
	hooks->refilled = loop_now(loop);
	STAILQ_INIT(&hooks->waiting);
	STAILQ_INIT(&hooks->running);
	if (options->program && loop_on_signal(loop, SIGCHLD, reap_ended, hooks)) {
		free(hooks);
		return -ENOMEM;
	}
	if (options->program && access(options->program, X_OK))
		log_warning("exec = %s: %s", options->program, strerror(errno));
	*opened = hooks;
	return 0;
}

static void signal_all(const struct hooks *hooks, int number)
{
	const struct run *run;

	STAILQ_FOREACH(run, &hooks->running, entry)
	kill(-run->pid, number);
}

void hooks_close(struct hooks *hooks)
{
	struct run *run;

	if (!hooks)
		return;
	signal_all(hooks, SIGTERM);
	for (int i = 0; i < LAST_GRACE_STEPS && hooks->running_count; i++) {
		nanosleep(&(struct timespec){0, LAST_GRACE_STEP}, NULL);
		reap_ended(hooks, SIGCHLD);
	}
	signal_all(hooks, SIGKILL);
	while ((run = STAILQ_FIRST(&hooks->running))) {
		STAILQ_REMOVE_HEAD(&hooks->running, entry);
		waitpid(run->pid, NULL, 0);
		free_run(run);
	}
	while ((run = STAILQ_FIRST(&hooks->waiting))) {
		STAILQ_REMOVE_HEAD(&hooks->waiting, entry);
		free_run(run);
	}
	free(hooks);
}

static bool may_run(struct hooks *hooks, struct instant now)
{
	int64_t price = HOUR / hooks->options.per_hour;

	hooks->budget += instant_since(now, hooks->refilled);
	hooks->refilled = now;
	if (hooks->budget > HOUR)
		hooks->budget = HOUR;
	if (hooks->budget < price)
		return false;
	hooks->budget -= price;
	return true;
}

void hooks_put(struct hooks *hooks, const char *kind, char **environment, struct instant now)
{
	struct run *run = NULL;
	unsigned held_back;

	if (environment && hooks->options.program && hooks->waiting_count < WAITING_MAX &&
	    may_run(hooks, now))
		run = calloc(1, sizeof(*run));
	if (!run) {
		free(environment);
		if (hooks->options.program && log_limit_pass(&hooks->dropped, now, &held_back))
			log_warning("%s is not run for an event (%s): it is run %u times an hour "
				    "at most (max-per-hour)",
			    hooks->options.program, kind, hooks->options.per_hour);
		return;
	}
	run->kind = kind;
	run->environment = environment;
	STAILQ_INSERT_TAIL(&hooks->waiting, run, entry);
	hooks->waiting_count++;
}

/* A group of its own, the signals as they are at the start of a program, nothing to read, and what
 * it writes goes where the log goes. Every other descriptor closes by itself. */
static int spawn(const char *program, struct run *run)
{
	char *const arguments[] = {(char *)(uintptr_t)program, (char *)(uintptr_t)run->kind, NULL};
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t signals;
	int error;

	if (posix_spawn_file_actions_init(&files))
		return -ENOMEM;
	if (posix_spawnattr_init(&attributes)) {
		posix_spawn_file_actions_destroy(&files);
		return -ENOMEM;
	}
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
	posix_spawnattr_setflags(
	    &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setpgroup(&attributes, 0);
	sigemptyset(&signals);
	posix_spawnattr_setsigmask(&attributes, &signals);
	sigfillset(&signals);
	posix_spawnattr_setsigdefault(&attributes, &signals);
	error = posix_spawn(&run->pid, program, &files, &attributes, arguments, run->environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&files);
	return -error;
}

static void start(struct hooks *hooks, struct run *run, struct instant now)
{
	unsigned held_back;
	int error = spawn(hooks->options.program, run);

	if (error) {
		if (log_limit_pass(&hooks->failed, now, &held_back))
			log_warning("cannot run %s: %s", hooks->options.program, strerror(-error));
		free_run(run);
		return;
	}
	run->deadline = instant_add(now, SECONDS(hooks->options.seconds));
	STAILQ_INSERT_TAIL(&hooks->running, run, entry);
	hooks->running_count++;
}

void hooks_advance(struct hooks *hooks, struct instant now)
{
	struct run *run;

	STAILQ_FOREACH(run, &hooks->running, entry)
	{
		if (!instant_due(run->deadline, now))
			continue;
		kill(-run->pid, run->ending ? SIGKILL : SIGTERM);
		run->ending = true;
		run->deadline = instant_add(now, GRACE);
	}
	while (hooks->running_count < RUNNING_MAX && (run = STAILQ_FIRST(&hooks->waiting))) {
		STAILQ_REMOVE_HEAD(&hooks->waiting, entry);
		hooks->waiting_count--;
		start(hooks, run, now);
	}
}

struct instant hooks_deadline(const struct hooks *hooks)
{
	struct instant deadline = INSTANT_NEVER;
	const struct run *run;

	STAILQ_FOREACH(run, &hooks->running, entry)
	deadline = instant_earlier(deadline, run->deadline);
	return deadline;
}
