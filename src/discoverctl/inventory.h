/* SPDX-License-Identifier: ISC
 * inventory: asks discoverd for devices and interfaces. */
#ifndef DISCOVERCTL_INVENTORY_H
#define DISCOVERCTL_INVENTORY_H

#include "discoverctl/command.h"
#include "discoverctl/suggest.h"

/* The filter of the options, as List and Monitor take it; an empty object without such options.
 * For the caller. */
struct json_object *inventory_filter(const struct command_options *options);
/* Calls `fn` with each device that passes, which is lent: only a batch of them is held at a time.
 * An exit status; unless it is STATUS_DONE, a line on stderr gives the reason. */
typedef void inventory_fn(void *context, struct json_object *device);
int inventory_each(struct context *context, inventory_fn *fn, void *fn_context);
/* An array of the devices that pass, or of all interfaces, for the caller to json_object_put() when
 * it is STATUS_DONE; otherwise a line on stderr gives the reason. */
int inventory_devices(struct context *context, struct json_object **devices);
/* The same without a filter, and with neighbours. */
int inventory_all(struct context *context, struct json_object **devices);
int inventory_interfaces(struct context *context, struct json_object **interfaces);
/* Explains on stderr an empty table: a filter whose value no device has,
 * with a similar value that one has, or else the warnings of discoverd. */
void inventory_explain_empty(struct context *context);
/* Offers the types of all devices and services in place of a misspelled one. */
void inventory_suggest_type(
    struct context *context, const char *type, struct suggestion *suggestion);

#endif
