/* SPDX-License-Identifier: ISC
 * main: discoverd-mqtt, which publishes what discoverd knows at an MQTT broker. */
#include "companion/companion.h"
#include "mqtt/mqtt_config.h"
#include "mqtt/publisher.h"

int main(int argc, char **argv)
{
	const struct companion_type type = {
	    .name = "discoverd-mqtt",
	    .purpose = "Publishes the devices on the network at an MQTT broker.",
	    .config_file = SYSCONFDIR "/discoverd/mqtt.conf",
	    .manual = "discoverd-mqtt(8)",
	    .options = MQTT_CONFIG_ROWS,
	    .config_size = sizeof(struct mqtt_config),
	    .keeps_state = true,
	    .check = mqtt_config_check,
	    .open = publisher_open,
	    .handler = {publisher_changed, publisher_synced, publisher_lost},
	    .advance = publisher_advance,
	    .deadline = publisher_deadline,
	    .close = publisher_close,
	};

	return companion_main(&type, argc, argv);
}
