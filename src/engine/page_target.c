/* SPDX-License-Identifier: ISC
 * page_target: where a page is fetched that an endpoint announces, if it may be. */
#include "engine/page_target.h"
#include "wire/url.h"
#include <errno.h>

int page_target_read(struct page_target *target, struct slice url, const struct address *from,
    uint32_t link, const struct link_set *own, uint16_t own_port)
{
	struct url parts;
	struct address host;
	if (url.len > PAGE_TARGET_URL_MAX || url_parse(url, &parts) < 0 ||
	    !slice_equal_nocase(parts.scheme, SLICE("http")) ||
	    address_parse(parts.host, &host) < 0)
		return -EINVAL;
	if (!address_equal(&host, from) || !address_is_unicast(&host) || address_is_loopback(&host))
		return -EPERM;
	if (link_set_has_address(own, &host) &&
	    (host.family != ADDRESS_IPV4 || parts.port == own_port))
		return -EPERM;
	*target = (struct page_target){
	    .to = {host, parts.port},
	    .link = address_is_link_local(&host) ? link : 0,
	    .url = url,
	    .path = parts.path,
	};
	return 0;
}
