/* SPDX-License-Identifier: ISC
 * descriptors: how many file descriptors all parts together may need, and whether we may have them.
 */
#ifndef DISCOVERD_DESCRIPTORS_H
#define DISCOVERD_DESCRIPTORS_H

#include "model/config.h"

/* When every part is at its limit, with some to spare, on few links. */
unsigned descriptors_needed(const struct config *config);
/* Raises the soft limit as far as that takes, and for many links; a limit below what is needed is a
 * warning. */
void descriptors_provide(const struct config *config);
/* Sockets for further links take the descriptors below this number, at least 1. */
unsigned descriptors_for_links(const struct config *config);

#endif
