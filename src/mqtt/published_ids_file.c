/* SPDX-License-Identifier: ISC
 * published_ids_file: see published_ids_file.h. */
#include "mqtt/published_ids_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "net/kept_file.h"

#define NAME         "published"
#define WRITE_PERIOD SECONDS(900)
#define FIRST_WRITE  SECONDS(60)

enum { FILE_BYTES_MAX = 16 * 1024 * 1024 };

/* 0 with *text for the caller to free, or a negative errno. */
static int read_file(const char *directory, char **text, size_t *len)
{
	struct stat st;
	int fd = kept_file_open(directory, NAME, O_RDONLY);
	ssize_t result = fd;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		result = -errno;
	else if (st.st_size > FILE_BYTES_MAX)
		result = -EFBIG;
	else
		*text = malloc((size_t)st.st_size + 1);
	if (result >= 0)
		result = *text ? kept_file_read(fd, *text, (size_t)st.st_size) : -ENOMEM;
	*len = result >= 0 ? (size_t)result : 0;
	close(fd);
	return result < 0 ? (int)result : 0;
}

void published_ids_file_open(struct published_ids_file *file, const char *directory,
    const struct published_ids *published_ids, struct outgoing *outgoing, char **prefix,
    struct instant now)
{
	char *text = NULL;
	size_t len = 0;

	*file = (struct published_ids_file){.directory = directory,
	    .published_ids = *published_ids,
	    .written_at = instant_add(now, FIRST_WRITE - WRITE_PERIOD),
	    .write_at = INSTANT_NEVER};
	*prefix = NULL;
	if (!directory)
		return;
	int error = read_file(directory, &text, &len);
	if (!error)
		error =
		    published_ids_read((struct slice){text, len}, published_ids, outgoing, prefix);
	free(text);
	if (error == -EXDEV)
		log_notice("what was published under another name remains until it expires");
	else if (error && error != -ENOENT)
		log_warning("%s/" NAME ": %s: what has gone since the last run remains until it "
			    "expires",
		    directory, strerror(-error));
}

void published_ids_file_note(struct published_ids_file *file, struct instant now)
{
	file->changed = true;
	if (file->directory && instant_is_never(file->write_at))
		file->write_at = instant_later(now, instant_add(file->written_at, WRITE_PERIOD));
}

static void write_file(struct published_ids_file *file, const struct outgoing *outgoing)
{
	struct json_writer text = {0};
	int error = -ENOMEM;

	published_ids_write(&text, &file->published_ids, outgoing);
	if (!text.failed)
		error =
		    kept_file_replace(file->directory, NAME, (struct slice){text.bytes, text.len});
	json_writer_fini(&text);
	if (error)
		log_warning("%s/" NAME ": %s", file->directory, strerror(-error));
	file->changed = error != 0;
}

void published_ids_file_advance(
    struct published_ids_file *file, const struct outgoing *outgoing, struct instant now)
{
	if (!instant_due(file->write_at, now))
		return;
	write_file(file, outgoing);
	file->written_at = now;
	/* A disk that is full may have room later. */
	file->write_at = file->changed ? instant_add(now, WRITE_PERIOD) : INSTANT_NEVER;
}

void published_ids_file_close(struct published_ids_file *file, const struct outgoing *outgoing)
{
	if (file->changed && file->directory)
		write_file(file, outgoing);
}
