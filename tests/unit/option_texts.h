/* SPDX-License-Identifier: ISC
 * option_texts: compares what is written for people about options with their rows. */
#ifndef TESTS_UNIT_OPTION_TEXTS_H
#define TESTS_UNIT_OPTION_TEXTS_H

#include "model/config_option.h"

/* For the caller to free(); fails where there is no such file. */
char *option_texts_read(const char *path);
/* Below OPTIONS, or further down, each section has a heading, and each row of it an entry with its
 * default and its range, in the order of the rows. */
void option_texts_ck_manual(
    const char *page, const struct config_option *const *rows, size_t count);
/* A file that is installed: each section, and each row of it as a comment with its default. */
void option_texts_ck_file(const char *file, const struct config_option *const *rows, size_t count);

#endif
