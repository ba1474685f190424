/* SPDX-License-Identifier: ISC
 * state_file: the few values that outlive a start, written to a temporary file and renamed. */
#include "net/state_file.h"
#include "base/text.h"
#include "base/writer.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXT_MAX = 1024 };

static const char NAME[] = "state", NEW_NAME[] = "state.new";
/* The last one, and always of the same length: it can be written over. */
#define BOOT_ID_LINE "boot_id = %010u\n"
enum { BOOT_ID_LINE_LEN = sizeof("boot_id = 4294967295\n") - 1 };

/* False when the line is none of ours or its value is none. */
static bool parse_line(struct slice line, struct state *state, bool *has_boot_id)
{
	struct slice key;
	if (!slice_cut(&line, '=', &key) || !line.bytes)
		return false;
	key = slice_trim(key);
	struct slice value = slice_trim(line);
	if (slice_equal(key, SLICE("uuid"))) {
		if (!text_is_uuid(value))
			return false;
		memcpy(state->uuid, value.bytes, value.len);
	} else if (slice_equal(key, SLICE("boot_id"))) {
		uint64_t boot_id;
		if (slice_to_u64(value, UINT32_MAX, &boot_id) != 0)
			return false;
		state->boot_id = (uint32_t)boot_id;
		*has_boot_id = true;
	}
	return true;
}

int state_parse(struct slice text, struct state *state)
{
	memset(state, 0, sizeof(*state));
	bool whole = true, has_boot_id = false;
	struct slice line;
	while (slice_cut(&text, '\n', &line)) {
		/* What follows the last line end was cut off: its number may be short of digits. */
		bool good = text.bytes ? parse_line(line, state, &has_boot_id) : line.len == 0;
		whole = whole && good;
	}
	return whole && has_boot_id ? 0 : -EBADMSG;
}

/* Up to `capacity` bytes of an open file. */
static ssize_t read_all(int fd, char *buffer, size_t capacity)
{
	size_t len = 0;
	while (len < capacity) {
		ssize_t n = read(fd, buffer + len, capacity - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

static int open_directory(const char *directory)
{
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int state_lock(const char *directory)
{
	int dir = open_directory(directory);
	if (dir < 0 || flock(dir, LOCK_EX | LOCK_NB) == 0)
		return dir;
	int error = errno;
	close(dir);
	return -error;
}

int state_load(const char *directory, struct state *state)
{
	memset(state, 0, sizeof(*state));
	int dir = open_directory(directory);
	if (dir < 0)
		return dir;
	int fd = openat(dir, NAME, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	int error = fd < 0 ? -errno : 0;
	close(dir);
	if (error)
		return error;
	char text[TEXT_MAX];
	ssize_t len = read_all(fd, text, sizeof(text));
	close(fd);
	return len < 0 ? (int)len : state_parse((struct slice){text, (size_t)len}, state);
}

static int write_all(int fd, struct slice text)
{
	while (text.len > 0) {
		ssize_t n = write(fd, text.bytes, text.len);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			text = slice_skip(text, (size_t)n);
	}
	return 0;
}

/* The new text, safely on the disk under its temporary name. */
static int write_new(int dir, struct slice text)
{
	int fd = openat(dir, NEW_NAME, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	/* One that a crash left behind may have another mode. */
	int error = fchmod(fd, 0600) < 0 ? -errno : write_all(fd, text);
	if (!error && fsync(fd) < 0)
		error = -errno;
	if (close(fd) < 0 && !error)
		error = -errno;
	return error;
}

int state_save(const char *directory, const struct state *state)
{
	char text[TEXT_MAX];
	struct writer w;
	writer_init(&w, text, sizeof(text));
	if (state->uuid[0])
		writer_format(&w, "uuid = %s\n", state->uuid);
	writer_format(&w, BOOT_ID_LINE, (unsigned)state->boot_id);
	int dir = open_directory(directory);
	if (dir < 0)
		return dir;
	int error = write_new(dir, writer_result(&w));
	if (!error && renameat(dir, NEW_NAME, dir, NAME) < 0)
		error = -errno;
	if (error)
		unlinkat(dir, NEW_NAME, 0);
	else if (fsync(dir) < 0)
		error = -errno;
	close(dir);
	return error;
}

/* Writes over the last line of an open file, where that is the one expected. */
static int overwrite_boot_id(int fd, uint32_t boot_id)
{
	char line[BOOT_ID_LINE_LEN + 1], former[BOOT_ID_LINE_LEN];
	struct stat st;
	if (fstat(fd, &st) < 0)
		return -errno;
	off_t at = st.st_size - BOOT_ID_LINE_LEN;
	if (at < 0 || pread(fd, former, sizeof(former), at) != (ssize_t)sizeof(former))
		return -EBADMSG;
	struct state state;
	if (state_parse((struct slice){former, sizeof(former)}, &state) != 0)
		return -EBADMSG;
	snprintf(line, sizeof(line), BOOT_ID_LINE, (unsigned)boot_id);
	ssize_t n = pwrite(fd, line, BOOT_ID_LINE_LEN, at);
	return n == BOOT_ID_LINE_LEN ? 0 : n < 0 ? -errno : -EIO;
}

int state_note_boot_id(const char *directory, uint32_t boot_id)
{
	int dir = open_directory(directory);
	if (dir < 0)
		return dir;
	int fd = openat(dir, NAME, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	int error = fd < 0 ? -errno : 0;
	close(dir);
	if (error)
		return error;
	error = overwrite_boot_id(fd, boot_id);
	close(fd);
	return error;
}
