/* SPDX-License-Identifier: ISC
 * formats: the rows of the output formats, one file for each kind. */
#ifndef DISCOVERCTL_FORMATS_H
#define DISCOVERCTL_FORMATS_H

#include "discoverctl/output.h"

extern const struct format FORMAT_TABLE;              /* format_table.c */
extern const struct format FORMAT_JSON, FORMAT_JSONL; /* format_json.c */
extern const struct format FORMAT_KV, FORMAT_CSV;     /* format_lines.c */
extern const struct format FORMAT_DOT;                /* map_text.c, for map alone */

#endif
