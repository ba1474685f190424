/* SPDX-License-Identifier: ISC
 * flatten: an object as lines, one per value, named by where it stands: "addresses.0.mac". */
#ifndef DISCOVERCTL_FLATTEN_H
#define DISCOVERCTL_FLATTEN_H

#include "base/slice.h"

struct json_object;

typedef void flatten_fn(void *context, struct slice path, struct slice value);

/* Calls `fn` for every text, number and truth in it, with an empty value for null and for an empty
 * array or object. What is nested deeper than twenty-four levels is left out. */
void flatten(struct json_object *object, flatten_fn *fn, void *context);

#endif
