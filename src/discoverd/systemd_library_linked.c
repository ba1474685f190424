/* SPDX-License-Identifier: ISC
 * systemd_library_linked: for builds that shall load nothing. */
#include "discoverd/systemd_library.h"

const struct systemd_library *systemd_library(void)
{
	static const struct systemd_library LIBRARY = {
	    .sd_listen_fds = sd_listen_fds,
	    .sd_is_socket_unix = sd_is_socket_unix,
	    .sd_notify = sd_notify,
	    .sd_watchdog_enabled = sd_watchdog_enabled,
	    .sd_hwdb_new = sd_hwdb_new,
	    .sd_hwdb_get = sd_hwdb_get,
	    .sd_hwdb_unref = sd_hwdb_unref,
	};

	return &LIBRARY;
}
