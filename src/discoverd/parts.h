/* SPDX-License-Identifier: ISC
 * parts: the rows of the daemon's parts. */
#ifndef DISCOVERD_PARTS_H
#define DISCOVERD_PARTS_H

#include "discoverd/hub.h"

extern const struct part LOG_PART;             /* part_log.c: lines about devices */
extern const struct part XML_PART;             /* part_xml.c: libxml2 */
extern const struct part LINKS_PART;           /* part_links.c: netlink, interfaces */
extern const struct part SAVER_PART;           /* part_saver.c: the table over a restart */
extern const struct part NEIGHBOURS_PART;      /* part_neighbours.c: MACs, bridges, names */
extern const struct part LEASES_PART;          /* part_leases.c: names from DHCP servers */
extern const struct part FETCH_PART;           /* part_fetch.c: reads descriptions */
extern const struct part HTTP_PART;            /* part_http.c: serves descriptions */
extern const struct part MEMORY_PART;          /* part_memory.c: what a table leaves */
extern const struct part FILES_PART;           /* part_files.c: services.d */
extern const struct part PROBES_PART;          /* part_probes.c: ping and TCP */
extern const struct part MINISSDPD_PART;       /* part_minissdpd.c: its socket */
extern const struct part CONTROL_PART;         /* part_control.c: the control socket */
extern const struct part SOCKETS_PART;         /* part_sockets.c: of the engines */
extern const struct part SERVICE_MANAGER_PART; /* part_service_manager.c: watchdog, status */
extern const struct part SANDBOX_PART;         /* part_sandbox.c: files, system calls */

/* The rows, ended by NULL. */
extern const struct part *const PARTS[];

#endif
