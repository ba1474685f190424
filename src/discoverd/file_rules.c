/* SPDX-License-Identifier: ISC
 * file_rules: Landlock by its system calls; the C library of Debian 12 has no functions for them.
 */
#include "discoverd/file_rules.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/array.h"

/* From <linux/landlock.h>, which the headers of a board may not have, or not all of it. */
enum {
	CREATE_RULESET = 444, /* the same number on every architecture, also those below */
	ADD_RULE,
	RESTRICT_SELF,
	CREATE_RULESET_VERSION = 1,
	RULE_PATH_BENEATH = 1,
};
enum {
	ACCESS_EXECUTE = 1 << 0,
	ACCESS_WRITE_FILE = 1 << 1,
	ACCESS_READ_FILE = 1 << 2,
	ACCESS_READ_DIR = 1 << 3,
	ACCESS_REMOVE_FILE = 1 << 5,
	ACCESS_MAKE_REG = 1 << 8,
	ACCESS_TRUNCATE = 1 << 14,
};
enum { SCOPE_ABSTRACT_UNIX_SOCKET = 1 << 0, SCOPE_SIGNAL = 1 << 1, SCOPE_SINCE = 6 };

struct ruleset_attributes {
	uint64_t access_fs, access_net, scoped;
};

struct path_beneath {
	uint64_t access;
	int32_t parent_fd;
} __attribute__((packed));

/* How many kinds of access a version of Landlock knows: bits of `access_fs`. */
static const unsigned ACCESS_BITS[] = {0, 13, 14, 15, 15, 16};

static const uint64_t ACCESS_OF[] = {
    [FILE_USE_READ] = ACCESS_READ_DIR | ACCESS_READ_FILE,
    [FILE_USE_WRITE] = ACCESS_READ_DIR | ACCESS_READ_FILE | ACCESS_WRITE_FILE | ACCESS_TRUNCATE |
		       ACCESS_MAKE_REG | ACCESS_REMOVE_FILE,
    [FILE_USE_REMOVE] = ACCESS_REMOVE_FILE,
};
/* What a rule for anything but a directory may have. */
#define ACCESS_OF_FILES                                                                            \
	(uint64_t)(ACCESS_EXECUTE | ACCESS_READ_FILE | ACCESS_WRITE_FILE | ACCESS_TRUNCATE)

/* The service manager may wait for messages at an abstract address (sd_notify(3)). */
static bool notifies_abstract_socket(void)
{
	const char *address = getenv("NOTIFY_SOCKET");

	return address && address[0] == '@';
}

int file_rules_open(struct file_rules *rules)
{
	struct ruleset_attributes attributes = {0};
	size_t size = sizeof(attributes.access_fs);
	long version = syscall(CREATE_RULESET, NULL, (size_t)0, CREATE_RULESET_VERSION);

	*rules = (struct file_rules){.fd = -1};
	if (version < 0)
		return -errno;
	size_t row =
	    (size_t)version < COUNT_OF(ACCESS_BITS) ? (size_t)version : COUNT_OF(ACCESS_BITS) - 1;
	rules->handled = attributes.access_fs = (UINT64_C(1) << ACCESS_BITS[row]) - 1;
	if (version >= SCOPE_SINCE) {
		attributes.scoped =
		    SCOPE_SIGNAL | (notifies_abstract_socket() ? 0 : SCOPE_ABSTRACT_UNIX_SOCKET);
		size = sizeof(attributes);
	}
	rules->fd = (int)syscall(CREATE_RULESET, &attributes, size, 0);
	return rules->fd < 0 ? -errno : 0;
}

void file_rules_allow(struct file_rules *rules, const char *path, enum file_use use)
{
	struct path_beneath rule = {.access = ACCESS_OF[use] & rules->handled};
	struct stat st;

	if (rules->fd < 0)
		return;
	rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return;
	if (fstat(rule.parent_fd, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.access &= ACCESS_OF_FILES;
	syscall(ADD_RULE, rules->fd, RULE_PATH_BENEATH, &rule, 0);
	close(rule.parent_fd);
}

void file_rules_allow_beside(struct file_rules *rules, const char *path, enum file_use use)
{
	char *copy = strdup(path);

	if (copy)
		file_rules_allow(rules, dirname(copy), use);
	free(copy);
}

int file_rules_enforce(struct file_rules *rules)
{
	int result = 0;

	if (rules->fd < 0)
		return 0;
	if (syscall(RESTRICT_SELF, rules->fd, 0) < 0)
		result = -errno;
	close(rules->fd);
	rules->fd = -1;
	return result;
}

/* access(2) asks for the mode of a file, Landlock for nothing before it is opened. */
const char *file_rules_explain(const char *path, int error)
{
	if (error == -EACCES && access(path, R_OK) == 0)
		return "the sandbox does not allow to read it; restart discoverd";
	return strerror(-error);
}
