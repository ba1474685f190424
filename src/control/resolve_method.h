/* SPDX-License-Identifier: ISC
 * resolve_method: io.discoverd.Resolve: at which addresses is a host? */
#ifndef CONTROL_RESOLVE_METHOD_H
#define CONTROL_RESOLVE_METHOD_H

#include "control/method.h"

void resolve_method_handle(struct method_call *call);

#endif
