/* SPDX-License-Identifier: ISC
 * file_watch: says when the files of a directory, or one of them, have changed (inotify).
 *
 * What an event says is never used: it only starts another look at all that is watched. So nothing
 * is lost with an event. */
#include "net/file_watch.h"
#include "base/log.h"
#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define QUIET     MILLISECONDS(200) /* so long without news ends a burst */
#define BURST_MAX SECONDS(1)

enum { READ_MAX = 4096, READS_PER_WAKE_UP = 32, LOOK_UPS = 8 };
enum {
	OWN_END = IN_DELETE_SELF | IN_MOVE_SELF,
	INSIDE = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE | IN_ATTRIB,
	APPEARANCE = IN_CREATE | IN_MOVED_TO | IN_ATTRIB,
};

struct file_watch {
	struct loop *loop;
	int fd;
	struct event readable, due;
	struct instant burst_end; /* while `due` is pending */
	char *directory;
	char *file;          /* the name in it that counts; NULL: all do */
	int descriptor;      /* of the directory that is watched; -1: none */
	int file_descriptor; /* of `file`; -1: it is not there */
	/* While the directory is not there: the part of its path whose parent is watched. */
	struct slice awaited;
	loop_fn *fn;
	void *context;
};

static bool is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The path up to this part of the directory's, or what contains that. */
static void path_to(const struct file_watch *watch, struct slice part, bool parent, char *path)
{
	size_t len = (size_t)(part.bytes - watch->directory) + (parent ? 0 : part.len);

	while (parent && len > 1 && watch->directory[len - 1] == '/')
		len--;
	if (len == 0)
		path[len++] = '.';
	else
		memcpy(path, watch->directory, len);
	path[len] = '\0';
}

/* The last part of the first `end` bytes of the path; empty where there is none. */
static struct slice last_part(const struct file_watch *watch, size_t end)
{
	size_t start;

	while (end > 0 && watch->directory[end - 1] == '/')
		end--;
	for (start = end; start > 0 && watch->directory[start - 1] != '/'; start--)
		;
	return (struct slice){watch->directory + start, end - start};
}

/* Watches the nearest directory above that is there. 0, -EAGAIN: what is awaited has come
 * meanwhile, or a negative errno. */
static int await(struct file_watch *watch)
{
	char path[PATH_MAX];
	size_t end = strlen(watch->directory);

	for (;;) {
		struct slice part = last_part(watch, end);
		if (part.len == 0)
			return -ENOENT;
		path_to(watch, part, true, path);
		watch->descriptor =
		    inotify_add_watch(watch->fd, path, APPEARANCE | OWN_END | IN_ONLYDIR);
		if (watch->descriptor >= 0) {
			watch->awaited = part;
			path_to(watch, part, false, path);
			return is_directory(path) ? -EAGAIN : 0;
		}
		if (errno != ENOENT && errno != ENOTDIR)
			return -errno;
		end = (size_t)(part.bytes - watch->directory);
	}
}

/* The directory does not hear of a file that is written to while it stays open. */
static void follow_file(struct file_watch *watch)
{
	char path[PATH_MAX];
	int former = watch->file_descriptor;

	if (!watch->file || watch->awaited.len)
		return;
	if (snprintf(path, sizeof(path), "%s/%s", watch->directory, watch->file) >= PATH_MAX)
		return;
	watch->file_descriptor = inotify_add_watch(watch->fd, path, IN_MODIFY);
	if (former >= 0 && former != watch->file_descriptor)
		inotify_rm_watch(watch->fd, former);
}

static void disarm(struct file_watch *watch)
{
	if (watch->file_descriptor >= 0)
		inotify_rm_watch(watch->fd, watch->file_descriptor);
	watch->file_descriptor = -1;
	if (watch->descriptor >= 0)
		inotify_rm_watch(watch->fd, watch->descriptor);
	watch->descriptor = -1;
	watch->awaited = SLICE_NONE;
}

int file_watch_renew(struct file_watch *watch)
{
	int result = -EAGAIN;

	for (unsigned i = 0; i < LOOK_UPS && result == -EAGAIN; i++) {
		disarm(watch);
		watch->descriptor =
		    inotify_add_watch(watch->fd, watch->directory, INSIDE | OWN_END | IN_ONLYDIR);
		if (watch->descriptor >= 0) {
			follow_file(watch);
			return 0;
		}
		if (errno != ENOENT && errno != ENOTDIR)
			return -errno;
		result = await(watch);
	}
	if (result)
		disarm(watch);
	return result;
}

static void call_soon(struct file_watch *watch)
{
	struct instant now = loop_now(watch->loop);
	int64_t left;

	if (!event_pending(&watch->due, EV_TIMEOUT, NULL))
		watch->burst_end = instant_add(now, BURST_MAX);
	left = instant_since(watch->burst_end, now);
	loop_add_timer(&watch->due, left < QUIET ? (left > 0 ? left : 0) : QUIET);
}

/* True for what happens in the directory to other files than the one that counts. */
static bool is_of_another_file(const struct file_watch *watch, const struct inotify_event *event)
{
	return watch->file && !watch->awaited.len &&
	       (!event->len || strcmp(event->name, watch->file) != 0);
}

/* Makes of an event what it means. */
static void take(struct file_watch *watch, const struct inotify_event *event)
{
	bool lost = event->mask & IN_Q_OVERFLOW;
	bool ended = event->mask & (OWN_END | IN_IGNORED | IN_UNMOUNT);
	int result;

	if (!lost && event->wd == watch->file_descriptor) {
		if (ended)
			watch->file_descriptor = -1;
		else
			call_soon(watch);
		return;
	}
	if (!lost && event->wd != watch->descriptor)
		return; /* of a watch that is no more */
	if (is_of_another_file(watch, event) && !lost && !ended)
		return;
	follow_file(watch);
	if (watch->awaited.len && !lost && !ended &&
	    (!event->len || !slice_equal(slice_of(event->name), watch->awaited)))
		return;
	call_soon(watch);
	if (!watch->awaited.len && !lost && !ended)
		return;
	result = file_watch_renew(watch);
	if (result)
		log_warning("changes in %s are not followed any more: %s; a reload reads them",
		    watch->directory, strerror(-result));
}

static void readable(evutil_socket_t fd, short what, void *context)
{
	struct file_watch *watch = context;
	_Alignas(struct inotify_event) char buffer[READ_MAX];

	(void)what;
	for (unsigned i = 0; i < READS_PER_WAKE_UP; i++) {
		ssize_t len = read(fd, buffer, sizeof(buffer));
		if (len <= 0)
			return;
		for (size_t at = 0; at < (size_t)len;) {
			const struct inotify_event *event =
			    (const struct inotify_event *)(const void *)(buffer + at);
			at += sizeof(*event) + event->len;
			take(watch, event);
		}
	}
}

static void burst_over(evutil_socket_t fd, short what, void *context)
{
	struct file_watch *watch = context;

	(void)fd, (void)what;
	watch->fn(watch->context);
}

/* `file`: its name alone, or NULL. */
static int open_watch(struct loop *loop, struct slice directory, const char *file, loop_fn *fn,
    void *context, struct file_watch **out)
{
	struct file_watch *watch = calloc(1, sizeof(*watch));
	int result;

	if (!watch)
		return -ENOMEM;
	*watch = (struct file_watch){.loop = loop,
	    .fn = fn,
	    .context = context,
	    .fd = -1,
	    .descriptor = -1,
	    .file_descriptor = -1};
	event_assign(&watch->due, loop_base(loop), -1, 0, burst_over, watch);
	watch->directory = slice_dup(directory);
	watch->file = file ? strdup(file) : NULL;
	result = !watch->directory || (file && !watch->file) ? -ENOMEM
		 : directory.len >= PATH_MAX                 ? -ENAMETOOLONG
							     : 0;
	if (!result) {
		watch->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
		result = watch->fd < 0 ? -errno : file_watch_renew(watch);
	}
	event_assign(
	    &watch->readable, loop_base(loop), watch->fd, EV_READ | EV_PERSIST, readable, watch);
	if (!result && event_add(&watch->readable, NULL) < 0)
		result = -ENOMEM;
	if (result) {
		file_watch_close(watch);
		return result;
	}
	*out = watch;
	return 0;
}

int file_watch_open(
    struct loop *loop, const char *directory, loop_fn *fn, void *context, struct file_watch **out)
{
	return open_watch(loop, slice_of(directory), NULL, fn, context, out);
}

int file_watch_open_file(
    struct loop *loop, const char *path, loop_fn *fn, void *context, struct file_watch **out)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;
	struct slice directory = slash ? (struct slice){path, len ? len : 1} : SLICE(".");

	return open_watch(loop, directory, slash ? slash + 1 : path, fn, context, out);
}

void file_watch_close(struct file_watch *watch)
{
	if (!watch)
		return;
	event_del(&watch->readable);
	event_del(&watch->due);
	if (watch->fd >= 0)
		close(watch->fd);
	free(watch->directory);
	free(watch->file);
	free(watch);
}
