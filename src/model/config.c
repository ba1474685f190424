/* SPDX-License-Identifier: ISC
 * config: the rows of all options, read, printed and given up. */
#include "model/config.h"
#include "base/array.h"
#include "model/config_reader.h"
#include <errno.h>
#include <string.h>

#define AT(member)               offsetof(struct config, member)
#define TEXT(member, min, max)   CONFIG_TEXT, AT(member), min, max
#define URL(member)              CONFIG_URL, AT(member), 0, 512
#define SWITCH(member)           CONFIG_BOOL, AT(member), 0, 1
#define NUMBER(member, min, max) CONFIG_NUMBER, AT(member), min, max
#define LIST(member)             CONFIG_LIST, AT(member), 0, 1024

const struct config_option CONFIG_OPTIONS[] = {
    {"Device", "name", TEXT(device.name, 1, 64), NULL,
	"What this device calls itself; the host name when not set"},
    {"Device", "type", CONFIG_DEVICE_TYPE, AT(device.type), 1, 128,
	"urn:schemas-upnp-org:device:Basic:1", "Device type, a URN with its version"},
    {"Device", "uuid", CONFIG_UUID, AT(device.uuid), 0, 36, NULL,
	"Identity; made once and kept in the state directory when not set"},
    {"Device", "manufacturer", TEXT(device.manufacturer, 0, 64), NULL, "Who made this device"},
    {"Device", "manufacturer-url", URL(device.manufacturer_url), NULL,
	"Web page of the manufacturer"},
    {"Device", "model", TEXT(device.model, 0, 64), NULL, "Name of the model"},
    {"Device", "model-number", TEXT(device.model_number, 0, 32), NULL, "Number of the model"},
    {"Device", "model-description", TEXT(device.model_description, 0, 128), NULL,
	"One sentence about the model"},
    {"Device", "model-url", URL(device.model_url), NULL, "Web page of the model"},
    {"Device", "serial", TEXT(device.serial, 0, 64), NULL, "Serial number of this device"},
    {"Device", "presentation-url", URL(device.presentation_url), NULL,
	"Web page of this device itself"},

    {"Network", "interfaces", LIST(network.interfaces), NULL,
	"Only these interfaces, names or globs; all but loopback when not set"},
    {"Network", "deny-interfaces", LIST(network.deny_interfaces), NULL,
	"Never these interfaces, names or globs"},
    {"Network", "ipv6", SWITCH(network.ipv6), "yes", "Speak IPv6 besides IPv4"},

    {"Broadcast", "enabled", SWITCH(broadcast.enabled), "yes", "Discover by UDP broadcast"},
    {"Broadcast", "port", NUMBER(broadcast.port, 1, 65535), "5005", "UDP port of the broadcasts"},
    {"Broadcast", "interval", NUMBER(broadcast.interval, 1, 86400), "30",
	"Seconds from one broadcast to the next"},

    {"SSDP", "enabled", SWITCH(ssdp.enabled), "yes", "Discover by SSDP, the discovery of UPnP"},
    {"SSDP", "max-age", NUMBER(ssdp.max_age, 30, 86400), "1800",
	"Seconds that others may believe an announcement"},
    {"SSDP", "ttl", NUMBER(ssdp.ttl, 1, 255), "2", "Routers that a multicast may pass, plus one"},
    {"SSDP", "search-interval", NUMBER(ssdp.search_interval, 10, 86400), "900",
	"Seconds from one search to the next"},
    {"SSDP", "search-targets", CONFIG_TARGETS, AT(ssdp.search_targets), 0, 1024, NULL,
	"Search targets besides ssdp:all and upnp:rootdevice"},
    {"SSDP", "answer-limit", SWITCH(ssdp.answer_limit), "yes",
	"Limit the answers per source and overall; \"no\" is for measuring only"},

    {"HTTP", "enabled", SWITCH(http.enabled), "yes", "Serve the description of this device"},
    {"HTTP", "port", NUMBER(http.port, 1, 65535), "5006", "TCP port of the description"},
    {"HTTP", "fetch", SWITCH(http.fetch), "yes", "Fetch the descriptions of others"},
    {"HTTP", "max-description", NUMBER(http.max_description, 1024, 1048576), "65536",
	"Bytes of a description that are read; what follows is ignored"},

    {"Table", "max-devices", NUMBER(table.max_devices, 1, 65536), "4096",
	"Devices that are remembered"},
    {"Table", "max-devices-per-source", NUMBER(table.max_devices_per_source, 1, 65536), "32",
	"Devices that one host may claim to be"},
    {"Table", "probe-interval", NUMBER(table.probe_interval, 0, 86400), "0",
	"Seconds in which every device is asked once whether it answers; 0: not at all"},

    {"Control", "max-clients", NUMBER(control.max_clients, 1, 1024), "64",
	"Programs connected at the same time"},
    {"Control", "max-clients-per-user", NUMBER(control.max_clients_per_user, 1, 1024), "16",
	"Programs of one user connected at the same time"},
    {"Control", "minissdpd-socket", CONFIG_PATH, AT(control.minissdpd_socket), 0, 107, NULL,
	"Socket for programs that look for minissdpd; none when not set"},
    {"Control", "max-announcements", NUMBER(control.max_announcements, 0, 1024), "64",
	"Devices that programs may have announced at the same time"},
};
const size_t CONFIG_OPTION_COUNT = COUNT_OF(CONFIG_OPTIONS);

static void *member_of(void *config, const struct config_option *option)
{
	return (char *)config + option->offset;
}

int config_init(struct config *config)
{
	*config = (struct config){0};
	for (size_t i = 0; i < CONFIG_OPTION_COUNT; i++) {
		const struct config_option *option = &CONFIG_OPTIONS[i];
		int error = option->standard ? config_option_set(option, member_of(config, option),
						   slice_of(option->standard))
					     : 0;
		if (error < 0) {
			config_fini(config);
			return error;
		}
	}
	return 0;
}

void config_fini(struct config *config)
{
	for (size_t i = 0; i < CONFIG_OPTION_COUNT; i++) {
		const struct config_option *option = &CONFIG_OPTIONS[i];
		config_option_clear(option, member_of(config, option));
	}
}

void config_format(const struct config *config, struct writer *w)
{
	const char *section = "";

	for (size_t i = 0; i < CONFIG_OPTION_COUNT; i++) {
		const struct config_option *option = &CONFIG_OPTIONS[i];
		if (strcmp(section, option->section) != 0)
			writer_format(w, "%s[%s]\n", i ? "\n" : "", option->section);
		section = option->section;

		const void *member = (const char *)config + option->offset;
		if (!config_option_is_set(option, member)) {
			writer_format(w, "# %s =\n", option->key);
			continue;
		}
		writer_format(w, "%s = ", option->key);
		config_option_format(option, member, w);
		writer_char(w, '\n');
	}
}

int config_parse(struct config *config, const char *file, struct slice text, config_error_fn *error,
    void *context)
{
	struct config_rows rows = {CONFIG_OPTIONS, CONFIG_OPTION_COUNT};
	struct config_target target = {
	    .rows = &rows,
	    .rows_count = 1,
	    .manual = "discoverd.conf(5)",
	    .context = config,
	    .member = member_of,
	};

	return config_reader_read(&target, file, text, error, context);
}
