/* SPDX-License-Identifier: ISC
 * config_option: a row of what can be written into a file of ours, and the kinds of values. */
#ifndef MODEL_CONFIG_OPTION_H
#define MODEL_CONFIG_OPTION_H

#include "base/writer.h"

/* What a member of each kind is: an owned string (NULL: not set), or what is said here. */
enum config_kind {
	CONFIG_TEXT,
	CONFIG_UUID,
	CONFIG_URL,
	CONFIG_LOCATION,     /* a URL of which the host may be "*" */
	CONFIG_DEVICE_TYPE,  /* "urn:DOMAIN:device:TYPE:VERSION" */
	CONFIG_SERVICE_TYPE, /* "urn:DOMAIN:service:TYPE:VERSION" */
	CONFIG_SERVICE_ID,   /* "urn:DOMAIN:serviceId:ID" */
	CONFIG_PATH,         /* absolute */
	CONFIG_BOOL,         /* bool */
	CONFIG_LISTED,       /* bool: "listed" or "hidden" */
	CONFIG_NUMBER,       /* uint32_t */
	CONFIG_SIZE,         /* uint32_t of bytes: "8M" */
	CONFIG_LIST,         /* struct text_list */
	CONFIG_TARGETS,      /* struct text_list of search targets, 16 at most */
	CONFIG_PATHS         /* struct text_list of absolute paths, 8 at most */
};

struct text_list {
	char **items;
	size_t count;
};
bool text_list_equal(const struct text_list *a, const struct text_list *b);

/* One row per option. Not "struct option": that name is getopt's. */
struct config_option {
	const char *section, *key;
	enum config_kind kind;
	size_t offset; /* of its member in the struct that the rows are of */
	uint32_t min,
	    max; /* of a number or size; else of the text's length in bytes, 0: may be empty */
	const char *standard; /* default, as it would be written; NULL: not set */
	const char *help;     /* one line */
};

struct config_rows {
	const struct config_option *rows;
	size_t count;
};

/* The row of this key, or NULL. */
const struct config_option *config_option_find(
    const struct config_option *rows, size_t count, struct slice section, struct slice key);
/* Checks and takes one value over; an empty one unsets a text or a list that may be empty. 0,
 * -ENOMEM or -EINVAL, and then nothing has changed. */
int config_option_set(const struct config_option *option, void *member, struct slice value);
/* Takes the next item off a list, where blanks, tabs and commas divide, any number of them. False
 * when there is none. */
bool config_option_next_item(struct slice *list, struct slice *item);
/* What a value must be, to follow "must be": "a whole number, 1 to 255". */
void config_option_expects(const struct config_option *option, struct writer *w);
bool config_option_is_set(const struct config_option *option, const void *member);
/* Writes a value that is set in the syntax of the file. */
void config_option_format(const struct config_option *option, const void *member, struct writer *w);
/* Frees what it owns; it is then not set. */
void config_option_clear(const struct config_option *option, void *member);

/* Called once per mistake with the line it stands on. */
typedef void config_error_fn(void *context, const char *file, unsigned line, const char *what);

#endif
