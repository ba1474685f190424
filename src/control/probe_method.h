/* SPDX-License-Identifier: ISC
 * probe_method: io.discoverd.Probe: does it answer? */
#ifndef CONTROL_PROBE_METHOD_H
#define CONTROL_PROBE_METHOD_H

#include "control/method.h"
#include "control/probe_plan.h"

/* From its call to its last reply, however many others probe at the same time; what was not found
 * out by then is refused. */
#define PROBE_TIME_MAX SECONDS(300)

void probe_method_handle(struct method_call *call);

/* Begins the probes of a plan, which has at least one. NULL when out of memory. */
struct job *probe_job_new(const struct control_host *host, struct byte_queue *out,
    struct slice target, struct instant now, const struct probe_plan *plan);

#endif
