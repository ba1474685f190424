/* SPDX-License-Identifier: ISC
 * fleet_reader: reads a fleet from a broker, and answers the program at the other end of a socket.
 */
#ifndef MQTT_FLEET_READER_H
#define MQTT_FLEET_READER_H

#include "mqtt/broker.h"

/* All is borrowed. */
struct fleet_reader_options {
	const char *url;   /* as it was typed */
	const char *site;  /* NULL: all */
	int socket;        /* connected, of a stream */
	uint32_t limit_ms; /* for the first answer */
	bool once;         /* ends when the connection to the broker is lost */
	struct broker_options broker;
};

/* Until the program closes the socket. What fails is reported on stderr in the name of discoverctl;
 * its exit status, as discoverctl(1) lists them. */
int fleet_reader_run(const struct fleet_reader_options *options);

#endif
