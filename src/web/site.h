/* SPDX-License-Identifier: ISC
 * site: what is served at which path. */
#ifndef WEB_SITE_H
#define WEB_SITE_H

#include "companion/companion_type.h"

/* The members of companion_type; the state is the site. */
int site_open(const struct companion *companion, void **state);
void site_changed(void *state, const struct watcher_change *change);
void site_synced(void *state);
void site_lost(void *state);
void site_advance(void *state, struct instant now);
struct instant site_deadline(const void *state);
void site_close(void *state);

#endif
