/* SPDX-License-Identifier: ISC
 * tracker: what is published about a device for Home Assistant: a device tracker, by its MQTT
 * discovery. */
#ifndef MQTT_TRACKER_H
#define MQTT_TRACKER_H

#include "base/writer.h"
#include "wire/json_writer.h"

struct json_object;

/* Whose devices they are. */
struct tracker_board {
	const char *prefix; /* where Home Assistant looks: "homeassistant" */
	const char *site, *board, *version;
};

/* Below PREFIX/device_tracker/BOARD/OBJECT/. */
enum tracker_topic { TRACKER_CONFIG, TRACKER_STATE };

/* Writes a text with letters, digits and '-' only; what is none becomes _HH, byte by byte. */
void tracker_write_name(struct writer *w, struct slice text);
void tracker_write_topic(
    struct writer *w, const struct tracker_board *board, const char *id, enum tracker_topic topic);
/* Whether a device is a thing to track: not one that has only asked questions. */
bool tracker_wants(struct json_object *device);
void tracker_write_config(
    struct json_writer *w, const struct tracker_board *board, struct json_object *device);
/* State and attributes; `device` may be NULL when it is not at home. */
void tracker_write_state(struct json_writer *w, struct json_object *device, bool home);

#endif
