/* SPDX-License-Identifier: ISC
 * fleet_session: answers one program as io.discoverd would, with the devices of a fleet: List, Get,
 * Monitor, Interfaces and Status. */
#ifndef MQTT_FLEET_SESSION_H
#define MQTT_FLEET_SESSION_H

#include "mqtt/fleet.h"
#include "wire/json_writer.h"

struct fleet_session;

/* `fleet` and `broker`, what it is called by, are borrowed. NULL when out of memory. */
struct fleet_session *fleet_session_new(
    struct fleet *fleet, const char *broker, const struct siphash_key *key);
void fleet_session_free(struct fleet_session *session);
/* Bytes came. 0; -EBADMSG: not Varlink; -ENOMEM. */
int fleet_session_feed(struct fleet_session *session, struct slice bytes);
/* Answers the calls that came, until there is much to send: then true, and the fleet must not
 * change before the next turn. */
bool fleet_session_turn(struct fleet_session *session);
/* Whether the program follows the devices: then it needs a turn after each change of the fleet, and
 * when all is sent. */
bool fleet_session_follows(const struct fleet_session *session);
/* Out of memory, or the program does not speak Varlink: nothing is answered any more. */
bool fleet_session_has_failed(const struct fleet_session *session);
/* What is to be sent; what was sent is to be taken off it. */
struct slice fleet_session_output(const struct fleet_session *session);
void fleet_session_sent(struct fleet_session *session, size_t len);

#endif
