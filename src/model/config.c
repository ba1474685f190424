/* SPDX-License-Identifier: ISC
 * config: the rows of all options, read, printed and given up. */
#include "model/config.h"
#include "base/array.h"
#include "model/config_reader.h"
#include "model/link_filter.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define AT(member)               offsetof(struct config, member)
#define TEXT(member, min, max)   CONFIG_TEXT, AT(member), min, max
#define URL(member)              CONFIG_URL, AT(member), 0, 512
#define SWITCH(member)           CONFIG_BOOL, AT(member), 0, 1
#define NUMBER(member, min, max) CONFIG_NUMBER, AT(member), min, max
#define LIST(member)             CONFIG_LIST, AT(member), 0, 1024

const struct config_option CONFIG_OPTIONS[] = {
    {"Device", "name", TEXT(device.name, 1, 64), NULL,
	"Name that people see; the host name when not set"},
    {"Device", "type", CONFIG_DEVICE_TYPE, AT(device.type), 1, 128,
	"urn:schemas-upnp-org:device:Basic:1", "Device type, a URN with its version"},
    {"Device", "uuid", CONFIG_UUID, AT(device.uuid), 0, 36, NULL,
	"Identity; made once and kept in the state directory when not set"},
    {"Device", "manufacturer", TEXT(device.manufacturer, 0, 64), NULL,
	"Manufacturer of this device"},
    {"Device", "manufacturer-url", URL(device.manufacturer_url), NULL,
	"Web page of the manufacturer"},
    {"Device", "model", TEXT(device.model, 0, 64), NULL, "Name of the model"},
    {"Device", "model-number", TEXT(device.model_number, 0, 32), NULL, "Number of the model"},
    {"Device", "model-description", TEXT(device.model_description, 0, 128), NULL,
	"One sentence about the model"},
    {"Device", "model-url", URL(device.model_url), NULL, "Web page of the model"},
    {"Device", "serial", TEXT(device.serial, 0, 64), NULL, "Serial number of this device"},
    {"Device", "presentation-url", URL(device.presentation_url), NULL, "Web page of this device"},

    {"Network", "interfaces", LIST(network.interfaces), NULL,
	"Only these interfaces, names or globs; all but loopback when not set"},
    {"Network", "deny-interfaces", LIST(network.deny_interfaces), NULL,
	"Never these interfaces, names or globs"},
    {"Network", "ipv6", SWITCH(network.ipv6), "yes", "Use IPv6 besides IPv4"},
    {"Network", "multicast-timeout", NUMBER(network.multicast_timeout, 0, 86400), "1800",
	"Seconds with broadcasts but no multicasts that cause a warning; 0: never"},

    {"HTTP", "enabled", SWITCH(http.enabled), "yes", "Serve the description of this device"},
    {"HTTP", "port", NUMBER(http.port, 1, 65535), "5006", "TCP port of the description"},
    {"HTTP", "fetch", SWITCH(http.fetch), "yes", "Fetch the descriptions of others"},
    {"HTTP", "max-description", NUMBER(http.max_description, 1024, 1048576), "65536",
	"Bytes of a description that are read; what follows is ignored"},

    {"Table", "max-devices", NUMBER(table.max_devices, 1, 1000000), "4096",
	"Endpoints of devices that are kept"},
    {"Table", "max-devices-per-source", NUMBER(table.max_devices_per_source, 1, 1000000), "32",
	"Endpoints of one host that are kept until it has answered"},
    {"Table", "memory", CONFIG_SIZE, AT(table.memory), 65536, UINT32_MAX, "8M",
	"Bytes that all endpoints take at most"},
    {"Table", "memory-per-source", CONFIG_SIZE, AT(table.memory_per_source), 4096, UINT32_MAX,
	"256K", "Bytes that the endpoints of one host take at most"},
    {"Table", "probe-interval", NUMBER(table.probe_interval, 0, 86400), "0",
	"Seconds in which every device is probed once; 0: never"},
    {"Table", "save-interval", NUMBER(table.save_interval, 0, 86400), "900",
	"Seconds between two writings of the devices to the state directory; 0: none"},
    {"Table", "neighbours", CONFIG_LISTED, AT(table.neighbours_listed), 1, 16, "hidden",
	"List the hosts that only the kernel's neighbour table knows: hidden or listed"},
    {"Table", "lease-files", CONFIG_PATHS, AT(table.lease_files), 0, 1024, NULL,
	"Files of a DHCP server with names of hosts; none when not set"},

    {"Control", "max-clients", NUMBER(control.max_clients, 1, 1024), "64",
	"Programs connected at the same time"},
    {"Control", "max-clients-per-user", NUMBER(control.max_clients_per_user, 1, 1024), "16",
	"Programs of one user connected at the same time"},
    {"Control", "minissdpd-socket", CONFIG_PATH, AT(control.minissdpd_socket), 0, 107, NULL,
	"Socket for programs made for minissdpd; none when not set"},
    {"Control", "max-announcements", NUMBER(control.max_announcements, 0, 1024), "64",
	"Devices that programs may announce at the same time"},
    {"Control", "max-announcements-per-user", NUMBER(control.max_announcements_per_user, 0, 1024),
	"16", "Devices that programs of one user other than root may announce at the same time"},
};
const size_t CONFIG_OPTION_COUNT = COUNT_OF(CONFIG_OPTIONS);

/* Sections that are handed in stand in front of this one. */
#define FOLLOWING_SECTION "HTTP"

enum { ROWS_MAX = CONFIG_SECTIONS_MAX + 2 };

/* All options, in order; returns how many row sets there are. */
static size_t all_rows(const struct config *config, struct config_rows rows[ROWS_MAX])
{
	size_t count = 0, leading = 0;

	while (strcmp(CONFIG_OPTIONS[leading].section, FOLLOWING_SECTION) != 0)
		leading++;
	rows[count++] = (struct config_rows){CONFIG_OPTIONS, leading};
	for (size_t i = 0; i < config->brought_count; i++)
		rows[count++] = config->brought[i].section->options;
	rows[count++] =
	    (struct config_rows){CONFIG_OPTIONS + leading, CONFIG_OPTION_COUNT - leading};
	return count;
}

const struct config_option *config_option_at(const struct config *config, size_t i)
{
	struct config_rows rows[ROWS_MAX];
	size_t count = all_rows(config, rows);

	for (size_t k = 0; k < count; i -= rows[k++].count)
		if (i < rows[k].count)
			return &rows[k].rows[i];
	return NULL;
}

static void *member_of(const struct config *config, const struct config_option *option)
{
	const void *values = config;

	for (size_t i = 0; i < config->brought_count; i++)
		if (strcmp(config->brought[i].section->options.rows[0].section, option->section) ==
		    0)
			values = config->brought[i].values;
	return (char *)values + option->offset;
}

static void *reader_member_of(void *context, const struct config_option *option)
{
	return member_of(context, option);
}

void *config_values(const struct config *config, const struct config_section *section)
{
	for (size_t i = 0; i < config->brought_count; i++)
		if (config->brought[i].section == section)
			return config->brought[i].values;
	return NULL;
}

static int bring_in(struct config *config, const struct config_section *section)
{
	void *values = calloc(1, section->size);

	if (!values)
		return -ENOMEM;
	config->brought[config->brought_count].section = section;
	config->brought[config->brought_count++].values = values;
	return 0;
}

static int set_defaults(struct config *config)
{
	const struct config_option *option;
	int error = 0;

	for (size_t i = 0; !error && (option = config_option_at(config, i)); i++)
		if (option->standard)
			error = config_option_set(
			    option, member_of(config, option), slice_of(option->standard));
	return error;
}

int config_init(struct config *config, const struct config_section *const *sections, size_t count)
{
	int error = 0;

	*config = (struct config){0};
	for (size_t i = 0; !error && i < count && i < CONFIG_SECTIONS_MAX; i++)
		error = bring_in(config, sections[i]);
	if (!error)
		error = set_defaults(config);
	if (error)
		config_fini(config);
	return error;
}

void config_fini(struct config *config)
{
	const struct config_option *option;

	for (size_t i = 0; (option = config_option_at(config, i)); i++)
		config_option_clear(option, member_of(config, option));
	for (size_t i = 0; i < config->brought_count; i++)
		free(config->brought[i].values);
	config->brought_count = 0;
}

void config_format(const struct config *config, struct writer *w)
{
	const struct config_option *option;
	const char *section = "";

	for (size_t i = 0; (option = config_option_at(config, i)); i++) {
		const void *member = member_of(config, option);
		if (strcmp(section, option->section) != 0)
			writer_format(w, "%s[%s]\n", i ? "\n" : "", option->section);
		section = option->section;
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
	struct config_rows rows[ROWS_MAX];
	struct config_target target = {
	    .rows = rows,
	    .rows_count = all_rows(config, rows),
	    .manual = "discoverd.conf(5)",
	    .context = config,
	    .member = reader_member_of,
	};

	return config_reader_read(&target, file, text, error, context);
}

struct link_filter config_link_filter(const struct config *config)
{
	return (struct link_filter){
	    .allow = (const char *const *)config->network.interfaces.items,
	    .allow_count = config->network.interfaces.count,
	    .deny = (const char *const *)config->network.deny_interfaces.items,
	    .deny_count = config->network.deny_interfaces.count,
	};
}
