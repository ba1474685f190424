/* SPDX-License-Identifier: ISC
 * recorder: writes down which devices come, move and go, and reports what is new. */
#ifndef HISTORY_RECORDER_H
#define HISTORY_RECORDER_H

#include "client/watcher.h"
#include "history/calendar.h"
#include "history/history_config.h"
#include "history/present_devices.h"
#include "history/store.h"

struct recorder;

/* What is to be done about an event: `kind` is "new", "added", "removed" or "moved". */
struct recorder_event {
	const char *kind;
	const struct present_device *device;
	const char *old_address; /* of "moved" */
	int64_t at;
};
typedef void recorder_report_fn(void *context, const struct recorder_event *event);

/* All is borrowed. `key` is random. */
struct recorder_options {
	const struct history_config *config;
	struct store *store;
	struct calendar *calendar;
	struct siphash_key key;
	recorder_report_fn *report;
	void *context;
};

/* Begins with the devices that were here at the end of the last run. 0 or -ENOMEM. */
int recorder_open(
    const struct recorder_options *options, struct instant now, struct recorder **recorder);
/* Notes what it knows; the store is to be closed later. NULL is allowed. */
void recorder_close(struct recorder *recorder, struct instant now);
/* As of struct watcher_handler. */
void recorder_changed(
    struct recorder *recorder, const struct watcher_change *change, struct instant now);
void recorder_synced(struct recorder *recorder, struct instant now);
void recorder_lost(struct recorder *recorder);
/* Does what is due. */
void recorder_advance(struct recorder *recorder, struct instant now);
struct instant recorder_deadline(const struct recorder *recorder);
/* Writes until when the devices that are here were seen; before each commit. */
void recorder_note_seen(struct recorder *recorder);
/* The clock was set: dates from `from` on have moved. */
void recorder_move_dates(struct recorder *recorder, int64_t seconds, int64_t from);
/* True once after a device was entered that was never seen before. */
bool recorder_take_urgent(struct recorder *recorder);
/* Until when the devices that are here were seen. */
int64_t recorder_seen(const struct recorder *recorder);
/* Whether discoverd is followed: else what is recorded may be out of date. */
bool recorder_is_synced(const struct recorder *recorder);
/* The user has acknowledged the device, or has named it: NULL removes the name. 0 or the errno of
 * store_write(). */
int recorder_acknowledge(struct recorder *recorder, int64_t key);
int recorder_name(struct recorder *recorder, int64_t key, const char *alias);

#endif
