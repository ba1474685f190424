/* SPDX-License-Identifier: ISC
 * usn: USN, UDN and type URNs, taken apart and compared as UDA 2.0 1.2.2 and 1.3.2 say. */
#ifndef WIRE_USN_H
#define WIRE_USN_H

#include "base/writer.h"

/* A USN in its parts, borrowed: "uuid:X::NT" or "uuid:X". X need not be a real UUID.
 *
 *   sent                        udn        uuid  target
 *   uuid:X::NT                  uuid:X     X     NT
 *   uuid:uuid:X::NT             uuid:X     X     NT      a doubled prefix is taken once
 *   urn:uuid:X::NT              uuid:X     X     NT
 *   X::NT, X a valid UUID       none       X     NT      "uuid:" was not sent: not to be borrowed
 *   uuid:{X}::NT, {X}::NT       none       X     NT      likewise; blanks around X as well
 *   anything else               none       none  none
 */
struct usn {
	struct slice udn;
	struct slice uuid;   /* the UDN without its prefix; a bare UUID has no UDN to borrow */
	struct slice target; /* SLICE_NONE where nothing stands after the uuid */
};

/* Never fails: odd USNs give what can be had. */
struct usn usn_split(struct slice usn);
/* "uuid:X" out of a USN, or a description's UDN; written into `room` where it was not sent in
 * one piece.
 * SLICE_NONE where there is no uuid at all. */
struct slice usn_udn(struct slice usn, struct writer *room);

/* A type with its version apart: "urn:D:device:T:V". version 0 and base == the whole where it has
 * none: no "urn:", no whole number above 0 after the last colon. */
struct typed_urn {
	struct slice base; /* up to the last colon, without it */
	uint32_t version;
};
struct typed_urn urn_split_version(struct slice type);
/* "urn:…:device:…" and "urn:…:service:…", regardless of case of the fixed words. */
bool urn_is_device(struct slice type);
bool urn_is_service(struct slice type);
/* True when a device that has `have` answers a search for `wanted`: the same base, byte for byte,
 * and wanted version ≤ have. */
bool urn_satisfies(struct slice have, struct slice wanted);

#endif
