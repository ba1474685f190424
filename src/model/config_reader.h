/* SPDX-License-Identifier: ISC
 * config_reader: reads files of key and value in sections, as strictly for drop-ins as for the
 * configuration. */
#ifndef MODEL_CONFIG_READER_H
#define MODEL_CONFIG_READER_H

#include "model/config_option.h"

struct config_reader;

/* What can be written into a file, and where it goes. */
struct config_target {
	const struct config_rows *rows; /* all that it may say */
	size_t rows_count;
	const char *manual; /* the page that lists it */
	void *context;      /* of the functions */
	/* Where a value of this row belongs, in the section that began last. NULL when out of
	 * memory. */
	void *(*member)(void *context, const struct config_option *option);
	/* A section of a known name begins; false (and a report): it cannot, and its keys are
	 * passed over. NULL: sections are only names. */
	bool (*begin)(void *context, struct config_reader *reader, struct slice section);
	/* Nothing more comes for the section that began last. NULL as above. */
	void (*end)(void *context, struct config_reader *reader);
};

/* Reports every mistake: an unknown section or key, a bad value, a line that is none. 0, -EINVAL
 * (at least one mistake), -ENOMEM. */
int config_reader_read(const struct config_target *target, const char *file, struct slice text,
    config_error_fn *error, void *context);

/* For `begin` and `end`: the line that was read last, how many mistakes there were so far, and one
 * more. */
unsigned config_reader_line(const struct config_reader *reader);
unsigned config_reader_mistakes(const struct config_reader *reader);
void config_reader_report(struct config_reader *reader, unsigned line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
