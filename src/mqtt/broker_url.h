/* SPDX-License-Identifier: ISC
 * broker_url: mqtt[s]://HOST[:PORT], where a broker is. */
#ifndef MQTT_BROKER_URL_H
#define MQTT_BROKER_URL_H

#include "base/slice.h"
#include "wire/url.h"

struct broker_url {
	char host[URL_MAX + 1]; /* a name or an address, without brackets */
	uint16_t port;
	bool tls;
};

/* 0 or -EINVAL. */
int broker_url_parse(struct slice text, struct broker_url *url);

#endif
