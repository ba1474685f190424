/* SPDX-License-Identifier: ISC
 * part_leases: names of neighbours from the lease files of DHCP servers, read again when they
 * change. */
#include "discoverd/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "model/leases.h"
#include "net/file_watch.h"

enum { FILES_MAX = 8, FILE_BYTES_MAX = 1024 * 1024 };

/* Wall-clock time may jump: the ends of leases are looked at again after this time at the latest.
 */
#define LOOK_MAX SECONDS(3600)

enum leases_counter { COUNT_READS, COUNT_LEASES, COUNT_MALFORMED, COUNT_SURPLUS, COUNTERS };
static const char *const COUNTER_NAMES[COUNTERS] = {
    [COUNT_READS] = "files-read",
    [COUNT_LEASES] = "leases",
    [COUNT_MALFORMED] = "malformed",
    [COUNT_SURPLUS] = "surplus",
};

struct lease_source {
	struct file_watch *watch; /* NULL: it is read at a reload only */
	int error;                /* of the last reading */
	int watch_error;
	bool unknown, malformed, too_long;
};

struct leases_part {
	struct hub *hub;
	struct leases leases;
	struct text_list paths;                 /* as they are read and watched; owned */
	struct lease_source sources[FILES_MAX]; /* of each path */
	struct instant look;                    /* when a lease may have ended */
	bool too_many;
	struct counter counters[COUNTERS];
};

static int64_t wall_seconds(const struct leases_part *part)
{
	return (loop_now(part->hub->loop).us + hub_wall_offset()) / SECONDS(1);
}

static const char *find_name(struct hub *hub, const struct mac *mac)
{
	struct leases_part *part = hub_part(hub, &LEASES_PART);

	return part ? leases_find(&part->leases, mac, wall_seconds(part)) : NULL;
}

/* Reads what is open: a regular file, at most FILE_BYTES_MAX of it. *text is the caller's to free.
 * 0 or a negative errno. */
static int read_open(int fd, struct lease_source *source, char **text, size_t *len)
{
	struct stat st;
	ssize_t got = 1;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	*text = malloc(FILE_BYTES_MAX);
	if (!*text)
		return -ENOMEM;
	for (*len = 0; *len < FILE_BYTES_MAX && got > 0; *len += got > 0 ? (size_t)got : 0)
		got = read(fd, *text + *len, FILE_BYTES_MAX - *len);
	source->too_long = got > 0 && st.st_size > FILE_BYTES_MAX;
	return got < 0 ? -errno : 0;
}

/* Opening a pipe does not wait for a writer. */
static int read_file(const char *path, struct lease_source *source, char **text, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int result;

	if (fd < 0)
		return -errno;
	result = read_open(fd, source, text, len);
	close(fd);
	return result;
}

static void take_leases(struct leases_part *part, unsigned number, struct slice text, int64_t now)
{
	struct lease_source *source = &part->sources[number];
	struct lease_file file;
	struct lease lease;

	lease_file_init(&file, text);
	while (lease_file_next(&file, &lease)) {
		part->counters[COUNT_LEASES].value++;
		if (leases_put(&part->leases, number, &lease, now) == 0)
			continue;
		part->too_many = true;
		part->counters[COUNT_SURPLUS].value++;
	}
	source->unknown = file.malformed > 0 && file.format == LEASE_FORMAT_UNKNOWN;
	source->malformed = file.malformed > 0;
	part->counters[COUNT_MALFORMED].value += file.malformed;
}

static void read_source(struct leases_part *part, unsigned number, int64_t now)
{
	struct lease_source *source = &part->sources[number];
	char *text = NULL;
	size_t len = 0;

	source->unknown = source->malformed = source->too_long = false;
	source->error = read_file(part->paths.items[number], source, &text, &len);
	if (!source->error) {
		part->counters[COUNT_READS].value++;
		/* the line that was cut is none */
		while (source->too_long && len > 0 && text[len - 1] != '\n')
			len--;
		take_leases(part, number, (struct slice){text, len}, now);
	}
	free(text);
}

static void plan_look(struct leases_part *part, int64_t wall)
{
	int64_t end = leases_next_end(&part->leases, wall);

	part->look = INSTANT_NEVER;
	if (end != INT64_MAX)
		part->look = instant_add(loop_now(part->hub->loop),
		    end - wall < LOOK_MAX / SECONDS(1) ? SECONDS(end - wall) : LOOK_MAX);
}

static void tell_names(struct leases_part *part)
{
	plan_look(part, wall_seconds(part));
	core_learn_names(part->hub->core, loop_now(part->hub->loop));
}

/* All of them: which lease counts depends on all files. */
static void read_all(void *context)
{
	struct leases_part *part = context;
	int64_t now = wall_seconds(part);

	leases_empty(&part->leases);
	part->too_many = false;
	for (unsigned i = 0; i < part->paths.count && i < FILES_MAX; i++)
		read_source(part, i, now);
	part->hub->warnings_due = true;
	tell_names(part);
}

static void forget_sources(struct leases_part *part)
{
	for (size_t i = 0; i < FILES_MAX; i++)
		file_watch_close(part->sources[i].watch);
	memset(part->sources, 0, sizeof(part->sources));
	for (size_t i = 0; i < part->paths.count; i++)
		free(part->paths.items[i]);
	free(part->paths.items);
	part->paths = (struct text_list){0};
}

/* First the watch: what changes after the reading is seen. 0 or -ENOMEM. */
static int follow(struct leases_part *part, const struct text_list *paths)
{
	part->paths.items = calloc(paths->count + 1, sizeof(char *));
	if (!part->paths.items)
		return -ENOMEM;
	for (size_t i = 0; i < paths->count && i < FILES_MAX; i++) {
		struct lease_source *source = &part->sources[i];
		part->paths.items[i] = strdup(paths->items[i]);
		if (!part->paths.items[i])
			return -ENOMEM;
		part->paths.count++;
		source->watch_error = file_watch_open_file(
		    part->hub->loop, paths->items[i], read_all, part, &source->watch);
	}
	return 0;
}

static int open_leases(struct hub *hub, void **state)
{
	struct leases_part *part = calloc(1, sizeof(*part));
	int result;

	*state = part;
	if (!part)
		return -ENOMEM;
	part->hub = hub;
	part->look = INSTANT_NEVER;
	counters_init(part->counters, COUNTER_NAMES, COUNTERS);
	result = leases_init(&part->leases, &hub->key);
	if (!result)
		result = follow(part, &core_config(hub->core)->table.lease_files);
	if (!result)
		read_all(part);
	hub->work.find_name = find_name;
	return result;
}

static void close_leases(void *state)
{
	struct leases_part *part = state;

	part->hub->work.find_name = NULL;
	forget_sources(part);
	leases_fini(&part->leases);
	free(part);
}

static int reload(void *state, config_error_fn *error, void *context)
{
	struct leases_part *part = state;
	const struct text_list *paths = &core_config(part->hub->core)->table.lease_files;
	int result = 0;
	(void)error;
	(void)context;

	forget_sources(part);
	result = follow(part, paths);
	read_all(part);
	return result;
}

static void advance(void *state, struct instant now)
{
	struct leases_part *part = state;

	if (instant_due(part->look, now))
		tell_names(part);
}

static struct instant deadline(const void *state)
{
	const struct leases_part *part = state;

	return part->look;
}

static void warn_of_file(
    const char *path, const struct lease_source *source, struct warnings *warnings)
{
	if (source->error)
		warnings_add(warnings, "names are missing: cannot read the lease file %s: %s", path,
		    source->error == -EINVAL ? "it is no regular file"
					     : file_rules_explain(path, source->error));
	else if (source->unknown)
		warnings_add(warnings, "names are missing: %s has no known format of leases", path);
	else if (source->malformed)
		warnings_add(
		    warnings, "names may be missing: %s has lines that are no leases", path);
	if (source->too_long)
		warnings_add(warnings, "names may be missing: only 1 MiB of %s is read", path);
	if (source->watch_error)
		warnings_add(warnings, "changes in %s are not followed: %s; a reload reads them",
		    path, strerror(-source->watch_error));
}

static void warn(const void *state, struct warnings *warnings)
{
	const struct leases_part *part = state;

	for (size_t i = 0; i < part->paths.count; i++)
		warn_of_file(part->paths.items[i], &part->sources[i], warnings);
	if (part->too_many)
		warnings_add(warnings, "names are missing: only %d leases are kept", LEASES_MAX);
}

static bool counters(const void *state, size_t index, struct counter_group *group)
{
	const struct leases_part *part = state;

	*group = (struct counter_group){"leases", part->counters, COUNTERS};
	return index == 0;
}

static void files(const void *state, struct file_rules *rules)
{
	const struct leases_part *part = state;

	for (size_t i = 0; i < part->paths.count; i++) {
		file_rules_allow(rules, part->paths.items[i], FILE_USE_READ);
		file_rules_allow_beside(rules, part->paths.items[i], FILE_USE_READ);
	}
}

const struct part LEASES_PART = {
    .name = "leases",
    .open = open_leases,
    .close = close_leases,
    .reload = reload,
    .advance = advance,
    .deadline = deadline,
    .files = files,
    .warn = warn,
    .counters = counters,
};
