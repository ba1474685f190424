/* SPDX-License-Identifier: ISC
 * host_address: an address that a host has answered with when it was asked for by its name. */
#ifndef MODEL_HOST_ADDRESS_H
#define MODEL_HOST_ADDRESS_H

#include "base/address.h"

struct host_address {
	struct slice name; /* as the host writes it; borrowed */
	struct address address;
	uint32_t link; /* index of the link that the answer came in by */
};

#endif
