/* SPDX-License-Identifier: ISC
 * hooks: runs a program for events, never through a shell, and only so often, so many at a time and
 * for so long. */
#ifndef HISTORY_HOOKS_H
#define HISTORY_HOOKS_H

#include "net/loop.h"

struct hooks;

struct hooks_options {
	const char *program; /* borrowed; absolute; NULL: none is run */
	unsigned seconds;    /* after which it is ended */
	unsigned per_hour;   /* runs */
};

/* 0 or a negative errno. */
int hooks_open(struct loop *loop, const struct hooks_options *options, struct hooks **hooks);
/* Ends what runs. NULL is allowed. */
void hooks_close(struct hooks *hooks);
/* Has the program run with this environment, as of hook_environment_new(), which it takes over;
 * `kind` (a literal) is its first argument. Over the limits it is not run, which is logged. */
void hooks_put(struct hooks *hooks, const char *kind, char **environment, struct instant now);
/* Starts what waits, and ends what runs too long. */
void hooks_advance(struct hooks *hooks, struct instant now);
struct instant hooks_deadline(const struct hooks *hooks);

#endif
