/* SPDX-License-Identifier: ISC
 * hub: the one place that knows every part and connects them; decides nothing. */
#ifndef DISCOVERD_HUB_H
#define DISCOVERD_HUB_H

#include "discoverd/options.h"
#include "model/config.h"

struct hub;

/* Opens everything and announces. Takes the configuration over (also on failure). A failure is
 * logged with what to do about it; 0 or a negative errno. */
int hub_open(const struct options *options, struct config *config, struct hub **hub);
/* Until SIGTERM or SIGINT. 0 or a negative errno. */
int hub_run(struct hub *hub);
/* Says goodbye and closes everything. */
void hub_close(struct hub *hub);

#endif
