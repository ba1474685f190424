/* SPDX-License-Identifier: ISC
 * history_program: discoverd-history as a companion of discoverd: file, socket and programs that
 * are run, in one loop. */
#ifndef HISTORY_HISTORY_PROGRAM_H
#define HISTORY_HISTORY_PROGRAM_H

#include "companion/companion_type.h"

extern const struct companion_type HISTORY_PROGRAM;

#endif
