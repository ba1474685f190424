/* SPDX-License-Identifier: ISC
 * mqtt_config: see mqtt_config.h. */
#include "mqtt/mqtt_config.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "mqtt/broker_url.h"

/* A topic has at most 65,535 bytes; MQTT has no other limit for names. */
enum { NAME_MAX_BYTES = 64, PATH_MAX_BYTES = 4095, LOGIN_MAX = 256 };

#define MEMBER(name) offsetof(struct mqtt_config, name)

static const struct config_option ROWS[] = {
    {"MQTT", "broker", CONFIG_TEXT, MEMBER(broker), 1, URL_MAX, "mqtt://localhost",
	"URL of the broker, mqtt://HOST[:PORT] or mqtts://HOST[:PORT]."},
    {"MQTT", "ca-file", CONFIG_PATH, MEMBER(ca_file), 0, PATH_MAX_BYTES, NULL,
	"Certificates of the authorities that may sign the broker's; those of the system when not "
	"set."},
    {"MQTT", "cert-file", CONFIG_PATH, MEMBER(cert_file), 0, PATH_MAX_BYTES, NULL,
	"Certificate of this board, for brokers that want one."},
    {"MQTT", "key-file", CONFIG_PATH, MEMBER(key_file), 0, PATH_MAX_BYTES, NULL,
	"Private key of that certificate."},
    {"MQTT", "username", CONFIG_TEXT, MEMBER(username), 0, LOGIN_MAX, NULL,
	"User name at the broker."},
    {"MQTT", "password-file", CONFIG_PATH, MEMBER(password_file), 0, PATH_MAX_BYTES, NULL,
	"File whose first line is the password."},
    {"MQTT", "keep-alive", CONFIG_NUMBER, MEMBER(keep_alive), 5, 3600, "60",
	"Seconds without a message after which the connection is tested."},
    {"MQTT", "site", CONFIG_TEXT, MEMBER(site), 1, NAME_MAX_BYTES, "home",
	"Name of the place, the same for all boards in it."},
    {"MQTT", "board", CONFIG_TEXT, MEMBER(board), 0, NAME_MAX_BYTES, NULL,
	"Name of this board, unique at the broker; the UUID of discoverd when not set."},
    {"MQTT", "homeassistant", CONFIG_BOOL, MEMBER(homeassistant), 0, 0, "no",
	"Announce each device to Home Assistant as a device tracker."},
    {"MQTT", "homeassistant-prefix", CONFIG_TEXT, MEMBER(homeassistant_prefix), 1, NAME_MAX_BYTES,
	"homeassistant", "Topic below which Home Assistant looks for devices."},
};
const struct config_rows MQTT_CONFIG_ROWS = {ROWS, COUNT_OF(ROWS)};

/* Levels of a topic without wildcards. */
static bool is_prefix(const char *text)
{
	return !strpbrk(text, "+#") && text[0] != '/' && text[0] != '$' &&
	       text[strlen(text) - 1] != '/' && !strstr(text, "//");
}

char *mqtt_config_check(const void *checked)
{
	const struct mqtt_config *config = checked;
	struct broker_url url;

	if (broker_url_parse(slice_of(config->broker), &url))
		return strdup("broker must be mqtt://HOST[:PORT] or mqtts://HOST[:PORT]");
	if (!config->cert_file != !config->key_file)
		return strdup("cert-file and key-file must be set together");
	if (!url.tls && (config->ca_file || config->cert_file))
		return strdup("ca-file and cert-file are for brokers with mqtts://");
	if (config->password_file && !config->username)
		return strdup("password-file needs a username");
	if (!is_prefix(config->homeassistant_prefix))
		return strdup("homeassistant-prefix must be a topic without '+' and '#'");
	return NULL;
}
