/* SPDX-License-Identifier: ISC
 * own_names: whether the Host of a request is a name of this host. A web page elsewhere can have a
 * browser send requests here under a name of its own (DNS rebinding), but not under ours. */
#ifndef WEB_OWN_NAMES_H
#define WEB_OWN_NAMES_H

#include "base/slice.h"

/* True for a numeric address, localhost, the host name whole or up to its first dot, that with
 * ".local", and one of the `count` others; each with or without a port, a final dot, and regard to
 * case. */
bool own_names_have(
    struct slice host, struct slice host_name, const char *const *others, size_t count);

#endif
