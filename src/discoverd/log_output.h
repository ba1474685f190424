/* SPDX-License-Identifier: ISC
 * log_output: where the log goes: stderr, in the journal's words when it is the journal. */
#ifndef DISCOVERD_LOG_OUTPUT_H
#define DISCOVERD_LOG_OUTPUT_H

/* Sets the sink of base/log.h, and its level: 0 notice, 1 info, 2 and more debug. */
void log_output_open(unsigned verbose);

#endif
