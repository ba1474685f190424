/* SPDX-License-Identifier: ISC
 * config: the configuration as values, and the one list of options that parser, printer and manual
 * share. */
#ifndef MODEL_CONFIG_H
#define MODEL_CONFIG_H

#include "base/writer.h"

struct text_list {
	char **items;
	size_t count;
};

/* Owned strings; NULL means "not set" and whoever needs it derives it. Durations in seconds. */
struct config {
	struct {
		char *name, *type, *uuid;
		char *manufacturer, *manufacturer_url;
		char *model, *model_number, *model_description, *model_url;
		char *serial, *presentation_url;
	} device;
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
		uint32_t max_age;         /* 1800 */
		uint32_t ttl;             /* 2 */
		uint32_t search_interval; /* 900 */
		bool answer_limit;
	} ssdp;
	struct {
		bool enabled;
		uint32_t port; /* 5006 */
		bool fetch;
		uint32_t max_description; /* bytes, 16384 */
	} http;
	struct {
		uint32_t max_devices, max_devices_per_source;
	} table;
	struct {
		uint32_t max_clients, max_clients_per_user;
		char *minissdpd_socket; /* NULL: none */
	} control;
};

enum config_kind {
	CONFIG_TEXT,
	CONFIG_UUID,
	CONFIG_URL,
	CONFIG_URN,
	CONFIG_PATH,
	CONFIG_BOOL,
	CONFIG_NUMBER,
	CONFIG_LIST
};

/* One row per option. Not "struct option": that name is getopt's. */
struct config_option {
	const char *section, *key;
	enum config_kind kind;
	size_t offset;        /* of its member in struct config */
	uint32_t min, max;    /* of a number; else of the text's length in bytes, 0: may be empty */
	const char *standard; /* default, as it would be written; NULL: not set */
	const char *help;     /* one line */
};
extern const struct config_option CONFIG_OPTIONS[];
extern const size_t CONFIG_OPTION_COUNT;

/* Checks and takes one value over; an empty one unsets a text or a list that may be empty. 0,
 * -ENOMEM or -EINVAL, and then nothing has changed. */
int config_set(struct config *config, const struct config_option *option, struct slice value);
/* What a value must be, to follow "must be": "a whole number, 1 to 255". */
void config_option_expects(const struct config_option *option, struct writer *w);

/* Called once per mistake with the line it stands on. */
typedef void config_error_fn(void *context, const char *file, unsigned line, const char *what);

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
