/* SPDX-License-Identifier: ISC
 * service_manager: what the service manager is told and what it hands over; one file with
 * libsystemd, one without. */
#ifndef DISCOVERD_SERVICE_MANAGER_H
#define DISCOVERD_SERVICE_MANAGER_H

#include <stdint.h>

/* The listening control socket that was handed over, or -1. 0, or a negative errno when something
 * else was handed over. */
int service_manager_socket(int *fd);
/* Closes the connections that wait at the socket that was handed over: the service ends without
 * serving it, and the service manager would start it again for each of them. */
void service_manager_turn_away(void);
/* The service is up / is stopping. */
void service_manager_ready(void);
void service_manager_stopping(void);
/* One line for `systemctl status`. */
void service_manager_status(const char *line);
/* Microseconds between two signs of life that it wants, 0 for none. */
int64_t service_manager_watchdog_interval(void);
void service_manager_alive(void);

#endif
