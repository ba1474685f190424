/* SPDX-License-Identifier: ISC
 * change_texts: a change of the table on its way to the watchers. What they are sent is written
 * once, when the first one wants it, and shared by all. */
#ifndef CONTROL_CHANGE_TEXTS_H
#define CONTROL_CHANGE_TEXTS_H

#include "control/control_host.h"
#include "control/text_queue.h"

/* What the change is to a watcher. */
enum change_kind {
	CHANGE_AS_IT_IS,
	CHANGE_COMES, /* the device is new to it */
	CHANGE_GOES,  /* the device is of no interest to it any more */
	CHANGE_KINDS
};

struct change_texts {
	const struct control_host *host;
	struct instant now;
	const struct table_change *change;
	struct shared_text *texts[CHANGE_KINDS]; /* NULL: not wanted yet */
};

/* Valid as long as the change; change_texts_fini() ends it. */
struct change_texts change_texts_of(
    const struct control_host *host, struct instant now, const struct table_change *change);
void change_texts_fini(struct change_texts *texts);
/* The reply of Monitor, lent; NULL when out of memory. */
struct shared_text *change_texts_get(struct change_texts *texts, enum change_kind kind);

#endif
