/* SPDX-License-Identifier: ISC
 * probe_method: io.discoverd.Probe: does it answer? */
#ifndef CONTROL_PROBE_METHOD_H
#define CONTROL_PROBE_METHOD_H

#include "control/method.h"

/* As a row of METHODS wants it. */
void probe_method_handle(struct method_call *call);

#endif
