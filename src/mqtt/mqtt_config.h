/* SPDX-License-Identifier: ISC
 * mqtt_config: the options of discoverd-mqtt. */
#ifndef MQTT_MQTT_CONFIG_H
#define MQTT_MQTT_CONFIG_H

#include "model/config_option.h"

/* Texts are owned; NULL: not set. */
struct mqtt_config {
	char *broker; /* URL */
	char *ca_file, *cert_file, *key_file;
	char *username, *password_file;
	uint32_t keep_alive; /* seconds */
	char *site, *board;
	bool homeassistant;
	char *homeassistant_prefix;
};

extern const struct config_rows MQTT_CONFIG_ROWS;

/* Of a struct mqtt_config: NULL, or what is wrong with it, on the heap. */
char *mqtt_config_check(const void *config);

#endif
