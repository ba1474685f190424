/* SPDX-License-Identifier: ISC
 * systemd_library_dlopen: with the libraries that it brings, libsystemd takes as much memory as a
 * third of a daemon at rest. */
#include "discoverd/systemd_library.h"

#include "base/array.h"
#include "base/log.h"
#include "discoverd/library.h"

const struct systemd_library *systemd_library(void)
{
	static const char *const NAMES[] = {"sd_listen_fds", "sd_is_socket_unix", "sd_notify",
	    "sd_watchdog_enabled", "sd_hwdb_new", "sd_hwdb_get", "sd_hwdb_unref"};
	static struct systemd_library library;
	static bool tried, missing;
	_Static_assert(sizeof(library) == COUNT_OF(NAMES) * sizeof(void *), "one for each");

	if (!tried) {
		const char *problem =
		    library_load(LIBSYSTEMD_FILE, NAMES, COUNT_OF(NAMES), &library);
		tried = true;
		missing = problem != NULL;
		if (problem)
			log_warning("the service manager is not notified, and vendors are not "
				    "known: %s",
			    problem);
	}
	return missing ? NULL : &library;
}
