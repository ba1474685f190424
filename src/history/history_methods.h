/* SPDX-License-Identifier: ISC
 * history_methods: the methods of io.discoverd.History. */
#ifndef HISTORY_HISTORY_METHODS_H
#define HISTORY_HISTORY_METHODS_H

#include "history/recorder.h"
#include "history/varlink_server.h"

/* What the methods work with: the context of their interface. */
struct history_host {
	const struct history_config *config;
	struct store *store;
	struct recorder *recorder;
	/* Writes what waits. 0 or a negative errno. */
	int (*save)(void *context);
	void *context;
};

extern const struct server_method HISTORY_METHODS[];

#endif
