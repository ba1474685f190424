/* SPDX-License-Identifier: ISC
 * broker: a connection to an MQTT broker by libmosquitto, in the loop and without threads. */
#ifndef MQTT_BROKER_H
#define MQTT_BROKER_H

#include "mqtt/broker_setup.h"
#include "net/loop.h"

struct broker;

enum broker_failure {
	BROKER_UNREACHABLE,
	BROKER_SILENT,  /* there was a connection, but no answer in 30 s */
	BROKER_REFUSED, /* wrong name, password or certificate, or not authorized */
	BROKER_LOST     /* it was connected */
};

/* A message that came. All is borrowed, until the handler returns. */
struct broker_received {
	struct slice topic, payload;
	bool retained;   /* it was published earlier */
	uint32_t expiry; /* seconds that are left of it; 0: not known */
};

/* What its user does. Any may be NULL. None may close the broker. */
struct broker_handler {
	void (*connected)(void *context);
	/* `reason` is a text for people. Tries again after a pause. */
	void (*failed)(void *context, enum broker_failure failure, const char *reason);
	/* An answer to broker_subscribe(). */
	void (*subscribed)(void *context, bool granted);
	/* One that was subscribed to. */
	void (*message)(void *context, const struct broker_received *message);
	/* A message that was published was not taken: not authorized, or over a limit. */
	void (*rejected)(void *context, const char *reason);
};

/* Connects at the first broker_advance(), with MQTT 5, else 3.1.1, and by the address that the
 * resolver prefers, else by IPv4. After a failure it pauses for a random time from 1 s up to a
 * limit, which doubles from 2 s to 600 s. Looking up a name waits for the DNS server. 0, -ENOMEM,
 * or that of random_bytes(). */
int broker_open(struct loop *loop, const struct broker_options *options,
    const struct broker_handler *handler, void *context, struct broker **broker);
/* Waits up to 1 s for what was published to be acknowledged, then disconnects: there is no will. */
void broker_close(struct broker *broker);
void broker_advance(struct broker *broker, struct instant now);
struct instant broker_deadline(const struct broker *broker);

/* What the broker publishes when the connection ends without a goodbye, from the next attempt to
 * connect on. Copied. 0 or -ENOMEM: then there is none. */
int broker_set_will(struct broker *broker, const struct broker_message *will);
bool broker_is_connected(const struct broker *broker);
/* "5" or "3.1.1"; of the connection, or of the next attempt. */
const char *broker_version(const struct broker *broker);
/* Whether a message may be published now: fewer than 19 wait for their acknowledgement. One more is
 * taken, which is for the goodbye. */
bool broker_has_room(const struct broker *broker);
/* Copies it. 0; -EAGAIN: there is no room, or no connection; -EMSGSIZE: the broker takes none of
 * this size; another negative errno: the connection is lost. */
int broker_publish(struct broker *broker, const struct broker_message *message);
/* With QoS 0; retained messages come first. 0 or a negative errno, as above. */
int broker_subscribe(struct broker *broker, const char *filter);

#endif
