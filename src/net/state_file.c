/* SPDX-License-Identifier: ISC
 * state_file: the few values that outlive a start. */
#include "net/state_file.h"
#include "base/text.h"
#include "base/writer.h"
#include "net/kept_file.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXT_MAX = 4096 };

static const char NAME[] = "state";
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
	} else if (slice_equal(key, SLICE("name"))) {
		return kept_names_parse(&state->names, value) == 0;
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

int state_lock(const char *directory)
{
	int dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -errno;
	if (flock(dir, LOCK_EX | LOCK_NB) == 0)
		return dir;
	int error = errno;
	close(dir);
	return -error;
}

int state_load(const char *directory, struct state *state)
{
	memset(state, 0, sizeof(*state));
	int fd = kept_file_open(directory, NAME, O_RDONLY);
	if (fd < 0)
		return fd;
	char text[TEXT_MAX];
	ssize_t len = kept_file_read(fd, text, sizeof(text));
	close(fd);
	return len < 0 ? (int)len : state_parse((struct slice){text, (size_t)len}, state);
}

int state_save(const char *directory, const struct state *state)
{
	char text[TEXT_MAX];
	struct writer w;
	writer_init(&w, text, sizeof(text));
	if (state->uuid[0])
		writer_format(&w, "uuid = %s\n", state->uuid);
	for (size_t i = 0; i < state->names.count; i++) {
		writer_text(&w, "name = ");
		kept_name_format(&state->names.list[i], &w);
		writer_char(&w, '\n');
	}
	writer_format(&w, BOOT_ID_LINE, (unsigned)state->boot_id);
	return kept_file_replace(directory, NAME, writer_result(&w));
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
	int fd = kept_file_open(directory, NAME, O_RDWR);
	if (fd < 0)
		return fd;
	int error = overwrite_boot_id(fd, boot_id);
	close(fd);
	return error;
}
