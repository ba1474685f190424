/* SPDX-License-Identifier: ISC
 * companion: the frame of the programs around discoverd: command line, configuration, log, signals,
 * and a loop that follows the devices. */
#include "companion/companion.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "companion/companion_config.h"
#include "companion/companion_options.h"
#include "net/log_output.h"

/* EX_CONFIG of <sysexits.h>; the units do not restart a service after it. */
enum { EXIT_CONFIG = 78 };

struct frame {
	const struct companion_type *type;
	const struct companion_options *options;
	struct companion companion;
	void *config; /* owned */
	void *state;
	void *next_config;   /* owned: to begin again with */
	void *former_config; /* owned: to go back to, until it has begun with the next one */
	bool ending;
};

static void changed(void *context, const struct watcher_change *change)
{
	struct frame *frame = context;

	if (frame->type->handler.changed)
		frame->type->handler.changed(frame->state, change);
}

static void synced(void *context)
{
	struct frame *frame = context;

	if (frame->type->handler.synced)
		frame->type->handler.synced(frame->state);
}

static void lost(void *context)
{
	struct frame *frame = context;

	if (frame->type->handler.lost)
		frame->type->handler.lost(frame->state);
}

static const struct watcher_handler FORWARD = {changed, synced, lost};

static void round_ended(void *context)
{
	struct frame *frame = context;
	const struct companion *companion = &frame->companion;
	struct instant now = loop_now(companion->loop);

	watcher_advance(companion->watcher, now);
	if (frame->type->advance)
		frame->type->advance(frame->state, now);
	loop_set_deadline(companion->loop,
	    instant_earlier(watcher_deadline(companion->watcher),
		frame->type->deadline ? frame->type->deadline(frame->state) : INSTANT_NEVER));
}

static void end(void *context, int signal)
{
	struct frame *frame = context;
	(void)signal;
	frame->ending = true;
	loop_stop(frame->companion.loop);
}

static void reload(void *context, int signal)
{
	struct frame *frame = context;
	const struct companion_options *options = frame->options;
	void *config;
	(void)signal;

	if (companion_config_load(
		frame->type, options->config_file, options->config_file_given, &config)) {
		log_error("the configuration stays as it was");
		return;
	}
	log_notice("the configuration was read again");
	companion_config_free(frame->type, frame->next_config);
	frame->next_config = config;
	loop_stop(frame->companion.loop);
}

static int open_loop(struct frame *frame)
{
	struct loop *loop = loop_new();

	frame->companion.loop = loop;
	if (!loop || loop_on_signal(loop, SIGTERM, end, frame) ||
	    loop_on_signal(loop, SIGINT, end, frame) ||
	    loop_on_signal(loop, SIGHUP, reload, frame)) {
		log_error("out of memory or descriptors");
		return -ENOMEM;
	}
	loop_on_round(loop, round_ended, frame);
	return 0;
}

static int open_all(struct frame *frame)
{
	struct companion *companion = &frame->companion;
	int error = watcher_open(companion->loop, companion->socket, frame->type->neighbours,
	    &FORWARD, frame, &companion->watcher);

	if (error) {
		log_error("the connection to discoverd: %s", strerror(-error));
		return error;
	}
	return frame->type->open(companion, &frame->state);
}

static void close_all(struct frame *frame)
{
	if (frame->state)
		frame->type->close(frame->state);
	frame->state = NULL;
	watcher_close(frame->companion.watcher);
	frame->companion.watcher = NULL;
}

/* With one configuration. 0 or a negative errno. */
static int run(struct frame *frame)
{
	frame->companion.config = frame->config;
	int error = open_all(frame);

	if (!error) {
		companion_config_free(frame->type, frame->former_config);
		frame->former_config = NULL;
		error = loop_run(frame->companion.loop);
	}
	close_all(frame);
	return error;
}

/* Until it is to end. The loop stays, so that a signal that comes between is not lost. */
static int run_all(struct frame *frame)
{
	int error = open_loop(frame);

	while (!error && !frame->ending) {
		error = run(frame);
		if (error && frame->former_config) {
			log_error("the former configuration is in effect again");
			companion_config_free(frame->type, frame->config);
			frame->config = frame->former_config;
			frame->former_config = NULL;
			error = 0;
		} else if (frame->next_config) {
			frame->former_config = frame->config;
			frame->config = frame->next_config;
			frame->next_config = NULL;
		}
	}
	loop_free(frame->companion.loop);
	return error;
}

/* The mistakes have been logged. */
static int config_failed(const struct companion_options *options, int error)
{
	if (error == -ENOMEM)
		log_error("out of memory");
	return options->check_config || error == -ENOMEM ? EXIT_FAILURE : EXIT_CONFIG;
}

int companion_main(const struct companion_type *type, int argc, char **argv)
{
	struct companion_options options;
	struct frame frame = {.type = type, .options = &options};
	int error;

	switch (companion_options_parse(&options, type, argc, argv)) {
	case COMPANION_DONE:
		return EXIT_SUCCESS;
	case COMPANION_WRONG:
		return 2;
	case COMPANION_RUN:
		break;
	}
	log_output_open(type->name, options.verbose, !options.check_config);
	error = companion_config_load(
	    type, options.config_file, options.config_file_given, &frame.config);
	if (error)
		return config_failed(&options, error);
	frame.companion.socket = options.socket;
	frame.companion.state_directory = options.state_directory;
	error = options.check_config ? companion_config_print(type, frame.config) : run_all(&frame);
	companion_config_free(type, frame.config);
	companion_config_free(type, frame.next_config);
	companion_config_free(type, frame.former_config);
	return error ? EXIT_FAILURE : EXIT_SUCCESS;
}
