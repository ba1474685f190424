/* SPDX-License-Identifier: ISC
 * output_options: sets format, colour and columns from the options of the command line. */
#ifndef DISCOVERCTL_OUTPUT_OPTIONS_H
#define DISCOVERCTL_OUTPUT_OPTIONS_H

#include "discoverctl/command_options.h"
#include "discoverctl/output.h"

/* After output_init(). 0, or STATUS_USAGE after a line on stderr. */
int output_options_apply(struct output *output, const struct command_options *options);

#endif
