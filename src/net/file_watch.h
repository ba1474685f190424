/* SPDX-License-Identifier: ISC
 * file_watch: says when the files of a directory, or one of them, have changed (inotify). */
#ifndef NET_FILE_WATCH_H
#define NET_FILE_WATCH_H

#include "net/loop.h"

struct file_watch;

/* Calls `fn` from the loop 200 ms after the last of a burst of changes, at the latest 1 s after the
 * first: files that came, went, were renamed or written. The directory need not be there: it is
 * waited for, also when it goes again. What a symbolic link points to is not followed. 0 or a
 * negative errno: -ENOSYS, -EMFILE, -ENOSPC (out of watches), -EACCES. */
int file_watch_open(struct loop *loop, const char *directory, loop_fn *fn, void *context,
    struct file_watch **watch);
/* The same for one file, also one that is written to while it stays open. A symbolic link is
 * followed to what it points to when it is made. */
int file_watch_open_file(
    struct loop *loop, const char *path, loop_fn *fn, void *context, struct file_watch **watch);
void file_watch_close(struct file_watch *watch);
/* Looks the directory up anew, for a path that leads elsewhere since. 0 or as above; then nothing
 * is followed until the next call. */
int file_watch_renew(struct file_watch *watch);

#endif
