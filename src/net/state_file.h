/* SPDX-License-Identifier: ISC
 * state_file: the few values that outlive a start, written to a temporary file and renamed. */
#ifndef NET_STATE_FILE_H
#define NET_STATE_FILE_H

#include "base/slice.h"
#include "model/kept_names.h"

struct state {
	char uuid[37]; /* "" where none is kept */
	uint32_t boot_id;
	struct kept_names names;
};

/* Reads "key = value" lines; other keys are ignored. 0; -EBADMSG: broken or cut off, *state is what
 * could be saved of it. */
int state_parse(struct slice text, struct state *state);
/* Takes the directory for this process alone, until the descriptor that is returned is closed.
 * -EWOULDBLOCK: another process has it; another negative errno, where it cannot be locked. */
int state_lock(const char *directory);
/* Reads DIRECTORY/state. 0; -ENOENT: a first start; -EBADMSG: as state_parse; another negative
 * errno. *state is always set. */
int state_load(const char *directory, struct state *state);
/* Writes, syncs and renames; only called before and after the loop. 0 or a negative errno. */
int state_save(const char *directory, const struct state *state);
/* Writes another BOOTID over the one in a file that state_save wrote, without waiting for the disk:
 * it is kept when the process ends, a power cut may leave the former. 0; -EBADMSG: it is not such a
 * file; another negative errno. */
int state_note_boot_id(const char *directory, uint32_t boot_id);

#endif
