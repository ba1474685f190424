/* SPDX-License-Identifier: ISC
 * device_record: reads a Device of io.discoverd: what matches it, its best address, its services.
 */
#ifndef CLIENT_DEVICE_RECORD_H
#define CLIENT_DEVICE_RECORD_H

#include "client/pattern.h"
#include <json-c/json.h>

/* How well a word matches the device: one of its names or those of its endpoints, its ids, host
 * names, addresses or MAC addresses. A UUID matches with and without "uuid:". */
enum pattern_match device_record_match(struct json_object *device, struct slice pattern);
/* True where its type, or that of one of its endpoints or services, matches
 * (pattern_matches_type()). */
bool device_record_has_type(struct json_object *device, struct slice pattern);
/* The address that people know a record with "addresses" by: IPv4 before IPv6, link-local ones
 * last; SLICE_NONE where there is none. */
struct slice device_record_address(struct json_object *record);
/* Calls `fn` with each text that a word can match, names first. */
typedef void device_record_fn(void *context, struct slice text);
void device_record_keys(struct json_object *device, device_record_fn *fn, void *context);
/* Appends one record per service, and one for an endpoint without services, to `rows`: each with
 * "device_id" and "device_name", "protocol" and "endpoint" (its key), then the members of the
 * service. Without `neighbours`, entries of the kernel's neighbour table have none. */
void device_record_services(struct json_object *device, bool neighbours, struct json_object *rows);

#endif
