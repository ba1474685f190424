/* SPDX-License-Identifier: ISC
 * parts: the rows. What opens later may use what opened before; the sockets of the engines open
 * late, when everything that they may cause can be carried out; the sandbox is last. */
#include "discoverd/parts.h"

const struct part *const PARTS[] = {
    &LOG_PART,
    &XML_PART,
    &LINKS_PART,
    &SAVER_PART, /* into an empty table, with the links that there are */
    &NEIGHBOURS_PART,
    &LEASES_PART,
    &FETCH_PART,
    &HTTP_PART,
    &FILES_PART,
    &PROBES_PART,
    &MINISSDPD_PART,
    &CONTROL_PART,
    &SOCKETS_PART,
    &MEMORY_PART,
    &SERVICE_MANAGER_PART,
    &SANDBOX_PART,
    NULL,
};
