/* SPDX-License-Identifier: ISC
 * companion_config: the configuration of a companion: a file, and the drop-ins beside it. */
#ifndef COMPANION_COMPANION_CONFIG_H
#define COMPANION_COMPANION_CONFIG_H

#include "companion/companion_type.h"

/* Defaults, then `file`, then those of FILE.d ending in .conf in the order of their names. Every
 * mistake is logged with file and line. A missing file is a mistake where it is `demanded`. 0 (the
 * struct is the caller's, for companion_config_free), -EINVAL, -ENOMEM, or why a file cannot be
 * read. */
int companion_config_load(
    const struct companion_type *type, const char *file, bool demanded, void **config);
/* NULL is allowed. */
void companion_config_free(const struct companion_type *type, void *config);
/* Prints what is in effect in the syntax of the file. 0 or a negative errno. */
int companion_config_print(const struct companion_type *type, const void *config);

#endif
