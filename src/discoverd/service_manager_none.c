/* SPDX-License-Identifier: ISC
 * service_manager_none: for boards whose init system asks for nothing. */
#include "discoverd/service_manager.h"

int service_manager_socket(int *fd)
{
	*fd = -1;
	return 0;
}

void service_manager_turn_away(void)
{
}

void service_manager_ready(void)
{
}

void service_manager_stopping(void)
{
}

void service_manager_status(const char *line)
{
	(void)line;
}

int64_t service_manager_watchdog_interval(void)
{
	return 0;
}

void service_manager_alive(void)
{
}
