/* SPDX-License-Identifier: ISC
 * part_saver: keeps the table in the state directory, and reads it back at the start. */
#include "discoverd/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "core/core_restored.h"
#include "model/table_cursor.h"
#include "net/file_writer.h"
#include "net/kept_file.h"

static const char NAME[] = "devices";

/* From a change to its writing, so that what comes with it is written with it. */
#define HOLD SECONDS(60)
/* In a round of the loop, about a millisecond. */
enum { STEP_BYTES = 32 * 1024 };
/* Between looks whether it is written. */
#define LOOK MILLISECONDS(50)
/* At a stop, for the disk: service managers wait for few seconds (TimeoutStopSec). */
#define STOP_TIME SECONDS(2)

enum saver_counter { COUNT_WRITTEN, COUNT_BYTES, COUNT_FAILED, COUNTERS };
static const char *const COUNTER_NAMES[COUNTERS] = {
    [COUNT_WRITTEN] = "written",
    [COUNT_BYTES] = "bytes-written",
    [COUNT_FAILED] = "failed",
};

struct saver_part {
	struct hub *hub;
	struct file_writer *file;
	struct saved_writer *making; /* the text that is being made, or NULL */
	struct instant changed;      /* something is to be written since; INSTANT_NEVER: nothing */
	struct instant look;         /* while it is written */
	struct instant begun;        /* the last writing, also that of a former start */
	bool has_begun, stopping;
	int error; /* of the last writing, also that of the identity: it was logged */
	char boot[40];
	struct counter counters[COUNTERS];
};

static int64_t interval_of(const struct saver_part *part)
{
	return SECONDS(core_config(part->hub->core)->table.save_interval);
}

/* What the kernel gives each boot. The sandbox of a service may hide it: the service manager knows
 * it, too. "": not known. */
static void read_boot_id(char *boot, size_t size)
{
	const char *given = getenv("DISCOVERD_BOOT_ID");
	char text[64] = "";
	size_t len = 0;
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		kept_file_read(fd, text, sizeof(text) - 1);
		close(fd);
	}
	for (const char *from = text[0] ? text
				: given ? given
					: "";
	     *from && len + 1 < size; from++)
		if (*from != '-' && *from != '\n')
			boot[len++] = *from;
	boot[len] = '\0';
}

static struct saved_stamp stamp_of(const struct saver_part *part)
{
	return (struct saved_stamp){
	    .host = part->hub->identity.udn,
	    .boot = part->boot,
	    .at = loop_now(part->hub->loop),
	    .wall_offset = hub_wall_offset(),
	    .running = !part->stopping,
	};
}

/* The file, for the caller to free. 0 or a negative errno. */
static int read_file(const char *directory, char **text, size_t *len)
{
	int fd = kept_file_open(directory, NAME, O_RDONLY);
	struct stat st;

	if (fd < 0)
		return fd;
	int error = fstat(fd, &st) < 0 ? -errno : st.st_size > SAVED_TABLE_MAX ? -EFBIG : 0;
	*text = error ? NULL : malloc((size_t)st.st_size + 1);
	if (!error && !*text)
		error = -ENOMEM;
	ssize_t got = error ? error : kept_file_read(fd, *text, (size_t)st.st_size);
	close(fd);
	*len = got < 0 ? 0 : (size_t)got;
	return got < 0 ? (int)got : 0;
}

static const char *reason(int error)
{
	switch (error) {
	case -EBADMSG:
		return "it is damaged or not whole";
	case -EPROTONOSUPPORT:
		return "it is of another version of discoverd";
	case -EXDEV:
		return "it is of another host";
	default:
		return strerror(-error);
	}
}

static void set_aside(const char *directory, int error)
{
	int failed = kept_file_set_aside(directory, NAME);

	log_warning("cannot use %s/%s: %s; it is %s, and no device is known yet", directory, NAME,
	    reason(error), failed ? "left there" : "renamed to devices.bad");
}

static void restore(struct saver_part *part)
{
	const char *directory = part->hub->options->state_directory;
	const struct saved_stamp stamp = stamp_of(part);
	struct instant written = INSTANT_NEVER;
	char *text = NULL;
	size_t len;
	int error = read_file(directory, &text, &len);

	if (!error)
		error = core_restore(part->hub->core, (struct slice){text, len}, &stamp, &written);
	free(text);
	part->has_begun = !error && !instant_is_never(written);
	part->begun = written;
	if (!error)
		log_info("%zu devices of the former start are known, and asked whether they are "
			 "still there",
		    core_restored_count(part->hub->core));
	else if (error == -ENOMEM)
		log_warning("out of memory: %s/%s is not read, and no device is known yet",
		    directory, NAME);
	else if (error != -ENOENT && error != part->error)
		set_aside(directory, error);
}

static void written(void *context, int error)
{
	struct saver_part *part = context;

	part->counters[error ? COUNT_FAILED : COUNT_WRITTEN].value++;
	if (error && error != part->error)
		log_warning("cannot keep the devices in %s: %s; after the next start they have to "
			    "be found again",
		    part->hub->options->state_directory, strerror(-error));
	part->error = error;
	if (error)
		part->changed = loop_now(part->hub->loop);
}

static int open_saver(struct hub *hub, void **state)
{
	struct saver_part *part = calloc(1, sizeof(*part));

	*state = part;
	if (!part)
		return -ENOMEM;
	part->hub = hub;
	part->changed = INSTANT_NEVER;
	counters_init(part->counters, COUNTER_NAMES, COUNTERS);
	part->error = hub->identity.state_error;
	read_boot_id(part->boot, sizeof(part->boot));
	part->file = file_writer_new(hub->options->state_directory, NAME, written, part);
	if (!part->file)
		return -ENOMEM;
	if (interval_of(part))
		restore(part);
	return 0;
}

/* An id, a name or whether a device is known: the rest is heard again soon. */
static void changed(void *state, struct instant now, const struct table_change *change)
{
	struct saver_part *part = state;
	bool is_device = change->former_kind == DEVICE_KIND_DEVICE ||
			 device_kind(change->device) == DEVICE_KIND_DEVICE;

	if (is_device && (change->event != TABLE_UPDATED ||
			     change->changed & (1u << FIELD_NAME | 1u << FIELD_KIND)))
		part->changed = instant_earlier(part->changed, now);
}

static struct instant due(const struct saver_part *part)
{
	int64_t interval = interval_of(part);

	if (!interval || instant_is_never(part->changed) || file_writer_is_busy(part->file))
		return INSTANT_NEVER;
	struct instant due = instant_add(part->changed, interval < HOLD ? interval : HOLD);
	return part->has_begun ? instant_later(due, instant_add(part->begun, interval)) : due;
}

static void begin(struct saver_part *part)
{
	const struct saved_stamp stamp = stamp_of(part);

	part->begun = stamp.at;
	part->has_begun = true;
	part->changed = INSTANT_NEVER;
	part->making =
	    saved_writer_new(core_table(part->hub->core), core_links(part->hub->core), &stamp);
}

/* A part of the text, and the whole is given to the disk. */
static void go_on(struct saver_part *part, size_t bytes)
{
	char *text = NULL;
	size_t len = 0;

	if (!part->making || !saved_writer_step(part->making, bytes))
		return;
	int error = saved_writer_take(part->making, &text, &len);
	saved_writer_free(part->making);
	part->making = NULL;
	if (!error) {
		part->counters[COUNT_BYTES].value += len;
		error = file_writer_begin(part->file, text, len);
	}
	if (error)
		written(part, error);
}

static void advance(void *state, struct instant now)
{
	struct saver_part *part = state;

	if (part->making)
		go_on(part, STEP_BYTES);
	else if (instant_due(due(part), now))
		begin(part);
	if (!file_writer_is_busy(part->file) || !instant_due(part->look, now))
		return;
	file_writer_poll(part->file);
	part->look = instant_add(now, LOOK);
}

static struct instant deadline(const void *state)
{
	const struct saver_part *part = state;

	if (part->making)
		return (struct instant){0};
	return file_writer_is_busy(part->file) ? part->look : due(part);
}

/* Lifetimes that were extended since are worth writing at a stop. */
static bool has_news(const struct saver_part *part)
{
	struct table_cursor cursor;
	const struct device *device;
	bool news = !instant_is_never(part->changed) || !part->has_begun || part->error;

	table_cursor_open(&cursor, core_table(part->hub->core));
	while (!news && (device = table_cursor_next(&cursor)))
		news = instant_before(part->begun, device->last_seen);
	table_cursor_close(&cursor);
	return news;
}

/* The whole table, after the goodbyes; a disk that is slow is not waited for to the end. */
static void save_at_stop(struct saver_part *part)
{
	int error = file_writer_wait(part->file, STOP_TIME);

	if (!error) {
		part->stopping = true;
		begin(part);
		go_on(part, SAVED_TABLE_MAX);
		error = file_writer_wait(part->file, STOP_TIME);
	}
	if (error)
		log_warning("the devices could not be kept in time: the disk is slow");
}

static void close_saver(void *state)
{
	struct saver_part *part = state;
	bool unfinished = part->making != NULL;

	saved_writer_free(part->making);
	part->making = NULL;
	if (part->hub->running && interval_of(part) && (unfinished || has_news(part)))
		save_at_stop(part);
	file_writer_free(part->file);
	free(part);
}

static bool counters(const void *state, size_t index, struct counter_group *group)
{
	const struct saver_part *part = state;

	*group = (struct counter_group){"saver", part->counters, COUNTERS};
	return index == 0;
}

const struct part SAVER_PART = {
    .name = "saver",
    .open = open_saver,
    .close = close_saver,
    .advance = advance,
    .deadline = deadline,
    .changed = changed,
    .counters = counters,
};
