/* SPDX-License-Identifier: ISC
 * text_file: reads small files as a whole, and finds the drop-ins of a directory. */
#ifndef NET_TEXT_FILE_H
#define NET_TEXT_FILE_H

#include <glob.h>
#include <stddef.h>

/* Reads a whole file of at most 64 KiB; *text is the caller's to free. 0 or a negative errno:
 * -EFBIG, -EINVAL (a named pipe). */
int text_file_read(const char *path, char **text, size_t *len);
/* The files of a directory ending in .conf, in the order of their names; for globfree. A directory
 * that is not there has none. 0, -ENOMEM or -ENAMETOOLONG, or why it cannot be read. */
int text_file_find(const char *directory, glob_t *found);

#endif
