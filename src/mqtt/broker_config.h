/* SPDX-License-Identifier: ISC
 * broker_config: what the options set of a connection. */
#ifndef MQTT_BROKER_CONFIG_H
#define MQTT_BROKER_CONFIG_H

#include "mqtt/broker_setup.h"
#include "mqtt/mqtt_config.h"

/* The texts of `options` are borrowed from `config`, which was checked, but for the password: it is
 * read from its file and for the caller to free. 0, or a negative errno, and why was logged. */
int broker_config_apply(
    const struct mqtt_config *config, struct broker_options *options, char **password);

#endif
