/* SPDX-License-Identifier: ISC
 * host_group: which devices are of one host, and what is known of the host by them. */
#ifndef DISCOVERCTL_HOST_GROUP_H
#define DISCOVERCTL_HOST_GROUP_H

#include "base/slice.h"
#include <json-c/json.h>

/* One number per device, the same for devices of one host: those that share a MAC address or, where
 * one of them has none, an address on one interface. The number is the place of the first of them.
 * For the caller to free(); NULL when out of memory. */
size_t *host_group_numbers(struct json_object *devices);
/* {"addresses": []}, as a Device has them. */
struct json_object *host_group_new(void);
/* Adds an Address of a device, once. */
void host_group_add(struct json_object *host, struct json_object *address);
/* The one that people know it by: IPv4 before IPv6, link-local ones last. Of a host or a device;
 * SLICE_NONE where there is none. */
struct slice host_group_address(struct json_object *host);
/* Orders {"host", …}, or hosts themselves, by that address; those without one come last. For
 * json_object_array_sort(). */
int host_group_compare(const void *left, const void *right);

#endif
