/* SPDX-License-Identifier: ISC
 * page_target: where a page is fetched that an endpoint announces, if it may be. */
#ifndef ENGINE_PAGE_TARGET_H
#define ENGINE_PAGE_TARGET_H

#include "base/address.h"
#include "engine/page_form.h"
#include "model/link.h"

enum { PAGE_TARGET_URL_MAX = 512 };

/* What a URL comes down to. */
struct page_target {
	struct address_port to;
	uint32_t link; /* scope of a link-local address, else 0 */
	struct slice url, path;
	const struct page_form *form;
};

/* Reads the URL, which `from` announced on the link, by the rules of enrichment_consider: 0,
 * -EINVAL or -EPERM. `form` is left to the caller. */
int page_target_read(struct page_target *target, struct slice url, const struct address *from,
    uint32_t link, const struct link_set *own, uint16_t own_port);

#endif
