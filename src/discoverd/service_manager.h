/* SPDX-License-Identifier: ISC
 * service_manager: what the service manager is told and what it hands over; one file with
 * libsystemd, one without. */
#ifndef DISCOVERD_SERVICE_MANAGER_H
#define DISCOVERD_SERVICE_MANAGER_H

#include <stdint.h>

/* The listening control socket that was handed over, or -1. 0, or a negative errno when something
 * else was handed over. */
int service_manager_socket(int *fd);
/* The service is up / is stopping. */
void service_manager_ready(void);
void service_manager_stopping(void);
/* One line for `systemctl status`. */
void service_manager_status(const char *line);
/* Microseconds between two signs of life that it wants, 0 for none. */
int64_t service_manager_watchdog_interval(void);
void service_manager_alive(void);

#endif
