/* SPDX-License-Identifier: ISC
 * broker_setup: see broker_setup.h. */
#include "mqtt/broker_setup.h"

#include <errno.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"

/* Where no certificate of an authority is named. */
#define SYSTEM_CERTIFICATES "/etc/ssl/certs"
/* Has the library pass over addresses of IPv6: it tries only the first one that it may use. */
#define ANY_IPV4 "0.0.0.0"

static int set_will(struct mosquitto *client, const struct broker_message *will, bool old)
{
	mosquitto_property *properties = NULL;
	int result = MOSQ_ERR_SUCCESS;

	if (!old && will->expiry)
		result = mosquitto_property_add_int32(
		    &properties, MQTT_PROP_MESSAGE_EXPIRY_INTERVAL, will->expiry);
	if (!result)
		result = mosquitto_will_set_v5(client, will->topic, (int)will->payload.len,
		    will->payload.bytes, will->qos, will->retain, properties);
	if (result)
		mosquitto_property_free_all(&properties);
	return result;
}

/* The library says only that one of the files cannot be read. */
static int check_files(const struct broker_options *options, struct writer *problem)
{
	const char *const files[] = {options->ca_file, options->cert_file, options->key_file};

	for (size_t i = 0; i < COUNT_OF(files); i++) {
		if (!files[i] || access(files[i], R_OK) == 0)
			continue;
		writer_format(problem, "%s: %s", files[i], strerror(errno));
		return MOSQ_ERR_INVAL;
	}
	return MOSQ_ERR_SUCCESS;
}

static int set_tls(
    struct mosquitto *client, const struct broker_options *options, struct writer *problem)
{
	int result = check_files(options, problem);

	if (result)
		return result;
	if (!options->ca_file)
		mosquitto_int_option(client, MOSQ_OPT_TLS_USE_OS_CERTS, 1);
	return mosquitto_tls_set(client, options->ca_file,
	    options->ca_file ? NULL : SYSTEM_CERTIFICATES, options->cert_file, options->key_file,
	    NULL);
}

int broker_set_up(struct mosquitto *client, const struct broker_options *options,
    const struct broker_message *will, struct broker_way way, struct writer *problem)
{
	int result = MOSQ_ERR_SUCCESS;

	mosquitto_int_option(
	    client, MOSQ_OPT_PROTOCOL_VERSION, way.old ? MQTT_PROTOCOL_V311 : MQTT_PROTOCOL_V5);
	mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1);
	mosquitto_int_option(client, MOSQ_OPT_SEND_MAXIMUM, BROKER_IN_FLIGHT_MAX);
	if (will)
		result = set_will(client, will, way.old);
	if (!result && options->username)
		result = mosquitto_username_pw_set(client, options->username, options->password);
	if (!result && options->url.tls)
		result = set_tls(client, options, problem);
	if (!result && way.ipv4)
		result = mosquitto_string_option(client, MOSQ_OPT_BIND_ADDRESS, ANY_IPV4);
	return result;
}
