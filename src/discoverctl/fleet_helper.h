/* SPDX-License-Identifier: ISC
 * fleet_helper: the program of discoverd-mqtt that reads the devices of a fleet from a broker, and
 * answers on a socket as discoverd does. */
#ifndef DISCOVERCTL_FLEET_HELPER_H
#define DISCOVERCTL_FLEET_HELPER_H

#include "discoverctl/command_options.h"
#include <sys/types.h>

/* Starts it for the broker of the options, which has `timeout_ms` to answer. An exit status; unless
 * it is STATUS_DONE, a line on stderr gives the reason. */
int fleet_helper_start(
    const struct command_options *options, int timeout_ms, pid_t *helper, int *socket);
/* After it has closed the socket: the exit status of discoverctl. It has printed the reason itself.
 */
int fleet_helper_status(pid_t helper);

#endif
