/* SPDX-License-Identifier: ISC
 * session: one Varlink client of the control socket: bytes in, bytes out; knows no descriptor. */
#ifndef CONTROL_SESSION_H
#define CONTROL_SESSION_H

#include "control/control_host.h"
#include "control/session_type.h"

/* `feed` gives -EMSGSIZE for a request above the first, and when more than the second waits. */
enum { CONTROL_REQUEST_MAX = 8 * 1024, CONTROL_INPUT_MAX = 2 * CONTROL_REQUEST_MAX };

struct change_texts; /* control/change_texts.h */
struct host_address; /* model/host_address.h */
struct probe_result; /* control/probe_plan.h */

/* Its host is a struct control_host. `feed` returns -ENOMEM or -EMSGSIZE; what is no
 * Varlink call ends the session in its turn. `end` takes back what the session announced. A List of
 * any size passes in the memory of one portion. */
extern const struct session_type CONTROL_SESSION;

/* The following take sessions of CONTROL_SESSION alone. The table changed: for watchers. */
void control_session_changed(struct session *session, struct change_texts *texts);
/* An endpoint answered a question of this host: for searches. */
void control_session_answered(
    struct session *session, struct instant now, const struct endpoint *endpoint);
/* A host answered with its address: for those that asked for it. */
void control_session_resolved(
    struct session *session, struct instant now, const struct host_address *address);
/* One of the probes with this number has its result. */
void control_session_probed(
    struct session *session, uint64_t number, const struct probe_result *result);

#endif
