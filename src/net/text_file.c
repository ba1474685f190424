/* SPDX-License-Identifier: ISC
 * text_file: reads small files as a whole, and finds the drop-ins of a directory. */
#include "net/text_file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { TEXT_FILE_MAX = 64 * 1024 };

/* Reads what has been opened; *text is the caller's to free. */
static int read_open(FILE *file, char **text, size_t *len)
{
	int error = 0;

	*text = malloc(TEXT_FILE_MAX + 1);
	if (!*text)
		return -ENOMEM;
	errno = 0;
	*len = fread(*text, 1, TEXT_FILE_MAX + 1, file);
	if (ferror(file))
		error = errno ? -errno : -EIO;
	else if (*len > TEXT_FILE_MAX)
		error = -EFBIG;
	if (error) {
		free(*text);
		*text = NULL;
	}
	return error;
}

int text_file_read(const char *path, char **text, size_t *len)
{
	struct stat st;
	FILE *file;
	int result;

	/* opening a pipe would wait for a writer */
	if (stat(path, &st) == 0 && S_ISFIFO(st.st_mode))
		return -EINVAL;
	file = fopen(path, "re");
	if (!file)
		return -errno;
	result = read_open(file, text, len);
	fclose(file);
	return result;
}

/* For glob(): a directory that is missing is empty, one that cannot be read is an error. */
static int fails(const char *path, int error)
{
	(void)path;
	return error != ENOENT && error != ENOTDIR;
}

int text_file_find(const char *directory, glob_t *found)
{
	char pattern[PATH_MAX];

	*found = (glob_t){0};
	if (snprintf(pattern, sizeof(pattern), "%s/*.conf", directory) >= (int)sizeof(pattern))
		return -ENAMETOOLONG;
	switch (glob(pattern, 0, fails, found)) {
	case 0:
	case GLOB_NOMATCH:
		return 0;
	case GLOB_ABORTED:
		return errno ? -errno : -EACCES;
	default:
		return -ENOMEM;
	}
}
