/* SPDX-License-Identifier: ISC
 * companion_type: what makes a program around discoverd: one row with its names, its options, and
 * what it does. */
#ifndef COMPANION_COMPANION_TYPE_H
#define COMPANION_COMPANION_TYPE_H

#include "client/watcher.h"
#include "model/config_option.h"

/* What a program is handed when it opens. All is borrowed and outlives its state. */
struct companion {
	struct loop *loop;           /* outlives it: what `open` adds, `close` removes */
	struct watcher *watcher;     /* not yet connected */
	const void *config;          /* the struct of its options */
	const char *socket;          /* of discoverd */
	const char *state_directory; /* of --state, else $STATE_DIRECTORY, else NULL */
};

struct companion_type {
	const char *name;        /* of the program: "discoverd-mqtt" */
	const char *purpose;     /* one sentence for --help */
	const char *config_file; /* where it is unless --config names another */
	const char *manual;      /* the page that lists its options: "discoverd-mqtt(8)" */
	struct config_rows options;
	size_t config_size; /* bytes of the struct of its options */
	bool keeps_state;   /* takes --state */
	bool neighbours;    /* devices that only the kernel knows are of interest, too */
	/* What the rows cannot tell: NULL, or what is wrong with the whole, on the heap. NULL:
	 * nothing more is to be checked. */
	char *(*check)(const void *config);
	/* 0 with *state set, or a negative errno: the reason is logged, and the program ends, or
	 * goes back to the configuration before a SIGHUP. */
	int (*open)(const struct companion *companion, void **state);
	/* As of watcher.h; its context is the state. */
	struct watcher_handler handler;
	/* Does what is due, after each round of the loop. NULL with `deadline`. */
	void (*advance)(void *state, struct instant now);
	struct instant (*deadline)(const void *state);
	void (*close)(void *state);
};

#endif
