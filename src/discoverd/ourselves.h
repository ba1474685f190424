/* SPDX-License-Identifier: ISC
 * ourselves: the announcement that configuration and identity make, and the description that
 * belongs to it. */
#ifndef DISCOVERD_OURSELVES_H
#define DISCOVERD_OURSELVES_H

#include "discoverd/identity.h"
#include "model/config.h"

enum { OURSELVES_DESCRIPTION_MAX = 64 * 1024 };

/* Builds the announcement: http_port 0 means that no description is served. CONFIGID follows the
 * description's content. On 0 both results are the caller's: announcement_fini, free. *description
 * is NUL-terminated. 0, -ENOMEM or -ENOSPC. */
int ourselves_build(const struct config *config, const struct identity *identity,
    uint16_t http_port, struct announcement *announcement, char **description);

#endif
