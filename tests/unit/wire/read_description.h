/* SPDX-License-Identifier: ISC
 * read_description: what the tests of wire/description share. */
#ifndef TESTS_UNIT_WIRE_READ_DESCRIPTION_H
#define TESTS_UNIT_WIRE_READ_DESCRIPTION_H

#include "wire/description.h"

#define NAMED(name) "<root><device><friendlyName>" name "</friendlyName></device></root>"

/* Feeds the document in pieces of `step` bytes. */
int read_in_steps(struct slice document, size_t step, struct description **out);
/* All at once; the description, where there is one, is thrown away. */
int read_error(struct slice document);
/* A document that must be good. */
struct description *read_whole(struct slice document);

#endif
