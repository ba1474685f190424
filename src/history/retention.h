/* SPDX-License-Identifier: ISC
 * retention: forgets what is too old or too much, the oldest first. */
#ifndef HISTORY_RETENTION_H
#define HISTORY_RETENTION_H

#include "history/calendar.h"
#include "history/history_config.h"
#include "history/store.h"

struct retention {
	const struct history_config *config; /* borrowed */
	struct instant next_by_age;
};

void retention_init(
    struct retention *retention, const struct history_config *config, struct instant now);
/* Before a commit. What is too old goes once a day, and only when the calendar is settled: a clock
 * that is wrong would make everything old. */
void retention_run(struct retention *retention, struct store *store,
    const struct calendar *calendar, struct instant now);

#endif
