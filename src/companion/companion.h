/* SPDX-License-Identifier: ISC
 * companion: the frame of the programs around discoverd: command line, configuration, log, signals,
 * and a loop that follows the devices. */
#ifndef COMPANION_COMPANION_H
#define COMPANION_COMPANION_H

#include "companion/companion_type.h"

/* The whole program: its exit status, 78 (EX_CONFIG) for a mistake in the configuration. SIGHUP
 * reads the configuration again, and, where that has no mistake, closes and opens the program with
 * it, or with the former one where that fails; SIGTERM and SIGINT end it. */
int companion_main(const struct companion_type *type, int argc, char **argv);

#endif
