/* SPDX-License-Identifier: ISC
 * service_manager_systemd: readiness, watchdog and socket activation by sd_notify(3) and
 * sd_listen_fds(3). */
#include "discoverd/service_manager.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

int service_manager_socket(int *fd)
{
	int count = sd_listen_fds(1);

	*fd = -1;
	if (count <= 0)
		return count;
	if (count > 1)
		return -E2BIG;
	if (sd_is_socket_unix(SD_LISTEN_FDS_START, SOCK_STREAM, 1, NULL, 0) <= 0)
		return -ENOTSOCK;
	*fd = SD_LISTEN_FDS_START;
	return 0;
}

void service_manager_turn_away(void)
{
	int fd, client;

	if (service_manager_socket(&fd) || fd < 0 || fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
		return;
	while ((client = accept4(fd, NULL, NULL, SOCK_CLOEXEC)) >= 0)
		close(client);
}

void service_manager_ready(void)
{
	sd_notify(0, "READY=1");
}

void service_manager_stopping(void)
{
	sd_notify(0, "STOPPING=1");
}

void service_manager_status(const char *line)
{
	sd_notifyf(0, "STATUS=%s", line);
}

int64_t service_manager_watchdog_interval(void)
{
	uint64_t limit;

	/* half of what it tolerates, as sd_watchdog_enabled(3) advises */
	return sd_watchdog_enabled(0, &limit) > 0 ? (int64_t)(limit / 2) : 0;
}

void service_manager_alive(void)
{
	sd_notify(0, "WATCHDOG=1");
}
