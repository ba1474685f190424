/* SPDX-License-Identifier: ISC
 * file_writer: writes a text to a file of the state directory in a thread: the loop does not wait
 * for the disk. */
#ifndef NET_FILE_WRITER_H
#define NET_FILE_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct file_writer;

/* What became of it: 0 or a negative errno of kept_file_replace. */
typedef void file_writer_done_fn(void *context, int result);
/* The texts are for `name` in `directory`. NULL when out of memory. */
struct file_writer *file_writer_new(
    const char *directory, const char *name, file_writer_done_fn *done, void *context);
/* Gives up waiting for what is being written: the thread ends with it. */
void file_writer_free(struct file_writer *writer);
/* Takes the text over, which was allocated with malloc. 0; -EBUSY: the one before is being written;
 * another negative errno: there is no thread. */
int file_writer_begin(struct file_writer *writer, char *text, size_t len);
bool file_writer_is_busy(const struct file_writer *writer);
/* Calls `done` where the text has been written by now. It takes no descriptor to be told of that,
 * so this is to be called a few times a second while it is busy. */
void file_writer_poll(struct file_writer *writer);
/* Waits until it is written, at most so many microseconds: for the end, when the loop is over.
 * Calls `done`; -ETIMEDOUT: it is still being written. */
int file_writer_wait(struct file_writer *writer, int64_t limit);

#endif
