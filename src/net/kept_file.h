/* SPDX-License-Identifier: ISC
 * kept_file: files of the state directory, replaced as a whole: a reader finds the former text or
 * the new one. */
#ifndef NET_KEPT_FILE_H
#define NET_KEPT_FILE_H

#include "base/slice.h"
#include <sys/types.h>

enum { KEPT_FILE_NAME_MAX = 32 };

/* Opens a file of the directory for O_RDONLY, O_WRONLY or O_RDWR. Waits for nothing and follows no
 * link. A descriptor; -ENOENT: there is none; -ELOOP: a symbolic link; -ENXIO: no regular file;
 * another negative errno. */
int kept_file_open(const char *directory, const char *name, int flags);
/* Up to `capacity` bytes of an open file: how many, or a negative errno. */
ssize_t kept_file_read(int fd, char *buffer, size_t capacity);
/* Writes NAME.new, waits for the disk, and renames it to NAME. What is in the place of NAME.new and
 * is no file of ours alone is removed, and an error. 0 or a negative errno: then NAME is as before.
 */
int kept_file_replace(const char *directory, const char *name, struct slice text);
/* Renames NAME to NAME.bad. 0 or a negative errno. */
int kept_file_set_aside(const char *directory, const char *name);

#endif
