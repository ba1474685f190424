/* SPDX-License-Identifier: ISC
 * systemd_library: the functions of libsystemd that are used, loaded when they are needed or
 * linked; one file for each. */
#ifndef DISCOVERD_SYSTEMD_LIBRARY_H
#define DISCOVERD_SYSTEMD_LIBRARY_H

#include <systemd/sd-daemon.h>
#include <systemd/sd-hwdb.h>

/* Each member is named as its function is. */
struct systemd_library {
	__typeof__(sd_listen_fds) *sd_listen_fds;
	__typeof__(sd_is_socket_unix) *sd_is_socket_unix;
	__typeof__(sd_notify) *sd_notify;
	__typeof__(sd_watchdog_enabled) *sd_watchdog_enabled;
	__typeof__(sd_hwdb_new) *sd_hwdb_new;
	__typeof__(sd_hwdb_get) *sd_hwdb_get;
	__typeof__(sd_hwdb_unref) *sd_hwdb_unref;
};

/* NULL where it is missing; the reason is logged. To be called at the start, before the sandbox
 * closes. */
const struct systemd_library *systemd_library(void);

#endif
