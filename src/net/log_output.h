/* SPDX-License-Identifier: ISC
 * log_output: where the log goes: stderr, with priorities when that is the journal, with the time
 * otherwise. */
#ifndef NET_LOG_OUTPUT_H
#define NET_LOG_OUTPUT_H

#include <stdbool.h>

/* Sets the sink of base/log.h, and its level: 0 notice, 1 info, 2 and more debug. The journal gets
 * a priority before each line and adds the time itself; elsewhere each line begins with the time,
 * unless `with_time` is false, and with the name of the program (borrowed). */
void log_output_open(const char *program, unsigned verbose, bool with_time);

#endif
