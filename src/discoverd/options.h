/* SPDX-License-Identifier: ISC
 * options: the command line of discoverd. */
#ifndef DISCOVERD_OPTIONS_H
#define DISCOVERD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

enum { OPTIONS_INTERFACES_MAX = 32 };

/* Borrows from argv and the environment. */
struct options {
	const char *config_file;
	bool config_file_given; /* then it has to exist */
	const char *socket_path;
	const char *state_directory;
	const char *interfaces[OPTIONS_INTERFACES_MAX];
	size_t interface_count;
	bool sandbox; /* not in a build with sanitizers, which need other system calls */
	bool check_config;
	unsigned verbose;
};

enum options_result {
	OPTIONS_RUN,   /* go on */
	OPTIONS_DONE,  /* help or version was printed: exit 0 */
	OPTIONS_WRONG, /* said on stderr what is wrong: exit 2 */
};

enum options_result options_parse(struct options *options, int argc, char **argv);

#endif
