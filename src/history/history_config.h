/* SPDX-License-Identifier: ISC
 * history_config: the options of discoverd-history. */
#ifndef HISTORY_HISTORY_CONFIG_H
#define HISTORY_HISTORY_CONFIG_H

#include "model/config_option.h"

struct history_config {
	char *socket;
	bool neighbours;
	uint32_t save_interval, event_days, presence_days, max_devices, max_size;
	uint32_t learn;
	bool random_macs;
	char *exec;
	struct text_list events;
	uint32_t timeout, max_per_hour;
};

enum { HISTORY_OPTION_COUNT = 13 };
extern const struct config_option HISTORY_OPTIONS[HISTORY_OPTION_COUNT];

/* What is wrong with the whole, on the heap, or NULL. */
char *history_config_check(const void *config);
/* Whether the program is run for events of this kind. */
bool history_config_runs(const struct history_config *config, const char *kind);

#endif
