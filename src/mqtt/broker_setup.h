/* SPDX-License-Identifier: ISC
 * broker_setup: the settings of a client of libmosquitto before it connects. */
#ifndef MQTT_BROKER_SETUP_H
#define MQTT_BROKER_SETUP_H

#include "mqtt/broker_url.h"

#include <stdint.h>

/* What mosquitto and the library allow without being asked: so many messages of QoS 1 may wait for
 * their acknowledgement. */
enum { BROKER_IN_FLIGHT_MAX = 20 };

struct mosquitto;

/* Texts are borrowed until broker_close(); NULL: none. */
struct broker_options {
	struct broker_url url;
	/* For TLS. Without `ca_file` the certificates of the system count. They are read at each
	 * attempt, so that new ones are used. */
	const char *ca_file, *cert_file, *key_file;
	const char *username, *password;
	const char *client_id; /* NULL: the broker chooses one */
	uint16_t keep_alive;   /* seconds, 5 at least */
};

/* A message to publish. */
struct broker_message {
	const char *topic;
	struct slice payload;
	uint8_t qos; /* 0 or 1 */
	bool retain;
	uint32_t expiry; /* seconds; 0: none. With MQTT 5 only */
};

/* A way to connect. */
struct broker_way {
	bool old;  /* MQTT 3.1.1, not 5 */
	bool ipv4; /* no IPv6 */
};

/* `will` may be NULL. A result of the library; `problem` is a text where the library has none, else
 * empty. */
int broker_set_up(struct mosquitto *client, const struct broker_options *options,
    const struct broker_message *will, struct broker_way way, struct writer *problem);

#endif
