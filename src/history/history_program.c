/* SPDX-License-Identifier: ISC
 * history_program: discoverd-history as a companion of discoverd: file, socket and programs that
 * are run, in one loop. */
#include "history/history_program.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "base/log.h"
#include "history/history_methods.h"
#include "history/history_text.h"
#include "history/hook_environment.h"
#include "history/hooks.h"
#include "history/retention.h"
#include "net/random_bytes.h"
#include "net/wall_clock.h"

#define STATE_DEFAULT LOCALSTATEDIR "/lib/discoverd-history"

/* New devices are written at once, so many of them between two writings; more wait for up to
 * URGENT_PAUSE, so that a flood of them does not wear out a flash. */
enum { URGENT_MAX = 60 };
#define URGENT_PAUSE SECONDS(30)
/* Between two attempts to write, where that is not longer than usual. */
#define RETRY_PAUSE SECONDS(60)

struct program {
	struct loop *loop;
	const struct history_config *config;
	struct store *store;
	struct calendar calendar;
	struct recorder *recorder;
	struct retention retention;
	struct hooks *hooks;
	struct varlink_server *server;
	struct history_host host;
	struct instant save_at;
	unsigned urgent_count; /* since the last regular writing */
};

static void report(void *context, const struct recorder_event *event)
{
	struct program *program = context;
	const struct hook_event facts = {
	    .kind = event->kind,
	    .facts = &event->device->facts,
	    .alias = event->device->alias,
	    .old_address = event->old_address,
	    .at = event->at,
	    .first_seen = event->device->first_seen,
	};

	if (history_config_runs(program->config, event->kind))
		hooks_put(program->hooks, event->kind, hook_environment_new(&facts),
		    loop_now(program->loop));
}

static int save(void *context)
{
	struct program *program = context;
	struct instant now = loop_now(program->loop);

	store_retry(program->store);
	recorder_note_seen(program->recorder);
	retention_run(&program->retention, program->store, &program->calendar, now);
	return store_commit(program->store);
}

static void save_regularly(struct program *program, struct instant now)
{
	int error = save(program);
	int64_t pause = SECONDS(program->config->save_interval);

	if ((error || store_is_failing(program->store)) && pause > RETRY_PAUSE)
		pause = RETRY_PAUSE;
	program->urgent_count = 0;
	program->save_at = instant_add(now, pause);
}

/* A device that was never seen before is on the disk before a program is run for it. */
static void save_urgently(struct program *program, struct instant now)
{
	if (store_is_failing(program->store))
		return;
	if (program->urgent_count++ < URGENT_MAX)
		save(program);
	else
		program->save_at =
		    instant_earlier(program->save_at, instant_add(now, URGENT_PAUSE));
}

/* Both clocks are read at the same time: the round may have begun long ago. */
static void follow_clock(struct program *program)
{
	struct timespec boot;

	clock_gettime(CLOCK_BOOTTIME, &boot);
	const struct instant now = {SECONDS(boot.tv_sec) + boot.tv_nsec / 1000};
	int64_t from, seconds = calendar_update(&program->calendar, wall_clock_us(), now, &from);

	if (seconds)
		recorder_move_dates(program->recorder, seconds, from);
}

static void advance(void *state, struct instant now)
{
	struct program *program = state;

	follow_clock(program);
	recorder_advance(program->recorder, now);
	if (instant_due(program->save_at, now))
		save_regularly(program, now);
	else if (recorder_take_urgent(program->recorder))
		save_urgently(program, now);
	hooks_advance(program->hooks, now);
}

static struct instant deadline(const void *state)
{
	const struct program *program = state;
	struct instant earliest =
	    instant_earlier(program->save_at, recorder_deadline(program->recorder));

	return instant_earlier(earliest, hooks_deadline(program->hooks));
}

static void changed(void *state, const struct watcher_change *change)
{
	struct program *program = state;

	recorder_changed(program->recorder, change, loop_now(program->loop));
	if (store_is_crowded(program->store) && !store_is_failing(program->store))
		save(program);
}

static void synced(void *state)
{
	struct program *program = state;

	recorder_synced(program->recorder, loop_now(program->loop));
}

static void lost(void *state)
{
	struct program *program = state;

	recorder_lost(program->recorder);
}

static void close_program(void *state)
{
	struct program *program = state;

	varlink_server_close(program->server);
	recorder_close(program->recorder, loop_now(program->loop));
	store_close(program->store);
	hooks_close(program->hooks);
	free(program);
}

static int open_recorder(struct program *program)
{
	struct instant now = loop_now(program->loop);
	struct recorder_options options = {.config = program->config,
	    .store = program->store,
	    .calendar = &program->calendar,
	    .report = report,
	    .context = program};

	int error = random_bytes(&options.key, sizeof(options.key));
	if (error)
		return error;
	calendar_init(&program->calendar, store_ask_number(program->store, LAST_DATE, NULL, 0, 0),
	    wall_clock_us(), now);
	retention_init(&program->retention, program->config, now);
	program->save_at = instant_add(now, SECONDS(program->config->save_interval));
	/* Makes room where the file may have been larger until now. */
	retention_run(&program->retention, program->store, &program->calendar, now);
	return recorder_open(&options, now, &program->recorder);
}

static const struct varlink_interface INTERFACES[] = {
    {"io.discoverd.History", IO_DISCOVERD_HISTORY_TEXT},
    {"org.varlink.service", ORG_VARLINK_SERVICE_TEXT},
    {.name = NULL},
};

static int open_server(struct program *program)
{
	const struct server_interface interface = {.product = "discoverd-history",
	    .methods = HISTORY_METHODS,
	    .interfaces = INTERFACES,
	    .context = &program->host};

	program->host = (struct history_host){.config = program->config,
	    .store = program->store,
	    .recorder = program->recorder,
	    .save = save,
	    .context = program};
	return varlink_server_open(
	    program->loop, program->config->socket, &interface, &program->server);
}

static int open_all(struct program *program, const char *directory)
{
	const struct history_config *config = program->config;
	const struct store_options options = {directory, config->max_size};
	const struct hooks_options hooks = {config->exec, config->timeout, config->max_per_hour};
	int error;

	mkdir(directory, 0700);
	error = store_open(&options, &program->store);
	if (!error)
		error = open_recorder(program);
	if (!error)
		error = hooks_open(program->loop, &hooks, &program->hooks);
	if (!error)
		error = open_server(program);
	if (error == -ENOMEM)
		log_error("out of memory");
	return error;
}

static int open_program(const struct companion *companion, void **state)
{
	const char *directory =
	    companion->state_directory ? companion->state_directory : STATE_DEFAULT;
	struct program *program = calloc(1, sizeof(*program));
	int error;

	if (!program)
		return -ENOMEM;
	program->loop = companion->loop;
	program->config = companion->config;
	error = open_all(program, directory);
	if (error) {
		close_program(program);
		return error;
	}
	log_notice("started with %lld devices in %s/history.db",
	    (long long)store_ask_number(program->store, DEVICE_COUNT, NULL, 0, 0), directory);
	*state = program;
	return 0;
}

const struct companion_type HISTORY_PROGRAM = {
    .name = "discoverd-history",
    .purpose = "Records which devices were on the local network, and when.",
    .config_file = SYSCONFDIR "/discoverd/history.conf",
    .manual = "discoverd-history(8)",
    .options = {HISTORY_OPTIONS, HISTORY_OPTION_COUNT},
    .config_size = sizeof(struct history_config),
    .keeps_state = true,
    .neighbours = true,
    .check = history_config_check,
    .open = open_program,
    .handler = {changed, synced, lost},
    .advance = advance,
    .deadline = deadline,
    .close = close_program,
};
