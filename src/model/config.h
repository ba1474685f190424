/* SPDX-License-Identifier: ISC
 * config: the configuration as values, and the one list of options that parser, printer and manual
 * share. */
#ifndef MODEL_CONFIG_H
#define MODEL_CONFIG_H

#include "model/config_option.h"

/* What a device says of itself. Owned strings; NULL means "not set". */
struct config_device {
	char *name, *type, *uuid;
	char *manufacturer, *manufacturer_url;
	char *model, *model_number, *model_description, *model_url;
	char *serial, *presentation_url;
};

/* Owned strings; NULL means "not set" and whoever needs it derives it. Durations in seconds. */
struct config {
	struct config_device device;
	struct {
		struct text_list interfaces, deny_interfaces; /* globs */
		bool ipv6;
	} network;
	struct {
		bool enabled;
		uint32_t port;     /* 5005 */
		uint32_t interval; /* 30 */
	} broadcast;
	struct {
		bool enabled;
		uint32_t max_age;                /* 1800 */
		uint32_t ttl;                    /* 2 */
		uint32_t search_interval;        /* 900 */
		struct text_list search_targets; /* besides ssdp:all and upnp:rootdevice */
		bool answer_limit;
	} ssdp;
	struct {
		bool enabled;
		uint32_t port; /* 5006 */
		bool fetch;
		uint32_t max_description; /* bytes, 65536 */
	} http;
	struct {
		uint32_t max_devices, max_devices_per_source;
		uint32_t probe_interval; /* 0: off */
	} table;
	struct {
		uint32_t max_clients, max_clients_per_user, max_announcements;
		char *minissdpd_socket; /* NULL: none */
	} control;
};

extern const struct config_option CONFIG_OPTIONS[];
extern const size_t CONFIG_OPTION_COUNT;

/* All defaults. 0 or -ENOMEM. */
int config_init(struct config *config);
void config_fini(struct config *config);
/* Reads one file's text over what `config` holds; a later file wins, key by key. Every mistake is
 * reported: unknown section or key, bad value, a line that is none. 0, -EINVAL (at least one
 * mistake), -ENOMEM. */
int config_parse(struct config *config, const char *file, struct slice text, config_error_fn *error,
    void *context);
/* Writes the effective configuration in the same syntax, section by section, unset keys as
 * comments. */
void config_format(const struct config *config, struct writer *w);

#endif
