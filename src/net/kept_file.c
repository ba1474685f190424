/* SPDX-License-Identifier: ISC
 * kept_file: files of the state directory, replaced as a whole: a reader finds the former text or
 * the new one. */
#include "net/kept_file.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* Opening a pipe would wait for its other end. */
enum { OPEN_SAFELY = O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC };

/* A descriptor or a negative errno. */
static int open_directory(const char *directory)
{
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* 0, or why this open file is not to be used. To be written, it has to be ours alone. */
static int judge(int fd, bool to_write)
{
	struct stat st;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -ENXIO;
	if (to_write && st.st_uid != geteuid())
		return -EPERM;
	return to_write && st.st_nlink > 1 ? -EMLINK : 0;
}

static int open_at(int dir, const char *name, int flags, bool to_write)
{
	int fd = openat(dir, name, flags | OPEN_SAFELY, 0600);
	if (fd < 0)
		return -errno;
	int error = judge(fd, to_write);
	if (!error)
		return fd;
	close(fd);
	return error;
}

int kept_file_open(const char *directory, const char *name, int flags)
{
	int dir = open_directory(directory);
	if (dir < 0)
		return dir;
	int fd = open_at(dir, name, flags, false);
	close(dir);
	return fd;
}

ssize_t kept_file_read(int fd, char *buffer, size_t capacity)
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
static int write_new(int dir, const char *name, struct slice text)
{
	int fd = open_at(dir, name, O_WRONLY | O_CREAT, true);
	if (fd < 0)
		return fd;
	/* One that a crash left behind may have another mode, and more text. */
	int error = fchmod(fd, 0600) < 0 || ftruncate(fd, 0) < 0 ? -errno : write_all(fd, text);
	if (!error && fsync(fd) < 0)
		error = -errno;
	if (close(fd) < 0 && !error)
		error = -errno;
	return error;
}

int kept_file_replace(const char *directory, const char *name, struct slice text)
{
	char new_name[KEPT_FILE_NAME_MAX];
	snprintf(new_name, sizeof(new_name), "%s.new", name);
	int dir = open_directory(directory);
	if (dir < 0)
		return dir;
	int error = write_new(dir, new_name, text);
	if (!error && renameat(dir, new_name, dir, name) < 0)
		error = -errno;
	if (error)
		unlinkat(dir, new_name, 0);
	else if (fsync(dir) < 0)
		error = -errno;
	close(dir);
	return error;
}

int kept_file_set_aside(const char *directory, const char *name)
{
	char bad_name[KEPT_FILE_NAME_MAX];
	snprintf(bad_name, sizeof(bad_name), "%s.bad", name);
	int dir = open_directory(directory);
	if (dir < 0)
		return dir;
	int error = renameat(dir, name, dir, bad_name) < 0 ? -errno : 0;
	close(dir);
	return error;
}
