/* SPDX-License-Identifier: ISC
 * config_files: reads the configuration file and the drop-ins beside it. */
#ifndef DISCOVERD_CONFIG_FILES_H
#define DISCOVERD_CONFIG_FILES_H

#include "discoverd/file_rules.h"
#include "discoverd/options.h"
#include "model/config.h"

/* Defaults, then the file, then those of FILE.d ending in .conf in the order of their names, then
 * what the command line overrides. Mistakes and unreadable files go to `error` (line 0: the file as
 * a whole). A missing file is an error only when it was asked for. 0 (*config is the caller's) or a
 * negative errno (*config is empty). */
int config_files_load(
    struct config *config, const struct options *options, config_error_fn *error, void *context);

/* Allows to read them again, and the files of a directory for text_file_find. */
void config_files_allow(const struct options *options, struct file_rules *rules);
void config_files_allow_directory(const char *directory, struct file_rules *rules);

/* An `error` for config_files_load that writes FILE:LINE: WHAT to the log; the context is not used.
 */
void config_files_log_mistake(void *context, const char *file, unsigned line, const char *what);

#endif
