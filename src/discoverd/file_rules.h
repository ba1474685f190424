/* SPDX-License-Identifier: ISC
 * file_rules: which files this process may still open, list, make and remove (Landlock). */
#ifndef DISCOVERD_FILE_RULES_H
#define DISCOVERD_FILE_RULES_H

#include <stdbool.h>
#include <stdint.h>

/* Rules that are being collected. */
struct file_rules {
	int fd;           /* -1: this kernel has no Landlock */
	uint64_t handled; /* what is denied unless a rule allows it */
};

/* Of a file, or of all files below a directory. */
enum file_use {
	FILE_USE_READ,   /* read files and directories */
	FILE_USE_WRITE,  /* … and write, make, rename and remove files */
	FILE_USE_REMOVE, /* remove files, and nothing else */
};

/* 0, or a negative errno: -ENOSYS (a kernel without Landlock), -EOPNOTSUPP (it is switched off).
 * Then the functions below do nothing. */
int file_rules_open(struct file_rules *rules);
/* Symbolic links are followed. What is not there gets no rule. */
void file_rules_allow(struct file_rules *rules, const char *path, enum file_use use);
/* The same for the directory that holds `path`, so that the file may be replaced. */
void file_rules_allow_beside(struct file_rules *rules, const char *path, enum file_use use);
/* From now on this thread, and those that it starts, can use files only as the rules allow it.
 * Descriptors that are open stay usable. Needs PR_SET_NO_NEW_PRIVS. 0 or a negative errno. */
int file_rules_enforce(struct file_rules *rules);

/* What -errno means that `path` could not be read with: strerror(3), or that only such rules can be
 * the reason. */
const char *file_rules_explain(const char *path, int error);

#endif
