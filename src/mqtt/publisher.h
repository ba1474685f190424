/* SPDX-License-Identifier: ISC
 * publisher: discoverd-mqtt itself: follows discoverd, and publishes what is new when the broker
 * takes it. The functions are those of struct companion_type. */
#ifndef MQTT_PUBLISHER_H
#define MQTT_PUBLISHER_H

#include "companion/companion_type.h"

int publisher_open(const struct companion *companion, void **state);
void publisher_close(void *state);
void publisher_changed(void *state, const struct watcher_change *change);
void publisher_synced(void *state);
void publisher_lost(void *state);
void publisher_advance(void *state, struct instant now);
struct instant publisher_deadline(const void *state);

#endif
