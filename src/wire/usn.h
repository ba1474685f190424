/* SPDX-License-Identifier: ISC
 * usn: USN, UDN and type URNs, taken apart and compared as UDA 2.0 1.2.2 and 1.3.2 say. */
#ifndef WIRE_USN_H
#define WIRE_USN_H

#include "base/slice.h"

/* A USN in two halves, borrowed: "uuid:X::NT" or "uuid:X". */
struct usn {
	struct slice udn;    /* "uuid:X" as sent; SLICE_NONE when the USN begins otherwise */
	struct slice target; /* NT, or SLICE_NONE */
};

/* Never fails: odd USNs (a bare uuid, "uuid:uuid:X", no uuid at all) give what can be had. A doubled "uuid:" is
 * taken once. */
struct usn usn_split(struct slice usn);

/* A type with its version apart: "urn:D:device:T:V". version 0 and base == the whole where it has none. */
struct typed_urn {
	struct slice base; /* up to the last colon, without it */
	uint32_t version;
};
struct typed_urn urn_split_version(struct slice type);
/* "urn:…:device:…" and "urn:…:service:…", regardless of case of the fixed words. */
bool urn_is_device(struct slice type);
bool urn_is_service(struct slice type);
/* True when somebody who has `have` answers a search for `wanted`: the same base, and wanted version ≤ have. */
bool urn_satisfies(struct slice have, struct slice wanted);
/* 8-4-4-4-12 hexadecimal digits. */
bool uuid_is_valid(struct slice uuid);

#endif
