/* SPDX-License-Identifier: ISC
 * config: the configuration as values, and the list of options that parser, printer and manual
 * share. */
#ifndef MODEL_CONFIG_H
#define MODEL_CONFIG_H

#include "model/config_option.h"
#include "model/link.h"
#include "model/link_filter.h"

enum { CONFIG_SECTIONS_MAX = 8 };

/* What a device says of itself. Owned strings; NULL means "not set". */
struct config_device {
	char *name, *type, *uuid;
	char *manufacturer, *manufacturer_url;
	char *model, *model_number, *model_description, *model_url;
	char *serial, *presentation_url;
};

/* A section that another part of the daemon brings: its options are members of a struct of that
 * part. Static; two are the same when their addresses are. */
struct config_section {
	struct config_rows options; /* all of one section */
	size_t size;                /* bytes of the struct */
};

/* Owned strings; NULL means "not set": a default is derived where it is needed. Durations in
 * seconds. May be moved. */
struct config {
	struct config_device device;
	struct {
		struct text_list interfaces, deny_interfaces; /* globs */
		bool ipv6;
		uint32_t multicast_timeout; /* 0: no warning */
	} network;
	struct {
		bool enabled;
		uint32_t port; /* 5006 */
		bool fetch;
		uint32_t max_description; /* bytes, 65536 */
	} http;
	struct {
		uint32_t max_devices, max_devices_per_source;
		uint32_t memory, memory_per_source; /* bytes */
		uint32_t probe_interval;            /* 0: off */
		uint32_t save_interval;             /* 0: not kept */
		bool neighbours_listed;
		struct text_list lease_files; /* absolute paths */
	} table;
	struct {
		uint32_t max_clients, max_clients_per_user;
		uint32_t max_announcements, max_announcements_per_user;
		char *minissdpd_socket; /* NULL: none */
	} control;
	struct {
		const struct config_section *section;
		void *values; /* owned */
	} brought[CONFIG_SECTIONS_MAX];
	size_t brought_count;
};

/* Of struct config itself, without those of struct config_section. */
extern const struct config_option CONFIG_OPTIONS[];
extern const size_t CONFIG_OPTION_COUNT;

/* All defaults, also those of the sections that are handed in: CONFIG_SECTIONS_MAX at most. 0 or
 * -ENOMEM. */
int config_init(struct config *config, const struct config_section *const *sections, size_t count);
/* The struct of a section, of its `size`; NULL where config_init did not get it. */
void *config_values(const struct config *config, const struct config_section *section);
/* The options of all sections in the order in which they are printed: those that were handed in
 * follow [Network]. NULL behind the last. */
const struct config_option *config_option_at(const struct config *config, size_t i);
void config_fini(struct config *config);
/* Reads one file's text over what `config` holds; a later file wins, key by key. Every mistake is
 * reported: unknown section or key, bad value, a line that is none. 0, -EINVAL (at least one
 * mistake), -ENOMEM. */
int config_parse(struct config *config, const char *file, struct slice text, config_error_fn *error,
    void *context);
/* Writes the effective configuration in the same syntax, section by section, unset keys as
 * comments. */
void config_format(const struct config *config, struct writer *w);
/* Which links may be used ([Network]). Borrowed from the configuration. */
struct link_filter config_link_filter(const struct config *config);

#endif
