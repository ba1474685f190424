/* SPDX-License-Identifier: ISC
 * web_link: which URLs from the network are shown as links. */
#ifndef CLIENT_WEB_LINK_H
#define CLIENT_WEB_LINK_H

#include "base/slice.h"

/* Of http or https, without blanks and controls. */
bool web_link_allowed(struct slice url);

#endif
