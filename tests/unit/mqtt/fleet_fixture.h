/* SPDX-License-Identifier: ISC
 * fleet_fixture: boards that publish, for the tests of mqtt/fleet*. */
#ifndef TESTS_FLEET_FIXTURE_H
#define TESTS_FLEET_FIXTURE_H

#include "mqtt/fleet.h"

extern struct fleet fleet;
extern const struct siphash_key fleet_key;

void fleet_setup(void);
void fleet_teardown(void);
/* A message below discoverd/v1/; `published` is in seconds. */
void say_at(int64_t published, const char *topic, const char *payload);
void say(const char *topic, const char *payload);
/* A board that is online, with a link "eth0": in 192.168.1.0/24, whose gateway has this MAC, or
 * without a gateway for NULL. `path` is "SITE/BOARD". */
void say_board(const char *path, const char *segment, unsigned devices);
/* The document of a device at "SITE/BOARD": `members` follow those that each has. */
void say_device(
    const char *path, const char *id, const char *address, const char *mac, const char *members);
/* A line for each device: "ID at SITE: BOARD,BOARD ADDRESS,ADDRESS FLAG,FLAG", sorted; in a buffer
 * of the fixture. */
const char *devices(void);

#endif
