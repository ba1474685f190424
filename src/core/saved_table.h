/* SPDX-License-Identifier: ISC
 * saved_table: the table as a text that outlives the daemon.
 *
 * Lines, each a JSON object: {"discoverd-devices": VERSION, …}, then for each device {"device": …}
 * followed by {"endpoint": …} for each of its endpoints, and last {"end": …} with the number of the
 * lines before it and a checksum of them. Moments are those of the kernel's clock since boot. */
#ifndef CORE_SAVED_TABLE_H
#define CORE_SAVED_TABLE_H

#include "base/instant.h"
#include "base/writer.h"
#include "model/link.h"
#include "model/table.h"

enum {
	SAVED_TABLE_VERSION = 1,
	SAVED_TABLE_MAX = 16 * 1024 * 1024, /* bytes; what is beyond it is not saved */
	SAVED_LINE_MAX = 256 * 1024,        /* likewise */
	SAVED_END_MAX = 128,
};

/* By which host and when it is written or read. */
struct saved_stamp {
	const char *host;    /* its UDN */
	const char *boot;    /* the id that the kernel gives each boot */
	struct instant at;   /* now */
	int64_t wall_offset; /* microseconds that wall-clock time is ahead of `at` */
	bool running;        /* written while lifetimes are still extended */
};

struct saved_writer;
/* The table may change between the steps. NULL when out of memory. */
struct saved_writer *saved_writer_new(
    struct table *table, const struct link_set *links, const struct saved_stamp *stamp);
/* Adds about `bytes` more. True: the text is whole, or cannot be. */
bool saved_writer_step(struct saved_writer *writer, size_t bytes);
/* The whole text, for the caller to free. 0 or -ENOMEM. */
int saved_writer_take(struct saved_writer *writer, char **text, size_t *len);
void saved_writer_free(struct saved_writer *writer);

/* The line that ends a text of these lines. 0 or the writer's error. */
int saved_table_write_end(struct slice lines, struct writer *w);

/* Called for each endpoint, which is lent with all that it points to, as is its device. One without
 * presences was at an interface that is gone. */
typedef void saved_endpoint_fn(
    void *context, const struct device *device, const struct endpoint *endpoint);
/* Reads it with the links of now. Nothing is called unless the whole text is in order; `written`,
 * where it is not NULL, is when that was by the clock of now, INSTANT_NEVER after another boot. 0;
 * -EBADMSG: cut off, damaged or no such text; -EPROTONOSUPPORT: of another version; -EXDEV: of
 * another host; -ENOMEM. */
int saved_table_read(struct slice text, const struct saved_stamp *stamp,
    const struct link_set *links, saved_endpoint_fn *fn, void *context, struct instant *written);

#endif
