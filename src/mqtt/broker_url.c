/* SPDX-License-Identifier: ISC
 * broker_url: see broker_url.h. */
#include "mqtt/broker_url.h"

#include <errno.h>

/* Registered with IANA for MQTT, and for MQTT over TLS. */
enum { PORT_PLAIN = 1883, PORT_TLS = 8883 };

int broker_url_parse(struct slice text, struct broker_url *parsed)
{
	struct url url;
	struct writer host;

	*parsed = (struct broker_url){.port = PORT_PLAIN};
	if (url_parse(text, &url) || !(slice_equal(url.path, SLICE("/"))))
		return -EINVAL;
	parsed->tls = slice_equal_nocase(url.scheme, SLICE("mqtts"));
	if (!parsed->tls && !slice_equal_nocase(url.scheme, SLICE("mqtt")))
		return -EINVAL;
	if (url.port)
		parsed->port = url.port;
	else if (parsed->tls)
		parsed->port = PORT_TLS;
	writer_init(&host, parsed->host, sizeof(parsed->host) - 1);
	writer_slice(&host, url.host);
	if (url.zone.len) {
		writer_char(&host, '%');
		writer_slice(&host, url.zone);
	}
	parsed->host[host.len] = '\0';
	return writer_error(&host) ? -EINVAL : 0;
}
