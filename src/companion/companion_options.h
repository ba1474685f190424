/* SPDX-License-Identifier: ISC
 * companion_options: the command line of a companion. */
#ifndef COMPANION_COMPANION_OPTIONS_H
#define COMPANION_COMPANION_OPTIONS_H

#include "companion/companion_type.h"

/* Borrowed from the arguments and the environment. */
struct companion_options {
	const char *config_file, *socket, *state_directory;
	bool config_file_given, check_config;
	unsigned verbose;
};

enum companion_options_result { COMPANION_RUN, COMPANION_DONE, COMPANION_WRONG };

/* COMPANION_DONE: help or the version was printed; COMPANION_WRONG: the mistake was. */
enum companion_options_result companion_options_parse(
    struct companion_options *options, const struct companion_type *type, int argc, char **argv);

#endif
