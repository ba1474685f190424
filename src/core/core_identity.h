/* SPDX-License-Identifier: ISC
 * core_identity: what identifies this host, as values. */
#ifndef CORE_CORE_IDENTITY_H
#define CORE_CORE_IDENTITY_H

#include "base/slice.h"
#include "model/kept_names.h"
#include "model/offer.h"
#include "model/offers.h"

enum { UDN_TEXT_MAX = 42 }; /* "uuid:", 36 digits and a NUL */

/* Strings are borrowed while the core lives. */
struct core_identity {
	const char *udn;
	const char *server;    /* "Linux/6.1 UPnP/2.0 discoverd/0.2" */
	const char *host_name; /* the name where none is configured */
	const char *model;     /* likewise */
	char instance[INSTANCE_TEXT_MAX];
	uint32_t epoch;           /* of this start */
	struct kept_names *names; /* that services got; NULL: none are kept */
	/* Writes a UUID made of this host's own and the seed (RFC 4122, 4.3), the same each time.
	 */
	void (*derive_udn)(const char *udn, struct slice seed, char out[UDN_TEXT_MAX]);
};

#endif
