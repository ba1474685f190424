/* SPDX-License-Identifier: ISC
 * instance_name: the name of an offered service on the network, and the next one to try when
 * another host has it. */
#ifndef ENGINE_INSTANCE_NAME_H
#define ENGINE_INSTANCE_NAME_H

#include "base/writer.h"

/* Bytes of a name: one label of the domain name system (RFC 6763, 4.1.1), and a NUL. */
enum { INSTANCE_NAME_SIZE = 64 };

/* Writes the name of this number: the wanted one itself for 1, "NAME (2)" for 2, and so on (RFC
 * 6762, 9; RFC 6763, appendix D). A wanted name that has a number goes on counting from there:
 * "NAME (5)" is followed by "NAME (6)". What is too long is cut at the end of a character, the
 * number never; characters that are no text are replaced. An empty name stays empty. Returns the
 * length; `out` ends with a NUL. */
size_t instance_name_make(struct slice wanted, uint32_t number, char out[INSTANCE_NAME_SIZE]);

#endif
