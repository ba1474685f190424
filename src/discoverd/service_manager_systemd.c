/* SPDX-License-Identifier: ISC
 * service_manager_systemd: readiness, watchdog and socket activation by sd_notify(3) and
 * sd_listen_fds(3). */
#include "discoverd/service_manager.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/array.h"
#include "discoverd/systemd_library.h"

/* NULL where no service manager has started this process: it sets at least one of these. */
static const struct systemd_library *manager(void)
{
	static const char *const VARIABLES[] = {"NOTIFY_SOCKET", "LISTEN_PID", "WATCHDOG_USEC"};

	for (size_t i = 0; i < COUNT_OF(VARIABLES); i++)
		if (getenv(VARIABLES[i]))
			return systemd_library();
	return NULL;
}

static void notify(const char *state)
{
	const struct systemd_library *systemd = manager();

	if (systemd)
		systemd->sd_notify(0, state);
}

int service_manager_socket(int *fd)
{
	const struct systemd_library *systemd = manager();
	int count = systemd ? systemd->sd_listen_fds(1) : 0;

	*fd = -1;
	if (count <= 0)
		return count;
	if (count > 1)
		return -E2BIG;
	if (systemd->sd_is_socket_unix(SD_LISTEN_FDS_START, SOCK_STREAM, 1, NULL, 0) <= 0)
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
	notify("READY=1");
}

void service_manager_stopping(void)
{
	notify("STOPPING=1");
}

void service_manager_status(const char *line)
{
	char state[256];

	snprintf(state, sizeof(state), "STATUS=%s", line);
	notify(state);
}

int64_t service_manager_watchdog_interval(void)
{
	const struct systemd_library *systemd = manager();
	uint64_t limit;

	/* half of what it tolerates, as sd_watchdog_enabled(3) advises */
	return systemd && systemd->sd_watchdog_enabled(0, &limit) > 0 ? (int64_t)(limit / 2) : 0;
}

void service_manager_alive(void)
{
	notify("WATCHDOG=1");
}
